"""How far raters agree on surprise, with what it goes, and what that leaves to be told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.errors import AboveBarError
from abovebar.findings.surprise.juries import GROUPS, asked_for, centred
from abovebar.findings.verdicts import FEWEST_PROMPTS
from abovebar.measures.bootstrap import percentile_interval, prompt_weights
from abovebar.regression.attenuation import correct_apart, correct_together
from abovebar.regression.reliability import one_way

if TYPE_CHECKING:
    from collections.abc import Iterator

WHOLE = "all"


def by_population(sheets: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the sheets of all, of people and of models, marks less the mean of their cell.

    What lies between people and models goes into the first; in the other two nothing of it does.
    """
    yield WHOLE, centred(sheets)
    within = centred(sheets, by_group=True)
    for group in GROUPS[::-1]:
        yield group, within[within["group"] == group]


def reliability_rows(sheets: pd.DataFrame, *, n_boot: int, seed: int) -> pd.DataFrame:
    """Return how far raters agree on each criterion, over all pieces and within each group.

    Where a few raters marked everything, each one's severity is taken out first, which makes
    these the consistency of Shrout and Fleiss (1979), ICC(3,1) and ICC(3,k).

    Returns
    -------
    DataFrame
        ``criterion, population, measure, value, low, high, n_targets, n_ratings, k``, rows of
        "one rating" and "mean rating"; none where no piece has two marks.
    """
    parts = []
    for population, own in by_population(sheets):
        for criterion in asked_for(sheets):
            try:
                rows = one_way(own, n_boot=n_boot, seed=seed, target="piece", score=criterion)
            except AboveBarError:
                continue
            parts.append(rows.assign(criterion=criterion, population=population))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def ceilings(sheets: pd.DataFrame, *, n_boot: int, seed: int) -> pd.DataFrame:
    """Return the most that anything can correlate with a jury's mean marks, within groups.

    The root of the reliability of the mean, within people and models and, where they have pieces
    enough, within prompts; nought where raters agree by no more than chance.

    Returns
    -------
    DataFrame
        ``criterion, value, low, high, n``; none where no piece has two marks.
    """
    within, rows = centred(sheets, by_group=True), []
    for criterion in asked_for(sheets):
        try:
            found = one_way(within, n_boot=n_boot, seed=seed, target="piece", score=criterion)
        except AboveBarError:
            continue
        mean = found[found["measure"] == "mean rating"].iloc[0]
        roots = {c: float(np.sqrt(max(mean[c], 0))) for c in ("value", "low", "high")}
        rows.append({"criterion": criterion, **roots, "n": int(mean["n_targets"])})
    return pd.DataFrame(rows, columns=["criterion", "value", "low", "high", "n"])


def shared_rows(
    sheets: pd.DataFrame, x: str, y: str, *, n_boot: int, seed: int
) -> pd.DataFrame:
    """Return two criteria's correlation as marked, and freed of raters' errors and halo.

    Returns
    -------
    DataFrame
        ``population, measure, value, low, high, n_targets``, the measures of
        `abovebar.regression.attenuation.correct_together`; none where no piece has two marks.
    """
    parts = []
    for population, own in by_population(sheets):
        if not own.duplicated("piece").any():
            continue
        try:
            found = correct_together(own, x, y, n_boot=n_boot, seed=seed, target="piece")
        except AboveBarError:  # fewer than three pieces
            continue
        parts.append(found.rows.assign(population=population))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def across_juries(
    one: pd.DataFrame, other: pd.DataFrame, *, n_boot: int, seed: int
) -> pd.DataFrame:
    """Return how two juries' marks on one criterion correlate over the pieces both marked.

    Returns
    -------
    DataFrame
        ``criterion, population, measure, value, low, high, n_targets``, the measures of
        `abovebar.regression.attenuation.correct_apart`.
    """
    parts = []
    for (population, a), (_, b) in zip(by_population(one), by_population(other), strict=True):
        for criterion in asked_for(one):
            sides = (side[["piece", criterion]] for side in (a, b))
            found = correct_apart(
                *sides, n_boot=n_boot, seed=seed, target="piece", score=criterion
            )
            parts.append(found.rows.assign(criterion=criterion, population=population))
    return pd.concat(parts, ignore_index=True)


def by_mark(
    sheets: pd.DataFrame, given: str, said: str, *, n_boot: int, seed: int
) -> pd.DataFrame:
    """Return what other raters said of pieces to which one rater gave each mark.

    Parameters
    ----------
    given, said
        Criteria: of the one rater, and of the others.

    Returns
    -------
    DataFrame
        ``group, mark, value, low, high, n``: the mean of the others' marks, by people's and
        models' pieces, with a bootstrap over pieces; marks given to fewer than `FEWEST_PROMPTS`
        pieces are left out.
    """
    one = sheets[["piece", "group", "rater", given]].rename(columns={given: "mark"})
    other = sheets[["piece", "rater", said]].rename(columns={"rater": "other", said: "said"})
    pairs = one.merge(other, on="piece")
    pairs = pairs[pairs["rater"] != pairs["other"]]
    rows = []
    for group in GROUPS[::-1]:
        for mark, own in pairs[pairs["group"] == group].groupby("mark"):
            each = own.groupby("piece")["said"].agg(["sum", "size"]).to_numpy(dtype=float)
            if len(each) < FEWEST_PROMPTS:
                continue
            drawn = prompt_weights(len(each), n_boot, seed) @ each
            low, high = percentile_interval(drawn[:, 0] / drawn[:, 1])
            rows.append({
                "group": group, "mark": mark, "value": own["said"].mean(), "low": float(low),
                "high": float(high), "n": len(each),
            })
    return pd.DataFrame(rows, columns=["group", "mark", "value", "low", "high", "n"])
