"""All data sets of the chapter, read and compared once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from abovebar.encoding.encode import MINILM
from abovebar.errors import AboveBarError
from abovebar.findings.hive.answers import load_hive
from abovebar.findings.hive.likeness import (
    ALL,
    SIMILARITIES,
    by_prompt,
    likeness,
    other_prompts,
    shuffled_prompts,
    views,
)
from abovebar.findings.hive.writers import draw_levels, writer_likeness
from abovebar.measures.bootstrap import prompt_weights
from abovebar.sameness.same_answer import load_same_answer
from abovebar.tables.registry import load_judges, load_models

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pandas as pd

    from abovebar.findings.hive.answers import Hive
    from abovebar.findings.hive.likeness import Cubes
    from abovebar.findings.hive.writers import DrawnLevels, Writers
    from abovebar.findings.level_claim import LevelClaim
    from abovebar.sameness.same_answer import PairRule

CLOSED = "closed"


@dataclass(frozen=True)
class HiveBench:
    """Data sets by name, with their cubes of similarities.

    Attributes
    ----------
    hives
        `Hive` by data set.
    cubes
        By data set, what `abovebar.findings.hive.likeness.likeness` returns.
    chance
        Cubes of answers to different prompts.
    writers
        `writer_likeness` of the data sets in which writers are drawn.
    judges, bars
        By data set, who grades, and the bars of the sweep.
    """

    similarity: str
    rule: PairRule | None
    names: tuple[str, ...]
    hives: dict[str, Hive]
    cubes: dict[str, Cubes]
    chance: dict[str, Cubes]
    writers: dict[str, Writers]
    judges: dict[str, str]
    bars: dict[str, list[float]]
    n_boot: int
    seed: int
    _drawn: dict[int, np.ndarray] = field(default_factory=dict)
    _levels: dict[tuple[str, str, str], DrawnLevels] = field(default_factory=dict)

    def cube(self, dataset: str, view: str | float = ALL, name: str = "") -> np.ndarray:
        """Return a cube of one data set on the prompts that are not closed, (P, M, M)."""
        whole = self.cubes[dataset][name or self.similarity, view]
        return whole[self.open(dataset)]

    def open(self, dataset: str) -> np.ndarray:
        """Tell which prompts have more than one right answer, bool (P,)."""
        return (self.hives[dataset].kinds != CLOSED).to_numpy(bool, na_value=True)

    def weights(self, n_prompts: int) -> np.ndarray:
        """Return the bootstrap's weights for so many prompts, the same at every call."""
        if n_prompts not in self._drawn:
            self._drawn[n_prompts] = prompt_weights(n_prompts, self.n_boot, self.seed)
        return self._drawn[n_prompts]

    def levels(self, dataset: str, name: str = "", view: str = ALL) -> DrawnLevels:
        """Return the levels of one data set with writers drawn, drawn once."""
        key = dataset, name or self.similarity, view
        if key not in self._levels:
            self._levels[key] = draw_levels(self.writers[dataset][key[1:]], self.n_boot, self.seed)
        return self._levels[key]


def open_hives(
    root: str | Path, claim: LevelClaim, *, similarity: str = "same", encoder: str = MINILM,
    without: Collection[str] = (), runs: Sequence[str | Path] = (), also: Sequence[str] = (),
    n_boot: int = 2000, seed: int = 0,
) -> HiveBench:
    """Read the data sets of a claim, and compare all answers to each prompt.

    Parameters
    ----------
    similarity
        By which verdicts are read: one of `SIMILARITIES`.
    encoder
        Whose vectors to take; the calibration of ``same`` holds for the default alone.
    without
        Models or families to leave out.
    also
        Further data sets, in which people wrote too and writers are drawn: shown, not tested.

    Raises
    ------
    AboveBarError
        If the similarity is unknown, or needs another encoder.
    """
    names = SIMILARITIES if encoder == MINILM else SIMILARITIES[1:]
    if similarity not in names:
        raise AboveBarError(
            "similarity", met=f"{similarity!r} with vectors of {encoder!r}",
            wanted=f"one of {list(names)}", remedy="Correct the name, or calibrate that encoder.",
        )
    rule = None
    if encoder == MINILM:
        rule = load_same_answer(Path(root, "data", "calibration", "same_answer.json"))
        rule = rule.rules["across"]
    folders = [Path(root, "data", "tables"), *map(Path, runs)]
    registry, scales = load_models(root, *runs), load_judges(root, *runs)
    judges = {t.dataset: t.judge for t in claim.tests if t.judge}
    bars = {d: _bars(d, judge, scales, claim) for d, judge in judges.items()}
    drawn = {*also, *(t.dataset for t in claim.tests if t.drawn == "writers")}
    made = HiveBench(similarity, rule, names, {}, {}, {}, {}, judges, bars, n_boot, seed)
    for name in dict.fromkeys([*(t.dataset for t in claim.tests), *also]):
        hive = load_hive(
            folders, name, registry, encoder=encoder, judge=judges.get(name, ""), without=without
        )
        several = len(hive.models)
        made.hives[name] = hive
        made.cubes[name] = likeness(
            by_prompt(hive), several, names, views(bars.get(name, ())), rule
        )
        open_ended = hive.only([p for p, o in zip(hive.prompts, made.open(name), strict=True) if o])
        # Where writers are drawn, single pairs are asked for; elsewhere means of some.
        blocks = shuffled_prompts(open_ended, seed, each=1 if name in drawn else 3)
        made.chance[name] = likeness(blocks, several, names, {"chance": other_prompts}, rule)
        if name in drawn:
            made.writers[name] = writer_likeness(hive, names, views(), rule)
    return made


def _bars(dataset: str, judge: str, scales: pd.DataFrame, claim: LevelClaim) -> list[float]:
    """Return the judge's bars, and the one that the claim declares."""
    declared = {t.bar for t in claim.tests if t.dataset == dataset and not np.isnan(t.bar)}
    return sorted({*map(float, scales.loc[judge, "bars"].split()), *declared})
