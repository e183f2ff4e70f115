"""The chance to lie above, against every pair, Mann and Whitney's U, and its own properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from abovebar.errors import AboveBarError
from abovebar.measures.bootstrap import prompt_weights
from abovebar.measures.chance_above import chance_above


def made(seed, n=30, cells=3, blanks=0.1):
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, 6, n) + 1.0, rng.integers(0, 6, n) + 0.0
    one[rng.random(n) < blanks] = np.nan
    other[rng.random(n) < blanks] = np.nan
    return one, other, rng.integers(0, cells, n)


def pair_by_pair(one, other, cells, counts):
    won = pairs = 0.0
    for i in range(len(one)):
        for j in range(len(one)):
            if cells[i] == cells[j] and not np.isnan(one[i] + other[j]):
                weight = counts[i] * (counts[j] if i != j else 1)
                pairs += weight
                won += weight * (one[i] > other[j]) + weight * 0.5 * (one[i] == other[j])
    return won / pairs


def test_every_replicate_equals_every_pair():
    one, other, cells = made(1)
    weights = np.vstack([np.ones(30), prompt_weights(30, 10, 2)])
    found = chance_above(one, other, cells, weights)
    wanted = [pair_by_pair(one, other, cells, counts) for counts in weights]
    assert found == pytest.approx(wanted)


def test_small_cells_have_no_bias_in_the_bootstrap():
    # A row's own pair is always won, all others half the time.
    rng = np.random.default_rng(3)
    other = rng.normal(size=600)
    one, cells = other + 1e-9, np.repeat(np.arange(200), 3)
    whole = chance_above(one, other, cells, np.ones((1, 600)))[0]
    drawn = chance_above(one, other, cells, prompt_weights(600, 500, 1))
    assert whole == pytest.approx(2 / 3, abs=1e-6)
    assert drawn.mean() == pytest.approx(whole, abs=0.01)


def test_one_cell_is_mann_and_whitneys():
    one, other, _ = made(2, blanks=0)
    u = mannwhitneyu(one, other).statistic
    found = chance_above(one, other, np.zeros(30), np.ones((1, 30)))[0]
    assert found == pytest.approx(u / 900)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 999))
def test_properties(seed):
    one, other, cells = made(seed)
    once = np.ones((1, 30))
    forth, back = chance_above(one, other, cells, once), chance_above(other, one, cells, once)
    if not np.isnan(forth[0]):
        assert 0 <= forth[0] <= 1
        assert forth[0] + back[0] == pytest.approx(1)
        assert chance_above(one + 100, other, cells, once)[0] == 1
    same = chance_above(other, other, cells, once)[0]
    assert np.isnan(same) or same == pytest.approx(0.5)


def test_no_pair_is_no_number_and_lengths_must_agree():
    blank = np.full(3, np.nan)
    assert np.isnan(chance_above(blank, np.ones(3), np.zeros(3), np.ones((1, 3)))[0])
    with pytest.raises(AboveBarError):
        chance_above(np.ones(3), np.ones(2), np.zeros(3), np.ones((1, 3)))
