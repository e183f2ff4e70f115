"""What was measured on texts that are gone: it must be whole, and about answers that had a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from abovebar.checking.flaws import Flaw, rows_amiss
from abovebar.checking.response_facts import has_text, is_blank
from abovebar.tables.schemas import ALL_ANSWERS, ALTERATIONS, SKETCH_BYTES, SKETCH_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from abovebar.checking.coding import Coding

TABLES = ("features", "pairs", "sets", "altered", "sketches")
_REMEDY = "Derive the data set again: `abovebar tables`."


def check_text_tables(
    tables: Mapping[str, pd.DataFrame], paths: Mapping[str, Path], coding: Coding
) -> Iterator[Flaw]:
    """Yield what is amiss with the tables of `TABLES`, as far as they are there."""
    worded = _with_words(tables["responses"], coding)
    for name in TABLES:
        if name in tables and name != "sets":
            frame = tables[name]
            mute = ~np.isin(coding.keys(frame), worded)
            yield from rows_amiss(
                paths[name], frame, mute, [], "an answer whose text has a word", _REMEDY
            )
    if "features" in tables:
        yield from _check_features(tables["features"], paths["features"])
    if "pairs" in tables:
        yield from _check_pairs(tables["pairs"], paths["pairs"], coding, worded)
    if "sets" in tables:
        yield from _check_sets(tables, paths["sets"], coding)
    if "altered" in tables:
        yield from _check_altered(tables["altered"], paths["altered"], coding)
    if "sketches" in tables:
        yield from _check_sketches(tables, paths["sketches"], coding)


def _with_words(responses: pd.DataFrame, coding: Coding) -> np.ndarray:
    return coding.keys(responses)[has_text(responses) & ~is_blank(responses)]


def _check_features(features: pd.DataFrame, path: Path) -> Iterator[Flaw]:
    excess = features["n_types"].fillna(0) > features["n_tokens"].fillna(0)
    yield from rows_amiss(
        path, features, excess, ["n_tokens", "n_types"], "at most as many types as tokens", _REMEDY
    )


def _check_pairs(
    pairs: pd.DataFrame, path: Path, coding: Coding, worded: np.ndarray
) -> Iterator[Flaw]:
    """Yield pairs with an answer that has no words, and cells of which a pair is missing."""
    others = coding.keys(pairs.assign(sample=pairs["other"]))
    yield from rows_amiss(
        path, pairs, ~np.isin(others, worded), ["other"], "two answers whose texts have a word",
        _REMEDY,
    )
    cells = coding.cells(pairs)
    samples = pd.concat([pairs["sample"], pairs["other"]]).groupby(np.tile(cells, 2)).nunique()
    met = pd.Series(cells).map(pd.Series(cells).value_counts())
    wanted = pd.Series(cells).map(samples * (samples - 1) // 2)
    first = ~pd.Series(cells).duplicated()
    yield from rows_amiss(
        path, pairs.assign(pairs=met.to_numpy()), ((met != wanted) & first).to_numpy(), ["pairs"],
        "a row for every pair of a model's answers to a prompt", _REMEDY,
    )


def _check_sets(
    tables: Mapping[str, pd.DataFrame], path: Path, coding: Coding
) -> Iterator[Flaw]:
    """Yield sets that hold more answers than there are, or than reach the bar."""
    sets = tables["sets"]
    cells = coding.cells(sets)
    everyone = (sets["judge"] == ALL_ANSWERS).to_numpy()
    wrong = everyone != np.isneginf(sets["bar"])
    yield from rows_amiss(
        path, sets, wrong, ["judge", "bar"], f"the bar -inf for judge {ALL_ANSWERS!r} alone",
        _REMEDY,
    )
    responses = tables["responses"]
    there = pd.Series(coding.cells(responses)[has_text(responses)]).value_counts()
    most = pd.Series(cells).map(there).fillna(0).to_numpy()
    if "scores" in tables:
        most = np.where(everyone, most, _reaching(tables["scores"], sets, cells, coding))
    yield from rows_amiss(
        path, sets.assign(reach=most), sets["n"].to_numpy() > most,
        ["judge", "bar", "n", "reach"], "at most as many answers as there are at the bar", _REMEDY,
    )


def _reaching(
    scores: pd.DataFrame, sets: pd.DataFrame, cells: np.ndarray, coding: Coding
) -> np.ndarray:
    """Return how many answers of each set's prompt and model reach its judge's bar."""
    asked = pd.DataFrame({"cell": cells, "judge": sets["judge"].astype(str), "bar": sets["bar"]})
    given = pd.DataFrame({
        "cell": coding.cells(scores), "judge": scores["judge"].astype(str),
        "score": scores["score"].to_numpy(),
    })
    found = np.zeros(len(asked), dtype=np.int64)
    for (judge, bar), rows in asked.groupby(["judge", "bar"]):
        reach = given.loc[(given["judge"] == judge) & (given["score"] >= bar), "cell"]
        found[rows.index] = rows["cell"].map(reach.value_counts()).fillna(0)
    return found


def _check_altered(altered: pd.DataFrame, path: Path, coding: Coding) -> Iterator[Flaw]:
    """Yield the rows of answers that were not altered in every way."""
    ways = altered["alteration"].astype(str).groupby(coding.keys(altered)).transform("nunique")
    yield from rows_amiss(
        path, altered, (ways != len(ALTERATIONS)).to_numpy(), ["alteration"],
        f"each of {', '.join(ALTERATIONS)}", _REMEDY,
    )


def _check_sketches(
    tables: Mapping[str, pd.DataFrame], path: Path, coding: Coding
) -> Iterator[Flaw]:
    """Yield sketches of the wrong size, and answers that lack one of the kinds or a vector."""
    sketches = tables["sketches"]
    length = pq.ParquetFile(path).schema_arrow.field("sketch").type.list_size
    if length != SKETCH_BYTES:
        yield Flaw(path, f"sketches of {length} bytes", f"{SKETCH_BYTES} bytes", _REMEDY)
    keys = coding.keys(sketches)
    kinds = sketches["kind"].astype(str).groupby(keys).transform("nunique")
    yield from rows_amiss(
        path, sketches, (kinds != len(SKETCH_KINDS)).to_numpy(), ["kind"],
        f"all of {', '.join(SKETCH_KINDS)}", _REMEDY,
    )
    if "embeddings" in tables:
        apart = ~np.isin(keys, coding.keys(tables["embeddings"]))
        yield from rows_amiss(path, sketches, apart, ["kind"], "answers with a vector", _REMEDY)
