import shutil

import minibook
import pandas as pd
import pytest
from site_browser import serving, visiting
from site_checks import ADDED, check_page, dead_links, draw_charts, loaded_from_elsewhere
from typer.testing import CliRunner

from abovebar.book.layout import chapters_in_toc, pages_in_toc
from abovebar.book.report_tables import shorten
from abovebar.book.site import build_site
from abovebar.cli import app
from abovebar.errors import AboveBarError

WIDTHS = [1280, 390]
SMALL = ["intro", "chapters/mini", "reference/terms", *ADDED]
WHOLE = [*pages_in_toc(minibook.REPOSITORY), *ADDED]


def build(root, *options):
    """Build the book at `root` from the command line and return what it says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        result = CliRunner().invoke(app, ["build", *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    root = minibook.write_book(tmp_path_factory.mktemp("small"))
    build(root)
    return root


@pytest.fixture
def another(small, tmp_path):
    """A copy of the small book, executed and built."""
    return shutil.copytree(small, tmp_path / "another")


@pytest.fixture(scope="session")
def small_site(small):
    with serving(small / "_build" / "html") as address:
        yield address


@pytest.fixture(scope="session")
def whole(shown):
    for chapter in chapters_in_toc(minibook.REPOSITORY):
        shown(chapter)
    build(minibook.REPOSITORY)
    return minibook.REPOSITORY / "_build" / "html"


@pytest.fixture(scope="session")
def whole_site(whole):
    with serving(whole) as address:
        yield address


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", SMALL)
def test_pages_of_the_small_book(chromium, small_site, page, width):
    check_page(chromium, f"{small_site}/{page}.html", width)


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", WHOLE)
def test_pages_of_the_whole_book(chromium, whole_site, page, width):
    check_page(chromium, f"{whole_site}/{page}.html", width)


def test_links_of_the_small_book(small):
    site = small / "_build" / "html"
    assert dead_links(site) == []
    assert loaded_from_elsewhere(site) == []


def test_links_of_the_whole_book(whole):
    assert dead_links(whole) == []
    assert loaded_from_elsewhere(whole) == []


def test_values_glued_in_a_chapter_appear_on_other_pages(small):
    site = small / "_build" / "html"
    assert 'class="pasted-text">0.50<' in (site / "intro.html").read_text()
    assert 'class="pasted-text">50%<' in (site / "reference" / "terms.html").read_text()


def test_files_are_published_under_plain_addresses(small):
    site = small / "_build" / "html"
    assert (site / "results" / "mini" / "numbers.csv").read_text() == "measure,value\nshare,0.5\n"
    published, own = site / "notebooks" / "mini.ipynb", small / "chapters" / "mini.ipynb"
    assert published.read_bytes() == own.read_bytes()
    chapter = (site / "chapters" / "mini.html").read_text()
    assert 'href="../results/mini/numbers.csv"' in chapter
    assert 'href="../notebooks/mini.ipynb"' in chapter
    assert 'href="results/mini/numbers.csv"' in (site / "intro.html").read_text()


def test_no_machine_path_is_published(small):
    for path in (small / "_build" / "html").rglob("*"):
        assert not path.is_file() or str(small).encode() not in path.read_bytes(), path


@pytest.mark.browser
def test_formulas_are_set_in_a_font_that_lets_brackets_grow(chromium, small_site):
    with visiting(chromium, f"{small_site}/reference/terms.html") as visit:
        visit.page.wait_for_function("() => document.fonts.status === 'loaded'")
        bracket = visit.page.locator(".math-block math mo[stretchy=true]").first
        letter = visit.page.locator(".math-block math mi").first
        assert bracket.bounding_box()["height"] > 2.5 * letter.bounding_box()["height"]
        assert visit.page.locator(".math-block .eqno").first.inner_text() == "(1)"
        assert "\\" not in visit.page.locator("article").inner_text()


@pytest.mark.browser
def test_a_chart_moves_by_keyboard(chromium, small_site):
    with visiting(chromium, f"{small_site}/chapters/mini.html") as visit:
        draw_charts(visit.page)
        points = visit.page.locator(".chart-view .mark-symbol path")
        before = [point.get_attribute("opacity") for point in points.all()]
        assert before == ["1", "0.2", "1"]
        visit.page.get_by_label("Quality bar").focus()
        visit.page.keyboard.press("ArrowRight")
        visit.page.wait_for_function(
            "() => document.querySelectorAll('.chart-view .mark-symbol path')[2]"
            ".getAttribute('opacity') === '0.2'"
        )
        assert visit.page.get_by_role("img", name="Three points").count() == 1


@pytest.mark.browser
def test_text_in_a_charts_data_stays_text(chromium, small_site):
    with visiting(chromium, f"{small_site}/chapters/mini.html") as visit:
        draw_charts(visit.page)
        visit.page.locator(".chart-view .mark-symbol path").first.hover()
        tooltip = visit.page.locator("#vg-tooltip-element")
        tooltip.wait_for(state="visible")
        assert minibook.HOSTILE[:40] in tooltip.inner_text()
        assert tooltip.locator("img, script").count() == 0
        assert visit.page.evaluate("window.pwned") is None


@pytest.mark.browser
def test_without_scripts_and_in_print_a_still_picture_stands(chromium, small_site):
    address = f"{small_site}/chapters/mini.html"
    with visiting(chromium, address, java_script_enabled=False) as visit:
        assert visit.page.get_by_alt_text("Three points").is_visible()
    with visiting(chromium, address) as visit:
        draw_charts(visit.page)
        assert not visit.page.get_by_alt_text("Three points").is_visible()
        visit.page.emulate_media(media="print")
        assert visit.page.get_by_alt_text("Three points").is_visible()
        assert not visit.page.locator(".chart-live").is_visible()


@pytest.mark.browser
def test_the_search_needs_no_server(chromium, small_site):
    with visiting(chromium, f"{small_site}/search.html?q=share") as visit:
        visit.page.get_by_text("found 3 page(s)").wait_for()
        assert visit.errors == []


@pytest.mark.browser
def test_the_page_of_a_run_needs_nothing_else(chromium, another, tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(another)
        out = tmp_path / "out"
        CliRunner().invoke(app, ["run", "mini", "-p", "k=3", "--out", str(out)])
    with serving(out) as address:
        check_page(chromium, f"{address}/mini.html", 1280)
    assert dead_links(out) == []


def test_a_second_build_does_nothing(another):
    output = build(another)
    assert "Chapter mini: unchanged." in output
    assert "Site: unchanged." in output


def test_a_page_that_changed_is_named_and_no_chapter_runs(another):
    minibook.put(another, "reference/terms.md", minibook.TERMS + "\nOne more line.\n")
    output = build(another)
    assert "Chapter mini: unchanged." in output
    assert "Site: is built: reference/terms.md changed." in output
    page = another / "_build" / "html" / "reference" / "terms.html"
    assert "One more line." in page.read_text()


def test_a_chapter_that_fails_leaves_results_and_site(another):
    before = (another / "_build" / "html" / "chapters" / "mini.html").read_bytes()
    minibook.write_chapter(another, "mini", minibook.PROSE, minibook.NUMBERS, "1 / 0")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(another)
        result = CliRunner().invoke(app, ["build"])
    assert result.exit_code == 1
    assert "1 of 1 chapters that fail" in result.output
    assert "ZeroDivisionError" in result.output
    assert (another / "_build" / "html" / "chapters" / "mini.html").read_bytes() == before
    assert (another / "_build" / "results" / "mini" / "numbers.csv").is_file()


REPORTED = """# Terms

## Yield

$$x$$ (budget)

[The table](../results/benchmarks.csv), in full:

```{csv-table}
:file: ../data/benchmarks.csv
:header-rows: 1
```
"""


def test_a_report_is_shown_and_published_once_made_and_asked_for_before(another):
    page = another / "_build" / "html" / "reference" / "terms.html"
    published = another / "_build" / "html" / "results" / "benchmarks.csv"
    minibook.put(another, "benchmarks/run.py", "")
    minibook.put(another, "reference/terms.md", REPORTED)
    build_site(another, ["mini"])
    assert "run <code" in page.read_text()
    assert "make bench" in published.read_text()
    whole = "work,size,ratio\nVendi,5 prompts,3.5\n"
    minibook.put(another, "_build/results/benchmarks.csv", whole)
    build_site(another, ["mini"])
    assert "<p>Vendi</p>" in page.read_text()
    assert "5 prompts" not in page.read_text()
    assert published.read_text() == whole


def test_a_page_shows_the_largest_difference_of_each_measure():
    table = pd.DataFrame(
        [("Vendi", "ours", "a", "5", "0.1", "agree"), ("Vendi", "ours", "b", "5", "2", "we"),
         ("Vendi", "theirs", "a", "5", "", "not made"), ("MTLD", "ours", "a", "9", "0", "agree")],
        columns=["measure", "other", "data", "n", "largest_difference", "note"],
    )
    shown = shorten(table, "agreement")
    assert list(shown["who is right"]) == ["we", "not made", "agree"]
    assert list(shown["largest difference"]) == ["2", "", "0"]
    assert shorten(table[["measure", "n"]], "machine").equals(table[["measure", "n"]])


BAD = r"""# Bad

{glue:text}`chapters/mini.ipynb::no_such_value:.2f`, [dead](no-such-page.md),
[unpublished](results/mini/no-such.csv), {cite:p}`nobody2000`, $\nosuchcommand{x}$.
"""


def test_what_is_missing_or_misspelt_fails_the_build_and_keeps_the_site(another):
    before = (another / "_build" / "html" / "intro.html").read_bytes()
    minibook.put(another, "intro.md", BAD)
    with pytest.raises(AboveBarError) as caught:
        build_site(another, chapters_in_toc(another))
    for named in ["no_such_value", "no-such-page", "no-such.csv", "nobody2000", "nosuchcommand"]:
        assert named in str(caught.value)
    assert "\n  intro.md:" in str(caught.value)
    assert (another / "_build" / "html" / "intro.html").read_bytes() == before


def test_a_chapter_that_was_never_run(another):
    shutil.rmtree(another / "_build" / "executed")
    with pytest.raises(AboveBarError, match="Run `abovebar build`"):
        build_site(another, ["mini"])
