"""How alike models' answers to the same prompt are: prompts by models by models, one cube a view.

A *similarity* is a way to compare two answers, a *view* says which pairs of answers count: all,
those that reach a bar, those about as long, those to different prompts. The diagonal of a cube
compares answers of one model, never an answer with itself, nor two of one writer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from abovebar.sameness.similarity import MATRICES, similarity
from abovebar.texts.sketch import estimated_jaccard, match_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from abovebar.findings.hive.answers import Hive
    from abovebar.sameness.same_answer import PairRule

    View = Callable[[pd.DataFrame], np.ndarray]
    Cubes = dict[tuple[str, str | float], np.ndarray]

SIMILARITIES = ("same", "cosine", "words")
ALL, AS_LONG = "all", "as long"
NEAR = 1.25  # two answers are about as long if the longer has at most this many times the words


def compare(answers: pd.DataFrame, name: str, rule: PairRule | None) -> np.ndarray:
    """Return the similarity of each two of n answers, (n, n).

    ``same``, the chance that people call the two the same, by `rule`; ``cosine`` of their vectors;
    ``words``, Jaccard's index of their sets of words, estimated without bias from sketches (so a
    single pair may fall a little below 0; Li and König 2010), and without any encoder.
    """
    if name == "same":
        return similarity(answers, rule)
    if name == "cosine":
        return MATRICES["cosine"](answers)
    sketches = np.stack(answers["sketch words"])
    return estimated_jaccard(match_table(sketches, sketches).astype(float))


def all_pairs(rows: pd.DataFrame) -> np.ndarray:
    """Count every pair of answers by two writers, bool (n, n)."""
    writer = pd.factorize(rows["writer"])[0]
    return writer[:, None] != writer


def at_bar(bar: float) -> View:
    """Count the pairs of which both answers reach a bar; an answer without a grade does not."""

    def view(rows: pd.DataFrame) -> np.ndarray:
        usable = rows["quality"].to_numpy(float) >= bar
        return all_pairs(rows) & usable & usable[:, None]

    return view


def about_as_long(rows: pd.DataFrame) -> np.ndarray:
    """Count the pairs of which the longer has at most `NEAR` times the words of the shorter."""
    words = np.log(np.maximum(rows["n_words"].to_numpy(float), 1))
    return all_pairs(rows) & (np.abs(words[:, None] - words) <= np.log(NEAR) + 1e-9)


def other_prompts(rows: pd.DataFrame) -> np.ndarray:
    """Count the pairs of answers to two different prompts."""
    prompt = pd.factorize(rows["prompt_id"])[0]
    return all_pairs(rows) & (prompt[:, None] != prompt)


def views(bars: Iterable[float] = ()) -> dict[str | float, View]:
    """Return the views of all pairs, of those as long, and of those at each bar."""
    return {ALL: all_pairs, AS_LONG: about_as_long} | {float(b): at_bar(b) for b in bars}


def mean_by_group(matrix: np.ndarray, counted: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Average the counted pairs of n answers by the groups of the two.

    Parameters
    ----------
    matrix : float array (n, n)
    counted : bool array (n, n)
    group : float array (n, M), 1 where an answer is in a group

    Returns
    -------
    float array (M, M); NaN where no pair counts
    """
    number = group.T @ counted.astype(float) @ group
    total = group.T @ (matrix * counted) @ group
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)


def likeness(
    blocks: Iterable[pd.DataFrame], n_models: int, names: Iterable[str],
    chosen: Mapping[str | float, View], rule: PairRule | None,
) -> Cubes:
    """Return a cube for each similarity and view, float32 (P, M, M).

    Parameters
    ----------
    blocks
        The answers, prompt by prompt: rows of `Hive.answers`.
    chosen
        Views by name.
    """
    found: dict[tuple[str, str | float], list[np.ndarray]] = {}
    with threadpool_limits(1):  # small matrices: threads would only wait for each other
        for rows in blocks:
            group = np.eye(n_models)[rows["number"]]
            counted = {view: count(rows) for view, count in chosen.items()}
            for name in names:
                matrix = compare(rows, name, rule)
                for view, pairs in counted.items():
                    cube = mean_by_group(matrix, pairs, group).astype(np.float32)
                    found.setdefault((name, view), []).append(cube)
    return {key: np.stack(slices) for key, slices in found.items()}


def by_prompt(hive: Hive) -> Iterator[pd.DataFrame]:
    """Yield the answers to each prompt, in order."""
    for _, rows in hive.answers.groupby("prompt_id", sort=True):
        yield rows


def shuffled_prompts(
    hive: Hive, seed: int, least: int = 60, each: int = 3
) -> Iterator[pd.DataFrame]:
    """Yield blocks in which every model answers another prompt: the likeness that chance brings.

    In block k stand the answers of model m to prompt k + o(m), with offsets o dealt out by lot.
    Where there are more models than prompts some share an offset: look with `other_prompts`.

    Parameters
    ----------
    least
        Few prompts are dealt out several times, to make so many blocks.
    each
        How many answers of a model to a prompt are looked at, by lot.
    """
    rng, n = np.random.default_rng(seed), len(hive.prompts)
    rows = hive.answers[hive.answers["number"].isin(hive.machines)]
    rows = rows.sample(frac=1, random_state=seed).groupby(["prompt_id", "number"]).head(each)
    rows = rows.sort_index()
    place = rows["prompt_id"].map({p: i for i, p in enumerate(hive.prompts)}).to_numpy()
    for _ in range(-(-least // n)):
        # From all prompts, near and far: neighbours in a source are often of one kind.
        offset = rng.permutation(max(n, len(hive.models)))[: len(hive.models)] % n
        block = (place - offset[rows["number"]]) % n
        for _, together in rows.groupby(block):
            yield together
