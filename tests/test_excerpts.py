"""Excerpts: only beside the raw cache, short, plain, in the order asked for."""

from pathlib import Path

import pandas as pd
import pytest

from abovebar.adapters import ADAPTERS
from abovebar.findings.hive.excerpts import _head, excerpts

ROOT = Path(__file__).resolve().parents[1]
KEYS = ["prompt_id", "model", "sample"]


def test_without_the_raw_files_there_are_none(tmp_path):
    keys = pd.DataFrame([("p", "m", 0)], columns=KEYS)
    assert excerpts(ROOT, "hanna", keys, cache=tmp_path) is None


def test_a_head_is_short_and_plain():
    assert _head("one  two\n\nthree", 5) == "one two three"
    assert _head("one two three", 2) == "one two …"
    assert _head("a\x1b[31mred\u202ealert\x00", 9) == "a [31mred alert"
    assert _head("<script>alert(1)</script> & more", 9) == "<script>alert(1)</script> & more"
    assert _head(None, 5) == _head(float("nan"), 5) == ""


@pytest.mark.mirror
def test_excerpts_are_the_beginnings_of_the_answers_asked_for(raw):
    responses = ADAPTERS["hanna"](raw).responses.dropna(subset="text")
    some = responses.sample(5, random_state=2)
    asked = pd.concat([some[KEYS], some[KEYS].head(1).assign(model="mine")])
    *found, unknown = excerpts(ROOT, "hanna", asked, words=6, cache=raw.cache)
    assert unknown == ""
    for text, excerpt in zip(some["text"], found, strict=True):
        assert excerpt.removesuffix(" …").split() == text.split()[:6]
