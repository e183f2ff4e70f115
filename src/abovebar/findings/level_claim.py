"""Claims that a measure lies above or below a line, each put to several tests."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Literal

from abovebar.errors import AboveBarError
from abovebar.findings.claim_file import chapter_entry

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class LevelStatement:
    """One thing the claim says: on which side of `line` its measure is to lie.

    Attributes
    ----------
    at
        Whether it is read among answers that reach the test's bar, or among all.
    """

    id: str
    reads: str
    made_in: str
    measure: str
    expected: Literal["above", "below"]
    line: float = 0.0
    at: Literal["none", "declared"] = "none"
    headline: bool = False


@dataclass(frozen=True)
class LevelTest:
    """Where statements are tested: one data set, seen by one judge or measure.

    Attributes
    ----------
    judge
        Who grades the answers, or which jury: its criteria are then ``judge/criterion``.
    by
        The measure that is held against the judge, where a statement is about measures.
    drawn
        What is drawn in the bootstrap, so what the number of `FEWEST_PROMPTS` is of.
    only
        The statements it can be put to.
    counted
        Whether it carries the verdict, or is shown beside it.
    """

    name: str
    dataset: str
    only: tuple[str, ...]
    judge: str = ""
    bar: float = float("nan")
    by: str = ""
    drawn: str = "prompts"
    counted: bool = True


@dataclass(frozen=True)
class LevelClaim:
    """A chapter's claim; see the head of its entry in ``chapters/claims.yaml``."""

    title: str
    claim: str
    source: dict[str, str]
    statements: list[LevelStatement]
    tests: list[LevelTest]
    refuted_by: str
    untested: str

    def put(self, statement: str) -> list[LevelTest]:
        """Return the tests that a statement is put to."""
        return [test for test in self.tests if statement in test.only]


def load_levels(path: str | Path, chapter: str) -> LevelClaim:
    """Read one chapter's claim about levels.

    Raises
    ------
    AboveBarError
        If the file has no such chapter, a field is missing or unknown, a statement or a test
        stands twice, or a test names no statement.
    """
    wanted = (
        f"statements with {[f.name for f in fields(LevelStatement)]} and tests with "
        f"{[f.name for f in fields(LevelTest)]}"
    )
    with chapter_entry(path, chapter, wanted) as entry:
        claim = LevelClaim(
            statements=[LevelStatement(**s) for s in entry.pop("statements")],
            tests=[LevelTest(**{**t, "only": tuple(t["only"])}) for t in entry.pop("tests")],
            **entry,
        )
    known = [s.id for s in claim.statements]
    names = [t.name for t in claim.tests]
    asked = {statement for t in claim.tests for statement in t.only}
    if len(set(known)) < len(known) or len(set(names)) < len(names) or not asked <= set(known):
        raise AboveBarError(
            f"{path}, chapter {chapter!r}", met=f"statements {known}, tests {names} of "
            f"{sorted(asked)}", wanted="each once, and tests of statements that exist",
            remedy="Rename or add one.",
        )
    return claim


def adapt_levels(
    claim: LevelClaim, *, datasets: Collection[str] = (),
    judges: Mapping[str, str] | None = None, declared: Mapping[str, float] | None = None,
) -> LevelClaim:
    """Return the claim on some data sets alone, or by another judge or bar.

    Parameters
    ----------
    datasets
        The data sets to keep; all, if empty.
    judges, declared
        By data set: the judge, and the bar to read at, in place of the claim's own. A judge
        takes the place of the test's own where that has one.
    """
    tests = [
        replace(
            t, judge=(judges or {}).get(t.dataset, t.judge) if t.judge else "",
            bar=float((declared or {}).get(t.dataset, t.bar)),
        )
        for t in claim.tests if not datasets or t.dataset in datasets
    ]
    return replace(claim, tests=tests)
