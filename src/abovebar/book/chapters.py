"""Run one chapter: a notebook goes in without outputs, comes out executed, and leaves numbers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nbformat

from abovebar.book.execute import execute, tidy
from abovebar.book.folders import replacing_folder
from abovebar.book.layout import chapter_path, executed_path, results_path
from abovebar.book.parameters import check, declared, digest
from abovebar.book.stale import chapter_inputs, inputs_path, write_inputs
from abovebar.paths import replacing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Set here, if the chapter declares them: where to write, and where the book lies.
_GIVEN = {"results_dir", "root"}


@dataclass(frozen=True)
class Run:
    """What a run left: the executed notebook, the folder of its numbers, a page of its own."""

    notebook: Path
    results: Path
    page: Path | None = None


def run_chapter(
    root: Path, name: str, parameters: Mapping[str, Any] | None = None, out: Path | None = None
) -> Run:
    """Run chapter `name` of the book at `root` and return what it left.

    Parameters
    ----------
    parameters
        None for the chapter as the book shows it, which goes to ``_build/executed`` and
        ``_build/results``. Others make a folder of their own under ``_build/runs``, or `out`,
        with a page that stands alone.

    Raises
    ------
    AboveBarError
        If the chapter or a parameter is unknown, or a cell fails. Earlier results then stay as
        they were, and the message says where the notebook lies as far as it got.
    """
    source = chapter_path(root, name)
    known, parameters = declared(source), dict(parameters or {})
    check(parameters, {key: known[key] for key in known.keys() - _GIVEN}, f"chapter {name!r}")
    if parameters or out:
        folder = out or root / "_build" / "runs" / f"{name}-{digest(parameters)}"
        run = Run(folder / source.name, folder / "results", folder / f"{name}.html")
        own = digest({**parameters, "out": str(folder)})
        partial = root / "_build" / "partial" / f"{name}-{own}.ipynb"
    else:
        run = Run(executed_path(root, name), results_path(root, name))
        partial = root / "_build" / "partial" / source.name
    # Read before the run: a file that changes during it is then seen to have changed.
    inputs = chapter_inputs(root, name, parameters)
    with replacing_folder(run.results) as draft:
        given = _given(source, draft, root, known)
        notebook = execute(source, partial, given | parameters)
        tidy(notebook, parameters)
        write_inputs(inputs_path(draft), inputs)
        with replacing(run.notebook) as path:
            nbformat.write(notebook, path)
    partial.unlink()
    if run.page:
        from abovebar.book.standalone import write_page

        write_page(notebook, run.page, root)
    return run


def _given(source: Path, results: Path, root: Path, known: Mapping[str, str]) -> dict[str, str]:
    """Return where to write and where the book lies, as seen from the notebook's folder."""
    here = source.parent
    given = {"results_dir": results, "root": root}
    return {key: os.path.relpath(path, here) for key, path in given.items() if key in known}
