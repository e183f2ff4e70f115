"""What a mark for surprise adds to those for originality and value, in telling creativity."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abovebar.findings.surprise.criterion import by_population
from abovebar.findings.surprise.juries import asked_for, centred, mean_marks
from abovebar.measures.bootstrap import percentile_interval, prompt_weights
from abovebar.regression.clustered import fit_clustered
from abovebar.regression.components import components, moments
from abovebar.regression.dominance import Dominance, dominance
from abovebar.regression.explained import variance_inflation

OTHERS = ["originality", "value", "surprise"]


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
