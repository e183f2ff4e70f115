"""Small versus large: run as it stands and otherwise, its numbers got a second way."""

import json
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.linear_model import LogisticRegression

from abovebar.book.chapters import run_chapter
from abovebar.book.parameters import parse
from abovebar.findings.claims import Comparison
from abovebar.findings.compare import open_bench
from abovebar.findings.sensitivity import rerun
from abovebar.findings.sizes.labelled import odds_by_size
from abovebar.findings.sizes.ladders import Ladder
from abovebar.findings.sizes.verdicts import POOLED, SPREAD
from abovebar.sameness.labelled_pairs import BY_MODEL, FITTED, count_by_model
from abovebar.tables.parquet import read_table, write_table
from abovebar.tables.registry import load_models
from abovebar.tables.schemas import KEY

ROOT = Path(__file__).resolve().parents[1]
TABLES = ROOT / "data" / "tables"
REWARD, SAME = "skywork-27b/class", "same-answer/first"
SMALL = ROOT / "chapters" / "small_models.yaml"


def results(run):
    read = {name: pd.read_csv(run.results / f"{name}.csv")
            for name in ("numbers", "slopes", "specifications")}
    return read | {"verdict": json.loads((run.results / "verdict.json").read_text()), "run": run}


@pytest.fixture(scope="module")
def default(shown):
    return results(shown("small_vs_large"))


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """One data set by another judge and partition, without one family."""
    parameters = {
        "datasets": ["noveltybench"], "families_out": ["Llama"],
        "judges": {"noveltybench": "validity-rules"}, "partitions": {"noveltybench": "answer"},
        "declared": {"noveltybench": 1}, "n_boot": 100,
    }
    out = tmp_path_factory.mktemp("other")
    return results(run_chapter(ROOT, "small_vs_large", parameters, out))


def cell(results, statement, dataset, ladder=POOLED):
    table = results["slopes"]
    own = table[(table["statement"] == statement) & (table["dataset"] == dataset)]
    return own[own["ladder"] == ladder].iloc[0]


def ladders(results, statement, dataset):
    table = results["slopes"]
    own = table[(table["statement"] == statement) & (table["dataset"] == dataset)]
    return own[~own["ladder"].isin([POOLED, SPREAD])].set_index("ladder")


def graded(dataset, judge, partition, models):
    key = ["prompt_id", "model", "sample"]
    scores = pq.read_table(TABLES / dataset / "scores.parquet").to_pandas()
    classes = pq.read_table(TABLES / dataset / "classes.parquet").to_pandas()
    both = scores[scores["judge"] == judge].merge(
        classes[classes["partition"] == partition], on=key
    )
    return both[both["model"].isin(models)]


LADDERS = [
    ("noveltybench", "Llama 3.x", REWARD, SAME, 8, 10, {
        "Llama-3.2-1B-Instruct": 1.23, "Llama-3.2-3B-Instruct": 3.21, "Llama-3.1-8B-Instruct": 8,
        "Llama-3.3-70B-Instruct": 70, "Llama-3.1-405B-Instruct": 405}),
    ("noveltybench", "Gemma 3", REWARD, SAME, 8, 10, {
        "gemma-3-1b-it": 1, "gemma-3-4b-it": 4, "gemma-3-12b-it": 12, "gemma-3-27b-it": 27}),
    ("humaneval-proxy", "Code Llama Python", "tests", "ast-locals", 1, 20, {
        "codellama-7B": 7, "codellama-13B": 13, "codellama-70B": 70}),
    ("humaneval-codegen", "CodeGen", "tests", "ast-locals", 1, 3, {
        "codegen-350M-mono": 0.35, "codegen-2B-mono": 2.7}),
    ("cruxeval-input", "DeepSeek-Coder, t 0.8", "assertion", "ast", 1, 10, {
        "deepseek-base-1.3b@t0.8": 1.3, "deepseek-base-6.7b@t0.8": 6.7,
        "deepseek-base-33b@t0.8": 33}),
]


@pytest.mark.parametrize(("dataset", "ladder", "judge", "partition", "bar", "k", "sizes"), LADDERS)
def test_slopes_got_by_counting_classes(
    default, dataset, ladder, judge, partition, bar, k, sizes
):
    """All samples are drawn, so the distinct answers in the budget are those there are."""
    frame = graded(dataset, judge, partition, sizes)
    x = np.log2(list(sizes.values()))
    for statement, rows in {"raw": frame, "budget": frame[frame["score"] >= bar]}.items():
        distinct = rows.groupby(["model", "prompt_id"])["class_id"].nunique().groupby("model").sum()
        means = distinct.reindex(list(sizes)) / frame["prompt_id"].nunique()
        found = cell(default, statement, dataset, ladder)
        assert found["value"] == pytest.approx(np.polyfit(x, means / k, 1)[0], abs=1e-5)
        if statement == "budget":
            each = np.polyfit(x, np.log2(means / list(sizes.values())), 1)[0]
            per = cell(default, "per_parameter", dataset, ladder)
            assert per["value"] == pytest.approx(each, abs=1e-4)


def test_variety_among_two_usable_got_by_pairs(default):
    dataset, ladder, judge, partition, bar, _, sizes = LADDERS[1]
    frame = graded(dataset, judge, partition, sizes)
    found = {model: {} for model in sizes}
    for (prompt, model), own in frame[frame["score"] >= bar].groupby(["prompt_id", "model"]):
        ids = own["class_id"].to_numpy()
        if len(ids) > 1:
            differ = ids[:, None] != ids[None, :]
            found[model][prompt] = 1 + differ.sum() / (len(ids) * (len(ids) - 1))
    table = pd.DataFrame(found).dropna()
    row = cell(default, "usable", dataset, ladder)
    slope = np.polyfit(np.log2(list(sizes.values())), table.mean(), 1)[0]
    assert row["value"] == pytest.approx(slope, abs=1e-5)
    assert row["n_prompts"] == len(table)


def test_the_verdict_follows_from_the_numbers(default):
    for statement in default["verdict"]["statements"]:
        for test in statement["tests"]:
            sure = test["low"] is not None and (test["low"] > 0 or test["high"] < 0)
            assert test["verdict"] == "cannot tell" or (sure and test["n_prompts"] >= 20)
    verdicts = {s["id"]: s["verdict"] for s in default["verdict"]["statements"]}
    assert verdicts == {
        "raw": "supports", "budget": "contradicts", "usable": "cannot tell",
        "concentrated": "supports", "per_parameter": "supports", "per_compute": "supports",
    }


def test_what_the_prose_says_of_open_prompts_is_so(default):
    raw, budget, usable = (
        ladders(default, s, "noveltybench")["verdict"] for s in ("raw", "budget", "usable")
    )
    assert (raw[["Llama 3.x", "Gemma 2", "Gemma 3"]] == "supports").all()
    assert (usable[["Llama 3.x", "Gemma 2", "Gemma 3"]] == "supports").all()
    assert budget["Gemma 2"] == "supports"
    assert budget["Gemma 3"] == "contradicts"
    assert budget["Llama 3.x"] == "cannot tell"
    specs = default["specifications"]
    mine = specs[
        (specs["dataset"] == "noveltybench") & (specs["partition"] == SAME) & (specs["k"] == 10)
    ]
    rest = mine[(mine["bar"] == 8) & (mine["models"] == "without smallest")]
    assert (rest["high"] < 0).all()  # the hump
    assert len(rest) == 3
    whole = mine[(mine["models"] == "all") & (mine["judge"] == REWARD)]
    turns = {"Gemma 3": (6, 7), "Llama 3.x": (8, 9), "Gemma 2": (9, 10)}
    for ladder, (before, after) in turns.items():
        by_bar = whole[whole["ladder"] == ladder].set_index("bar")["value"]
        assert (by_bar.loc[:before] < 0).all()
        assert (by_bar.loc[after:] > 0).all()


def test_what_the_prose_says_of_code_and_stories_is_so(default):
    raw = ladders(default, "raw", "cruxeval-input")["verdict"]
    assert (raw.filter(like="t 0.2") == "supports").sum() == 1
    assert (raw.filter(like="t 0.8") == "supports").sum() == 3
    assert (ladders(default, "budget", "cruxeval-input")["low"] > 0).all()
    usable = ladders(default, "usable", "cruxeval-input")["verdict"].value_counts()
    assert usable.to_dict() == {"cannot tell": 5, "contradicts": 3}
    perf = ladders(default, "usable", "evalperf")["verdict"]
    assert perf["Qwen 2.5"] == "supports"
    assert perf["DeepSeek-Coder Instruct"] == "contradicts"
    assert (perf[["Gemma 2", "Llama 3.1"]] == "cannot tell").all()
    assert (ladders(default, "raw", "oasst")["verdict"] == "cannot tell").all()
    assert ladders(default, "raw", "story-bench")["verdict"]["Gemma 3"] == "contradicts"
    assert (ladders(default, "budget", "story-bench")["verdict"] == "contradicts").all()
    assert np.isnan(cell(default, "usable", "story-bench", "Llama 3.x")["value"])
    per = default["slopes"].query("statement == 'per_parameter' and ladder != @SPREAD")
    assert (per["high"] < 0).all()
    specs = default["specifications"]
    code = specs[specs["dataset"].str.contains("human|crux") & specs["bar"].notna()]
    assert not (code["high"] < 0).any()


def test_what_the_prose_says_of_counts_and_of_one_answer_each_is_so(default):
    numbers = default["numbers"]
    one = numbers[(numbers["measure"] == "solved") & (numbers["k"] == 1)]
    passes = one[one["dataset"] == "humaneval-noises"].set_index("model")["value"]
    assert passes["qwen1.5-72b-chat"] < passes["qwen1.5-14b-chat"]
    counts = pq.read_table(TABLES / "humaneval-noises" / "counts.parquet").to_pandas()
    own = counts[counts["model"] == "qwen3-0.6b"]
    assert passes["qwen3-0.6b"] == pytest.approx((own["passed"] / own["n"]).mean(), abs=1e-5)
    shared = numbers[numbers["measure"] == "shared_text"].set_index(["contrast", "model"])["value"]
    assert shared[["tldr", "real-toxicity/basic-prompt"]].max() <= 0.03
    offered = shared["truthful-qa/instruction-prompt"]
    for recipe in ("gpt", "sft", "ppo-noptx", "ppo-ptx"):
        assert offered[f"{recipe}-175b"] > offered[f"{recipe}-xl"]


def test_people_call_answers_of_larger_models_the_same_more_often(default):
    numbers = default["numbers"]
    (row,) = numbers[numbers["measure"] == "odds_of_called_same"].to_dict("records")
    counts = pd.read_csv(ROOT / "data" / "calibration" / "same_answer_by_model.csv")
    sizes = {
        "Llama-3.2-1B-Instruct": 1.23, "Llama-3.2-3B-Instruct": 3.21, "Llama-3.1-8B-Instruct": 8,
        "Llama-3.3-70B-Instruct": 70, "Llama-3.1-405B-Instruct": 405,
        "gemma-2-2b-it": 2.6, "gemma-2-9b-it": 9, "gemma-2-27b-it": 27,
    }
    pairs = pd.DataFrame([
        (np.log2(size), float(model.startswith("gemma")), label)
        for model, size in sizes.items()
        for own in [counts.set_index("model").loc[model]]
        for label in [1] * own["same"] + [0] * (own["pairs"] - own["same"])
    ])
    fit = LogisticRegression(C=1e9, tol=1e-10, max_iter=1000).fit(pairs[[0, 1]], pairs[2])
    assert row["value"] == pytest.approx(np.exp(fit.coef_[0, 0]), rel=1e-4)
    assert row["n_prompts"] == len(pairs)
    assert 1 < row["low"] < row["value"] < row["high"]
    assert (numbers["measure"] == "called_same").sum() == len(counts) == 20


@pytest.mark.mirror
def test_the_labels_are_those_of_the_raw_file(raw):
    counts = count_by_model(raw).set_index("model")
    committed = pd.read_csv(ROOT / "data" / "calibration" / BY_MODEL, index_col="model")
    pd.testing.assert_frame_equal(counts, committed)
    lines = list(raw.lines("darling", FITTED))
    assert counts["pairs"].sum() == len(lines) == 1000
    assert counts["same"].sum() == sum(line["similar"] for line in lines)
    known = load_models(ROOT)
    assert set(counts.index) <= set(known.loc[known["dataset"] == "noveltybench", "model"])


@pytest.mark.filterwarnings("ignore:Perfect separation")  # two models, two coefficients
def test_odds_of_two_models_are_those_of_their_shares():
    shares = pd.DataFrame({"model": ["s", "l"], "same": [10, 30], "n_prompts": [50, 60]})
    parameters = pd.Series({"s": 1.0, "l": 4.0})
    (row,) = odds_by_size(
        shares, [Ladder("a", "noveltybench", "none", ("s", "l"))], parameters
    ).to_dict("records")
    # Odds of 1/4 and of 1, two doublings apart.
    assert row["value"] == pytest.approx(2)
    alone = [Ladder("a", "noveltybench", "none", ("s", "unlabelled"))]
    assert odds_by_size(shares, alone, parameters).empty


def test_at_common_lengths_the_lead_on_open_prompts_is_no_smaller():
    bench = open_bench(ROOT, n_boot=50)
    ends = [("Llama-3.2-1B-Instruct", "Llama-3.1-405B-Instruct"),
            ("gemma-2-2b-it", "gemma-2-27b-it"), ("gemma-3-1b-it", "gemma-3-27b-it")]
    for bar in (1, 8):
        pairs = [Comparison("noveltybench", REWARD, bar, SAME, *pair) for pair in ends]
        found = rerun(bench, pairs).set_index(["rerun", "test"])["value"]
        assert (found["two tries, common lengths"] >= found["two tries"]).all()


def test_other_parameters_are_used(other):
    assert set(other["slopes"]["ladder"]) == {"Gemma 2", "Gemma 3", "Command R", POOLED, SPREAD}
    numbers = other["numbers"]
    assert set(numbers["dataset"]) == {"noveltybench"}
    # People's labels of the same answer depend on no judge's choice.
    assert set(numbers["judge"].dropna()) == {"validity-rules", "people"}
    sizes = {"gemma-2-2b-it": 2.6, "gemma-2-9b-it": 9, "gemma-2-27b-it": 27}
    frame = graded("noveltybench", "validity-rules", "answer", sizes)
    passing = frame[frame["score"] >= 1].groupby(["model", "prompt_id"])["class_id"].nunique()
    means = passing.groupby("model").sum().reindex(list(sizes)) / frame["prompt_id"].nunique()
    slope = np.polyfit(np.log2(list(sizes.values())), means / 10, 1)[0]
    found = cell(other, "budget", "noveltybench", "Gemma 2")["value"]
    assert found == pytest.approx(slope, abs=1e-5)
    assert other["run"].page.is_file()


def test_numbers_have_the_declared_columns_and_each_row_once(default):
    numbers = default["numbers"]
    wanted = "measure,dataset,domain,judge,partition,model,contrast,bar,k,value,low,high,n_prompts"
    assert ",".join(numbers.columns) == wanted
    key = ["measure", "dataset", "judge", "partition", "model", "contrast", "bar", "k"]
    assert not numbers.duplicated(key).any()
    known = numbers.dropna(subset=["value", "low", "high"])
    assert (known["low"] <= known["value"] + 1e-6).mean() > 0.99
    assert (known["high"] >= known["value"] - 1e-6).mean() > 0.99


@pytest.fixture(scope="module")
def small_run(tmp_path_factory):
    """Run folder of invented answers by the small models that the chapter asks for."""
    folder, rng = tmp_path_factory.mktemp("small"), np.random.default_rng(5)
    wanted = parse([f"ladders={SMALL.read_text()}"])["ladders"]
    models = [model for ladder in wanted for model in ladder["models"]]
    prompts = read_table(TABLES, "noveltybench", "prompts")["prompt_id"]
    rows = pd.DataFrame(
        [("noveltybench", p, m, s) for p in prompts for m in models for s in range(10)],
        columns=KEY,
    )
    n = len(rows)
    scores = rows.assign(judge=REWARD, score=rng.integers(1, 11, n))
    classes = rows.assign(partition=SAME, class_id=rng.integers(0, 9, n))
    nothing = dict.fromkeys(["n_chars", "finish_reason", "top_p", "top_k", "max_tokens",
                             "text_sha256", "author"])
    responses = rows.assign(n_words=rng.integers(20, 200, n), temperature=1.0, **nothing)
    for name, table in {"scores": scores, "classes": classes, "responses": responses}.items():
        write_table(table, folder, "noveltybench", name)
    pd.DataFrame({
        "model": models, "dataset": "noveltybench", "stage": "instruct",
        "parameters_b": [0.49, 1.54, 3.09, 7.62, 0.135, 0.36, 1.71], "source": "invented",
    }).to_csv(folder / "models.csv", index=False)
    return folder, wanted, models


def test_the_ladders_that_would_test_the_claim_are_accepted(small_run, tmp_path):
    folder, wanted, models = small_run
    parameters = {
        "datasets": ["noveltybench"], "runs": [str(folder)], "ladders": wanted, "n_boot": 50,
    }
    run = results(run_chapter(ROOT, "small_vs_large", parameters, tmp_path / "out"))
    mine = ladders(run, "raw", "noveltybench")
    assert {"Qwen 2.5", "SmolLM 2"} <= set(mine.index)
    assert set(models) <= set(run["numbers"]["model"].dropna())
    assert all(t["contrast"] == "3 ladders, each doubling" for s in run["verdict"]["statements"]
               for t in s["tests"])  # the tally stays that of the claim
    page = nbformat.read(run["run"].notebook, as_version=4)
    charts = [o["data"] for c in page.cells for o in c.get("outputs", []) if "data" in o]
    assert any("SmolLM2-135M-Instruct" in json.dumps(data) for data in charts)
