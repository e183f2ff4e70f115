"""Juries, gaps, what surprise adds, measures, settings: against plain loops and made-up truths."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr

from abovebar.errors import AboveBarError
from abovebar.findings.distinctness import shelf
from abovebar.findings.level_claim import load_levels
from abovebar.findings.numbers import stack
from abovebar.findings.surprise import adds as adding
from abovebar.findings.surprise import criterion
from abovebar.findings.surprise.altered import beside_sound, told_apart
from abovebar.findings.surprise.bench import SurpriseBench, differences
from abovebar.findings.surprise.claim import adapt_surprise, put_to_tests
from abovebar.findings.surprise.gap import at_equal_value, by_guess, disagreement, gaps
from abovebar.findings.surprise.judges import agreement, juries_of, story_judge
from abovebar.findings.surprise.juries import (
    asked_for,
    cells_of,
    centred,
    load_sheets,
    mean_marks,
    reaching,
)
from abovebar.findings.surprise.measures import as_marks, correlations, measured
from abovebar.findings.surprise.numbers import as_numbers
from abovebar.findings.surprise.observers import observers
from abovebar.findings.surprise.settings import by_temperature, measured_slopes, warmed
from abovebar.findings.surprise.specs import specifications
from abovebar.tables.registry import load_models

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = [ROOT / "data" / "tables"]
STORIES, USES = "five-sentence-stories", "alternative-uses"
FEW = {"n_boot": 60, "seed": 4}


@pytest.fixture(scope="module")
def read():
    return shelf(FOLDERS)


@pytest.fixture(scope="module")
def models():
    return load_models(ROOT)


@pytest.fixture(scope="module")
def experts(read, models):
    return load_sheets(read, models, STORIES, "human-expert")


@pytest.fixture(scope="module")
def lay(read, models):
    return load_sheets(read, models, STORIES, "human-lay")


@pytest.fixture(scope="module")
def bench():
    return SurpriseBench(ROOT, n_boot=60, seed=4)


def made(seed=0, pieces=120, raters=4, shared=1.0, halo=0.6, lead=0.0):
    """Sheets of a jury whose criteria share a truth (correlation `shared`) and a rater's mood."""
    rng = np.random.default_rng(seed)
    piece, rater = np.divmod(np.arange(pieces * raters), raters)
    common, own = rng.normal(size=pieces), rng.normal(size=(3, pieces))
    mood = halo * rng.normal(size=len(piece))
    truth = {
        "originality": common, "value": own[2],
        "surprise": shared * common + np.sqrt(1 - shared**2) * own[0],
    }
    truth["creativity"] = truth["originality"] + truth["value"]
    group = np.where(np.arange(pieces) % 2, "people", "models")
    return pd.DataFrame({
        "piece": [f"s{i:03}" for i in piece], "group": group[piece],
        "prompt_id": np.where(piece % 4 < 2, "p", "q"), "model": group[piece], "sample": piece,
        "writer": [f"w{i // 4}{group[i]}" for i in piece], "rater": [f"r{j}" for j in rater],
        **{c: truth[c][piece] + lead * (group[piece] == "models") + mood
           + 0.5 * rng.normal(size=len(piece)) for c in
           ("creativity", "originality", "surprise", "value")},
        "taken-for-human": (group[piece] == "people").astype(float),
    })


@pytest.fixture(scope="module")
def claim():
    return load_levels(ROOT / "chapters" / "claims.yaml", "boden_surprise")


# Juries.

def test_sheets_hold_every_mark_once(read, experts, lay):
    ratings = read(STORIES, "ratings")
    for sheets, judge, raters in [(experts, "human-expert", 2), (lay, "human-lay", 90)]:
        own = ratings[ratings["judge"] == f"{judge}/surprise"]
        assert len(sheets) == len(own)
        assert sheets["surprise"].sum() == pytest.approx(own["score"].sum())
        assert sheets["rater"].nunique() == raters
        assert set(sheets["group"]) == {"people", "models"}
    assert experts["writer"].nunique() == 59 + 61
    assert asked_for(experts) == ["creativity", "originality", "surprise", "value"]


def test_a_model_is_a_jury_of_one_and_effectiveness_its_value(read, models):
    sheets = load_sheets(read, models, STORIES, "gpt-4o")
    scores = read(STORIES, "scores")
    own = scores[scores["judge"] == "gpt-4o/effectiveness"]
    assert set(sheets["rater"]) == {"gpt-4o"}
    assert sheets["value"].mean() == pytest.approx(own["score"].mean())


def test_uses_have_persons_and_runs_for_writers_and_no_creativity(read, models):
    sheets = load_sheets(read, models, USES, "human-creai")
    assert sheets.groupby("group")["writer"].nunique().to_dict() == {"people": 42, "models": 144}
    assert asked_for(sheets) == ["originality", "surprise", "value"]


def test_models_left_out_and_juries_unknown(read, models):
    sheets = load_sheets(read, models, STORIES, "human-lay", {"gpt-4o"})
    assert "gpt-4o" not in set(sheets["model"])
    assert load_sheets(read, models, STORIES, "nobody") is None
    assert load_sheets(read, models, "no-such-set", "human-lay") is None


def test_centred_marks_have_no_level_left(experts, lay):
    cell = ["prompt_id", "group"]
    for sheets, cells in [(experts, [*cell, "rater"]), (lay, cell)]:
        levels = centred(sheets, by_group=True).groupby(cells)["surprise"].mean()
        assert levels.abs().max() < 1e-9
    assert cells_of(experts) == ["group", "prompt_id"]


def test_small_prompts_keep_their_level(read, models):
    assert cells_of(load_sheets(read, models, "hanna", "human-hanna")) == ["group"]


def test_the_bar_is_of_a_pieces_mean_mark_by_whichever_jury(experts, lay):
    mean = experts.groupby("piece")["value"].mean()
    assert set(reaching(experts, 3)["piece"]) == set(mean.index[mean >= 3])
    assert reaching(experts, None) is experts
    swapped = reaching(experts, 3, lay)
    mean = lay.groupby("piece")["value"].mean()
    assert set(swapped["piece"]) == set(mean.index[mean >= 3])


# Gaps.

def test_gaps_are_cohens_d_and_the_contrast_is_paired(experts):
    found = gaps(experts, n_boot=200, seed=1).set_index("measure")
    d = {}
    for name in ("surprise", "value"):
        sides = [experts.loc[experts["group"] == g, name] for g in ("models", "people")]
        pooled = sum(((s - s.mean()) ** 2).sum() for s in sides) / (len(experts) - 2)
        d[name] = (sides[0].mean() - sides[1].mean()) / np.sqrt(pooled)
        assert found.loc[name, "value"] == pytest.approx(d[name])
    less = found.loc["surprise_less_value"]
    assert less["value"] == pytest.approx(d["surprise"] - d["value"])
    assert less["n"] == 236
    # Two criteria that are the same mark differ by nothing, in every replicate.
    same = gaps(experts.assign(value=experts["surprise"]), **FEW).set_index("measure")
    assert same.loc["surprise_less_value", ["value", "low", "high"]].abs().max() < 1e-12


def test_gaps_say_nothing_where_a_group_is_missing():
    sheets = made()
    assert gaps(sheets[sheets["group"] == "people"], **FEW).empty
    assert gaps(sheets.iloc[:0], **FEW).empty
    assert gaps(sheets.assign(surprise=3.0, creativity=3.0, originality=3.0, value=3.0),
                **FEW).empty


def test_differences_of_every_jury_at_every_bar(bench, claim, lay):
    tests = [t for t in claim.tests if "surprise" in t.only]
    found = differences(bench, tests, [4])
    assert set(found["jury"]) == {t.name for t in tests}
    assert found.loc[found["jury"] == "HANNA's early systems", "bar"].isna().all()
    own = found[(found["jury"] == "stories by lay readers") & (found["measure"] == "surprise")]
    assert own["bar"].fillna(0).tolist() == [0, 3, 4]
    assert own["n_models"].is_monotonic_decreasing
    direct = gaps(reaching(lay, 3), **FEW).set_index("measure")["value"]["surprise"]
    assert own["value"].iloc[1] == direct


def test_juries_are_compared_on_the_pieces_both_marked(experts, lay):
    found = disagreement(experts, lay, **FEW)
    wide = found.pivot_table(index="criterion", columns="who", values="value")
    assert (wide["one"] - wide["other"]).to_numpy() == pytest.approx(wide["one less other"])
    assert found["n"].unique().tolist() == [132]
    shared = experts[experts["piece"].isin(lay["piece"])]
    alone = gaps(shared, **FEW).set_index("measure")["value"]
    assert wide.loc["surprise", "one"] == pytest.approx(alone["surprise"])


def test_guesses_part_the_sheets(experts):
    found = by_guess(experts, **FEW)
    counts = experts.groupby(["taken-for-human", "group"]).size()
    assert found["sheets_models"].tolist() == [counts[1.0, "models"], counts[0.0, "models"]]
    assert found[["sheets_people", "sheets_models"]].to_numpy().sum() == len(experts)


def test_at_equal_value_is_a_mean_over_cells_and_undoes_a_trade_off(read, models):
    sheets = load_sheets(read, models, USES, "human-creai")
    found = at_equal_value(sheets, **FEW)
    top = weight = 0.0
    away = []
    for _, cell in sheets.groupby(["prompt_id", "rater", "value"]):
        away.extend(cell["surprise"] - cell["surprise"].mean())
        sides = [cell.loc[cell["group"] == g, "surprise"] for g in ("models", "people")]
        if all(map(len, sides)):
            share = len(sides[0]) * len(sides[1]) / len(cell)
            top += share * (sides[0].mean() - sides[1].mean())
            weight += share
    assert found["value"] == pytest.approx(top / weight / np.std(away))
    assert found["n"] == 1559
    # Made up: value costs surprise, and models differ in value alone.
    rng = np.random.default_rng(1)
    traded = made(6, pieces=400)
    value = rng.integers(1, 6, len(traded)) + 2 * (traded["group"] == "models")
    traded = traded.assign(value=value, surprise=-value + rng.normal(size=len(traded)))
    plain = gaps(traded, **FEW).set_index("measure")
    assert plain.loc["surprise", "high"] < -0.5
    equal = at_equal_value(traded, **FEW)
    assert equal["low"] < 0 < equal["high"]
    assert at_equal_value(traded[traded["group"] == "people"], **FEW) is None
    assert at_equal_value(traded.drop(columns="value"), **FEW) is None


# The criterion.

def test_what_two_criteria_share_is_found_again_and_halo_taken_out():
    rows = criterion.shared_rows(made(1, pieces=600, shared=0.6), "surprise", "originality", **FEW)
    rows = rows[rows["population"] == "all"].set_index("measure")
    assert rows.loc["shared", "value"] == pytest.approx(0.6, abs=0.09)
    assert rows.loc["halo", "value"] > 0.4
    one = criterion.shared_rows(made(1, pieces=600), "surprise", "originality", **FEW)
    one = one[one["population"] == "all"].set_index("measure")
    assert one.loc["shared", "value"] == pytest.approx(1, abs=0.03)


def test_a_lead_of_one_group_makes_criteria_alike_and_centring_undoes_it():
    sheets = made(2, pieces=400, shared=0.0, lead=4.0)
    rows = criterion.shared_rows(sheets, "surprise", "originality", **FEW)
    value = rows[rows["measure"] == "shared"].set_index("population")["value"]
    assert value["all"] > 0.6
    assert abs(value["people"]) < 0.25
    assert abs(value["models"]) < 0.25


def test_other_raters_are_all_ordered_pairs(lay):
    pairs = adding.other_raters(lay)
    assert len(pairs) == 273 * 5 * 4
    assert (pairs["rater"] != pairs["other"]).all()


def test_adding_equals_least_squares_on_every_ordered_pair(experts):
    marks = experts.copy()
    names = ["creativity", "originality", "surprise", "value"]
    marks[names] -= marks.groupby(["prompt_id", "rater"])[names].transform("mean")
    marks[names] /= marks[names].std(ddof=0)
    rows = []
    for _, own in marks.groupby("piece"):
        for i in range(2):
            a, b = own.iloc[i], own.iloc[1 - i]
            rows.append([1, a["originality"], a["value"], a["surprise"], b["creativity"]])
    rows = np.array(rows, dtype=float)
    wanted = np.linalg.lstsq(rows[:, :4], rows[:, 4], rcond=None)[0]
    found = adding.surprise_adds(experts).set_index("term")["estimate"]
    assert found[["originality", "value", "surprise"]].to_numpy() == pytest.approx(wanted[1:])


def test_a_second_mark_of_the_same_thing_seems_to_add_and_freed_of_error_does_not():
    sheets = made(3, pieces=800, shared=0.7, halo=0.0)
    seems = adding.surprise_adds(sheets).set_index("term").loc["surprise"]
    assert seems["low"] > 0  # creativity is made of originality and value alone
    freed = adding.adds_without_error(sheets, n_boot=200, seed=1).set_index("predictor")
    assert freed.loc["surprise", "low"] < 0 < freed.loc["surprise", "high"]
    assert freed.loc["originality", "low"] > 0.3


def test_ceilings_are_roots_of_reliabilities(experts):
    rows = criterion.reliability_rows(experts, **FEW)
    assert set(rows["population"]) == {"all", "people", "models"}
    most = criterion.ceilings(experts, **FEW).set_index("criterion")
    own = centred(experts, by_group=True)
    one, two = (own[own["rater"] == r].set_index("piece")["surprise"] for r in ("r01", "r02"))
    r = pearsonr(one, two.loc[one.index]).statistic
    # Two raters, equal variances nearly: the mean's reliability is Spearman and Brown's.
    assert most.loc["surprise", "value"] == pytest.approx(np.sqrt(2 * r / (1 + r)), abs=0.02)


def test_by_mark_is_what_the_other_said(experts):
    found = criterion.by_mark(experts, "value", "surprise", **FEW)
    row = found[(found["group"] == "people") & (found["mark"] == 4)].iloc[0]
    said = []
    for _, own in experts[experts["group"] == "people"].groupby("piece"):
        for i in range(2):
            if own["value"].iloc[i] == 4:
                said.append(own["surprise"].iloc[1 - i])
    assert row["value"] == pytest.approx(np.mean(said))
    assert (found["n"] >= 20).all()


# Measures.

def test_measures_are_joined_from_the_tables(read, models):
    pieces = measured(read, models, FOLDERS, STORIES)
    features = read(STORIES, "features")
    assert pieces["surprisal"].sum() == pytest.approx(features["surprisal"].sum(), rel=1e-6)
    assert pieces["auto/surprise"].notna().sum() == 431
    assert pieces["nearest"].between(0, 2).all()
    assert measured(read, models, FOLDERS, "no-such-set") is None


@pytest.mark.parametrize("by", ["words", "same"])
def test_the_nearest_by_another_similarity(read, models, by):
    from abovebar.sameness.same_answer import load_same_answer
    from abovebar.sameness.similarity import MATRICES, similarity_by_prompt
    from abovebar.tables.pooled import pooled_answers

    pieces = measured(read, models, FOLDERS, STORIES, similarity_by=by)
    if by == "words":
        answers = pooled_answers(FOLDERS, STORIES, ["words"])
        answers = answers[answers["prompt_id"] == "words-q1"].reset_index(drop=True)
        keys, alike = answers, MATRICES["sketched words"](answers)
    else:
        rule = load_same_answer(ROOT / "data/calibration/same_answer.json").rules["across"]
        _, keys, alike = next(iter(similarity_by_prompt(FOLDERS, STORIES, rule)))
    wanted = [1 - max(alike[i][j] for j in range(len(alike)) if j != i) for i in range(10)]
    own = pieces[pieces["prompt_id"] == "words-q1"].set_index(["model", "sample"])["nearest"]
    found = [own[keys["model"].iloc[i], keys["sample"].iloc[i]] for i in range(10)]
    assert found == pytest.approx(wanted)


def test_an_unknown_similarity_is_refused(read, models):
    with pytest.raises(AboveBarError, match="similarity"):
        measured(read, models, FOLDERS, STORIES, similarity_by="smell")


def test_correlations_are_within_groups_and_prompts(read, models, lay):
    pieces = measured(read, models, FOLDERS, STORIES)
    found = correlations(pieces, lay, ["surprisal"], **FEW).set_index("criterion")
    joined = mean_marks(lay).merge(pieces[["piece", "surprisal"]], on="piece")
    ranks = {"surprise": [], "surprisal": []}
    for _, cell in joined.groupby(["group", "prompt_id"]):
        for name in ranks:
            own = cell[name].rank() / len(cell)
            ranks[name].extend(own - own.mean())
    assert found.loc["surprise", "value"] == pytest.approx(pearsonr(*ranks.values()).statistic)
    assert found.loc["surprise", "n"] == 273


def test_a_measure_stands_as_a_jury_less_its_prompt(read, models):
    pieces = measured(read, models, FOLDERS, STORIES)
    marks = as_marks(pieces, "auto/surprise")
    assert len(marks) == 431
    assert marks.groupby("prompt_id")["surprise"].mean().abs().max() < 1e-9


# Altered stories, settings, judges, observers, specifications.

@pytest.mark.parametrize("dataset", [STORIES, "hanna"])
def test_spoilt_stories_are_told_apart_pair_by_pair(read, models, dataset):
    pieces = measured(read, models, FOLDERS, dataset)
    beside = beside_sound(read, dataset, pieces)
    found = told_apart(beside, **FEW)
    own = beside[beside["alteration"] == "shuffled"]
    won = pairs = 0.0
    for _, cell in own.groupby(["prompt_id", "group"]):
        for spoilt in cell["altered sentence_step"].dropna():
            for sound in cell["sentence_step"].dropna():
                won += (spoilt > sound) + 0.5 * (spoilt == sound)
                pairs += 1
    row = found[(found["alteration"] == "shuffled") & (found["by"] == "sentence_step")].iloc[0]
    assert row["value"] == pytest.approx(won / pairs)
    assert row["low"] <= row["value"] <= row["high"]
    assert row["n"] == len(own)


def test_settings_are_read_and_budgets_of_thinking_left_out(read, models):
    rows = warmed(read, "word-stories", measured(read, models, FOLDERS, "word-stories"))
    assert set(rows["name"]) == {"gemini-2.5-flash-lite"}
    assert not rows["model"].str.contains("think").any()
    assert rows["temperature"].nunique() == 12
    curve = by_temperature(rows, ["surprisal"])
    own = rows["surprisal"] - rows.groupby(["name", "prompt_id"])["surprisal"].transform("mean")
    hot = rows["temperature"] == 2
    assert curve.set_index("temperature").loc[2.0, "value"] == pytest.approx(
        own[hot].mean() / own.std(ddof=0)
    )


def test_slopes_are_told_by_step(read, models):
    rows = warmed(read, "word-stories", measured(read, models, FOLDERS, "word-stories"))
    found = measured_slopes(rows, ["surprisal", "no-such-measure"], **FEW)
    own = rows.assign(y=rows["surprisal"], x=rows["temperature"])
    away = own[["x", "y"]] - own.groupby(["name", "prompt_id"])[["x", "y"]].transform("mean")
    slope = (away["x"] * away["y"]).sum() / (away["x"] ** 2).sum() / away["y"].std(ddof=0)
    assert found["setting"].tolist() == ["temperature"]
    assert found["value"].iloc[0] == pytest.approx(0.5 * slope)


def test_judges_agree_with_themselves_and_story_judge_has_no_people(lay, bench):
    same = agreement(lay, lay, **FEW)
    assert same["value"].to_numpy() == pytest.approx(1)
    assert "human-expert" in juries_of(bench.read, STORIES)
    assert not any(name.startswith("auto") for name in juries_of(bench.read, STORIES))
    found = story_judge(bench).set_index("beside")["value"]
    assert found["overall"] > 0.5 > abs(found["nearest"])
    assert found["amateurish"] < 0


def test_observers_are_gaps_of_each(bench, lay):
    seen = observers(
        bench, STORIES, {"human-lay": "lay"}, {"gpt-4o": "GPT"}, ["surprisal"],
        {"all": None, "bar": 3.0}, "human-lay",
    )
    assert seen["observer"].tolist() == ["lay", "GPT", "surprisal"] * 2
    wanted = gaps(reaching(lay, 3), **FEW).set_index("measure")["value"]["surprise"]
    assert seen.loc[3, "value"] == pytest.approx(wanted)


def test_specifications_hold_the_plain_one_and_skip_what_is_small(experts, models):
    found = specifications({"e": experts}, models, [3, 5], **FEW)
    assert (found["n"] >= 5).all()
    plain = found[(found["bar"] == "none") & (found["pieces"] == "all")]
    plain = plain[plain["drawn"] == "marks; pieces, raters"].set_index("measure")["value"]
    wanted = gaps(experts, **FEW).set_index("measure")["value"]
    for measure in ("surprise", "surprise_less_value"):
        assert plain[measure] == pytest.approx(wanted[measure])
    mean = mean_marks(experts).rename(columns={"surprise": "s"})
    sides = [mean.loc[mean["group"] == g, "s"] for g in ("models", "people")]
    pooled = sum(((s - s.mean()) ** 2).sum() for s in sides) / (len(mean) - 2)
    averaged = found.query(
        "bar == 'none' and pieces == 'all' and drawn == 'mean marks; pieces' "
        "and measure == 'surprise'"
    )["value"].item()
    assert averaged == pytest.approx((sides[0].mean() - sides[1].mean()) / np.sqrt(pooled))


# The claim and the numbers.

def test_every_test_that_can_be_answered_has_one_row(bench, claim):
    found = put_to_tests(bench, claim)
    measure = {s.id: s.measure for s in claim.statements}
    asked = {(t.name, measure[s]) for t in claim.tests for s in t.only}
    assert asked == set(zip(found["test"], found["measure"], strict=True))
    assert not found.duplicated(["test", "measure", "bar"]).any()


def test_another_jury_gives_its_tests_its_name_and_stands_once(claim):
    adapted = adapt_surprise(
        claim, datasets=[STORIES], judges={STORIES: "gpt-4o"}, declared={STORIES: 3.5}
    )
    names = [t.name for t in adapted.tests if "surprise" in t.only]
    assert names == [f"{STORIES} by gpt-4o"]
    assert {t.bar for t in adapted.tests if "surprise" in t.only} == {3.5}
    assert len({(t.name, t.only) for t in adapted.tests}) == len(adapted.tests)
    assert adapt_surprise(claim, datasets=[], judges={}, declared={}).tests == claim.tests


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 99))
def test_numbers_take_columns_and_constants(seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.random((3, 3)), columns=["value", "low", "high"]).assign(n=7, by="x")
    rows = as_numbers(frame, measure="m", contrast=frame["by"])
    assert rows["n_prompts"].tolist() == [7, 7, 7]
    assert rows["contrast"].tolist() == ["x"] * 3
    assert as_numbers(None).empty
    assert len(stack([rows, as_numbers(frame.iloc[:0]), rows])) == 6
    assert stack([]).empty
