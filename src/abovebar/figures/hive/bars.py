"""Likeness and voices against the bar, one column a data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abovebar.figures.palette import COLOURS, canvas

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TUNED = COLOURS["preference-tuned"]
LINES = {
    "within": ("one model, twice", (5, 2)), "between": ("two models", ()),
    "voices": ("voices of any number of models", ()), "bar_less_all": ("the same pairs", ()),
}


def draw_bars(rows: pd.DataFrame) -> Figure:
    """Draw levels (above) and voices (below) against the bar.

    Parameters
    ----------
    rows
        ``panel, scale, measure, x, shown, value, low, high``; `x` is the bar, or the low end of
        the judge's scale where every answer counts, and `shown` says which; `scale` is what the
        bar is a bar of.
    """
    panels = list(dict.fromkeys(rows["panel"]))
    figure = canvas(2, len(panels), width=9, height=2.5)
    grid = [figure.axes[: len(panels)], figure.axes[len(panels):]]
    for at, panel in enumerate(panels):
        own = rows[rows["panel"] == panel]
        for line, measures in zip(grid, (("within", "between"), ("voices",)), strict=True):
            axes = line[at]
            drawn = own[own["measure"].isin(measures)]
            if drawn.empty:
                axes.set_axis_off()
                axes.text(0, 0.6, "one answer each:\nno voices to count", size=8.5, color="#555555",
                          transform=axes.transAxes)
                continue
            for measure in measures:
                _line(axes, drawn[drawn["measure"] == measure], measure)
            ticks = drawn.drop_duplicates("x").sort_values("x")
            axes.set_xticks(ticks["x"], ticks["shown"], size=7.5)
            axes.tick_params(axis="y", labelsize=8)
            axes.set_ylim(bottom=0)
            axes.set_xlabel(f"{own['scale'].iloc[0]} …", size=8)
        grid[0][at].set_title(panel, loc="left", size=9.5)
    grid[0][0].set_ylabel("how alike", size=9)
    grid[1][0].set_ylabel("voices, at most", size=9)
    figure.legend(
        handles=[
            grid[0][0].plot([], [], color=TUNED, lw=1.8, dashes=d or (None, None), label=words)[0]
            for words, d in (LINES["within"], LINES["between"])
        ],
        loc="outside upper right", ncols=2, frameon=False, fontsize=8,
    )
    return figure


def _line(axes: Axes, line: pd.DataFrame, measure: str) -> None:
    line = line.sort_values("x")
    dash = LINES[measure][1]
    axes.fill_between(line["x"], line["low"], line["high"], color=TUNED, alpha=0.14, lw=0)
    axes.plot(line["x"], line["value"], color=TUNED, lw=1.8, dashes=dash or (None, None))
