"""Standardised differences of people and models, by jury, with stories and raters drawn."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abovebar.errors import AboveBarError
from abovebar.measures.bootstrap import prompt_weights
from abovebar.regression.effects import standardised_differences
from abovebar.tables.parquet import read_table

ROOT = Path(__file__).resolve().parents[1]
GROUPS = ("people", "models")


def made(seed=0, stories=30, raters=8, lead=0.5, story_sd=0.0, rater_sd=0.0):
    """People's stories come first; every rater of one jury rates every story, error 1."""
    rng = np.random.default_rng(seed)
    story, rater = np.divmod(np.arange(2 * stories * raters), raters)
    people = story < stories
    score = (
        lead * people + story_sd * rng.normal(size=2 * stories)[story]
        # What sets raters apart here is how they take people's stories, not their level.
        + rater_sd * rng.normal(size=raters)[rater] * people + rng.normal(size=len(story))
    )
    return pd.DataFrame(
        {
            "judge": "jury/value", "target": [f"s{i:03}" for i in story],
            "rater": [f"r{i}" for i in rater], "group": np.where(people, *GROUPS), "score": score,
        }
    )


@cache
def stories():
    ratings = read_table(ROOT / "data/tables", "five-sentence-stories", "ratings")
    target = ratings["prompt_id"] + "/" + ratings["model"] + "/" + ratings["sample"].astype(str)
    people = ratings["model"] == "human"
    return ratings.assign(target=target, group=np.where(people, *GROUPS))


def cohen(ratings, weights=None):
    """Write Cohen's d out on rows, each repeated by its weight."""
    weights = np.ones(len(ratings), dtype=int) if weights is None else weights
    sides = [
        np.repeat(ratings["score"].to_numpy(dtype=float), weights * (ratings["group"] == g))
        for g in GROUPS
    ]
    squares = sum(((side - side.mean()) ** 2).sum() for side in sides)
    return (sides[0].mean() - sides[1].mean()) / np.sqrt(squares / (sum(map(len, sides)) - 2))


def test_values_are_cohens_d_on_the_real_ratings():
    found = standardised_differences(stories(), GROUPS, n_boot=200, seed=1)
    rows = found.rows.set_index("judge")
    assert len(rows) == 10
    for judge, jury in stories().groupby("judge"):
        assert rows.loc[judge, "value"] == pytest.approx(cohen(jury), rel=1e-9)
    assert (rows["low"] < rows["value"]).all()
    assert (rows["value"] < rows["high"]).all()
    assert rows.loc["human-lay/value", ["n_targets", "n_raters"]].tolist() == [273, 90]


def test_replicates_are_ratings_repeated_by_both_draws():
    frame, n_boot, seed = made(stories=6, raters=4), 20, 3
    found = standardised_differences(frame, GROUPS, n_boot=n_boot, seed=seed)

    def draws(count, shift):
        even = np.full(count, 1 / count)
        return np.random.default_rng(seed + shift).multinomial(count, even, size=n_boot)

    by_story, by_rater = np.hstack([draws(6, 0), draws(6, 1)]), draws(4, 2)
    story, rater = pd.factorize(frame["target"])[0], pd.factorize(frame["rater"])[0]
    for b in range(n_boot):
        weights = by_story[b, story] * by_rater[b, rater]
        assert found.replicates[b, 0] == pytest.approx(cohen(frame, weights))


@pytest.mark.parametrize("apart", [{"story_sd": 1.0}, {"rater_sd": 1.0}])
def test_the_interval_widens_with_what_stories_and_raters_differ_by(apart):
    """By the root of 1 + 8/3 for stories, less what a larger deviation of ratings takes away."""

    def width(**apart):
        row = standardised_differences(made(**apart), GROUPS, n_boot=400, seed=1).rows.iloc[0]
        return row["high"] - row["low"]

    assert width(**apart) > 1.25 * width()


def test_with_error_alone_the_interval_is_wider_than_need_be_by_the_root_of_three():
    """Each of n ratings a group has variance 1, counted three times: 3 (1 / n + 1 / n)."""
    found = standardised_differences(made(stories=60, raters=20), GROUPS, n_boot=2000, seed=1)
    assert found.replicates.std() == pytest.approx(np.sqrt(3 * 2 / 1200), rel=0.15)


def test_the_interval_holds_the_truth():
    """Stories and raters both differ; of 200 draws at most 10 in the long run should miss."""
    missed = 0
    for seed in range(200):
        frame = made(seed, raters=12, story_sd=0.5, rater_sd=0.5)
        row = standardised_differences(frame, GROUPS, n_boot=300, seed=seed).rows.iloc[0]
        # The deviation of a rating: error 1 and story 0.25, and for people's also rater 0.25.
        truth = 0.5 / np.sqrt(1.25 + 0.25 / 2)
        missed += not row["low"] <= truth <= row["high"]
    assert missed <= 24


@given(st.floats(0.1, 20), st.floats(-100, 100), st.randoms(), st.integers(0, 2**31))
@settings(max_examples=15, deadline=None)
def test_scale_order_and_names_do_not_matter(scale, shift, random, seed):
    frame = made(stories=5, raters=3)
    order = list(range(len(frame)))
    random.shuffle(order)
    one = standardised_differences(frame, GROUPS, n_boot=30, seed=seed)
    other = standardised_differences(
        frame.iloc[order].assign(score=lambda f: scale * f["score"] + shift,
                                 target=lambda f: "t" + f["target"]),
        GROUPS, n_boot=30, seed=seed,
    )
    np.testing.assert_allclose(other.replicates, one.replicates, rtol=1e-6, atol=1e-9)
    pd.testing.assert_frame_equal(other.rows, one.rows, rtol=1e-6)


def test_juries_are_compared_on_the_stories_both_were_drawn():
    one = made(lead=3.0)
    # The same scores from another jury: the difference is nought in every replicate.
    twin = one.assign(judge="other/value")
    found = standardised_differences(pd.concat([one, twin]), GROUPS, n_boot=100, seed=1)
    difference = found.difference("jury/value", "other/value")
    assert difference == pytest.approx({"value": 0, "low": 0, "high": 0})
    turned = one.assign(judge="third/value", score=-one["score"])
    found = standardised_differences(pd.concat([one, turned]), GROUPS, n_boot=100, seed=1)
    assert found.rows["direction"].tolist() == [1, -1]
    difference = found.difference("jury/value", "third/value")
    assert difference["value"] == pytest.approx(2 * found.rows["value"][0])
    with pytest.raises(AboveBarError, match="two of"):
        found.difference("jury/value", "absent")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"group": "people"}, r"rated one group \['jury/value'\]"),
        ({"target": "one"}, "1 targets in two groups"),
        ({"rater": "one"}, "420 ratings given a second time"),
        ({"score": np.nan}, "NaN"),
        ({"group": "neither"}, "0 ratings"),
    ],
)
def test_bad_ratings_are_refused(change, said):
    with pytest.raises(AboveBarError, match=said):
        standardised_differences(made().assign(**change), GROUPS, n_boot=10, seed=1)


def test_equal_ratings_give_no_effect():
    found = standardised_differences(made().assign(score=0.1), GROUPS, n_boot=20, seed=1)
    assert np.isnan(found.rows["value"][0])
    assert found.rows["direction"][0] == 0


def test_writers_are_drawn_whole_and_targets_are_the_default():
    ratings = made(3)
    ratings["writer"] = "w" + (ratings["target"].str[1:].astype(int) // 5).astype(str)
    alone = standardised_differences(ratings, GROUPS, n_boot=200, seed=1)
    named = ratings.assign(own=ratings["target"])
    again = standardised_differences(named, GROUPS, n_boot=200, seed=1, unit="own")
    np.testing.assert_array_equal(alone.replicates, again.replicates)
    # Writers differ much, their pieces hardly: drawing pieces then promises too much.
    level = dict(zip(sorted(set(ratings["writer"])), np.random.default_rng(1).normal(size=12) * 3,
                     strict=True))
    torn = ratings.assign(score=ratings["score"] + ratings["writer"].map(level))
    one, other = (
        standardised_differences(torn, GROUPS, n_boot=500, seed=1, unit=unit).rows.iloc[0]
        for unit in ("target", "writer")
    )
    assert one["value"] == other["value"]
    assert other["high"] - other["low"] > 1.5 * (one["high"] - one["low"])


def test_replicates_by_writer_are_rows_written_out():
    ratings = made(4, stories=8, raters=3).assign(
        writer=lambda x: "w" + (x["target"].str[1:].astype(int) // 2).astype(str)
    )
    found = standardised_differences(ratings, GROUPS, n_boot=20, seed=7, unit="writer")
    sides = [ratings.loc[ratings["group"] == g, "writer"] for g in GROUPS]
    names = [sorted(set(side)) for side in sides]
    drawn = [
        dict(zip(n, w, strict=True)) for n, w in
        zip(names, [prompt_weights(4, 20, 7 + i)[11] for i in range(2)], strict=True)
    ]
    by_writer = drawn[0] | drawn[1]
    by_rater = dict(zip(["r0", "r1", "r2"], prompt_weights(3, 20, 9)[11], strict=True))
    weights = (ratings["writer"].map(by_writer) * ratings["rater"].map(by_rater)).astype(int)
    assert found.replicates[11, 0] == pytest.approx(cohen(ratings, weights.to_numpy()))


def test_a_target_of_two_writers_is_refused():
    ratings = made(5, stories=3, raters=2)
    torn = ratings.assign(writer=np.arange(len(ratings)).astype(str))
    with pytest.raises(AboveBarError, match="two groups or units"):
        standardised_differences(torn, GROUPS, n_boot=10, seed=1, unit="writer")
