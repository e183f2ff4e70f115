"""Where only counts of right answers are known: what a budget of tries solves, by size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.numbers import COLUMNS, tabulate
from abovebar.findings.sizes.climb import sizes_of
from abovebar.measures.bootstrap import mean_over_prompts, prompt_weights
from abovebar.measures.distinct import expected_classes
from abovebar.tables.parquet import read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abovebar.findings.compare import Bench
    from abovebar.findings.sizes.ladders import Ladder


def solved(
    bench: Bench, ladder: Ladder, models: pd.DataFrame, budgets: Sequence[int]
) -> pd.DataFrame:
    """Return the share of problems that k tries solve, for every model of a ladder.

    The chance that at least one of k tries is right, ``1 - C(n - c, k) / C(n, k)``: what E_k is
    where all right answers are one class. On the prompts to which every model of the ladder gave
    as many tries; NaN if there is none.

    Returns
    -------
    DataFrame
        The columns of ``numbers.csv``, measure "solved", and ``parameters_b``.
    """
    sizes = sizes_of(models, ladder)
    passed, n = _counts(bench, ladder, list(sizes.index))
    values = chance_solved(passed, n, budgets)
    values = np.where(np.isnan(values).any(axis=1, keepdims=True), np.nan, values)
    weights = prompt_weights(len(values), bench.n_boot, bench.seed)
    terms = bench.terms(ladder.dataset, ladder.judge, "") | {"contrast": ladder.name}
    rows = []
    for i, model in enumerate(sizes.index):
        estimate = mean_over_prompts(values[:, i], weights)
        found = tabulate(estimate, np.full(len(budgets), 1.0), "solved", model=model, **terms)
        rows.append(found.assign(k=list(budgets), parameters_b=sizes.iloc[i]))
    return pd.concat(rows, ignore_index=True)


def equal_compute(bench: Bench, ladder: Ladder, models: pd.DataFrame) -> pd.DataFrame:
    """Return what each model solves in as many tries as cost what one try of the largest costs.

    Nothing is divided: the smaller model simply tries more often, in the ratio of the parameters,
    rounded down. Tries are taken to be equally long, since the source does not say how long.

    Returns
    -------
    DataFrame
        The columns of ``numbers.csv``, measure "solved_minus_largest": by how much it solves more
        than the largest model in one try; and ``parameters_b``. A model with too few tries on a
        prompt is compared on the others.
    """
    sizes = sizes_of(models, ladder)
    passed, n = _counts(bench, ladder, list(sizes.index))
    terms = bench.terms(ladder.dataset, ladder.judge, "")
    largest, rows = sizes.index[-1], []
    once = chance_solved(passed[:, -1], n[:, -1], [1])
    for i, model in enumerate(sizes.index[:-1]):
        k = int(sizes.iloc[-1] // sizes.iloc[i])
        lead = chance_solved(passed[:, i], n[:, i], [k]) - once
        if np.isnan(lead).all():
            continue
        estimate = mean_over_prompts(lead, prompt_weights(len(lead), bench.n_boot, bench.seed))
        found = tabulate(estimate, np.array([1.0]), "solved_minus_largest", k, **terms)
        rows.append(found.assign(
            contrast=f"{model} - {largest}", parameters_b=sizes.iloc[i], ladder=ladder.name,
        ))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=COLUMNS)


def chance_solved(passed: np.ndarray, n: np.ndarray, budgets: Sequence[int]) -> np.ndarray:
    """Return the chance (..., K) that k tries drawn from n hold a right one; NaN where n < k."""
    return expected_classes(passed[..., None].astype(int), n.astype(int), np.asarray(budgets))


def _counts(bench: Bench, ladder: Ladder, models: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return right answers and tries, each (P, M), on the prompts that all models tried."""
    table = read_table(bench.folders, ladder.dataset, "counts")
    table = table[(table["judge"] == ladder.judge) & table["model"].isin(models)]
    wide = table.pivot_table(index="prompt_id", columns="model", values=["passed", "n"]).dropna()
    return wide["passed"][models].to_numpy(), wide["n"][models].to_numpy()
