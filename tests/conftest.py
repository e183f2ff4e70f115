import hashlib
import os
import signal
from pathlib import Path

import faults
import matplotlib
import pandas as pd
import pytest
import yaml
from filelock import FileLock

from abovebar.book.build import stale_chapters
from abovebar.book.chapters import Run, run_chapter
from abovebar.book.layout import executed_path, results_path
from abovebar.paths import MARKER, cache_dir
from abovebar.raw.fetch import fetch
from abovebar.raw.pins import SourceFile, pins_path
from abovebar.raw.sources import Source, choose, load_sources
from abovebar.sandbox.available import why_unavailable
from abovebar.tables.harvest import RawFiles

ROOT = Path(__file__).resolve().parents[1]

# A shell starts background jobs deaf to Ctrl-C, and what they start inherits it; the tests that
# interrupt a command need one that listens.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def own_style():
    """Each test draws in Matplotlib's own style, whatever style another one has set."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        yield


@pytest.fixture(scope="session")
def mirror_url():
    """Address that serves the pinned files: a mirror, or GitHub's raw-file host."""
    url = os.environ.get("ABOVEBAR_RAW_URL")
    if not url:
        pytest.skip("ABOVEBAR_RAW_URL is not set: no raw-file host to ask")
    return url


@pytest.fixture(scope="session")
def raw_cache(mirror_url, tmp_path_factory):
    """Function that fetches the named sources (none: all) and returns the cache folder."""
    kept = "ABOVEBAR_CACHE" in os.environ
    cache = cache_dir() if kept else tmp_path_factory.mktemp("raw")
    sources = load_sources(ROOT)

    def fill(*names):
        fetch(choose(sources, names), cache, mirror_url)
        return cache

    return fill


@pytest.fixture(scope="session")
def raw(raw_cache):
    """All raw files, fetched from the mirror, as the adapters read them."""
    return RawFiles(load_sources(ROOT), raw_cache())


@pytest.fixture(scope="session")
def shown():
    """Function that returns the run of a chapter as the book shows it, made once for all tests."""

    def run(name):
        build = ROOT / "_build"
        build.mkdir(exist_ok=True)
        # Tests that run side by side wait for each other here.
        with FileLock(build / f"{name}.lock"):
            if stale_chapters(ROOT, [name]):
                return run_chapter(ROOT, name)
            return Run(executed_path(ROOT, name), results_path(ROOT, name))

    return run


@pytest.fixture
def fault_server():
    with faults.running() as server:
        yield server


@pytest.fixture
def closed_port():
    with faults.closed_port() as url:
        yield url


@pytest.fixture
def make_source():
    """Function that pins made-up contents, ``{path: bytes}``, as a source."""

    def make(contents, name="made-up", repository="some-one/some.repo"):
        files = {
            path: SourceFile(path, len(data), hashlib.sha256(data).hexdigest())
            for path, data in contents.items()
        }
        return Source(name, repository, "0123456789" * 4, "none stated", "none", "made up", files)

    return make


@pytest.fixture
def make_checkout(tmp_path):
    """Function that writes sources to the ``data/sources.yaml`` of a fresh folder."""

    def make(*sources):
        root = tmp_path / "checkout"
        (root / "data" / "pins").mkdir(parents=True)
        entries = []
        for source in sources:
            entries.append({k: v for k, v in vars(source).items() if k != "files"})
            pins = pd.DataFrame([vars(file) for file in source.files.values()])
            pins.to_csv(pins_path(root, source.name), index=False)
        (root / MARKER).write_text(yaml.safe_dump(entries), encoding="utf-8")
        return root

    return make


@pytest.fixture(scope="session")
def sandbox():
    """Nothing but a reason to skip where programs cannot be confined."""
    if reason := why_unavailable():
        pytest.skip(reason)
