"""What texts alone can tell of size where nobody graded them and samples are few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.numbers import COLUMNS
from abovebar.measures.bootstrap import mean_over_prompts, prompt_weights
from abovebar.tables.parquet import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from abovebar.findings.compare import Bench
    from abovebar.findings.sizes.ladders import Ladder


def shared_texts(bench: Bench, dataset: str, kinds: Iterable[str]) -> pd.DataFrame:
    """Return the share of a model's answers whose text answers another prompt of its kind too.

    For one answer a prompt, which cannot say how a model varies on a prompt. The interval is over
    prompts, which texts are shared being taken as given.

    Returns
    -------
    DataFrame
        The columns of ``numbers.csv``, measure "shared_text", `contrast` the kind of prompt.
    """
    kind = read_table(bench.folders, dataset, "prompts").set_index("prompt_id")["kind"]
    responses = read_table(bench.folders, dataset, "responses")
    responses = responses[responses["text_sha256"].notna()]
    responses = responses.assign(kind=responses["prompt_id"].map(kind))
    spread = responses.groupby(["kind", "model", "text_sha256"])["prompt_id"].transform("nunique")
    responses["shared"] = (spread > 1).astype(float)
    rows = []
    for name in kinds:
        own = responses[responses["kind"] == name]
        wide = own.pivot_table(index="prompt_id", columns="model", values="shared")
        weights = prompt_weights(len(wide), bench.n_boot, bench.seed)
        means = mean_over_prompts(wide.to_numpy(), weights)
        low, high = means.interval()
        rows.append(pd.DataFrame({
            "measure": "shared_text", "dataset": dataset,
            "domain": bench.datasets.loc[dataset, "domain"], "partition": "exact",
            "model": wide.columns, "contrast": name, "value": means.value, "low": low,
            "high": high, "n_prompts": means.n_prompts,
        }))
    return pd.concat(rows, ignore_index=True).reindex(columns=COLUMNS)


def exact_differences(bench: Bench, ladders: Iterable[Ladder]) -> pd.Series:
    """Return how often two answers of one model differ as texts, in each of its settings.

    Of the models of `ladders`, whose names end in a setting after ``@``, in every setting in which
    a prompt has two answers: a share, indexed by model and setting.
    """
    ladders = list(ladders)
    weights = {model.partition("@")[0] for x in ladders for model in x.models}
    classes = read_table(bench.folders, ladders[0].dataset, "classes")
    classes = classes[classes["partition"] == "exact"]
    classes = classes[classes["model"].str.partition("@")[0].isin(weights)]
    cells = classes.groupby(["model", "prompt_id"])["class_id"].agg(["size", "nunique"])
    two = cells[cells["size"] == 2]
    return (two["nunique"] == 2).groupby(level="model").mean().astype(np.float64)
