"""Slopes within cells against least squares with dummies, written out in every replicate."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from abovebar.errors import AboveBarError
from abovebar.measures.bootstrap import prompt_weights
from abovebar.regression.within_slopes import within_slopes


def made(seed=0, n=120, cells=6, slope=0.8):
    rng = np.random.default_rng(seed)
    cell = rng.integers(0, cells, n)
    warm, top = rng.choice([0.0, 0.5, 1.0], n), rng.choice([0.7, 1.0], n)
    return pd.DataFrame({
        "cell": [f"c{i}" for i in cell], "piece": [f"p{i:03}" for i in range(n)],
        "run": [f"r{i % 30:02}" for i in range(n)], "warm": warm, "top": top, "flat": 1.0,
        "y": slope * warm + 5 * cell + rng.normal(size=n),
    })


def written_out(frame, names, counts=None):
    rows = frame if counts is None else frame.loc[frame.index.repeat(counts)]
    fit = smf.ols("y ~ " + " + ".join(names) + " + C(cell)", rows).fit()
    away = rows["y"] - rows.groupby("cell")["y"].transform("mean")
    return fit.params[names].to_numpy() / np.sqrt((away**2).mean())


def test_slopes_and_intervals_equal_dummies():
    frame = made()
    found = within_slopes(frame, "y", ["warm", "top"], ["cell"], "piece", n_boot=30, seed=3)
    assert list(found["setting"]) == ["warm", "top"]
    assert found["value"].to_numpy() == pytest.approx(written_out(frame, ["warm", "top"]))
    drawn = [
        written_out(frame, ["warm", "top"], c.astype(int))
        for c in prompt_weights(len(frame), 30, 3)
    ]
    ends = np.quantile(drawn, [0.025, 0.975], axis=0)
    np.testing.assert_allclose(found[["low", "high"]].to_numpy().T, ends)


def test_runs_are_drawn_whole():
    frame = made(1)
    found = within_slopes(frame, "y", ["warm"], ["cell"], "run", n_boot=30, seed=3)
    at = pd.factorize(frame["run"], sort=True)[0]
    drawn = [
        written_out(frame, ["warm"], c.astype(int)[at])[0] for c in prompt_weights(30, 30, 3)
    ]
    assert found[["low", "high"]].to_numpy()[0] == pytest.approx(np.quantile(drawn, [0.025, 0.975]))
    assert found["n"].tolist() == [30]


def test_a_setting_that_stays_is_left_out_and_levels_do_not_count():
    frame = made(2)
    found = within_slopes(frame, "y", ["warm", "flat"], ["cell"], "piece", n_boot=20, seed=1)
    assert list(found["setting"]) == ["warm"]
    lifted = frame.assign(y=frame["y"] + 100 * frame["cell"].str[1:].astype(int))
    again = within_slopes(lifted, "y", ["warm"], ["cell"], "piece", n_boot=20, seed=1)
    assert again["value"].iloc[0] == pytest.approx(found["value"].iloc[0])


def test_scale_goes_and_order_of_rows_does_not_matter():
    frame = made(3)
    one = within_slopes(frame, "y", ["warm"], ["cell"], "piece", n_boot=20, seed=1)
    other = within_slopes(
        frame.assign(y=10 * frame["y"]).sample(frac=1, random_state=1), "y", ["warm"], ["cell"],
        "piece", n_boot=20, seed=1,
    )
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("broken", [
    lambda f: f.assign(warm=1.0), lambda f: f.drop(columns="y"), lambda f: f.iloc[:0],
    lambda f: f.assign(y=np.nan),
])
def test_refusals(broken):
    with pytest.raises(AboveBarError):
        within_slopes(broken(made()), "y", ["warm"], ["cell"], "piece", n_boot=5, seed=1)
