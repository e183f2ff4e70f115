"""The limits of surprise: run as it stands and with other parameters, its numbers a second way."""

import json
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata
from tidy_rows import row, table

from abovebar.book.chapters import run_chapter
from abovebar.findings.level_claim import load_levels

ROOT = Path(__file__).resolve().parents[1]
STORIES, USES = "five-sentence-stories", "alternative-uses"
TERMS = ["measure", "dataset", "judge", "partition", "model", "contrast", "bar", "k"]
KEY = ["prompt_id", "model", "sample"]
FAMILY = "llama-3"


def results(run):
    verdict = json.loads((run.results / "verdict.json").read_text())
    numbers = pd.read_csv(run.results / "numbers.csv", keep_default_na=False, na_values=[""])
    return {"numbers": numbers, "verdict": verdict, "run": run}


@pytest.fixture(scope="module")
def default(shown):
    return results(shown("boden_surprise"))


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """Words instead of vectors, a family left out, a higher bar."""
    parameters = {
        "n_boot": 50, "similarity": "words", "without": [FAMILY], "declared": {STORIES: 3.5},
    }
    folder = tmp_path_factory.mktemp("other")
    return results(run_chapter(ROOT, "boden_surprise", parameters, folder))


def marks(dataset, judge, criterion, without=()):
    """One row a mark: the rater, the piece's key and name, whether a person wrote it."""
    ratings = table(dataset, "ratings")
    own = ratings[ratings["judge"] == f"{judge}/{criterion}"]
    own = own[~own["model"].isin(without)].astype({"score": float})
    piece = own["prompt_id"] + "/" + own["model"] + "/" + own["sample"].astype(str)
    return own.assign(piece=piece, human=own["model"] == "human")


def gap(own):
    """Models less people, over the deviation of a mark within the two, by loops."""
    sums = {True: [], False: []}
    for human, score in zip(own["human"], own["score"], strict=True):
        sums[human].append(score)
    means = {human: sum(s) / len(s) for human, s in sums.items()}
    squares = sum((x - means[h]) ** 2 for h, s in sums.items() for x in s)
    return (means[False] - means[True]) / np.sqrt(squares / (len(own) - 2))


def within_ranks(frame, x, y, cells):
    left = {x: [], y: []}
    for _, cell in frame.dropna(subset=[x, y]).groupby(cells):
        for name in left:
            ranks = rankdata(cell[name]) / len(cell)
            left[name].extend(ranks - ranks.mean())
    return np.corrcoef(left[x], left[y])[0, 1]


CASES = [
    (STORIES, "human-expert", "surprise", "surprise"), (STORIES, "human-lay", "value", "value"),
    (STORIES, "human-lay", "originality", "originality"), (USES, "human-creai", "value", "utility"),
    (USES, "human-creai", "surprise", "surprise"), ("hanna", "human-hanna", "surprise", "surprise"),
]


@pytest.mark.parametrize(("dataset", "judge", "measure", "criterion"), CASES)
def test_differences_equal_plain_loops(default, dataset, judge, measure, criterion):
    found = row(
        default["numbers"], measure=measure, dataset=dataset, judge=judge, bar=None, model=None,
        contrast="models - people", partition=None,
    )
    own = marks(dataset, judge, criterion)
    assert found["value"] == pytest.approx(gap(own), abs=1e-5)
    assert found["low"] <= found["value"] <= found["high"]
    assert found["n_prompts"] == own.groupby("human")["piece"].nunique().min()


@pytest.mark.parametrize("judge", ["human-expert", "human-lay"])
def test_differences_at_the_bar_take_pieces_whose_mean_value_reaches_it(default, other, judge):
    for run, bar, without in [(default, 3.0, False), (other, 3.5, True)]:
        out = set(registered()) if without else ()
        value = marks(STORIES, judge, "value", out).groupby("piece")["score"].mean()
        own = marks(STORIES, judge, "surprise", out)
        own = own[own["piece"].isin(value.index[value >= bar])]
        found = row(
            run["numbers"], measure="surprise", dataset=STORIES, judge=judge, bar=bar,
            contrast="models - people", partition=None,
        )
        assert found["value"] == pytest.approx(gap(own), abs=1e-5)
        tested = assessed(run, "gap_at_bar").set_index("judge")
        assert tested.loc[judge, "value"] == pytest.approx(found["value"], abs=1e-5)
        assert tested.loc[judge, "bar"] == bar


def registered():
    models = pd.read_csv(ROOT / "data" / "models.csv")
    return models.loc[models["family"] == FAMILY, "model"]


def assessed(run, statement):
    entry = next(s for s in run["verdict"]["statements"] if s["id"] == statement)
    return pd.DataFrame(entry["tests"])


def test_what_surprise_and_originality_share_equals_covariances_of_different_raters(default):
    """Between experts' stories, the marks of one expert covary with those of the other."""
    sides = {}
    for name in ("surprise", "originality"):
        own = marks(STORIES, "human-expert", name)
        score = own["score"] - own.groupby(["prompt_id", "rater"])["score"].transform("mean")
        wide = own.assign(score=score).pivot_table(index="piece", columns="rater", values="score")
        sides[name] = wide.to_numpy()
    s, o = sides["surprise"], sides["originality"]

    def crossed(a, b):
        # The analysis of variance's covariance between, for two marks a piece.
        n = len(a)
        between = 2 * ((a.mean(axis=1) * b.mean(axis=1)).sum()) / (n - 1)
        within = sum(((a[:, j] - a.mean(axis=1)) * (b[:, j] - b.mean(axis=1))).sum()
                     for j in range(2)) / n
        return (between - within) / 2

    wanted = crossed(s, o) / np.sqrt(crossed(s, s) * crossed(o, o))
    found = row(
        default["numbers"], measure="correlation, shared", dataset=STORIES, judge="human-expert",
        contrast="surprise with originality", model="all",
    )
    assert found["value"] == pytest.approx(wanted, abs=1e-5)
    assert assessed(default, "apart").set_index("judge").loc["human-expert", "value"] == (
        pytest.approx(wanted, abs=1e-5)
    )


@pytest.mark.parametrize(("judge", "measure"), [
    ("human-lay", "surprisal"), ("human-expert", "sentence_step"), ("human-lay", "auto/surprise"),
])
def test_measures_correlate_with_ratings_as_written_out(default, judge, measure):
    rated = marks(STORIES, judge, "surprise")
    rated = rated.groupby([*KEY, "human"], as_index=False)["score"].mean()
    if measure.startswith("auto"):
        scores = table(STORIES, "scores")
        by = scores[scores["judge"] == measure].rename(columns={"score": "x"})[[*KEY, "x"]]
    else:
        by = table(STORIES, "features")[[*KEY, measure]].rename(columns={measure: "x"})
    joined = rated.merge(by.astype({"x": float}), on=KEY)
    wanted = within_ranks(joined, "x", "score", ["human", "prompt_id"])
    found = row(
        default["numbers"], measure="rank_correlation", dataset=STORIES, judge=judge,
        contrast=f"{measure} with surprise", partition=None,
    )
    assert found["value"] == pytest.approx(wanted, abs=1e-5)
    tests = assessed(default, "measured")
    own = tests[(tests["judge"] == judge) & (tests["by"] == measure)].iloc[0]
    assert own["value"] == pytest.approx(wanted, abs=1e-5)


def test_the_nearest_other_is_found_by_words_if_asked(default, other):
    tests = [assessed(run, "measured") for run in (default, other)]
    near = [t[t["by"] == "nearest"].set_index("test")["value"] for t in tests]
    assert set(near[0].index) == set(near[1].index)
    assert (near[0] != near[1]).all()


def test_spoilt_stories_equal_every_pair(default):
    spoilt, sound = table(STORIES, "altered"), table(STORIES, "features")
    spoilt = spoilt[spoilt["alteration"] == "shuffled"].set_index(KEY)["surprisal"]
    sound = sound.set_index(KEY)["surprisal"]
    won = pairs = 0
    for prompt in sorted(set(sound.index.get_level_values(0))):
        for human in (True, False):
            keys = [k for k in sound.index if k[0] == prompt and (k[1] == "human") == human]
            for a in keys:
                for b in keys:
                    won += (spoilt[a] > sound[b]) + 0.5 * (spoilt[a] == sound[b])
                    pairs += 1
    found = row(
        default["numbers"], measure="chance_above_sound", dataset=STORIES, contrast="surprisal",
        partition="shuffled",
    )
    assert found["value"] == pytest.approx(won / pairs, abs=1e-5)


def test_the_slope_of_ratings_on_temperature_is_within_object_and_rater(default):
    facts = table(USES, "responses")[[*KEY, "temperature", "author"]]
    own = marks(USES, "human-creai", "surprise")
    own = own[~own["human"]].merge(facts, on=KEY)
    own["temperature"] = own["temperature"].astype(float).round(4)
    away = own[["score", "temperature"]] - own.groupby(["prompt_id", "rater"])[
        ["score", "temperature"]
    ].transform("mean")
    slope = (away["score"] * away["temperature"]).sum() / (away["temperature"] ** 2).sum()
    wanted = 0.1 * slope / away["score"].std(ddof=0)
    found = assessed(default, "warmth_rated").iloc[0]
    assert found["value"] == pytest.approx(wanted, abs=1e-5)
    assert found["n"] == own["author"].nunique()


def test_the_slope_of_surprisal_on_the_grid_is_that_of_dummies(default):
    facts = table("five-sentence-grid", "responses")[[*KEY, "temperature", "top_p"]]
    own = table("five-sentence-grid", "features")[[*KEY, "surprisal"]].merge(facts, on=KEY)
    cell = own["model"].str.split("@").str[0] + own["prompt_id"]
    columns = own[["temperature", "top_p", "surprisal"]].astype(float).round(4)
    columns["surprisal"] = own["surprisal"].astype(float)
    away = (columns - columns.groupby(cell).transform("mean")).to_numpy()
    slope = np.linalg.lstsq(away[:, :2], away[:, 2], rcond=None)[0][0]
    tests = assessed(default, "warmth_measured")
    found = tests[tests["test"] == "grid, surprisal"].iloc[0]
    assert found["value"] == pytest.approx(0.5 * slope / away[:, 2].std(), abs=1e-5)


def test_the_verdict_follows_from_the_tests_as_declared(default):
    claim = load_levels(ROOT / "chapters" / "claims.yaml", "boden_surprise")
    for statement in claim.statements:
        tests = assessed(default, statement.id)
        assert set(tests["test"]) == {t.name for t in claim.put(statement.id)}
        for _, test in tests.iterrows():
            above = test["low"] > statement.line
            below = test["high"] < statement.line
            wanted = "cannot tell"
            if (above or below) and test["n"] >= 20:
                agrees = above == (statement.expected == "above")
                wanted = "supports" if agrees else "contradicts"
            assert test["verdict"] == wanted
    by_name = assessed(default, "surprise").set_index("test")
    assert not by_name.loc["HANNA's early systems", "counted"]


@pytest.mark.parametrize("which", ["default", "other"])
def test_rows_are_unique_and_whole(which, request):
    numbers = request.getfixturevalue(which)["numbers"]
    assert not numbers.duplicated(TERMS).any()
    assert numbers[["measure", "dataset", "value"]].notna().all().all()
    bounded = numbers[numbers["low"].notna() & ~numbers["measure"].str.startswith("variance")]
    plain = bounded[~bounded["partition"].astype(str).str.contains("freed")]
    assert (plain["low"] <= plain["high"]).all()


def test_a_family_left_out_is_gone(default, other):
    n = {}
    for name, run in {"default": default, "other": other}.items():
        n[name] = row(
            run["numbers"], measure="mean rating", judge="human-expert", contrast="surprise",
            model="models",
        )["n_prompts"]
    gone = table(STORIES, "responses")["model"].isin(registered()).sum()
    assert gone > 0
    assert n["default"] - n["other"] == gone


@pytest.mark.parametrize("parameters", [
    {"datasets": [USES]}, {"datasets": ["hanna"]},
    {"judges": {STORIES: "gpt-4o"}, "datasets": [STORIES]},
])
def test_other_choices_run_and_say_what_is_missing(parameters, tmp_path):
    parameters = parameters | {"n_boot": 30}
    run = results(run_chapter(ROOT, "boden_surprise", parameters, tmp_path / "out"))
    assert set(run["numbers"]["dataset"]) <= set(parameters["datasets"])
    page = nbformat.read(run["run"].notebook, as_version=4)
    shown = json.dumps([c.get("outputs", []) for c in page.cells])
    assert "not in this run" in shown
    if "judges" in parameters:
        assert {t["judge"] for s in run["verdict"]["statements"] if s["id"] == "surprise"
                for t in s["tests"]} == {"gpt-4o"}
        assert assessed(run, "apart").empty  # a single rater has no second opinion
