"""The first words of an answer, where the reader's own machine has the raw files.

No text of a raw file is committed, so a page shows excerpts only if it was built beside the cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from abovebar.adapters import ADAPTERS
from abovebar.paths import cache_dir
from abovebar.raw.sources import load_sources
from abovebar.tables.harvest import RESPONSE, RawFiles
from abovebar.tables.registry import load_datasets

if TYPE_CHECKING:
    from pathlib import Path


def excerpts(
    root: str | Path, dataset: str, keys: pd.DataFrame, *, words: int = 25,
    cache: Path | None = None,
) -> list[str] | None:
    """Return the first words of each answer, or None where the raw files are not in the cache.

    What comes back is what a model or a person wrote: escape it before it is shown.

    Parameters
    ----------
    root
        A checkout of the book.
    keys
        ``prompt_id, model, sample``, one row an answer.
    words
        How many words at most; an answer cut short ends in an ellipsis.
    cache
        The folder of raw files; that of `abovebar fetch` if None.

    Returns
    -------
    list of str, one an answer: white space folded to single blanks, and no sign that does not
    print; "" for an answer that the source does not hold, as one of a researcher's own run

    Raises
    ------
    AboveBarError
        If the data set is unknown, or a raw file that is there is not the pinned one.
    """
    sources, cache = load_sources(root), cache or cache_dir()
    source = sources[load_datasets(root).loc[dataset, "source"]]
    if not all(source.place(file, cache).is_file() for file in source.files.values()):
        return None
    texts = ADAPTERS[dataset](RawFiles(sources, cache)).responses.set_index(RESPONSE)["text"]
    wanted = pd.MultiIndex.from_frame(keys[RESPONSE])
    return [_head(text, words) for text in texts.reindex(wanted)]


def _head(text: str | None, words: int) -> str:
    if not isinstance(text, str):
        return ""
    clean = "".join(sign if sign.isprintable() else " " for sign in text).split()
    return " ".join(clean[:words]) + " …" * (len(clean) > words)
