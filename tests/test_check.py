"""`abovebar check`: a sound folder of data passes, and each way of breaking it is named."""

import shutil
import subprocess

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from abovebar.checking import class_rules, layout, sums
from abovebar.checking.check import check
from abovebar.checking.dataset import check_tables, read_tables
from abovebar.checking.known import load_known
from abovebar.checking.raw_cache import check_raw
from abovebar.checking.sums import record
from abovebar.cli import app
from abovebar.encoding.encode import coarsen, pack
from abovebar.judging.rules import apply_rules, load_rules
from abovebar.sameness.rule_classes import first_representative, transitive
from abovebar.sameness.text_classes import classes_by_text
from abovebar.tables import pipeline
from abovebar.tables.derive import describe_texts
from abovebar.tables.harvest import RESPONSE
from abovebar.tables.parquet import table_path, write_table
from abovebar.tables.schemas import SCHEMAS

REGISTRIES = {
    "models": "model,dataset,stage,parent,source,settings\n"
    "base,quiz sums,base,,the paper,\n"
    "tuned,quiz,sft,base,the card,\n"
    "small,quiz,instruct,,the card,t0.2 t0.8\n",
    "judges": "judge,low,high,bars,higher_is_better,kind,description,source\n"
    "likes,1,5,2 3,true,model,How it is liked,one2024\n"
    "people,1,5,,true,people,What people say,\n"
    "tests,0,1,1,true,tests,Passed,made-up\n"
    "loss,-inf,0,,true,automatic,Likelihood,\n"
    "validity-rules,0,1,1,true,rules,By rule,\n",
    "partitions": "partition,scope,description,source\n"
    "exact,prompt,Equal,\nast,prompt,Tree,\nast-locals,prompt,Tree,\n"
    "answer,prompt,By rule,\nsame-answer/first,prompt-model,Same,one2024\n"
    "same-answer/transitive,prompt-model,Same,\nsource,prompt-model,Theirs,\n",
    "datasets": "dataset,title,domain,source,samples\n"
    "quiz,A quiz,open,made-up,4\nsums,Sums,reasoning,made-up,9\n",
}
RULES = """
words: 20
lists: {colours: [red, blue]}
rules:
  - {prompt_id: colour, accepts: a colour, kind: one_of, answers: colours}
"""
WORDS = ["red", "Red ", "blue", "a green one", "x = 1", "x=1", "  ", "none of them at all"]
MODELS = ["base", "tuned", "small@t0.2", "small@t0.8"]


def answers():
    rows = [
        (prompt, model, sample, WORDS[(3 * p + 5 * m + 2 * sample * (m + 1)) % len(WORDS)])
        for p, prompt in enumerate(["colour", "shape", "size"])
        for m, model in enumerate(MODELS)
        for sample in range(4)
    ]
    return pd.DataFrame(rows, columns=[*RESPONSE, "text"])


def ruled(texts):
    """Class texts of one initial together, the empty ones in a class of their own."""
    blank = texts["text"].str.strip() == ""
    parts = [
        texts.loc[blank, RESPONSE].assign(partition=f"same-answer/{closure}", class_id=99)
        for closure in ("first", "transitive")
    ]
    for _, own in texts[~blank].groupby(["prompt_id", "model"]):
        initials = own["text"].str.strip().str[0].str.lower().to_numpy()
        same = initials[:, None] == initials
        for name, close in (("first", first_representative), ("transitive", transitive)):
            parts.append(
                own[RESPONSE].assign(partition=f"same-answer/{name}", class_id=close(same))
            )
    return pd.concat(parts)


def tables():
    texts, draw = answers(), np.random.default_rng(1)
    by_text = pd.concat(
        classes_by_text(own, class_rules.BY_TEXT) for _, own in texts.groupby("prompt_id")
    )
    theirs = texts[RESPONSE].assign(partition="source", class_id=texts["sample"] // 2)
    ratings = pd.concat(
        texts[RESPONSE].assign(judge="people", rater=rater, score=draw.integers(1, 6, len(texts)))
        for rater in ("r01", "r02", "r03")
    )
    likes = texts[RESPONSE].assign(judge="likes", score=draw.integers(1, 6, len(texts)))
    worded = texts[texts["text"].str.strip() != ""]
    return {
        "prompts": pd.DataFrame(
            {"prompt_id": ["colour", "shape", "size"], "domain": "open", "kind": None}
        ),
        "responses": describe_texts(texts.assign(temperature=0.5)),
        "ratings": ratings,
        "classes": pd.concat([by_text, theirs, ruled(texts)]),
        "scores": pd.concat([
            likes,
            texts[RESPONSE].assign(judge="loss", score=-draw.exponential(9, len(texts))),
            ratings.groupby([*RESPONSE, "judge"], as_index=False)["score"].mean(),
        ]),
        "embeddings": vectors(worded),
        "features": worded[RESPONSE].assign(n_tokens=3, n_types=1),
        "pairs": pairs(worded),
        "sets": pd.concat(
            [sets(worded, "none", -np.inf), sets(likes[likes["score"] >= 3], "likes", 3)]
        ),
        "altered": pd.concat(
            worded[RESPONSE].assign(
                alteration=way, surprisal=9.0, unknown=0.1, sentence_step=0.8, nearest=0.4
            )
            for way in ("shuffled", "noise")
        ),
        "sketches": sketches(worded),
    }


def sketches(texts):
    drawn = [np.arange(24, dtype=np.uint8)] * len(texts)
    return pd.concat(
        texts[RESPONSE].assign(kind=kind, size=2, sketch=drawn)
        for kind in ("words", "capitals", "skeletons")
    )


def pairs(texts):
    both = texts[RESPONSE].merge(texts[RESPONSE], on=RESPONSE[:2], suffixes=("", "_other"))
    both = both[both["sample"] < both["sample_other"]].rename(columns={"sample_other": "other"})
    return both.assign(lexical=51, syntactic=pd.NA, same=255)


def sets(texts, judge, bar):
    n = texts.groupby(["prompt_id", "model"], as_index=False).size().rename(columns={"size": "n"})
    return n[n["n"] > 1].assign(judge=judge, bar=bar, n_tokens=7, distinct_1=0.5)


def vectors(texts):
    drawn = np.random.default_rng(2).normal(size=(len(texts), 384))
    steps, scale = coarsen(*pack(drawn / np.linalg.norm(drawn, axis=1, keepdims=True)))
    return texts[RESPONSE].assign(encoder="all-MiniLM-L6-v2", scale=scale, vector=list(steps))


def put(folder, dataset, frames):
    for name, frame in frames.items():
        columns = [c for c in SCHEMAS[name].columns if c != "dataset"]
        write_table(
            frame.reindex(columns=columns).assign(dataset=dataset), folder, dataset, name
        )


def with_verdicts(frames, rules):
    valid, found = apply_rules(answers(), rules)
    return frames | {
        "scores": pd.concat([frames["scores"], valid]),
        "classes": pd.concat([frames["classes"], found]),
    }


@pytest.fixture(scope="session")
def sound(tmp_path_factory):
    """A checkout in which all is well, not to be changed."""
    root = tmp_path_factory.mktemp("sound")
    data = root / "data"
    (data / "pins").mkdir(parents=True)
    (data / "calibration").mkdir()
    for name, text in REGISTRIES.items():
        (data / f"{name}.csv").write_text(text, encoding="utf-8")
    (data / "rules.yaml").write_text(RULES, encoding="utf-8")
    (data / "sources.yaml").write_text(
        f"- {{name: made-up, repository: a/b, commit: {'a' * 40}, licence: MIT, paper: none, "
        "description: made up}\n", encoding="utf-8",
    )
    (data / "pins" / "made-up.csv").write_text(
        f"path,bytes,sha256\na.json,3,{'b' * 64}\n", encoding="utf-8"
    )
    (data / "calibration" / "fit.json").write_text("{}", encoding="utf-8")
    (root / "references.bib").write_text("@article{one2024,\n title = {One}\n}\n", encoding="utf-8")
    put(data / "tables", "quiz", with_verdicts(tables(), load_rules(data / "rules.yaml")))
    sums_of = pd.DataFrame({"prompt_id": ["s1", "s2"], "model": "base"})
    put(data / "tables", "sums", {
        "prompts": sums_of[["prompt_id"]].assign(domain="reasoning"),
        "counts": sums_of.assign(judge="tests", n=9, passed=[0, 9]),
        "published": sums_of.assign(measure="pass@1", value=[0.0, 1.0]),
    })
    record(data)
    return root


@pytest.fixture
def book(sound, tmp_path):
    return shutil.copytree(sound, tmp_path / "book")


def read(book, table, dataset="quiz"):
    return pq.read_table(table_path(book / "data" / "tables", dataset, table)).to_pandas()


def write(book, table, frame, dataset="quiz"):
    """Write a table without a single check."""
    path = table_path(book / "data" / "tables", dataset, table)
    schema = pq.read_schema(path)
    if "vector" in frame and (size := len(frame["vector"].iloc[0])) != 384:
        place = schema.get_field_index("vector")
        schema = schema.set(place, pa.field("vector", pa.list_(pa.int8(), size)))
    if "sketch" in frame and (size := len(frame["sketch"].iloc[0])) != 24:
        place = schema.get_field_index("sketch")
        schema = schema.set(place, pa.field("sketch", pa.list_(pa.uint8(), size)))
    if set(schema.names) == set(frame.columns):
        arrow = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    else:
        arrow = pa.Table.from_pandas(frame, preserve_index=False)
    pq.write_table(arrow.replace_schema_metadata(None), path)


def told(book, *runs):
    """Return all that is amiss with the checkout."""
    return [str(flaw) for flaw in check(book, runs).flaws]


@pytest.fixture(scope="session")
def told_of_tables(sound):
    """Function that returns what is amiss within and between the tables of one data set."""
    known, _ = load_known(sound, [])

    def tell(book, dataset="quiz"):
        tables, paths, flaws = read_tables(book / "data" / "tables", dataset)
        return [str(flaw) for flaw in [*flaws, *check_tables(tables, paths, dataset, known, {})]]

    return tell


def test_a_sound_checkout_passes(book):
    report = check(book)
    assert report.flaws == []
    quiz, total = report.rows
    assert (quiz["data set"], quiz["prompts"], quiz["responses"]) == ("quiz", 3, 48)
    assert (quiz["models"], quiz["samples"], quiz["judges"]) == (4, "4", 4)
    assert quiz["bytes"] == sum(f.stat().st_size for f in (book / "data/tables/quiz").iterdir())
    assert (total["counts"], total["published"], total["samples"]) == (2, 2, "")


def test_the_committed_data_pass():
    grave = [str(flaw) for flaw in check(ROOT).flaws if flaw.grave]
    assert grave == []


def cell(column, row, value):
    """Return a change of one cell."""
    def change(frame):
        frame = frame.copy()
        frame[column] = frame[column].astype(object)
        frame.loc[row, column] = value
        return frame

    return change


def shift(column, by, **where):
    """Return a change of the first row where columns have these values."""
    def change(frame):
        row = frame.index[np.logical_and.reduce([frame[c] == v for c, v in where.items()])][0]
        frame = frame.copy()
        frame.loc[row, column] += by
        return frame

    return change


def swap_first_two(frame):
    return frame.iloc[[1, 0, *range(2, len(frame))]]


def _unlike_the_mean(ratings):
    gap = ratings["score"] - ratings.groupby(RESPONSE)["score"].transform("mean")
    return gap.abs().idxmax()


def _first_by_rule(classes, which):
    return classes.index[(classes["partition"] == "same-answer/first") & which][0]


def stretch(frame):
    return frame.assign(vector=[v[:100] for v in frame["vector"]])


def shorten(frame):
    return frame.assign(sketch=[s[:12] for s in frame["sketch"]])


def halve(frame):
    return frame.assign(vector=[(v // 2).astype(np.int8) for v in frame["vector"]])


@pytest.mark.parametrize(
    ("table", "change", "named"),
    [
        # Columns, types, ranges.
        ("scores", lambda f: f.drop(columns="score"), ["scores.parquet", "columns", "score"]),
        ("scores", lambda f: f.assign(more=1), ["more: int64"]),
        ("scores", lambda f: f[[*f.columns[::-1]]].rename(columns={"score": "grade"}), ["grade"]),
        ("prompts", cell("domain", 1, ""), ["row 1 (prompt_id 'shape')", "domain ''"]),
        ("prompts", cell("domain", 1, None), ["row 1", "a domain"]),
        ("responses", cell("temperature", 5, -1.0), ["row 5", "temperature", "-1.0"]),
        ("responses", cell("top_p", 5, 1.5), ["row 5", "top_p '1.5'"]),
        ("responses", cell("text_sha256", 5, "0" * 15), ["row 5", "'000000000000000'"]),
        ("classes", cell("class_id", 7, -1), ["row 7", "class_id '-1'"]),
        ("embeddings", cell("scale", 2, 0.0), ["row 2", "scale '0.0'"]),
        ("scores", cell("dataset", 4, "other"), ["row 4", "dataset 'other'", "dataset 'quiz'"]),
        ("prompts", cell("kind", 0, "once upon a time " * 20), ["row 0", "at most 100 characters"]),
        ("prompts", cell("kind", 0, "two\nlines"), ["row 0", "can be printed"]),
        # Keys and their order.
        ("scores", lambda f: pd.concat([f, f.tail(1)]), ["row 160", "each key once"]),
        ("scores", lambda f: pd.concat([f, f.head(1)]), ["row 160", "rows sorted by dataset"]),
        ("scores", lambda f: pd.concat([f, f.head(1)]), ["row 160", "each key once"]),
        ("classes", swap_first_two, ["row 1", "sorted by"]),
        # Names that nobody declares.
        ("prompts", lambda f: f.iloc[:2], ["prompt_id 'size'", "a prompt of the table prompts"]),
        ("responses", cell("model", 0, "nobody"), ["row 0", "model 'nobody'", "MODEL@SETTING"]),
        ("responses", cell("model", 30, "small"), ["row 30", "model 'small'"]),
        ("responses", cell("model", 30, "small@t0.3"), ["row 30", "model 'small@t0.3'"]),
        ("scores", cell("judge", 3, "nobody"), ["row 3", "judge 'nobody'", "judges.csv"]),
        ("classes", cell("partition", 3, "nobody"), ["row 3", "partition 'nobody'"]),
        # Rows about answers that are not there.
        ("responses", lambda f: f.drop(index=9), ["scores.parquet", "an answer of the table"]),
        ("responses", lambda f: f.drop(index=9), ["classes.parquet", "an answer of the table"]),
        ("responses", lambda f: f.drop(index=9), ["ratings.parquet", "an answer of the table"]),
        ("responses", lambda f: f.drop(index=9), ["embeddings.parquet", "an answer of the table"]),
        # Facts about texts.
        ("responses", cell("n_words", 5, None), ["row 5", "all facts of a text, or none"]),
        ("responses", cell("text_sha256", 5, None), ["row 5", "all facts of a text, or none"]),
        ("responses", cell("n_words", 5, 80), ["row 5", "n_words '80", "one word in two"]),
        ("responses", shift("n_chars", 1, model="base"), ["one n_chars for all answers of one"]),
        # Scores.
        ("scores", shift("score", 9, judge="likes"), ["likes from 1 to 5"]),
        ("scores", shift("score", -9, judge="likes"), ["likes from 1 to 5"]),
        ("scores", shift("score", np.inf, judge="likes"), ["'inf'", "a finite score"]),
        ("scores", shift("score", -np.inf, judge="loss"), ["'-inf'", "a finite score"]),
        ("scores", shift("score", np.nan, judge="likes"), ["'nan'", "a score"]),
        ("scores", shift("score", 0.5, judge="people"), ["ratings.parquet", "mean over raters"]),
        ("scores", lambda f: f[f["judge"] != "people"], ["ratings.parquet", "in_scores 'nan'"]),
        ("ratings", shift("score", 9, rater="r02"), ["people from 1 to 5"]),
        ("ratings", lambda f: f.drop(index=_unlike_the_mean(f)), ["mean over raters"]),
        # Classes.
        ("classes", shift("class_id", 5, partition="source"), ["first appear by sample"]),
        ("classes", shift("class_id", 5, partition="same-answer/first"), ["first appear by"]),
        ("classes", shift("class_id", 50, partition="exact"), ["ids without a gap"]),
        ("classes", shift("class_id", 1, partition="exact"), ["one class for texts of one hash"]),
        ("classes", shift("class_id", 1, partition="ast"), ["one class for texts of one hash"]),
        ("classes", shift("class_id", 1, partition="ast-locals"), ["for what 'ast' joins"]),
        ("classes", shift("class_id", -99, class_id=99), ["one class for the empty answers"]),
        ("classes", lambda f: f.drop(index=f.index[f["partition"] == "exact"][3]),
         ["responses.parquet", "a class by 'exact' for every text"]),
        ("classes", lambda f: f.drop(index=_first_by_rule(f, f["class_id"] != 99)),
         ["embeddings.parquet", "a class by 'same-answer/first' for every vector"]),
        ("classes", lambda f: f.drop(index=_first_by_rule(f, f["class_id"] == 99)),
         ["classes.parquet", "a class by 'same-answer/first' too"]),
        # Written rules.
        ("scores", lambda f: f[f["judge"] != "validity-rules"], ["'validity-rules' in scores"]),
        ("classes", lambda f: f[f["partition"] != "answer"], ["'answer' in classes"]),
        ("scores", lambda f: f.drop(index=f.index[f["judge"] == "validity-rules"][2]),
         ["responses.parquet", "for every text on a prompt with a rule"]),
        ("scores", shift("score", 1, judge="validity-rules", score=0), ["verdict '1.0'"]),
        ("scores", shift("score", -1, judge="validity-rules", score=1), ["verdict '0.0'"]),
        ("scores", cell("judge", 157, "validity-rules"), ["only for texts on prompts with a rule"]),
        ("classes", shift("class_id", 1, partition="answer"), ["one answer in texts of one hash"]),
        # Vectors.
        ("embeddings", stretch, ["vectors of 100 dimensions", "384 dimensions"]),
        ("embeddings", halve, ["31 as the largest step"]),
        ("embeddings", lambda f: f.assign(scale=f["scale"] * 1.1), ["unit vectors", "length '1."]),
        ("embeddings", shift("scale", 1, sample=0), ["unit vectors"]),
        ("embeddings", cell("vector", 3, None), ["row 3", "a vector without gaps"]),
        ("responses", cell("n_words", 0, 0), ["embeddings.parquet", "vectors of texts with words"]),
        # What was measured on texts.
        ("responses", cell("n_words", 0, 0), ["features.parquet", "whose text has a word"]),
        ("responses", cell("n_words", 1, 0), ["pairs.parquet", "two answers whose texts have"]),
        ("responses", lambda f: f.drop(index=9), ["sketches.parquet", "an answer of the"]),
        ("features", cell("n_types", 4, 40), ["row 4", "n_types '40'", "as many types as tokens"]),
        ("features", cell("mtld", 4, 0.5), ["row 4", "mtld '0.5'"]),
        ("pairs", lambda f: f.assign(sample=f["other"], other=f["sample"]), ["sample before"]),
        ("pairs", lambda f: f.drop(index=3), ["a row for every pair", "pairs '"]),
        ("sets", cell("n", 0, 5), ["row 0", "n '5'", "reach '"]),
        ("sets", shift("bar", 2, judge="likes"), ["n '", "reach '"]),
        ("sets", cell("judge", 0, "nobody"), ["row 0", "judge 'nobody'", "judges.csv"]),
        ("sets", shift("bar", np.inf, judge="none"), ["the bar -inf for judge 'none' alone"]),
        ("sets", cell("n", 0, 1), ["row 0", "n '1'"]),
        ("altered", lambda f: f.drop(index=2), ["each of shuffled, noise"]),
        ("altered", cell("alteration", 0, "sung"), ["row 0", "alteration 'sung'"]),
        ("altered", cell("nearest", 1, 2.5), ["row 1", "nearest '2.5'"]),
        ("sketches", lambda f: f.drop(index=2), ["all of words, capitals, skeletons"]),
        ("sketches", cell("kind", 0, "letters"), ["row 0", "kind 'letters'"]),
        ("sketches", shorten, ["sketches of 12 bytes", "24 bytes"]),
        ("embeddings", lambda f: f.drop(index=2), ["sketches.parquet", "answers with a vector"]),
    ],
)
def test_a_broken_table_is_named(book, told_of_tables, table, change, named):
    write(book, table, change(read(book, table)))
    found = told_of_tables(book)
    assert any(all(part in flaw for part in named) for flaw in found), found


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (cell("passed", 1, 10), "passed at most n"),
        (cell("n", 0, 0), "n '0'"),
        (cell("judge", 0, "nobody"), "judge 'nobody'"),
        (cell("model", 0, "tuned"), "model 'tuned'"),
        (cell("prompt_id", 0, "s0"), "prompt_id 's0'"),
    ],
)
def test_a_broken_count_is_named(book, told_of_tables, change, named):
    write(book, "counts", change(read(book, "counts", "sums")), "sums")
    found = told_of_tables(book, "sums")
    assert any(named in flaw and "counts.parquet" in flaw for flaw in found), found


def test_a_published_figure_may_be_about_a_group_of_prompts(book, told_of_tables):
    figures = read(book, "published", "sums").assign(prompt_id=["all", "easy"])
    write(book, "published", figures, "sums")
    assert told_of_tables(book, "sums") == []


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("models.csv", "sft,base", "tuned,base", "stage 'tuned'"),
        ("models.csv", "base,quiz sums,", "base,quiz,", "model 'base'"),
        ("models.csv", "tuned,quiz,", "tuned,quizz,", "tuned of 'quizz'"),
        ("models.csv", "t0.2 t0.8", "t0.2 t0.8 t1", "small@t1 of quiz"),
        ("models.csv", "sft,base,", "sft,tuned,", "as its own parent"),
        ("models.csv", "sft,base,", "sft,Base,", "Note: "),
        ("judges.csv", "likes,1,5", "likes,5,1", "low below high"),
        ("judges.csv", "one2024", "two2025", "likes: source 'two2025'"),
        ("partitions.csv", "one2024", "two2025", "same-answer/first: source 'two2025'"),
        ("partitions.csv", "exact,prompt,", "exact,sample,", "scope 'sample'"),
        ("datasets.csv", "open,made-up", "open,unheard-of", "quiz: source 'unheard-of'"),
        ("datasets.csv", "quiz,A quiz", "riddles,A quiz", "no tables of riddles"),
        ("datasets.csv", "quiz,A quiz", "riddles,A quiz", "met quiz, wanted data sets of"),
        ("rules.yaml", "prompt_id: colour", "prompt_id: color", "met color, wanted rules for"),
        ("rules.yaml", "one_of", "one_or_other", "kind 'one_or_other'"),
        ("sources.yaml", "a/b", "b", "repository: met 'b'"),
        ("pins/made-up.csv", "a.json", "../a.json", "made-up.csv"),
    ],
)
def test_a_broken_registry_is_named_and_the_rest_is_checked(book, file, old, new, named):
    path = book / "data" / file
    assert old in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    write(book, "classes", cell("class_id", 7, -1)(read(book, "classes")))
    found = told(book)
    assert any(named in flaw for flaw in found), found
    assert any("class_id '-1'" in flaw for flaw in found)


def test_a_citation_nobody_knows_is_named(book):
    (book / "references.bib").write_text("% @article{one2024,\n", encoding="utf-8")
    assert any("source 'one2024'" in flaw for flaw in told(book))


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("tables/quiz/scores.csv", "quiz/scores.csv"),
        ("tables/quiz/grades.parquet", "quiz/grades.parquet"),
        ("tables/quiz/.scores.parquet.0a1b2c3d.part", ".part"),
        ("tables/notes.txt", "notes.txt"),
        ("tables/quiz/more/scores.parquet", "quiz/more"),
    ],
)
def test_what_does_not_belong_is_named(book, name, named):
    path = book / "data" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"PAR1")
    record(book / "data")
    assert any(named in flaw and "DATASET/TABLE.parquet" in flaw for flaw in told(book))


@pytest.mark.parametrize("damage", [b"", b"PAR1", None])
def test_a_file_that_cannot_be_read_is_named(book, damage):
    path = book / "data/tables/quiz/scores.parquet"
    path.write_bytes(path.read_bytes()[:-9] if damage is None else damage)
    found = told(book)
    assert any("scores.parquet" in flaw and "can be read" in flaw for flaw in found)
    assert any("tables/quiz/scores.parquet with sha256" in flaw for flaw in found)


def test_sizes_are_limited(book, monkeypatch):
    monkeypatch.setattr(layout, "LARGEST_FILE", 10_000)
    monkeypatch.setattr(layout, "LARGEST_TABLES", 20_000)
    found = told(book)
    assert any("embeddings.parquet" in flaw and "at most 10,000" in flaw for flaw in found)
    assert any("at most 20,000 in all tables" in flaw for flaw in found)


class TestSums:
    def test_every_derived_file_is_covered(self, book):
        lines = (book / "data" / sums.NAME).read_text().splitlines()
        names = [line.split("  ")[1] for line in lines]
        assert names == sorted(
            p.relative_to(book / "data").as_posix()
            for folder in sums.COVERED for p in (book / "data" / folder).rglob("*.*")
        )

    def test_one_byte_changed_is_named(self, book):
        (book / "data/calibration/fit.json").write_text("{ }")
        (flaw,) = told(book)
        assert "calibration/fit.json with sha256" in flaw
        assert "--record" in flaw

    def test_file_gone_and_file_more_are_named(self, book):
        (book / "data/calibration/fit.json").rename(book / "data/calibration/fat.json")
        found = told(book)
        assert any("no calibration/fit.json" in flaw for flaw in found)
        assert any("met calibration/fat.json" in flaw for flaw in found)

    def test_no_list_or_a_broken_one(self, book):
        path = book / "data" / sums.NAME
        path.write_text(path.read_text() + "rubbish\n")
        assert any("line 13" in flaw or "lines of a SHA-256" in flaw for flaw in told(book))
        path.unlink()
        assert "no such file" in told(book)[0]

    def test_registries_stay_free_to_edit(self, book):
        path = book / "data/judges.csv"
        path.write_text(path.read_text().replace("How it is liked", "How well it is liked"))
        assert told(book) == []

    def test_remaking_one_data_set_blesses_no_other(self, book):
        before = (book / "data" / sums.NAME).read_bytes()
        (book / "data/calibration/fit.json").write_text("{ }")
        record(book / "data", [book / "data/tables/quiz"])
        assert (book / "data" / sums.NAME).read_bytes() == before
        assert len(told(book)) == 1
        record(book / "data")
        assert told(book) == []

    def test_making_tables_records_them(self, book, monkeypatch):
        before = (book / "data" / sums.NAME).read_bytes()

        def derive(harvest, instruments, folder, progress):
            put(folder, "sums", {"prompts": harvest})
            return {"prompts": len(harvest)}

        more = pd.DataFrame({"prompt_id": ["s1", "s2", "s3"], "domain": "reasoning"})
        monkeypatch.setattr(pipeline, "ADAPTERS", {"sums": lambda raw: more})
        monkeypatch.setattr(pipeline, "load_instruments", lambda root, store, raw: None)
        monkeypatch.setattr(pipeline, "derive", derive)
        pipeline.make_tables(book, None, book / "store")
        assert (book / "data" / sums.NAME).read_bytes() != before
        assert told(book) == []

    def test_sha256sum_reads_it(self, book):
        done = subprocess.run(
            ["sha256sum", "--check", "--strict", sums.NAME], cwd=book / "data",
            capture_output=True, text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


class TestRuns:
    @pytest.fixture
    def run(self, tmp_path):
        """A run folder: a model of one's own on two of the quiz's prompts."""
        run = tmp_path / "mine"
        keys = pd.DataFrame(
            [(p, "own", s, f"{p} {s}") for p in ("shape", "size") for s in range(2)],
            columns=[*RESPONSE, "text"],
        )
        exact = [classes_by_text(own, ("exact",)) for _, own in keys.groupby("prompt_id")]
        put(run, "quiz", {
            "prompts": pd.DataFrame({"prompt_id": ["shape", "size"], "domain": "open"}),
            "responses": describe_texts(keys),
            "classes": pd.concat(exact),
            "scores": keys[RESPONSE].assign(judge="likes", score=3.0),
        })
        (run / "models.csv").write_text("dataset,model,stage,source\nquiz,own,sft,my notes\n")
        return run

    def test_a_sound_run_passes(self, book, run):
        report = check(book, [run])
        assert report.flaws == []
        assert [row["data set"] for row in report.rows] == ["quiz", "mine/quiz", "sums"]

    def test_grades_of_shipped_answers_pass(self, book, run):
        put(run, "quiz", {"scores": answers()[RESPONSE].assign(judge="tests", score=1.0)})
        assert told(book, run) == []

    def test_classes_and_vectors_of_shipped_answers_pass_beside_its_own(self, book, run):
        texts = answers()
        own = read(book, "classes").query("partition == 'exact'").assign(partition="mine")
        (run / "partitions.csv").write_text("partition,scope,description\nmine,prompt,Mine\n")
        old = pq.read_table(run / "quiz" / "classes.parquet").to_pandas()
        shown = texts[texts["text"].str.strip() != ""]
        put(run, "quiz", {
            "classes": pd.concat([old, own]),
            "embeddings": vectors(shown).assign(encoder="another"),
        })
        assert told(book, run) == []

    def test_a_model_nobody_declares_is_named(self, book, run):
        (run / "models.csv").unlink()
        assert any("model 'own'" in flaw for flaw in told(book, run))

    def test_a_key_the_shipped_tables_have_is_named(self, book, run):
        scores = answers()[RESPONSE].assign(judge="likes", score=1.0)
        put(run, "quiz", {"scores": scores})
        assert any("a key that the shipped tables lack" in flaw for flaw in told(book, run))

    def test_an_unknown_prompt_of_its_own_passes_if_the_run_lists_it(self, book, run):
        put(run, "quiz", {
            "prompts": pd.DataFrame({"prompt_id": ["shape", "size", "taste"], "domain": "open"}),
        })
        assert told(book, run) == []

    def test_an_unknown_prompt_is_named_otherwise(self, book, run):
        path = run / "quiz" / "prompts.parquet"
        path.unlink()
        assert told(book, run) == []
        frame = pq.read_table(run / "quiz" / "scores.parquet").to_pandas()
        put(run, "quiz", {"scores": frame.assign(prompt_id="taste").head(1)})
        assert any("prompt_id 'taste'" in flaw for flaw in told(book, run))

    def test_a_folder_without_tables_is_named(self, book, tmp_path):
        (tmp_path / "empty").mkdir()
        assert any("a run folder as" in flaw for flaw in told(book, tmp_path / "empty"))


def test_raw_files_are_held_against_their_pins(make_source, tmp_path):
    source = make_source({"a.json": b"abc", "b.json": b"def"})
    found = list(check_raw([source], tmp_path))
    assert [flaw.met for flaw in found] == ["no a.json; b.json"]
    for path, data in {"a.json": b"abc", "b.json": b"xyz"}.items():
        place = source.place(source.files[path], tmp_path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    (flaw,) = check_raw([source], tmp_path)
    assert "b.json of 3 bytes" in str(flaw)
    assert "abovebar fetch --source made-up" in str(flaw)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(table=st.sampled_from(["responses", "scores", "classes", "embeddings"]), data=st.data())
def test_no_row_is_lost_doubled_or_moved_unnoticed(
    sound, told_of_tables, tmp_path_factory, table, data
):
    """So closely do the tables hang together, but for what a source may or may not grade."""
    book = shutil.copytree(sound, tmp_path_factory.mktemp("copy") / "book")
    frame = read(book, table)
    kind = frame.get("judge", frame.get("partition", pd.Series("", index=frame.index)))
    rows = list(frame.index)
    row = data.draw(st.sampled_from(list(frame.index[~kind.isin(["likes", "loss", "source"])])))
    how = data.draw(st.sampled_from(["lost", "doubled", "moved"]))
    if how == "doubled":
        rows.insert(data.draw(st.integers(0, len(rows))), row)
    else:
        rows.remove(row)
    if how == "moved":
        rows.insert(data.draw(st.integers(0, len(rows)).filter(lambda at: at != row)), row)
    write(book, table, frame.loc[rows])
    assert told_of_tables(book) != []


class TestCommand:
    @pytest.fixture
    def run(self, book, monkeypatch):
        monkeypatch.chdir(book)
        return lambda *options: CliRunner().invoke(app, ["check", *options])

    def test_all_is_well(self, run):
        done = run()
        assert done.exit_code == 0, done.output
        assert "All is well: 2 data sets" in done.stdout
        assert "quiz" in done.stdout

    def test_every_problem_is_told_and_the_end_is_one(self, run, book):
        write(book, "scores", shift("score", 9, judge="likes")(read(book, "scores")))
        (book / "data/tables/notes.txt").write_text("hm")
        (book / "data/calibration/fit.json").write_text("{ }")
        done = run()
        assert done.exit_code == 1
        for part in ("likes from 1 to 5", "notes.txt", "fit.json", "4 problems"):
            assert part in done.stdout
        assert "Traceback" not in done.output

    def test_record_only_where_all_else_is_well(self, run, book):
        before = (book / "data" / sums.NAME).read_bytes()
        (book / "data/tables/notes.txt").write_text("hm")
        assert run("--record").exit_code == 1
        assert (book / "data" / sums.NAME).read_bytes() == before
        (book / "data/tables/notes.txt").unlink()
        (book / "data/calibration/fit.json").write_text("{ }")
        assert run("--record").exit_code == 0
        assert run().exit_code == 0

    def test_a_note_is_no_problem(self, run, book):
        path = book / "data/models.csv"
        path.write_text(path.read_text().replace("sft,base,", "sft,Base,"))
        done = run()
        assert done.exit_code == 0
        assert "Note: " in done.stdout

    def test_raw(self, run, tmp_path):
        done = run("--raw", "--cache", str(tmp_path / "cache"))
        assert done.exit_code == 1
        assert "no a.json" in done.stdout
