"""Verdicts on a claim about an interaction, pair of models by pair of models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from abovebar.findings.verdicts import (
    CANNOT_TELL,
    CONTRADICTS,
    FEWEST_PROMPTS,
    SUPPORTS,
    judge_statement,
)

if TYPE_CHECKING:
    from abovebar.findings.split.claim import SplitClaim, SplitStatement

KEPT = "kept"


def judge_split(row: pd.Series, statement: SplitStatement) -> str:
    """Return the verdict of one interval on one statement.

    A sign is judged as everywhere in the book. `kept` is supported where the whole interval lies
    within the margin of zero, contradicted where it lies wholly beyond it.
    """
    if statement.expected != KEPT:
        return judge_statement(row["low"], row["high"], row["n_prompts"], statement.expected)
    margin = statement.margin
    if row["n_prompts"] < FEWEST_PROMPTS:
        return CANNOT_TELL
    if -margin < row["low"] and row["high"] < margin:
        return SUPPORTS
    return CONTRADICTS if row["low"] > margin or row["high"] < -margin else CANNOT_TELL


def assess_split(
    claim: SplitClaim, leads: pd.DataFrame, interactions: pd.DataFrame, *, at_bar: bool = False
) -> pd.DataFrame:
    """Judge every statement on every contrast or interaction that it speaks of.

    Parameters
    ----------
    leads, interactions
        From `abovebar.findings.split.leads.all_leads` and `all_interactions`.
    at_bar
        Read them among the answers that reach the bar; the declared reading is of all answers.

    Returns
    -------
    DataFrame
        ``statement, test, dataset, contrast, tuned, kin, counted, value, low, high, n_prompts,
        verdict``. `counted` tests carry the verdict. A test that the tables cannot make has no row.
    """
    by_id = {c.id: c for c in claim.contrasts}
    tests = [(c.domain, c.id, (c,), c.counted) for c in claim.contrasts] + [
        (i.where, f"{i.first} - {i.second}", (by_id[i.first], by_id[i.second]), i.counted)
        for i in claim.interactions
    ]
    apart = interactions.assign(id=interactions["first"] + " - " + interactions["second"])
    found = pd.concat([leads[leads["contrast"].notna()], apart])
    found = found[(found["judge"] != "") == at_bar].set_index(["id", "measure"])
    rows = []
    for statement in claim.statements:
        for where, name, pair, counted in tests:
            key = (name, statement.measure + "_interaction" * (len(pair) > 1))
            if where != statement.where or key not in found.index:
                continue
            row = found.loc[key]
            rows.append(
                {
                    "statement": statement.id, "test": name,
                    **row[["dataset", "contrast"]],
                    "tuned": " - ".join(dict.fromkeys(c.tuned for c in pair)),
                    "kin": " - ".join(dict.fromkeys(c.kin for c in pair)), "counted": counted,
                    **row[["value", "low", "high", "n_prompts"]],
                    "verdict": judge_split(row, statement),
                }
            )
    columns = ["statement", "test", "dataset", "contrast", "tuned", "kin", "counted",
               "value", "low", "high", "n_prompts", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def strictly(assessed: pd.DataFrame) -> pd.DataFrame:
    """Keep the tests whose tuned models learned from preferences and descend from the other."""
    return assessed[(assessed["tuned"] == "preferences") & (assessed["kin"] == "descendant")]
