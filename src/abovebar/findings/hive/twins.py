"""Every pair of models: how alike, how related, and on which prompt and in which answers most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from abovebar.findings.hive.kin import KINDS, kin_pairs
from abovebar.findings.hive.likeness import all_pairs, compare
from abovebar.findings.hive.model_sets import mean_cube

if TYPE_CHECKING:
    from abovebar.findings.hive.bench import HiveBench


def twins(bench: HiveBench, dataset: str) -> pd.DataFrame:
    """Return a row a pair of models, the most alike first.

    Returns
    -------
    DataFrame
        ``dataset, one, other, kin, value, n_prompts, prompt_id, most, year_one, year_other,
        developer_one, developer_other``; `value` is the mean over prompts, `most` that on the
        prompt where the two are most alike; `one_model`, `other_model` are the names in the tables.
    """
    hive = bench.hives[dataset]
    cube = bench.cube(dataset)
    mean, _ = mean_cube(cube)
    pairs = kin_pairs(hive.models)
    i, j = np.nonzero(np.triu(pairs["all"]) & ~np.isnan(mean))
    kin = np.select(
        [pairs[k][i, j] for k in ("family", "house", "outsiders")],
        [KINDS[k] for k in ("family", "house", "outsiders")], "unknown",
    )
    own = cube[:, i, j]
    prompts = np.array(hive.prompts)[bench.open(dataset)]
    at = np.where(np.isnan(own), -np.inf, own).argmax(axis=0)
    models = hive.models
    frame = pd.DataFrame({
        "dataset": dataset, "kin": kin, "value": mean[i, j].round(4),
        "n_prompts": (~np.isnan(own)).sum(axis=0), "prompt_id": prompts[at],
        "most": own[at, np.arange(len(i))].round(4),
    })
    for end, place in {"one": i, "other": j}.items():
        frame[end] = models["label"].to_numpy()[place]
        frame[f"{end}_model"] = models["model"].to_numpy()[place]
        frame[f"year_{end}"] = models["year"].to_numpy()[place].round(1)
        frame[f"developer_{end}"] = models["developer"].to_numpy()[place]
    return frame.sort_values("value", ascending=False, kind="stable", ignore_index=True)


def closest_answers(bench: HiveBench, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the keys of the two most similar answers of each pair on its most alike prompt.

    Parameters
    ----------
    rows
        Of `twins`, of one data set.

    Returns
    -------
    DataFrame ``prompt_id, model, sample``: two rows a pair, in order.
    """
    hive = bench.hives[rows["dataset"].iloc[0]]
    keys = []
    with threadpool_limits(1):
        for _, row in rows.iterrows():
            here = hive.answers[hive.answers["prompt_id"] == row["prompt_id"]]
            here = here[here["model"].isin([row["one_model"], row["other_model"]])]
            here = here.reset_index(drop=True)
            matrix = np.where(all_pairs(here), compare(here, bench.similarity, bench.rule), -np.inf)
            one = (here["model"] == row["one_model"]).to_numpy()
            matrix[~(one[:, None] & ~one)] = -np.inf
            ends = list(np.unravel_index(matrix.argmax(), matrix.shape))
            keys.append(here.loc[ends, ["prompt_id", "model", "sample"]])
    return pd.concat(keys, ignore_index=True)


def spoken(rows: pd.DataFrame, said: list[str]) -> str:
    """Return what pairs of models said as an HTML table, every cell escaped.

    Parameters
    ----------
    rows
        Of `twins`.
    said
        Two excerpts a pair, in the order of `closest_answers`.
    """
    both = {
        "one": rows["one"].to_numpy(), "begins": said[::2], "other": rows["other"].to_numpy(),
        "begins too": said[1::2],
    }
    table = pd.DataFrame(both, index=pd.Index(rows["prompt_id"], name="prompt"))
    with pd.option_context("display.max_colwidth", None):
        return table.to_html(escape=True, classes="excerpts")
