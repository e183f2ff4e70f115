"""Whether what a table names is declared, and whether what it speaks of is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abovebar.checking.flaws import rows_amiss
from abovebar.tables.schemas import ALL_ANSWERS, SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd

    from abovebar.checking.coding import Coding
    from abovebar.checking.flaws import Flaw
    from abovebar.checking.known import Known

ABOUT_RESPONSES = (
    "scores", "ratings", "classes", "embeddings", "features", "pairs", "altered", "sketches",
)


def check_names(
    tables: Mapping[str, pd.DataFrame], paths: Mapping[str, Path], known: Known, dataset: str,
    shipped: Mapping[str, pd.DataFrame],
) -> Iterator[Flaw]:
    """Yield rows whose prompt, model, judge or partition nobody declares.

    Parameters
    ----------
    tables, paths
        Tables of one folder by name, and where each lies.
    shipped
        For a run folder, the shipped tables of the data set, whose prompts it may answer.
    """
    declared = {
        "prompt_id": (
            {
                name for asked in (tables, shipped) if "prompts" in asked
                for name in asked["prompts"]["prompt_id"].cat.categories
            },
            "a prompt of the table prompts",
        ),
        "model": (
            known.models is not None
            and set(known.models.loc[known.models["dataset"] == dataset, "model"]),
            f"a model (MODEL or MODEL@SETTING) that models.csv declares for {dataset}",
        ),
        "judge": (
            known.judges is not None and {*known.judges.index, ALL_ANSWERS},
            "a judge of judges.csv",
        ),
        "partition": (
            known.partitions is not None and set(known.partitions.index),
            "a partition of partitions.csv",
        ),
    }
    for table, frame in tables.items():
        for column in declared.keys() & set(frame):
            names, wanted = declared[column]
            # A published figure may be about a group of prompts.
            of_group = table == "published" and column == "prompt_id"
            # An unreadable registry was told already.
            if names is not False and not of_group:
                yield from rows_amiss(
                    paths[table], frame, ~frame[column].isin(names), [column], wanted,
                    "Declare it, or correct the name where the table is made.",
                )


def check_rows(
    tables: Mapping[str, pd.DataFrame], paths: Mapping[str, Path], coding: Coding,
    shipped: Mapping[str, pd.DataFrame],
) -> Iterator[Flaw]:
    """Yield rows about an answer that is not in the table of responses.

    Parameters
    ----------
    shipped
        For a run folder, the shipped tables of the data set, whose answers it may grade.
    """
    there = [coding.keys(s["responses"]) for s in (tables, shipped) if "responses" in s]
    known = np.concatenate([*there, np.empty(0, dtype=np.int64)])
    for table in ABOUT_RESPONSES:
        if table in tables:
            frame = tables[table]
            yield from rows_amiss(
                paths[table], frame, ~np.isin(coding.keys(frame), known), [],
                "an answer of the table responses", "Derive the data set again: `abovebar tables`.",
            )


def check_apart(
    tables: Mapping[str, pd.DataFrame], paths: Mapping[str, Path],
    shipped: Mapping[str, pd.DataFrame],
) -> Iterator[Flaw]:
    """Yield rows of a run folder whose key the shipped tables have too."""
    for table, frame in tables.items():
        if table in shipped and table != "prompts":
            columns = SCHEMAS[table].unique
            met = frame[columns].merge(
                shipped[table][columns].drop_duplicates(), on=columns, how="left", indicator=True
            )
            twice = (met["_merge"] == "both").to_numpy()
            yield from rows_amiss(
                paths[table], frame, twice, columns, "a key that the shipped tables lack",
                "Give the run's model another name.",
            )
