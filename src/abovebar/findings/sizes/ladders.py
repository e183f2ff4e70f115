"""Ladders: models of one family and recipe that differ in size, and the claim put to them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from abovebar.errors import AboveBarError
from abovebar.findings.claim_file import chapter_entry
from abovebar.findings.claims import Comparison, Statement
from abovebar.tables.schemas import ALL_ANSWERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Ladder:
    """Models to compare by size on one data set, with whose quality, which bar and which sameness.

    Attributes
    ----------
    judge
        ``none`` where nobody graded the answers; there is then no bar.
    partition
        Empty where only counts of right answers are known.
    only
        The statements it can be put to; all, if empty.
    """

    name: str
    dataset: str
    judge: str
    models: tuple[str, ...]
    bar: float | None = None
    partition: str = ""
    only: tuple[str, ...] = ()

    @property
    def graded(self) -> bool:
        """Whether there is a judge."""
        return self.judge != ALL_ANSWERS

    def tests(self, statement: str) -> bool:
        """Tell whether a statement can be put to it."""
        return not self.only or statement in self.only

    def ends(self, sizes: Mapping[str, float]) -> Comparison:
        """Return its smallest model against its largest; `sizes` maps models to parameters."""
        low, *_, high = sorted(self.models, key=lambda model: sizes[model])
        return Comparison(self.dataset, self.judge, self.bar, self.partition, low, high)


@dataclass(frozen=True)
class SizeClaim:
    """A claim about size; see the entry's head in ``chapters/claims.yaml``.

    `yours` are a reader's own ladders: shown, never counted.
    """

    title: str
    claim: str
    source: dict[str, str]
    statements: list[Statement]
    tests: list[Ladder]
    also: list[Ladder]
    counts: list[Ladder]
    refuted_by: str
    untested: str
    yours: tuple[Ladder, ...] = ()

    def shown(self) -> list[Ladder]:
        """Return every ladder with answers: tests, weaker evidence, the reader's own."""
        return [*self.tests, *self.also, *self.yours]


def load_size_claim(path: str | Path, chapter: str = "small_vs_large") -> SizeClaim:
    """Read the claim and its ladders.

    Raises
    ------
    AboveBarError
        If the file has no such chapter, or a field is missing or unknown.
    """
    with chapter_entry(path, chapter, "the fields of abovebar.findings.sizes.ladders") as entry:
        statements = [Statement(**s) for s in entry.pop("statements")]
        parts = {name: read_ladders(entry.pop(name)) for name in ("tests", "also", "counts")}
        return SizeClaim(statements=statements, **parts, **entry)


def read_ladders(entries: Iterable[Mapping[str, Any]]) -> list[Ladder]:
    """Make ladders of entries as in ``claims.yaml``.

    Raises
    ------
    AboveBarError
        If an entry lacks a field, has an unknown one, or names fewer than two models.
    """
    made = []
    for entry in entries:
        lists = {key: tuple(entry.get(key, ())) for key in ("models", "only")}
        try:
            ladder = Ladder(**{**entry, **lists})
        except TypeError as error:
            raise _refusal(entry, str(error)) from error
        if len(set(ladder.models)) < 2:
            raise _refusal(entry, f"models {list(ladder.models)}")
        made.append(ladder)
    return made


def _refusal(entry: Mapping[str, Any], met: str) -> AboveBarError:
    return AboveBarError(
        f"ladder {dict(entry)}", met=met,
        wanted=f"two or more models, and the fields {[f.name for f in fields(Ladder)]}",
        remedy="Name the ladder, its data set and its models; on a data set that the claim does "
        "not use, also the judge, bar and partition.",
    )
