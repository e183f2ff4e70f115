"""Which few models to ask: the most varied sets, also on prompts they were not sought on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.hive.likeness import ALL
from abovebar.measures.ensemble import best_sets, most_varied
from abovebar.measures.known_mean import known_mean
from abovebar.measures.voices import pooled_diversity, within_between

if TYPE_CHECKING:
    from abovebar.findings.hive.bench import HiveBench


def mean_cube(cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average a cube (P, M, M) over prompts; also which models have every mean, bool (M,).

    A model that lacks a pair, within itself or with another, is left out, the one that lacks most
    first.
    """
    mean = known_mean(cube, axis=0)
    kept = np.ones(len(mean), dtype=bool)
    while np.isnan(mean[np.ix_(kept, kept)]).any():
        lacking = np.isnan(mean[:, kept]).sum(axis=1)
        kept[np.where(kept, lacking, -1).argmax()] = False
    return mean, kept


def chosen_sets(bench: HiveBench, dataset: str, view: str | float = ALL,
                sizes: tuple[int, ...] = (2, 3, 4, 5)) -> pd.DataFrame:
    """Return the best, the greedy, the worst and the average set of each size.

    Every kind of set is given three numbers: its distinct answers and its voices on all prompts,
    on which it was sought; and its distinct answers on the half of the prompts (every other one)
    on which it was not sought, both halves taken in turn.

    Returns
    -------
    DataFrame
        ``dataset, bar, size, kind, members, gamma, voices, held_out``; `gamma` is the effective
        number of answers of the pool (order 2), `voices` that over the mean of its members alone.
    """
    hive = bench.hives[dataset]
    cube = hive.among_machines(bench.cube(dataset, view))
    mean, kept = mean_cube(cube)
    halves = [mean_cube(cube[start::2]) for start in (0, 1)]
    kept &= halves[0][1] & halves[1][1]
    names = hive.models["label"].to_numpy()[hive.machines][kept]
    whole, *parts = (m[np.ix_(kept, kept)] for m in (mean, *(h[0] for h in halves)))
    rows = []
    for size in (s for s in sizes if s <= len(names)):
        found = dict(zip(("best", "worst"), best_sets(whole, size)[0], strict=True))
        found["greedy"] = np.sort(most_varied(whole, size)[0])
        sought = [dict(zip(("best", "worst"), best_sets(p, size)[0], strict=True)) for p in parts]
        for one, p in zip(sought, parts, strict=True):
            one["greedy"] = most_varied(p, size)[0]
        for kind, members in found.items():
            elsewhere = np.mean([
                _mean(parts[1 - i], sought[i][kind]) for i in (0, 1)
            ])
            rows.append(_row(whole, members) | {
                "size": size, "kind": kind, "members": ", ".join(names[members]),
                "held_out": float(pooled_diversity(elsewhere, elsewhere, 1)),
            })
        within, between = within_between(whole)
        gamma = float(pooled_diversity(within, between, size))
        rows.append({
            "size": size, "kind": "at random", "members": "", "gamma": gamma,
            "voices": gamma * float(within), "held_out": gamma,
        })
    bar = view if isinstance(view, float) else np.nan
    return pd.DataFrame(rows).assign(dataset=dataset, bar=bar, n_models=len(names))


def _mean(similarity: np.ndarray, members: np.ndarray) -> float:
    return float(similarity[np.ix_(members, members)].mean())


def _row(similarity: np.ndarray, members: np.ndarray) -> dict[str, float]:
    mean = _mean(similarity, members)
    gamma = float(pooled_diversity(mean, mean, 1))
    return {"gamma": gamma, "voices": gamma * float(np.diagonal(similarity)[members].mean())}
