"""The answers of one data set, ready to be compared: people as one more model, one setting each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.encoding.encode import MINILM
from abovebar.errors import AboveBarError
from abovebar.tables.parquet import read_table
from abovebar.tables.pooled import ANSWER, pooled_answers

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

PEOPLE = "people"
# Other settings of the same weights are no further models; nor are people of another study, who
# answered one prompt alone. Where a source has one setting of a model, nothing needs to be said.
SETTINGS = {"word-stories": {"gemini-2.5-flash-lite": "t1", "human": "study2"}}


@dataclass(frozen=True)
class Hive:
    """What many models, and perhaps people, answered to the prompts of one data set.

    Attributes
    ----------
    answers
        As `abovebar.tables.pooled.pooled_answers` returns them, sorted by prompt, with ``number``
        (the place of the model in `models`), ``writer`` (who wrote it: two answers of one writer
        are never compared) and ``quality`` (NaN without a grade).
    models
        ``model, label, family, developer, year``, a row a model, in order; people last if any
        wrote. ``year`` is the release in years, NaN where unknown.
    prompts
        In order.
    kinds
        By prompt, what the source says that it asks for.
    """

    dataset: str
    answers: pd.DataFrame
    models: pd.DataFrame
    prompts: list[str]
    kinds: pd.Series

    @property
    def machines(self) -> np.ndarray:
        """Places of the models that are no people."""
        return np.flatnonzero(self.models["model"] != PEOPLE)

    @property
    def people(self) -> int | None:
        """The place of people; None if no person wrote."""
        at = np.flatnonzero(self.models["model"] == PEOPLE)
        return int(at[0]) if len(at) else None

    def among_machines(self, cube: np.ndarray) -> np.ndarray:
        """Return the part of a cube (P, M, M) that compares models with models."""
        return cube[:, self.machines][:, :, self.machines]

    @cached_property
    def several(self) -> bool:
        """Tell whether models have several answers to a prompt."""
        own = self.answers[self.answers["number"].isin(self.machines)]
        return bool(own.duplicated(["prompt_id", "number"]).any())

    def only(self, prompts: Collection[str]) -> Hive:
        """Return the same on some prompts alone."""
        kept = [p for p in self.prompts if p in set(prompts)]
        rows = self.answers[self.answers["prompt_id"].isin(kept)]
        return Hive(self.dataset, rows, self.models, kept, self.kinds.loc[kept])


def load_hive(
    folders: Sequence[str | Path], dataset: str, registry: pd.DataFrame, *,
    encoder: str = MINILM, judge: str = "", without: Collection[str] = (),
) -> Hive:
    """Read one data set's answers that have a vector.

    Parameters
    ----------
    registry
        From `abovebar.tables.registry.load_models`.
    judge
        Whose grades to carry; none, if empty.
    without
        Models or families to leave out.

    Raises
    ------
    AboveBarError
        If nobody is left to be compared, or as `pooled_answers` does.
    """
    known = _one_setting(registry[registry["dataset"] == dataset], dataset)
    known = known[~known["model"].isin(without) & ~known["family"].isin(without)]
    answers = pooled_answers(folders, dataset, ["words", "capitals"], encoder=encoder)
    answers = answers[answers["model"].isin(known["model"])]
    responses = read_table(folders, dataset, "responses")
    answers = answers.merge(responses[[*ANSWER, "author"]], on=ANSWER, how="left")
    answers = answers.merge(_grades(folders, dataset, judge), on=ANSWER, how="left")
    people = answers["model"].isin(known.loc[known["stage"] == "human", "model"])
    alone = answers["model"] + " " + answers["sample"].astype(str)
    writer = answers["author"].where(answers["author"].notna(), alone)
    # A list's code is its own within prompt and model; a person's is one for all prompts.
    answers["writer"] = np.where(people, writer, answers["model"] + "/" + writer.astype(str))
    # `exact` counts its classes within a prompt; answers to other prompts are compared here too.
    answers["class_id"] = list(zip(answers["prompt_id"], answers["class_id"], strict=True))
    answers["model"] = answers["model"].where(~people, PEOPLE)
    models = _describe(known, set(answers["model"]))
    if len(models) < 2 or set(models["model"]) == {PEOPLE}:
        raise AboveBarError(
            f"dataset {dataset!r}", met=f"models {list(models['model'])}",
            wanted="two, or one and people",
            remedy="Leave out fewer models.",
        )
    number = pd.Series(range(len(models)), index=models["model"])
    answers["number"] = answers["model"].map(number)
    answers = answers.sort_values(["prompt_id", "number", "sample"], ignore_index=True)
    prompts = list(answers["prompt_id"].unique())
    kinds = read_table(folders, dataset, "prompts").set_index("prompt_id")["kind"].loc[prompts]
    return Hive(dataset, answers, models, prompts, kinds)


def _one_setting(known: pd.DataFrame, dataset: str) -> pd.DataFrame:
    chosen = SETTINGS.get(dataset, {})
    wanted = known["weights"].map(chosen)
    kept = known[wanted.isna() | (known["setting"] == wanted)]
    label = kept["label"].copy()
    several = kept["setting"].fillna("") != ""
    label[several] = [x.removesuffix(f", {s}") for x, s in zip(
        label[several], kept.loc[several, "setting"], strict=True)]
    return kept.assign(label=label)


def _grades(folders: Sequence[str | Path], dataset: str, judge: str) -> pd.DataFrame:
    if not judge:
        return pd.DataFrame({name: [] for name in ANSWER} | {"quality": []}).astype(
            {"prompt_id": str, "model": str, "sample": "int16", "quality": float}
        )
    scores = read_table(folders, dataset, "scores")
    if judge not in set(scores["judge"]):
        raise AboveBarError(
            f"dataset {dataset!r}", met=f"judge {judge!r}",
            wanted=f"one of {sorted(scores['judge'].unique())}", remedy="Correct the judge.",
        )
    own = scores[scores["judge"] == judge].rename(columns={"score": "quality"})
    return own[[*ANSWER, "quality"]]


def _describe(known: pd.DataFrame, met: set[str]) -> pd.DataFrame:
    own = known[known["model"].isin(met)].sort_values("model")
    # A month or a day, as a number of years.
    day = pd.to_datetime(own["released"].where(own["released"] != ""), format="ISO8601")
    year = day.dt.year + (day.dt.day_of_year - 1) / 365.25
    models = own[["model", "label", "family", "developer"]].assign(year=year)
    if PEOPLE in met:
        person = {"model": PEOPLE, "label": "people", "family": "", "developer": "", "year": np.nan}
        models = pd.concat([models, pd.DataFrame([person])])
    return models.reset_index(drop=True)
