"""Means over pairs when those who make the pairs are drawn: U-statistics under a bootstrap.

Where a data set has few prompts and many writers, writers are drawn. A writer drawn twice is not
compared with herself: that pair would be wholly alike and pull the mean up (the bootstrap of a
U-statistic with self pairs left out, weighted by how often each writer was drawn).
"""

from __future__ import annotations

import numpy as np

from abovebar.errors import AboveBarError


def mean_over_drawn_pairs(
    similarity: np.ndarray, counted: np.ndarray, left: np.ndarray, right: np.ndarray | None = None
) -> np.ndarray:
    """Return the weighted mean similarity over the counted pairs, replicate by replicate.

    ``sum over i, j of v_i u_j k_ij s_ij / sum over i, j of v_i u_j k_ij``

    Parameters
    ----------
    similarity : float array (n, m); read only where counted
    counted : bool array (n, m), k; a writer and himself must not count
    left : float array (B, n), weights v
    right : float array (B, m), weights u; `left` if None, n and m being the same writers

    Returns
    -------
    float array (B,); NaN where no pair with weight counts

    Raises
    ------
    AboveBarError
        If a writer is compared with himself, or a shape does not fit.
    """
    own = right is None
    right = left if own else right
    fits = similarity.shape == counted.shape == (left.shape[1], right.shape[1])
    if not fits or (own and np.diagonal(counted).any()):
        raise AboveBarError(
            "mean_over_drawn_pairs", met=f"pairs {similarity.shape}, {counted.shape} of writers "
            f"{left.shape[1]}, {right.shape[1]}", wanted="one weight a writer, and no self pairs",
            remedy="Take the diagonal out of `counted`.",
        )
    total = ((left @ np.where(counted, similarity, 0)) * right).sum(axis=1)
    number = ((left @ counted.astype(float)) * right).sum(axis=1)
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)


def drawn_within(groups: np.ndarray, n_boot: int, rng: np.random.Generator) -> np.ndarray:
    """Draw writers with replacement within their groups: how often each replicate drew each.

    Parameters
    ----------
    groups : array (n,), the group of each writer

    Returns
    -------
    float array (1 + n_boot, n); the first row is the sample as it is, all ones. In each group the
    weights of a row add up to its number of writers.
    """
    weights = np.ones((1 + n_boot, len(groups)))
    for group in np.unique(groups):
        at = np.flatnonzero(groups == group)
        even = np.full(len(at), 1 / len(at))
        weights[1:, at] = rng.multinomial(len(at), even, size=n_boot)
    return weights
