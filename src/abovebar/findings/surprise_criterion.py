"""What a mark for surprise measures: how far raters agree on it, and what it adds to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.errors import AboveBarError
from abovebar.findings.juries import GROUPS, asked_for, centred, mean_marks
from abovebar.findings.verdicts import FEWEST_PROMPTS
from abovebar.measures.bootstrap import percentile_interval, prompt_weights
from abovebar.regression.attenuation import correct_apart, correct_together
from abovebar.regression.clustered import fit_clustered
from abovebar.regression.components import components, moments
from abovebar.regression.dominance import Dominance, dominance
from abovebar.regression.explained import variance_inflation
from abovebar.regression.reliability import one_way

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHERS = ["originality", "value", "surprise"]
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


def other_raters(sheets: pd.DataFrame) -> pd.DataFrame:
    """Return every ordered pair of raters of a piece: one's marks, and the other's creativity.

    Marks are less the mean of their cell and in standard deviations of a mark. One rater's own
    marks share a halo, which makes each criterion seem to explain the others; another rater's do
    not.
    """
    own = centred(sheets)
    criteria = asked_for(own)
    own = own.assign(**(own[criteria] / own[criteria].std(ddof=0)))
    said = own[["piece", "rater", "creativity"]].rename(
        columns={"rater": "other", "creativity": "creativity_by_other"}
    )
    pairs = own.merge(said, on="piece")
    return pairs[pairs["rater"] != pairs["other"]].reset_index(drop=True)


def surprise_adds(sheets: pd.DataFrame) -> pd.DataFrame:
    """Regress another rater's creativity on one rater's originality, value and surprise.

    Errors are clustered by piece and, where ten raters or more are there to be clustered by, by
    the rater whose creativity it is.

    Returns
    -------
    DataFrame
        As `abovebar.regression.clustered.fit_clustered` returns it, in standard deviations.
    """
    pairs = other_raters(sheets)
    clusters = ["piece", "other"] if pairs["other"].nunique() >= 10 else ["piece"]
    found = fit_clustered(pairs, "creativity_by_other", OTHERS, clusters)
    return found.assign(n_clusters=pairs["piece"].nunique())


def adds_without_error(sheets: pd.DataFrame, *, n_boot: int, seed: int) -> pd.DataFrame:
    """Return what each criterion adds to creativity between pieces, free of raters' errors.

    A mark is an uncertain sign of what it stands for, so that a criterion can seem to add
    something merely because the others were marked with error (Westfall and Yarkoni 2016). These
    are the coefficients of the variance components between pieces, standardised; intervals are
    percentiles of a bootstrap over pieces, without replicates in which the criteria's components
    are no covariance: there, free of error, one of them would be determined by the others.

    Returns
    -------
    DataFrame
        ``predictor, value, low, high, n, kept``; `kept` is the share of replicates used.
    """
    names = [*OTHERS, "creativity"]
    summed = moments(centred(sheets), "piece", names)
    n = len(summed.sizes)
    whole = _standardised(components(summed)[0])
    drawn = _standardised(components(summed, prompt_weights(n, n_boot, seed))[0])
    low, high = percentile_interval(drawn)
    kept = float(np.isfinite(drawn[:, 0]).mean())
    return pd.DataFrame(
        {"predictor": OTHERS, "value": whole[0], "low": low, "high": high, "n": n, "kept": kept}
    )


def _standardised(between: np.ndarray) -> np.ndarray:
    """Return the coefficients (B, p) of the last column on the others; NaN if no covariance."""
    found = np.full((len(between), between.shape[1] - 1), np.nan)
    fine = np.isfinite(between).all(axis=(1, 2)) & (between[:, -1, -1] > 0)
    fine[fine] = np.linalg.eigvalsh(between[fine, :-1, :-1])[:, 0] > 0
    own = between[fine]
    deviation = np.sqrt(np.diagonal(own, axis1=1, axis2=2))
    r = own / (deviation[:, :, None] * deviation[:, None, :])
    found[fine] = np.linalg.solve(r[:, :-1, :-1], r[:, :-1, -1:])[..., 0]
    return found


def overlap_of_criteria(sheets: pd.DataFrame) -> pd.DataFrame:
    """Return the variance inflation of the criteria's mean marks: ``population, predictor, vif``.

    Of originality, value and surprise, or of those that the jury was asked for.
    """
    parts = [
        variance_inflation(mean_marks(own), [c for c in OTHERS if c in own]).assign(
            population=population
        )
        for population, own in by_population(sheets) if own["piece"].nunique() > len(OTHERS)
    ]
    return pd.concat(parts, ignore_index=True)


def creativity_by_others(sheets: pd.DataFrame, *, n_boot: int, seed: int) -> Dominance:
    """Analyse which criterion of one rater dominates in another's creativity, by pieces."""
    pairs = other_raters(sheets)
    return dominance(
        pairs, "creativity_by_other", OTHERS, "piece", n_boot=n_boot, seed=seed
    )


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
