"""Five-sentence stories: 59 people and 61 models on four prompts of three words, rated by people.

Source ``creative-story-gen``. Two experts, ninety lay raters and three models rated creativity,
originality, surprise and value; automatic measures stand beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from abovebar.adapters.stories import five_sentence as shared
from abovebar.adapters.stories import five_sentence_ratings as rated
from abovebar.errors import AboveBarError
from abovebar.tables.harvest import RESPONSE, Harvest

if TYPE_CHECKING:
    from abovebar.tables.harvest import RawFiles

DATASET = "five-sentence-stories"
SOURCE = shared.SOURCE


def read(raw: RawFiles) -> Harvest:
    """Read the rated stories, every rater's ratings, the models' ratings and the measures."""
    stories = shared.read_stories(raw)
    run = shared.read_run(raw, "pilot3")
    names = shared.name_prompts(stories)
    responses = pd.concat([_people(stories), _models(stories, run)], ignore_index=True)
    responses["prompt_id"] = responses["item"].map(names)
    key = responses.set_index("story")[RESPONSE]
    prompts = run.assign(prompt_id=run["item"].map(names), domain="stories")
    return Harvest(
        DATASET,
        prompts=prompts[["prompt_id", "prompt", "domain", "kind"]].drop_duplicates("prompt_id"),
        responses=responses.drop(columns=["story", "item"]),
        scores=_at(key, rated.score_by_models(raw), rated.measure(raw)),
        ratings=_at(key, rated.rate_by_experts(raw), rated.rate_by_lay_people(raw)),
        pooled=True,
        sentences=True,
        altered=True,
    )


def _people(stories: pd.DataFrame) -> pd.DataFrame:
    """Return people's stories; a person keeps one number (``sample``) through all prompts."""
    people = stories[stories["story_author"] == "human"]
    person = people["story_ext_id"].str.rsplit("_", n=1).str[0]
    number = person.rank(method="dense").astype(int)
    return pd.DataFrame({
        "story": people["story_ext_id"], "item": people["story_item_id"], "model": "human",
        "sample": number - 1, "text": people["story_text"],
        "author": number.map("p{:02d}".format),
    })


def _models(stories: pd.DataFrame, run: pd.DataFrame) -> pd.DataFrame:
    """Return models' stories: the rated text, which must be the very answer of the run."""
    rated_ = stories[stories["story_author"] == "AI"]
    both = rated_.merge(run, how="outer", left_on="story_ext_id", right_on="result_id")
    if not (both["story_text"] == both["text"]).all():
        raise AboveBarError(
            "human_eval/story_data.csv",
            met=f"{int((both['story_text'] != both['text']).sum())} stories without their answer",
            wanted="each story of a model as the run `pilot3` gives it",
            remedy="The upstream files have drifted apart; adapt the adapter before using them.",
        )
    settings = ["temperature", "top_p", "max_tokens", "finish_reason"]
    return both.rename(columns={"story_ext_id": "story"}).assign(sample=0)[
        ["story", "item", "model", "sample", "text", *settings]
    ]


def _at(key: pd.DataFrame, *frames: pd.DataFrame) -> pd.DataFrame:
    """Return the frames as one, the story's upstream name replaced by its key."""
    return pd.concat(frames, ignore_index=True).join(key, on="story").drop(columns="story")
