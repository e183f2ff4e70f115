"""Means over prompts with percentile intervals from a bootstrap over prompts.

The prompt is the unit that is drawn: answers to one prompt are not independent of each other.
One matrix of weights serves every model, bar and budget, so that differences are paired.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from abovebar.errors import AboveBarError

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean over prompts, as found and as bootstrapped.

    Attributes
    ----------
    value : float array (...)
    replicates : float array (B, ...)
    n_prompts : int array (...), the prompts on which the mean is defined
    """

    value: np.ndarray
    replicates: np.ndarray
    n_prompts: np.ndarray

    def interval(self, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
        """Return the percentile interval (Efron and Tibshirani 1993, ch. 13), two arrays (...).

        A replicate that drew no prompt on which the mean is defined says nothing and is passed
        over; where no prompt defines it, the interval is NaN.
        """
        return percentile_interval(self.replicates, level)

    def row(self) -> dict[str, float | int]:
        """Return a single mean as plain numbers: ``value, low, high, n_prompts``."""
        low, high = self.interval()
        return {
            "value": float(self.value), "low": float(low), "high": float(high),
            "n_prompts": int(self.n_prompts),
        }


def percentile_interval(
    replicates: np.ndarray, level: float = LEVEL
) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper percentiles over the first axis, NaN replicates left out."""
    tail = (1 - level) / 2
    wanted = [tail, 1 - tail]
    if not np.isnan(replicates).any():
        # A run of memory is sorted sooner than its percentiles are sought across runs.
        runs = np.array(np.moveaxis(replicates, 0, -1), order="C")
        runs.sort(axis=-1)
        low, high = np.quantile(runs, wanted, axis=-1, overwrite_input=True)
        return low, high
    low = np.full(replicates.shape[1:], np.nan)
    high = low.copy()
    some = ~np.isnan(replicates).all(axis=0)
    if some.any():
        low[some], high[some] = np.nanquantile(replicates[:, some], wanted, axis=0)
    return low, high


def prompt_weights(n_prompts: int, n_boot: int, seed: int) -> np.ndarray:
    """Return how often each replicate drew each prompt: float array (n_boot, n_prompts).

    Raises
    ------
    AboveBarError
        If there is no prompt to draw from or no replicate to make.
    """
    if n_prompts < 1 or n_boot < 1:
        raise AboveBarError(
            "bootstrap", met=f"{n_prompts} prompts, {n_boot} replicates",
            wanted="at least one of each", remedy="Choose a dataset with prompts, and n_boot >= 1.",
        )
    return _drawn(n_prompts, n_boot, seed).astype(float)


@lru_cache(maxsize=8)
def _drawn(n_prompts: int, n_boot: int, seed: int) -> np.ndarray:
    """Draw once what a chapter asks for again and again; callers get copies, of type float."""
    even = np.full(n_prompts, 1 / n_prompts)
    counts = np.random.default_rng(seed).multinomial(n_prompts, even, size=n_boot)
    # No prompt of fewer than 32,000 is drawn oftener than that holds.
    return counts.astype(np.int16 if n_prompts <= np.iinfo(np.int16).max else np.int64)


def mean_over_prompts(values: np.ndarray, weights: np.ndarray) -> Estimate:
    """Average `values` over prompts, leaving out the NaN, and do the same in every replicate.

    Parameters
    ----------
    values : float array (P, ...)
    weights : float array (B, P) from `prompt_weights`
    """
    flat = values.reshape(len(values), -1)
    known = ~np.isnan(flat)
    filled = np.where(known, flat, 0.0)
    shape = values.shape[1:]
    n_prompts = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = filled.sum(axis=0) / n_prompts
        drawn = len(flat) if known.all() else weights @ known.astype(float)
        replicates = (weights @ filled) / drawn
    return Estimate(
        value.reshape(shape), replicates.reshape(len(weights), *shape), n_prompts.reshape(shape)
    )
