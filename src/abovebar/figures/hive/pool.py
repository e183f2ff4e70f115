"""What pooling brings: distinct answers against how many were asked, of models, people, or one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np

from abovebar.figures.labels import label_ends
from abovebar.figures.palette import COLOURS, panels

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL, LABELS = 480, 175  # pixels: of the panel, and of the names beside it
WORDS = {"within": "one model, again", "between": "other models", "people": "other people"}
STYLES = {
    "within": (COLOURS["preference-tuned"], (5, 3)), "between": (COLOURS["preference-tuned"], ()),
    "people": (COLOURS["people"], (1, 2)),
}


def pool_explorer(rows: pd.DataFrame, start: dict[str, str]) -> alt.VConcatChart:
    """Return the chart with menus of data set (with or without a bar) and of similarity.

    Parameters
    ----------
    rows
        ``title, alike, who, k, value, low, high``.
    start
        What each menu opens at.
    """
    data = rows[["title", "alike", "who", "k", "value", "low", "high"]].round(3)
    data = data.assign(who=data["who"].map(WORDS))
    base = alt.Chart(data)
    menus = {"title": "Data set: ", "alike": "Alike by: "}
    for field, said in menus.items():
        options = list(dict.fromkeys(data[field]))
        bound = alt.binding_select(options=options, name=said)
        base = base.add_params(alt.param(name=f"the_{field}", value=start[field], bind=bound))
        base = base.transform_filter(f"datum.{field} == the_{field}")
    scale = alt.Scale(domain=list(WORDS.values()), range=[STYLES[w][0] for w in WORDS])
    dashes = alt.Scale(
        domain=list(WORDS.values()), range=[list(STYLES[w][1]) or [1, 0] for w in WORDS]
    )
    most = int(data["k"].max())
    x = alt.X("k:Q", title="answers pooled", scale=alt.Scale(domain=[1, most], nice=False))
    y = alt.Y("value:Q", title="distinct answers they are worth", scale=alt.Scale(domain=[0, most]))
    colour = alt.Color("who:N", scale=scale, legend=None)
    base = base.encode(x=x, y=y, color=colour)
    band = base.mark_area(opacity=0.15).encode(
        y=alt.Y("low:Q", title="distinct answers they are worth"), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2).encode(
        strokeDash=alt.StrokeDash("who:N", scale=dashes, legend=None),
        tooltip=[
            alt.Tooltip("who:N", title="whose"), alt.Tooltip("k:Q", title="answers"),
            alt.Tooltip("value:Q", title="distinct", format=".2f"),
            alt.Tooltip("low:Q", format=".2f"), alt.Tooltip("high:Q", format=".2f"),
        ],
    )
    name = base.transform_filter(f"datum.k == {most}").mark_text(
        align="left", dx=5, fontSize=11
    ).encode(text="who:N")
    even = alt.Chart(alt.InlineData([{"k": 1, "value": 1}, {"k": most, "value": most}]))
    even = even.mark_line(color="#999999", strokeWidth=1, strokeDash=[2, 3]).encode(
        x=alt.X("k:Q", title="answers pooled"), y=alt.Y("value:Q")
    )
    panel = alt.layer(even, band, line, name).properties(width=PANEL, height=300)
    chart = alt.vconcat(panel, usermeta={"wide": PANEL + LABELS})
    return chart.configure_view(stroke=None).configure_axis(grid=False)


def draw_pools(rows: pd.DataFrame) -> Figure:
    """Draw a panel a data set; `rows` as in `pool_explorer`, of one similarity."""
    titles = list(dict.fromkeys(rows["title"]))
    figure = panels(len(titles), min(3, len(titles)), width=9, height=2.8)
    for axes, title in zip(figure.axes, titles, strict=True):
        own = rows[rows["title"] == title]
        most = int(own["k"].max())
        axes.plot([1, most], [1, most], color="#999999", lw=0.8, ls=(0, (2, 3)))
        for who, line in own.groupby("who", sort=False):
            colour, dash = STYLES[who]
            axes.fill_between(line["k"], line["low"], line["high"], color=colour, alpha=0.15, lw=0)
            axes.plot(line["k"], line["value"], color=colour, lw=1.8, dashes=dash or (None, None))
        axes.set_title(title, loc="left", size=9)
        axes.set_xlim(1, most)
        axes.set_ylim(0, min(most, 1.15 * own["high"].max()))
        axes.set_xticks([1, 5, 10, 15, 20], ["1", "5", "10", "15", "20"], size=8)
        axes.tick_params(axis="y", labelsize=8)
    figure.supxlabel("answers pooled", size=9)
    figure.supylabel("distinct answers they are worth", size=9)
    figure.canvas.draw()
    for axes, title in zip(figure.axes, titles, strict=True):
        _name(axes, rows[rows["title"] == title])
    return figure


def _name(axes: Axes, own: pd.DataFrame) -> None:
    last = own[own["k"] == own["k"].max()]
    short = {"within": "one model", "between": "models", "people": "people"}
    label_ends(
        axes, np.asarray(last["k"]), np.asarray(last["value"]), [short[w] for w in last["who"]],
        [STYLES[w][0] for w in last["who"]], size=7.5,
    )
