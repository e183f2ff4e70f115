"""From a harvest to the tables: what is kept of the texts once the texts are gone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.encoding.embedding_store import embed_in_shards
from abovebar.encoding.encode import MINILM, coarsen, load_encoder, unpack
from abovebar.tables.grading import grade_and_class
from abovebar.tables.harvest import RESPONSE, has_vector
from abovebar.tables.parquet import table_path, write_table
from abovebar.tables.schemas import KEY, SCHEMAS
from abovebar.texts.altered import altered_table
from abovebar.texts.measure import measure_texts
from abovebar.texts.sentence_steps import stored_encoder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from abovebar.tables.harvest import Harvest
    from abovebar.tables.instruments import Instruments


def derive(
    harvest: Harvest, instruments: Instruments, folder: Path,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> dict[str, int]:
    """Derive and write every table of one dataset; return the rows of each.

    A table without a row is not written, and one left over from an earlier run is removed.

    Parameters
    ----------
    folder
        Where the dataset's own folder of tables goes.
    progress
        Called with the step's name, how many answers it has just done, and how many it will do.
    """
    responses = harvest.responses.sort_values(RESPONSE, ignore_index=True)
    texts = responses[responses["text"].notna()].reset_index(drop=True)
    texts = texts.merge(harvest.prompts[["prompt_id", "prompt"]], on="prompt_id", how="left")
    encoded, steps, scale = _encode(texts, instruments.store / "vectors", progress)
    scores, classes, same = grade_and_class(texts, encoded, steps, harvest, instruments, progress)
    tables = {
        "prompts": harvest.prompts,
        "responses": describe_texts(responses).drop(
            columns="text_sha256" if harvest.lean else []
        ),
        "scores": scores,
        "ratings": harvest.ratings,
        "classes": classes,
        "counts": harvest.counts,
        "published": harvest.published,
        "embeddings": (kept := _vectors(encoded, steps, scale)),
        "altered": _altered(harvest, encoded, kept, instruments, progress),
        **measure_texts(
            harvest, texts, scores, same, bars=instruments.bars, reference=instruments.reference,
            store=instruments.store / "vectors", progress=progress,
        ),
    }
    tables = {name: frame for name, frame in tables.items() if len(frame)}
    for name, frame in tables.items():
        keep = [c for c in SCHEMAS[name].columns if c != "dataset"]
        write_table(
            frame.reindex(columns=keep).assign(dataset=harvest.dataset),
            folder, harvest.dataset, name,
        )
    for name in SCHEMAS.keys() - tables.keys():
        table_path(folder, harvest.dataset, name).unlink(missing_ok=True)
    return {name: len(frame) for name, frame in tables.items()}


def _encode(
    texts: pd.DataFrame, store: Path, progress: Callable[[str, int, int], None]
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return the answers that have a vector, and the packed vectors; an empty text has none."""
    rows = texts[has_vector(texts)].reset_index(drop=True)
    if rows.empty:
        return rows, np.empty((0, 0), dtype=np.int8), np.empty(0, dtype=np.float32)
    steps, scale = embed_in_shards(
        rows["text"].tolist(), load_encoder, MINILM, store,
        progress=lambda done: progress("vectors", done, len(rows)),
    )
    return rows, steps, scale


def _vectors(encoded: pd.DataFrame, steps: np.ndarray, scale: np.ndarray) -> pd.DataFrame:
    """Return the vectors as tables keep them, coarser than the instruments above saw them."""
    kept, scale = coarsen(steps, scale)
    return encoded[RESPONSE].assign(encoder=MINILM, scale=scale, vector=list(kept))


def _altered(
    harvest: Harvest, encoded: pd.DataFrame, kept: pd.DataFrame, instruments: Instruments,
    progress: Callable[[str, int, int], None],
) -> pd.DataFrame:
    """Return the table `altered`; empty where it is not wanted, or nothing tells what to expect."""
    if not harvest.altered or instruments.reference is None or encoded.empty:
        return pd.DataFrame()
    table = altered_table(
        encoded, unpack(np.stack(kept["vector"])), instruments.reference(harvest.dataset),
        stored_encoder(instruments.store / "vectors"),
    )
    progress("spoilt texts", len(encoded), len(encoded))
    return table


def describe_texts(responses: pd.DataFrame) -> pd.DataFrame:
    """Return the responses with facts about each text in place of the text.

    ``n_chars``, ``n_words`` (parted by white space) and the head of the text's SHA-256, all empty
    where there is no text.
    """
    text = responses["text"]
    known = text.notna()
    facts = pd.DataFrame(
        {
            "n_chars": text[known].str.len(),
            "n_words": text[known].str.split().str.len(),
            "text_sha256": [
                hashlib.sha256(t.encode("utf-8", "surrogatepass")).hexdigest()[:16]
                for t in text[known]
            ],
        },
        index=responses.index[known],
    )
    return responses.join(facts)[[*RESPONSE, *facts.columns, *_settings(responses)]]


def _settings(responses: pd.DataFrame) -> list[str]:
    return [c for c in responses if c in SCHEMAS["responses"].columns and c not in KEY]
