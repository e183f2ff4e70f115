"""A specification curve (Simonsohn, Simmons and Nelson 2020): every defensible choice at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, FAINT = "#222222", "#bbbbbb"


def draw_spec_curve(rows: pd.DataFrame, choices: dict[str, str], ylabel: str) -> Figure:
    """Draw the effects in rising order, and under them which choices made each.

    Parameters
    ----------
    rows
        ``value, low, high`` and one column a choice; one row a specification.
    choices
        The columns to show under the curve, with the heading of each. What is missing in one
        is drawn as "none".
    """
    rows = rows.sort_values("value", ignore_index=True)
    made = rows[list(choices)].astype(object).where(rows[list(choices)].notna(), "none").astype(str)
    options = {c: sorted(made[c].unique(), key=_natural) for c in choices}
    heights = [3.0, *[0.19 * len(o) + 0.25 for o in options.values()]]
    sns.set_theme(context="notebook", style="ticks", rc={"figure.constrained_layout.use": True})
    figure, panels = plt.subplots(
        len(heights), 1, sharex=True, figsize=(7.8, sum(heights)), height_ratios=heights
    )
    plt.close(figure)
    _draw_effects(panels[0], rows, ylabel)
    for axes, (column, heading) in zip(panels[1:], choices.items(), strict=True):
        at = [options[column].index(value) for value in made[column]]
        axes.plot(rows.index, at, "|", color=INK, ms=6, mew=1)
        axes.set_yticks(range(len(options[column])), options[column], size=7.5)
        axes.set_ylim(len(options[column]) - 0.5, -0.5)
        axes.set_ylabel(heading, rotation=0, ha="right", va="center", size=8.5, labelpad=8)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", length=0, labelbottom=False)
        sns.despine(ax=axes, left=True, bottom=True)
    return figure


def _draw_effects(axes: Axes, rows: pd.DataFrame, ylabel: str) -> None:
    sure = ((rows["low"] > 0) | (rows["high"] < 0)).to_numpy()
    axes.vlines(rows.index, rows["low"], rows["high"], color=np.where(sure, INK, FAINT), lw=0.8)
    axes.scatter(rows.index, rows["value"], c=np.where(sure, INK, "white"), ec=INK, s=12, zorder=3)
    axes.axhline(0, color="#888888", lw=0.9)
    axes.set_ylabel(ylabel, size=9)
    sns.despine(ax=axes, bottom=True)
    axes.tick_params(axis="x", length=0, labelbottom=False)


def _natural(text: str) -> tuple[str, float, str]:
    """Sort by what stands before a number at the end, then by the number: 2 before 10."""
    words, number = re.fullmatch(r"(.*?)(-?\d+(?:\.\d+)?)?", text, re.DOTALL).groups()
    return words, float(number or "-inf"), text
