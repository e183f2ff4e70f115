"""One rater's mark on one criterion against what another rater said on others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abovebar.figures.palette import COLOURS, panels

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

# Models here are tuned; the few of no known recipe are drawn with them.
STAGE = {"people": "people", "models": "preference-tuned"}
LINES = {"people": (0, (2, 1.5)), "models": "-"}


def draw_by_mark(rows: pd.DataFrame, xlabel: str, ylabel: str) -> Figure:
    """Draw a panel a jury and criterion; a line for people's pieces and one for models'.

    Parameters
    ----------
    rows
        ``panel, group, mark, value, low, high``; panels in order of appearance.
    """
    names = list(dict.fromkeys(rows["panel"]))
    figure = panels(len(names), min(3, len(names)), width=8.6, height=2.7)
    for axes, panel in zip(figure.axes, names, strict=True):
        for group, own in rows[rows["panel"] == panel].groupby("group", sort=False):
            colour = COLOURS[STAGE[group]]
            axes.plot(own["mark"], own["value"], color=colour, ls=LINES[group], lw=1.8)
            axes.vlines(own["mark"], own["low"], own["high"], color=colour, lw=1)
            fill = colour if group == "models" else "white"
            axes.plot(own["mark"], own["value"], "o", ms=4.5, mfc=fill, mec=colour)
            end = own.iloc[-1]
            axes.annotate(group, (end["mark"], end["value"]), xytext=(5, 0), size=8,
                          textcoords="offset points", color=colour, va="center")
        axes.set_title(panel, loc="left", size=9.5)
        axes.set_xlabel(xlabel, size=8.5)
        axes.set_xticks([1, 2, 3, 4, 5])
        axes.set_xlim(0.8, 5.9)
        axes.tick_params(labelsize=8)
    for axes in figure.axes[::3]:
        axes.set_ylabel(ylabel, size=8.5)
    return figure
