"""How far the embedded judge agrees with the grades it imitates, in one long table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abovebar.judging.rank_agreement import auc, slope, spearman, within
from abovebar.measures.bootstrap import mean_over_prompts, percentile_interval, prompt_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

COLUMNS = [
    "evaluation", "fitted_on", "tested_on", "view", "model", "predictor", "measure", "value",
    "low", "high", "n", "n_prompts",
]
FEWEST_ANSWERS = 15  # below which a model gets no rows of its own
FEWEST_OF_A_KIND = 5  # good answers, and others, without which there is no AUC
Row = dict[str, object]


def agreement(
    scored: pd.DataFrame, predictors: Sequence[str], *, n_boot: int, seed: int,
    overall: bool = True,
) -> Iterator[Row]:
    """Yield how well each predictor agrees with the grades, over all models and for each.

    Parameters
    ----------
    scored
        Columns ``dataset, view, model, prompt, grade`` and the predictors; with ``embedded`` also
        ``chance``.
    overall
        Whether all models together get rows of their own (``all``).

    Yields
    ------
    dict
        ``tested_on, view, model, predictor, measure, value, low, high, n, n_prompts``. Measures:
        ``spearman``; ``auc_at_4``, of telling grades of 4 and 5 from the rest; of the embedded
        judge also ``slope`` (of the grade on the score), ``brier`` (of the chance of a 4) and
        ``brier_of_base_rate`` (of always saying the share of 4s that there is), and
        ``share_graded_4`` and ``share_scored_4``, of the answers that reach a bar at 4.
    """
    for (dataset, view), part in scored.groupby(["dataset", "view"]):
        groups = [("all", part)] if overall else []
        groups += [(m, rows) for m, rows in part.groupby("model") if len(rows) >= FEWEST_ANSWERS]
        for model, rows in groups:
            about = {"tested_on": dataset, "view": view, "model": model}
            for predictor in predictors:
                for row in _compare(rows, predictor, n_boot, seed):
                    yield about | {"predictor": predictor} | row


def own_prompt(scored: pd.DataFrame, *, n_boot: int, seed: int) -> Iterator[Row]:
    """Yield the AUC of telling an answer beside its own prompt from one beside another."""
    for (dataset, view), rows in scored.groupby(["dataset", "view"]):
        own = rows["own"].to_numpy(dtype=bool)
        score = rows["embedded"].to_numpy()
        about = {"tested_on": dataset, "view": view, "model": "all", "predictor": "embedded"}
        yield about | _estimate(
            rows, "auc_of_own_prompt", lambda w, s=score, o=own: auc(s, o, w), n_boot, seed
        )


def within_prompts(
    scored: pd.DataFrame, predictors: Sequence[str], *, n_boot: int, seed: int
) -> Iterator[Row]:
    """Yield the mean over prompts of Spearman's correlation within a prompt."""
    grades, prompts = scored["grade"].to_numpy(), scored["prompt"].to_numpy()
    about = {"tested_on": scored["dataset"].iloc[0], "view": "whole", "model": "all"}
    for predictor in predictors:
        each = within(prompts, scored[predictor].to_numpy(), grades)
        mean = mean_over_prompts(each, prompt_weights(len(each), n_boot, seed))
        yield about | mean.row() | {
            "predictor": predictor, "measure": "spearman_within_prompt", "n": len(scored),
        }


def _compare(rows: pd.DataFrame, predictor: str, n_boot: int, seed: int) -> Iterator[Row]:
    score, grade = rows[predictor].to_numpy(dtype=float), rows["grade"].to_numpy(dtype=float)
    if score.min() == score.max():  # of a beginning, the length is not looked at
        return
    good = grade >= 4
    measures = {"spearman": lambda w: spearman(score, grade, w)}
    if min(good.sum(), (~good).sum()) >= FEWEST_OF_A_KIND:
        measures["auc_at_4"] = lambda w: auc(score, good, w)
    if predictor == "embedded":
        wrong = (rows["chance"].to_numpy() - good) ** 2
        measures["slope"] = lambda w: slope(score, grade, w)
        measures["brier"] = lambda w: w @ wrong / w.sum(axis=1)
        measures["brier_of_base_rate"] = lambda w: _spread(w @ good / w.sum(axis=1))
        measures["share_graded_4"] = lambda w: w @ good / w.sum(axis=1)
        measures["share_scored_4"] = lambda w: w @ (score >= 4) / w.sum(axis=1)
    for measure, of in measures.items():
        yield _estimate(rows, measure, of, n_boot, seed)


def _spread(share: np.ndarray) -> np.ndarray:
    return share * (1 - share)


def _estimate(
    rows: pd.DataFrame, measure: str, of: Callable[[np.ndarray], np.ndarray], n_boot: int,
    seed: int,
) -> Row:
    """Return one measure with its percentile interval from a bootstrap over prompts."""
    code = np.unique(rows["prompt"].to_numpy(dtype=str), return_inverse=True)[1]
    n_prompts = int(code.max()) + 1
    value = of(np.ones((1, len(rows))))[0]
    low, high = percentile_interval(of(prompt_weights(n_prompts, n_boot, seed)[:, code]))
    return {
        "measure": measure, "value": float(value), "low": float(low), "high": float(high),
        "n": len(rows), "n_prompts": n_prompts,
    }
