"""Rank correlations within cells: against scipy, rows written out, and their own properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr, rankdata, spearmanr

from abovebar.errors import AboveBarError
from abovebar.measures.bootstrap import prompt_weights
from abovebar.regression.within_ranks import rank_correlation, weighted_ranks


def made(seed=0, n=60, cells=3):
    """Marks with ties, whose level and spread differ by cell."""
    rng = np.random.default_rng(seed)
    cell = rng.integers(0, cells, n)
    x = rng.normal(size=n)
    return pd.DataFrame({
        "cell": cell, "piece": [f"p{i:03}" for i in range(n)], "x": x * (1 + cell) + 10 * cell,
        "y": np.round(x + rng.normal(size=n)) - 7 * cell, "z": rng.normal(size=n) + x,
    })


def written_out(frame, x, y, counts=None):
    """Rank each cell's rows, repeated as often as drawn, and correlate all that is left."""
    rows = frame if counts is None else frame.loc[frame.index.repeat(counts)]
    ranks = {x: [], y: []}
    for _, cell in rows.groupby("cell"):
        for name in (x, y):
            own = rankdata(cell[name]) / len(cell)
            ranks[name].extend(own - own.mean())
    return pearsonr(ranks[x], ranks[y]).statistic


def test_one_cell_is_spearmans():
    frame = made(cells=1)
    found = rank_correlation(frame, "x", "y", ["cell"], "piece", n_boot=50, seed=1)
    assert found["value"] == pytest.approx(spearmanr(frame["x"], frame["y"]).statistic)
    assert found["low"] < found["value"] < found["high"]
    assert found["n"] == len(frame)


def test_cells_and_replicates_equal_rows_written_out():
    frame, n_boot, seed = made(1), 40, 5
    found = rank_correlation(frame, "x", "y", ["cell"], "piece", n_boot=n_boot, seed=seed)
    assert found["value"] == pytest.approx(written_out(frame, "x", "y"))
    drawn = [
        written_out(frame, "x", "y", counts.astype(int))
        for counts in prompt_weights(len(frame), n_boot, seed)
    ]
    assert [found["low"], found["high"]] == pytest.approx(np.quantile(drawn, [0.025, 0.975]))


def test_units_of_several_rows_are_drawn_whole():
    frame = made(2).assign(writer=lambda x: [f"w{i // 4:02}" for i in range(len(x))])
    found = rank_correlation(frame, "x", "y", ["cell"], "writer", n_boot=40, seed=5)
    at = pd.factorize(frame["writer"], sort=True)[0]
    drawn = [
        written_out(frame, "x", "y", counts.astype(int)[at])
        for counts in prompt_weights(15, 40, 5)
    ]
    assert found["n"] == 15
    assert [found["low"], found["high"]] == pytest.approx(np.quantile(drawn, [0.025, 0.975]))


def test_a_level_that_all_of_a_cell_share_does_not_count():
    frame = made(3)
    apart = frame.assign(x=frame["x"] + 1000 * frame["cell"], y=frame["y"] - 1000 * frame["cell"])
    one, other = (
        rank_correlation(f, "x", "y", ["cell"], "piece", n_boot=20, seed=1) for f in (frame, apart)
    )
    assert one == other
    pooled = rank_correlation(
        apart.assign(cell=0), "x", "y", ["cell"], "piece", n_boot=20, seed=1
    )
    assert pooled["value"] < 0 < one["value"]  # Simpson's paradox


def test_what_is_held_fixed_is_taken_out():
    frame = made(4, n=400, cells=1)
    found = rank_correlation(
        frame, "y", "z", ["cell"], "piece", n_boot=20, seed=1, beside="x"
    )["value"]
    r = frame[["y", "z", "x"]].corr(method="spearman")
    wanted = (r.loc["y", "z"] - r.loc["y", "x"] * r.loc["z", "x"]) / np.sqrt(
        (1 - r.loc["y", "x"] ** 2) * (1 - r.loc["z", "x"] ** 2)
    )
    assert found == pytest.approx(wanted)


def test_blanks_and_lone_rows_do_no_harm():
    frame = made(5)
    lone = frame.iloc[[0]].assign(cell=99, piece="lone", x=1e9)
    blank = frame.iloc[[1]].assign(piece="blank", y=np.nan)
    found = rank_correlation(
        pd.concat([frame, lone, blank]), "x", "y", ["cell"], "piece", n_boot=20, seed=1
    )
    assert found["value"] == pytest.approx(written_out(frame, "x", "y"))
    assert found["n"] == len(frame) + 1


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 999), st.integers(1, 4))
def test_properties(seed, cells):
    frame = made(seed, n=25, cells=cells)
    turn = {"cells": ["cell"], "unit": "piece", "n_boot": 5, "seed": 1}
    value = rank_correlation(frame, "x", "y", **turn)["value"]
    assert -1 <= value <= 1
    bent = frame.assign(x=np.exp(frame["x"] / 40))
    assert rank_correlation(bent, "x", "y", **turn)["value"] == pytest.approx(value)
    assert rank_correlation(frame, "y", "x", **turn)["value"] == pytest.approx(value)
    down = frame.assign(x=-frame["x"])
    assert rank_correlation(down, "x", "y", **turn)["value"] == pytest.approx(-value)


def test_ranks_of_nothing_drawn_are_nought():
    ranks = weighted_ranks(np.array([3.0, 1.0, 1.0]), np.array([[0.0, 0, 0], [1, 1, 1]]))
    assert ranks == pytest.approx(np.array([[0, 0, 0], [1 / 3, -1 / 6, -1 / 6]]))


@pytest.mark.parametrize("broken", [
    lambda f: f.drop(columns="x"), lambda f: f.iloc[:2], lambda f: f.iloc[:0],
    lambda f: f.assign(piece=None),
])
def test_refusals(broken):
    with pytest.raises(AboveBarError):
        rank_correlation(broken(made()), "x", "y", ["cell"], "piece", n_boot=5, seed=1)
