"""Rank correlation within cells: what two scores share once prompts and groups are set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.errors import AboveBarError
from abovebar.measures.bootstrap import percentile_interval, prompt_weights
from abovebar.regression.checks import need_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST = 3  # rows below which a bootstrap says nothing


def rank_correlation(
    frame: pd.DataFrame, x: str, y: str, cells: Sequence[str], unit: str, *, n_boot: int,
    seed: int, beside: str | None = None,
) -> dict[str, float]:
    """Return the correlation of two columns' ranks within cells: ``value, low, high, n``.

    Values are ranked within their cell (ties share the mean rank), ranks divided by the cell's
    size and set about its mean, and the product-moment correlation taken over all cells together:
    Spearman's (1904), with every cell's level and spread set aside, and cells weighing by their
    rows. Each replicate of the bootstrap over units ranks anew. Rows with a blank are left out;
    a cell of one row says nothing and does no harm.

    Parameters
    ----------
    cells
        Columns; rows alike in all of them are a cell.
    unit
        The column of what is drawn; `n` is their number.
    beside
        A third column to hold fixed: the partial correlation of ranks (Kendall 1942).

    Raises
    ------
    AboveBarError
        If a column is missing, or fewer than three rows are complete.
    """
    named = [x, y] if beside is None else [x, y, beside]
    kept = frame.dropna(subset=[c for c in named if c in frame])
    if len(frame) > 0 and len(kept) < FEWEST:
        raise AboveBarError(
            "rank correlation", met=f"{len(kept)} rows with both of {named}",
            wanted=f"at least {FEWEST}", remedy="Choose a measure that the data set has.",
        )
    need_columns(kept, "rank correlation", numbers=named, names=[*cells, unit])
    at, units = pd.factorize(kept[unit], sort=True)
    cell = kept.groupby(list(cells)).ngroup().to_numpy()
    values = kept[named].to_numpy(dtype=float).T
    found = [
        _correlation(values, cell, weights)
        for weights in (
            np.ones((1, len(kept))), prompt_weights(len(units), n_boot, seed)[:, at],
        )
    ]
    low, high = percentile_interval(found[1])
    return {
        "value": float(found[0][0]), "low": float(low), "high": float(high), "n": len(units),
    }


def weighted_ranks(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return each value's rank about the mean rank, over the sum of weights: float array (B, n).

    Parameters
    ----------
    values : float array (n,)
    weights : float array (B, n), how often each was drawn; ties share the mean rank
    """
    order = np.argsort(values, kind="stable")
    # Equal values stand together, so that their weights are a run of one array.
    starts = np.flatnonzero(np.diff(values[order], prepend=np.nan) != 0)
    each = np.add.reduceat(weights[:, order], starts, axis=1)
    below = np.cumsum(each, axis=1)
    total = below[:, -1:]
    middle = (below - each / 2) / np.where(total > 0, total, 1) - 0.5
    run = np.empty(len(values), dtype=int)
    run[order] = np.repeat(np.arange(len(starts)), np.diff([*starts, len(values)]))
    return np.where(total > 0, middle, 0.0)[:, run]


def _correlation(values: np.ndarray, cell: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the (partial) correlation in every replicate (B,); NaN where nothing varies."""
    sums = np.zeros((len(weights), len(values), len(values)))
    for number in range(cell.max() + 1):
        rows = cell == number
        drawn = weights[:, rows]
        ranks = np.stack([weighted_ranks(column[rows], drawn) for column in values])
        sums += _products(drawn, ranks)
    deviation = np.sqrt(np.maximum(np.diagonal(sums, axis1=1, axis2=2), 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = sums / (deviation[:, :, None] * deviation[:, None, :])
        if len(values) == 2:
            found = r[:, 0, 1]
        else:
            left = (1 - r[:, 0, 2] ** 2) * (1 - r[:, 1, 2] ** 2)
            found = (r[:, 0, 1] - r[:, 0, 2] * r[:, 1, 2]) / np.sqrt(left)
    return np.where(np.isfinite(found), found, np.nan)


def _products(weights: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Return the weighted sums of products (B, p, p) of ranks (p, B, n)."""
    drawn = weights * ranks
    return np.stack([
        np.stack([np.einsum("bn,bn->b", one, other) for other in ranks], axis=-1) for one in drawn
    ], axis=-1)
