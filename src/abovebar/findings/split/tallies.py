"""The tally of a claim about an interaction: over all its tests, and as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abovebar.findings.split.verdicts import strictly
from abovebar.findings.tallies import overall_on_data_sets
from abovebar.findings.verdict_file import as_records, write_verdict_file
from abovebar.findings.verdicts import tally_verdicts

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from abovebar.findings.split.claim import SplitClaim, SplitStatement

PAIRS = ("pair of models", "pairs of models")


def write_split_verdict(
    claim: SplitClaim, assessed: pd.DataFrame, folder: str | Path
) -> dict[str, Any]:
    """Write ``verdict.json``: as in other chapters, with the strict and the widest tally beside."""
    readings = {
        "tally": assessed[assessed["counted"]],
        "tally_preference_tuned_descendants": strictly(assessed),
        "tally_with_siblings": assessed,
    }
    tallied = {n: tally_verdicts(rows, claim.statements) for n, rows in readings.items()}
    statements = [_statement(s, assessed, tallied) for s in claim.statements]
    return write_verdict_file(claim, statements, folder)


def _statement(
    statement: SplitStatement, assessed: pd.DataFrame, tallied: dict[str, pd.DataFrame]
) -> dict[str, Any]:
    own = assessed[assessed["statement"] == statement.id]
    counted = own["counted"].astype(bool)
    return {
        "id": statement.id, "reads": statement.reads, "made_in": statement.made_in,
        "headline": statement.headline, "verdict": overall_on_data_sets(own[counted]),
        **{name: rows_.loc[statement.id].to_dict() for name, rows_ in tallied.items()},
        "tests": as_records(own.drop(columns="statement")),
    }
