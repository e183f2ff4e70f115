"""What every test of the hivemind finds, row by row, for the verdicts and for ``numbers.csv``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.hive.bar import bar_given_pair
from abovebar.findings.hive.kin import kin_pairs
from abovebar.findings.hive.levels import as_rows, estimates
from abovebar.findings.hive.likeness import ALL, AS_LONG
from abovebar.findings.numbers import COLUMNS
from abovebar.measures.known_mean import known_mean

if TYPE_CHECKING:
    from abovebar.findings.hive.bench import HiveBench
    from abovebar.findings.hive.writers import DrawnLevels
    from abovebar.findings.level_claim import LevelClaim
    from abovebar.measures.bootstrap import Estimate

WRITERS, NEAR_TOO = "writers", ", as long"


def drawn_estimates(levels: DrawnLevels) -> dict[str, Estimate]:
    """Return the levels and their differences, from the same draws."""
    values = {
        "within": levels.within, "between": levels.between, "people": levels.people,
        "across": levels.across, "above_people": levels.between - levels.people,
        "within_above_people": levels.within - levels.people,
        "above_a_person": levels.between - levels.across,
    }
    values = {m: v for m, v in values.items() if not np.isnan(v[0])}
    return {measure: levels.estimate(value) for measure, value in values.items()}


def level_numbers(bench: HiveBench) -> pd.DataFrame:
    """Return every level of every data set, by every similarity and at every bar.

    Columns as in ``numbers.csv``; ``partition`` names the similarity, ``contrast`` what is drawn
    or looked at: ``prompts``, ``writers``, and either with ``, as long``.
    """
    rows = [chance_numbers(bench)]
    for dataset in bench.hives:
        bars = bench.bars.get(dataset, ())
        for name in bench.names:
            terms = {"dataset": dataset, "partition": name}
            for view in (ALL, AS_LONG, *bars):
                found = estimates(bench, dataset, view, name)
                graded = view in bars
                if graded and name == bench.similarity:
                    found["bar_given_pair"] = bar_given_pair(bench, dataset, view, name)
                rows.append(as_rows(
                    found, **terms, judge=bench.judges[dataset] if graded else "",
                    contrast="prompts" + NEAR_TOO * (view == AS_LONG),
                    bar=view if graded else np.nan,
                ))
            for view in (ALL, AS_LONG) if dataset in bench.writers else ():
                found = drawn_estimates(bench.levels(dataset, name, view))
                contrast = WRITERS + NEAR_TOO * (view == AS_LONG)
                rows.append(as_rows(found, **terms, judge="", contrast=contrast, bar=np.nan))
    return pd.concat(rows, ignore_index=True).reindex(columns=COLUMNS)


def chance_numbers(bench: HiveBench) -> pd.DataFrame:
    """Return the chance level of each data set: two models, two prompts. It has no interval."""
    rows = []
    for dataset, cubes in bench.chance.items():
        apart = kin_pairs(bench.hives[dataset].models)["all"]
        for name in bench.names:
            mean = known_mean(cubes[name, "chance"][:, apart])
            if np.isnan(mean):
                continue
            rows.append({
                "measure": "chance", "dataset": dataset, "partition": name, "judge": "",
                "contrast": "prompts", "bar": np.nan, "value": float(mean),
                "low": np.nan, "high": np.nan, "n_prompts": int(bench.open(dataset).sum()),
            })
    return pd.DataFrame(rows)


def found_by_tests(claim: LevelClaim, numbers: pd.DataFrame, similarity: str) -> pd.DataFrame:
    """Return ``test, measure, bar, value, low, high, n`` for `assess_levels`, by one similarity.

    Parameters
    ----------
    numbers
        From `level_numbers`.
    """
    parts, numbers = [], numbers[numbers["partition"] == similarity]
    for test in claim.tests:
        wanted = WRITERS if test.drawn == WRITERS else "prompts"
        own = numbers[(numbers["dataset"] == test.dataset) & (numbers["contrast"] == wanted)]
        parts.append(own.assign(test=test.name, n=own["n_prompts"]))
    columns = ["test", "measure", "bar", "value", "low", "high", "n"]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True)[columns]
