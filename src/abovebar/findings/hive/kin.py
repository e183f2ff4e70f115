"""Who is kin to whom among models: by pretrained family, by developer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abovebar.findings.hive.answers import PEOPLE
from abovebar.measures.known_mean import known_mean

if TYPE_CHECKING:
    import pandas as pd

# What two models are to each other; a pair of which something is unknown is in no kind but "all".
KINDS = {
    "all": "any two models", "family": "same family", "strangers": "different families",
    "house": "same developer, other family", "outsiders": "different developers",
}


def kin_pairs(models: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return for each of `KINDS` which pairs of models are of it, bool (M, M).

    Parameters
    ----------
    models
        ``family, developer``, empty where unknown (as of people, who are in no pair).
    """
    family, developer = (models[c].to_numpy(str) for c in ("family", "developer"))
    apart = ~np.eye(len(models), dtype=bool)
    machine = (models["model"] != PEOPLE).to_numpy()
    apart &= machine & machine[:, None]
    related, unrelated = _split(family, apart)
    housed, elsewhere = _split(developer, apart)
    return {
        "all": apart, "family": related, "strangers": unrelated, "house": housed & unrelated,
        "outsiders": elsewhere,
    }


def _split(names: np.ndarray, apart: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs with the same name and those with another; unknown names are in neither."""
    known = (names != "") & (names != "")[:, None] & apart
    same = names == names[:, None]
    return known & same, known & ~same


def mean_of_pairs(cube: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Average a cube (P, M, M) over some pairs of models, prompt by prompt: (P,), NaN for none."""
    once = pairs & (np.triu(np.ones_like(pairs)) | ~pairs.T)  # cubes are symmetric
    return known_mean(cube[:, once], axis=1)
