"""Automatic measures of a piece beside what a jury says of it.

None of them reads as a reader does. What each measures is in `MEASURES`, in the words of the
figures; all but length are reported somewhere as novelty, surprise or diversity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from abovebar.findings.surprise.juries import PIECE, asked_for, cells_of, describe, mean_marks
from abovebar.findings.surprise.piece_distances import distances
from abovebar.regression.within_ranks import rank_correlation

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from pathlib import Path

MEASURES = {
    "auto/surprise": "source's “surprise”",  # change from sentence to sentence
    "auto/novelty": "source's “novelty”",  # strayed from all stories
    "auto/dsi": "spread of word meanings",
    "auto/inverse-homogenization": "source's distance to others",
    "auto/theme-uniqueness": "source's rareness of theme",
    "auto/n-gram-diversity": "distinct n-grams",
    "auto/object-distance": "distance from the object",
    "surprisal": "surprisal",
    "unknown": "unknown words",
    "sentence_step": "sentence steps",
    "nearest": "nearest other",
    "mean_distance": "mean distance to others",
    "length": "length",
}


def measured(
    read: Callable, models: pd.DataFrame, folders: Sequence[str | Path], dataset: str, *,
    similarity_by: str = "cosine", without: Collection[str] = (),
) -> pd.DataFrame | None:
    """Return one row a piece and a column a measure of `MEASURES` that the data set has.

    Parameters
    ----------
    similarity_by
        What "nearest other" is measured by: see
        `abovebar.findings.surprise.piece_distances.distances`.

    Returns
    -------
    DataFrame
        ``piece, group, prompt_id, model, sample, writer`` and the measures; None where the tables
        hold no features of this data set.

    Raises
    ------
    AboveBarError
        If the similarity is unknown.
    """
    features = read(dataset, "features")
    if features is None:
        return None
    kept = features.loc[~features["model"].isin(without),
                        [*PIECE, "surprisal", "unknown", "sentence_step", "n_tokens"]]
    pieces = kept.rename(columns={"n_tokens": "length"})
    scores = read(dataset, "scores")
    if scores is not None:
        own = scores[scores["judge"].isin(MEASURES)]
        wide = own.pivot_table(index=PIECE, columns="judge", values="score").reset_index()
        pieces = pieces.merge(wide, on=PIECE, how="left")
    present = sorted(set(pieces["model"]))
    found = distances(folders, dataset, similarity_by, present)
    pieces = pieces.merge(found, on=PIECE, how="left", validate="one_to_one")
    numbers = [c for c in MEASURES if c in pieces and pieces[c].notna().any()]
    pieces = pieces[PIECE].join(pieces[numbers].astype(float))
    return describe(pieces, read, models, dataset)


def correlations(
    pieces: pd.DataFrame, sheets: pd.DataFrame, measures: Iterable[str] | None = None, *,
    n_boot: int, seed: int, unit: str = "piece", groups: Collection[str] = (),
    beside: str | None = None,
) -> pd.DataFrame:
    """Return the rank correlation of each measure with each criterion, within groups and prompts.

    Ranks, so that no transformation has to be chosen. Cells are people and models apart, and
    prompts apart where they have pieces enough (`abovebar.findings.surprise.juries.cells_of`).

    Parameters
    ----------
    pieces
        Of `measured`.
    sheets
        A jury's; the mean mark of a piece is what is correlated.
    unit
        What is drawn: ``piece``, or ``writer`` of several.
    groups
        People or models alone; both, within each, if empty.
    beside
        A measure to hold fixed, such as ``length``.

    Returns
    -------
    DataFrame
        ``by, criterion, value, low, high, n``; without row where fewer than three pieces have both.
    """
    marks = mean_marks(sheets)
    chosen = [m for m in (measures or MEASURES) if m in pieces and m != beside]
    joined = marks.merge(pieces.drop(columns=["group", *PIECE, "writer"]), on="piece")
    if groups:
        joined = joined[joined["group"].isin(groups)]
    cells = cells_of(marks)
    rows = []
    for measure in chosen:
        for criterion in asked_for(sheets):
            named = [measure, criterion] + [beside] * (beside is not None)
            if len(joined.dropna(subset=named)) < 3:
                continue
            found = rank_correlation(
                joined, measure, criterion, cells, unit, n_boot=n_boot, seed=seed, beside=beside,
            )
            rows.append({"by": measure, "criterion": criterion, **found})
    return pd.DataFrame(rows, columns=["by", "criterion", "value", "low", "high", "n"])


def as_marks(pieces: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return a measure in the form of a jury's sheets: one rater, whose surprise it is.

    Less the mean of its prompt, so that people's and models' pieces are compared within prompts.
    """
    own = pieces.dropna(subset=[measure])
    level = own.groupby("prompt_id")[measure].transform("mean")
    keys = own[["piece", "group", *PIECE, "writer"]]
    return keys.assign(rater=measure, surprise=own[measure] - level)
