"""Measure by domain as a heat map that a reader can filter: what tuning does, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, Normalize

from abovebar.figures.palette import COLOURS, canvas
from abovebar.figures.split.rows import BARS, KINDS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

# By the stages themselves: the colour says whose answers differ more.
RAMP = [COLOURS["base"], "#ffffff", COLOURS["preference-tuned"]]
REACH = 0.4  # where the colours end; a larger lead has the last of them
INK = "#222222"


def split_heat(rows: pd.DataFrame) -> alt.LayerChart:
    """Return the heat map with three choices: which answers, against whom, how akin.

    Parameters
    ----------
    rows
        From `abovebar.figures.split.rows.heat_rows`.
    """
    data = rows.drop(columns=["id", "counted"]).round(4)
    choices = {
        "which": ("Count: ", list(BARS.values()), "every answer", "bar"),
        "whom": ("Against: ", ["all", *sorted(set(rows["against"]))], "all", "against"),
        "akin": ("Kin: ", ["all", *sorted(set(rows["kin"]))], "all", "kin"),
        "what": ("Domain: ", ["all", *dict.fromkeys(rows["domain"])], "all", "domain"),
    }
    base = alt.Chart(data)
    for name, (said, options, value, field) in choices.items():
        bound = alt.binding_select(options=options, name=said)
        base = base.add_params(alt.param(name=name, value=value, bind=bound))
        base = base.transform_filter(f"{name} == 'all' || datum.{field} == {name}")
    order = alt.EncodingSortField(field="place", op="min", order="ascending")
    axis = alt.Axis(
        title=None, labelExpr="split(datum.label, '\\n')", labelLimit=125, labelFontSize=9,
        ticks=False, domain=False, labelLineHeight=11, labelOffset=-11,
    )
    base = base.encode(
        x=alt.X(
            "kind:N", sort=list(KINDS.values()), title=None,
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False),
        ),
        y=alt.Y("row:N", sort=order, axis=axis),
        tooltip=[
            alt.Tooltip("pair:N", title="models"), alt.Tooltip("domain:N"),
            alt.Tooltip("kind:N", title="differ in"),
            alt.Tooltip("shown:N", title="tuned minus parent"),
            alt.Tooltip("span:N", title="95 % interval"),
            alt.Tooltip("n_prompts:Q", title="prompts"),
            alt.Tooltip("tuned:N", title="tuned on"), alt.Tooltip("kin:N", title="kin"),
        ],
    )
    colour = alt.Color(
        "value:Q", scale=alt.Scale(
                domain=[-REACH, 0, REACH], range=RAMP, clamp=True, interpolate="rgb"
            ),
        legend=alt.Legend(
            orient="bottom", title="differ less | more", gradientLength=110, format="+.1f",
        ),
    )
    tiles = base.mark_rect(stroke="white", strokeWidth=2).encode(color=colour)
    bold = base.mark_text(dy=-8, fontSize=12).encode(
        text="shown:N", color=alt.value(INK),
        opacity=alt.condition("datum.sure", alt.value(1.0), alt.value(0.55)),
    )
    # On a narrow page the two ends of an interval stand one under the other.
    ends = "width < 330 ? split(replace(datum.span, ' to ', ' to|'), '|') : datum.span"
    span = base.transform_calculate(ends=ends).mark_text(
        dy=5, fontSize=8.5, lineHeight=9
    ).encode(text="ends:N", color=alt.value(INK))
    chart = alt.layer(tiles, bold, span).properties(
        width="container", height=alt.Step(38),
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
    return chart.configure_view(stroke=None)


def draw_heat(rows: pd.DataFrame) -> Figure:
    """Draw the heat map as it first appears: every answer, all contrasts."""
    rows = rows[rows["bar"] == BARS[False]]
    names = list(dict.fromkeys(rows.sort_values("place")["row"]))
    kinds = list(KINDS.values())
    figure = canvas(1, 1, width=8.4, height=0.42 * len(names) + 0.6)
    axes = figure.axes[0]
    ramp = LinearSegmentedColormap.from_list("split", RAMP)
    level = Normalize(-REACH, REACH, clip=True)
    for _, row in rows.iterrows():
        x, y = kinds.index(row["kind"]), names.index(row["row"])
        colour = ramp(level(row["value"]))
        axes.fill_between([x - 0.49, x + 0.49], y - 0.47, y + 0.47, color=colour, lw=0)
        words = {"ha": "center", "va": "center", "color": INK}
        weight = "bold" if row["sure"] else "normal"
        axes.text(x, y - 0.14, row["shown"], size=9, weight=weight, **words)
        axes.text(x, y + 0.24, row["span"], size=6.5, **words)
    axes.set_yticks(np.arange(len(names)), names, size=6.5)
    axes.set_xticks(range(len(kinds)), kinds)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_xlim(-0.5, len(kinds) - 0.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    for side in axes.spines.values():
        side.set_visible(False)
    return figure
