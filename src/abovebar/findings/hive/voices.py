"""What pooling brings: voices of m models, and distinct answers of m models, people, or tries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.hive.levels import by_prompt_levels
from abovebar.findings.hive.likeness import ALL
from abovebar.measures.bootstrap import Estimate, mean_over_prompts
from abovebar.measures.voices import pooled_diversity, voices_over_prompts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from abovebar.findings.hive.bench import HiveBench

WHO = {"within": "one model, asked again", "between": "other models", "people": "other people"}
POOLS = tuple(range(1, 21))  # answers pooled, as drawn
TOLD = (2, 5, 20)


def pooled_rows(
    bench: HiveBench, dataset: str, view: str | float = ALL, name: str = "",
    sizes: Iterable[int] = POOLS,
) -> pd.DataFrame:
    """Return the distinct answers that m answers are worth, by whom they come from.

    One answer each: so people, who wrote once, can stand beside models. An answer is wholly like
    itself and as like another as two of its kind are on average: m / (1 + (m - 1) b), with b the
    level of `WHO`; among one model's own answers it is w.

    Returns
    -------
    DataFrame
        ``dataset, partition, bar, who, k, value, low, high, n_prompts``; with writers drawn where
        the data set has people, else prompts.
    """
    if dataset in bench.writers and view == ALL:
        levels = bench.levels(dataset, name)
        found = {who: levels.estimate(getattr(levels, who)) for who in WHO}
        found = {who: e for who, e in found.items() if np.isfinite(e.value)}
    else:
        frame = by_prompt_levels(bench.hives[dataset], bench.cube(dataset, view, name))
        weights = bench.weights(len(frame))
        found = {
            who: mean_over_prompts(frame[who].to_numpy(), weights)
            for who in WHO if frame[who].notna().any()
        }
    rows = [
        {"who": who, "k": k, **_distinct(e, k).row()} for who, e in found.items() for k in sizes
    ]
    bar = view if isinstance(view, float) else np.nan
    terms = {"dataset": dataset, "partition": name or bench.similarity, "bar": bar}
    return pd.DataFrame(rows).assign(**terms)


def voice_rows(
    bench: HiveBench, dataset: str, view: str | float = ALL, name: str = "",
    sizes: Iterable[float] = (*POOLS, np.inf),
) -> pd.DataFrame:
    """Return the voices of m models, and what the last of them added: ``voices``, ``added``.

    Rows as in `pooled_rows`, with a ``measure``; empty where models have one answer each.
    """
    frame = by_prompt_levels(bench.hives[dataset], bench.cube(dataset, view, name))
    pair = frame["within"].to_numpy(), frame["between_same"].to_numpy()
    if not np.isfinite(pair).any():
        return pd.DataFrame()
    sizes = np.array([float(m) for m in sizes])
    weights = bench.weights(len(frame))
    at = voices_over_prompts(*pair, sizes, weights)
    one_less = voices_over_prompts(*pair, np.maximum(sizes - 1, 1), weights)
    added = Estimate(
        at.value - one_less.value, at.replicates - one_less.replicates, at.n_prompts
    )
    rows = []
    for measure, estimate in {"voices": at, "added": added}.items():
        low, high = estimate.interval()
        for i, k in enumerate(sizes):
            rows.append({
                "measure": measure, "k": k, "value": estimate.value[i], "low": low[i],
                "high": high[i], "n_prompts": int(estimate.n_prompts),
            })
    bar = view if isinstance(view, float) else np.nan
    found = pd.DataFrame(rows)
    found = found[(found["measure"] == "voices") | ((found["k"] > 1) & np.isfinite(found["k"]))]
    return found.assign(dataset=dataset, partition=name or bench.similarity, bar=bar)


def _distinct(between: Estimate, k: int) -> Estimate:
    """Return the distinct answers that `k` are worth whose likeness to each other is `between`."""
    return Estimate(
        pooled_diversity(1, between.value, k), pooled_diversity(1, between.replicates, k),
        between.n_prompts,
    )
