"""Choose few models that together answer as variously as possible."""

from __future__ import annotations

from itertools import chain, combinations
from math import comb

import numpy as np

from abovebar.errors import AboveBarError
from abovebar.measures.voices import pooled_diversity

MOST_SETS = 2_000_000


def most_varied(similarity: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Choose models one after the other, each the one that leaves the pool most varied.

    A heuristic. The best set of a given size is a max-sum dispersion problem, which is NP-hard,
    and the guarantee for greedy choice of Nemhauser et al. (1978) does not hold: the pooled
    diversity is neither monotone (a dull model makes a pool duller) nor submodular (a new voice
    can be worth more in a larger pool). The guarantee for dispersion of Borodin et al. (2012)
    wants one minus the similarity to be a metric, which one minus the cosine is not.

    Parameters
    ----------
    similarity : float array (M, M), symmetric, mean similarities within (diagonal) and between
    size : how many to choose, 1 to M

    Returns
    -------
    order : int array (size,), the models as chosen; ties go to the first
    diversity : float array (size,), gamma at q = 2 of the pool so far, models weighing equally

    Raises
    ------
    AboveBarError
        If a similarity is NaN or `size` is out of range.
    """
    own = np.diagonal(similarity)
    if np.isnan(similarity).any() or not 1 <= size <= len(own):
        raise AboveBarError(
            "most_varied", met=f"size {size}, {int(np.isnan(similarity).sum())} NaN of "
            f"{similarity.shape}", wanted=f"a size from 1 to {len(own)}, and no NaN",
            remedy="Leave out the models with fewer than two usable answers.",
        )
    order, sums, total, shared = [], [], 0.0, np.zeros(len(own))
    for _ in range(size):
        added = own + 2 * shared
        added[order] = np.inf
        order.append(int(added.argmin()))
        total += added[order[-1]]
        sums.append(total)
        shared += similarity[order[-1]]
    mean = np.array(sums) / np.arange(1, size + 1) ** 2
    return np.array(order), pooled_diversity(mean, mean, 1)


def best_sets(similarity: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the most and the least varied set of a size by looking at every one.

    What `most_varied` cannot promise: these are the best and the worst.

    Parameters
    ----------
    similarity : float array (M, M), as in `most_varied`
    size : how many in a set, 1 to M

    Returns
    -------
    members : int array (2, size), the most varied set and the least, each in rising order; of
        sets that tie, the first in lexicographic order
    diversity : float array (2,), gamma at q = 2 of each, models weighing equally

    Raises
    ------
    AboveBarError
        As `most_varied`, or if there are more than `MOST_SETS` sets.
    """
    n_models = len(similarity)
    n_sets = comb(n_models, size) if 1 <= size <= n_models else 0
    if np.isnan(similarity).any() or not 1 <= n_sets <= MOST_SETS:
        raise AboveBarError(
            "best_sets", met=f"{n_sets:,} sets of {size} out of {n_models}, "
            f"{int(np.isnan(similarity).sum())} NaN", wanted=f"1 to {MOST_SETS:,} sets, and no NaN",
            remedy="Take smaller sets, or `most_varied`.",
        )
    flat = chain.from_iterable(combinations(range(n_models), size))
    sets = np.fromiter(flat, dtype=np.int16, count=n_sets * size).reshape(n_sets, size)
    total = similarity[sets, sets].sum(axis=1)
    for i, j in combinations(range(size), 2):
        total += 2 * similarity[sets[:, i], sets[:, j]]
    ends = np.array([total.argmin(), total.argmax()])
    mean = total[ends] / size**2
    return sets[ends].astype(int), pooled_diversity(mean, mean, 1)
