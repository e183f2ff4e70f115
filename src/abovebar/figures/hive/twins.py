"""The most alike pairs of models, by data set and by how the two are related."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from abovebar.figures.palette import COLOURS, canvas

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SHOWN = 20


def twin_rows(rows: pd.DataFrame, most: int = SHOWN) -> pd.DataFrame:
    """Return the `most` closest pairs of each data set and kinship, with what a chart says.

    Parameters
    ----------
    rows
        Of `abovebar.findings.hive.twins.twins`, with ``title``.
    """
    kept = rows.groupby(["title", "kin"], sort=False).head(most)
    return kept.assign(pair=kept["one"] + " – " + kept["other"])


def twin_explorer(rows: pd.DataFrame, start: str) -> alt.LayerChart:
    """Return the chart with menus of data set and kinship; `rows` of `twin_rows`."""
    columns = ["title", "kin", "pair", "value", "most", "prompt_id", "year_one", "year_other",
               "developer_one", "developer_other"]
    data = rows[columns].fillna("")
    base = alt.Chart(data)
    menus = {
        "title": ("Data set: ", list(dict.fromkeys(data["title"])), start),
        "kin": ("Kin: ", ["all", *dict.fromkeys(data["kin"])], "all"),
    }
    for field, (said, options, value) in menus.items():
        bound = alt.binding_select(options=options, name=said)
        base = base.add_params(alt.param(name=f"twin_{field}", value=value, bind=bound))
        base = base.transform_filter(f"twin_{field} == 'all' || datum.{field} == twin_{field}")
    base = base.transform_window(
        rank="row_number()", sort=[alt.SortField("value", order="descending")]
    ).transform_filter(f"datum.rank <= {SHOWN}")
    axis = alt.Axis(
        labelExpr="split(replace(datum.label, ' – ', '|– '), '|')", labelLimit=160, ticks=False,
        labelFontSize=9, labelLineHeight=10, labelOffset=-5,
    )
    base = base.encode(
        y=alt.Y(
            "pair:N", title=None, axis=axis,
            sort=alt.EncodingSortField(field="value", op="max", order="descending"),
        ),
        tooltip=[
            alt.Tooltip("pair:N", title="models"), alt.Tooltip("kin:N", title="kin"),
            alt.Tooltip("developer_one:N", title="first by"),
            alt.Tooltip("developer_other:N", title="second by"),
            alt.Tooltip("year_one:Q", title="first, year"),
            alt.Tooltip("year_other:Q", title="second, year"),
            alt.Tooltip("value:Q", title="alike, over prompts", format=".3f"),
            alt.Tooltip("prompt_id:N", title="most alike on"),
            alt.Tooltip("most:Q", title="there", format=".3f"),
        ],
    )
    x = alt.X("value:Q", title="how alike", scale=alt.Scale(zero=True))
    rule = base.mark_rule(color="#cccccc").encode(x=x, x2=alt.datum(0))
    dot = base.mark_point(filled=True, size=60, opacity=1).encode(
        x=x, shape=alt.Shape(
            "kin:N", title=None, legend=alt.Legend(
                # A phone has no room for more than a developer.
                orient="top", columns=1, labelExpr="split(datum.label, ',')[0]",
            ),
            scale=alt.Scale(domain=list(dict.fromkeys(data["kin"]))),
        ),
        color=alt.value(COLOURS["preference-tuned"]),
    )
    chart = alt.layer(rule, dot).properties(
        width="container", height=alt.Step(26),
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
    return chart.configure_view(stroke=None).configure_axisX(grid=False)


def draw_twins(rows: pd.DataFrame) -> Figure:
    """Draw one data set's closest pairs, of whatever kinship."""
    rows = rows.sort_values("value", ascending=False).head(SHOWN)
    figure = canvas(1, 1, width=8, height=0.24 * len(rows) + 0.9)
    axes = figure.axes[0]
    places = range(len(rows))
    axes.hlines(places, 0, rows["value"], color="#cccccc", lw=1)
    kin = rows["kin"] == "same family"
    for mark, chosen, words in (("o", kin, "same family"), ("^", ~kin, "other")):
        at = [i for i, c in zip(places, chosen, strict=True) if c]
        axes.plot(rows["value"].to_numpy()[at], at, mark, color=COLOURS["preference-tuned"], ms=6,
                  label=words)
    axes.set_yticks(places, rows["pair"], size=7.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("how alike, over prompts", size=9)
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    return figure
