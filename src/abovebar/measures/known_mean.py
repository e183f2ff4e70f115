"""The mean of what is known: NaN is left out, and is the mean where nothing is left."""

from __future__ import annotations

import numpy as np


def known_mean(values: np.ndarray, axis: int | tuple[int, ...] | None = None) -> np.ndarray:
    """Average over an axis, or over all, without the NaN.

    As ``numpy.nanmean``, in double precision and without a warning where nothing is known.

    Parameters
    ----------
    values : float array

    Returns
    -------
    float array without that axis; NaN where every value is
    """
    known = ~np.isnan(values)
    number = known.sum(axis=axis)
    total = np.where(known, values, 0).sum(axis=axis, dtype=float)
    return np.divide(total, number, out=np.full(np.shape(total), np.nan), where=number > 0)
