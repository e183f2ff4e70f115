"""Size, with a movable bar: distinct answers for each try, and for each billion parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from abovebar.figures.bar_slider import bar_slider
from abovebar.figures.palette import COLOURS

if TYPE_CHECKING:
    from collections.abc import Mapping

PANEL, LABELS = 560, 140  # pixels: of a panel, and of the names beside it


def size_explorer(
    data: pd.DataFrame, *, scale: str, unit: str, tries: int, start: int = 0
) -> alt.VConcatChart:
    """Return a chart with one slider, the bar, and two panels: as counted, and divided by size.

    The broken grey line is what a measure blind to size would give: the mean over all models, and
    that mean over the parameters.

    Parameters
    ----------
    data
        Of `explorer_data`.
    scale, unit
        What the bar is a bar of ("reward at least"), and what is counted ("answers").
    tries
        The budget.
    start
        The step the slider opens at; 0 is no bar.
    """
    bar, steps = bar_slider(data, start=start)
    said = f"{steps}[step] == 'none' ? 'With no bar' : 'Bar: {scale} ' + {steps}[step]"
    top = _panel(data, "value", f"distinct {unit} in {tries} tries",
                 alt.Scale(domain=[0, float(data["high"].max())])).properties(
        title=alt.Title(alt.expr(said), anchor="start", fontSize=13)
    )
    reach = data.loc[data["each"] > 0, "each"]
    per = _panel(data[data["each"] > 0], "each", "for each billion parameters",
                 alt.Scale(type="log", domain=[float(reach.min()), float(reach.max())]))
    chart = alt.vconcat(top, per, spacing=18, usermeta={"wide": PANEL + LABELS})
    return chart.add_params(bar).configure_view(stroke=None).configure_axis(grid=False)


def explorer_data(
    rows: pd.DataFrame, models: pd.DataFrame, ladders: Mapping[str, str], lowest: float
) -> pd.DataFrame:
    """Return a row a model and bar: ``step, shown, size, value, low, high, each, ...``.

    Parameters
    ----------
    rows
        Rows of `abovebar.findings.compare.sweep`.
    models
        Indexed by model: ``label, group, parameters_b``; those without a size are left out.
    ladders
        The ladder of a model, where it is in one.
    lowest
        The low end of the judge's scale: where "no bar" stands.
    """
    own = rows[rows["measure"] == "distinct_in_budget"].copy()
    own["size"] = own["model"].map(models["parameters_b"])
    own = own[own["size"].notna()]
    own["step"] = own["bar"].fillna(lowest).rank(method="dense").astype(int) - 1
    own["shown"] = [f"{bar:g}" if pd.notna(bar) else "none" for bar in own["bar"]]
    for told in ("label", "group"):
        own[told] = own["model"].map(models[told])
    own["ladder"] = own["model"].map(ladders).fillna("")
    own["each"], own["each_low"], own["each_high"] = (
        own[c] / own["size"] for c in ("value", "low", "high")
    )
    own["blind"] = own.groupby("step")["value"].transform("mean")
    own["blind_each"] = own["blind"] / own["size"]
    alone = own["ladder"] == ""
    largest = own["size"] == own.groupby(["ladder", "step"])["size"].transform("max")
    own["name"] = np.where(alone, own["label"], np.where(largest, own["ladder"], ""))
    columns = ["step", "shown", "size", "value", "low", "high", "each", "each_low", "each_high",
               "blind", "blind_each", "label", "group", "ladder", "name"]
    return own[columns].round(5)


def _panel(data: pd.DataFrame, measure: str, title: str, scale: alt.Scale) -> alt.LayerChart:
    low, high, blind = {
        "value": ("low", "high", "blind"), "each": ("each_low", "each_high", "blind_each"),
    }[measure]
    here = alt.Chart(data).transform_filter("datum.step == step")
    x = alt.X(
        "size:Q", title="billions of parameters",
        scale=alt.Scale(type="log", base=2, nice=False),
        axis=alt.Axis(values=[1, 2, 4, 8, 16, 32, 64, 128, 256], format="~g"),
    )
    y = alt.Y(f"{measure}:Q", title=title, scale=scale, axis=alt.Axis(format="~g", tickCount=5))
    groups = [g for g in COLOURS if g in set(data["group"])]
    colour = alt.Color("group:N", legend=None,
                       scale=alt.Scale(domain=groups, range=[COLOURS[g] for g in groups]))
    grey = here.mark_line(color="#888888", strokeDash=[4, 4]).encode(
        x=x, y=alt.Y(f"{blind}:Q", scale=scale, title=title)
    )
    line = here.transform_filter("datum.ladder != ''").mark_line(strokeWidth=1.6).encode(
        x=x, y=y, color=colour, detail="ladder:N"
    )
    span = here.mark_rule().encode(
        x=x, y=alt.Y(f"{low}:Q", scale=scale, title=title), y2=f"{high}:Q", color=colour
    )
    dot = here.mark_point(filled=True, size=45, opacity=1).encode(
        x=x, y=y, color=colour, tooltip=[
            alt.Tooltip("label:N", title="model"), alt.Tooltip("size:Q", title="billions"),
            alt.Tooltip("value:Q", title="distinct answers", format=".2f"),
            alt.Tooltip("low:Q", format=".2f"), alt.Tooltip("high:Q", format=".2f"),
        ],
    )
    name = here.mark_text(align="left", dx=7, fontSize=11).encode(
        x=x, y=y, text="name:N", color=colour
    )
    return alt.layer(grey, line, span, dot, name).properties(width=PANEL, height=230)
