import json
import re
import sys

import minibook
import nbformat
import pytest

from abovebar.book.chapters import run_chapter
from abovebar.book.folders import replacing_folder
from abovebar.book.parameters import digest, parse
from abovebar.errors import AboveBarError

WRITE = """\
from pathlib import Path
Path(results_dir, "numbers.csv").write_text(f"k,{k}\\n")
print("wrote", k)
"""


@pytest.fixture
def root(tmp_path):
    minibook.write_frame(tmp_path)
    return tmp_path


@pytest.fixture
def small(root):
    minibook.write_chapter(root, "small", "# Small", WRITE)
    return root


def names(folder):
    return [path.name for path in folder.iterdir()]


def source(cell):
    return cell.source.strip()


def test_a_chapter_as_it_stands(small):
    run = run_chapter(small, "small")
    assert run.results == small / "_build" / "results" / "small"
    assert (run.results / "numbers.csv").read_text() == "k,2\n"
    executed = nbformat.read(run.notebook, as_version=4)
    own = nbformat.read(small / "chapters" / "small.ipynb", as_version=4)
    assert [source(c) for c in executed.cells] == [source(c) for c in own.cells]
    assert executed.cells[-1].outputs[0].text == "wrote 2\n"
    assert run.page is None
    assert not list((small / "_build" / "partial").iterdir())


def test_the_same_run_gives_the_same_bytes_and_names_no_place(small):
    first = run_chapter(small, "small").notebook.read_bytes()
    assert run_chapter(small, "small").notebook.read_bytes() == first
    assert str(small).encode() not in first
    assert b".part" not in first


def test_other_parameters_make_a_run_of_their_own(small):
    run = run_chapter(small, "small", {"k": 3})
    folder = small / "_build" / "runs" / f"small-{digest({'k': 3})}"
    assert run.notebook.parent == folder
    assert (folder / "results" / "numbers.csv").read_text() == "k,3\n"
    injected = nbformat.read(run.notebook, as_version=4).cells[2]
    assert source(injected) == "# This run's parameters\nk = 3"
    assert "wrote 3" in run.page.read_text()
    assert not (small / "_build" / "results").exists()


def test_out_takes_the_place_of_the_runs_folder(small, tmp_path):
    run = run_chapter(small, "small", {"k": 4}, out=tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "results" / "numbers.csv").read_text() == "k,4\n"
    assert run.page == tmp_path / "elsewhere" / "small.html"


def test_the_page_of_a_run_stands_alone_and_escapes_what_cells_print(root):
    minibook.write_chapter(root, "mini", minibook.PROSE, minibook.NUMBERS, minibook.TEXT)
    page = run_chapter(root, "mini", {"k": 3}).page.read_text()
    assert "the share is 0.75" in page
    assert minibook.HOSTILE not in page
    assert "&lt;script&gt;window.pwned" in page
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=\"?(?:https?:)?//", page)
    assert "<math" in page
    assert 'href="results/numbers.csv"' in page


@pytest.mark.parametrize(("parameters", "message"), [
    ({"kk": 3}, r"'kk', wanted one of k, names, runs"),
    ({"root": "/"}, r"'root', wanted one of k, names, runs"),
    ({"k": "three"}, r"'k'.*met 'three'.*int, like 2"),
    ({"names": "a"}, r"'names'.*list, like \[\"a\", \"b\"\]"),
])
def test_a_wrong_parameter_is_refused_before_anything_runs(small, parameters, message):
    with pytest.raises(AboveBarError, match=message):
        run_chapter(small, "small", parameters)
    assert not (small / "_build").exists()


def test_an_unknown_chapter(small):
    with pytest.raises(AboveBarError, match=r"'\.\./small', wanted one of small"):
        run_chapter(small, "../small")


def test_a_failing_cell_is_named_and_earlier_results_stay(small):
    run = run_chapter(small, "small")
    before = run.notebook.read_bytes()
    minibook.write_chapter(small, "small", "# Small", WRITE, "k = 0\nraise KeyError('\x1b[31m')")
    with pytest.raises(AboveBarError) as caught:
        run_chapter(small, "small")
    message = str(caught.value)
    partial = small / "_build" / "partial" / "small.ipynb"
    assert "chapter 'small', cell 4 ('k = 0')" in message
    assert "met KeyError: " in message
    assert "\x1b" not in message
    assert str(partial) in message
    assert "wrote 2" in partial.read_text()
    assert (run.results / "numbers.csv").read_text() == "k,2\n"
    assert run.notebook.read_bytes() == before
    assert names(run.results.parent) == ["small"]


def test_runs_into_folders_of_one_name_do_not_share_a_notebook(small, tmp_path):
    minibook.write_chapter(small, "small", "# Small", WRITE, "raise KeyError(k)")
    for k in (3, 4):
        with pytest.raises(AboveBarError, match=f"KeyError: {k}"):
            run_chapter(small, "small", {"k": k}, out=tmp_path / str(k) / "out")
    left = [path.read_text() for path in (small / "_build" / "partial").iterdir()]
    assert {k for k in (3, 4) for text in left if f"wrote {k}" in text} == {3, 4}


def test_a_kernel_killed_at_work_is_an_error(root):
    kill = "import os\nos.kill(os.getpid(), 9)"
    minibook.write_chapter(root, "small", "# Small", WRITE, kill)
    with pytest.raises(AboveBarError, match=r"cell 4 \('import os'\): met Kernel died"):
        run_chapter(root, "small")
    assert not (root / "_build" / "results" / "small").exists()


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_kernel_that_dies_at_start_gets_a_second_try(small, tmp_path, monkeypatch, deaths):
    profile = tmp_path / "ipython" / "profile_default" / "startup"
    profile.mkdir(parents=True)
    tally = tmp_path / "tally"
    (profile / "00-die.py").write_text(
        f"import os\nopen({str(tally)!r}, 'a').write('x')\n"
        f"if os.path.getsize({str(tally)!r}) <= {deaths}: os._exit(1)\n"
    )
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    if deaths == 1:
        run = run_chapter(small, "small")
        assert (run.results / "numbers.csv").read_text() == "k,2\n"
    else:
        with pytest.raises(AboveBarError, match="before its first cell"):
            run_chapter(small, "small")
    assert tally.read_text() == "xx"


def test_the_kernel_is_this_interpreter_whatever_is_registered(root, tmp_path, monkeypatch):
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    broken = {"argv": ["no-such-program"], "display_name": "Broken", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(broken))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    where = "Path(results_dir, 'python').write_text(sys.executable)"
    minibook.write_chapter(root, "small", "# Small", "import sys", WRITE, where)
    assert (run_chapter(root, "small").results / "python").read_text() == sys.executable


def test_parameters_are_read_as_yaml():
    met = parse(["k=3", "t=0.5", "all=true", "names=[a, b]", "text=x=y"])
    assert met == {"k": 3, "t": 0.5, "all": True, "names": ["a", "b"], "text": "x=y"}


@pytest.mark.parametrize("pairs", [["k"], ["=3"], ["k=1", "k=2"], ["k=[1"]])
def test_pairs_that_cannot_be_read(pairs):
    with pytest.raises(AboveBarError, match="-p "):
        parse(pairs)


def test_the_digest_does_not_depend_on_order():
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1}) != digest({"a": 1, "b": [3]})
    assert re.fullmatch("[0-9a-f]{8}", digest({}))


def test_a_folder_stays_if_its_replacement_fails(tmp_path):
    folder = tmp_path / "results"
    with replacing_folder(folder) as draft:
        (draft / "first").write_text("1")
    with pytest.raises(FileNotFoundError), replacing_folder(folder) as draft:
        (draft / "second").write_text((draft / "missing").read_text())
    assert names(folder) == ["first"]
    with replacing_folder(folder) as draft:
        (draft / "third").write_text("3")
    assert names(folder) == ["third"]
    assert names(tmp_path) == ["results"]
