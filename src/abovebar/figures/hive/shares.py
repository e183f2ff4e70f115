"""The share of cells, or of pairs, above a similarity, against the similarity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abovebar.figures.palette import COLOURS, panels

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TUNED, PEOPLE = COLOURS["preference-tuned"], COLOURS["people"]
STYLES = {
    "one model": (TUNED, (5, 2)), "two models": (TUNED, ()), "two people": (PEOPLE, (1, 1.5)),
    "a model and a person": (PEOPLE, (6, 1.5, 1, 1.5)),
    "chance: two models, two prompts": ("#999999", ()),
}


def draw_shares(rows: pd.DataFrame, at: float = 0.8) -> Figure:
    """Draw a panel a data set, with the threshold `at` marked.

    Parameters
    ----------
    rows
        ``panel, who, k, value, low, high``; `who` of `STYLES`.
    """
    names = list(dict.fromkeys(rows["panel"]))
    figure = panels(len(names), min(2, len(names)), width=9, height=2.7)
    for axes, panel in zip(figure.axes, names, strict=True):
        for who, line in rows[rows["panel"] == panel].groupby("who", sort=False):
            colour, dash = STYLES[who]
            axes.fill_between(line["k"], line["low"], line["high"], color=colour, alpha=0.14, lw=0)
            axes.plot(line["k"], line["value"], color=colour, lw=1.7, dashes=dash or (None, None))
        axes.axvline(at, color="#bbbbbb", lw=0.8, zorder=0)
        axes.set_title(panel, loc="left", size=9.5)
        axes.set_ylim(-0.02, 1.02)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"], size=8)
        axes.tick_params(axis="x", labelsize=8)
    figure.supxlabel("cosine at least", size=9)
    handles = [
        figure.axes[0].plot([], [], color=c, lw=1.7, dashes=d or (None, None), label=who)[0]
        for who, (c, d) in STYLES.items() if who in set(rows["who"])
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=5, frameon=False, fontsize=8,
                  columnspacing=1.0)
    return figure
