"""A map of models by models: the darker, the more alike; ordered so that neighbours are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from abovebar.figures.palette import COLOURS, canvas

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

RAMP = ["#ffffff", COLOURS["preference-tuned"]]


def model_map(rows: pd.DataFrame, start: str) -> alt.Chart:
    """Return the map with a menu of data sets.

    Parameters
    ----------
    rows
        Of `abovebar.findings.hive.model_map.map_rows`, with ``title``.
    start
        The data set, by title, at which the menu opens.
    """
    titles = list(dict.fromkeys(rows["title"]))
    bound = alt.binding_select(options=titles, name="Data set: ")
    chosen = alt.param(name="the_set", value=start, bind=bound)
    axis = alt.Axis(labelFontSize=8, labelLimit=110, ticks=False, domain=False, title=None)
    columns = ["title", "one", "other", "place", "other_place", "family", "other_family", "value"]
    base = alt.Chart(rows[columns]).add_params(chosen).transform_filter("datum.title == the_set")
    return base.mark_rect().encode(
        x=alt.X(
            "other:N", axis=None,  # in the order of the rows, and told by the tooltip
            sort=alt.EncodingSortField(field="other_place", op="min", order="ascending"),
        ),
        y=alt.Y(
            "one:N", axis=axis,
            sort=alt.EncodingSortField(field="place", op="min", order="ascending"),
        ),
        color=alt.Color(
            "value:Q", scale=alt.Scale(range=RAMP, interpolate="rgb", domainMin=0),
            legend=alt.Legend(orient="bottom", title="how alike", gradientLength=140),
        ),
        tooltip=[
            alt.Tooltip("one:N", title="a model"), alt.Tooltip("family:N"),
            alt.Tooltip("other:N", title="another"),
            alt.Tooltip("other_family:N", title="its family"),
            alt.Tooltip("value:Q", title="alike", format=".3f"),
        ],
    ).properties(
        width="container", height=alt.Step(15),
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    ).configure_view(stroke=None)


def draw_map(rows: pd.DataFrame) -> Figure:
    """Draw one data set's map, each family's run of neighbours framed and named."""
    first = rows[rows["other_place"] == 0].sort_values("place")
    names, families = list(first["one"]), list(first["family"])
    n = len(names)
    grid = np.full((n, n), np.nan)
    grid[rows["place"], rows["other_place"]] = rows["value"]
    figure = canvas(1, 1, width=8.2, height=0.21 * n + 1.2)
    axes = figure.axes[0]
    ramp = LinearSegmentedColormap.from_list("hive", RAMP)
    image = axes.imshow(grid, cmap=ramp, aspect="auto")
    axes.set_yticks(range(n), names, size=7)
    axes.set_xticks([])
    start = 0
    for at in range(1, n + 1):
        if at == n or families[at] != families[start]:
            if at - start > 1:
                edge = [start - 0.5, at - 0.5]
                axes.fill(
                    [edge[0], edge[1], edge[1], edge[0]], [edge[0], edge[0], edge[1], edge[1]],
                    fill=False, ec="#222222", lw=1.2,
                )
                axes.text(at - 0.35, start - 0.35, families[start], size=7, va="top", ha="left")
            start = at
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    figure.colorbar(image, ax=axes, shrink=0.6, label="how alike").ax.tick_params(labelsize=7.5)
    return figure
