"""The parts of the domain split: claims, distinctness, leads, interactions, scales, reruns."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
import yaml

from abovebar.errors import AboveBarError
from abovebar.figures.split.heat import draw_heat, split_heat
from abovebar.figures.split.pairs import draw_split_pairs
from abovebar.figures.split.rows import BARS, heat_rows, name_pair
from abovebar.findings.distinctness import MEASURES, by_prompt
from abovebar.findings.split.adapt import adapt_split, contrasts_of_runs
from abovebar.findings.split.claim import (
    Contrast,
    Interaction,
    SplitClaim,
    SplitStatement,
    load_split,
)
from abovebar.findings.split.interactions import all_interactions, interaction
from abovebar.findings.split.leads import SplitBench, all_leads, lead
from abovebar.findings.split.published_programs import as_numbers, count_falls, published_leads
from abovebar.findings.split.rivals import at_setting, equal_sets, rerun_split, set_leads
from abovebar.findings.split.scale import SCALES, parted, split_specifications
from abovebar.findings.split.tallies import PAIRS
from abovebar.findings.split.verdicts import assess_split, judge_split, strictly
from abovebar.findings.tallies import brief_tally, describe_tests, overall_on_data_sets

WORDS, CONTENT = "lexical_distinctness", "semantic_distinctness"
A = Contrast(
    id="a", dataset="d", domain="creative", ahead="new", behind="old", tuned="preferences",
    kin="descendant", content="same", kind="k", judge="j", bar=1,
)
B = replace(A, id="b", domain="code", kind="", content="p", tuned="instructions")


def make_tables(seed=0, prompts=30, answers=4):
    """A data set of two models: their answers, all pairs of them, classes, grades and sets."""
    rng = np.random.default_rng(seed)
    cells = product([f"p{p:02d}" for p in range(prompts)], ("new", "old"), range(answers))
    keys = pd.DataFrame(cells, columns=["prompt_id", "model", "sample"]).assign(dataset="d")
    pairs = keys.merge(keys[["prompt_id", "model", "sample"]].rename(columns={"sample": "other"}))
    pairs = pairs[pairs["sample"] < pairs["other"]].reset_index(drop=True)
    for column in ("lexical", "syntactic", "same"):
        lift = np.where(pairs["model"] == "new", 0.3, 0.1)
        pairs[column] = np.clip(lift + rng.normal(0, 0.05, len(pairs)), 0, 1)
    size = keys.groupby(["dataset", "prompt_id", "model"], as_index=False).agg(n=("sample", "size"))
    sets = size.assign(
        judge="none", bar=-np.inf, n_tokens=rng.integers(90, 110, len(size)),
        lexical=0.25, syntactic=0.5, **dict.fromkeys(
            ["distinct_1", "distinct_2", "distinct_3", "adjusted_distinct", "distinct_syntax",
             "compression", "repetition"], 0.5,
        ),
    )
    return {
        "responses": keys.assign(n_words=rng.integers(40, 80, len(keys)), finish_reason="stop"),
        "pairs": pairs, "sets": sets, "embeddings": keys,
        "classes": keys.assign(partition="p", class_id=rng.integers(0, 3, len(keys))),
        "scores": keys.assign(judge="j", score=rng.integers(0, 2, len(keys)).astype(float)),
    }


@pytest.fixture
def tables():
    return make_tables()


def bench_of(tables, kinds=None, n_boot=200):
    kinds = kinds if kinds is not None else pd.DataFrame(
        {"dataset": "d", "prompt_id": [f"p{p:02d}" for p in range(20)], "kind": "k", "by": "reader"}
    )
    return SplitBench(lambda dataset, table: tables.get(table), kinds, n_boot=n_boot, seed=3)


def claim_of():
    statements = [
        SplitStatement("one", "r", "m", WORDS, "creative", "positive"),
        SplitStatement("two", "r", "m", CONTENT, "code", "kept", margin=0.5),
        SplitStatement("three", "r", "m", WORDS, "split", "positive", headline=True),
    ]
    return SplitClaim("t", "c", {}, statements, [A, B], [Interaction("split", "a", "b")], "r", "u")


def test_distinctness_is_one_minus_the_mean_over_pairs(tables):
    found = by_prompt(bench_of(tables).read, replace(A, kind=""), WORDS)
    plain = 1 - tables["pairs"].groupby(["prompt_id", "model"])["lexical"].mean()
    assert len(found) == len(plain)
    for _, row in found.iterrows():
        assert row["value"] == pytest.approx(plain[row["prompt_id"], row["model"]])


def test_a_kind_keeps_its_prompts_and_a_bar_its_answers(tables):
    bench = bench_of(tables)
    assert by_prompt(bench.read, A, WORDS, kinds=bench.kinds)["prompt_id"].nunique() == 20
    barred = by_prompt(bench.read, replace(A, kind=""), WORDS, at_bar=True)
    passed = tables["scores"][tables["scores"]["score"] >= 1]
    n = passed.groupby(["prompt_id", "model"]).size()
    assert len(barred) == (n >= 2).sum()
    assert by_prompt(bench.read, replace(A, judge=""), WORDS, at_bar=True).empty


def test_classes_give_the_chance_that_two_differ(tables):
    found = by_prompt(bench_of(tables).read, B, CONTENT).set_index(["prompt_id", "model"])["value"]
    for cell, rows in tables["classes"].groupby(["prompt_id", "model"]):
        ids = rows["class_id"].tolist()
        pairs = [(i, j) for k, i in enumerate(ids) for j in ids[k + 1:]]
        assert found[cell] == pytest.approx(np.mean([i != j for i, j in pairs]))


def test_where_there_are_no_pairs_the_sets_serve(tables):
    del tables["pairs"]
    read = bench_of(tables).read
    assert (by_prompt(read, B, WORDS)["value"] == 0.75).all()
    assert by_prompt(read, B, WORDS, keep=tables["responses"]).empty
    assert by_prompt(read, A, CONTENT, kinds=bench_of(tables).kinds).empty


def test_an_unknown_model_is_named(tables):
    with pytest.raises(AboveBarError, match="nobody"):
        by_prompt(bench_of(tables).read, replace(A, ahead="nobody"), WORDS)


def test_a_lead_is_free_of_the_order_of_rows(tables):
    bench = bench_of(tables)
    values = bench.values(A, WORDS)
    mixed = values.sample(frac=1, random_state=1)
    assert lead(bench, values) == lead(bench, mixed)
    assert lead(bench, values)["high"] < 0
    assert np.isnan(lead(bench, values[values["prompt_id"] == "p00"])["low"])


def test_only_prompts_that_both_models_share_count(tables):
    gone = (tables["pairs"]["model"] == "old") & (tables["pairs"]["prompt_id"] == "p03")
    tables["pairs"] = tables["pairs"][~gone]
    assert bench_of(tables).values(A, WORDS)["prompt_id"].nunique() == 19


def test_leads_and_interactions_as_rows(tables):
    bench, claim = bench_of(tables), claim_of()
    leads = all_leads(bench, claim.contrasts)
    assert set(leads["measure"]) == set(MEASURES)
    assert not leads.duplicated(["id", "measure", "judge", "model", "contrast"]).any()
    apart = all_interactions(bench, claim, claim.interactions)
    told = leads[leads["contrast"].notna() & (leads["judge"] == "")].set_index(["id", "measure"])
    for _, row in apart[(apart["judge"] == "") & apart["measure"].str.endswith("ion")].iterrows():
        measure = row["measure"].split("_interaction")[0]
        gap = told.loc[("a", measure), "value"] - told.loc[("b", measure), "value"]
        assert row["value"] == pytest.approx(gap)
    assert set(apart.loc[apart["judge"] != "", "judge"]) == {"j 1 - j 1"}


def test_an_interaction_that_is_not_known_is_none(tables):
    bench = bench_of(tables)
    assert interaction(bench, A, replace(B, kind="no such kind"), WORDS) == (None, None)
    assert parted(bench, A, replace(B, kind="no such kind"), WORDS, "difference") is None


def test_the_scales_agree_with_their_closed_forms(tables):
    tuned, parent = np.array([0.6]), np.array([0.8])
    assert SCALES["difference"](tuned, parent) == pytest.approx(-0.2)
    assert SCALES["log distinctness"](tuned, parent) == pytest.approx(np.log(0.75))
    assert SCALES["log overlap"](tuned, parent) == pytest.approx(-np.log(2))
    for scale in SCALES.values():  # every scale is odd in who is called tuned
        assert scale(tuned, parent) == pytest.approx(-scale(parent, tuned))
    bench = bench_of(tables)
    found = parted(bench, A, B, WORDS, "difference")
    boot, fitted = interaction(bench, A, B, WORDS)
    assert found == pytest.approx(boot)
    assert fitted["value"] == pytest.approx(boot["value"])


def test_one_answer_can_split_either_way_by_scale():
    """From 0.96 to 0.89 beside 0.48 to 0.43, as in the chapter's exercise."""
    creative, code = (np.array(v) for v in ([0.89, 0.96], [0.43, 0.48]))
    gap = {name: f(*creative) - f(*code) for name, f in SCALES.items()}
    assert gap["difference"] < 0 < gap["log distinctness"]
    assert gap["log overlap"] < 0


def test_specifications_cover_the_choices(tables):
    specs = split_specifications(bench_of(tables, n_boot=20), [A], [B])
    assert set(specs["scale"]) == set(SCALES)
    assert set(specs["bar"]) == {"none", "at the bar"}
    assert not specs.duplicated(["measure", "scale", "bar", "length"]).any()
    assert (specs["low"] <= specs["high"]).all()


def test_equal_sets_are_as_many_and_as_long(tables):
    sets = tables["sets"]
    sets["n_tokens"] = 100
    sets.loc[(sets["prompt_id"] == "p01") & (sets["model"] == "new"), "n_tokens"] = 111
    sets.loc[(sets["prompt_id"] == "p02") & (sets["model"] == "new"), "n"] = 3
    sets.loc[(sets["prompt_id"] == "p03") & (sets["model"] == "new"), "n_tokens"] = 109
    left = set(equal_sets(bench_of(tables).read, B)["prompt_id"])
    assert not {"p01", "p02"} & left
    assert "p03" in left
    assert len(left) == 28


def test_set_leads_are_turned_so_that_more_is_more_varied(tables):
    new = tables["sets"]["model"] == "new"
    tables["sets"]["n_tokens"] = 100
    tables["sets"].loc[new, ["distinct_1", "compression"]] = 0.25
    found = set_leads(bench_of(tables), [B]).set_index("measure")["value"]
    assert found["distinct_1"] == pytest.approx(-np.log(2))
    assert found["compression"] == pytest.approx(np.log(2))
    assert found["distinct_2"] == 0


def test_reruns_name_what_they_keep(tables):
    found = rerun_split(bench_of(tables, n_boot=20), [A])
    names = {"as it is", "only what passes", "common lengths", "50 words or more"}
    assert names <= set(found["rerun"])
    whole = found[found["measure"] == WORDS].set_index("rerun")["n_prompts"]
    assert (whole <= whole["as it is"]).all()
    cold = at_setting(replace(A, ahead="m@t0.8", behind="n@t0.8"), "@t0.8", "@t0.2")
    assert cold.models == ["m@t0.2", "n@t0.2"]
    assert not cold.counted


ROW = pd.Series({"value": 0.02, "low": 0.01, "high": 0.03, "n_prompts": 50})


@pytest.mark.parametrize(
    ("expected", "margin", "change", "verdict"),
    [
        ("positive", 0, {}, "supports"), ("negative", 0, {}, "contradicts"),
        ("positive", 0, {"low": -0.01}, "cannot tell"),
        ("kept", 0.05, {}, "supports"), ("kept", 0.05, {"high": 0.06}, "cannot tell"),
        ("kept", 0.005, {}, "contradicts"), ("kept", 0.05, {"n_prompts": 19}, "cannot tell"),
        ("kept", 0.005, {"low": -0.03, "high": -0.01}, "contradicts"),
        ("kept", 0.05, {"low": np.nan, "high": np.nan}, "cannot tell"),
    ],
)
def test_verdicts_on_one_interval(expected, margin, change, verdict):
    statement = SplitStatement("s", "r", "m", WORDS, "code", expected, margin)
    assert judge_split(pd.Series({**ROW, **change}), statement) == verdict


def assessed_of(*verdicts, datasets=None):
    datasets = datasets or ["d"] * len(verdicts)
    return pd.DataFrame({"statement": "s", "dataset": datasets, "verdict": verdicts})


def test_tallies_in_words():
    assert describe_tests(assessed_of(), "s", *PAIRS) == "not tested"
    one = describe_tests(assessed_of("supports"), "s", *PAIRS)
    assert one == "supported on the one pair of models (one data set)"
    assert "both pairs" in describe_tests(assessed_of("supports", "supports"), "s", *PAIRS)
    pairs = ["a - b", "a - b", "a - c"]
    mixed = assessed_of("supports", "contradicts", "cannot tell", datasets=pairs)
    assert describe_tests(mixed, "s", *PAIRS) == (
        "supported on one, contradicted on one, left open on one, of three pairs of models "
        "(two pairs of data sets)"
    )
    same = assessed_of("supports", datasets=["a - a"])
    assert "(one data set)" in describe_tests(same, "s", *PAIRS)
    assert brief_tally(mixed, "s") == "1 for, 1 against, 1 open"
    assert brief_tally(mixed, "t") == "not tested"


def test_nothing_is_shown_on_one_data_set():
    assert overall_on_data_sets(assessed_of(*["supports"] * 6)) == "cannot tell"
    two = assessed_of("supports", "supports", datasets=["a", "b"])
    assert overall_on_data_sets(two) == "supports"
    three = assessed_of("supports", "supports", "contradicts", "contradicts", datasets=list("abab"))
    assert overall_on_data_sets(three) == "cannot tell"
    assert overall_on_data_sets(assessed_of()) == "cannot tell"


def test_statements_meet_their_contrasts(tables):
    bench, claim = bench_of(tables), claim_of()
    leads = all_leads(bench, claim.contrasts)
    apart = all_interactions(bench, claim, claim.interactions)
    found = assess_split(claim, leads, apart).set_index("statement")
    assert found.loc["one", "verdict"] == "contradicts"  # new overlaps more
    assert found["test"].to_dict() == {"one": "a", "two": "b", "three": "a - b"}
    assert found.loc["three", "tuned"] == "preferences - instructions"
    assert list(strictly(found.reset_index())["statement"]) == ["one"]
    assert len(assess_split(claim, leads, apart, at_bar=True)) == 3


def test_a_claim_is_read_and_refused(tmp_path):
    path = tmp_path / "claims.yaml"
    contrast = {
        "id": "a", "dataset": "d", "domain": "code", "ahead": "x", "behind": "y", "tuned": "t",
        "kin": "sibling", "content": "same",
    }
    entry = {
        "title": "t", "claim": "c", "source": {}, "refuted_by": "r", "untested": "u",
        "statements": [], "contrasts": [contrast], "interactions": [],
    }
    path.write_text(yaml.safe_dump({"c": entry}))
    assert load_split(path, "c").contrast("a").models == ["x", "y"]
    for change in (
        {"contrasts": [contrast, contrast]}, {"contrasts": [{**contrast, "odd": 1}]},
        {"interactions": [{"where": "split", "first": "a", "second": "b"}]},
    ):
        path.write_text(yaml.safe_dump({"c": {**entry, **change}}))
        with pytest.raises(AboveBarError):
            load_split(path, "c")
    with pytest.raises(AboveBarError):
        load_split(path, "none")


def test_a_claim_on_a_readers_terms():
    claim = claim_of()
    assert adapt_split(claim, datasets=["other"]).contrasts == []
    assert adapt_split(claim, without=["old"]).interactions == []
    turned = adapt_split(claim, judges={"d": "k"}, partitions={"d": "q"}, declared={"d": 3})
    assert {(c.judge, c.content, c.bar) for c in turned.contrasts} == {("k", "q", 3.0)}
    own = adapt_split(
        claim, contrasts=[{"dataset": "d", "domain": "code", "ahead": "mine", "behind": "old"}]
    )
    assert own.contrasts[-1].content == "p"
    assert not own.contrasts[-1].counted
    assert own.interactions[-1] == Interaction("split", "a", "yours-1", False)
    with pytest.raises(AboveBarError):
        adapt_split(claim, contrasts=[{"dataset": "elsewhere", "ahead": "x", "behind": "y"}])


def test_models_of_a_run_meet_their_parents():
    shipped = pd.DataFrame({"dataset": ["d", "d"], "model": ["new", "old"], "parent": ["old", ""]})
    mine = pd.DataFrame({"dataset": ["d", "d"], "model": ["x", "y"], "parent": ["new", "who"]})
    found = contrasts_of_runs(claim_of(), shipped, pd.concat([shipped, mine]))
    assert [(f["domain"], f["ahead"], f["behind"]) for f in found] == [
        ("code", "x", "new"), ("creative", "x", "new"),
        ("code", "y", "old"), ("creative", "y", "old"),
    ]


def test_published_figures_are_taken_as_they_are():
    models = [
        "CodeLlama-7b-Instruct-hf", "CodeLlama-7b-hf", "CodeLlama-34b-Instruct-hf",
        "CodeLlama-34b-hf", "CodeLlama-70b-Instruct-hf", "CodeLlama-70b-Python-hf",
        "Meta-Llama-3-8B-Instruct", "Meta-Llama-3-8B", "Meta-Llama-3-70B-Instruct",
        "Meta-Llama-3-70B",
    ]
    rows = [
        {"prompt_id": "t", "measure": f"{which}-{name}", "model": model, "value": 10.0 + i % 2}
        for which in ("all", "coh")
        for name in (
            "distinct-4-bootstrap", "stripped-subtrees-4-bootstrap", "average-cosine-distance-raw",
            "semantic-proportion",
        )
        for i, model in enumerate(models)
    ]
    found = published_leads(lambda *_: pd.DataFrame(rows))
    assert len(found) == 2 * 3 * 5
    assert (found["value"].round(6) == -0.01).all()
    assert set(count_falls(found).loc["preferences"].to_numpy().ravel()) == {"2 of 2"}
    assert as_numbers(found)["low"].isna().all()


def test_the_figures_hold_every_contrast(tables):
    bench, claim = bench_of(tables), claim_of()
    models = pd.DataFrame(
        {"dataset": "d", "model": ["new", "old"], "label": ["New, t0.8", "Old"],
         "stage": ["rlhf", "base"]}
    )
    rows = heat_rows(all_leads(bench, claim.contrasts), claim.contrasts, models)
    assert name_pair(A, models) == "New – Old"
    assert len(rows) == 2 * 3 * 2
    assert set(rows["against"]) == {"base"}
    spec = split_heat(rows).to_dict()
    assert {p["name"] for p in spec["params"] if "bind" in p} == {"which", "whom", "akin", "what"}
    assert len(draw_heat(rows).axes[0].texts) == 2 * (rows["bar"] == BARS[False]).sum()
    assert len(draw_split_pairs(rows, 1).axes) == 1
