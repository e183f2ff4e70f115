"""Rows for ``numbers.csv`` from the tables of the chapter on surprise."""

from __future__ import annotations

from typing import Any

import pandas as pd

from abovebar.findings.numbers import COLUMNS

COUNTS = ("n", "n_targets")


def as_numbers(frame: pd.DataFrame | None, **terms: Any) -> pd.DataFrame:
    """Return a table's rows with the columns of ``numbers.csv``.

    Parameters
    ----------
    frame
        With ``value, low, high`` and ``n`` or ``n_targets``, which becomes ``n_prompts``, the
        number of what was drawn. None gives no rows.
    terms
        Columns to set, each to one value for all rows or to a Series: measure, dataset, ...
    """
    if frame is None or frame.empty:
        return pd.DataFrame(columns=COLUMNS)
    for name in COUNTS:
        if name in frame:
            frame = frame.assign(n_prompts=frame[name])
    return frame.assign(**terms).reindex(columns=COLUMNS).reset_index(drop=True)
