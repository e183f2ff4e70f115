"""One palette for the whole book, by stage of training and nothing else.

The four colours (after Okabe and Ito) stay apart under the common colour blindnesses and, by
their lightness, in grey print; line styles repeat the distinction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import seaborn as sns

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

COLOURS = {
    "people": "#4d4d4d",
    "base": "#d55e00",
    "supervised": "#e69f00",
    "preference-tuned": "#0072b2",
}
DASHES = {"people": (1, 1), "base": (4, 2), "supervised": (6, 1, 1, 1), "preference-tuned": ""}

# "instruct" is tuned by a mixed or undisclosed recipe; such recipes end in preference tuning.
GROUPS = {
    "human": "people", "base": "base", "sft": "supervised",
    "dpo": "preference-tuned", "rlhf": "preference-tuned", "instruct": "preference-tuned",
}


def by_stage(models: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Return one data set's models, indexed by name: ``label`` and ``group``."""
    chosen = models[models["dataset"] == dataset].set_index("model")
    return chosen[["label"]].assign(group=chosen["stage"].map(GROUPS))


def canvas(rows: int = 1, columns: int = 1, width: float = 8, height: float = 3.6) -> Figure:
    """Return an empty figure in the book's style; `height` is that of one row, in inches."""
    sns.set_theme(
        context="notebook", style="ticks",
        rc={
            "axes.spines.right": False, "axes.spines.top": False, "axes.titleweight": "bold",
            "axes.titlesize": 11, "axes.labelsize": 10, "figure.constrained_layout.use": True,
            "svg.fonttype": "none", "svg.hashsalt": "abovebar", "figure.dpi": 110,
        },
    )
    figure, _ = plt.subplots(rows, columns, figsize=(width, height * rows), squeeze=False)
    plt.close(figure)  # the notebook shows what a cell returns, once
    return figure


def panels(number: int, columns: int, width: float = 8, height: float = 3.6) -> Figure:
    """Return a figure of so many panels, `columns` to a row; sizes as of `canvas`."""
    figure = canvas(-(-number // columns), columns, width, height)
    for axes in figure.axes[number:]:
        axes.remove()
    return figure
