"""The bar and the composition of what passes it; likeness by what the prompt asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.hive.kin import kin_pairs
from abovebar.findings.hive.levels import by_prompt_levels
from abovebar.findings.hive.likeness import ALL
from abovebar.measures.bootstrap import Estimate, mean_over_prompts

if TYPE_CHECKING:
    from abovebar.findings.hive.bench import HiveBench


def adjusted_change(
    everything: np.ndarray, usable: np.ndarray, weights: np.ndarray
) -> Estimate:
    """Return how much more alike two usable answers are, given the prompt and the pair of models.

    For data sets with one answer each, where usable answers cannot be compared with all of the
    same two models' answers to the same prompt, for there are no others. Least squares with an
    effect of every prompt and of every pair: ``s_pj = a_p + b_j + c u_pj``, with u telling whether
    both answers pass.

    Parameters
    ----------
    everything : float array (P, J), similarities of pairs of models; without NaN
    usable : bool array (P, J)
    weights : float array (B, P)

    Returns
    -------
    Estimate of c; NaN where u does not vary within prompts and pairs
    """
    usable = usable.astype(float)
    draws = np.vstack([np.ones(len(usable)), weights])
    slopes = np.full(len(draws), np.nan)
    # Effects of prompts go first, once for all draws; those of pairs depend on the prompts drawn.
    s = everything - everything.mean(axis=1, keepdims=True)
    u = usable - usable.mean(axis=1, keepdims=True)
    n = draws.sum(axis=1)
    mean_s, mean_u = (draws @ x / n[:, None] for x in (s, u))
    us = draws @ (u * s).sum(axis=1) - n * (mean_u * mean_s).sum(axis=1)
    uu = draws @ (u * u).sum(axis=1) - n * (mean_u**2).sum(axis=1)
    np.divide(us, uu, out=slopes, where=uu > 1e-9)
    return Estimate(slopes[0], slopes[1:], np.array(int((usable.any(axis=1)).sum())))


def bar_given_pair(bench: HiveBench, dataset: str, bar: float, name: str = "") -> Estimate:
    """Return `adjusted_change` of one data set, of the models that were graded."""
    hive = bench.hives[dataset]
    graded = hive.answers.groupby("number")["quality"].apply(lambda q: q.notna().all())
    keep = np.array([bool(graded.get(i, False)) for i in range(len(hive.models))])
    keep[np.setdiff1d(np.arange(len(keep)), hive.machines)] = False
    pairs = np.triu(kin_pairs(hive.models)["all"] & keep & keep[:, None])
    everything = bench.cube(dataset, ALL, name)[:, pairs].astype(float)
    usable = ~np.isnan(bench.cube(dataset, bar, name)[:, pairs])
    whole = ~np.isnan(everything).any(axis=0)
    weights = bench.weights(len(everything))
    return adjusted_change(everything[:, whole], usable[:, whole], weights)


def by_kind(bench: HiveBench, dataset: str, least: int = 5) -> pd.DataFrame:
    """Return the levels and the voices by what the prompts ask for, closed ones included.

    Returns
    -------
    DataFrame
        ``dataset, kind, measure, value, low, high, n_prompts``: kinds of `least` prompts or more
    """
    hive = bench.hives[dataset]
    cube = bench.cubes[dataset][bench.similarity, ALL]
    frame = by_prompt_levels(hive, cube)
    kinds = hive.kinds.fillna("").to_numpy()
    rows = []
    for kind in pd.unique(kinds):
        own = frame[kinds == kind]
        if len(own) < least or not kind:
            continue
        for measure in ("within", "between"):
            found = mean_over_prompts(own[measure].to_numpy(), bench.weights(len(own)))
            if found.n_prompts:
                rows.append({"dataset": dataset, "kind": kind, "measure": measure, **found.row()})
    return pd.DataFrame(rows)
