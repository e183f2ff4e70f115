"""The tally of a statement over its tests: in words, and as one verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abovebar.findings.verdicts import CANNOT_TELL, CONTRADICTS, SUPPORTS, WORDS
from abovebar.findings.wording import count

if TYPE_CHECKING:
    import pandas as pd

BRIEF = {SUPPORTS: "for", CONTRADICTS: "against", CANNOT_TELL: "open"}


def describe_tests(
    assessed: pd.DataFrame, statement: str, one: str = "test", many: str = "tests"
) -> str:
    """Return one statement's tally, as "supported on three of four tests (two data sets)".

    Parameters
    ----------
    assessed
        ``statement, dataset, verdict``, one row a test.
    one, many
        What a test is called.
    """
    own = assessed[assessed["statement"] == statement]
    if own.empty:
        return "not tested"
    counts = own["verdict"].value_counts()
    whole = len(own)
    where = _where(own["dataset"])
    tests = f"the one {one}" if whole == 1 else f"{count(whole)} {many}"
    if len(counts) == 1:
        every = {1: tests, 2: f"both {many}"}.get(whole, f"all {tests}")
        return f"{WORDS[counts.index[0]]} on {every} ({where})"
    parts = [f"{word} on {count(counts[v])}" for v, word in WORDS.items() if v in counts]
    return f"{', '.join(parts)}, of {tests} ({where})"


def brief_tally(assessed: pd.DataFrame, statement: str) -> str:
    """Return one statement's tally for a table, as "1 for, 4 against, 1 open"."""
    counts = assessed.loc[assessed["statement"] == statement, "verdict"].value_counts()
    parts = [f"{counts[v]} {word}" for v, word in BRIEF.items() if v in counts]
    return ", ".join(parts) or "not tested"


def overall_on_data_sets(own: pd.DataFrame) -> str:
    """Return the verdict over one statement's tests: what most say, on two data sets at least."""
    if own.empty:
        return CANNOT_TELL
    counts = own["verdict"].value_counts()
    leading = max(SUPPORTS, CONTRADICTS, key=lambda verdict: counts.get(verdict, 0))
    saying = own[own["verdict"] == leading]
    if saying["dataset"].nunique() < 2 or len(saying) * 2 <= len(own):
        return CANNOT_TELL
    return leading


def _where(datasets: pd.Series) -> str:
    """Return "one data set", or of an interaction between two, "one pair of data sets"."""
    met = [tuple(dict.fromkeys(name.split(" - "))) for name in datasets.unique()]
    unit = "pair" if max(map(len, met)) > 1 else "data set"
    several = unit + "s" * (len(met) > 1)
    return f"{count(len(met))} {several}" + " of data sets" * (unit == "pair")
