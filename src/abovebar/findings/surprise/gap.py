"""How far models' pieces stand from people's, criterion by criterion, by one jury's eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.errors import AboveBarError
from abovebar.findings.surprise.juries import FEW, GROUPS, asked_for
from abovebar.regression.effects import Effects, standardised_differences
from abovebar.regression.within_slopes import within_slopes

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = ["measure", "value", "low", "high", "n", "n_people", "n_models", "n_raters"]


def effects_of(
    juries: Mapping[str, pd.DataFrame], *, n_boot: int, seed: int, unit: str = "piece"
) -> Effects:
    """Return models less people for every jury and criterion, named ``jury/criterion``.

    Parameters
    ----------
    juries
        Sheets of `abovebar.findings.surprise.juries.load_sheets`, by jury. Pieces of several
        juries are drawn for all at once.
    unit
        What is drawn: ``piece``, or ``writer`` of several.
    """
    parts = []
    for jury, sheets in juries.items():
        tall = sheets.melt(
            id_vars=list(dict.fromkeys(["piece", unit, "rater", "group"])),
            value_vars=asked_for(sheets), var_name="criterion", value_name="score",
        )
        parts.append(tall.assign(judge=jury + "/" + tall["criterion"]))
    ratings = pd.concat(parts, ignore_index=True).assign(target=lambda x: x["piece"])
    return standardised_differences(ratings, GROUPS, n_boot=n_boot, seed=seed, unit=unit)


def gaps(sheets: pd.DataFrame, *, n_boot: int, seed: int, unit: str = "piece") -> pd.DataFrame:
    """Return models less people on each criterion, and surprise less value, in SD of a mark.

    The replicates of one jury's criteria share the pieces and the raters drawn, so that
    ``surprise_less_value``, the difference of two differences, is paired. See
    `abovebar.regression.effects.standardised_differences`.

    Returns
    -------
    DataFrame
        ``measure, value, low, high, n, n_people, n_models, n_raters``, `n` of the smaller group;
        empty where one group has no pieces, or fewer than two.
    """
    sizes = sheets.groupby("group", observed=True)["piece"].nunique()
    sizes = sizes.reindex(list(GROUPS), fill_value=0)
    if sizes.min() < 2:
        return pd.DataFrame(columns=COLUMNS)
    try:
        found = effects_of({"": sheets}, n_boot=n_boot, seed=seed, unit=unit)
    except AboveBarError:  # a criterion without any variation
        return pd.DataFrame(columns=COLUMNS)
    rows = found.rows.assign(measure=found.rows["judge"].str.removeprefix("/"))
    if {"surprise", "value"} <= set(rows["measure"]):
        both = {"measure": "surprise_less_value", **found.difference("/surprise", "/value")}
        rows = pd.concat([rows, pd.DataFrame([both])], ignore_index=True)
    rows = rows.assign(
        n=int(sizes.min()), n_people=int(sizes["people"]), n_models=int(sizes["models"]),
        n_raters=sheets["rater"].nunique(),
    )
    return rows.loc[np.isfinite(rows["low"]), COLUMNS].reset_index(drop=True)


def disagreement(
    one: pd.DataFrame, other: pd.DataFrame, *, n_boot: int, seed: int
) -> pd.DataFrame:
    """Return models less people by two juries on the pieces that both marked, and the difference.

    Returns
    -------
    DataFrame
        ``criterion, who, value, low, high, n``; `who` is "one", "other" or "one less other".
    """
    shared = set(one["piece"]) & set(other["piece"])
    sides = {"one": one, "other": other}
    both = {name: side[side["piece"].isin(shared)] for name, side in sides.items()}
    found = effects_of(both, n_boot=n_boot, seed=seed)
    rows = []
    for criterion in [c for c in asked_for(one) if c in asked_for(other)]:
        names = [f"{side}/{criterion}" for side in sides]
        own = found.rows.set_index("judge").loc[names, ["value", "low", "high"]]
        rows += [
            {"criterion": criterion, "who": side, **row}
            for side, row in zip(sides, own.to_dict("records"), strict=True)
        ]
        rows.append({"criterion": criterion, "who": "one less other", **found.difference(*names)})
    n = both["one"].groupby("group")["piece"].nunique().min()
    return pd.DataFrame(rows).assign(n=int(n))


def by_guess(sheets: pd.DataFrame, *, n_boot: int, seed: int) -> pd.DataFrame:
    """Return models less people in surprise, among sheets whose rater took the author for each.

    A rater who takes a story for a person's may mark it up for that. Held fixed, the guess leaves
    what the marks owe to anything else, but only where raters were wrong often enough.

    Returns
    -------
    DataFrame
        ``taken, sheets_people, sheets_models, value, low, high``, NaN where a cell is empty.
    """
    rows = []
    for taken, name in ((1.0, "a person"), (0.0, "a model")):
        own = sheets[sheets["taken-for-human"] == taken]
        counts = own.groupby("group").size().reindex(list(GROUPS), fill_value=0)
        found = gaps(own, n_boot=n_boot, seed=seed).set_index("measure")
        row = found.loc["surprise"] if "surprise" in found.index else {}
        rows.append({
            "taken": name, "sheets_people": int(counts["people"]),
            "sheets_models": int(counts["models"]),
            **{name: row.get(name, np.nan) for name in ("value", "low", "high")},
        })
    return pd.DataFrame(rows)


def at_equal_value(
    sheets: pd.DataFrame, criterion: str = "surprise", *, n_boot: int, seed: int,
    unit: str = "piece",
) -> dict[str, float] | None:
    """Return models less people on a criterion among marks of the same value on one prompt.

    Where raters trade one criterion for another, a group that has more of the other will have
    less of this one; here a mark is compared with marks that gave as much value, by the same
    rater where at most `abovebar.findings.surprise.juries.FEW` marked everything. In standard
    deviations within such cells. Value is marked with error, so that what it explains is taken out
    in part.

    Returns
    -------
    dict
        ``value, low, high, n``; None where no cell has marks of both groups, or value was not
        asked for.
    """
    if "value" not in sheets:
        return None
    cells = ["prompt_id", "value"] + ["rater"] * (sheets["rater"].nunique() <= FEW)
    rows = sheets.assign(by_model=(sheets["group"] == GROUPS[0]).astype(float))
    try:
        found = within_slopes(rows, criterion, ["by_model"], cells, unit, n_boot=n_boot, seed=seed)
    except AboveBarError:
        return None
    return found.drop(columns="setting").iloc[0].to_dict()
