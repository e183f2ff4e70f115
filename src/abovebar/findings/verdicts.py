"""From numbers to verdicts: supported, contradicted, or the data cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from abovebar.findings.numbers import lookup
from abovebar.findings.verdict_file import as_records, write_verdict_file
from abovebar.findings.wording import count

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from abovebar.findings.claims import Claim, Comparison, Statement

FEWEST_PROMPTS = 20
SUPPORTS, CONTRADICTS, CANNOT_TELL = "supports", "contradicts", "cannot tell"
WORDS = {SUPPORTS: "supported", CONTRADICTS: "contradicted", CANNOT_TELL: "left open"}
ALL = {1: "the one data set that can test it", 2: "both data sets"}


def judge_statement(low: float, high: float, n_prompts: int, expected: str) -> str:
    """Return the verdict of one interval on one expected sign.

    "cannot tell" where the interval covers zero or is undefined, or rests on fewer than
    `FEWEST_PROMPTS` prompts.
    """
    if n_prompts < FEWEST_PROMPTS or not (low > 0 or high < 0):
        return CANNOT_TELL
    return SUPPORTS if (low > 0) == (expected == "positive") else CONTRADICTS


def assess(
    numbers: pd.DataFrame, statements: Sequence[Statement], tests: Sequence[Comparison]
) -> pd.DataFrame:
    """Judge every statement on every test against the parent it speaks of.

    Returns
    -------
    DataFrame
        ``statement, dataset, judge, contrast, value, low, high, n_prompts, verdict``.
    """
    rows = []
    for statement in statements:
        for test in (t for t in tests if t.against == statement.against):
            row = lookup(
                numbers, measure=statement.measure, dataset=test.dataset, judge=test.judge,
                partition=test.partition, contrast=test.contrast,
                bar=test.bar if statement.at == "declared" else None,
            )
            verdict = judge_statement(row["low"], row["high"], row["n_prompts"], statement.expected)
            rows.append(
                {
                    "statement": statement.id, "dataset": test.dataset, "judge": test.judge,
                    "contrast": test.contrast, **row[["value", "low", "high", "n_prompts"]],
                    "verdict": verdict,
                }
            )
    return pd.DataFrame(rows)


def tally_verdicts(assessed: pd.DataFrame, statements: Sequence[Statement]) -> pd.DataFrame:
    """Count the verdicts of each statement: one row a statement, one column a verdict.

    A statement that no data set of this run can test has a row of noughts.
    """
    counts = pd.crosstab(assessed["statement"], assessed["verdict"])
    order = [statement.id for statement in statements]
    return counts.reindex(index=order, columns=[SUPPORTS, CONTRADICTS, CANNOT_TELL], fill_value=0)


def describe_tally(counts: pd.Series) -> str:
    """Return a tally in words, as "supported on two, contradicted on one, of three data sets"."""
    whole = counts.sum()
    if not whole:
        return "not tested in this run"
    parts = [
        f"{word} on {count(counts[verdict])}"
        for verdict, word in WORDS.items() if counts[verdict] and counts[verdict] < whole
    ]
    for verdict, word in WORDS.items():
        if counts[verdict] == whole:
            return f"{word} on {ALL.get(whole, f'all {count(whole)} data sets')}"
    return f"{', '.join(parts)}, of {count(whole)} data sets"


def overall(counts: pd.Series) -> str:
    """Return one statement's verdict over its tests: what most of them say, if most say it.

    A claim is never called shown on one data set: fewer than two tests that tell leave it open.
    """
    telling = counts[SUPPORTS] + counts[CONTRADICTS]
    leading = max(SUPPORTS, CONTRADICTS, key=lambda verdict: counts[verdict])
    if telling < 2 or counts[leading] * 2 <= counts.sum():
        return CANNOT_TELL
    return leading


def write_verdict(claim: Claim, assessed: pd.DataFrame, folder: str | Path) -> dict[str, Any]:
    """Write ``verdict.json``: each statement's verdict, its tally and the tests behind it."""
    counts = tally_verdicts(assessed, claim.statements)
    statements = [
        {
            "id": s.id, "reads": s.reads, "made_in": s.made_in, "headline": s.headline,
            "verdict": overall(counts.loc[s.id]), "tally": counts.loc[s.id].to_dict(),
            "tests": as_records(assessed[assessed["statement"] == s.id].drop(columns="statement")),
        }
        for s in claim.statements
    ]
    return write_verdict_file(claim, statements, folder)
