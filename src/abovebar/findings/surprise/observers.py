"""Who or what says that models surprise less: every observer's difference on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from abovebar.findings.surprise.gap import gaps
from abovebar.findings.surprise.juries import only, reaching
from abovebar.findings.surprise.measures import MEASURES, as_marks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from abovebar.findings.surprise.bench import SurpriseBench

KINDS = ("people", "models that judge", "automatic measures")


def observers(
    bench: SurpriseBench, dataset: str, people: Mapping[str, str], judges: Mapping[str, str],
    measures: Sequence[str], bars: Mapping[str, float | None], graded_by: str,
) -> pd.DataFrame:
    """Return models less people in surprise by every observer, in the observer's own deviations.

    People and judging models by their marks for surprise, in deviations of a mark; measures, less
    the mean of their prompt, in deviations between pieces.

    Parameters
    ----------
    people, judges
        Juries by name, with what to call them.
    bars
        Names of panels, and the bar of value of each.
    graded_by
        The jury whose marks of value make the bar for those that gave none: the measures.

    Returns
    -------
    DataFrame
        ``bar, kind, observer, value, low, high, n``, in the order given; `bar` the panel's name.
    """
    rows = []
    pieces, grades = bench.pieces(dataset), bench.sheets(dataset, graded_by)
    seen = [(KINDS[0], n, bench.sheets(dataset, j), None) for j, n in people.items()]
    seen += [(KINDS[1], n, bench.sheets(dataset, j), None) for j, n in judges.items()]
    if pieces is not None:
        seen += [
            (KINDS[2], MEASURES[m], as_marks(pieces, m), grades) for m in measures if m in pieces
        ]
    for panel, bar in bars.items():
        for kind, name, sheets, graded in seen:
            if sheets is None or (kind == KINDS[2] and bar is not None and graded is None):
                continue
            found = gaps(only(reaching(sheets, bar, graded), "surprise"), **bench.drawn)
            own = found.loc[found["measure"] == "surprise", ["value", "low", "high", "n"]]
            rows += [{"bar": panel, "kind": kind, "observer": name, **r}
                     for r in own.to_dict("records")]
    return pd.DataFrame(rows, columns=["bar", "kind", "observer", "value", "low", "high", "n"])
