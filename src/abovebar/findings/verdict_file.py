"""``verdict.json``: what a chapter's claim says of itself, and what was found of each statement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from abovebar.paths import replacing

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd


class Claimed(Protocol):
    """What every kind of claim says of itself."""

    claim: str
    source: dict[str, str]
    refuted_by: str
    untested: str


def write_verdict_file(
    claim: Claimed, statements: Iterable[dict[str, Any]], folder: str | Path
) -> dict[str, Any]:
    """Write ``verdict.json`` to `folder` and return what it holds."""
    verdict = {
        "claim": claim.claim, "source": claim.source, "refuted_by": claim.refuted_by,
        "untested": claim.untested, "statements": list(statements),
    }
    with replacing(Path(folder) / "verdict.json") as draft:
        draft.write_text(json.dumps(verdict, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return verdict


def as_records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as they stand in JSON: six decimals, null for what is missing."""
    return json.loads(rows.to_json(orient="records", double_precision=6))
