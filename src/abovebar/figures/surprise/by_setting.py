"""What comes out against the setting it was drawn at, one panel a measure, a line a data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abovebar.figures.palette import COLOURS, panels

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

STYLES = ["-", (0, (4, 2)), (0, (1, 1))]
FILLS = [COLOURS["preference-tuned"], "white", "#b5d3e7"]


def draw_by_setting(rows: pd.DataFrame, xlabel: str, ylabel: str) -> Figure:
    """Draw means with intervals against the setting.

    Parameters
    ----------
    rows
        ``panel, line, x, value, low, high``; panels and lines in order of appearance. All lines
        are of models, told apart by their dashes and fills and named below.
    """
    names, lines = (list(dict.fromkeys(rows[c])) for c in ("panel", "line"))
    figure = panels(len(names), min(3, len(names)), width=8.6, height=2.8)
    for axes, panel in zip(figure.axes, names, strict=True):
        for line, style, fill in zip(lines, STYLES, FILLS, strict=False):
            own = rows[(rows["panel"] == panel) & (rows["line"] == line)]
            ink = COLOURS["preference-tuned"]
            axes.vlines(own["x"], own["low"], own["high"], color=ink, lw=0.9)
            axes.plot(own["x"], own["value"], color=ink, ls=style, lw=1.5, marker="o", ms=4.5,
                      mfc=fill, mec=ink, label=line)
        axes.axhline(0, color="#999999", lw=0.9, zorder=0)
        axes.set_title(panel, loc="left", size=9.5)
        axes.set_xlabel(xlabel, size=8.5)
        axes.tick_params(labelsize=8)
    reach = 1.08 * max(rows["low"].abs().max(), rows["high"].abs().max())
    for axes in figure.axes:
        axes.set_ylim(-reach, reach)
    figure.axes[0].set_ylabel(ylabel, size=8.5)
    handles, told = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, told, loc="outside lower center", ncols=len(told), frameon=False,
                  fontsize=8, handlelength=2.6)
    return figure
