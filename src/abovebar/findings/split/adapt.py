"""A claim about an interaction on a reader's terms: other data, other models."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

from abovebar.errors import AboveBarError
from abovebar.findings.split.claim import Contrast, Interaction, SplitClaim

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import pandas as pd


def adapt_split(
    claim: SplitClaim, *, datasets: Collection[str] = (), without: Collection[str] = (),
    judges: Mapping[str, str] | None = None, partitions: Mapping[str, str] | None = None,
    declared: Mapping[str, float] | None = None, contrasts: Iterable[Mapping[str, Any]] = (),
) -> SplitClaim:
    """Return the claim on some data sets, without some models, or by another judge or content.

    Parameters
    ----------
    datasets
        The data sets to keep; all, if empty.
    without
        Models whose contrasts are left out.
    judges, partitions, declared
        By data set: the judge, what makes a difference in content, the bar.
    contrasts
        Further ones, each with at least ``dataset, ahead, behind``. What is left out is taken from
        the claim's first contrast on that data set (and domain, if given). They are shown, and
        counted only if they say ``counted: true``. One in code or in creative writing is also set
        against the claim's first contrast in the other.
    """
    own = [_complete(claim, given, number) for number, given in enumerate(contrasts, 1)]
    kept = [
        replace(
            c, judge=(judges or {}).get(c.dataset, c.judge),
            content=(partitions or {}).get(c.dataset, c.content),
            bar=float((declared or {}).get(c.dataset, c.bar)),
        )
        for c in [*claim.contrasts, *own]
        if (not datasets or c.dataset in datasets) and not {c.ahead, c.behind} & set(without)
    ]
    ids = {c.id for c in kept}
    pairs = [*claim.interactions, *(p for c in own for p in _against(c, claim))]
    pairs = [i for i in pairs if {i.first, i.second} <= ids]
    return replace(claim, contrasts=kept, interactions=pairs)


def contrasts_of_runs(
    claim: SplitClaim, shipped: pd.DataFrame, models: pd.DataFrame
) -> list[dict[str, str]]:
    """Return a contrast for each of a researcher's own models, in each domain of its data set.

    It is compared with its parent where that stands in the same data set, otherwise with the model
    behind in the claim's first contrast there.

    Parameters
    ----------
    shipped, models
        From `load_models` without and with the researcher's folders.
    """
    known = set(zip(shipped["dataset"], shipped["model"], strict=True))
    all_models = set(zip(models["dataset"], models["model"], strict=True))
    own = [row for _, row in models.iterrows() if (row["dataset"], row["model"]) not in known]

    def first_in_each_domain(dataset: str) -> list[Contrast]:
        here = [c for c in reversed(claim.contrasts) if c.dataset == dataset]
        return list({c.domain: c for c in here}.values())

    return [
        {
            "dataset": row["dataset"], "domain": c.domain, "ahead": row["model"],
            "behind": row["parent"] if (row["dataset"], row["parent"]) in all_models else c.behind,
        }
        for row in own
        for c in first_in_each_domain(row["dataset"])
    ]


def _complete(claim: SplitClaim, given: Mapping[str, Any], number: int) -> Contrast:
    like = next(
        (
            c for c in claim.contrasts if c.dataset == given.get("dataset")
            and given.get("domain", c.domain) == c.domain
        ),
        None,
    )
    unsaid = {"id": f"yours-{number}", "kin": "unknown", "tuned": "unknown", "counted": False}
    try:
        return Contrast(**({**asdict(like), **unsaid} if like else unsaid) | dict(given))
    except TypeError as error:
        raise AboveBarError(
            f"contrast {dict(given)}", met=error, wanted=f"{[f.name for f in fields(Contrast)]}",
            remedy="Name dataset, ahead and behind; on a data set that the claim does not use, "
            "also domain and content, and a judge and a bar if there is one.",
        ) from error


def _against(own: Contrast, claim: SplitClaim) -> list[Interaction]:
    """Set a reader's contrast against the claim's first in the other half of the split."""
    first = {c.domain: c.id for c in reversed(claim.contrasts) if c.counted}
    match own.domain:
        case "code" if "creative" in first:
            return [Interaction("split", first["creative"], own.id, own.counted)]
        case "creative" if "code" in first:
            return [Interaction("split", own.id, first["code"], own.counted)]
    return []
