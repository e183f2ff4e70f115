"""Every further number of the chapter as rows of ``numbers.csv``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.numbers import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KEY = ["measure", "dataset", "judge", "partition", "model", "contrast", "bar", "k"]


def pools(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `abovebar.findings.hive.voices.pooled_rows`: `k` answers pooled, by whose."""
    return rows.assign(measure="distinct_pooled", contrast=rows["who"])


def voices(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `abovebar.findings.hive.voices.voice_rows`; the limit is among the levels."""
    kept = rows[np.isfinite(rows["k"])]
    return kept.assign(measure=kept["measure"] + "_of_k", contrast="prompts")


def shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `abovebar.findings.hive.shares`: `k` is the threshold."""
    return rows.assign(measure="share_at_least", contrast=rows["who"])


def kinds(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `abovebar.findings.hive.bar.by_kind`."""
    return rows.assign(contrast="prompts: " + rows["kind"])


def releases(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `abovebar.findings.hive.release_dates.release_slopes`."""
    return rows.assign(measure="release_slope")


def sets(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `abovebar.findings.hive.model_sets.chosen_sets`: `k` models, `model` names them."""
    long = rows.melt(
        id_vars=["dataset", "bar", "size", "kind", "members"],
        value_vars=["gamma", "voices", "held_out"], var_name="measure",
    )
    return long.assign(
        measure="set_" + long["measure"], contrast=long["kind"], k=long["size"],
        model=long["members"],
    )


def together(
    levels: pd.DataFrame, further: Iterable[pd.DataFrame], similarity: str,
    domains: Mapping[str, str],
) -> pd.DataFrame:
    """Return all rows with the columns of ``numbers.csv``, each key once.

    Parameters
    ----------
    similarity
        What `partition` is where a row does not say.
    domains
        By data set.
    """
    rows = pd.concat([levels, *(f for f in further if len(f))], ignore_index=True)
    rows = rows.reindex(columns=COLUMNS)
    rows["partition"] = rows["partition"].fillna(similarity)
    rows["domain"] = rows["dataset"].map(domains)
    return rows.drop_duplicates(KEY, ignore_index=True)
