"""Models as judges of surprise: whose marks theirs go with, and what else theirs go with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from abovebar.findings.surprise.juries import PIECE, asked_for, cells_of, mean_marks
from abovebar.regression.within_ranks import rank_correlation

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from abovebar.findings.surprise.bench import SurpriseBench

STORY_BENCH, UNSURPRISING = "story-bench", "unsurprising-or-uncreative"
STORY_JUDGE = "claude-3.7"


def juries_of(read: Callable, dataset: str, criterion: str = "surprise") -> list[str]:
    """Return the names of all juries, people's or models', that marked a criterion."""
    scores = read(dataset, "scores")
    names = [] if scores is None else scores["judge"].unique()
    return [n.removesuffix(f"/{criterion}") for n in names
            if n.endswith(f"/{criterion}") and not n.startswith("auto/")]


def agreement(
    one: pd.DataFrame, other: pd.DataFrame, *, n_boot: int, seed: int,
    groups: Collection[str] = (),
) -> pd.DataFrame:
    """Return how two juries' mean marks go together within people and models, and prompts.

    Returns
    -------
    DataFrame
        ``criterion, value, low, high, n``: rank correlations on the pieces both marked, as
        `abovebar.regression.within_ranks.rank_correlation` takes them.
    """
    criteria = [c for c in asked_for(one) if c in asked_for(other)]
    marks = mean_marks(one)
    both = marks.merge(mean_marks(other)[["piece", *criteria]], on="piece", suffixes=("", " b"))
    if groups:
        both = both[both["group"].isin(groups)]
    if len(both) < 3:
        return pd.DataFrame(columns=["criterion", "value", "low", "high", "n"])
    cells = cells_of(marks)
    return pd.DataFrame(
        {"criterion": c, **rank_correlation(
            both, c, f"{c} b", cells, "piece", n_boot=n_boot, seed=seed
        )}
        for c in criteria
    )


def story_judge(bench: SurpriseBench) -> pd.DataFrame | None:
    """Return with what Claude's mark against unsurprising stories goes, within prompts.

    Its criterion "unsurprising or uncreative" is turned round, so that more is more surprising.
    Models are drawn, as each wrote three stories to each of 32 prompts; 300 times at most, since
    this stands aside. No person marked these.

    Returns
    -------
    DataFrame
        ``beside, kind, value, low, high, n``; `kind` is "criterion", of the same judge, or
        "measure". None without the data set.
    """
    scores, pieces = bench.read(STORY_BENCH, "scores"), bench.pieces(STORY_BENCH, "cosine")
    if scores is None or pieces is None:
        return None
    own = scores[scores["judge"].str.startswith(f"{STORY_JUDGE}/")]
    wide = own.assign(judge=own["judge"].str.removeprefix(f"{STORY_JUDGE}/")).pivot_table(
        index=PIECE, columns="judge", values="score"
    )
    wide = wide.astype(float).reset_index()
    rows = wide.merge(pieces, on=PIECE, how="inner")
    rows["surprising"] = -rows[UNSURPRISING]
    criteria = [c for c in wide.columns if c not in (*PIECE, UNSURPRISING)]
    measures = [c for c in ("surprisal", "unknown", "nearest", "length") if c in pieces]
    found = [
        {"beside": name, "kind": kind, **rank_correlation(
            rows, "surprising", name, ["prompt_id"], "model",
            n_boot=min(bench.n_boot, 300), seed=bench.seed,
        )}
        for kind, names in (("criterion", criteria), ("measure", measures)) for name in names
    ]
    return pd.DataFrame(found)
