"""How often a number of one kind lies above a number of another, over all pairs of a cell."""

from __future__ import annotations

import numpy as np

from abovebar.errors import AboveBarError


def chance_above(
    one: np.ndarray, other: np.ndarray, cells: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return the chance that `one` of a row exceeds `other` of a row of its cell: float (B,).

    Over all pairs of rows of a cell, a row paired with itself too, ties counting half: the area
    under the curve of who would tell the two apart by this number alone (Hanley and McNeil 1982),
    and Mann and Whitney's (1947) U over the number of pairs. Pairs of all cells count alike.

    Parameters
    ----------
    one, other : float arrays (n,), as of an altered text and of the sound one it was made from;
        a NaN is left out of the pairs it would be in
    cells : array (n,), what rows are compared within
    weights : float array (B, n), how often each row was drawn; both its numbers come along. A row
        drawn twice is paired with itself twice and not four times: in small cells such pairs,
        which are closer than others, would else weigh more than in the data.

    Raises
    ------
    AboveBarError
        If the lengths differ.
    """
    one, other, cells = (np.asarray(a) for a in (one, other, cells))
    if not len(one) == len(other) == len(cells) == weights.shape[1]:
        raise AboveBarError(
            "chance above", met=f"lengths {len(one)}, {len(other)}, {len(cells)} and weights of "
            f"{weights.shape[1]}", wanted="one length", remedy="Pass columns of one frame.",
        )
    won, pairs = np.zeros(len(weights)), np.zeros(len(weights))
    for cell in np.unique(cells):
        here = cells == cell
        high, low = np.flatnonzero(here & ~np.isnan(one)), np.flatnonzero(here & ~np.isnan(other))
        gap = one[high, None] - other[low]
        above = (gap > 0) + 0.5 * (gap == 0)
        won += np.einsum("bi,bi->b", weights[:, high] @ above, weights[:, low])
        pairs += weights[:, high].sum(axis=1) * weights[:, low].sum(axis=1)
        both = np.flatnonzero(here & ~np.isnan(one) & ~np.isnan(other))
        own = (one[both] > other[both]) + 0.5 * (one[both] == other[both])
        surplus = weights[:, both] * (weights[:, both] - 1)
        won -= surplus @ own
        pairs -= surplus.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.where(pairs > 0, won / np.where(pairs > 0, pairs, 1), np.nan)
