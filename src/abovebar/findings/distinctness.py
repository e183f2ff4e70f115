"""How often two answers of a model differ, prompt by prompt: in words, in syntax, in content.

One minus the mean overlap of two answers is a U-statistic: free of how many answers there are.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.errors import AboveBarError
from abovebar.measures.distinct import distinct_among_usable
from abovebar.measures.pairs import pair_means
from abovebar.measures.tally import NO_BAR, tally
from abovebar.tables.checked_csv import read_checked
from abovebar.tables.harvest import RESPONSE
from abovebar.tables.parquet import read_table
from abovebar.tables.registry import REGISTRIES
from abovebar.texts.pairs import as_overlap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from abovebar.findings.split.claim import Contrast

MEASURES = {
    "lexical_distinctness": "lexical", "syntactic_distinctness": "syntactic",
    "semantic_distinctness": "same",
}
SAME = "same"
CELL = ["prompt_id", "model", "value"]


def shelf(folders: Sequence[str | Path]) -> Callable[[str, str], pd.DataFrame | None]:
    """Return a reader of tables that reads each once; a table that no folder holds is None."""

    @cache
    def read(dataset: str, table: str) -> pd.DataFrame | None:
        if not any((Path(folder) / dataset / f"{table}.parquet").is_file() for folder in folders):
            return None
        found = read_table(folders, dataset, table)
        return as_overlap(found) if table == "pairs" else found

    return read


def load_kinds(root: str | Path) -> pd.DataFrame:
    """Return ``dataset, prompt_id, kind, by``: what a reader or a source says a prompt asks for."""
    return read_checked(Path(root) / "data" / "prompt_kinds.csv", REGISTRIES["prompt_kinds"])


def by_prompt(
    read: Callable, contrast: Contrast, measure: str, *, at_bar: bool = False,
    kinds: pd.DataFrame | None = None, keep: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return how often two answers of each model differ, for every prompt where it is known.

    Parameters
    ----------
    read
        From `shelf`.
    measure
        One of `MEASURES`.
    at_bar
        Take only the answers that reach the contrast's bar; otherwise all, graded or not.
    kinds
        From `load_kinds`; needed where the contrast has a kind.
    keep
        ``prompt_id, model, sample`` of the answers to take; all if None. Overlaps that the tables
        hold for whole sets alone cannot be had for some of their answers: then no row.

    Returns
    -------
    DataFrame
        ``prompt_id, model, value``, value from 0, always the same, to 1, never; without row where
        fewer than two answers are left, or the texts are not public.

    Raises
    ------
    AboveBarError
        If the tables hold no answer of one of the models.
    """
    met = set(read(contrast.dataset, "responses")["model"])
    if missing := [model for model in contrast.models if model not in met]:
        raise AboveBarError(
            f"contrast {contrast.id!r}", met=f"no answer of {missing} in {contrast.dataset!r}",
            wanted="two models that the tables hold", remedy="Correct the names of the models.",
        )
    if at_bar and not contrast.judge:
        return pd.DataFrame(columns=CELL)
    column = MEASURES[measure]
    pairs = read(contrast.dataset, "pairs")
    if column == SAME and contrast.content != SAME:
        values = _by_classes(_samples(read, contrast, at_bar, keep, "classes"))
    elif pairs is not None:
        values = _by_pairs(pairs, _samples(read, contrast, at_bar, keep, "responses"), column)
    elif keep is None and column != SAME:
        values = _by_sets(read, contrast, at_bar, column)
    else:
        return pd.DataFrame(columns=CELL)
    if contrast.kind:
        here = kinds[(kinds["dataset"] == contrast.dataset) & (kinds["kind"] == contrast.kind)]
        values = values[values["prompt_id"].isin(here["prompt_id"])]
    return values.dropna(subset=["value"]).reset_index(drop=True)


def _samples(
    read: Callable, contrast: Contrast, at_bar: bool, keep: pd.DataFrame | None, table: str
) -> pd.DataFrame:
    """Return the answers to take: ``prompt_id, model, sample, quality`` and, of classes, class."""
    rows = read(contrast.dataset, table)
    rows = rows[rows["model"].isin(contrast.models)].assign(quality=0.0)
    if table == "classes":
        rows = rows[rows["partition"] == contrast.content]
    if at_bar:
        scores = read(contrast.dataset, "scores")
        scores = scores[
            (scores["judge"] == contrast.judge) & (scores["score"] >= contrast.bar)
        ]
        rows = rows.merge(scores[RESPONSE], on=RESPONSE)
    return rows if keep is None else rows.merge(keep[RESPONSE], on=RESPONSE)


def _by_pairs(pairs: pd.DataFrame, samples: pd.DataFrame, column: str) -> pd.DataFrame:
    if samples.empty:
        return pd.DataFrame(columns=CELL)
    means = pair_means(pairs, samples, [NO_BAR], column)[:, :, 0]
    return _long(1 - means, np.sort(samples["prompt_id"].unique()), samples["model"])


def _by_classes(samples: pd.DataFrame) -> pd.DataFrame:
    if samples.empty:
        return pd.DataFrame(columns=CELL)
    counted = tally(samples, [NO_BAR])
    chance = distinct_among_usable(counted, 2)[:, :, 0] - 1
    return _long(chance, counted.prompts, samples["model"])


def _by_sets(read: Callable, contrast: Contrast, at_bar: bool, column: str) -> pd.DataFrame:
    sets = read(contrast.dataset, "sets")
    judge, bar = (contrast.judge, contrast.bar) if at_bar else ("none", NO_BAR)
    here = sets["model"].isin(contrast.models) & (sets["judge"] == judge) & (sets["bar"] == bar)
    return sets[here].assign(value=1 - sets[column].astype(float))[CELL]


def _long(values: np.ndarray, prompts: np.ndarray, models: pd.Series) -> pd.DataFrame:
    prompt, model = np.meshgrid(prompts, np.sort(models.unique()), indexing="ij")
    cells = {"prompt_id": prompt.ravel(), "model": model.ravel(), "value": values.ravel()}
    return pd.DataFrame(cells)
