# What there is to do with this book. `make` alone lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help book test bench lab serve clean lock venv

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
# Files of tests side by side, on up to four cores; PYTEST_ARGS="-n 0" runs them one by one.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile
PYTEST_ARGS ?=
LOCK_ARGS ?=

# $(call timed,NAME,COMMANDS): say what starts, run it, say how long it took.
timed = @set -e; SECONDS=0; echo "make $(1): $(2)"; $(3); echo "make $(1): done in $$SECONDS s"

help:  ## this list
	@echo "Targets; those that need $(VENV) make it first, which takes minutes the first time:"
	@sed -n 's/^\([a-z]*\):.*  ## \(.*\)/  make \1	\2/p' Makefile

book: venv  ## run the chapters that changed and build the site: _build/html/index.html
	$(call timed,book,running what changed and building the site,$(BIN)/abovebar build)

test: venv  ## check everything; tests that lack raw files, Chromium or bubblewrap are skipped
	$(call timed,test,running the tests,$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(PYTEST_ARGS))

bench: venv  ## check the measures against other implementations, and time them: two tables
	$(call timed,bench,comparing and timing the measures,$(BIN)/python agreement/run.py && \
	  $(BIN)/python benchmarks/run.py)

lab: venv  ## open the chapters in JupyterLab
	$(call timed,lab,opening JupyterLab on chapters/,$(BIN)/jupyter lab --notebook-dir=. chapters)

serve: book  ## build, then show the site on this machine
	$(call timed,serve,showing the site,$(BIN)/abovebar serve --port $(PORT))

clean:  ## remove what was built; the environment stays
	$(call timed,clean,removing _build,rm -rf _build)

lock:  ## write requirements.txt anew from pyproject.toml (needs uv)
	$(call timed,lock,resolving the requirements,python3 tools/lock.py $(LOCK_ARGS))

# Made again only when these say something else than when it was made.
MADE_FROM := requirements.txt requirements-alone.txt pyproject.toml
STAMP := $(VENV)/made-from

venv:
	@set -e; if ! cat $(MADE_FROM) | cmp -s - $(STAMP); then \
	  SECONDS=0; found=; \
	  for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	    if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	      2>/dev/null; then found="$$python"; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "make: met no Python between 3.11 and 3.13, wanted one." \
	      "Install it, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; \
	  fi; \
	  echo "make venv: installing requirements.txt into $(VENV) with $$($$found --version)"; \
	  rm -f $(STAMP); \
	  "$$found" -m venv $(VENV); \
	  $(BIN)/python -m pip install --quiet -r requirements.txt; \
	  $(BIN)/python -m pip install --quiet --no-deps -r requirements-alone.txt; \
	  $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .; \
	  cat $(MADE_FROM) > $(STAMP); \
	  echo "make venv: done in $$SECONDS s"; \
	fi
