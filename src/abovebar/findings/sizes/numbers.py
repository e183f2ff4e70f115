"""What the ladders leave in ``numbers.csv``: each model's means, slopes, ends, equal compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.compare import compare
from abovebar.findings.numbers import COLUMNS, tabulate
from abovebar.findings.sizes.climb import answers
from abovebar.findings.sizes.verdicts import COSTS
from abovebar.measures.bootstrap import Estimate, mean_over_prompts, prompt_weights
from abovebar.measures.distinct import distinct_in_budget

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from abovebar.findings.claims import Comparison, Statement
    from abovebar.findings.compare import Bench, Compared
    from abovebar.findings.sizes.climb import Climbed


def by_model_rows(bench: Bench, climbed: Climbed, bars: Sequence[float | None]) -> pd.DataFrame:
    """Return the mean of every measure of every model at some bars; None is no bar.

    `contrast` holds the ladder; means are over the prompts that define a measure for all of its
    models, as its slope is.
    """
    weights = prompt_weights(len(climbed.prompts), bench.n_boot, bench.seed)
    at = [climbed.at(bar) for bar in dict.fromkeys(bars)]
    terms = _terms(bench, climbed) | {"contrast": climbed.ladder.name}
    sizes = {"distinct_in_budget": climbed.k, "distinct_among_usable": bench.r}
    rows = []
    for measure, value in climbed.values.items():
        shared = ~np.isnan(value).any(axis=1, keepdims=True)
        means = mean_over_prompts(np.where(shared, value, np.nan)[:, :, at], weights)
        for i, model in enumerate(climbed.models):
            own = Estimate(means.value[i], means.replicates[:, i], means.n_prompts[i])
            size = sizes.get(measure, np.nan)
            rows.append(tabulate(own, climbed.bars[at], measure, size, model=model, **terms))
    return pd.concat(rows, ignore_index=True)


def slope_rows(bench: Bench, found: pd.DataFrame, statements: Iterable[Statement]) -> pd.DataFrame:
    """Return the slopes of `abovebar.findings.sizes.verdicts.slopes` as rows for ``numbers.csv``.

    The measure is "slope of" the statement's, or "elasticity of" it where it is over its cost;
    `contrast` names the ladder.
    """
    names = {
        s.id: f"{'elasticity' if s.measure in COSTS else 'slope'} of {s.measure}"
        for s in statements
    }
    return found.assign(
        measure=found["statement"].map(names), contrast=found["ladder"] + ", each doubling",
        domain=bench.datasets.loc[found["dataset"], "domain"].to_numpy(),
    ).reindex(columns=COLUMNS)


def compare_ends(
    bench: Bench, climbed: Iterable[Climbed]
) -> dict[tuple[str, str], tuple[Comparison, Compared]]:
    """Compare each ladder's smallest model with its largest, by data set and ladder."""
    read: dict[tuple[str, str, str], pd.DataFrame] = {}
    ends = {}
    for c in climbed:
        source = (c.ladder.dataset, c.ladder.judge, c.ladder.partition)
        if source not in read:
            read[source] = answers(bench, *source)
        test = c.ladder.ends(dict(zip(c.models, c.sizes, strict=True)))
        ends[c.ladder.dataset, c.ladder.name] = test, compare(bench, test, read[source])
    return ends


def neighbours_at_equal_compute(bench: Bench, climbed: Climbed) -> pd.DataFrame:
    """Compare each model with the next larger one, in as many tries as cost one of the larger.

    Nothing is divided: the smaller model tries as often as the ratio of the parameters allows,
    rounded down, and its distinct usable answers are set against those of one try of the larger
    one, which is its yield. Pairs whose ratio exceeds the answers at hand give no row.

    Returns
    -------
    DataFrame
        The columns of ``numbers.csv``, measure "distinct_at_equal_compute", and ``parameters_b``
        of the larger model.
    """
    weights = prompt_weights(len(climbed.prompts), bench.n_boot, bench.seed)
    at = [climbed.at(climbed.ladder.bar)]
    rows = []
    for i, size in enumerate(climbed.sizes[:-1]):
        tries = int(climbed.sizes[i + 1] // size)
        if not 1 < tries <= climbed.k:
            continue
        many = distinct_in_budget(climbed.tally, tries)[:, i, at]
        once = distinct_in_budget(climbed.tally, 1)[:, i + 1, at]
        found = tabulate(
            mean_over_prompts(many - once, weights), climbed.bars[at], "distinct_at_equal_compute",
            tries, contrast=f"{climbed.models[i]} - {climbed.models[i + 1]}",
            **_terms(bench, climbed),
        )
        rows.append(found.assign(parameters_b=climbed.sizes[i + 1]))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=COLUMNS)


def temperature_gap(
    bench: Bench, cold: Climbed, hot: Climbed, bar: float | None
) -> pd.DataFrame:
    """Return by how much distinct answers rise from one temperature to another, at equal size.

    Averaged over the models of two ladders that hold the same ones in the same order; a row of
    ``numbers.csv``.
    """
    _, a, b = np.intersect1d(hot.prompts, cold.prompts, return_indices=True)
    levels = [
        c.values["distinct_in_budget"][at][:, :, [c.at(bar)]].mean(axis=1)
        for c, at in ((hot, a), (cold, b))
    ]
    weights = prompt_weights(len(a), bench.n_boot, bench.seed)
    return tabulate(
        mean_over_prompts(levels[0] - levels[1], weights), hot.bars[[hot.at(bar)]],
        "distinct_in_budget", hot.k, contrast=f"{hot.ladder.name} - {cold.ladder.name}",
        **_terms(bench, hot),
    )


def _terms(bench: Bench, climbed: Climbed) -> dict[str, str]:
    ladder = climbed.ladder
    return bench.terms(ladder.dataset, ladder.judge, ladder.partition)
