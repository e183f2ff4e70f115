"""The slope of every statement on every ladder, pooled by data set, and the verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.verdicts import CANNOT_TELL, CONTRADICTS, SUPPORTS, judge_statement
from abovebar.measures.bootstrap import prompt_weights
from abovebar.regression.elasticity import size_elasticities
from abovebar.regression.slopes import size_slopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from abovebar.findings.claims import Statement
    from abovebar.findings.compare import Bench
    from abovebar.findings.sizes.climb import Climbed
    from abovebar.findings.sizes.ladders import SizeClaim

POOLED, SPREAD = "pooled, equal effect", "pooled, random effects"
# Measures that are the distinct answers in the budget over what they cost.
COSTS = {"distinct_per_parameter": "parameters", "distinct_per_compute": "compute"}
ASSESSED = [
    "statement", "dataset", "judge", "contrast", "value", "low", "high", "n_prompts", "verdict",
]
OPPOSITE = {SUPPORTS: CONTRADICTS, CONTRADICTS: SUPPORTS}


def slopes(
    bench: Bench, climbed: Iterable[Climbed], statement: Statement, tokens_per_word: float = 4 / 3
) -> pd.DataFrame:
    """Return the change with each doubling of the parameters, on every ladder and pooled.

    Of a measure over its cost the slope is that of its log2 (an elasticity); of the distinct
    answers in the budget it is per try, so that budgets of different size can be compared.

    Parameters
    ----------
    tokens_per_word
        For the compute of an answer, 2 x parameters x tokens. It cancels out of every slope.

    Returns
    -------
    DataFrame
        ``statement, dataset, judge, partition, ladder, bar, k, value, low, high, n_models,
        n_prompts, i2, verdict``; `ladder` is also `POOLED` and `SPREAD`. A ladder on which the
        measure never varies has the slope 0 and no interval; one whose models share no prompt
        that defines it has neither.
    """
    able = [
        c for c in climbed if c.ladder.tests(statement.id)
        and (statement.at == "none" or c.ladder.bar is not None)
    ]
    rows = []
    for dataset in dict.fromkeys(c.ladder.dataset for c in able):
        here = [c for c in able if c.ladder.dataset == dataset]
        rows.append(_on_dataset(bench, here, statement, tokens_per_word))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()


def assess_ladders(found: pd.DataFrame, claim: SizeClaim) -> pd.DataFrame:
    """Judge every statement on every data set by its pooled slope.

    A data set on which a ladder surely goes the other way cannot tell.

    Returns
    -------
    DataFrame
        As `abovebar.findings.verdicts.assess`, one row a statement and data set.
    """
    rows = []
    for (statement, dataset), own in found.groupby(["statement", "dataset"], sort=False):
        pooled = own[own["ladder"] == POOLED].iloc[0]
        single = own[~own["ladder"].isin([POOLED, SPREAD])]
        verdict = pooled["verdict"]
        if (single["verdict"] == OPPOSITE.get(verdict)).any():
            verdict = CANNOT_TELL
        able = single.loc[single["low"].notna(), "ladder"]
        name = f"{len(able)} ladders" if len(able) > 1 else next(iter(able), "no ladder")
        terms = {"statement": statement, "dataset": dataset, "judge": pooled["judge"]}
        numbers = pooled[["value", "low", "high", "n_prompts"]]
        rows.append(terms | {"contrast": f"{name}, each doubling", **numbers, "verdict": verdict})
    return pd.DataFrame(rows, columns=ASSESSED)


def ladder_frame(
    climbed: Iterable[Climbed], statement: Statement, tokens_per_word: float = 4 / 3
) -> pd.DataFrame:
    """Return what `slopes` fits: a row a ladder, model and prompt, with its value and its cost."""
    measure = "distinct_in_budget" if statement.measure in COSTS else statement.measure
    frames = []
    for c in climbed:
        long = c.frame(measure, _bar(c, statement))
        if measure == "distinct_in_budget":
            long = long.assign(value=long["value"] / c.k)
        compute = 2 * long["parameters_b"] * long["words"] * tokens_per_word
        frames.append(long.assign(parameters=long["parameters_b"], compute=compute))
    return pd.concat(frames, ignore_index=True)


def _bar(climbed: Climbed, statement: Statement) -> float | None:
    return None if statement.at == "none" else climbed.ladder.bar


def _on_dataset(
    bench: Bench, climbed: Sequence[Climbed], statement: Statement, tokens_per_word: float
) -> pd.DataFrame:
    frame = ladder_frame(climbed, statement, tokens_per_word)
    # A ladder is read where all its models have a value, and drops out where they nowhere have.
    widths = {c.ladder.name: len(c.models) for c in climbed}
    there = frame.groupby(["family", "prompt_id"])["model"].transform("size")
    frame = frame[there == frame["family"].map(widths)]
    varied = frame.groupby("family")["value"].nunique().reindex(list(widths), fill_value=0)
    moving = frame[frame["family"].map(varied) > 1]
    rest = pd.DataFrame({"family": varied.index[varied < 2]})
    rest["value"] = np.where(varied[varied < 2] == 1, 0.0, np.nan)
    if moving.empty:
        rows = pd.concat([rest, pd.DataFrame({"family": [POOLED], "value": [np.nan]})])
    else:
        weights = prompt_weights(moving["prompt_id"].nunique(), bench.n_boot, bench.seed)
        if statement.measure in COSTS:
            fitted, pooled = size_elasticities(moving, weights, cost=COSTS[statement.measure])
        else:
            fitted, pooled = size_slopes(moving, weights, least_models=2)
        rows = pd.concat([fitted.assign(i2=pooled.i2), rest], ignore_index=True)
    ladder, per_try = climbed[0].ladder, statement.measure.startswith("distinct")
    rows = rows.rename(columns={"family": "ladder"}).reindex(
        columns=["ladder", "value", "low", "high", "n_models", "n_prompts", "i2"]
    )
    verdicts = [
        judge_statement(r["low"], r["high"], np.nan_to_num(r["n_prompts"]), statement.expected)
        for _, r in rows.iterrows()
    ]
    size = bench.r if statement.measure == "distinct_among_usable" else climbed[0].k
    return rows.assign(
        statement=statement.id, dataset=ladder.dataset, judge=ladder.judge,
        partition=ladder.partition, bar=_bar(climbed[0], statement), verdict=verdicts,
        k=size if per_try else np.nan,
    )
