"""Every reading of two questions: how many voices, and whether models are above people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.hive.answers import PEOPLE
from abovebar.findings.hive.levels import by_prompt_levels
from abovebar.findings.hive.likeness import ALL, AS_LONG
from abovebar.findings.hive.writers import draw_levels
from abovebar.measures.bootstrap import Estimate
from abovebar.measures.voices import voices_over_prompts

if TYPE_CHECKING:
    from abovebar.findings.hive.answers import Hive
    from abovebar.findings.hive.bench import HiveBench


def model_choices(hive: Hive) -> dict[str, np.ndarray]:
    """Return which models to keep, by name of the choice: bool arrays (M,), people always in.

    ``one a family`` keeps the newest of each; ``newest half``, those released last. A model of
    unknown family is its own; one of unknown date is not among the newest.
    """
    models = hive.models
    human = (models["model"] == PEOPLE).to_numpy()
    machines = models[~human]
    family = machines["family"].where(machines["family"] != "", machines["model"])
    largest = family.value_counts().index[0]
    newest = machines.assign(kin=family).sort_values(["year", "model"], na_position="first")
    one = set(newest.drop_duplicates("kin", keep="last").index)
    half = set(newest.index[len(newest) // 2:]) - set(machines.index[machines["year"].isna()])
    every = np.arange(len(models))
    chosen = {
        "all": np.ones(len(models), dtype=bool),
        "without the largest family": ~np.isin(every, family.index[family == largest]),
        "one a family": np.isin(every, list(one)), "newest half": np.isin(every, list(half)),
    }
    return {k: v | human for k, v in chosen.items() if (v & ~human).sum() >= 2}


def voice_specifications(bench: HiveBench) -> pd.DataFrame:
    """Return the limit of the voices, as log2, for every data set, similarity, bar and choice.

    Returns
    -------
    DataFrame
        ``dataset, similarity, bar, models, value, low, high, n_prompts``; `value` is log2 of
        voices / 2, so that zero is the line of the claim. Data sets of twenty prompts or more, in
        which models have several answers.
    """
    rows = []
    for dataset, hive in bench.hives.items():
        if bench.open(dataset).sum() < 20:
            continue
        chosen = model_choices(hive)
        for name in bench.names:
            for view in [ALL, AS_LONG, *bench.bars.get(dataset, ())]:
                cube = bench.cube(dataset, view, name)
                for models, keep in chosen.items():
                    found = _voices(bench, hive, cube, keep)
                    if found is not None and found.n_prompts >= 20:
                        rows.append({
                            "dataset": dataset, "similarity": name, "view": _told(view),
                            "models": models, **_log(found).row(),
                        })
    return pd.DataFrame(rows)


def people_specifications(bench: HiveBench, replicates: int = 400) -> pd.DataFrame:
    """Return log2 of two models' likeness over two people's, for every data set and choice.

    Columns as in `voice_specifications`; above zero two models are more alike than two people.
    Writers are drawn, `replicates` times at most.
    """
    rows = []
    for dataset in bench.writers:
        hive = bench.hives[dataset]
        for (name, view), prompts in bench.writers[dataset].items():
            for models, keep in model_choices(hive).items():
                kept = set(hive.models.loc[keep, "model"])
                part = [_keep(who, matrix, kept) for who, matrix in prompts]
                levels = draw_levels(part, min(bench.n_boot, replicates), bench.seed)
                # A mean of unbiased overlaps can fall below nought in a replicate.
                sound = (levels.between > 0) & (levels.people > 0)
                ratio = np.full(len(sound), np.nan)
                ratio[sound] = np.log2(levels.between[sound] / levels.people[sound])
                rows.append({
                    "dataset": dataset, "similarity": name, "view": _told(view),
                    "models": models, **levels.estimate(ratio).row(),
                })
    return pd.DataFrame(rows)


def _voices(
    bench: HiveBench, hive: Hive, cube: np.ndarray, keep: np.ndarray
) -> Estimate | None:
    at = np.flatnonzero(keep)
    part = replace(hive, models=hive.models.iloc[at].reset_index(drop=True))
    frame = by_prompt_levels(part, cube[:, at][:, :, at])
    pair = frame["within"].to_numpy(), frame["between_same"].to_numpy()
    if not (np.isfinite(pair[0]) & np.isfinite(pair[1])).any():
        return None
    return voices_over_prompts(*pair, np.inf, bench.weights(len(cube)))


def _log(found: Estimate) -> Estimate:
    return Estimate(np.log2(found.value / 2), np.log2(found.replicates / 2), found.n_prompts)


def _keep(
    who: pd.DataFrame, matrix: np.ndarray, kept: set[str]
) -> tuple[pd.DataFrame, np.ndarray]:
    at = np.flatnonzero(who["model"].isin(kept))
    return who.iloc[at].reset_index(drop=True), matrix[np.ix_(at, at)]


def _told(view: str | float) -> str:
    return view if isinstance(view, str) else f"bar {view:g}"
