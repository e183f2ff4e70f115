"""Models in the order in which they resemble each other, and whether kin stand side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform

from abovebar.findings.hive.kin import kin_pairs
from abovebar.findings.hive.model_sets import mean_cube
from abovebar.measures.near_identical import nearest_twins

if TYPE_CHECKING:
    from abovebar.findings.hive.bench import HiveBench


def clustered_order(similarity: np.ndarray) -> np.ndarray:
    """Return the models in the order of the leaves of a tree: average linkage on 1 - similarity.

    Of the orders that the tree allows, the one whose neighbours are most alike (Bar-Joseph et al.
    2001).

    Parameters
    ----------
    similarity : float array (M, M), symmetric, M >= 2; the diagonal is not looked at
    """
    distance = 1 - similarity
    np.fill_diagonal(distance, 0)
    flat = squareform(distance, checks=False)
    return leaves_list(optimal_leaf_ordering(linkage(flat, "average"), flat))


def map_rows(bench: HiveBench, dataset: str) -> pd.DataFrame:
    """Return a row an ordered pair of models, a model with itself among them, for a heat map.

    Returns
    -------
    DataFrame
        ``dataset, one, other, place, other_place, family, other_family, value``; `place` is that
        in the order of clustering
    """
    hive = bench.hives[dataset]
    mean, _ = mean_cube(hive.among_machines(bench.cube(dataset)))
    between = mean.copy()
    np.fill_diagonal(between, 1)
    kept = ~np.isnan(between).any(axis=1)
    order = np.flatnonzero(kept)[clustered_order(between[np.ix_(kept, kept)])]
    models = hive.models.iloc[hive.machines]
    label, family = (models[c].to_numpy()[order] for c in ("label", "family"))
    i, j = (x.ravel() for x in np.meshgrid(*[np.arange(len(order))] * 2, indexing="ij"))
    return pd.DataFrame({
        "dataset": dataset, "one": label[i], "other": label[j], "place": i, "other_place": j,
        "family": family[i], "other_family": family[j],
        "value": mean[np.ix_(order, order)].ravel().round(4),
    })


def twins_of_kin(bench: HiveBench, dataset: str) -> dict[str, float]:
    """Return how many models have their nearest twin in their own family, and what chance gives.

    Only models with a relative among the others are asked. By chance, a twin is any other model.

    Returns
    -------
    ``asked, kin, chance``: numbers of models, the last expected
    """
    hive = bench.hives[dataset]
    machines = hive.machines
    related = kin_pairs(hive.models)["family"][np.ix_(machines, machines)]
    asked = np.flatnonzero(related.any(axis=1))
    twin, _ = nearest_twins(mean_cube(hive.among_machines(bench.cube(dataset)))[0])
    return {
        "asked": len(asked), "kin": int(related[asked, twin[asked]].sum()),
        "chance": float((related[asked].sum(axis=1) / (len(machines) - 1)).sum()),
    }
