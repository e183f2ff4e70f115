"""The tidy rows a chapter leaves behind: one number a row, with its interval and its terms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abovebar.measures.bootstrap import Estimate, mean_over_prompts
from abovebar.measures.distinct import distinct_among_usable, distinct_in_budget, pass_rate
from abovebar.measures.drivers import split_lead
from abovebar.paths import replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from abovebar.measures.tally import Tally

COLUMNS = [
    "measure", "dataset", "domain", "judge", "partition", "model", "contrast", "bar", "k",
    "value", "low", "high", "n_prompts",
]


def tabulate(
    estimate: Estimate, bars: np.ndarray, measure: str, k: float = np.nan, **terms: str
) -> pd.DataFrame:
    """Return one row a bar of an `Estimate` over bars (T,); no bar is an empty `bar`."""
    low, high = estimate.interval()
    return pd.DataFrame(
        {
            "measure": measure, **terms, "bar": np.where(np.isfinite(bars), bars, np.nan), "k": k,
            "value": estimate.value, "low": low, "high": high, "n_prompts": estimate.n_prompts,
        }
    ).reindex(columns=COLUMNS)


def by_model(
    tally: Tally, k: int, r: int, weights: np.ndarray, terms: Mapping[str, str]
) -> pd.DataFrame:
    """Return yield, E_k and U_r of every model at every bar.

    U_r is averaged over the prompts on which that model has r usable answers: read the
    differences in `by_contrast`, which are on shared prompts, when comparing models.
    """
    values = {
        ("yield", np.nan): pass_rate(tally),
        ("distinct_in_budget", k): distinct_in_budget(tally, k),
        ("distinct_among_usable", r): distinct_among_usable(tally, r),
    }
    rows = [
        tabulate(
            mean_over_prompts(value[:, i], weights), tally.bars, measure, size,
            model=model, **terms,
        )
        for (measure, size), value in values.items()
        for i, model in enumerate(tally.models)
    ]
    return pd.concat(rows, ignore_index=True)


def leads(
    tally: Tally, ahead: str, behind: str, k: int, r: int, weights: np.ndarray
) -> dict[tuple[str, float], Estimate]:
    """Return how far one model leads another at every bar, prompt by shared prompt.

    Keys are the measure and its size: differences of yield, E_k and U_r, and the log ratio of
    E_k with its yield and variety parts.
    """
    a, b = tally.model(ahead), tally.model(behind)
    in_budget, usable = distinct_in_budget(tally, k), distinct_among_usable(tally, r)
    rate = pass_rate(tally)
    split = split_lead(tally, ahead, behind, k, weights)
    return {
        ("yield", np.nan): mean_over_prompts(rate[:, a] - rate[:, b], weights),
        ("distinct_in_budget", k): mean_over_prompts(in_budget[:, a] - in_budget[:, b], weights),
        ("distinct_among_usable", r): mean_over_prompts(usable[:, a] - usable[:, b], weights),
        ("log_ratio", k): split.total,
        ("log_ratio_yield", k): split.yield_part,
        ("log_ratio_variety", k): split.variety_part,
    }


def by_contrast(
    estimates: Mapping[tuple[str, float], Estimate], bars: np.ndarray, contrast: str,
    terms: Mapping[str, str],
) -> pd.DataFrame:
    """Return the rows of `leads`; `contrast` names it, as "tuned - base"."""
    rows = [
        tabulate(estimate, bars, measure, size, contrast=contrast, **terms)
        for (measure, size), estimate in estimates.items()
    ]
    return pd.concat(rows, ignore_index=True)


def stack(frames: Iterable[pd.DataFrame], columns: Sequence[str] = COLUMNS) -> pd.DataFrame:
    """Put frames under each other, empty ones left out; `columns` of nothing if none is left."""
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(columns))


def write_numbers(frame: pd.DataFrame, folder: str | Path) -> Path:
    """Write ``numbers.csv``: the declared columns, floats to six significant digits."""
    path = Path(folder) / "numbers.csv"
    with replacing(path) as draft:
        frame.reindex(columns=COLUMNS).to_csv(draft, index=False, float_format="%.6g")
    return path


def lookup(numbers: pd.DataFrame, **terms: Any) -> pd.Series:
    """Return the one row that matches every term; ``bar=None`` asks for the row without a bar.

    Raises
    ------
    LookupError
        If no row matches, or several do.
    """
    keep = pd.Series(True, index=numbers.index)
    for column, wanted in terms.items():
        keep &= numbers[column].isna() if wanted is None else numbers[column] == wanted
    if keep.sum() != 1:
        message = f"numbers: met {keep.sum()} rows for {terms}, wanted 1. Add terms or correct one."
        raise LookupError(message)
    return numbers[keep].iloc[0]
