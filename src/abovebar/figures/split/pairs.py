"""One small panel a pair of models: what its tuning did to words, syntax and content, by domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abovebar.figures.palette import panels
from abovebar.figures.split.rows import BARS, KINDS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

INK = "#222222"
MARKS = {"words": "o", "syntax": "s", "content": "D"}
APART = {"words": -0.24, "syntax": 0.0, "content": 0.24}


def draw_split_pairs(rows: pd.DataFrame, columns: int = 3) -> Figure:
    """Draw a panel a pair: a mark a measure, filled where it is sure.

    Parameters
    ----------
    rows
        Rows of `abovebar.figures.split.rows.heat_rows`; those of every answer are drawn.
    """
    rows = rows[rows["bar"] == BARS[False]].sort_values("place")
    pairs = list(dict.fromkeys(rows["pair"]))
    domains = {p: list(dict.fromkeys(rows.loc[rows["pair"] == p, "domain"])) for p in pairs}
    most = max(map(len, domains.values()))
    figure = panels(len(pairs), columns, width=3.1 * columns, height=0.46 * most + 0.85)
    low, high = min(rows["low"].min(), -0.05), max(rows["high"].max(), 0.05)
    for axes, pair in zip(figure.axes, pairs, strict=True):
        for _, row in rows[rows["pair"] == pair].iterrows():
            y = domains[pair].index(row["domain"]) + APART[row["kind"]]
            axes.plot([row["low"], row["high"]], [y, y], color=INK, lw=1.1, zorder=2)
            fill = INK if row["sure"] else "white"
            axes.plot(row["value"], y, MARKS[row["kind"]], ms=5, mfc=fill, mec=INK, zorder=3)
        axes.axvline(0, color="#999999", lw=0.9, zorder=1)
        axes.set_xlim(1.06 * low, max(1.06 * high, 0.06))
        axes.set_ylim(most - 0.5, -0.5)
        axes.set_yticks(range(len(domains[pair])), domains[pair], size=8)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=7.5)
        axes.set_title(pair.replace(" – ", "\n– "), loc="left", size=8.5)
    handles = [
        figure.axes[0].plot([], [], MARKS[kind], color=INK, ms=5, label=kind)[0]
        for kind in KINDS.values()
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=3, frameon=False, fontsize=8.5)
    figure.supxlabel("tuned minus parent: how often two answers differ", size=9)
    return figure
