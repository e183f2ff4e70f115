"""What else could make tuned answers differ less: length, cuts, correctness, temperature."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.distinctness import MEASURES
from abovebar.findings.sensitivity import keep_common_lengths
from abovebar.findings.split.leads import lead
from abovebar.measures.bootstrap import mean_over_prompts, prompt_weights
from abovebar.tables.harvest import RESPONSE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from abovebar.findings.split.claim import Contrast
    from abovebar.findings.split.leads import SplitBench

NEAR = 1.1  # the longer of two sets over the shorter
WINDOW = 50  # words of prose that an overlap sees
# Figures of a whole set, and whether more of it means more variety.
SET_MEASURES = {
    "distinct_1": 1, "distinct_2": 1, "distinct_3": 1, "adjusted_distinct": 1,
    "distinct_syntax": 1, "compression": -1, "repetition": -1,
}


def equal_sets(read: Callable, contrast: Contrast) -> pd.DataFrame:
    """Return both models' sets of all answers, on prompts where they are as many and as long.

    Returns
    -------
    DataFrame
        Rows of table `sets`: as many answers, and words (of each answer's first fifty) within a
        tenth of each other.
    """
    sets = read(contrast.dataset, "sets")
    if sets is None:
        return pd.DataFrame(columns=["prompt_id", "model", "n", "n_tokens"])
    own = sets[sets["model"].isin(contrast.models) & (sets["judge"] == "none")]
    by = own.groupby("prompt_id")
    longest, shortest = by["n_tokens"].transform("max"), by["n_tokens"].transform("min")
    alike = (by["model"].transform("nunique") == 2) & (by["n"].transform("nunique") == 1)
    return own[alike & (longest <= NEAR * shortest)]


def near_equal_length(read: Callable, contrast: Contrast) -> list[str]:
    """Return the prompts of `equal_sets`."""
    return sorted(equal_sets(read, contrast)["prompt_id"].unique())


def at_setting(contrast: Contrast, old: str, new: str) -> Contrast:
    """Return the same contrast with both models at another setting, as ``@t0.2`` for ``@t0.8``."""
    names = {side: getattr(contrast, side).replace(old, new) for side in ("ahead", "behind")}
    return replace(contrast, id=contrast.id + new, counted=False, **names)


def rerun_split(bench: SplitBench, contrasts: Iterable[Contrast]) -> pd.DataFrame:
    """Rerun each contrast, with every answer counted, under one suspicion after the other.

    Returns
    -------
    DataFrame
        ``id, measure, rerun, value, low, high, n_prompts``. A rerun that the tables do not allow
        has no row.
    """
    rows = []
    for contrast in contrasts:
        for name, version, choices in _versions(bench, contrast):
            for measure in MEASURES:
                values = bench.values(version, measure, **choices)
                if values["prompt_id"].nunique() >= 2:
                    terms = {"id": contrast.id, "measure": measure, "rerun": name}
                    rows.append({**terms, **lead(bench, values)})
    return pd.DataFrame(rows)


def _versions(bench: SplitBench, contrast: Contrast) -> Iterator[tuple[str, Contrast, Mapping]]:
    """Yield the name, the contrast and the choices of each rerun."""
    yield "as it is", contrast, {}
    yield "as long, prompt by prompt", contrast, {
        "prompts": near_equal_length(bench.read, contrast)
    }
    if contrast.judge:
        yield "only what passes", contrast, {"at_bar": True}
    if "@t0.8" in contrast.ahead:
        yield "temperature 0.2", at_setting(contrast, "@t0.8", "@t0.2"), {}
    responses = bench.read(contrast.dataset, "responses")
    own = responses[responses["model"].isin(contrast.models)]
    if bench.read(contrast.dataset, "pairs") is None:
        return
    common = keep_common_lengths(own[RESPONSE], own, contrast.models)
    yield "common lengths", contrast, {"keep": common}
    if bench.read(contrast.dataset, "embeddings") is not None:  # prose
        yield f"{WINDOW} words or more", contrast, {"keep": own[own["n_words"] >= WINDOW]}
    if own["finish_reason"].notna().any():
        yield "ended by themselves", contrast, {"keep": own[own["finish_reason"] == "stop"]}


def set_leads(bench: SplitBench, contrasts: Iterable[Contrast]) -> pd.DataFrame:
    """Return the leads by measures of whole sets, as many answers each and nearly as long.

    Returns
    -------
    DataFrame
        ``id, measure, value, low, high, n_prompts``: mean log ratio, tuned over parent, turned so
        that above zero the tuned model is the more varied.
    """
    rows = []
    for contrast in contrasts:
        sets = equal_sets(bench.read, contrast)
        if contrast.kind:
            kinds = bench.kinds[bench.kinds["dataset"] == contrast.dataset]
            here = kinds.loc[kinds["kind"] == contrast.kind, "prompt_id"]
            sets = sets[sets["prompt_id"].isin(here)]
        for measure, sign in SET_MEASURES.items():
            wide = sets.pivot_table(index="prompt_id", columns="model", values=measure)
            wide = wide.reindex(columns=contrast.models).dropna()
            wide = wide[(wide > 0).all(axis=1)]
            if len(wide) < 2:
                continue
            ratio = sign * np.log(wide[contrast.ahead] / wide[contrast.behind])
            weights = prompt_weights(len(wide), bench.n_boot, bench.seed)
            mean = mean_over_prompts(ratio.to_numpy(), weights)
            rows.append({"id": contrast.id, "measure": measure, **mean.row()})
    return pd.DataFrame(rows)
