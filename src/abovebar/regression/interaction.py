"""Does tuning do one thing in one domain and another in the other? A difference of differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.errors import AboveBarError
from abovebar.measures.bootstrap import Estimate, mean_over_prompts, prompt_weights
from abovebar.regression.checks import need_columns
from abovebar.regression.clustered import fit_clustered

if TYPE_CHECKING:
    from collections.abc import Sequence

UNIT = ["domain", "prompt_id"]


def difference_of_differences(
    frame: pd.DataFrame, arms: tuple[str, str], domains: tuple[str, str], *,
    n_boot: int, seed: int, paired: bool = True,
) -> pd.DataFrame:
    """Return how far the first arm leads the second in each domain, and by how much more so.

    Intervals are percentiles of a bootstrap over prompts within domains; a prompt that serves
    both arms is drawn for both at once.

    Parameters
    ----------
    frame
        ``prompt_id, domain, arm, value``; rows of one prompt and arm are averaged first.
    arms
        The arm ahead and the arm behind, as ("tuned", "base").
    domains
        The domain, and the one whose difference is taken off.
    paired
        Keep the prompts that serve both arms; otherwise each arm has the mean of its own.

    Returns
    -------
    DataFrame
        ``term, value, low, high, n_prompts``: a row for each domain, and "difference". Beside
        "difference" stands the smaller of the two numbers of prompts.

    Raises
    ------
    AboveBarError
        If a column is missing or blank, or a domain has no prompt for an arm.
    """
    cells = prompt_means(frame, arms, domains, paired=paired)
    leads = {}
    for shift, domain in enumerate(domains):
        values = cells.loc[domain].to_numpy()
        # A seed of its own: prompts of different domains are drawn independently.
        weights = prompt_weights(len(values), n_boot, seed + shift)
        means = mean_over_prompts(values, weights)
        leads[domain] = Estimate(
            means.value[0] - means.value[1], means.replicates[:, 0] - means.replicates[:, 1],
            means.n_prompts.min(),
        )
    one, other = leads.values()
    leads["difference"] = Estimate(
        one.value - other.value, one.replicates - other.replicates,
        np.minimum(one.n_prompts, other.n_prompts),
    )
    return pd.DataFrame([{"term": term, **lead.row()} for term, lead in leads.items()])


def regress_interaction(
    frame: pd.DataFrame, arms: tuple[str, str], domains: tuple[str, str], *, paired: bool = True
) -> pd.DataFrame:
    """Return the same as `difference_of_differences` by a regression, clustered by prompt.

    The means over each prompt and arm are regressed on arm, domain and their product. Since that
    model gives each cell its own mean, ``ahead:first`` is the same difference of differences; the
    standard error is another.

    Returns
    -------
    DataFrame
        As `abovebar.regression.clustered.fit_clustered`, with the terms ``ahead`` (the lead in
        the second domain), ``first`` (the first domain, for the arm behind) and ``ahead:first``.
    """
    cells = prompt_means(frame, arms, domains, paired=paired)
    long = cells.melt(ignore_index=False, var_name="arm", value_name="value").dropna().reset_index()
    long = long.assign(
        ahead=(long["arm"] == arms[0]).astype(float),
        first=(long["domain"] == domains[0]).astype(float),
        unit=pd.factorize(pd.MultiIndex.from_frame(long[UNIT]))[0],
    )
    return fit_clustered(long, "value", ["ahead", "first", "ahead:first"], "unit")


def prompt_means(
    frame: pd.DataFrame, arms: Sequence[str], domains: Sequence[str], *, paired: bool
) -> pd.DataFrame:
    """Return the mean of each prompt and arm: indexed by domain and prompt, one column an arm."""
    need_columns(frame, "interaction", numbers=["value"], names=[*UNIT, "arm"])
    cells = frame.pivot_table(index=UNIT, columns="arm", values="value", aggfunc="mean")
    cells = cells.reindex(columns=list(arms))
    if paired:
        cells = cells.dropna()
    for domain in domains:
        known = cells[cells.index.get_level_values("domain") == domain].notna().sum()
        if not known.all():
            raise AboveBarError(
                f"interaction, domain {domain!r}",
                met=f"prompts by arm {known.to_dict()}" + ", shared ones alone" * paired,
                wanted="at least one for each arm",
                remedy="Correct the names of arms and domains, or set paired=False.",
            )
    return cells[cells.index.get_level_values("domain").isin(domains)]
