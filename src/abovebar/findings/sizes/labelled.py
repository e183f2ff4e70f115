"""What people called the same, by the size of the model that said it: no instrument in between."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.stats.proportion import proportion_confint

from abovebar.findings.numbers import COLUMNS
from abovebar.findings.reports import CALIBRATION
from abovebar.sameness.labelled_pairs import BY_MODEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abovebar.findings.sizes.ladders import Ladder

DATASET, JUDGE = "noveltybench", "people"


def called_same(root: str | Path) -> pd.DataFrame:
    """Return each model's share of labelled pairs that people called the same.

    Two answers of a model to one prompt are a pair, and no prompt comes twice; prompts differ from
    model to model.

    Returns
    -------
    DataFrame
        The columns of ``numbers.csv``, measure "called_same", the interval being Wilson's, and
        ``same``, the pairs called so.
    """
    counts = pd.read_csv(Path(root) / CALIBRATION / BY_MODEL)
    low, high = proportion_confint(counts["same"], counts["pairs"], method="wilson")
    rows = counts.assign(
        measure="called_same", dataset=DATASET, domain="open", judge=JUDGE,
        value=counts["same"] / counts["pairs"], low=low, high=high, n_prompts=counts["pairs"],
    )
    return rows.reindex(columns=[*COLUMNS, "same"])


def odds_by_size(
    shares: pd.DataFrame, ladders: Sequence[Ladder], parameters: pd.Series
) -> pd.DataFrame:
    """Return by what the odds of "the same" are multiplied with each doubling of the parameters.

    A logistic regression on log2 of the parameters with a level for each ladder; every pair has a
    prompt of its own, so pairs count alone.

    Parameters
    ----------
    shares
        From `called_same`.
    parameters
        Billions of parameters, by model.

    Returns
    -------
    DataFrame
        The columns of ``numbers.csv``, one row, measure "odds_of_called_same"; none if no ladder
        has two models among the labelled.
    """
    known = shares.set_index("model")
    kept = [[m for m in ladder.models if m in known.index] for ladder in ladders]
    kept = [models for models in kept if len(models) > 1]
    if not kept:
        return pd.DataFrame(columns=COLUMNS)
    models = [model for ladder in kept for model in ladder]
    level = np.repeat(np.eye(len(kept)), [len(ladder) for ladder in kept], axis=0)
    design = np.column_stack([np.log2(parameters[models].to_numpy(float)), level])
    same, pairs = (known.loc[models, c].to_numpy(float) for c in ("same", "n_prompts"))
    fit = sm.GLM(np.column_stack([same, pairs - same]), design, family=sm.families.Binomial()).fit()
    low, high = np.exp(fit.conf_int()[0])
    row = {
        "measure": "odds_of_called_same", "dataset": DATASET, "domain": "open", "judge": JUDGE,
        "contrast": f"{len(kept)} ladders, each doubling", "value": np.exp(fit.params[0]),
        "low": low, "high": high, "n_prompts": int(pairs.sum()),
    }
    return pd.DataFrame([row]).reindex(columns=COLUMNS)
