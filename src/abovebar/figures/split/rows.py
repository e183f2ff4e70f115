"""What a chart of the domain split shows: a row a contrast, measure and bar, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.figures.palette import GROUPS
from abovebar.findings.verdicts import FEWEST_PROMPTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from abovebar.findings.split.claim import Contrast

DOMAINS = {
    "code": "code", "creative": "creative writing", "closed": "one right answer",
    "reasoning": "school arithmetic", "ideas": "ideas and picks", "advice": "advice",
    "writing": "letters, posts", "stance": "contested questions", "open": "mixed prompts",
}
KINDS = {
    "lexical_distinctness": "words", "syntactic_distinctness": "syntax",
    "semantic_distinctness": "content",
}
BARS = {False: "every answer", True: "only answers at the bar"}
MINUS = "−"


def name_pair(contrast: Contrast, models: pd.DataFrame) -> str:
    """Return "OLMo 2 7B DPO – OLMo 2 7B SFT", without settings; `models` from `load_models`."""
    labels = models[models["dataset"] == contrast.dataset].set_index("model")["label"]
    ahead, behind = (labels[model].rsplit(", t0", 1)[0] for model in contrast.models)
    return f"{ahead} – {behind}".replace(", nucleus9", "")


def heat_rows(
    leads: pd.DataFrame, contrasts: Iterable[Contrast], models: pd.DataFrame
) -> pd.DataFrame:
    """Return a row a contrast, measure and bar, with the words that a chart shows.

    Parameters
    ----------
    leads
        From `abovebar.findings.split.leads.all_leads`.

    Returns
    -------
    DataFrame
        ``row, domain, pair, kind, bar, against, kin, counted, value, low, high, n_prompts, sure,
        shown, span, place``; `against` is what the model is compared with, by its stage;
        `sure`, that the interval excludes zero and rests on as many prompts as a verdict needs.
    """
    stages = models.set_index(["dataset", "model"])["stage"]
    told = leads[leads["contrast"].notna()]
    rows = []
    for place, c in enumerate(sorted(contrasts, key=lambda c: list(DOMAINS).index(c.domain))):
        pair = name_pair(c, models)
        for _, found in told[told["id"] == c.id].iterrows():
            rows.append(
                {
                    "row": "\n".join([DOMAINS[c.domain], pair.replace(" – ", "\n– ")]),
                    "id": c.id, "domain": DOMAINS[c.domain], "pair": pair, "place": place,
                    "kind": KINDS[found["measure"]], "bar": BARS[found["judge"] != ""],
                    "against": GROUPS[stages[c.dataset, c.behind]], "kin": c.kin,
                    "counted": c.counted, "tuned": c.tuned,
                    **found[["value", "low", "high", "n_prompts"]],
                }
            )
    rows = pd.DataFrame(rows)
    away = (rows["low"] > 0) | (rows["high"] < 0)
    rows["sure"] = away & (rows["n_prompts"] >= FEWEST_PROMPTS)
    rows["shown"] = [_signed(v) for v in rows["value"]]
    rows["span"] = [
        f"{_signed(a)} to {_signed(b)}" for a, b in zip(rows["low"], rows["high"], strict=True)
    ]
    return rows


def _signed(value: float) -> str:
    shown = f"{abs(value):.2f}"
    if not np.isfinite(value):
        return "?"
    return shown if shown == "0.00" else ("+" if value > 0 else MINUS) + shown
