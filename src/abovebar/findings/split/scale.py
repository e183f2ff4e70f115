"""How far two domains part depends on the scale that "how far" is measured on.

Where the base model's answers hardly ever agree, there is room to fall and none to rise, and a
small fall is a many-fold growth of what two answers share. A difference of differences has no
sense apart from its scale, so it is shown on three.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.distinctness import MEASURES
from abovebar.findings.split.leads import ARMS, LEAST
from abovebar.findings.split.rivals import near_equal_length
from abovebar.measures.bootstrap import mean_over_prompts, percentile_interval, prompt_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from abovebar.findings.split.claim import Contrast
    from abovebar.findings.split.leads import SplitBench

# From the mean distinctness of the tuned model and of its parent; above zero where the tuned model
# is the more varied.
SCALES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "difference": lambda tuned, parent: tuned - parent,
    "log distinctness": lambda tuned, parent: np.log(tuned / parent),
    "log overlap": lambda tuned, parent: np.log((1 - parent) / (1 - tuned)),
}


def arm_means(values: pd.DataFrame, n_boot: int, seed: int) -> np.ndarray:
    """Return the means of both arms: as found, then the replicates; float array (1 + n_boot, 2).

    Parameters
    ----------
    values
        From `abovebar.findings.split.leads.SplitBench.values`.
    """
    wide = values.pivot_table(index="prompt_id", columns="arm", values="value")[list(ARMS)]
    means = mean_over_prompts(wide.to_numpy(), prompt_weights(len(wide), n_boot, seed))
    return np.vstack([means.value[None], means.replicates])


def parted(
    bench: SplitBench, first: Contrast, second: Contrast, measure: str, scale: str, *,
    at_bar: bool = False, near_equal: bool = False,
) -> dict[str, float] | None:
    """Return the first contrast's effect less the second's: ``value, low, high, n_prompts``.

    None where either is not known on at least two prompts. `near_equal` takes only the prompts on
    which both models' answers are as many and nearly as long.
    """
    # A seed of its own for each: their prompts are drawn independently.
    sides = [
        _side(bench, c, measure, at_bar, near_equal, bench.seed + shift)
        for shift, c in enumerate((first, second))
    ]
    sizes = [n for n, _ in sides]
    if min(sizes) < LEAST:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (SCALES[scale](means[:, 0], means[:, 1]) for _, means in sides)
        gap = one - other
    low, high = percentile_interval(gap[1:])
    return {
        "value": float(gap[0]), "low": float(low), "high": float(high), "n_prompts": min(sizes)
    }


def _side(
    bench: SplitBench, contrast: Contrast, measure: str, at_bar: bool, near_equal: bool, seed: int
) -> tuple[int, np.ndarray | None]:
    """Return the prompts and the means of one contrast; kept, since every scale asks for them."""
    key = ("means", contrast, measure, at_bar, near_equal, seed)
    if key not in bench.kept:
        prompts = near_equal_length(bench.read, contrast) if near_equal else None
        values = bench.values(contrast, measure, at_bar=at_bar, prompts=prompts)
        n = values["prompt_id"].nunique()
        means = arm_means(values, bench.n_boot, seed) if n >= LEAST else None
        bench.kept[key] = (n, means)
    return bench.kept[key]


def split_specifications(
    bench: SplitBench, firsts: Iterable[Contrast], seconds: Iterable[Contrast]
) -> pd.DataFrame:
    """Return the split by every pair of contrasts, measure, scale, bar and length.

    Returns
    -------
    DataFrame
        ``first, second, measure, scale, bar, length, value, low, high, n_prompts``; what the tables
        cannot tell has no row.
    """
    rows = []
    for first, second in product(firsts, seconds):
        for measure, scale, at_bar, near in product(MEASURES, SCALES, (False, True), (False, True)):
            found = parted(
                bench, first, second, measure, scale, at_bar=at_bar, near_equal=near
            )
            if found and np.isfinite([found["low"], found["high"]]).all():
                rows.append(
                    {
                        "first": first.id, "second": second.id, "measure": measure, "scale": scale,
                        "bar": "at the bar" if at_bar else "none",
                        "length": "nearly equal" if near else "any", **found,
                    }
                )
    return pd.DataFrame(rows)
