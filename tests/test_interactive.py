import json

import altair as alt
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from IPython.core.formatters import DisplayFormatter
from minibook import HOSTILE
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from abovebar.figures.bar_slider import bar_slider
from abovebar.figures.interactive import charts_to_html, show
from abovebar.figures.still import picture

LAB = "application/vnd.vegalite.v5+json"
ALT = 'Points, "two" of <them>'


@pytest.fixture
def chart():
    data = pd.DataFrame({"x": [1, 2], "text": [HOSTILE, "<!-- & \u2028"]})
    return alt.Chart(data, width="container").mark_point().encode(x="x", tooltip="text")


@pytest.fixture
def figure():
    figure, axes = plt.subplots()
    axes.plot([1, 2])
    yield figure
    plt.close(figure)


def parsed(shown):
    return BeautifulSoup(shown.to_html(), "html.parser")


def test_the_specification_survives_and_nothing_breaks_out(chart):
    shown = show(chart, ALT)
    assert "<script>window" not in shown.to_html()
    assert shown.to_html().count("</script>") == 1
    spec = json.loads(parsed(shown).find("script").string)
    assert spec == {key: value for key, value in chart.to_dict().items() if key != "$schema"}


def test_the_still_picture_carries_the_words(chart, figure):
    image = parsed(show(chart, ALT, figure)).find("img")
    assert image["alt"] == ALT
    assert image["src"].startswith("data:image/png;base64,iVBOR")


def test_a_picture_is_shown_at_the_size_of_its_figure(figure):
    figure.set_size_inches(6, 3)
    page = BeautifulSoup(picture(figure, ALT)._repr_mimebundle_()["text/html"], "html.parser")
    assert page.find("img")["alt"] == ALT
    assert 450 < int(page.find("img")["width"]) < 6 * 96  # the margins are cut


def test_without_a_still_picture_the_words_stand(chart):
    page = parsed(show(chart, ALT))
    assert page.find("img") is None
    assert ALT in page.find("p").text


def test_what_jupyterlab_takes(chart, figure):
    bundle = DisplayFormatter().format(show(chart, ALT, figure))[0]
    assert set(bundle) == {LAB, "image/png", "text/plain"}  # Lab would prefer text/html
    assert bundle[LAB]["$schema"].endswith("/v5.json")
    assert bundle[LAB]["width"] == 640  # Lab's cells have no width to follow
    assert bundle[LAB]["datasets"] == chart.to_dict()["datasets"]
    assert bundle["text/plain"] == ALT


@pytest.mark.parametrize("prefix", ["", "application/papermill.record/"])
def test_a_page_gets_html_instead(chart, figure, prefix):
    shown = show(chart, ALT, figure)
    data = {prefix + key: value for key, value in shown._repr_mimebundle_().items()}
    about = {"scrapbook": {"name": "chart", "mime_prefix": prefix}} if prefix else {}
    notebook = new_notebook(cells=[
        new_markdown_cell("prose"),
        new_code_cell(outputs=[
            new_output("stream", text="text"),
            new_output("display_data", data=data, metadata=about),
            new_output("display_data", data={"text/plain": "other"}),
        ]),
    ])
    charts_to_html(notebook)
    met = notebook.cells[1].outputs[1].data
    assert set(met) == {f"{prefix}text/html", f"{prefix}text/plain"}
    page = BeautifulSoup(met[f"{prefix}text/html"], "html.parser")
    spec = json.loads(page.find("script").string)
    assert spec == {key: value for key, value in chart.to_dict().items() if key != "$schema"}
    assert page.find("img")["alt"] == ALT
    assert notebook.cells[1].outputs[2].data == {"text/plain": "other"}


def test_the_slider_names_each_bar_once_in_its_order():
    data = pd.DataFrame({"step": [1, 0, 1, 2], "shown": ["2.5", "none", "2.5", "3"]})
    bar, names = bar_slider(data, "Move it: ", start=1)
    assert names == ["none", "2.5", "3"]
    bound = bar.param.to_dict()
    assert (bound["name"], bound["value"]) == ("step", 1)
    assert bound["bind"] == {"input": "range", "min": 0, "max": 2, "step": 1, "name": "Move it: "}
