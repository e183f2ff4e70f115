"""How far two domains part: what tuning does in one, less what it does in the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from abovebar.errors import AboveBarError
from abovebar.findings.distinctness import MEASURES
from abovebar.findings.numbers import COLUMNS
from abovebar.findings.split.leads import ARMS, LEAST, terms_of
from abovebar.regression.interaction import difference_of_differences, regress_interaction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from abovebar.findings.split.claim import Contrast, Interaction, SplitClaim
    from abovebar.findings.split.leads import SplitBench


def all_interactions(
    bench: SplitBench, claim: SplitClaim, interactions: Iterable[Interaction]
) -> pd.DataFrame:
    """Return each difference of differences, by bootstrap and by regression, in every measure.

    Returns
    -------
    DataFrame
        The columns of ``numbers.csv``, and ``first, second``; the regression's rows have
        ``_regression`` at the end of their measure. At the bar each contrast has its own.
    """
    rows = []
    for pair in interactions:
        first, second = claim.contrast(pair.first), claim.contrast(pair.second)
        for measure in MEASURES:
            for at_bar in (False, True):
                terms = {"first": pair.first, "second": pair.second}
                terms |= _both(*(terms_of(c, measure, at_bar) for c in (first, second)))
                terms["contrast"] = f"({first.contrast}) - ({second.contrast})"
                name = measure + "_interaction"
                boot, fit = interaction(bench, first, second, measure, at_bar=at_bar)
                rows += [
                    {**terms, "measure": name, **boot},
                    {**terms, "measure": name + "_regression", **fit},
                ] if boot else []
    return pd.DataFrame(rows).reindex(columns=["first", "second", *COLUMNS])


def interaction(
    bench: SplitBench, first: Contrast, second: Contrast, measure: str, **choices: object
) -> tuple[dict | None, dict | None]:
    """Return one difference of differences, by bootstrap and by regression; None if not known."""
    frame = pd.concat([bench.values(c, measure, **choices) for c in (first, second)])
    domains = (first.id, second.id)
    known = frame.groupby("domain")["prompt_id"].nunique().reindex(domains, fill_value=0)
    if known.min() < LEAST:
        return None, None
    try:
        fit = regress_interaction(frame, ARMS, domains).set_index("term").loc["ahead:first"]
        boot = difference_of_differences(
            frame, ARMS, domains, n_boot=bench.n_boot, seed=bench.seed
        ).set_index("term").loc["difference"]
    except AboveBarError:
        return None, None
    n = int(boot["n_prompts"])
    fitted = {"value": fit["estimate"], "low": fit["low"], "high": fit["high"], "n_prompts": n}
    return boot.to_dict(), fitted


def _both(one: dict, other: dict) -> dict[str, object]:
    """Join the terms of two contrasts; two bars are no one number, so the judges carry them."""
    named = [
        t | {"judge": f"{t['judge']} {t['bar']:g}" if t["judge"] else ""} for t in (one, other)
    ]
    keys = ("dataset", "domain", "partition", "judge")
    return {k: " - ".join(t[k] for t in named) if named[0][k] else "" for k in keys}
