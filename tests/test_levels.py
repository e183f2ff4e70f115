"""Claims about levels: an interval beside a line, test by test."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml

from abovebar.errors import AboveBarError
from abovebar.findings.level_claim import LevelStatement, adapt_levels, load_levels
from abovebar.findings.level_verdicts import assess_levels, judge_level, write_level_verdict
from abovebar.findings.tallies import describe_tests

CLAIM = {
    "title": "t", "claim": "c", "source": {"paper": "p"}, "refuted_by": "r", "untested": "u",
    "statements": [
        {"id": "high", "reads": "r", "made_in": "m", "measure": "x", "expected": "above",
         "line": 0.5, "headline": True},
        {"id": "low", "reads": "r", "made_in": "m", "measure": "x", "expected": "below",
         "at": "declared"},
    ],
    "tests": [
        {"name": "one", "dataset": "a", "judge": "j", "bar": 3, "only": ["high", "low"]},
        {"name": "two", "dataset": "b", "only": ["high"]},
        {"name": "aside", "dataset": "c", "counted": False, "only": ["high"]},
    ],
}


@pytest.fixture
def claim(tmp_path):
    return write(tmp_path, CLAIM)


def write(folder, entry):
    path = folder / "claims.yaml"
    path.write_text(yaml.safe_dump({"chapter": entry}))
    return load_levels(path, "chapter")


def found(*rows):
    columns = ["test", "measure", "bar", "value", "low", "high", "n"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(("low", "high", "n", "verdict"), [
    (0.51, 0.9, 20, "supports"), (0.1, 0.49, 20, "contradicts"), (0.4, 0.6, 20, "cannot tell"),
    (0.51, 0.9, 19, "cannot tell"), (np.nan, np.nan, 50, "cannot tell"),
])
def test_an_interval_lies_on_one_side_of_the_line_or_tells_nothing(low, high, n, verdict):
    statement = LevelStatement("s", "r", "m", "x", "above", 0.5)
    assert judge_level(low, high, n, statement) == verdict
    turned = {"supports": "contradicts", "contradicts": "supports"}.get(verdict, verdict)
    assert judge_level(low, high, n, replace(statement, expected="below")) == turned


def test_statements_meet_their_tests_at_their_bars(claim, tmp_path):
    rows = found(
        ("one", "x", np.nan, 0.7, 0.6, 0.8, 30), ("one", "x", 3.0, -0.2, -0.3, -0.1, 25),
        ("two", "x", np.nan, 0.7, 0.6, 0.8, 40), ("aside", "x", np.nan, 0.1, 0.0, 0.2, 99),
        ("one", "y", np.nan, 0.0, 0.0, 0.0, 30),
    )
    assessed = assess_levels(claim, rows)
    seen = assessed.set_index(["statement", "test"])["verdict"].to_dict()
    assert seen == {
        ("high", "one"): "supports", ("high", "two"): "supports",
        ("high", "aside"): "contradicts", ("low", "one"): "supports",
    }
    counted = assessed[assessed["counted"]]
    assert describe_tests(counted, "high") == "supported on both tests (two data sets)"
    write_level_verdict(claim, assessed, tmp_path)
    high, low = json.loads((tmp_path / "verdict.json").read_text())["statements"]
    assert high["verdict"] == "supports"
    assert high["tally"] == {"supports": 2, "contradicts": 0, "cannot tell": 0}
    assert len(high["tests"]) == 3
    assert high["expected"] == "above 0.5"
    assert low["verdict"] == "cannot tell", "one data set shows nothing"


def test_a_test_without_numbers_is_left_out(claim):
    assert assess_levels(claim, found()).empty


def test_two_answers_to_one_question_are_refused(claim):
    row = ("two", "x", np.nan, 0.7, 0.6, 0.8, 40)
    with pytest.raises(AboveBarError, match="met 2 rows, wanted one"):
        assess_levels(claim, found(row, row))


def test_a_reader_changes_data_judge_and_bar(claim):
    own = adapt_levels(claim, datasets=["a", "b"], judges={"a": "k", "b": "k"}, declared={"a": 4})
    one, two = own.tests
    assert (one.judge, one.bar) == ("k", 4)
    assert two.judge == "", "a test without a judge gets none"
    assert np.isnan(two.bar)


@pytest.mark.parametrize(("part", "change"), [
    ("tests", {"only": ["unheard-of"]}), ("tests", {"name": "two"}), ("tests", {"colour": "red"}),
    ("statements", {"id": "low"}), ("statements", {"measured": "x"}),
])
def test_a_faulty_entry_is_named(tmp_path, part, change):
    first, *rest = CLAIM[part]
    with pytest.raises(AboveBarError, match="chapter"):
        write(tmp_path, CLAIM | {part: [first | change, *rest]})


def test_an_absent_chapter_is_named(tmp_path):
    (tmp_path / "claims.yaml").write_text("other: {}\n")
    with pytest.raises(AboveBarError, match="'chapter'"):
        load_levels(tmp_path / "claims.yaml", "chapter")


@pytest.mark.parametrize("chapter", ["hivemind", "boden_surprise"])
def test_the_book_s_own_claims_are_whole(request, chapter):
    claim = load_levels(request.config.rootpath / "chapters" / "claims.yaml", chapter)
    assert all(claim.put(s.id) for s in claim.statements)
    bars = {s.id for s in claim.statements if s.at == "declared"}
    assert all(t.bar > 0 for t in claim.tests if t.counted and bars & set(t.only))
