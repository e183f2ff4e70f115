"""The share of prompts above a similarity, and how far it is the similarity's scale that speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from abovebar.findings.hive.answers import PEOPLE
from abovebar.findings.hive.likeness import ALL
from abovebar.findings.hive.model_sets import mean_cube
from abovebar.measures.bootstrap import mean_over_prompts
from abovebar.measures.known_mean import known_mean
from abovebar.measures.near_identical import at_least

if TYPE_CHECKING:
    from collections.abc import Iterable

    from abovebar.findings.hive.bench import HiveBench

THRESHOLDS = tuple(np.round(np.arange(0.3, 0.951, 0.05), 2))
WITHIN, BETWEEN, CHANCE = "one model", "two models", "chance: two models, two prompts"
TWO_PEOPLE, MIXED = "two people", "a model and a person"


def cell_shares(
    bench: HiveBench, dataset: str, name: str = "cosine", thresholds: Iterable[float] = THRESHOLDS
) -> pd.DataFrame:
    """Return how many of the cells lie above each threshold, the paper's kind of count.

    A cell is a prompt and a model, or a prompt and a pair of models; its value the mean similarity
    over the pairs of answers in it.

    Returns
    -------
    DataFrame
        ``dataset, partition, who, k, value, low, high, n_prompts``; `k` is the threshold. Intervals
        are over prompts; chance has none.
    """
    hive, levels = bench.hives[dataset], np.array(list(thresholds))

    def part(cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        own = hive.among_machines(cube).astype(float)
        i, j = np.triu_indices(len(hive.machines), 1)
        return np.diagonal(own, axis1=1, axis2=2), own[:, i, j]

    within, between = part(bench.cube(dataset, ALL, name))
    _, chance = part(bench.chance[dataset][name, "chance"])
    rows = []
    for who, cells in {WITHIN: within, BETWEEN: between, CHANCE: chance}.items():
        if np.isnan(cells).all():
            continue
        share = known_mean(at_least(cells, levels), axis=1)
        found = mean_over_prompts(share, bench.weights(len(share)))
        low, high = found.interval()
        if who == CHANCE:
            low, high = np.full_like(low, np.nan), np.full_like(high, np.nan)
        rows.append(pd.DataFrame({
            "who": who, "k": levels, "value": found.value, "low": low, "high": high,
            "n_prompts": int(bench.open(dataset).sum()),
        }))
    return pd.concat(rows, ignore_index=True).assign(dataset=dataset, partition=name)


def pair_shares(
    bench: HiveBench, dataset: str, name: str = "cosine", thresholds: Iterable[float] = THRESHOLDS
) -> pd.DataFrame:
    """Return how many single pairs of writers lie above each threshold, by who they are.

    Where people wrote too: prompts count equally, pairs within a prompt likewise. No intervals;
    the columns are those of `cell_shares`.
    """
    levels = np.array(list(thresholds))
    kept: dict[str, list[np.ndarray]] = {}
    for who, matrix in bench.writers[dataset][name, ALL]:
        model = who["model"].to_numpy()
        human, alike = model == PEOPLE, model[:, None] == model
        above = np.triu(np.ones_like(alike), 1) & ~np.isnan(matrix)
        kinds = {
            WITHIN: alike & ~human, BETWEEN: ~alike & ~human & ~human[:, None],
            TWO_PEOPLE: human & human[:, None], MIXED: human != human[:, None],
        }
        for kind, chosen in kinds.items():
            values = matrix[chosen & above]
            if len(values):
                kept.setdefault(kind, []).append((values[:, None] >= levels).mean(axis=0))
    rows = [
        pd.DataFrame({"who": kind, "k": levels, "value": np.mean(shares, axis=0)})
        for kind, shares in kept.items()
    ]
    chance = cell_shares(bench, dataset, name, levels).query("who == @CHANCE")
    found = pd.concat([*rows, chance[["who", "k", "value"]]], ignore_index=True)
    return found.assign(
        dataset=dataset, partition=name, low=np.nan, high=np.nan,
        n_prompts=len(bench.writers[dataset][name, ALL]),
    )


def scales(bench: HiveBench, dataset: str, at: float = 0.8) -> pd.DataFrame:
    """Return, by similarity: the levels, the share of cells at least `at`, the ranks of the pairs.

    Returns
    -------
    DataFrame
        ``dataset, partition, chance, between, within, share_within, share_between, ranks`` and
        ``voices``; `ranks` is the rank correlation over pairs of models with the first similarity
        of the bench.
    """
    hive = bench.hives[dataset]
    i, j = np.triu_indices(len(hive.machines), 1)
    rows, first = [], None
    for name in bench.names:
        mean, _ = mean_cube(hive.among_machines(bench.cube(dataset, ALL, name)))
        shares = cell_shares(bench, dataset, name, [at]).set_index("who")["value"]
        levels = {WITHIN: np.diagonal(mean), BETWEEN: mean[i, j]}
        chance = hive.among_machines(bench.chance[dataset][name, "chance"])[:, i, j]
        first = mean[i, j] if first is None else first
        known = ~(np.isnan(first) | np.isnan(mean[i, j]))
        average = {k: float(known_mean(v)) for k, v in levels.items()}
        rows.append({
            "dataset": dataset, "partition": name, "chance": float(known_mean(chance)),
            "between": average[BETWEEN], "within": average[WITHIN],
            "share_within": shares.get(WITHIN, np.nan),
            "share_between": shares.get(BETWEEN, np.nan),
            "voices": average[WITHIN] / average[BETWEEN],
            "ranks": spearmanr(first[known], mean[i, j][known])[0] if known.sum() > 2 else np.nan,
        })
    return pd.DataFrame(rows)
