"""The table `altered`: spoilt texts, and what measures of surprise say of them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abovebar.adapters import ADAPTERS
from abovebar.encoding.encode import unpack
from abovebar.surprisal.ngram import fit_ngrams
from abovebar.surprisal.reference import load_reference
from abovebar.surprisal.score import surprisal, words_of
from abovebar.tables.parquet import check_table, read_table
from abovebar.texts.altered import SEED, altered_table, nearest_other
from abovebar.texts.baselines import noise, shuffled

TABLES = Path(__file__).resolve().parents[1] / "data" / "tables"
KEYS = ["prompt_id", "model", "sample"]
DATASETS = ["five-sentence-stories", "hanna"]
STORIES = [
    "The ship left at dawn. Nobody waved. It came back with other names on the hull.",
    "She sold the lighthouse. The sea did not mind. The gulls did.",
    "A letter came for the dead man. He answered it. Then he moved house.",
]


def letters(texts):
    """Unit vectors that count letters: an encoder that anyone can work out by hand."""
    counts = np.array([[text.lower().count(c) for c in "abcdefghijklmnop"] for text in texts])
    return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def frame(prompts=("p", "p", "q")):
    return pd.DataFrame(
        {"prompt_id": prompts, "model": "m", "sample": range(3), "text": STORIES}
    )


@pytest.fixture(scope="module")
def model():
    return fit_ngrams([s for story in STORIES[1:] for s in words_of(story)], 2)


def test_every_text_is_spoilt_both_ways_and_measured_as_it_stands(model):
    table = altered_table(frame(), letters(STORIES), model, letters)
    check_table(table.assign(dataset="d")[["dataset", *KEYS, *table.columns[3:]]], "altered")
    mixed = table[table["alteration"] == "shuffled"]
    again = surprisal([shuffled(story, SEED) for story in STORIES], model)
    np.testing.assert_allclose(mixed["surprisal"], again, rtol=5e-3)
    random = table[table["alteration"] == "noise"]
    again = surprisal([noise(s, sorted(model.words), SEED) for s in STORIES], model)
    np.testing.assert_allclose(random["surprisal"], again, rtol=5e-3)
    assert (random["unknown"] == 0).all(), "random words are words that the model knows"
    assert table["sentence_step"].notna().all()


def test_a_text_is_not_compared_with_what_it_was_made_from(model):
    table = altered_table(frame(), letters(STORIES), model, letters)
    mixed = table[table["alteration"] == "shuffled"].reset_index(drop=True)
    first, second, _ = letters(STORIES)
    # Shuffled words have the letters of the text, so the distance is that of the two texts.
    assert mixed["nearest"][0] == pytest.approx(1 - first @ second, abs=0.02)
    assert mixed["nearest"][0] == pytest.approx(mixed["nearest"][1], abs=0.02)
    assert np.isnan(mixed["nearest"][2]), "the only text of its prompt has no other"


def test_the_same_seed_gives_the_same_table_and_another_another(model):
    one, two = (altered_table(frame(), letters(STORIES), model, letters) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    other = altered_table(frame(), letters(STORIES), model, letters, seed=SEED + 1)
    assert not one["surprisal"].equals(other["surprisal"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 2), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_nearest_other_by_plain_loops(prompts, seed):
    drawn = np.random.default_rng(seed).normal(size=(2, len(prompts), 3))
    altered, sound = drawn / np.linalg.norm(drawn, axis=2, keepdims=True)
    found = nearest_other(altered, sound, np.array(prompts))
    for i, value in enumerate(found):
        others = [
            1 - altered[i] @ sound[j]
            for j in range(len(prompts)) if j != i and prompts[j] == prompts[i]
        ]
        assert np.isnan(value) if not others else value == pytest.approx(min(others), abs=1e-9)


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_committed_tables_hold_every_story_twice(dataset):
    table = read_table(TABLES, dataset, "altered")
    stories = read_table(TABLES, dataset, "embeddings")[KEYS]
    for _, spoilt in table.groupby("alteration"):
        pd.testing.assert_frame_equal(spoilt[KEYS].reset_index(drop=True), stories)


@pytest.mark.mirror
@pytest.mark.parametrize("dataset", DATASETS)
def test_surprisal_of_spoilt_stories_comes_out_the_same(raw, dataset):
    texts = ADAPTERS[dataset](raw).responses[[*KEYS, "text"]]
    model = load_reference(raw)(dataset)
    table = read_table(TABLES, dataset, "altered").sample(60, random_state=5)
    both = table.merge(texts, on=KEYS, how="left", validate="many_to_one")
    words = sorted(model.words)
    spoilt = [
        shuffled(text, SEED) if way == "shuffled" else noise(text, words, SEED)
        for way, text in zip(both["alteration"], both["text"], strict=True)
    ]
    np.testing.assert_allclose(both["surprisal"], surprisal(spoilt, model), rtol=5e-3)


@pytest.mark.mirror
def test_nearest_of_spoilt_stories_comes_out_the_same(raw):
    from abovebar.encoding.encode import embed, load_encoder

    dataset = "five-sentence-stories"
    texts = ADAPTERS[dataset](raw).responses[[*KEYS, "text"]]
    vectors = read_table(TABLES, dataset, "embeddings")
    sound = unpack(np.stack(vectors["vector"]))
    table = read_table(TABLES, dataset, "altered").query("alteration == 'shuffled'")
    some = table.sample(12, random_state=1).merge(texts, on=KEYS)
    spoilt = embed([shuffled(text, SEED) for text in some["text"]], load_encoder())
    for vector, row in zip(spoilt, some.itertuples(), strict=True):
        own = (vectors["model"] == row.model) & (vectors["sample"] == row.sample)
        others = sound[((vectors["prompt_id"] == row.prompt_id) & ~own).to_numpy()]
        assert row.nearest == pytest.approx(1 - (others @ vector).max(), abs=0.02)
