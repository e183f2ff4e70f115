"""Slopes within cells: what a setting changes where everything else stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.errors import AboveBarError
from abovebar.measures.bootstrap import percentile_interval, prompt_weights
from abovebar.regression.checks import need_columns

if TYPE_CHECKING:
    from collections.abc import Sequence


def within_slopes(
    frame: pd.DataFrame, outcome: str, settings: Sequence[str], cells: Sequence[str], unit: str,
    *, n_boot: int, seed: int,
) -> pd.DataFrame:
    """Return the slopes of `outcome` on `settings`, in its standard deviations within cells.

    Least squares with a level for every cell (the within estimator: Wooldridge 2010, section
    10.5), so that a model or a prompt is compared with itself alone. The deviation is that about
    the cells' means, by which a slope is divided in every replicate of the bootstrap over units.

    Parameters
    ----------
    settings
        Columns of numbers; one that never varies within a cell is left out.
    cells
        Columns; rows alike in all of them are a cell.
    unit
        The column of what is drawn; `n` is their number.

    Returns
    -------
    DataFrame
        ``setting, value, low, high, n``, for each whole unit of the setting.

    Raises
    ------
    AboveBarError
        If a column is missing or blank, or no setting varies within a cell.
    """
    need_columns(frame, "slopes", numbers=[outcome, *settings], names=[*cells, unit])
    cell = frame.groupby(list(cells)).ngroup().to_numpy()
    # Rows of a cell together, so that their sums are runs of one array.
    order = np.argsort(cell, kind="stable")
    starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
    at, units = pd.factorize(frame[unit].iloc[order], sort=True)
    values = frame[[*settings, outcome]].to_numpy(dtype=float)[order]
    sizes = np.diff([*starts, len(values)])
    means = np.repeat(np.add.reduceat(values, starts) / sizes[:, None], sizes, axis=0)
    values = values - means
    varying = [i for i in range(len(settings)) if np.abs(values[:, i]).max() > 1e-12]
    if not varying:
        raise AboveBarError(
            "slopes", met=f"settings {list(settings)} that never vary within {list(cells)}",
            wanted="one that does", remedy="Choose coarser cells or another setting.",
        )
    values = values[:, [*varying, -1]]
    weights = prompt_weights(len(units), n_boot, seed)[:, at]
    whole = _slopes(values, starts, np.ones((1, len(values))))
    low, high = percentile_interval(_slopes(values, starts, weights))
    return pd.DataFrame(
        {
            "setting": [settings[i] for i in varying], "value": whole[0], "low": low,
            "high": high, "n": len(units),
        }
    )


def _slopes(values: np.ndarray, starts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the standardised slopes (B, p) of the last column; NaN where a replicate has none."""
    p = values.shape[1] - 1
    total = np.add.reduceat(weights, starts, axis=1)
    sums = [np.add.reduceat(weights * column, starts, axis=1) for column in values.T]
    products = np.empty((len(weights), p + 1, p + 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        for i in range(p + 1):
            for j in range(i + 1):
                raw = weights @ (values[:, i] * values[:, j])
                taken = np.where(total > 0, sums[i] * sums[j] / total, 0).sum(axis=1)
                products[:, i, j] = products[:, j, i] = raw - taken
        among, along = products[:, :p, :p], products[:, :p, p]
        fine = np.linalg.eigvalsh(among)[:, 0] > 1e-12
        fine &= products[:, p, p] > 1e-12
        deviation = np.sqrt(products[:, p, p] / weights.sum(axis=1))
    found = np.full((len(weights), p), np.nan)
    found[fine] = np.linalg.solve(among[fine], along[fine, :, None])[..., 0]
    return found / deviation[:, None]
