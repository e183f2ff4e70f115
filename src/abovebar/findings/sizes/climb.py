"""Climb a ladder: every measure of its models, prompt by prompt, beside their sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.errors import AboveBarError
from abovebar.measures.commonest import commonest_share
from abovebar.measures.distinct import distinct_among_usable, distinct_in_budget, pass_rate
from abovebar.measures.tally import NO_BAR, tally
from abovebar.measures.unseen import concentration
from abovebar.tables.harvest import RESPONSE
from abovebar.tables.parquet import read_table
from abovebar.tables.samples import load_samples
from abovebar.tables.schemas import ALL_ANSWERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from abovebar.findings.compare import Bench
    from abovebar.findings.sizes.ladders import Ladder
    from abovebar.measures.tally import Tally


@dataclass(frozen=True)
class Climbed:
    """What was measured on one ladder, on the prompts that its models share.

    Attributes
    ----------
    models, sizes
        From the smallest to the largest; billions of parameters.
    bars : float array (T,), ``-inf`` first, which is no bar
    k
        Tries in the budget.
    values
        By measure: float array (P, M, T), NaN where it is not defined.
    words : float array (P, M), mean words of an answer; NaN where unknown
    tally
        The counts that all of it comes from.
    """

    ladder: Ladder
    models: tuple[str, ...]
    sizes: np.ndarray
    prompts: np.ndarray
    bars: np.ndarray
    k: int
    values: Mapping[str, np.ndarray]
    words: np.ndarray
    tally: Tally

    def at(self, bar: float | None) -> int:
        """Return the place of a bar; None is no bar."""
        return 0 if bar is None else int(np.flatnonzero(np.isclose(self.bars, bar))[0])

    def frame(self, measure: str, bar: float | None) -> pd.DataFrame:
        """Return ``family, model, parameters_b, prompt_id, value, words``, defined rows alone."""
        values = self.values[measure][:, :, self.at(bar)]
        long = pd.DataFrame(
            {
                "family": self.ladder.name, "model": np.tile(self.models, len(self.prompts)),
                "parameters_b": np.tile(self.sizes, len(self.prompts)),
                "prompt_id": np.repeat(self.prompts, len(self.models)),
                "value": values.ravel(), "words": self.words.ravel(),
            }
        )
        return long[long["value"].notna()]


def climb(bench: Bench, ladders: Iterable[Ladder], models: pd.DataFrame) -> list[Climbed]:
    """Measure every ladder; what several need of one data set is read once.

    Parameters
    ----------
    models
        Of `abovebar.tables.registry.load_models`.

    Raises
    ------
    AboveBarError
        If the size of a model is unknown, or its answers are not in the tables.
    """
    read: dict[tuple[str, str, str], tuple[pd.DataFrame, pd.Series]] = {}
    climbed = []
    for ladder in ladders:
        source = (ladder.dataset, ladder.judge, ladder.partition)
        if source not in read:
            read[source] = (answers(bench, *source), mean_words(bench, ladder.dataset))
        climbed.append(_measure(bench, ladder, sizes_of(models, ladder), *read[source]))
    return climbed


def sizes_of(models: pd.DataFrame, ladder: Ladder) -> pd.Series:
    """Return the parameters of a ladder's models in billions, from the smallest to the largest."""
    known = models[models["dataset"] == ladder.dataset].set_index("model")["parameters_b"]
    sizes = known.reindex(list(ladder.models))
    if sizes.isna().any():
        raise AboveBarError(
            f"ladder {ladder.name!r}", met=f"no size for {list(sizes.index[sizes.isna()])}",
            wanted="parameters_b of every model",
            remedy="Fill it in in models.csv of the run folder, or correct the model's name.",
        )
    return sizes.sort_values(kind="stable")


def answers(bench: Bench, dataset: str, judge: str, partition: str) -> pd.DataFrame:
    """Return the samples of a data set; where the judge is ``none``, all classed ones."""
    if judge != ALL_ANSWERS:
        return load_samples(bench.folders, dataset, judge, partition)
    classes = read_table(bench.folders, dataset, "classes")
    classes = classes[classes["partition"] == partition]
    return classes[[*RESPONSE, "class_id"]].assign(quality=0.0)


def mean_words(bench: Bench, dataset: str) -> pd.Series:
    """Return the mean words of an answer, by prompt and model."""
    responses = read_table(bench.folders, dataset, "responses")
    words = responses["n_words"].astype(float)
    return words.groupby([responses["prompt_id"], responses["model"]]).mean()


def _measure(
    bench: Bench, ladder: Ladder, sizes: pd.Series, samples: pd.DataFrame, words: pd.Series
) -> Climbed:
    k = bench.budget(ladder.dataset)
    own = samples[samples["model"].isin(ladder.models)]
    bars = bench.all_bars(ladder.judge) if ladder.graded else [NO_BAR]
    bars = sorted({*bars, *([] if ladder.bar is None else [float(ladder.bar)])})
    budgeted = ladder.tests("raw") or ladder.tests("budget")
    counted = tally(own, bars).only(list(sizes.index)).shared(k if budgeted else bench.r)
    values = {
        "distinct_among_usable": distinct_among_usable(counted, bench.r),
        "commonest_share": commonest_share(counted), "simpson": concentration(counted.counts),
    }
    if budgeted:
        values |= {
            "yield": pass_rate(counted), "distinct_in_budget": distinct_in_budget(counted, k),
        }
    at = pd.MultiIndex.from_product([counted.prompts, counted.models])
    length = words.reindex(at).to_numpy().reshape(len(counted.prompts), -1)
    return Climbed(
        ladder, tuple(counted.models), sizes.to_numpy(dtype=float), counted.prompts, counted.bars,
        k, values, length, counted,
    )
