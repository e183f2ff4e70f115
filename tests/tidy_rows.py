"""What tests of chapters read: committed tables, and one row of what a chapter left behind."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

TABLES = Path(__file__).resolve().parents[1] / "data" / "tables"


def table(dataset, name):
    """A committed table, read without the package."""
    return pq.read_table(TABLES / dataset / f"{name}.parquet").to_pandas()


def row(numbers, **terms):
    """The one row that matches every term; None asks for an empty cell."""
    keep = np.logical_and.reduce([
        numbers[column].isna() if value is None else numbers[column] == value
        for column, value in terms.items()
    ])
    assert keep.sum() == 1, (terms, keep.sum())
    return numbers[keep].iloc[0]
