"""The tables and the parameters of one run of the chapter on surprise."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from abovebar.findings.distinctness import shelf
from abovebar.findings.numbers import stack
from abovebar.findings.surprise.gap import COLUMNS, gaps
from abovebar.findings.surprise.juries import load_sheets, reaching
from abovebar.findings.surprise.measures import measured
from abovebar.tables.registry import load_models

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

    from abovebar.findings.level_claim import LevelTest


@dataclass(frozen=True)
class SurpriseBench:
    """The tables and the parameters of one run; what several statements need is read once.

    Attributes
    ----------
    datasets
        The data sets to read; all, if empty.
    without
        Models, or families of models, whose pieces are left out.
    similarity
        What "nearest other" is measured by: one of
        `abovebar.findings.surprise.piece_distances.SIMILARITIES`.
    """

    root: Path
    runs: Sequence[str | Path] = ()
    datasets: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    similarity: str = "cosine"
    n_boot: int = 2000
    seed: int = 0
    _kept: dict = field(default_factory=dict, repr=False)

    @cached_property
    def folders(self) -> list[Path]:
        """The shipped tables and the researcher's own."""
        return [Path(self.root, "data", "tables"), *map(Path, self.runs)]

    @cached_property
    def read(self) -> Callable[[str, str], pd.DataFrame | None]:
        """A reader of tables, to which a data set that is not wanted is not there."""
        read = shelf(self.folders)
        return lambda dataset, table: (
            read(dataset, table) if not self.datasets or dataset in self.datasets else None
        )

    @cached_property
    def models(self) -> pd.DataFrame:
        """The registry of models."""
        return load_models(self.root, *self.runs)

    @cached_property
    def dropped(self) -> set[str]:
        """The models left out, by name."""
        kin = self.models.loc[self.models["family"].isin(self.without), "model"]
        return {*self.without, *kin}

    @property
    def drawn(self) -> dict[str, int]:
        """What every bootstrap of the run takes."""
        return {"n_boot": self.n_boot, "seed": self.seed}

    def sheets(self, dataset: str, judge: str) -> pd.DataFrame | None:
        """Return the sheets of a jury; None where the tables hold none."""
        return self._once(
            ("sheets", dataset, judge),
            lambda: load_sheets(self.read, self.models, dataset, judge, self.dropped),
        )

    def gaps(self, dataset: str, judge: str, bar: float = np.nan) -> pd.DataFrame:
        """Return models less people by a jury, of all pieces or of those that reach a bar."""
        key = ("gaps", dataset, judge, "none" if np.isnan(bar) else bar)
        own = self.sheets(dataset, judge)
        return self._once(key, lambda: gaps(reaching(own, bar), **self.drawn))

    def pieces(self, dataset: str, similarity: str | None = None) -> pd.DataFrame | None:
        """Return the automatic measures of every piece of a data set."""
        by = similarity or self.similarity
        return self._once(
            ("pieces", dataset, by),
            lambda: measured(
                self.read, self.models, self.folders, dataset, similarity_by=by,
                without=self.dropped,
            ),
        )

    def _once(self, key: tuple, make: Callable) -> pd.DataFrame | None:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]


def differences(bench: SurpriseBench, tests: Iterable[LevelTest], bars: Iterable[float]
                ) -> pd.DataFrame:
    """Return models less people by every jury, with no bar, at the test's own and at `bars`.

    Returns
    -------
    DataFrame
        ``jury, bar`` and the columns of `abovebar.findings.surprise.gap.gaps`; `jury` is the
        test's name, `bar` NaN where every piece counts.
    """
    parts = []
    for test in tests:
        sheets = bench.sheets(test.dataset, test.judge)
        asked = sorted({*map(float, bars), test.bar}) if "value" in sheets else []
        for bar in [np.nan, *asked]:
            found = bench.gaps(test.dataset, test.judge, bar)
            parts.append(found.assign(jury=test.name, bar=bar))
    columns = ["jury", "bar", *COLUMNS]
    return stack(parts, columns).reindex(columns=columns)
