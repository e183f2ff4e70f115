"""Models beside people where prompts are few: the prompts are given, who wrote is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from abovebar.findings.hive.answers import PEOPLE
from abovebar.findings.hive.likeness import by_prompt, compare, mean_by_group
from abovebar.measures.bootstrap import Estimate
from abovebar.measures.drawn_pairs import drawn_within, mean_over_drawn_pairs
from abovebar.measures.known_mean import known_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from abovebar.findings.hive.answers import Hive
    from abovebar.findings.hive.likeness import View
    from abovebar.sameness.same_answer import PairRule

    Writers = dict[tuple[str, str], list[tuple[pd.DataFrame, np.ndarray]]]


def writer_likeness(
    hive: Hive, names: Iterable[str], chosen: Mapping[str, View], rule: PairRule | None
) -> Writers:
    """Return for each similarity and view, prompt by prompt, who wrote and how alike they are.

    A writer is a person, a list of a model, or one story of a model; what one of them wrote to a
    prompt is taken together.

    Returns
    -------
    lists of ``(DataFrame writer, model; float array (w, w))`` by similarity and view, NaN where no
    pair counts
    """
    found: Writers = {(name, view): [] for name in names for view in chosen}
    with threadpool_limits(1):
        for rows in by_prompt(hive):
            code, writer = pd.factorize(rows["writer"])
            who = rows.drop_duplicates("writer")[["writer", "model"]].reset_index(drop=True)
            group = np.eye(len(writer))[code]
            counted = {view: count(rows) for view, count in chosen.items()}
            for name in names:
                matrix = compare(rows, name, rule)
                for view, pairs in counted.items():
                    mean = mean_by_group(matrix, pairs, group)
                    found[name, view].append((who, mean.astype(np.float32)))
    return found


@dataclass(frozen=True)
class DrawnLevels:
    """How alike who is to whom, with writers drawn; each an array (1 + B,), the first as found.

    Attributes
    ----------
    within : two answers of one model; NaN where every model wrote once
    between : answers of two models
    people : answers of two people
    across : a model's answer and a person's
    n : people or model answers drawn, whichever are fewer
    """

    within: np.ndarray
    between: np.ndarray
    people: np.ndarray
    across: np.ndarray
    n: int

    def estimate(self, values: np.ndarray) -> Estimate:
        """Return an array of the same draws as an estimate."""
        return Estimate(values[0], values[1:], np.array(self.n))


def draw_levels(
    prompts: list[tuple[pd.DataFrame, np.ndarray]], n_boot: int, seed: int
) -> DrawnLevels:
    """Draw people, and models or their answers, and average over the prompts, which are given.

    A person who answered several prompts is drawn for all of them at once. Where each model wrote
    one answer a prompt, models are drawn, likewise; where they wrote several, the models are given
    and each one's answers drawn, prompt by prompt, every pair of models weighing the same.

    Parameters
    ----------
    prompts
        One similarity of `writer_likeness`.
    """
    rng = np.random.default_rng(seed)
    who = pd.concat([frame for frame, _ in prompts], keys=range(len(prompts)), names=["prompt"])
    persons = who.loc[who["model"] == PEOPLE, "writer"].unique()
    machines = who.loc[who["model"] != PEOPLE]
    once = machines.groupby(["prompt", "model"]).size().max() == 1
    models = machines["model"].unique()
    by_person = drawn_within(np.zeros(len(persons)), n_boot, rng)
    by_model = drawn_within(np.zeros(len(models)), n_boot, rng) if once else None
    levels = []
    for frame, matrix in prompts:
        model = frame["model"].to_numpy()
        human = model == PEOPLE
        own = np.flatnonzero(~human)
        if by_model is None:
            drawn = drawn_within(model[own], n_boot, rng)
            drawn /= pd.Series(model[own]).groupby(model[own]).transform("size").to_numpy()
        else:
            drawn = by_model[:, pd.Index(models).get_indexer(model[own])]
        people = by_person[:, pd.Index(persons).get_indexer(frame.loc[human, "writer"])]
        levels.append(_levels(matrix, model, own, np.flatnonzero(human), drawn, people))
    mean = known_mean(np.array(levels), axis=0)
    n_own = len(models) if once else len(machines)
    return DrawnLevels(*mean, n=min(n_own, len(persons)))


def _levels(
    matrix: np.ndarray, model: np.ndarray, own: np.ndarray, human: np.ndarray,
    drawn: np.ndarray, people: np.ndarray,
) -> np.ndarray:
    """Return within, between, people and across on one prompt, (4, 1 + B)."""
    known = ~np.isnan(matrix)
    np.fill_diagonal(known, val=False)
    alike = model[:, None] == model

    def pairs(a: np.ndarray, b: np.ndarray, counted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        at = np.ix_(a, b)
        return matrix[at], counted[at]

    with threadpool_limits(1):
        within = [
            mean_over_drawn_pairs(*pairs(own[mine], own[mine], known), drawn[:, mine])
            for mine in (model[own] == m for m in np.unique(model[own]))
        ]
        return np.array([
            known_mean(np.array(within), axis=0),
            mean_over_drawn_pairs(*pairs(own, own, known & ~alike), drawn),
            mean_over_drawn_pairs(*pairs(human, human, known), people),
            mean_over_drawn_pairs(*pairs(own, human, known), drawn, people),
        ])
