"""A claim about an interaction: what tuning does in one domain, less what it does in another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from abovebar.errors import AboveBarError
from abovebar.findings.claim_file import chapter_entry

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class SplitStatement:
    """One thing the claim says, as a sign to expect of "tuned minus parent", or of two of these."""

    id: str
    reads: str
    made_in: str
    measure: str
    where: str
    expected: Literal["positive", "negative", "kept"]
    margin: float = 0.0
    headline: bool = False


@dataclass(frozen=True)
class Contrast:
    """One pair of models in one domain of one data set; see the claim in ``chapters/claims.yaml``.

    Without a `kind` it runs on all prompts of its data set; without a `judge` it has no bar.
    """

    id: str
    dataset: str
    domain: str
    ahead: str
    behind: str
    tuned: str
    kin: Literal["descendant", "sibling", "unknown"]
    content: str
    kind: str = ""
    judge: str = ""
    bar: float = np.nan
    counted: bool = True

    @property
    def models(self) -> list[str]:
        """The tuned model and what it is compared with."""
        return [self.ahead, self.behind]

    @property
    def contrast(self) -> str:
        """Its name in ``numbers.csv``."""
        return f"{self.ahead} - {self.behind}"


@dataclass(frozen=True)
class Interaction:
    """The first contrast less the second."""

    where: str
    first: str
    second: str
    counted: bool = True


@dataclass(frozen=True)
class SplitClaim:
    """A chapter's claim about an interaction."""

    title: str
    claim: str
    source: dict[str, str]
    statements: list[SplitStatement]
    contrasts: list[Contrast]
    interactions: list[Interaction]
    refuted_by: str
    untested: str

    def contrast(self, name: str) -> Contrast:
        """Return the contrast of that id."""
        return next(c for c in self.contrasts if c.id == name)


def load_split(path: str | Path, chapter: str) -> SplitClaim:
    """Read one chapter's claim about an interaction.

    Raises
    ------
    AboveBarError
        If the file has no such chapter, a field is missing or unknown, an id stands twice, or an
        interaction names no contrast.
    """
    with chapter_entry(path, chapter, "the fields of abovebar.findings.split.claim") as entry:
        claim = SplitClaim(
            statements=[SplitStatement(**s) for s in entry.pop("statements")],
            contrasts=[Contrast(**c) for c in entry.pop("contrasts")],
            interactions=[Interaction(**i) for i in entry.pop("interactions")],
            **entry,
        )
    ids = [c.id for c in claim.contrasts]
    named = {name for i in claim.interactions for name in (i.first, i.second)}
    if len(set(ids)) < len(ids) or not named <= set(ids):
        raise AboveBarError(
            f"{path}, chapter {chapter!r}", met=f"contrasts {ids}, interactions of {sorted(named)}",
            wanted="each id once, and interactions of contrasts that exist",
            remedy="Rename or add a contrast.",
        )
    return claim
