"""Do newer models resemble each other more? Pairs of models against the date of their release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from abovebar.findings.hive.kin import kin_pairs
from abovebar.measures.bootstrap import Estimate, mean_over_prompts
from abovebar.measures.drawn_pairs import drawn_within

if TYPE_CHECKING:
    from abovebar.findings.hive.bench import HiveBench

STEP = 200  # replicates at a time: pairs of 145 models are many


def pair_slopes(
    pairs: np.ndarray, predictors: np.ndarray, similarity: np.ndarray, by_prompt: np.ndarray,
    by_model: np.ndarray,
) -> np.ndarray:
    """Return the weighted least-squares coefficients of pairs' similarity, replicate by replicate.

    Pairs that share a model are not independent. So models are drawn, and a pair weighs the
    product of its two models' weights (the node bootstrap of Snijders and Borgatti 1999, pairs of
    a model with itself left out); prompts are drawn as well.

    Parameters
    ----------
    pairs : int array (N, 2), the models of each pair
    predictors : float array (N, K), a column of ones among them
    similarity : float array (P, N); NaN where a model did not answer
    by_prompt : float array (B, P), weights
    by_model : float array (B, M), weights

    Returns
    -------
    float array (B, K)
    """
    weight = by_model[:, pairs[:, 0]] * by_model[:, pairs[:, 1]]
    mean = mean_over_prompts(similarity, by_prompt).replicates
    mean, weight = np.nan_to_num(mean), np.where(np.isnan(mean), 0, weight)
    n, k = predictors.shape
    squares = (predictors[:, :, None] * predictors[:, None, :]).reshape(n, k * k)
    design = (weight @ squares).reshape(-1, k, k)
    return np.linalg.solve(design, ((weight * mean) @ predictors)[..., None])[..., 0]


def release_slopes(bench: HiveBench, dataset: str) -> pd.DataFrame:
    """Return what a year later is worth in likeness of two models, three ways.

    The date of a pair is the mean of its two. ``all``: as it is; ``as long``: with the pair's mean
    length and its gap in length (logarithms of words) held equal; ``strangers``: as the second, of
    models of different families alone.

    Returns
    -------
    DataFrame
        ``dataset, contrast, value, low, high, n_prompts, n_models``; empty with fewer than ten
        models of known date.
    """
    hive, cube = bench.hives[dataset], bench.cube(dataset)
    year = hive.models["year"].to_numpy(float)
    dated = np.flatnonzero(~np.isnan(year))
    if len(dated) < 10:
        return pd.DataFrame()
    own = hive.answers.groupby("number")["n_words"].apply(lambda n: np.log(n.clip(lower=1)).mean())
    words = own.reindex(range(len(year))).to_numpy(float)
    i, j = (dated[x] for x in np.triu_indices(len(dated), 1))
    date = (year[i] + year[j]) / 2
    both, gap = words[i] + words[j], np.abs(words[i] - words[j])
    columns = np.stack([np.ones(len(i)), date - date.mean(), both, gap], axis=1)
    apart = kin_pairs(hive.models)["strangers"][i, j]
    rng = np.random.default_rng(bench.seed)
    models = np.zeros((1 + bench.n_boot, len(year)))
    models[:, dated] = drawn_within(np.zeros(len(dated)), bench.n_boot, rng)
    prompts = np.vstack([np.ones(len(cube)), bench.weights(len(cube))])
    rows = []
    for contrast, (kept, terms) in {
        "all": (np.ones(len(i), dtype=bool), 2), "as long": (np.ones(len(i), dtype=bool), 4),
        "strangers": (apart, 4),
    }.items():
        pairs = np.stack([i, j], axis=1)[kept]
        with threadpool_limits(1):
            slope = np.concatenate([
                pair_slopes(
                    pairs, columns[kept, :terms], cube[:, i[kept], j[kept]].astype(float),
                    prompts[at : at + STEP], models[at : at + STEP],
                )[:, 1]
                for at in range(0, len(prompts), STEP)
            ])
        found = Estimate(slope[0], slope[1:], np.array(len(cube)))
        rows.append({
            "dataset": dataset, "contrast": contrast, **found.row(), "n_models": len(dated),
        })
    return pd.DataFrame(rows)
