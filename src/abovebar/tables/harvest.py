"""What an adapter takes from raw files, before anything is derived from the texts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

import pandas as pd

from abovebar.raw.cache import raw_file
from abovebar.tables.schemas import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from abovebar.raw.sources import Source

RESPONSE = KEY[1:]


@dataclass(frozen=True)
class RawFiles:
    """The raw files an adapter may read: verified against their hashes as they are opened."""

    sources: Mapping[str, Source]
    cache: Path

    def path(self, source: str, path: str) -> Path:
        """Return the local path of one raw file whose hash has been checked."""
        return raw_file(self.sources[source], path, self.cache)

    def names(self, source: str, pattern: str) -> list[str]:
        """Return the sorted upstream paths of `source` that match a shell-style `pattern`."""
        return sorted(path for path in self.sources[source].files if fnmatch(path, pattern))

    def lines(self, source: str, path: str) -> Iterator[dict[str, Any]]:
        """Yield the objects of a JSON Lines file."""
        with self.path(source, path).open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)


def _empty(*columns: str) -> pd.DataFrame:
    return pd.DataFrame(columns=[*RESPONSE, *columns])


@dataclass(frozen=True)
class Harvest:
    """One dataset as its source gives it; the frames lack the ``dataset`` column.

    Attributes
    ----------
    prompts
        ``prompt_id, domain, kind``, one row a prompt; the prompt's own text stays in memory,
        in column ``prompt``.
    responses
        ``prompt_id, model, sample, text`` and, where known, ``finish_reason, temperature, top_p,
        top_k, max_tokens, author``. The text stays in memory; None where the source publishes
        none. A column ``encode`` says which texts are turned into vectors; without it, all are.
    scores
        ``prompt_id, model, sample, judge, score``: the grades the source itself gives.
    ratings
        ``prompt_id, model, sample, judge, rater, score``: grades of single raters, whose mean
        joins the scores under the same judge.
    classes
        ``prompt_id, model, sample, partition, class_id``: the classes the source itself gives.
    counts
        ``prompt_id, model, judge, n, passed``, where the source publishes no answers.
    published
        ``prompt_id, model, measure, value``: figures as the source publishes them.
    tests
        ``prompt_id, program, entry_point``: unit tests to run on every program, in the sandbox.
    advises
        Whether the texts answer questions, so that the embedded judge, which imitates a grade of
        helpfulness, has something to say of them.
    pairwise
        Whether a calibrated rule compares all pairs of one model's answers to a prompt; not where
        hundreds of people stand under one name.
    pooled
        Whether answers of different models to one prompt are compared pair by pair, so that each
        that has a vector keeps sketches of its words too.
    sentences
        Whether the answers are stories short enough to have each sentence encoded.
    altered
        Whether measures of surprise are also taken of the texts with their words shuffled, and
        replaced by random ones.
    lean
        Whether the answers are too many to keep a hash of each text, or anything of each pair.
    """

    dataset: str
    prompts: pd.DataFrame
    responses: pd.DataFrame
    scores: pd.DataFrame = field(default_factory=lambda: _empty("judge", "score"))
    classes: pd.DataFrame = field(default_factory=lambda: _empty("partition", "class_id"))
    ratings: pd.DataFrame = field(default_factory=lambda: _empty("judge", "rater", "score"))
    counts: pd.DataFrame = field(default_factory=pd.DataFrame)
    published: pd.DataFrame = field(default_factory=pd.DataFrame)
    tests: pd.DataFrame = field(default_factory=pd.DataFrame)
    advises: bool = False
    pairwise: bool = True
    pooled: bool = False
    sentences: bool = False
    altered: bool = False
    lean: bool = False

    @property
    def is_code(self) -> bool:
        """Whether every prompt asks for a program."""
        return set(self.prompts["domain"]) == {"code"}

    @property
    def compared(self) -> bool:
        """Whether a model has several answers to some prompt, to be compared pair by pair."""
        return self.pairwise and bool(self.responses.duplicated(["prompt_id", "model"]).any())


def wants_vector(responses: pd.DataFrame) -> pd.Series:
    """Tell for which responses a vector is wanted: all, unless a column ``encode`` says no."""
    if "encode" not in responses:
        return pd.Series(True, index=responses.index)
    return responses["encode"].astype(bool)


def has_vector(responses: pd.DataFrame) -> pd.Series:
    """Tell which responses get a vector: those wanted that have a text which is not empty."""
    return wants_vector(responses) & (responses["text"].fillna("").str.strip() != "")
