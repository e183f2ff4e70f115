"""Every defensible specification of a ladder: judge x partition x bar x budget x models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.errors import AboveBarError
from abovebar.findings.sizes.climb import answers, sizes_of
from abovebar.findings.specify import by_bar_and_budget
from abovebar.measures.bootstrap import mean_over_prompts, prompt_weights
from abovebar.measures.distinct import distinct_in_budget
from abovebar.measures.tally import tally
from abovebar.regression.elasticity import line_weights
from abovebar.tables.parquet import read_table
from abovebar.tables.schemas import ALL_ANSWERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from abovebar.findings.compare import Bench
    from abovebar.findings.sizes.ladders import Ladder
    from abovebar.measures.tally import Tally


def specify_ladders(
    bench: Bench, ladders: Iterable[Ladder], models: pd.DataFrame
) -> pd.DataFrame:
    """Return the slope of E_k / k on log2 size for all judges, partitions and bars of the tables.

    Budgets are two tries and all; a ladder of three or more models is also read without its
    smallest and without its largest. Judges without bars are passed over, and what is read
    without a bar has the judge "none", once. A judge and a partition that never meet on all of a
    ladder's models give no row.

    Returns
    -------
    DataFrame
        ``dataset, ladder, judge, partition, bar, k, models, value, low, high, n_prompts``.
    """
    ladders = list(ladders)
    frames = []
    for dataset in dict.fromkeys(x.dataset for x in ladders):
        here = [x for x in ladders if x.dataset == dataset]
        judges = read_table(bench.folders, dataset, "scores")["judge"].unique()
        partitions = read_table(bench.folders, dataset, "classes")["partition"].unique()
        for judge, partition in ((j, p) for j in judges for p in partitions):
            if len(bars := bench.all_bars(judge)) < 2:
                continue
            try:
                samples = answers(bench, dataset, judge, partition)
            except AboveBarError:
                continue
            for ladder in here:
                frames += _specify(bench, ladder, sizes_of(models, ladder), samples, judge,
                                   partition, bars)
    found = pd.concat(frames, ignore_index=True)
    found.loc[found["bar"].isna(), "judge"] = ALL_ANSWERS
    choices = ["dataset", "ladder", "judge", "partition", "bar", "k", "models"]
    return found.drop_duplicates(choices, ignore_index=True)


def _specify(
    bench: Bench, ladder: Ladder, sizes: pd.Series, samples: pd.DataFrame, judge: str,
    partition: str, bars: list[float],
) -> list[pd.DataFrame]:
    try:
        counted = tally(samples[samples["model"].isin(ladder.models)], bars)
        counted = counted.only(list(sizes.index)).shared(bench.budget(ladder.dataset))
    except AboveBarError:
        return []
    terms = {
        "dataset": ladder.dataset, "ladder": ladder.name, "judge": judge, "partition": partition,
    }
    parts = {"all": slice(None)}
    if len(sizes) > 2:
        parts |= {"without smallest": slice(1, None), "without largest": slice(None, -1)}
    return [
        _slopes(bench, counted, sizes.to_numpy(float), part, bench.budget(ladder.dataset)).assign(
            models=name, **terms
        )
        for name, part in parts.items()
    ]


def _slopes(
    bench: Bench, counted: Tally, sizes: np.ndarray, part: slice, whole: int
) -> pd.DataFrame:
    budgets = np.array(sorted({2, whole}))
    away = line_weights(sizes[part])
    distinct = distinct_in_budget(counted, budgets)[:, part] / budgets
    lines = np.einsum("pmtk,m->ptk", distinct, away)
    estimate = mean_over_prompts(lines, prompt_weights(len(lines), bench.n_boot, bench.seed))
    return by_bar_and_budget(estimate, counted.bars, budgets)
