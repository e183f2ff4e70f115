"""What each table must look like; checked on every read and every write."""

from __future__ import annotations

import pandera.pandas as pa

KEY = ["dataset", "prompt_id", "model", "sample"]
# Stands for a judge in `sets`, at the bar -inf, where every answer counts.
ALL_ANSWERS = "none"
SKETCH_KINDS = ("words", "capitals", "skeletons")
SKETCH_BYTES = 24
ALTERATIONS = ("shuffled", "noise")

_NAME = pa.Column(str, pa.Check.str_length(min_value=1))
_KEY_COLUMNS = dict.fromkeys(KEY, _NAME) | {"sample": pa.Column("int16", pa.Check.ge(0))}


def _table(
    columns: dict[str, pa.Column], unique: list[str], *checks: pa.Check
) -> pa.DataFrameSchema:
    key = {name: _KEY_COLUMNS[name] for name in KEY if name in unique}
    return pa.DataFrameSchema(
        key | columns, checks=list(checks), unique=unique, strict=True, ordered=True, coerce=True
    )


def _optional(dtype: str, *checks: pa.Check) -> pa.Column:
    return pa.Column(dtype, list(checks), nullable=True)


SCHEMAS: dict[str, pa.DataFrameSchema] = {
    # One row a prompt.
    "prompts": _table({"domain": _NAME, "kind": _optional("str")}, ["dataset", "prompt_id"]),
    # One row a response. Empty where the source publishes a grade but not the text it graded.
    "responses": _table(
        {
            "n_chars": _optional("Int32", pa.Check.ge(0)),
            "n_words": _optional("Int32", pa.Check.ge(0)),
            "finish_reason": _optional("str"),
            "temperature": _optional("float32", pa.Check.ge(0)),
            "top_p": _optional("float32", pa.Check.in_range(0, 1)),
            "top_k": _optional("Int32", pa.Check.gt(0)),
            "max_tokens": _optional("Int32", pa.Check.gt(0)),
            # The first 16 hexadecimal digits: enough to spot a repeat, a fifth of the bytes.
            "text_sha256": _optional("str", pa.Check.str_matches(r"^[0-9a-f]{16}$")),
            # A neutral code of the person who wrote it, where several answers are one person's.
            "author": _optional("str"),
        },
        KEY,
    ),
    "scores": _table({"judge": _NAME, "score": pa.Column("float32")}, [*KEY, "judge"]),
    # One row a single rater's grade; `scores` has the mean over raters under the same judge.
    "ratings": _table(
        {"judge": _NAME, "rater": _NAME, "score": pa.Column("float32")},
        [*KEY, "judge", "rater"],
    ),
    # Where a source publishes how many of a model's answers pass, and not the answers.
    "counts": _table(
        {
            "judge": _NAME,
            "n": pa.Column("int32", pa.Check.gt(0)),
            "passed": pa.Column("int32", pa.Check.ge(0)),
        },
        ["dataset", "prompt_id", "model", "judge"],
        pa.Check(lambda frame: frame["passed"] <= frame["n"], error="passed at most n"),
    ),
    # Figures as their authors published them; a prompt's id may name a group of prompts.
    "published": _table(
        {"measure": _NAME, "value": pa.Column("float64")},
        ["dataset", "prompt_id", "model", "measure"],
    ),
    "classes": _table(
        {"partition": _NAME, "class_id": pa.Column("int32", pa.Check.ge(0))}, [*KEY, "partition"]
    ),
    # One unit vector a response, as int8 steps of `scale`.
    "embeddings": _table(
        {
            "encoder": _NAME,
            "scale": pa.Column("float32", pa.Check.gt(0)),
            "vector": pa.Column(object),
        },
        [*KEY, "encoder"],
    ),
    # What a chapter may want to know of a text: see `abovebar.texts.features`.
    "features": _table(
        {
            "n_tokens": _optional("Int32", pa.Check.ge(0)),
            "n_types": _optional("Int32", pa.Check.ge(0)),
            "n_sentences": _optional("Int32", pa.Check.ge(0)),
            "n_nodes": _optional("Int32", pa.Check.gt(0)),
            "mtld": _optional("float32", pa.Check.ge(1)),
            "compression": _optional("float32", pa.Check.gt(0)),
            "closed_class": _optional("float32", pa.Check.in_range(0, 1)),
            "sentence_step": _optional("float32", pa.Check.in_range(0, 2)),
            "surprisal": _optional("float32", pa.Check.ge(0)),
            "unknown": _optional("float32", pa.Check.in_range(0, 1)),
        },
        KEY,
    ),
    # Two answers of one model to one prompt, `sample` < `other`; each figure in 255ths of one.
    "pairs": _table(
        {
            "other": pa.Column("int16", pa.Check.gt(0)),
            **{name: _optional("UInt8") for name in ("lexical", "syntactic", "same")},
        },
        [*KEY, "other"],
        pa.Check(lambda frame: frame["sample"] < frame["other"], error="sample before other"),
    ),
    # What needs all texts of a set at once: the answers of one model to one prompt that reach a
    # judge's bar. `ALL_ANSWERS` at bar -inf is all of them.
    "sets": _table(
        {
            "judge": _NAME,
            "bar": pa.Column("float32"),
            "n": pa.Column("int32", pa.Check.ge(2)),
            "n_tokens": pa.Column("int32", pa.Check.ge(0)),
            **{
                name: _optional("float32", pa.Check.ge(0))
                for name in (
                    "distinct_1", "distinct_2", "distinct_3", "adjusted_distinct",
                    "compression", "repetition", "distinct_syntax", "lexical", "syntactic",
                )
            },
        },
        ["dataset", "prompt_id", "model", "judge", "bar"],
    ),
    # What measures of surprise say of an answer that was spoilt: see `abovebar.texts.altered`.
    "altered": _table(
        {
            "alteration": pa.Column(str, pa.Check.isin(list(ALTERATIONS))),
            "surprisal": _optional("float32", pa.Check.ge(0)),
            "unknown": _optional("float32", pa.Check.in_range(0, 1)),
            "sentence_step": _optional("float32", pa.Check.in_range(0, 2)),
            "nearest": _optional("float32", pa.Check.in_range(0, 2)),
        },
        [*KEY, "alteration"],
    ),
    # A fixed-size sketch of a set of words or patterns, for answers of different models.
    "sketches": _table(
        {
            "kind": pa.Column(str, pa.Check.isin(list(SKETCH_KINDS))),
            "size": pa.Column("int32", pa.Check.ge(0)),
            "sketch": pa.Column(object),
        },
        [*KEY, "kind"],
    ),
}
