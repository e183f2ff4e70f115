"""The claim about surprise, put to its tests: what was found of each measure, jury by jury."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.level_claim import adapt_levels
from abovebar.findings.surprise.adds import surprise_adds
from abovebar.findings.surprise.altered import beside_sound, told_apart
from abovebar.findings.surprise.criterion import WHOLE, shared_rows
from abovebar.findings.surprise.juries import only
from abovebar.findings.surprise.measures import correlations
from abovebar.findings.surprise.settings import measured_slopes, rated_slopes, warmed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from abovebar.findings.level_claim import LevelClaim, LevelTest
    from abovebar.findings.surprise.bench import SurpriseBench

FOUND = ["test", "measure", "bar", "value", "low", "high", "n"]


def adapt_surprise(
    claim: LevelClaim, *, datasets: Collection[str], judges: Mapping[str, str],
    declared: Mapping[str, float],
) -> LevelClaim:
    """Return the claim on some data sets alone, or by another jury or bar.

    A test whose jury is replaced is named after the new one, and stands once if several become
    the same. Parameters as for `abovebar.findings.level_claim.adapt_levels`.
    """
    adapted = adapt_levels(claim, datasets=datasets, judges=judges, declared=declared)
    former = {t.name: t.judge for t in claim.tests}
    kept = {}
    for test in adapted.tests:
        if test.judge != former[test.name]:
            what = f", {test.by}" if test.by else ""
            test = replace(test, name=f"{test.dataset} by {test.judge}{what}")
            kept.setdefault((test.name, test.only), test)
        else:
            kept[test.name, test.only] = test
    return replace(adapted, tests=list(kept.values()))


def put_to_tests(bench: SurpriseBench, claim: LevelClaim) -> pd.DataFrame:
    """Return what was found for every statement on every test that it is put to.

    Returns
    -------
    DataFrame
        ``test, measure, bar, value, low, high, n`` for
        `abovebar.findings.level_verdicts.assess_levels`. A test that this run's data, models or
        jury cannot answer has no row.
    """
    measure = {s.id: s.measure for s in claim.statements}
    rows: list[dict] = []
    for test in claim.tests:
        for name in dict.fromkeys(measure[s] for s in test.only):
            found = FINDERS[name](bench, test)
            rows += [{"test": test.name, "measure": name, **row} for row in found]
    return pd.DataFrame(rows, columns=FOUND).drop_duplicates(["test", "measure", "bar"])


def _rows(found: pd.DataFrame | None, where: Mapping[str, str], bar: float = np.nan) -> list[dict]:
    """Return the rows that match, as `FOUND` has them after its first two columns."""
    if found is None or found.empty:
        return []
    keep = np.logical_and.reduce([found[c] == wanted for c, wanted in where.items()])
    own = found[keep].assign(bar=bar)
    for name, told in {"n_targets": "n", "n_clusters": "n", "estimate": "value"}.items():
        if name in own:
            own[told] = own[name]
    return own[FOUND[2:]].to_dict("records")


def _gap(name: str) -> Callable[[SurpriseBench, LevelTest], list[dict]]:
    def find(bench: SurpriseBench, test: LevelTest) -> list[dict]:
        sheets = bench.sheets(test.dataset, test.judge)
        if sheets is None or name.split("_")[0] not in sheets:
            return []
        rows = _rows(bench.gaps(test.dataset, test.judge), {"measure": name})
        if "value" in sheets and not np.isnan(test.bar):
            found = bench.gaps(test.dataset, test.judge, test.bar)
            rows += _rows(found, {"measure": name}, test.bar)
        return rows

    return find


def _shared(bench: SurpriseBench, test: LevelTest) -> list[dict]:
    sheets = bench.sheets(test.dataset, test.judge)
    if sheets is None or "originality" not in sheets:
        return []
    found = shared_rows(sheets, "surprise", "originality", **bench.drawn)
    return _rows(found, {"population": WHOLE, "measure": "shared"})


def _adds(bench: SurpriseBench, test: LevelTest) -> list[dict]:
    sheets = bench.sheets(test.dataset, test.judge)
    if sheets is None or "creativity" not in sheets or sheets["rater"].nunique() < 2:
        return []
    return _rows(surprise_adds(sheets), {"term": "surprise"})


def _with_rating(bench: SurpriseBench, test: LevelTest) -> list[dict]:
    sheets, pieces = bench.sheets(test.dataset, test.judge), bench.pieces(test.dataset)
    if sheets is None or pieces is None:
        return []
    unit = "writer" if test.drawn == "authors" else "piece"
    marks = only(sheets, "surprise")
    found = correlations(pieces, marks, [test.by], unit=unit, **bench.drawn)
    return _rows(found, {"by": test.by})


def _altered(bench: SurpriseBench, test: LevelTest) -> list[dict]:
    pieces = bench.pieces(test.dataset, "cosine")
    beside = None if pieces is None else beside_sound(bench.read, test.dataset, pieces)
    if beside is None or beside.empty:
        return []
    return _rows(told_apart(beside, **bench.drawn), {"alteration": "shuffled", "by": test.by})


def _warmed(bench: SurpriseBench, test: LevelTest) -> list[dict]:
    # Not every data set of settings has sketches, so that nearness is by vectors here.
    pieces = bench.pieces(test.dataset, "cosine")
    rows = None if pieces is None else warmed(bench.read, test.dataset, pieces)
    if rows is None or rows.empty:
        return []
    found = measured_slopes(rows, [test.by], **bench.drawn)
    return _rows(found, {"by": test.by, "setting": "temperature"})


def _rated(bench: SurpriseBench, test: LevelTest) -> list[dict]:
    sheets = bench.sheets(test.dataset, test.judge)
    found = None if sheets is None else rated_slopes(
        bench.read, test.dataset, sheets, **bench.drawn
    )
    return _rows(found, {"criterion": "surprise"})


# How each measure of the claim is found.
FINDERS: dict[str, Callable[[SurpriseBench, LevelTest], list[dict]]] = {
    **{name: _gap(name) for name in ("value", "originality", "surprise", "surprise_less_value")},
    "shared_with_originality": _shared,
    "surprise_for_creativity": _adds,
    "measure_with_rating": _with_rating,
    "shuffled_over_sound": _altered,
    "measured_by_temperature": _warmed,
    "rated_by_temperature": _rated,
}
