"""What the authors of the claim published on open-ended programs: tuned minus base."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from abovebar.findings.numbers import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable

DATASET = "open-programs"
# Tuned model, base model, and what the tuning was.
PAIRS = [
    ("CodeLlama-7b-Instruct-hf", "CodeLlama-7b-hf", "instructions"),
    ("CodeLlama-34b-Instruct-hf", "CodeLlama-34b-hf", "instructions"),
    ("CodeLlama-70b-Instruct-hf", "CodeLlama-70b-Python-hf", "instructions"),
    ("Meta-Llama-3-8B-Instruct", "Meta-Llama-3-8B", "preferences"),
    ("Meta-Llama-3-70B-Instruct", "Meta-Llama-3-70B", "preferences"),
]
# Means over equally many draws, or over pairs, so that they do not grow with how many are coherent.
FIGURES = {
    "distinct-4-bootstrap": "words", "stripped-subtrees-4-bootstrap": "syntax",
    "average-cosine-distance-raw": "content",
}


def published_leads(read: Callable) -> pd.DataFrame:
    """Return the differences of the authors' own figures, template by template, as shares of one.

    Parameters
    ----------
    read
        From `abovebar.findings.distinctness.shelf`.

    Returns
    -------
    DataFrame
        ``ahead, behind, tuned, template, counted, kind, figure, value``; `counted` is "all" or
        "coherent" programs.
    """
    table = read(DATASET, "published")
    wide = table.pivot_table(index=["prompt_id", "measure"], columns="model", values="value")
    rows = [
        {
            "ahead": ahead, "behind": behind, "tuned": tuned, "template": template,
            "counted": {"all": "all", "coh": "coherent"}[measure[:3]], "kind": kind,
            "figure": measure, "value": (row[ahead] - row[behind]) / 100,
        }
        for ahead, behind, tuned in PAIRS
        for (template, measure), row in wide.iterrows()
        if (kind := FIGURES.get(measure[4:]))
    ]
    return pd.DataFrame(rows)


def as_numbers(published: pd.DataFrame) -> pd.DataFrame:
    """Return them as rows of ``numbers.csv``: the template stands as partition, no interval."""
    return published.assign(
        measure="published_" + published["figure"], dataset=DATASET, domain="code",
        partition=published["template"], contrast=published["ahead"] + " - " + published["behind"],
    ).reindex(columns=COLUMNS)


def count_falls(published: pd.DataFrame) -> pd.DataFrame:
    """Return in how many of the cells the tuned model's figure is the lower: "6 of 6".

    One row a kind of tuning and which programs, one column a kind of variety.
    """
    return published.pivot_table(
        index=["tuned", "counted"], columns="kind", values="value", sort=False,
        aggfunc=lambda v: f"{(v < 0).sum()} of {len(v)}",
    )[list(FIGURES.values())]
