"""The bar, movable: lines against the bar, and the ranking and yields where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from abovebar.figures.bar_slider import bar_slider
from abovebar.figures.palette import COLOURS, DASHES

if TYPE_CHECKING:
    from collections.abc import Sequence


PANEL, LABELS = 600, 150  # pixels: of a panel, and of the names beside a ranking


def bar_explorer(
    rows: pd.DataFrame, models: pd.DataFrame, *, lowest: float, scale: str, unit: str,
    start: int = 0, sides: tuple[float, float] | None = None,
) -> alt.VConcatChart:
    """Return a chart with one slider, the bar; ranks and yields follow it.

    On a page narrower than the chart, ``_static/charts.js`` takes what is missing off each panel.

    Parameters
    ----------
    rows
        Rows of `abovebar.findings.compare.sweep`.
    models
        Indexed by model: ``label`` and ``group`` (of `abovebar.figures.palette.COLOURS`).
    lowest
        The low end of the judge's scale: where "no bar" stands on the axis.
    scale, unit
        What the bar is a bar of ("helpfulness at least"), and what is counted ("answers").
    start
        The step the slider opens at; 0 is no bar.
    sides
        The two bars between which the ranking of interest turns over, to be shaded.
    """
    data = explorer_data(rows, models, lowest)
    tries = int(rows.loc[rows["measure"] == "distinct_in_budget", "k"].max())
    counted = f"distinct usable {unit} in {tries} tries"
    bar, steps = bar_slider(data, start=start)
    groups = [g for g in COLOURS if g in set(data["group"])]
    legend = alt.Legend(orient="top", symbolOpacity=1)
    colour = alt.Color(
        "group:N", title=None, legend=legend,
        scale=alt.Scale(domain=groups, range=[COLOURS[g] for g in groups]),
    )
    dash = alt.StrokeDash(
        "group:N", title=None, legend=legend,
        scale=alt.Scale(domain=groups, range=[list(DASHES[g] or (1, 0)) for g in groups]),
    )
    said = f"{steps}[step] == 'none' ? 'With no bar' : 'Bar: {scale} ' + {steps}[step]"
    chart = alt.vconcat(
        _lines(data, colour, dash, scale, counted, sides),
        _ranking(data, colour, said, counted),
        spacing=24, usermeta={"wide": PANEL + LABELS},
    )
    return chart.add_params(bar).configure_view(stroke=None).configure_axis(grid=False)


def explorer_data(rows: pd.DataFrame, models: pd.DataFrame, lowest: float) -> pd.DataFrame:
    """Return a row a model and bar: ``step, x, shown, value, low, high, usable, label, group``."""
    wide = rows[rows["measure"] == "distinct_in_budget"].merge(
        rows.loc[rows["measure"] == "yield", ["model", "bar", "value"]].rename(
            columns={"value": "usable"}
        ),
        on=["model", "bar"],
    )
    wide["x"] = wide["bar"].fillna(lowest)
    wide["step"] = wide["x"].rank(method="dense").astype(int) - 1
    wide["shown"] = [f"{bar:g}" if pd.notna(bar) else "none" for bar in wide["bar"]]
    wide["label"] = wide["model"].map(models["label"])
    wide["group"] = wide["model"].map(models["group"])
    columns = ["step", "x", "shown", "value", "low", "high", "usable", "label", "group"]
    return wide[columns].round(4)


def _lines(
    data: pd.DataFrame, colour: alt.Color, dash: alt.StrokeDash, scale: str, counted: str,
    sides: tuple[float, float] | None,
) -> alt.LayerChart:
    bars = sorted(data["x"].unique())
    axis = alt.Axis(values=bars, labelExpr=f"datum.value == {bars[0]} ? 'none' : datum.label")
    x = alt.X("x:Q", title=f"{scale} …", axis=axis, scale=alt.Scale(nice=False, zero=False))
    base = alt.Chart(data).encode(x=x, detail="label:N")
    band = base.mark_area(opacity=0.13).encode(
        y=alt.Y("low:Q", title=counted), y2="high:Q", color=colour
    )
    line = base.mark_line(strokeWidth=2).encode(
        y="value:Q", color=colour, strokeDash=dash, tooltip=_tooltip()
    )
    here = alt.Chart(data).transform_filter("datum.step == step")
    rule = here.mark_rule(color="#333333", strokeWidth=1.5).encode(x="x:Q")
    layers = [band, line, rule]
    if sides is not None:
        crossing = alt.Chart(pd.DataFrame({"from": [sides[0]], "to": [sides[1]]}))
        layers.insert(0, crossing.mark_rect(color="#eeeeee").encode(x="from:Q", x2="to:Q"))
    return alt.layer(*layers).properties(width=PANEL, height=220)


def _ranking(
    data: pd.DataFrame, colour: alt.Color, said: str, counted: str
) -> alt.LayerChart:
    places: Sequence[str] = [*data["label"].unique()]
    reach = float(data["high"].max())
    most_first = alt.EncodingSortField(field="value", op="max", order="descending")
    here = (
        alt.Chart(data).transform_filter("datum.step == step").encode(
            y=alt.Y(
                "label:N", sort=most_first, title=None,
                axis=alt.Axis(labelLimit=LABELS, ticks=False),
            )
        )
    )
    x = alt.X("value:Q", title=counted, scale=alt.Scale(domain=[0, reach * 1.28]))
    span = here.mark_rule(strokeWidth=1.5).encode(
        x=alt.X("low:Q", title=counted), x2="high:Q", color=colour
    )
    dot = here.mark_point(filled=True, size=70).encode(x=x, color=colour, tooltip=_tooltip())
    share = here.mark_text(align="right", color="#555555").encode(
        x=alt.value("width"), text=alt.Text("usable:Q", format=".0%")
    )
    return alt.layer(span, dot, share).properties(
        width=PANEL - LABELS // 3, height=max(20 * len(places), 60),
        title=alt.Title(
            alt.expr(said), subtitle="ranked; at the right the share of answers that pass",
            anchor="start", fontSize=13,
        ),
    )


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("label:N", title="model"), alt.Tooltip("shown:N", title="bar"),
        alt.Tooltip("value:Q", title="distinct usable answers", format=".2f"),
        alt.Tooltip("low:Q", format=".2f"), alt.Tooltip("high:Q", format=".2f"),
        alt.Tooltip("usable:Q", title="share usable", format=".0%"),
    ]
