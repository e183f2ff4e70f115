"""How far each piece lies from the others to its prompt, by one of several similarities."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.errors import AboveBarError
from abovebar.findings.surprise.juries import PIECE
from abovebar.measures.novelty import mean_distance, nearest_distance
from abovebar.sameness.same_answer import load_same_answer
from abovebar.sameness.similarity import MATRICES, similarity
from abovebar.tables.pooled import pooled_answers
from abovebar.tables.vectors import load_vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

SIMILARITIES = ("cosine", "same", "words")


def distances(
    folders: Sequence[str | Path], dataset: str, similarity_by: str, models: list[str]
) -> pd.DataFrame:
    """Return ``prompt_id, model, sample, nearest, mean_distance`` among all pieces of a prompt.

    Parameters
    ----------
    similarity_by
        One of `SIMILARITIES`: ``cosine`` of vectors; ``same``, the chance that people call two the
        same; ``words`` shared. A distance is one less it.
    models
        Whose pieces are measured, and are others to each other.

    Raises
    ------
    AboveBarError
        If the similarity is unknown, or the tables lack what it needs.
    """
    if similarity_by not in SIMILARITIES:
        raise AboveBarError(
            "similarity", met=similarity_by, wanted=f"one of {SIMILARITIES}",
            remedy="Correct the parameter.",
        )
    if similarity_by == "cosine":
        keys, vectors = load_vectors(folders, dataset, models)
        prompts, names = keys["prompt_id"], keys["model"]
        return keys.assign(
            nearest=nearest_distance(vectors, prompts, names),
            mean_distance=mean_distance(vectors, prompts, names),
        )
    rule, kinds = None, ["words"]
    if similarity_by == "same":
        calibration = next(p for f in folders
                           if (p := _calibration(f)).is_file())
        rule = load_same_answer(calibration).rules["across"]
        kinds = [name.removeprefix("sketched ") for name in rule.features if "sketched" in name]
    parts = []
    for _, answers in pooled_answers(folders, dataset, kinds, models).groupby("prompt_id"):
        alike = MATRICES["sketched words"](answers) if rule is None else similarity(answers, rule)
        apart = 1 - alike
        np.fill_diagonal(apart, np.inf)
        nearest = apart.min(axis=1)
        np.fill_diagonal(apart, 0)
        mean = apart.sum(axis=1) / max(len(apart) - 1, 1)
        parts.append(answers[PIECE].assign(nearest=nearest, mean_distance=mean))
    return pd.concat(parts, ignore_index=True)


def _calibration(folder: str | Path) -> Path:
    return Path(folder).parent / "calibration" / "same_answer.json"
