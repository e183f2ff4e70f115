"""Levels of likeness: within a model, between two, between people, by chance; prompt by prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.hive.kin import kin_pairs, mean_of_pairs
from abovebar.findings.hive.likeness import ALL
from abovebar.measures.bootstrap import Estimate, mean_over_prompts
from abovebar.measures.voices import voices_over_prompts, within_between

if TYPE_CHECKING:
    from collections.abc import Mapping

    from abovebar.findings.hive.answers import Hive
    from abovebar.findings.hive.bench import HiveBench


def by_prompt_levels(hive: Hive, cube: np.ndarray) -> pd.DataFrame:
    """Return every level on each prompt of a cube, NaN where it is not defined.

    Parameters
    ----------
    cube : float array (P, M, M), models in the order of `hive.models`

    Returns
    -------
    DataFrame, P rows
        ``within``: two answers of one model; ``between``: answers of two models; ``between_same``:
        the same, of models that have two answers. ``family, strangers, house, outsiders``: between
        two models so related (`abovebar.findings.hive.kin.KINDS`). ``people``, two people;
        ``across``, a model and a person. And their differences.
    """
    own = hive.among_machines(cube).astype(float)
    levels = dict(zip(("within", "between_same"), within_between(own), strict=True))
    pairs = kin_pairs(hive.models)
    levels |= {kind: mean_of_pairs(cube, pairs[kind]) for kind in pairs}
    levels["between"] = levels.pop("all")
    nothing = np.full(len(cube), np.nan)
    levels["people"] = levels["across"] = nothing
    if hive.people is not None:
        levels["people"] = cube[:, hive.people, hive.people].astype(float)
        beside = np.zeros((len(hive.models), len(hive.models)), dtype=bool)
        beside[hive.machines, hive.people] = True
        levels["across"] = mean_of_pairs(cube, beside)
    frame = pd.DataFrame(levels)
    return frame.assign(
        between_less_within=frame["between_same"] - frame["within"],
        kin_less_strangers=frame["family"] - frame["strangers"],
        house_less_outsiders=frame["house"] - frame["outsiders"],
        above_people=frame["between"] - frame["people"],
        above_a_person=frame["between"] - frame["across"],
    )


def paired_change(hive: Hive, at_bar: np.ndarray, everything: np.ndarray) -> np.ndarray:
    """Return how much more alike usable answers are, pair of models by pair, prompt by prompt.

    Both members of a pair have a usable answer, and the same pair is looked at twice: so models
    that drop out at the bar change nothing.

    Parameters
    ----------
    at_bar, everything : float arrays (P, M, M)

    Returns
    -------
    float array (P,); NaN where no pair of models has two usable answers
    """
    return mean_of_pairs(at_bar - everything, kin_pairs(hive.models)["all"])


def estimates(bench: HiveBench, dataset: str, view: str | float = ALL,
              name: str = "") -> dict[str, Estimate]:
    """Return every level of one view as a mean over prompts; ``voices``: the limit w / b.

    With a bar, also ``bar_unpaired``, the difference of the two means of all pairs at hand, which
    models that drop out change; and ``bar_less_all`` (`paired_change`), where models have several
    answers: of a single answer each it would be nought whatever the answers.
    """
    hive, cube = bench.hives[dataset], bench.cube(dataset, view, name)
    frame = by_prompt_levels(hive, cube)
    weights = bench.weights(len(cube))
    found = {c: mean_over_prompts(frame[c].to_numpy(), weights) for c in frame}
    found["voices"] = voices_over_prompts(
        frame["within"].to_numpy(), frame["between_same"].to_numpy(), np.inf, weights
    )
    if isinstance(view, str):
        return found
    everything = bench.cube(dataset, ALL, name)
    if hive.several:
        change = paired_change(hive, cube, everything)
        found["bar_less_all"] = mean_over_prompts(change, weights)
    at_bar = found["between"]
    without = mean_over_prompts(mean_of_pairs(everything, kin_pairs(hive.models)["all"]), weights)
    found["bar_unpaired"] = Estimate(
        at_bar.value - without.value, at_bar.replicates - without.replicates, at_bar.n_prompts
    )
    return found


def as_rows(found: Mapping[str, Estimate], **terms: object) -> pd.DataFrame:
    """Return one row an estimate: ``measure, value, low, high, n_prompts`` and the terms."""
    rows = []
    for measure, estimate in found.items():
        if estimate.n_prompts:
            rows.append({"measure": measure, **terms, **estimate.row()})
    return pd.DataFrame(rows, columns=["measure", *terms, "value", "low", "high", "n_prompts"])
