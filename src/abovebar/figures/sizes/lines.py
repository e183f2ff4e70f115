"""A measure against the size of the model: one line a family, one panel a way of counting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import NullFormatter, NullLocator

from abovebar.figures.labels import label_ends
from abovebar.figures.palette import COLOURS, canvas

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZES = (0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


def draw_size_lines(rows: pd.DataFrame, *, log: bool = False, tops: bool = True) -> Figure:
    """Draw each ladder as a line with the intervals of its models, named at its right end.

    Parameters
    ----------
    rows
        ``panel, ladder, group, parameters_b, value, low, high`` and, where a line is to be told
        from another of its stage, ``hollow``: drawn with open points and a broken line.
    log
        Whether the measure's axis is logarithmic; what is not above 0 is then left out.
    tops
        Whether lines are named in every panel, or in the last alone.
    """
    panels = list(dict.fromkeys(rows["panel"]))
    figure = canvas(1, len(panels), width=9, height=3.7)
    for axes, panel in zip(figure.axes, panels, strict=True):
        drawn = rows[(rows["panel"] == panel) & rows["value"].notna()]
        drawn = drawn[drawn["value"] > 0] if log else drawn
        axes.set_title(panel, loc="left", size=9.5)
        for _, line in drawn.groupby("ladder", sort=False):
            _draw_line(axes, line.sort_values("parameters_b"))
        if log:
            axes.set_yscale("log")
        mark_sizes(axes, drawn["parameters_b"].min(), drawn["parameters_b"].max())
    figure.canvas.draw()  # settles the layout that the labels are placed in
    for axes, panel in zip(figure.axes, panels, strict=True):
        if tops or panel == panels[-1]:
            _name_lines(axes, rows[(rows["panel"] == panel) & rows["value"].notna()], log)
    return figure


def mark_sizes(axes: Axes, smallest: float, largest: float) -> None:
    """Let the horizontal axis run over parameters, in doublings."""
    axes.set_xscale("log", base=2)
    axes.set_xlim(smallest / 1.25, largest * 1.25)
    ticks = [s for s in SIZES if smallest / 1.3 <= s <= largest * 1.3]
    ticks = ticks[:: 1 if len(ticks) < 7 else 2]
    axes.set_xticks(ticks, [f"{s:g}" for s in ticks], size=8)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="y", labelsize=8)
    axes.set_xlabel("billions of parameters", size=8.5)


def _draw_line(axes: Axes, line: pd.DataFrame) -> None:
    colour, hollow = COLOURS[line["group"].iloc[0]], bool(line.get("hollow", np.False_).any())
    style = {"color": colour, "lw": 1.5, "ls": "--" if hollow else "-"}
    axes.vlines(line["parameters_b"], line["low"], line["high"], color=colour, lw=1)
    axes.plot(line["parameters_b"], line["value"], "o", ms=4.5, mec=colour,
              mfc="white" if hollow else colour, zorder=3)
    axes.plot(line["parameters_b"], line["value"], **style)


def _name_lines(axes: Axes, drawn: pd.DataFrame, log: bool) -> None:
    last = drawn.sort_values("parameters_b").groupby("ladder", sort=False).last()
    last = last[last["value"] > 0] if log else last
    if len(last) and not log:
        label_ends(
            axes, last["parameters_b"], last["value"], list(last.index),
            [COLOURS[group] for group in last["group"]], size=7,
        )
    elif len(last):
        for name, row in last.iterrows():
            axes.annotate(name, (row["parameters_b"], row["value"]), xytext=(5, 0),
                          textcoords="offset points", color=COLOURS[row["group"]], size=7,
                          va="center", annotation_clip=False)
