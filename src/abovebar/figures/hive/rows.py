"""What the figures of the hivemind draw, in the reader's words, out of its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.figures.hive.levels import MARKS
from abovebar.findings.hive.found import WRITERS
from abovebar.findings.hive.likeness import ALL
from abovebar.findings.hive.voices import pooled_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from abovebar.findings.hive.bench import HiveBench

ALIKE = {
    "same": "called the same", "cosine": "cosine of vectors", "words": "shared words",
}


def level_rows(numbers: pd.DataFrame, titles: Mapping[str, str]) -> pd.DataFrame:
    """Return the levels without a bar, for `abovebar.figures.hive.levels.draw_levels`.

    Where writers were drawn their intervals are shown, else those over prompts.

    Parameters
    ----------
    numbers
        Of `abovebar.findings.hive.found.level_numbers`.
    titles
        By data set, in the order to be drawn.
    """
    rows = numbers[numbers["measure"].isin(MARKS) & numbers["bar"].isna()]
    by_writers = set(rows.loc[rows["contrast"] == WRITERS, "dataset"])
    wanted = np.where(rows["dataset"].isin(by_writers), WRITERS, "prompts")
    rows = rows[(rows["contrast"] == wanted) | (rows["measure"] == "chance")]
    order = {name: i for i, name in enumerate(titles)}
    rows = rows.assign(
        label=rows["dataset"].map(titles), panel=rows["partition"].map(ALIKE),
        place=rows["dataset"].map(order), rank=rows["measure"].map(list(MARKS).index),
        column=rows["partition"].map(list(ALIKE).index),
    ).sort_values(["column", "place", "rank"], kind="stable")
    return rows[["panel", "label", "measure", "value", "low", "high"]]


def bar_rows(
    numbers: pd.DataFrame, bench: HiveBench, judges: pd.DataFrame, titles: Mapping[str, str]
) -> pd.DataFrame:
    """Return levels and voices against the bar, for `abovebar.figures.hive.bars.draw_bars`.

    Parameters
    ----------
    judges
        Of `abovebar.tables.registry.load_judges`.
    titles
        By data set: those to be drawn, in order.
    """
    parts = []
    for dataset, title in titles.items():
        if dataset not in bench.hives or dataset not in bench.judges:
            continue
        judge = judges.loc[bench.judges[dataset]]
        own = numbers[
            (numbers["dataset"] == dataset) & (numbers["partition"] == bench.similarity)
            & (numbers["contrast"] == "prompts")
            & numbers["measure"].isin(["within", "between", "voices"])
        ]
        parts.append(own.assign(
            panel=title, scale=judge["scale"], x=own["bar"].fillna(judge["low"]),
            shown=["none" if pd.isna(b) else f"{b:g}" for b in own["bar"]],
        ))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def pool_rows(
    bench: HiveBench, judges: pd.DataFrame, declared: Mapping[str, float],
    titles: Mapping[str, str],
) -> pd.DataFrame:
    """Return what pooling brings in every data set, by every similarity, and at declared bars.

    Parameters
    ----------
    declared
        By data set, the bar.
    titles
        By data set: those to be drawn, in order.
    """
    parts = []
    for dataset, title in titles.items():
        views: list[str | float] = [ALL, *[declared[d] for d in declared if d == dataset]]
        for view in views if dataset in bench.hives else ():
            told = title
            if isinstance(view, float):
                told += f", {judges.loc[bench.judges[dataset], 'scale']} {view:g}"
            for name in bench.names:
                rows = pooled_rows(bench, dataset, view, name)
                parts.append(rows.assign(title=told, alike=ALIKE[name]))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
