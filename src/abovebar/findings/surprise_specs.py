"""Models less people in surprise, over every defensible choice that the tables allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.juries import GROUPS, reaching
from abovebar.findings.surprise_gap import gaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FEWEST = 5  # pieces of each group, below which a specification is left out
DRAWN = {
    "marks; pieces, raters": "piece", "marks; writers, raters": "writer", "mean marks; pieces": "",
}


def specifications(
    juries: Mapping[str, pd.DataFrame], models: pd.DataFrame, bars: Sequence[float], *,
    n_boot: int, seed: int, measure: str = "surprise",
) -> pd.DataFrame:
    """Return the difference in one criterion for every jury, bar, choice of pieces and drawing.

    Parameters
    ----------
    juries
        Sheets by jury.
    models
        The registry of one data set or several, for ``parameters_b`` and ``released``.
    bars
        Bars of value, beside none; a jury that was not asked for value has none.
    measure
        A criterion, or ``surprise_less_value``.

    Returns
    -------
    DataFrame
        ``jury, bar, pieces, drawn, value, low, high, n``; `bar` is "none" or a number as text.
    """
    rows = []
    for jury, sheets in juries.items():
        for which, chosen in choices(sheets, models):
            for bar in [None, *(bars if "value" in sheets else [])]:
                reached = _lean(reaching(chosen, bar), measure)
                for drawn, unit in DRAWN.items():
                    own = reached if unit else _averaged(reached)
                    found = gaps(own, n_boot=n_boot, seed=seed, unit=unit or "piece")
                    found = found[(found["measure"] == measure) & (found["n"] >= FEWEST)]
                    rows += [
                        {
                            "jury": jury, "bar": "none" if bar is None else f"{bar:g}",
                            "pieces": which, "drawn": drawn, **row,
                        }
                        for row in found[["value", "low", "high", "n"]].to_dict("records")
                    ]
    return pd.DataFrame(
        rows, columns=["jury", "bar", "pieces", "drawn", "value", "low", "high", "n"]
    )


def choices(sheets: pd.DataFrame, models: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield which pieces are taken: all; one prompt's, if few; the larger or the newer models'."""
    yield "all", sheets
    prompts = sorted(sheets["prompt_id"].unique())
    if len(prompts) <= 4:
        for prompt in prompts:
            yield f"only {prompt}", sheets[sheets["prompt_id"] == prompt]
    facts = models.drop_duplicates("model").set_index("model")
    own = facts.reindex(sheets.loc[sheets["group"] == GROUPS[0], "model"].unique())
    size = own["parameters_b"].dropna()
    released = own["released"].replace("", np.nan).dropna()
    for name, values in {"larger half": size, "newer half": released}.items():
        if values.nunique() > 3:
            upper = values.index[values >= values.sort_values().iloc[len(values) // 2]]
            yield f"{name} of models", sheets[
                (sheets["group"] == GROUPS[1]) | sheets["model"].isin(upper)
            ]


def _lean(sheets: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the sheets with the criteria that `measure` needs, and no others."""
    needed = ["surprise", "value"] if measure == "surprise_less_value" else [measure]
    keys = ["piece", "group", "prompt_id", "model", "sample", "writer", "rater"]
    return sheets[[*keys, *(c for c in needed if c in sheets)]]


def _averaged(sheets: pd.DataFrame) -> pd.DataFrame:
    """Return one sheet a piece, of its mean marks, as by one rater."""
    keys = ["piece", "group", "prompt_id", "model", "sample", "writer"]
    marks = sheets.columns.difference([*keys, "rater"])
    return sheets.groupby(keys, as_index=False)[list(marks)].mean().assign(rater="mean")
