"""The table `altered`: what measures of surprise say of stories that nobody would call creative."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.encoding.encode import coarsen, pack, unpack
from abovebar.measures.neighbours import to_references
from abovebar.surprisal.score import weigh_words
from abovebar.tables.harvest import RESPONSE
from abovebar.texts.baselines import noise, shuffled
from abovebar.texts.rounding import significant
from abovebar.texts.sentence_steps import sentence_steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from abovebar.surprisal.ngram import NgramModel

SEED = 20260226


def altered_table(
    texts: pd.DataFrame, vectors: np.ndarray, model: NgramModel,
    embed: Callable[[list[str]], np.ndarray], seed: int = SEED,
) -> pd.DataFrame:
    """Measure every text with its words shuffled, and with each replaced by a random one.

    Parameters
    ----------
    texts : ``prompt_id, model, sample, text``; no text may be empty
    vectors : float array (n, d) of unit vectors of the texts as they are
    model
        The model of expectation that may read them; random words are drawn evenly from its
        vocabulary, so that each of them is a word.
    embed
        From texts, none empty, to a float array of unit vectors.

    Returns
    -------
    DataFrame of schema `altered` without ``dataset``, two rows a text. ``nearest`` is the cosine
    distance, 0 to 2, to the nearest text *as it is* of the same prompt, the altered text's own
    left out; NaN where there is no other. Figures have three significant digits.
    """
    words = sorted(model.words)
    made = {
        "shuffled": [shuffled(text, seed) for text in texts["text"]],
        "noise": [noise(text, words, seed) for text in texts["text"]],
    }
    tables = []
    for name, changed in made.items():
        read = weigh_words(changed, model)
        kept = unpack(coarsen(*pack(embed(changed)))[0])
        tables.append(texts[RESPONSE].assign(
            alteration=name, surprisal=significant(read["bits"]),
            unknown=significant(read["unknown"]),
            sentence_step=significant(sentence_steps(changed, embed)["mean_step"]),
            nearest=significant(nearest_other(kept, vectors, texts["prompt_id"].to_numpy())),
        ))
    return pd.concat(tables, ignore_index=True)


def nearest_other(altered: np.ndarray, sound: np.ndarray, prompt: np.ndarray) -> np.ndarray:
    """Return each altered text's distance to the nearest sound one that it was not made from.

    Parameters
    ----------
    altered, sound : float arrays (n, d) of unit vectors, row by row of the same text
    prompt : array (n,); only texts to the same prompt are compared

    Returns
    -------
    float array (n,) in [0, 2]; NaN where a prompt has no other text
    """
    found = np.full(len(altered), np.nan)
    for rows, distances in to_references(altered, sound, prompt, prompt):
        own = rows[:, None] == np.flatnonzero(prompt == prompt[rows[0]])
        nearest = np.where(own, np.inf, distances).min(axis=1)
        found[rows] = np.where(np.isfinite(nearest), nearest, np.nan)
    return found
