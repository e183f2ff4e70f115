"""HANNA: ten early story systems and people on 96 prompts, rated; six later models' stories.

Source ``hanna``. Of the ten early systems the pinned files have the ratings and no text; of people,
both; of the six later models (Chhun et al. 2024), the text and no rating. Nothing but its place
in the list joins a rating to its prompt.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd

from abovebar.adapters.stories.hanna_columns import HUMAN, SCORES
from abovebar.adapters.upstream import upstream_changed
from abovebar.errors import AboveBarError
from abovebar.tables.harvest import RESPONSE, Harvest

if TYPE_CHECKING:
    from abovebar.tables.harvest import RawFiles

DATASET = "hanna"
SOURCE = "hanna"
NAMES = {"Human": "human", "GPT-2 (tag)": "GPT-2-tag"}
PROMPTS = 96
FAILED = 1.0  # The lowest mark a model could give; a failed try counts as -1 in the mean of three.


def read(raw: RawFiles) -> Harvest:
    """Read the three raters' marks, the chosen measures and models' marks, and the texts."""
    metrics = pd.read_csv(raw.path(SOURCE, "hanna_metric_scores_llm.csv")).set_index("Model")
    stories = pd.read_csv(raw.path(SOURCE, "hanna_llm_stories.csv"), dtype=str)
    prompts, texts = _texts(stories)
    scores = pd.concat([_column(metrics, c).assign(judge=j) for c, j in SCORES.items()])
    # A mean below the scale's end holds a failed try. Where the others outweigh it, it hides.
    failed = ~scores["judge"].str.startswith("auto/") & (scores["score"] < FAILED)
    ratings = pd.concat(
        [_column(metrics, c).assign(judge=j, rater=r) for c, (j, r) in HUMAN.items()]
    )
    unpublished = ratings[RESPONSE].drop_duplicates().merge(texts, "left", RESPONSE)
    return Harvest(
        DATASET,
        prompts=prompts.assign(domain="stories", kind="writing prompt"),
        responses=pd.concat(
            [texts, unpublished[unpublished["text"].isna()]], ignore_index=True
        ),
        scores=scores[~failed].reset_index(drop=True),
        ratings=ratings.reset_index(drop=True),
        pooled=True,
        sentences=True,
        altered=True,
    )


def _texts(stories: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the prompts, named by their place, and the stories of people and of later models."""
    place = stories.groupby("Model").cumcount()
    named = stories.assign(prompt_id=place.map(_name), sample=0)
    prompts = named[["prompt_id", "Prompt", "Human"]].drop_duplicates()
    if len(prompts) != PROMPTS:
        raise AboveBarError(
            "hanna_llm_stories.csv", met=f"{len(prompts)} places with a prompt and its human story",
            wanted=f"{PROMPTS}, the same for every model",
            remedy="The models' rows no longer run in step; join them by prompt instead.",
        )
    people = prompts.assign(model="human", sample=0).rename(columns={"Human": "text"})
    models = named.rename(columns={"Model": "model", "Story": "text"})
    columns = [*RESPONSE, "text"]
    return (
        prompts[["prompt_id", "Prompt"]].rename(columns={"Prompt": "prompt"}),
        pd.concat([people[columns], models[columns]], ignore_index=True),
    )


def _column(metrics: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return one column of lists, a number a story, as rows ``prompt_id, model, sample, score``."""
    rows = []
    for system, cell in metrics[column].items():
        values = json.loads(cell)
        if len(values) != PROMPTS:
            raise upstream_changed(
                f"hanna_metric_scores_llm.csv, {column} of {system}", met=f"{len(values)} values",
                wanted=f"{PROMPTS}, one a prompt",
            )
        name = NAMES.get(system, system)
        rows += [(_name(i), name, 0, float(value)) for i, value in enumerate(values)]
    return pd.DataFrame(rows, columns=[*RESPONSE, "score"])


def _name(place: int) -> str:
    return f"hanna-{place:02d}"
