"""How alike who is to whom: one row a data set, from chance to one model asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abovebar.figures.palette import COLOURS, canvas

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TUNED, PEOPLE = COLOURS["preference-tuned"], COLOURS["people"]
# measure -> marker, edge, fill, words
MARKS = {
    "chance": ("|", "#777777", "#777777", "chance: two models, two prompts"),
    "people": ("s", PEOPLE, PEOPLE, "two people"),
    "across": ("D", PEOPLE, "white", "a model and a person"),
    "between": ("o", TUNED, TUNED, "two models"),
    "within": ("o", TUNED, "white", "one model, twice"),
}
RAISED = {"chance": 0.0, "people": 0.26, "across": 0.13, "between": -0.13, "within": -0.26}


def draw_levels(rows: pd.DataFrame, line: float | None = None) -> Figure:
    """Draw a panel a similarity; intervals where there are any.

    Parameters
    ----------
    rows
        ``panel, label, measure, value, low, high``, measures of `MARKS`, in the order to be drawn.
    line
        A level to mark in the first panel.
    """
    labels, panels = (list(dict.fromkeys(rows[c])) for c in ("label", "panel"))
    figure = canvas(1, len(panels), width=9, height=0.52 * len(labels) + 1.5)
    for axes, panel in zip(figure.axes, panels, strict=True):
        for _, row in rows[rows["panel"] == panel].iterrows():
            marker, edge, fill, _ = MARKS[row["measure"]]
            y = labels.index(row["label"]) + RAISED[row["measure"]]
            axes.plot([row["low"], row["high"]], [y, y], color=edge, lw=1.1, zorder=2)
            axes.plot(row["value"], y, marker, color=edge, mfc=fill, ms=6, mew=1.2, zorder=3)
        for at in range(1, len(labels)):
            axes.axhline(at - 0.5, color="#e8e8e8", lw=0.7, zorder=0)
        axes.set_title(panel, loc="left", size=9.5)
        axes.set_ylim(len(labels) - 0.5, -0.5)
        axes.set_yticks(range(len(labels)), labels if axes is figure.axes[0] else [], size=8.5)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=8)
        if line is not None and panel == panels[0]:
            axes.axvline(line, color="#999999", lw=0.9, ls=(0, (4, 3)), zorder=1)
        axes.set_xlim(left=min(0, rows.loc[rows["panel"] == panel, "value"].min() - 0.02))
    handles = [
        figure.axes[0].plot([], [], m, color=edge, mfc=fill, ms=6, ls="", label=words)[0]
        for name, (m, edge, fill, words) in MARKS.items() if name in set(rows["measure"])
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=5, frameon=False, fontsize=8,
                  columnspacing=1.0, handletextpad=0.2)
    return figure
