"""What tuning does to how often answers differ, domain by domain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.distinctness import MEASURES, by_prompt
from abovebar.findings.numbers import COLUMNS
from abovebar.measures.bootstrap import mean_over_prompts, prompt_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from abovebar.findings.split.claim import Contrast

ARMS = ("tuned", "parent")
LEAST = 2  # prompts that a contrast needs for an interval
NOTHING = {"value": np.nan, "low": np.nan, "high": np.nan, "n_prompts": 0}


@dataclass(frozen=True)
class SplitBench:
    """What every lead and interaction of a chapter shares.

    Attributes
    ----------
    read
        From `abovebar.findings.distinctness.shelf`.
    kinds
        From `abovebar.findings.distinctness.load_kinds`.
    n_boot, seed
        Of the bootstrap over prompts.
    kept
        What was computed once and is asked for again.
    """

    read: Callable
    kinds: pd.DataFrame
    n_boot: int = 2000
    seed: int = 20260226
    kept: dict = field(default_factory=dict, repr=False, compare=False)

    def values(
        self, contrast: Contrast, measure: str, *, at_bar: bool = False,
        keep: pd.DataFrame | None = None, prompts: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """Return ``prompt_id, domain, arm, value`` of one contrast, on prompts both models share.

        `domain` is the contrast's id; `keep` and `prompts` choose answers and prompts.
        """
        key = (contrast, measure, at_bar)
        if keep is not None or key not in self.kept:
            values = by_prompt(
                self.read, contrast, measure, at_bar=at_bar, kinds=self.kinds, keep=keep
            )
            if keep is None:
                self.kept[key] = values
        else:
            values = self.kept[key]
        arms = dict(zip(contrast.models, ARMS, strict=True))
        rows = values.assign(arm=values["model"].map(arms), domain=contrast.id)
        if prompts is not None:
            rows = rows[rows["prompt_id"].isin(set(prompts))]
        both = rows.groupby("prompt_id")["arm"].transform("nunique") == len(ARMS)
        return rows.loc[both, ["prompt_id", "domain", "arm", "value"]]


def lead(bench: SplitBench, values: pd.DataFrame) -> dict[str, float]:
    """Return the tuned model's lead over `SplitBench.values`: ``value, low, high, n_prompts``."""
    wide = values.pivot_table(index="prompt_id", columns="arm", values="value")
    if len(wide) < LEAST:
        return {**NOTHING, "n_prompts": len(wide)}
    weights = prompt_weights(len(wide), bench.n_boot, bench.seed)
    mean = mean_over_prompts((wide[ARMS[0]] - wide[ARMS[1]]).to_numpy(), weights)
    return {**mean.row(), "n_prompts": len(wide)}


def all_leads(bench: SplitBench, contrasts: Iterable[Contrast]) -> pd.DataFrame:
    """Return every contrast's lead in every measure, with no bar and at its own.

    Returns
    -------
    DataFrame
        The columns of ``numbers.csv``, and ``id``. A row for each model (its mean, without an
        interval, on the shared prompts), then one for the contrast. What the tables cannot tell
        has no row.
    """
    rows = []
    for contrast in contrasts:
        for measure in MEASURES:
            for at_bar in (False, True):
                values = bench.values(contrast, measure, at_bar=at_bar)
                if values.empty:
                    continue
                terms = {"id": contrast.id, "measure": measure}
                terms |= terms_of(contrast, measure, at_bar)
                level = values.groupby("arm")["value"].mean()
                n = values["prompt_id"].nunique()
                rows += [
                    {**terms, "model": model, "value": level[arm], "n_prompts": n}
                    for model, arm in zip(contrast.models, ARMS, strict=True)
                ]
                rows.append({**terms, "contrast": contrast.contrast, **lead(bench, values)})
    return pd.DataFrame(rows).reindex(columns=["id", *COLUMNS])


def terms_of(contrast: Contrast, measure: str, at_bar: bool) -> dict[str, object]:
    """Return the columns of ``numbers.csv`` that say where a lead comes from."""
    content = contrast.content if measure == "semantic_distinctness" else ""
    return {
        "dataset": contrast.dataset, "domain": contrast.domain, "partition": content,
        "judge": contrast.judge if at_bar else "", "bar": contrast.bar if at_bar else np.nan,
    }
