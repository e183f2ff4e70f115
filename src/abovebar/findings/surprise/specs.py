"""Models less people in surprise, over every defensible choice that the tables allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.surprise.gap import gaps
from abovebar.findings.surprise.juries import CRITERIA, GROUPS, reaching

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SHOWN = ("surprise", "surprise_less_value")
FEWEST = 5  # pieces of each group, below which a specification is left out
DRAWN = {
    "marks; pieces, raters": "piece", "marks; writers, raters": "writer", "mean marks; pieces": "",
}


def specifications(
    juries: Mapping[str, pd.DataFrame], models: pd.DataFrame, bars: Sequence[float], *,
    n_boot: int, seed: int,
) -> pd.DataFrame:
    """Return the difference in surprise, and less that in value, for every choice there is.

    Parameters
    ----------
    juries
        Sheets by jury.
    models
        The registry of one data set or several, for ``parameters_b`` and ``released``.
    bars
        Bars of value, beside none; a jury that was not asked for value has none.

    Returns
    -------
    DataFrame
        ``measure, jury, bar, pieces, drawn, value, low, high, n``: measures of `SHOWN`; `bar` is
        "none" or a number as text.
    """
    rows = []
    for jury, sheets in juries.items():
        for which, chosen in choices(_lean(sheets), models):
            for bar in [None, *(bars if "value" in sheets else [])]:
                named = {
                    "jury": jury, "bar": "none" if bar is None else f"{bar:g}", "pieces": which,
                }
                for found in _each_drawn(reaching(chosen, bar), n_boot, seed):
                    rows.append(named | found)
    return pd.DataFrame(
        rows, columns=["measure", "jury", "bar", "pieces", "drawn", "value", "low", "high", "n"]
    )


def _each_drawn(
    sheets: pd.DataFrame, n_boot: int, seed: int
) -> Iterator[dict[str, float | str]]:
    """Yield the differences by each way of drawing; writers are drawn where all pieces count."""
    whole = "whole" in sheets
    for drawn, unit in DRAWN.items():
        if unit == "writer" and not whole:
            continue
        own = sheets if unit else _averaged(sheets)
        found = gaps(own, n_boot=n_boot, seed=seed, unit=unit or "piece")
        found = found[found["measure"].isin(SHOWN) & (found["n"] >= FEWEST)]
        for row in found[["measure", "value", "low", "high", "n"]].to_dict("records"):
            yield {"drawn": drawn, **row}


def choices(sheets: pd.DataFrame, models: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield which pieces are taken: all; one prompt's, if few; the larger or the newer models'."""
    yield "all", sheets.assign(whole=True)
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


def _lean(sheets: pd.DataFrame) -> pd.DataFrame:
    """Return the sheets with what is needed, and numbers for names, which sort sooner."""
    numbered = {name: pd.factorize(sheets[name])[0] for name in ("piece", "writer", "rater")}
    keys = ["group", "prompt_id", "model", *numbered]
    lean = sheets[[*keys, *(c for c in ("surprise", "value") if c in sheets)]].assign(**numbered)
    return lean.assign(group=lean["group"].astype("category"))


def _averaged(sheets: pd.DataFrame) -> pd.DataFrame:
    """Return one sheet a piece, of its mean marks, as by one rater."""
    keys = ["piece", "writer", "group"]
    marks = sheets.columns.intersection(CRITERIA)
    mean = sheets.groupby(keys, as_index=False, observed=True)[list(marks)].mean()
    return mean.assign(rater=0)
