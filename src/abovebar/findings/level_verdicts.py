"""Verdicts on a claim about levels: an interval beside a line, test by test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abovebar.errors import AboveBarError
from abovebar.findings.tallies import overall_on_data_sets
from abovebar.findings.verdict_file import as_records, write_verdict_file
from abovebar.findings.verdicts import judge_statement, tally_verdicts

if TYPE_CHECKING:
    from pathlib import Path

    from abovebar.findings.level_claim import LevelClaim, LevelStatement

COLUMNS = [
    "statement", "test", "dataset", "judge", "by", "drawn", "counted", "bar", "line",
    "value", "low", "high", "n", "verdict",
]
_SIGNS = {"above": "positive", "below": "negative"}


def judge_level(low: float, high: float, n: int, statement: LevelStatement) -> str:
    """Return the verdict of one interval on one statement.

    Supported where the whole interval lies on the expected side of the line, contradicted where it
    lies on the other; "cannot tell" where it covers the line or rests on too few draws.
    """
    line = statement.line
    return judge_statement(low - line, high - line, n, _SIGNS[statement.expected])


def assess_levels(claim: LevelClaim, found: pd.DataFrame) -> pd.DataFrame:
    """Judge every statement on every test that it is put to.

    Parameters
    ----------
    found
        ``test, measure, bar, value, low, high, n``: one row a test, measure and bar, with a NaN
        bar where every answer counts; `n` is the number of what the test draws. A test without a
        row is left out.

    Raises
    ------
    AboveBarError
        If two rows answer the same question.
    """
    rows = []
    for statement in claim.statements:
        for test in claim.put(statement.id):
            bar = test.bar if statement.at == "declared" else np.nan
            own = found[(found["test"] == test.name) & (found["measure"] == statement.measure)]
            own = own[own["bar"].isna() if np.isnan(bar) else np.isclose(own["bar"], bar)]
            if len(own) > 1:
                raise AboveBarError(
                    f"statement {statement.id!r} on test {test.name!r}", met=f"{len(own)} rows",
                    wanted="one", remedy="Keep one row a test, measure and bar.",
                )
            for row in own.to_dict("records"):
                rows.append(
                    {
                        "statement": statement.id, "test": test.name,
                        **{name: getattr(test, name) for name in COLUMNS[2:7]},
                        "bar": bar, "line": statement.line,
                        **{name: row[name] for name in ("value", "low", "high", "n")},
                        "verdict": judge_level(row["low"], row["high"], row["n"], statement),
                    }
                )
    return pd.DataFrame(rows, columns=COLUMNS)


def write_level_verdict(
    claim: LevelClaim, assessed: pd.DataFrame, folder: str | Path
) -> dict[str, Any]:
    """Write ``verdict.json``: each statement's verdict and tally, and the tests behind it."""
    counted = assessed[assessed["counted"].astype(bool)]
    counts = tally_verdicts(counted, claim.statements)
    statements = [
        {
            "id": s.id, "reads": s.reads, "made_in": s.made_in, "headline": s.headline,
            "expected": f"{s.expected} {s.line:g}",
            "verdict": overall_on_data_sets(counted[counted["statement"] == s.id]),
            "tally": counts.loc[s.id].to_dict(),
            "tests": as_records(assessed[assessed["statement"] == s.id].drop(columns="statement")),
        }
        for s in claim.statements
    ]
    return write_verdict_file(claim, statements, folder)
