"""How far apart raters put two groups, as people and models, jury by jury."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from abovebar.errors import AboveBarError
from abovebar.measures.bootstrap import percentile_interval, prompt_weights
from abovebar.regression.checks import need_columns


@dataclass(frozen=True)
class Effects:
    """Standardised differences by jury.

    Attributes
    ----------
    rows
        ``judge, value, low, high, direction, n_targets, n_raters``; `direction` is 1 or -1 where
        the interval excludes 0, else 0.
    replicates : float array (B, judges)
    """

    rows: pd.DataFrame
    replicates: np.ndarray

    def difference(self, one: str, other: str) -> dict[str, float]:
        """Return by how much one jury's difference exceeds another's: ``value, low, high``.

        Stories that both juries rated are drawn for both at once.
        """
        at = [self.rows.index[self.rows["judge"] == judge] for judge in (one, other)]
        if any(len(place) != 1 for place in at):
            raise AboveBarError(
                "juries", met=(one, other), wanted=f"two of {list(self.rows['judge'])}",
                remedy="Correct the judge's name.",
            )
        a, b = (int(place[0]) for place in at)
        low, high = percentile_interval(self.replicates[:, a] - self.replicates[:, b])
        value = self.rows["value"]
        return {"value": float(value[a] - value[b]), "low": float(low), "high": float(high)}


def standardised_differences(
    ratings: pd.DataFrame, groups: tuple[str, str], *, n_boot: int, seed: int,
    unit: str = "target",
) -> Effects:
    """Return the first group's mean less the second's, in standard deviations of a rating.

    The deviation is that of single ratings within the groups, pooled (Cohen 1988, section 2.2).
    Targets are drawn within groups and raters within juries, and a rating counts as often as
    both were drawn (the pigeonhole bootstrap of Owen 2007). That errs on the side of width: it
    counts the error of a single rating threefold, so that an interval in which nothing else
    matters is 1.7 times as wide as need be. With two raters it can say little of how others
    would rate.

    Parameters
    ----------
    ratings
        ``judge, target, rater, group, score``, one row a rating; a judge is one jury on one
        criterion. Juries with as many raters, as the criteria of one sheet, draw the same raters.
    unit
        The column of what is drawn instead of single targets, such as the author of several.

    Raises
    ------
    AboveBarError
        If a column is missing or blank, a target is in two groups or units, a rater rates a target
        twice, or a jury rated but one group.
    """
    names = ["judge", "target", "rater", "group", unit]
    need_columns(ratings, "effects", numbers=["score"], names=names)
    ratings = ratings[ratings["group"].isin(groups)]
    _check(ratings, groups, unit)
    drawn, places = {}, {}
    for shift, group in enumerate(groups):
        own = ratings[ratings["group"] == group].drop_duplicates("target").sort_values("target")
        at, units = pd.factorize(own[unit], sort=True)
        places[group] = pd.Index(own["target"])
        # Each once in the first row, then the replicates; a seed of its own for each group.
        drawn[group] = _once_and(prompt_weights(len(units), n_boot, seed + shift)[:, at])
    rows, replicates = [], []
    for judge, jury in ratings.groupby("judge"):
        raters = pd.Index(np.sort(jury["rater"].unique()))
        by_rater = _once_and(prompt_weights(len(raters), n_boot, seed + len(groups)))
        sums = [
            _sums(jury[jury["group"] == group], places[group], raters, drawn[group], by_rater)
            for group in groups
        ]
        found = _difference(*sums)
        replicates.append(found[1:])
        low, high = map(float, percentile_interval(found[1:]))
        rows.append(
            {
                "judge": judge, "value": float(found[0]), "low": low, "high": high,
                "direction": int(low > 0) - int(high < 0),
                "n_targets": jury["target"].nunique(), "n_raters": len(raters),
            }
        )
    return Effects(pd.DataFrame(rows), np.stack(replicates, axis=1))


def _check(ratings: pd.DataFrame, groups: tuple[str, str], unit: str) -> None:
    met = ratings.groupby("judge")["group"].nunique()
    lacking = list(met.index[met < 2])
    kept = list(dict.fromkeys(["target", "group", unit]))
    torn = int(ratings[kept].drop_duplicates().duplicated("target").sum())
    twice = int(ratings.duplicated(["judge", "target", "rater"]).sum())
    if ratings.empty or lacking or torn or twice:
        raise AboveBarError(
            "effects", met=f"{len(ratings)} ratings; juries that rated one group {lacking}; "
            f"{torn} targets in two groups or units; {twice} ratings given a second time",
            wanted=f"juries that rated both of {groups}, each target in one of them, once a rater",
            remedy="Correct the groups' names; name targets so that no two share a name.",
        )


def _once_and(weights: np.ndarray) -> np.ndarray:
    return np.vstack([np.ones(weights.shape[1]), weights])


def _sums(
    ratings: pd.DataFrame, targets: pd.Index, raters: pd.Index, by_target: np.ndarray,
    by_rater: np.ndarray,
) -> np.ndarray:
    """Return the number, mean and sum of squares about it in every replicate: (3, B + 1)."""
    score = ratings["score"].to_numpy(dtype=float)
    at = targets.get_indexer(ratings["target"]), raters.get_indexer(ratings["rater"])
    centre = score.mean()
    powers = []
    for power in range(3):
        table = np.zeros((len(targets), len(raters)))
        table[at] = (score - centre) ** power
        powers.append(((by_target @ table) * by_rater).sum(axis=1))
    n, one, two = powers
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.stack([n, centre + one / n, np.maximum(two - one**2 / n, 0)])


def _difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    n, mean, squares = np.stack([first, second], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.sqrt(squares.sum(axis=0) / (n.sum(axis=0) - 2))
        found = (mean[0] - mean[1]) / deviation
    # A replicate whose ratings are all equal, or that drew none of a group, says nothing.
    return np.where(np.isfinite(found), found, np.nan)
