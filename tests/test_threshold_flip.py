"""The first chapter: run as it stands and with other parameters, its numbers got a second way."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from abovebar.book.chapters import run_chapter

ROOT = Path(__file__).resolve().parents[1]
TABLES = ROOT / "data" / "tables"


@pytest.fixture(scope="module")
def default(shown):
    run = shown("threshold_flip")
    return pd.read_csv(run.results / "numbers.csv"), json.loads(
        (run.results / "verdict.json").read_text()
    )


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """One data set, another judge, another budget."""
    parameters = {
        "datasets": ["lima-oe"], "judges": {"lima-oe": "gpt-4-1106/depth"}, "k": {"lima-oe": 3},
        "n_boot": 200,
    }
    run = run_chapter(ROOT, "threshold_flip", parameters, tmp_path_factory.mktemp("other"))
    return pd.read_csv(run.results / "numbers.csv"), run


def by_hand(dataset, judge, partition, model, bar, k, *, usable_first):
    """Average distinct usable answers over every subset of k, prompt by prompt, in plain Python."""
    key = ["prompt_id", "model", "sample"]
    scores = pq.read_table(TABLES / dataset / "scores.parquet").to_pandas()
    classes = pq.read_table(TABLES / dataset / "classes.parquet").to_pandas()
    both = scores[scores["judge"] == judge].merge(
        classes[classes["partition"] == partition], on=key
    )
    found = {}
    for prompt, cell in both[both["model"] == model].groupby("prompt_id"):
        rows = list(zip(cell["score"], cell["class_id"], strict=True))
        pool = [row for row in rows if row[0] >= bar] if usable_first else rows
        draws = [len({c for q, c in draw if q >= bar}) for draw in combinations(pool, k)]
        found[prompt] = np.mean(draws) if draws else np.nan
    return pd.Series(found)


def row(numbers, **terms):
    keep = np.logical_and.reduce([
        numbers[column].isna() if value is None else numbers[column] == value
        for column, value in terms.items()
    ])
    assert keep.sum() >= 1, terms
    return numbers[keep].iloc[0]


HELPFUL, REWARD, SAME = "gpt-4-1106/helpfulness", "skywork-27b/class", "same-answer/first"
CASES = [
    ("lima-oe", HELPFUL, SAME, "llama-2-chat", "llama-2-base", 4, 5),
    ("conflicting-qa", HELPFUL, "stance", "llama-2-chat", "llama-2-base", 4, 5),
    ("olmo-stages", "validity-rules", "answer", "OLMo-2-7B-Instruct", "OLMo-2-7B", 1, 10),
    ("noveltybench", REWARD, SAME, "gemma-3-27b-it", "gemma-3-1b-it", 8, 10),
]


@pytest.mark.parametrize(("dataset", "judge", "partition", "ahead", "behind", "bar", "k"), CASES)
def test_leads_equal_the_mean_over_all_subsets(
    default, dataset, judge, partition, ahead, behind, bar, k
):
    numbers, _ = default
    terms = {"dataset": dataset, "judge": judge, "contrast": f"{ahead} - {behind}"}
    for measure, draw, first in [
        ("distinct_in_budget", k, False), ("distinct_among_usable", 2, True)
    ]:
        for at, asked in [(-np.inf, None), (bar, float(bar))]:
            lead = by_hand(dataset, judge, partition, ahead, at, draw, usable_first=first)
            lead = (
                lead - by_hand(dataset, judge, partition, behind, at, draw, usable_first=first)
            ).dropna()
            found = row(numbers, measure=measure, bar=asked, **terms)
            assert found["value"] == pytest.approx(lead.mean(), abs=1e-4)
            assert found["n_prompts"] == len(lead)


def test_yields_equal_plain_shares(default):
    numbers, _ = default
    scores = pq.read_table(TABLES / "humaneval-proxy" / "scores.parquet").to_pandas()
    for model, share in scores.groupby("model")["score"].mean().items():
        found = row(numbers, measure="yield", dataset="humaneval-proxy", model=model, bar=1.0)
        assert found["value"] == pytest.approx(share, abs=1e-5)


def test_the_verdict_follows_from_the_numbers(default):
    _, verdict = default
    for statement in verdict["statements"]:
        for test in statement["tests"]:
            sure = test["low"] > 0 or test["high"] < 0
            if test["verdict"] == "cannot tell":
                assert not sure or test["n_prompts"] < 20
            else:
                assert sure


def test_what_the_prose_says_is_so(default):
    """Sentences of the chapter that carry no glued number, held to the numbers."""
    numbers, verdict = default
    verdicts = {s["id"]: s["verdict"] for s in verdict["statements"]}
    assert verdicts == {
        "raw": "supports", "budget": "supports", "supervised": "cannot tell",
        "usable": "contradicts",
    }
    declared = {"conflicting-qa": 4.0, "lima-oe": 4.0}
    for dataset, bar in declared.items():
        terms = {"measure": "distinct_in_budget", "dataset": dataset}
        icl = row(numbers, **terms, bar=bar, contrast="llama-2-icl - llama-2-chat")
        assert icl["low"] > 0  # examples in the prompt beat tuning at a bar of 4
    levels = numbers[numbers["model"].notna() & (numbers["measure"] == "distinct_in_budget")]
    stance = levels[levels["dataset"] == "conflicting-qa"]
    top = stance[stance["bar"] == 5.0].set_index("model")["value"]
    assert top.idxmax() == "llama-2-chat"
    code = levels[levels["dataset"] == "humaneval-proxy"]
    free = code[code["bar"].isna()].set_index("model")["value"]
    passing = code[code["bar"] == 1.0].set_index("model")["value"]
    assert free.corr(passing, method="spearman") < -0.7  # "all but reversed"
    pairs = numbers[(numbers["dataset"] == "noveltybench") & numbers["contrast"].notna()]
    free = pairs[(pairs["measure"] == "distinct_in_budget") & pairs["bar"].isna()]
    assert (free["high"] < 0).all()  # with no bar the small model leads in every pair
    crossing = row(
        numbers, measure="crossing", dataset="conflicting-qa",
        contrast="llama-2-chat - llama-2-base",
    )
    assert 2 < crossing["value"] < 3


def test_other_parameters_are_used(other):
    numbers, run = other
    assert set(numbers["dataset"]) == {"lima-oe"}
    counted = numbers[numbers["measure"] == "distinct_in_budget"]
    assert set(counted["k"]) == {3}
    terms = {"dataset": "lima-oe", "measure": "distinct_in_budget", "bar": 4.0}
    found = row(
        numbers, judge="gpt-4-1106/depth", contrast="llama-2-chat - llama-2-base", **terms
    )
    lead = [
        by_hand("lima-oe", "gpt-4-1106/depth", "same-answer/first", model, 4, 3, usable_first=False)
        for model in ("llama-2-chat", "llama-2-base")
    ]
    assert found["value"] == pytest.approx((lead[0] - lead[1]).mean(), abs=1e-4)
    assert run.page.is_file()


def test_numbers_have_the_declared_columns_and_ordered_intervals(default):
    numbers, _ = default
    wanted = "measure,dataset,domain,judge,partition,model,contrast,bar,k,value,low,high,n_prompts"
    assert ",".join(numbers.columns) == wanted
    known = numbers.dropna(subset=["value", "low", "high"])
    assert (known["low"] <= known["value"] + 1e-6).mean() > 0.99
    assert (known["high"] >= known["value"] - 1e-6).mean() > 0.99
