"""How numbers are spread, kind by kind, one panel a measure: a plain stand-in for violins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abovebar.figures.palette import COLOURS, panels

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.figure import Figure

# What no one wrote has no stage, so no colour: ink, and light ink.
INKS = {
    "people": COLOURS["people"], "models": COLOURS["preference-tuned"],
    "shuffled": "#222222", "noise": "#222222",
}
HOLLOW = {"people", "noise"}
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def spread_rows(frames: Mapping[str, pd.DataFrame], measures: Mapping[str, str]) -> pd.DataFrame:
    """Return the quantiles of each measure in each kind of text.

    Parameters
    ----------
    frames
        By kind, one row a text and a column a measure.
    measures
        Columns, with what to call them.

    Returns
    -------
    DataFrame
        ``panel, kind, q05, q25, q50, q75, q95, n``.
    """
    import pandas as pd

    rows = []
    for measure, panel in measures.items():
        for kind, frame in frames.items():
            values = frame[measure].dropna() if measure in frame else pd.Series(dtype=float)
            if len(values):
                told = dict(zip(("q05", "q25", "q50", "q75", "q95"),
                                np.quantile(values, QUANTILES), strict=True))
                rows.append({"panel": panel, "kind": kind, **told, "n": len(values)})
    return pd.DataFrame(rows)


def draw_spreads(rows: pd.DataFrame) -> Figure:
    """Draw the middle half thick, the middle nine tenths thin, and the median as a point."""
    names = list(dict.fromkeys(rows["panel"]))
    kinds = list(dict.fromkeys(rows["kind"]))
    figure = panels(len(names), min(2, len(names)), 8.4, 0.32 * len(kinds) + 0.9)
    for i, (axes, panel) in enumerate(zip(figure.axes, names, strict=True)):
        for at, kind in enumerate(kinds):
            own = rows[(rows["panel"] == panel) & (rows["kind"] == kind)]
            for _, row in own.iterrows():
                ink = INKS[kind]
                axes.plot([row["q05"], row["q95"]], [at, at], color=ink, lw=1)
                axes.plot([row["q25"], row["q75"]], [at, at], color=ink, lw=5, alpha=0.55,
                          solid_capstyle="butt")
                axes.plot(row["q50"], at, "o", ms=6, mec=ink,
                          mfc="white" if kind in HOLLOW else ink)
        axes.set_ylim(len(kinds) - 0.5, -0.5)
        axes.set_yticks(range(len(kinds)), kinds if i % 2 == 0 else [], size=8.5)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=8)
        axes.set_title(panel, loc="left", size=9.5)
    return figure
