"""Models less people, criterion by criterion and jury by jury, with a movable bar of value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from abovebar.figures.bar_slider import bar_slider
from abovebar.figures.forest import draw_forest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, FAINT = "#222222", "#888888"
SIDES = ("models lower", "models higher")
REACH = 2.7  # deviations at which the axis ends
LABELS = 108  # pixels that the names of the rows take


def explorer_data(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return a row a jury, criterion and bar, and one a jury and bar for its heading.

    Parameters
    ----------
    gaps
        ``jury, bar, measure, value, low, high, n_people, n_models``, in the order to be drawn; a
        NaN bar where every piece counts.

    Returns
    -------
    DataFrame
        With ``row``, the place's name ("jury|criterion"), ``place`` from the top, ``step`` of the
        bar and ``shown``, and ``told``, the heading's words:
        the jury, and how many pieces are by models and by people.
    """
    data = gaps.copy()
    data["step"] = data["bar"].fillna(float("-inf")).rank(method="dense").astype(int) - 1
    data["shown"] = [f"{bar:g}" if pd.notna(bar) else "none" for bar in data["bar"]]
    data["row"] = data["jury"] + "|" + data["measure"]
    counted = data.drop_duplicates(["jury", "step"])
    told = [
        f"{row['jury']} ({row['n_models']:,} and {row['n_people']:,})"
        for _, row in counted.iterrows()
    ]
    heads = counted[["jury", "step", "shown"]].assign(row=counted["jury"] + "|", told=told)
    both = pd.concat([data, heads], ignore_index=True)
    order: list[str] = []
    for jury, own in both.groupby("jury", sort=False):
        measures = dict.fromkeys(own["measure"].dropna())
        order += [f"{jury}|", *(f"{jury}|{measure}" for measure in measures)]
    both["place"] = both["row"].map(order.index)
    sure = (both["low"] > 0) | (both["high"] < 0)
    columns = ["row", "place", "step", "shown", "jury", "measure", "told", "value", "low", "high",
               "n_people", "n_models"]
    return both[columns].assign(sure=sure).sort_values(["step", "place"]).round(4)


def criteria_explorer(data: pd.DataFrame, *, start: int = 0) -> alt.LayerChart:
    """Return the chart with one slider, the bar of value that a piece has to reach.

    Parameters
    ----------
    data
        Of `explorer_data`.
    start
        The step the slider opens at; 0 is no bar.
    """
    bar, steps = bar_slider(data, "Move the bar of value: ", start)
    said = f"{steps}[step] == 'none' ? 'Every piece' : 'Value at least ' + {steps}[step]"
    here = alt.Chart(data).transform_filter("datum.step == step")
    y = alt.Y(
        "row:N", sort=alt.EncodingSortField(field="place", op="min", order="ascending"),
        axis=alt.Axis(title=None, labelExpr="split(datum.label, '|')[1]", ticks=False,
                      domain=False, labelFontSize=11, minExtent=LABELS),
    )
    # Few pieces have wide intervals, which would leave the others little room.
    scale = alt.Scale(domain=[-REACH, REACH], nice=False, clamp=True)
    x = alt.X("value:Q", scale=scale, title=f"← {SIDES[0]} | {SIDES[1]} →")
    zero = alt.Chart(pd.DataFrame({"value": [0.0]})).mark_rule(color="#999999").encode(x=x)
    points = here.transform_filter("isValid(datum.value)")
    span = points.mark_rule(color=INK, strokeWidth=1.6).encode(
        x=alt.X("low:Q", scale=scale), x2="high:Q", y=y
    )
    dot = points.mark_point(filled=True, size=70, opacity=1, stroke=INK).encode(
        x=x, y=y,
        fill=alt.condition("datum.sure", alt.value(INK), alt.value("white")),
        tooltip=[
            alt.Tooltip("jury:N", title="marked by"), alt.Tooltip("measure:N", title="criterion"),
            alt.Tooltip("value:Q", title="models less people", format="+.2f"),
            alt.Tooltip("low:Q", format="+.2f"), alt.Tooltip("high:Q", format="+.2f"),
            alt.Tooltip("n_models:Q", title="pieces by models"),
            alt.Tooltip("n_people:Q", title="by people"),
        ],
    )
    heading = here.transform_filter("isValid(datum.told)").mark_text(
        align="left", fontWeight="bold", fontSize=11, color=INK
    ).encode(x=alt.value(-LABELS), y=y, text="told:N")
    chart = alt.layer(zero, span, dot, heading).properties(
        width="container", height=alt.Step(22), title=alt.Title(alt.expr(said), anchor="start",
                                                                fontSize=13),
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
    return chart.add_params(bar).configure_view(stroke=None).configure_axis(grid=False)


def draw_criteria(data: pd.DataFrame, step: int = 0) -> Figure:
    """Draw the chart at one step of the bar, still."""
    own = data[(data["step"] == step) & data["value"].notna()]
    told = data[(data["step"] == step)].set_index("jury")["told"].dropna()
    bar = own["shown"].iloc[0]
    panel = "every piece" if bar == "none" else f"value at least {bar}"
    rows = own.assign(panel=panel, group=own["jury"].map(told), label=own["measure"], kind="one")
    return draw_forest(rows, SIDES)
