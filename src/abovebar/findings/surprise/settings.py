"""What temperature and top-p do to surprise, as measured and as rated.

Definitions, fixed before any was computed. A cell is one model on one prompt (a wording is a
prompt of its own); for ratings, one rater on one object. Slopes are within cells, temperature and
top-p together, in standard deviations within cells: measured surprise for each 0.5 of
temperature and each 0.2 of top-p, rated surprise for each 0.1 of temperature, as GPT-3's ran over
no more than 0.15. Every text counts, fallen apart or not; what is left without those stands beside
it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.surprise.juries import PIECE, asked_for
from abovebar.regression.within_slopes import within_slopes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# How much of a setting a slope is told for.
STEPS = {"temperature": 0.5, "top_p": 0.2}
RATED_STEP = 0.1
_NAMED = r"^(?P<name>.+)@t[\d.]+(?:-p[\d.]+)?$"  # budgets of thinking are another setting
WIDE = {"value", "low", "high"}


def warmed(read: Callable, dataset: str, pieces: pd.DataFrame) -> pd.DataFrame:
    """Return the pieces of models that ran at several temperatures, with their settings.

    Returns
    -------
    DataFrame
        `pieces` with ``name``, the model without its setting; ``temperature, top_p`` (nought where
        not recorded); ``cut``, whether the text ran into the limit of tokens.
    """
    facts = read(dataset, "responses")[[*PIECE, "temperature", "top_p", "finish_reason"]]
    rows = pieces.merge(facts, on=PIECE, how="left", validate="one_to_one")
    rows["name"] = rows["model"].str.extract(_NAMED)["name"]
    rows = rows.dropna(subset=["name", "temperature"])
    several = rows.groupby("name")["temperature"].transform("nunique") > 1
    rows = rows[several]
    return rows.assign(
        temperature=rows["temperature"].astype(float).round(4),
        top_p=rows["top_p"].astype(float).round(4).fillna(0.0),
        cut=(rows["finish_reason"] == "length").fillna(False).astype(bool),
    ).reset_index(drop=True)


def measured_slopes(
    rows: pd.DataFrame, measures: Iterable[str], *, n_boot: int, seed: int, unit: str = "piece"
) -> pd.DataFrame:
    """Return what temperature and top-p do to each measure.

    Parameters
    ----------
    rows
        Of `warmed`.
    unit
        What is drawn: ``piece``, or ``cell`` for whole cells.

    Returns
    -------
    DataFrame
        ``by, setting, value, low, high, n``, for each of `STEPS`.
    """
    parts = []
    for measure in measures:
        if measure not in rows or (own := rows.dropna(subset=[measure])).empty:
            continue
        own = own.assign(cell=own["name"] + " " + own["prompt_id"])
        found = within_slopes(
            own, measure, list(STEPS), ["cell"], unit, n_boot=n_boot, seed=seed
        )
        parts.append(_by_step(found, found["setting"].map(STEPS)).assign(by=measure))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def rated_slopes(
    read: Callable, dataset: str, sheets: pd.DataFrame, *, n_boot: int, seed: int
) -> pd.DataFrame | None:
    """Return what temperature does to the marks of models' pieces, a run at a time.

    Returns
    -------
    DataFrame
        ``criterion, setting, value, low, high, n``, for each `RATED_STEP`; `n` runs drawn. None
        where no piece ran at a recorded temperature, or all at one.
    """
    facts = read(dataset, "responses")[[*PIECE, "temperature"]]
    rows = sheets[sheets["group"] == "models"].merge(facts, on=PIECE, how="left")
    rows = rows.dropna(subset=["temperature"]).assign(
        temperature=lambda x: x["temperature"].astype(float).round(4)
    )
    if rows["temperature"].nunique() < 2:
        return None
    parts = []
    for criterion in asked_for(sheets):
        found = within_slopes(
            rows, criterion, ["temperature"], ["prompt_id", "rater"], "writer",
            n_boot=n_boot, seed=seed,
        )
        parts.append(_by_step(found, RATED_STEP).assign(criterion=criterion))
    return pd.concat(parts, ignore_index=True)


def by_temperature(rows: pd.DataFrame, measures: Iterable[str]) -> pd.DataFrame:
    """Return the mean of each measure at each temperature, in deviations within cells.

    Returns
    -------
    DataFrame
        ``by, temperature, value, low, high, n``; the interval is that of a normal mean.
    """
    parts = []
    for measure in (m for m in measures if m in rows):
        own = rows.dropna(subset=[measure])
        level = own[measure] - own.groupby(["name", "prompt_id"])[measure].transform("mean")
        own = own.assign(z=level / level.std(ddof=0))
        told = own.groupby("temperature")["z"].agg(["mean", "std", "size"])
        reach = 1.96 * told["std"] / np.sqrt(told["size"])
        parts.append(pd.DataFrame({
            "by": measure, "temperature": told.index, "value": told["mean"],
            "low": told["mean"] - reach, "high": told["mean"] + reach, "n": told["size"],
        }))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _by_step(found: pd.DataFrame, step: float | pd.Series) -> pd.DataFrame:
    return found.assign(**{name: found[name] * step for name in WIDE})
