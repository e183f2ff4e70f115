"""Stories whose words were shuffled or drawn at random: surprise that nobody would want."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abovebar.findings.surprise.juries import PIECE
from abovebar.measures.bootstrap import percentile_interval, prompt_weights
from abovebar.measures.chance_above import chance_above

if TYPE_CHECKING:
    from collections.abc import Callable

SEEN_BY = ("surprisal", "unknown", "sentence_step", "nearest")


def beside_sound(read: Callable, dataset: str, pieces: pd.DataFrame) -> pd.DataFrame | None:
    """Return each altered story beside the sound one it was made from; None without the table.

    Parameters
    ----------
    pieces
        Of `abovebar.findings.surprise.measures.measured` by cosine, as the altered stories'
        ``nearest`` is.

    Returns
    -------
    DataFrame
        `pieces` with ``alteration`` and, of each of `SEEN_BY`, ``altered <measure>``.
    """
    altered = read(dataset, "altered")
    if altered is None:
        return None
    names = {measure: f"altered {measure}" for measure in SEEN_BY}
    altered = altered[[*PIECE, "alteration", *SEEN_BY]].rename(columns=names)
    return pieces.merge(altered, on=PIECE, how="inner", validate="one_to_many")


def told_apart(beside: pd.DataFrame, *, n_boot: int, seed: int) -> pd.DataFrame:
    """Return the chance that an altered story counts as more surprising than a sound one.

    Over all pairs of an altered and a sound story to the same prompt by the same group, people or
    models; pieces are drawn, the altered with the sound.

    Returns
    -------
    DataFrame
        ``alteration, by, value, low, high, n``: 0.5 where the measure does not see it at all.
    """
    rows = []
    for alteration, own in beside.groupby("alteration"):
        cells = own.groupby(["prompt_id", "group"]).ngroup().to_numpy()
        weights = prompt_weights(len(own), n_boot, seed)
        once = np.ones((1, len(own)))
        for measure in (m for m in SEEN_BY if m in own):
            one, other = (own[c].to_numpy(dtype=float) for c in (f"altered {measure}", measure))
            if np.isnan(one).all() or np.isnan(other).all():
                continue
            low, high = percentile_interval(chance_above(one, other, cells, weights))
            rows.append({
                "alteration": alteration, "by": measure,
                "value": float(chance_above(one, other, cells, once)[0]),
                "low": float(low), "high": float(high), "n": len(own),
            })
    return pd.DataFrame(rows)
