"""The parts of the hivemind: closed forms, brute force, faulty input."""

from itertools import combinations, product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abovebar.errors import AboveBarError
from abovebar.findings.hive.answers import PEOPLE, Hive
from abovebar.findings.hive.bar import adjusted_change
from abovebar.findings.hive.kin import kin_pairs, mean_of_pairs
from abovebar.findings.hive.levels import by_prompt_levels, paired_change
from abovebar.findings.hive.likeness import (
    about_as_long,
    all_pairs,
    at_bar,
    by_prompt,
    likeness,
    mean_by_group,
    other_prompts,
    shuffled_prompts,
    views,
)
from abovebar.findings.hive.model_map import clustered_order
from abovebar.findings.hive.model_sets import mean_cube
from abovebar.findings.hive.release_dates import pair_slopes
from abovebar.findings.hive.specs import model_choices
from abovebar.findings.hive.twins import closest_answers, spoken, twins
from abovebar.findings.hive.writers import draw_levels
from abovebar.measures.blocks import prompt_blocks
from abovebar.measures.bootstrap import prompt_weights
from abovebar.measures.chance import chance_similarity
from abovebar.measures.drawn_pairs import drawn_within, mean_over_drawn_pairs
from abovebar.measures.ensemble import best_sets, most_varied
from abovebar.measures.similarity import prompt_similarity


def symmetric(rng, n):
    matrix = rng.random((n, n))
    return (matrix + matrix.T) / 2


# Means over drawn pairs.


def test_drawn_pairs_equal_a_loop_over_copies():
    """A writer drawn twice stands there twice, and is not compared with her own copy."""
    rng = np.random.default_rng(0)
    matrix, counted = symmetric(rng, 6), ~np.eye(6, dtype=bool)
    counted[0, 3] = counted[3, 0] = False
    weights = rng.multinomial(6, np.full(6, 1 / 6), size=20).astype(float)
    found = mean_over_drawn_pairs(matrix, counted, weights)
    for draw, value in zip(weights, found, strict=True):
        copies = np.repeat(np.arange(6), draw.astype(int))
        pairs = [(a, b) for a, b in combinations(copies, 2) if counted[a, b]]
        assert value == pytest.approx(np.mean([matrix[a, b] for a, b in pairs]))


def test_drawn_pairs_across_two_groups_and_none_at_all():
    rng = np.random.default_rng(1)
    matrix, left, right = rng.random((3, 4)), rng.random((5, 3)), rng.random((5, 4))
    found = mean_over_drawn_pairs(matrix, np.ones((3, 4), dtype=bool), left, right)
    expected = [v @ matrix @ u / (v.sum() * u.sum()) for v, u in zip(left, right, strict=True)]
    np.testing.assert_allclose(found, expected)
    assert np.isnan(mean_over_drawn_pairs(matrix, np.zeros((3, 4), dtype=bool), left, right)).all()
    lone = mean_over_drawn_pairs(np.ones((2, 2)), ~np.eye(2, dtype=bool), np.array([[2.0, 0.0]]))
    assert np.isnan(lone).all(), "the same writer twice is no pair"


def test_what_is_missing_is_not_read():
    matrix = np.array([[np.nan, 0.3, np.nan], [0.3, np.nan, 0.5], [np.nan, 0.5, np.nan]])
    counted = ~np.isnan(matrix)
    assert mean_over_drawn_pairs(matrix, counted, np.ones((1, 3)))[0] == pytest.approx(0.4)


@pytest.mark.parametrize(("counted", "weights"), [
    (np.ones((3, 3), dtype=bool), np.ones((2, 3))), (~np.eye(3, dtype=bool), np.ones((2, 4))),
])
def test_faulty_pairs_are_refused(counted, weights):
    with pytest.raises(AboveBarError, match="no self pairs"):
        mean_over_drawn_pairs(np.ones((3, 3)), counted, weights)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_groups_keep_their_sizes_in_every_draw(groups, seed):
    groups = np.array(groups)
    weights = drawn_within(groups, 7, np.random.default_rng(seed))
    assert (weights[0] == 1).all()
    for group in np.unique(groups):
        own = groups == group
        np.testing.assert_array_equal(weights[:, own].sum(axis=1), own.sum())


# The best sets.


@given(st.integers(2, 7), st.integers(0, 10_000), st.data())
@settings(max_examples=60, deadline=None)
def test_the_best_set_is_the_best_of_all(n_models, seed, data):
    size = data.draw(st.integers(1, n_models))
    matrix = symmetric(np.random.default_rng(seed), n_models)
    gammas = {s: 1 / matrix[np.ix_(s, s)].mean() for s in combinations(range(n_models), size)}
    (best, worst), (most, least) = best_sets(matrix, size)
    assert most == pytest.approx(max(gammas.values()))
    assert least == pytest.approx(min(gammas.values()))
    assert gammas[tuple(best.tolist())] == pytest.approx(most)
    assert gammas[tuple(worst.tolist())] == pytest.approx(least)
    assert most >= most_varied(matrix, size)[1][-1] - 1e-9
    assert (np.diff(best) > 0).all()


def test_greedy_can_miss_the_best():
    # Model 0 is the best alone; the best pair is the other two, wholly unlike each other.
    matrix = np.array([[0.1, 0.9, 0.9], [0.9, 0.4, 0.0], [0.9, 0.0, 0.4]])
    (best, _), (most, _) = best_sets(matrix, 2)
    np.testing.assert_array_equal(best, [1, 2])
    assert most > most_varied(matrix, 2)[1][-1]


@pytest.mark.parametrize("size", [0, 4])
def test_sets_of_no_size_are_refused(size):
    with pytest.raises(AboveBarError, match="best_sets"):
        best_sets(np.ones((3, 3)), size)
    with pytest.raises(AboveBarError, match="NaN"):
        best_sets(np.full((3, 3), np.nan), 2)
    with pytest.raises(AboveBarError, match="sets of 10"):
        best_sets(np.ones((60, 60)), 10)


# Answers made up: three models, two of one family, and two people.

MODELS = pd.DataFrame({
    "model": ["a", "b", "c", PEOPLE], "label": ["A", "B", "C", "people"],
    "family": ["x", "x", "y", ""], "developer": ["d", "d", "d", ""],
    "year": [2024.0, 2024.5, 2025.0, np.nan],
})


def made_up(rng, n_prompts=5, samples=3):
    rows = []
    for p in range(n_prompts):
        for number, model in enumerate(MODELS["model"]):
            for sample in range(samples):
                writer = f"person {sample}" if model == PEOPLE else f"{model} {sample}"
                rows.append((f"p{p}", model, sample, number, writer))
    answers = pd.DataFrame(rows, columns=["prompt_id", "model", "sample", "number", "writer"])
    vectors = rng.integers(-31, 32, size=(len(answers), 8)).astype(np.int8)
    answers["vector"] = list(vectors)
    answers["quality"] = rng.integers(1, 6, len(answers)).astype(float)
    answers["n_words"] = rng.integers(5, 50, len(answers))
    prompts = sorted(answers["prompt_id"].unique())
    kinds = pd.Series("open", index=prompts)
    return Hive("made-up", answers, MODELS, prompts, kinds)


@pytest.fixture
def hive():
    return made_up(np.random.default_rng(7))


def unit(rows):
    vectors = np.stack(rows["vector"]).astype(float)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def cubes(hive, chosen=None):
    return likeness(by_prompt(hive), 4, ["cosine"], chosen or views([3.0]), None)


def counts(a, b, view):
    """Whether a pair of answers counts in a view, said once more."""
    if a["writer"] == b["writer"]:
        return False
    if view == "as long":
        short, long = sorted([a["n_words"], b["n_words"]])
        return 100 * long <= 125 * short
    return view == "all" or min(a["quality"], b["quality"]) >= view


@pytest.mark.parametrize("view", ["all", "as long", 3.0])
def test_cubes_equal_loops_over_answers(hive, view):
    found = cubes(hive)["cosine", view]
    for p, (_, rows) in enumerate(hive.answers.groupby("prompt_id")):
        vectors = unit(rows)
        kept = {cell: [] for cell in np.ndindex(4, 4)}
        for (i, a), (j, b) in product(enumerate(rows.to_dict("records")), repeat=2):
            if counts(a, b, view):
                kept[a["number"], b["number"]].append(vectors[i] @ vectors[j])
        for cell, values in kept.items():
            expected = np.mean(values) if values else np.nan
            np.testing.assert_allclose(found[p][cell], expected, atol=1e-5)


def test_cubes_agree_with_the_measure_of_the_book(hive):
    found = cubes(hive)["cosine", "all"]
    rows = hive.answers
    code = pd.factorize(rows["prompt_id"])[0]
    blocks = prompt_blocks(code, rows["number"].to_numpy(), unit(rows))
    for p, block in enumerate(blocks):
        np.testing.assert_allclose(found[p], prompt_similarity(block, 4), atol=1e-5)


def test_answers_of_one_writer_are_never_compared(hive):
    rows = hive.answers[hive.answers["prompt_id"] == "p0"].reset_index(drop=True)
    rows.loc[rows["model"] == "a", "writer"] = "one list"
    group = np.eye(4)[rows["number"]]
    matrix = mean_by_group(np.ones((len(rows),) * 2), all_pairs(rows), group)
    assert np.isnan(matrix[0, 0])
    assert matrix[1, 1] == matrix[0, 1] == 1


def test_views_and_unknown_grades():
    rows = pd.DataFrame({
        "writer": ["a", "b", "c"], "quality": [4.0, np.nan, 5.0], "n_words": [10, 12, 13],
        "prompt_id": ["p", "p", "q"],
    })
    np.testing.assert_array_equal(at_bar(4.0)(rows), [[0, 0, 1], [0, 0, 0], [1, 0, 0]])
    np.testing.assert_array_equal(about_as_long(rows), [[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    np.testing.assert_array_equal(other_prompts(rows), [[0, 0, 1], [0, 0, 1], [1, 1, 0]])


def test_shuffled_prompts_come_to_the_exact_chance_level():
    """Many prompts, so that what is dealt out by lot comes near the mean over all pairs."""
    rng = np.random.default_rng(3)
    hive = made_up(rng, n_prompts=60, samples=2)
    centre = rng.normal(size=(60, 8)) + 1.0  # each prompt its topic, all of one style
    place = hive.answers["prompt_id"].map({p: i for i, p in enumerate(hive.prompts)})
    raw = centre[place] + 0.3 * rng.normal(size=(len(place), 8))
    steps = raw / np.abs(raw).max(axis=1, keepdims=True) * 31
    hive.answers["vector"] = list(steps.astype(np.int8))
    blocks = list(shuffled_prompts(hive, 1, least=3000, each=2))
    assert len(blocks) == 3000
    for rows in blocks[:50]:
        assert len(rows[["number", "prompt_id"]].drop_duplicates()) == 3
        assert set(rows["number"]) == {0, 1, 2}
        assert rows["prompt_id"].nunique() == 3
    found = likeness(blocks, 4, ["cosine"], {"chance": other_prompts}, None)["cosine", "chance"]
    machines = hive.answers[hive.answers["number"] < 3]
    exact = chance_similarity(
        prompt_blocks(
            pd.factorize(machines["prompt_id"])[0], machines["number"].to_numpy(), unit(machines)
        ), 3,
    )
    off = ~np.eye(3, dtype=bool)
    assert np.nanmean(found[:, :3, :3][:, off]) == pytest.approx(exact[off].mean(), abs=0.02)
    same = cubes(hive, {"all": all_pairs})["cosine", "all"][:, :3, :3][:, off]
    assert np.nanmean(same) > exact[off].mean() + 0.1


def test_levels_on_a_prompt_are_what_they_say(hive):
    cube = cubes(hive)["cosine", "all"]
    frame = by_prompt_levels(hive, cube)
    for p in range(5):
        s = cube[p].astype(float)
        between = np.mean([s[0, 1], s[0, 2], s[1, 2]])
        assert frame.loc[p, "within"] == pytest.approx(np.mean([s[i, i] for i in range(3)]))
        assert frame.loc[p, "between"] == pytest.approx(between)
        assert frame.loc[p, "family"] == pytest.approx(s[0, 1])
        assert frame.loc[p, "strangers"] == pytest.approx((s[0, 2] + s[1, 2]) / 2)
        assert frame.loc[p, "house"] == frame.loc[p, "strangers"], "all of one developer"
        assert np.isnan(frame.loc[p, "outsiders"])
        assert frame.loc[p, "people"] == pytest.approx(s[3, 3])
        across = np.mean([s[i, 3] for i in range(3)])
        assert frame.loc[p, "across"] == pytest.approx(across)
        assert frame.loc[p, "above_people"] == pytest.approx(between - s[3, 3])
        assert frame.loc[p, "above_a_person"] == pytest.approx(between - across)


def test_a_model_that_drops_out_at_the_bar_changes_no_pair():
    """The odd model leaves; the pair that stays is as it was: paired, nothing; unpaired, much."""
    hive = made_up(np.random.default_rng(0), n_prompts=1)
    everything = np.full((1, 4, 4), 0.1)
    everything[0, 0, 1] = everything[0, 1, 0] = 0.9
    barred = np.full((1, 4, 4), np.nan)
    barred[0, :2, :2] = everything[0, :2, :2]
    assert paired_change(hive, barred, everything)[0] == 0
    before, after = (by_prompt_levels(hive, c)["between"][0] for c in (everything, barred))
    assert after - before > 0.5


def test_kin_of_unknown_family_are_in_no_kind():
    models = MODELS.assign(family=["x", "", "y", ""], developer=["d", "", "d", ""])
    pairs = kin_pairs(models)
    assert not pairs["family"].any()
    np.testing.assert_array_equal(np.argwhere(np.triu(pairs["strangers"])), [[0, 2]])
    np.testing.assert_array_equal(pairs["house"], pairs["strangers"])
    assert pairs["all"].sum() == 6
    cube = np.arange(16.0).reshape(1, 4, 4)
    assert mean_of_pairs(cube + cube.transpose(0, 2, 1), pairs["strangers"])[0] == 10
    assert np.isnan(mean_of_pairs(cube, pairs["family"])[0])


def test_the_adjusted_change_is_least_squares_with_effects_of_prompt_and_pair():
    rng = np.random.default_rng(5)
    usable = rng.random((9, 6)) < 0.4
    values = rng.normal(size=(9, 1)) + rng.normal(size=(1, 6)) + 0.3 * usable
    values += 0.1 * rng.normal(size=(9, 6))
    found = adjusted_change(values, usable, prompt_weights(9, 50, 1))
    prompt, pair = np.indices(values.shape)
    design = np.hstack([
        usable.reshape(-1, 1), np.eye(9)[prompt.ravel()], np.eye(6)[pair.ravel()],
    ]).astype(float)
    expected = np.linalg.lstsq(design, values.ravel(), rcond=None)[0][0]
    assert found.value == pytest.approx(expected)
    weights = prompt_weights(9, 50, 1)
    rows = np.repeat(np.arange(9), weights[4].astype(int))
    prompt, pair = np.indices((len(rows), 6))
    design = np.hstack([
        usable[rows].reshape(-1, 1), np.eye(len(rows))[prompt.ravel()], np.eye(6)[pair.ravel()],
    ]).astype(float)
    again = np.linalg.lstsq(design, values[rows].ravel(), rcond=None)[0][0]
    assert found.replicates[4] == pytest.approx(again)
    assert np.isnan(adjusted_change(values, np.ones_like(usable), weights).value)


# Writers drawn.


def by_hand(prompts, person_counts, model_counts):
    """Levels of one draw by loops over copies, models drawn."""
    between, people, across = [], [], []
    for frame, matrix in prompts:
        copies = []
        for i, row in frame.iterrows():
            human = row["model"] == PEOPLE
            times = person_counts[row["writer"]] if human else model_counts[row["model"]]
            copies += [i] * int(times)
        kinds = {"between": [], "people": [], "across": []}
        for i, j in combinations(copies, 2):
            a, b = frame.loc[i], frame.loc[j]
            if i == j or (a["model"] == b["model"] != PEOPLE):
                continue
            human = (a["model"] == PEOPLE) + (b["model"] == PEOPLE)
            kinds[("between", "across", "people")[human]].append(matrix[i, j])
        between.append(np.mean(kinds["between"]))
        people.append(np.mean(kinds["people"]))
        across.append(np.mean(kinds["across"]))
    return np.mean(between), np.mean(people), np.mean(across)


def test_drawn_models_and_people_equal_loops_over_copies():
    rng = np.random.default_rng(11)
    writers = [("a", "a 0"), ("b", "b 0"), ("c", "c 0"), *((PEOPLE, f"h{i}") for i in range(4))]
    prompts = []
    for _ in range(3):
        frame = pd.DataFrame(writers, columns=["model", "writer"])
        matrix = symmetric(rng, len(frame))
        np.fill_diagonal(matrix, np.nan)
        prompts.append((frame, matrix))
    levels = draw_levels(prompts, 30, 2)
    draws = np.random.default_rng(2)
    persons = drawn_within(np.zeros(4), 30, draws)
    models = drawn_within(np.zeros(3), 30, draws)
    assert levels.n == 3
    assert np.isnan(levels.within).all()
    checked = 0
    for at in range(31):
        if (persons[at] > 0).sum() < 2 or (models[at] > 0).sum() < 2:
            continue
        expected = by_hand(
            prompts, {f"h{i}": persons[at, i] for i in range(4)},
            dict(zip("abc", models[at], strict=True)),
        )
        np.testing.assert_allclose(
            (levels.between[at], levels.people[at], levels.across[at]), expected
        )
        checked += 1
    assert checked > 20


def test_given_models_weigh_the_same_however_many_stories_they_wrote():
    """Model a wrote four stories, b and c two each: every pair of models counts once."""
    rng = np.random.default_rng(4)
    model = ["a"] * 4 + ["b"] * 2 + ["c"] * 2 + [PEOPLE] * 3
    frame = pd.DataFrame({"model": model, "writer": [f"w{i}" for i in range(11)]})
    matrix = symmetric(rng, 11)
    np.fill_diagonal(matrix, np.nan)
    levels = draw_levels([(frame, matrix)], 40, 1)
    where = {m: np.flatnonzero(np.array(model) == m) for m in "abc"}
    pairs = [matrix[np.ix_(where[x], where[y])].mean() for x, y in combinations("abc", 2)]
    own = [np.nanmean(matrix[np.ix_(w, w)]) for w in where.values()]
    human = matrix[8:, 8:]
    assert levels.between[0] == pytest.approx(np.mean(pairs))
    assert levels.within[0] == pytest.approx(np.mean(own))
    assert levels.people[0] == pytest.approx(np.nanmean(human))
    across = [matrix[np.ix_(w, [8, 9, 10])].mean() for w in where.values()]
    assert levels.across[0] == pytest.approx(np.mean(across))
    assert levels.n == 3
    assert levels.between[1:].std() > 0


# Dates, order, choices.


def test_slopes_of_pairs_are_those_of_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(9)
    i, j = np.triu_indices(6, 1)
    design = np.stack([np.ones(15), rng.normal(size=15), rng.normal(size=15)], axis=1)
    similarity = rng.random((8, 15))
    by_prompt_, by_model = prompt_weights(8, 5, 1), prompt_weights(6, 5, 2) + 1
    found = pair_slopes(np.stack([i, j], axis=1), design, similarity, by_prompt_, by_model)
    for b in range(5):
        mean = by_prompt_[b] @ similarity / by_prompt_[b].sum()
        fit = sm.WLS(mean, design, weights=by_model[b, i] * by_model[b, j]).fit()
        np.testing.assert_allclose(found[b], fit.params)


def test_a_true_rise_by_year_is_found():
    year = np.array([0.0, 0.5, 1.0, 1.5])
    i, j = np.triu_indices(4, 1)
    date = (year[i] + year[j]) / 2
    similarity = np.tile(0.2 + 0.05 * date, (3, 1))
    design = np.stack([np.ones(6), date], axis=1)
    pairs = np.stack([i, j], axis=1)
    found = pair_slopes(pairs, design, similarity, np.ones((1, 3)), np.ones((1, 4)))
    np.testing.assert_allclose(found[0], [0.2, 0.05])


def test_clustering_puts_two_families_side_by_side():
    matrix = np.full((6, 6), 0.1)
    family = np.array([0, 1, 0, 1, 0, 1])
    matrix[family[:, None] == family] = 0.8
    order = clustered_order(matrix)
    assert sorted(order) == list(range(6))
    assert (np.diff(family[order]) != 0).sum() == 1


def test_means_over_prompts_leave_out_models_that_lack_a_pair():
    cube = np.full((2, 3, 3), 0.5)
    cube[0, 0, 1] = cube[0, 1, 0] = np.nan
    mean, kept = mean_cube(cube)
    assert kept.all()
    cube[:, 2, :] = cube[:, :, 2] = np.nan
    mean, kept = mean_cube(cube)
    np.testing.assert_array_equal(kept, [True, True, False])
    assert np.isfinite(mean[:2, :2]).all()


def test_choices_of_models_keep_people():
    chosen = model_choices(SimpleNamespace(models=MODELS))
    np.testing.assert_array_equal(chosen["all"], [1, 1, 1, 1])
    np.testing.assert_array_equal(chosen["one a family"], [0, 1, 1, 1])
    np.testing.assert_array_equal(chosen["newest half"], [0, 1, 1, 1])
    assert "without the largest family" not in chosen, "one model is no pair"


# Twins.


def test_twins_and_their_closest_answers(hive):
    bench = SimpleNamespace(
        hives={"made-up": hive}, similarity="cosine", rule=None,
        cube=lambda _: cubes(hive)["cosine", "all"],
        open=lambda _: np.ones(len(hive.prompts), dtype=bool),
    )
    rows = twins(bench, "made-up")
    assert len(rows) == 3
    assert rows["value"].is_monotonic_decreasing
    kin = rows.set_index(["one", "other"])["kin"].to_dict()
    assert kin == {
        ("A", "B"): "same family", ("A", "C"): "same developer, other family",
        ("B", "C"): "same developer, other family",
    }
    keys = closest_answers(bench, rows)
    for at, (_, row) in enumerate(rows.iterrows()):
        one, other = keys.iloc[2 * at], keys.iloc[2 * at + 1]
        assert (one["model"], other["model"]) == (row["one_model"], row["other_model"])
        assert one["prompt_id"] == other["prompt_id"] == row["prompt_id"]
        here = hive.answers[hive.answers["prompt_id"] == row["prompt_id"]].reset_index(drop=True)
        vectors = unit(here)
        best = max(
            vectors[i] @ vectors[j] for i, j in product(
                np.flatnonzero(here["model"] == row["one_model"]),
                np.flatnonzero(here["model"] == row["other_model"]),
            )
        )
        place = here.set_index(["model", "sample"]).index
        i, j = (place.get_loc((k["model"], k["sample"])) for k in (one, other))
        assert vectors[i] @ vectors[j] == pytest.approx(best)


def test_what_models_said_is_escaped():
    rows = pd.DataFrame({"one": ["A"], "other": ["<b>B</b>"], "prompt_id": ["p"]})
    told = spoken(rows, ["<script>alert(1)</script>", "long & " * 40])
    assert "<script>" not in told
    assert "<b>" not in told
    assert "&lt;script&gt;" in told
    assert told.count("long &amp;") == 40, "nothing is cut here"
