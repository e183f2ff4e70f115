"""A claim about two models: what it asserts, where it is tested, what would refute it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal

from abovebar.errors import AboveBarError
from abovebar.findings.claim_file import chapter_entry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Statement:
    """One thing the claim says, as a sign to expect of "ahead minus behind"."""

    id: str
    reads: str
    made_in: str
    measure: str
    at: Literal["declared", "none"]
    expected: Literal["positive", "negative"]
    against: Literal["base", "supervised"] = "base"
    headline: bool = False


@dataclass(frozen=True)
class Comparison:
    """Two models on one data set, with whose quality, which bar and which sameness."""

    dataset: str
    judge: str
    bar: float
    partition: str
    ahead: str
    behind: str
    against: Literal["base", "supervised"] = "base"

    @property
    def contrast(self) -> str:
        """Its name in ``numbers.csv``."""
        return f"{self.ahead} - {self.behind}"


@dataclass(frozen=True)
class Claim:
    """A chapter's claim; see the head of ``chapters/claims.yaml``."""

    title: str
    claim: str
    source: dict[str, str]
    statements: list[Statement]
    tests: list[Comparison]
    also: list[Comparison]
    elsewhere: dict[str, list[Comparison]]
    refuted_by: str
    untested: str

    def comparisons(self) -> list[Comparison]:
        """Return every comparison of the claim: tests, weaker evidence, the same trap elsewhere."""
        return [*self.tests, *self.also, *(c for kind in self.elsewhere.values() for c in kind)]


def adapt(
    claim: Claim, *, datasets: Collection[str] = (), judges: Mapping[str, str] | None = None,
    partitions: Mapping[str, str] | None = None, declared: Mapping[str, float] | None = None,
    contrasts: Iterable[Mapping[str, Any]] = (),
) -> Claim:
    """Return the claim on some data sets alone, or by another judge, partition, bar or contrast.

    Parameters
    ----------
    datasets
        The data sets to keep; all, if empty.
    judges, partitions, declared
        By data set: the judge, the partition, the bar to read at, in place of the claim's own.
        What stands under ``also`` keeps its judge and bar, which are why it stands there.
    contrasts
        Further comparisons, each with at least ``dataset, ahead, behind``; what one leaves out is
        taken from the first of the claim's comparisons on that data set. They appear under
        ``elsewhere["yours"]``.
    """

    def changed(test: Comparison) -> Comparison:
        sameness = (partitions or {}).get(test.dataset, test.partition)
        if test in claim.also:
            return replace(test, partition=sameness)
        return replace(
            test, partition=sameness, judge=(judges or {}).get(test.dataset, test.judge),
            bar=(declared or {}).get(test.dataset, test.bar),
        )

    def kept(tests: Iterable[Comparison]) -> list[Comparison]:
        chosen = [changed(t) for t in tests if not datasets or t.dataset in datasets]
        return list(dict.fromkeys(chosen))

    own = [_complete(claim, contrast) for contrast in contrasts]
    elsewhere = {kind: kept(tests) for kind, tests in claim.elsewhere.items()}
    if own:
        elsewhere["yours"] = kept(own)
    return replace(claim, tests=kept(claim.tests), also=kept(claim.also), elsewhere=elsewhere)


def _complete(claim: Claim, contrast: Mapping[str, Any]) -> Comparison:
    """Fill a reader's contrast from the claim's first comparison on the same data set."""
    like = next((c for c in claim.comparisons() if c.dataset == contrast.get("dataset")), None)
    given = {**(asdict(like) if like else {}), **contrast}
    try:
        return Comparison(**given)
    except TypeError as error:
        raise AboveBarError(
            f"contrast {dict(contrast)}", met=str(error),
            wanted=f"the fields {[f.name for f in fields(Comparison)]}",
            remedy="Name the data set and the models ahead and behind; on a data set that the "
            "claim does not use, also the judge, bar and partition.",
        ) from error


def load_claim(path: str | Path, chapter: str) -> Claim:
    """Read one chapter's claim.

    Raises
    ------
    AboveBarError
        If the file has no such chapter, or a field is missing or unknown.
    """
    with chapter_entry(path, chapter, "the fields of abovebar.findings.claims") as entry:
        return Claim(
            statements=[Statement(**s) for s in entry.pop("statements")],
            tests=[Comparison(**t) for t in entry.pop("tests")],
            also=[Comparison(**t) for t in entry.pop("also", [])],
            elsewhere={
                kind: [Comparison(**t) for t in tests]
                for kind, tests in entry.pop("elsewhere", {}).items()
            },
            **entry,
        )
