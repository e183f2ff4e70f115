"""Size: elasticities, the null, ladders, counts; closed forms, brute force, properties."""

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abovebar.errors import AboveBarError
from abovebar.figures.forest import draw_forest
from abovebar.figures.sizes.explorer import explorer_data
from abovebar.figures.sizes.lines import draw_size_lines
from abovebar.findings.claims import Statement
from abovebar.findings.compare import Bench
from abovebar.findings.sizes.adapt import adapt_ladders
from abovebar.findings.sizes.climb import climb
from abovebar.findings.sizes.counted import chance_solved, equal_compute, solved
from abovebar.findings.sizes.ladders import Ladder, load_size_claim, read_ladders
from abovebar.findings.sizes.numbers import (
    by_model_rows,
    compare_ends,
    neighbours_at_equal_compute,
    temperature_gap,
)
from abovebar.findings.sizes.specify import specify_ladders
from abovebar.findings.sizes.verdicts import POOLED, SPREAD, assess_ladders, slopes
from abovebar.findings.verdicts import CANNOT_TELL, CONTRADICTS, SUPPORTS
from abovebar.measures.bootstrap import prompt_weights
from abovebar.measures.commonest import commonest_share
from abovebar.measures.tally import NO_BAR, tally
from abovebar.regression.elasticity import (
    line_weights,
    null_elasticities,
    size_elasticities,
    widest_elasticity,
)
from abovebar.tables.parquet import write_table
from abovebar.tables.schemas import KEY

SIZES = {"one": 1.0, "four": 4.0, "sixteen": 16.0}
sizes = st.lists(st.floats(0.1, 500), min_size=2, max_size=6, unique=True).filter(
    lambda s: max(s) / min(s) > 1.5
)


def long(values, family="f"):
    """Return a frame of values (P, M) for the models of `SIZES`."""
    return pd.DataFrame([
        (family, model, size, f"p{p:02d}", values[p, m])
        for p in range(len(values)) for m, (model, size) in enumerate(SIZES.items())
    ], columns=["family", "model", "parameters_b", "prompt_id", "value"])


def test_an_elasticity_is_the_exponent_of_a_power_law():
    rng = np.random.default_rng(0)
    level = rng.uniform(0.5, 2, (40, 1))
    frame = long(level * np.array(list(SIZES.values())) ** 0.3)
    weights = prompt_weights(40, 200, 1)
    rows, _ = size_elasticities(frame, weights)
    assert rows["value"].iloc[0] == pytest.approx(0.3)
    per, _ = size_elasticities(
        frame.assign(value=frame["value"] / frame["parameters_b"]), weights
    )
    cost, _ = size_elasticities(
        frame.assign(spent=frame["parameters_b"]), weights, cost="spent"
    )
    assert per["value"].iloc[0] == cost["value"].iloc[0] == pytest.approx(0.3 - 1)


def test_elasticities_are_least_squares_on_logs_of_means_in_every_replicate():
    rng = np.random.default_rng(3)
    values = rng.uniform(1, 9, (25, 3))
    weights = prompt_weights(25, 60, 2)
    rows, _ = size_elasticities(long(values), weights)
    x = np.log2(list(SIZES.values()))
    assert rows["value"].iloc[0] == pytest.approx(
        np.polyfit(x, np.log2(values.mean(axis=0)), 1)[0]
    )
    drawn = [np.polyfit(x, np.log2(np.average(values, axis=0, weights=w)), 1)[0] for w in weights]
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert rows[["low", "high"]].iloc[0].tolist() == pytest.approx([low, high])


def test_a_prompt_that_one_model_lacks_counts_for_none():
    values = np.random.default_rng(4).uniform(1, 9, (30, 3))
    frame = long(values)
    lacking = frame[~((frame["prompt_id"] == "p07") & (frame["model"] == "four"))]
    without = frame[frame["prompt_id"] != "p07"]
    one, _ = size_elasticities(lacking, prompt_weights(30, 50, 1))
    other, _ = size_elasticities(without, prompt_weights(29, 50, 1))
    assert one["value"].iloc[0] == pytest.approx(other["value"].iloc[0])
    assert one["n_prompts"].iloc[0] == 29


def test_a_mean_of_nought_has_no_elasticity():
    values = np.ones((20, 3))
    values[:, 0] = 0
    with pytest.raises(AboveBarError, match="means above 0"):
        size_elasticities(long(values), prompt_weights(20, 10, 1))


@settings(deadline=None)
@given(sizes, st.integers(0, 10**6))
def test_weights_of_a_line_give_numpys_slope(sizes, seed):
    y = np.random.default_rng(seed).normal(size=len(sizes))
    assert y @ line_weights(sizes) == pytest.approx(np.polyfit(np.log2(sizes), y, 1)[0], abs=1e-6)


@pytest.mark.parametrize("bad", [[1, 1], [0, 2], [-1, 2]])
def test_sizes_that_make_no_line(bad):
    with pytest.raises(AboveBarError, match="two different"):
        line_weights(bad)


@settings(deadline=None, max_examples=40)
@given(sizes, st.integers(0, 10**6))
def test_no_measure_between_the_bounds_is_steeper_than_the_widest(sizes, seed):
    y = np.random.default_rng(seed).uniform(1, 10, (200, len(sizes)))
    widest = widest_elasticity(sizes, 1, 10)
    assert (np.abs(np.log2(y) @ line_weights(sizes)) <= widest + 1e-9).all()
    ends = np.where(line_weights(sizes) > 0, 10, 1)
    assert np.log2(ends) @ line_weights(sizes) == pytest.approx(widest)


def test_the_widest_of_two_models():
    assert widest_elasticity([1, 27], 1, 10) == pytest.approx(np.log2(10) / np.log2(27))


def test_the_null_is_minus_one():
    rng = np.random.default_rng(0)
    values = rng.uniform(0, 10, (80, 3)) + np.array([8, 4, 0])
    drawn = null_elasticities(values, [1, 4, 16], 400, 7)
    assert drawn.mean() == pytest.approx(-1, abs=0.01)
    assert 0 < drawn.std() < 0.1
    same = null_elasticities(np.repeat(values[:, :1], 3, axis=1), [1, 4, 16], 5, 7)
    assert same == pytest.approx(-1)


def test_the_commonest_share_by_hand():
    answers = [(5.0, 1), (5.0, 1), (5.0, 2), (1.0, 1)]
    rows = [("p", "m", i, *answer) for i, answer in enumerate(answers)]
    frame = pd.DataFrame(rows, columns=["prompt_id", "model", "sample", "quality", "class_id"])
    share = commonest_share(tally(frame, [NO_BAR, 5, 9]))[0, 0]
    assert share[:2].tolist() == pytest.approx([3 / 4, 2 / 3])
    assert np.isnan(share[2])


# --- ladders on tables of their own -------------------------------------------------------------


def statement(name="raw", measure="distinct_in_budget", at="none", expected="negative"):
    return Statement(name, "", "", measure, at, expected)


@pytest.fixture
def made(tmp_path):
    """Forty prompts, four answers: the larger, the fewer classes and the more that pass."""
    rng, rows = np.random.default_rng(8), []
    for size, classes, passing in [(1, 12, 0.3), (4, 4, 0.6), (16, 2, 0.9)]:
        for model in (f"a{size}", f"b{size}"):
            for p in range(40):
                for s in range(4):
                    grade = float(rng.random() < passing)
                    rows.append(("toy", f"p{p:02d}", model, s, grade, int(rng.integers(classes))))
    frame = pd.DataFrame(rows, columns=[*KEY, "score", "class_id"])
    write_table(frame[[*KEY, "score"]].assign(judge="j"), tmp_path, "toy", "scores")
    write_table(frame[[*KEY, "class_id"]].assign(partition="c"), tmp_path, "toy", "classes")
    facts = {"n_chars": 9, "finish_reason": None, "temperature": 1.0, "top_p": None, "top_k": None,
             "max_tokens": None, "text_sha256": None, "author": None}
    write_table(frame[KEY].assign(n_words=12, **facts), tmp_path, "toy", "responses")
    counts = [
        ("toy", f"p{p:02d}", f"a{size}", "j", 64, int(rng.binomial(64, share)))
        for size, share in [(1, 0.05), (4, 0.3), (16, 0.5)] for p in range(40)
    ]
    columns = ["dataset", "prompt_id", "model", "judge", "n", "passed"]
    write_table(pd.DataFrame(counts, columns=columns), tmp_path, "toy", "counts")
    models = pd.DataFrame([("toy", f"{f}{s}", float(s)) for f in "ab" for s in (1, 4, 16)],
                          columns=["dataset", "model", "parameters_b"])
    bench = Bench(
        folders=[tmp_path], n_boot=300, seed=1,
        datasets=pd.DataFrame({"domain": ["toys"], "samples": [4]}, index=["toy"]),
        judges=pd.DataFrame({"low": [0], "bars": ["1"]}, index=["j"]),
    )
    return bench, models, frame, pd.DataFrame(counts, columns=columns)


def ladder(name="a", only=(), judge="j", bar=1.0):
    return Ladder(name, "toy", judge, tuple(f"{name[0]}{s}" for s in (16, 1, 4)), bar, "c", only)


def by_hand(frame, model, bar, k):
    found = []
    for _, cell in frame[frame["model"] == model].groupby("prompt_id"):
        rows = list(zip(cell["score"], cell["class_id"], strict=True))
        found.append(np.mean([len({c for q, c in d if q >= bar}) for d in combinations(rows, k)]))
    return np.array(found)


def test_climbing_sorts_by_size_and_counts_as_by_hand(made):
    bench, models, frame, _ = made
    climbed, = climb(bench, [ladder()], models)
    assert climbed.models == ("a1", "a4", "a16")
    for bar, at in [(-np.inf, None), (1, 1.0)]:
        values = climbed.values["distinct_in_budget"][:, :, climbed.at(at)]
        for i, model in enumerate(climbed.models):
            assert values[:, i] == pytest.approx(by_hand(frame, model, bar, 4))
    assert climbed.words == pytest.approx(12)


def test_slopes_are_those_of_lines_through_means(made):
    bench, models, frame, _ = made
    climbed = climb(bench, [ladder("a"), ladder("b")], models)
    found = slopes(bench, climbed, statement())
    for name in "ab":
        means = [by_hand(frame, f"{name}{s}", -np.inf, 4).mean() / 4 for s in (1, 4, 16)]
        row = found[found["ladder"] == name].iloc[0]
        assert row["value"] == pytest.approx(np.polyfit([0, 2, 4], means, 1)[0])
        assert row["verdict"] == SUPPORTS
    assert set(found["ladder"]) == {"a", "b", POOLED, SPREAD}
    bar = slopes(bench, climbed, statement("budget", at="declared"))
    assert (bar["value"] > found["value"].max()).all()
    per = slopes(bench, climbed, statement("per", "distinct_per_parameter", "declared"))
    compute = slopes(bench, climbed, statement("c", "distinct_per_compute", "declared"), 2.0)
    assert per["value"].to_numpy() == pytest.approx(compute["value"].to_numpy())  # equal lengths


def test_a_ladder_without_a_bar_or_out_of_its_range_is_passed_over(made):
    bench, models, _, _ = made
    free = climb(bench, [ladder("a", judge="none", bar=None, only=("raw",))], models)
    assert len(slopes(bench, free, statement()))
    assert not len(slopes(bench, free, statement("budget", at="declared")))
    assert not len(slopes(bench, free, statement("other")))


def claim(tests):
    from abovebar.findings.sizes.ladders import SizeClaim

    return SizeClaim("", "", {}, [statement()], tests, [], [], "", "")


def found_rows(*rows):
    columns = ["ladder", "value", "low", "high", "verdict"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(statement="raw", dataset="toy", judge="j", n_prompts=40)


@pytest.mark.parametrize(("other", "verdict"), [
    (SUPPORTS, SUPPORTS), (CANNOT_TELL, SUPPORTS), (CONTRADICTS, CANNOT_TELL),
])
def test_a_data_set_with_a_ladder_on_the_other_side_cannot_tell(other, verdict):
    rows = found_rows(
        ("a", -0.2, -0.3, -0.1, SUPPORTS), ("b", 0.1, 0.05, 0.2, other),
        (POOLED, -0.1, -0.2, -0.05, SUPPORTS), (SPREAD, -0.1, -1, 1, CANNOT_TELL),
    )
    assessed = assess_ladders(rows, claim([]))
    assert assessed["verdict"].tolist() == [verdict]
    assert assessed["contrast"].tolist() == ["2 ladders, each doubling"]


def test_a_measure_that_never_varies_has_slope_nought_and_no_verdict(made):
    bench, models, frame, _ = made
    still = frame.assign(class_id=0, partition="c")[[*KEY, "partition", "class_id"]]
    write_table(still, bench.folders[0], "toy", "classes")
    found = slopes(bench, climb(bench, [ladder()], models), statement())
    assert found.loc[found["ladder"] == "a", "value"].tolist() == [0]
    assert set(found["verdict"]) == {CANNOT_TELL}
    assert assess_ladders(found, claim([ladder()]))["verdict"].tolist() == [CANNOT_TELL]


def test_numbers_of_models_ends_neighbours_and_temperatures(made):
    bench, models, frame, _ = made
    a, b = climb(bench, [ladder("a"), ladder("b")], models)
    rows = by_model_rows(bench, a, [None, 1.0])
    raw = rows[(rows["measure"] == "distinct_in_budget") & rows["bar"].isna()]
    assert raw.set_index("model")["value"]["a4"] == pytest.approx(
        by_hand(frame, "a4", -np.inf, 4).mean()
    )
    (test, compared), = compare_ends(bench, [a]).values()
    assert (test.ahead, test.behind) == ("a1", "a16")
    assert compared.rows["contrast"].unique().tolist() == ["a1 - a16"]
    near = neighbours_at_equal_compute(bench, a)
    assert near["k"].tolist() == [4, 4]
    once = by_hand(frame, "a4", 1, 1).mean()
    assert near["value"].iloc[0] == pytest.approx(by_hand(frame, "a1", 1, 4).mean() - once)
    gap = temperature_gap(bench, a, b, None)["value"].iloc[0]
    by_size = [by_hand(frame, f"b{s}", -np.inf, 4) - by_hand(frame, f"a{s}", -np.inf, 4)
               for s in (1, 4, 16)]
    assert gap == pytest.approx(np.mean(by_size))


def test_solved_counts_every_draw(made):
    assert chance_solved(np.array([2]), np.array([5]), [1, 2, 6])[0, :2].tolist() == pytest.approx(
        [2 / 5, 1 - 3 / 5 * 2 / 4]
    )
    assert np.isnan(chance_solved(np.array([2]), np.array([5]), [6])[0, 0])
    bench, models, _, counts = made
    rows = solved(bench, ladder(), models, [1, 8])
    one = rows[(rows["k"] == 1) & (rows["model"] == "a4")]["value"].iloc[0]
    assert one == pytest.approx((counts["passed"] / counts["n"])[counts["model"] == "a4"].mean())
    equal = equal_compute(bench, ladder(), models).set_index("contrast")
    assert equal["k"].to_dict() == {"a1 - a16": 16, "a4 - a16": 4}
    own = counts.pivot_table(index="prompt_id", columns="model", values="passed")
    lead = chance_solved(own["a1"].to_numpy(), np.full(40, 64), [16])[:, 0] - own["a16"] / 64
    assert equal.loc["a1 - a16", "value"] == pytest.approx(lead.mean())


def test_specifications_agree_with_the_declared_slope(made):
    bench, models, _, _ = made
    specs = specify_ladders(bench, [ladder()], models)
    assert set(specs["models"]) == {"all", "without smallest", "without largest"}
    found = slopes(bench, climb(bench, [ladder()], models), statement("budget", at="declared"))
    mine = specs[(specs["bar"] == 1) & (specs["k"] == 4) & (specs["models"] == "all")].iloc[0]
    assert mine[["value", "low", "high"]].tolist() == pytest.approx(
        found.iloc[0][["value", "low", "high"]].tolist()
    )
    assert specs.loc[specs["bar"].isna(), "judge"].unique().tolist() == ["none"]
    assert not specs.duplicated(["judge", "partition", "bar", "k", "models"]).any()


def test_a_model_of_unknown_size_is_named(made):
    bench, models, _, _ = made
    with pytest.raises(AboveBarError, match=r"no size for \['a4'\]"):
        climb(bench, [ladder()], models[models["model"] != "a4"])


@pytest.mark.parametrize(("entry", "met"), [
    ({"name": "x", "dataset": "toy", "models": ["a", "b"]}, "judge"),
    ({"name": "x", "dataset": "toy", "judge": "j", "models": ["a", "a"]}, "models"),
    ({"name": "x", "dataset": "toy", "judge": "j", "models": ["a", "b"], "size": 3}, "size"),
])
def test_ladders_that_cannot_be_read(entry, met):
    with pytest.raises(AboveBarError, match=met):
        read_ladders([entry])


def test_adapting_keeps_drops_and_completes(request):
    whole = load_size_claim(request.config.rootpath / "chapters" / "claims.yaml")
    own = {"name": "mine", "dataset": "noveltybench", "models": ["x", "y"]}
    less = adapt_ladders(
        whole, datasets=["noveltybench"], families_out=["Gemma"], ladders=[own],
        declared={"noveltybench": 6}, partitions={"noveltybench": "exact"},
    )
    assert [x.name for x in less.tests] == ["Llama 3.x"]
    assert less.yours == (Ladder(
        "mine", "noveltybench", "skywork-27b/class", ("x", "y"), 6, "exact"
    ),)
    assert {x.dataset for x in less.shown()} == {"noveltybench"}
    assert adapt_ladders(whole) == whole
    with pytest.raises(AboveBarError, match="small_vs_larger"):
        load_size_claim(request.config.rootpath / "chapters" / "claims.yaml", "small_vs_larger")


# --- figures ------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _book_style_stays_here():
    """The book's figures set its style for the process; other tests draw in matplotlib's own."""
    with mpl.rc_context():
        yield


def test_the_forest_has_a_row_a_ladder_and_fills_what_is_sure():
    rows = pd.DataFrame([
        ("no bar", "set", "a", -0.2, -0.3, -0.1, "one"),
        ("no bar", "set", "b", 0.1, -0.1, 0.2, "one"),
        ("at it", "set", "a", 0.2, 0.1, 0.3, "one"),
        ("no bar", "other", "c", 0.1, 0.0, 0.2, "aside"),
        ("at it", "other", "c", np.nan, np.nan, np.nan, "aside"),
    ], columns=["panel", "group", "label", "value", "low", "high", "kind"])
    figure = draw_forest(rows, ("less", "more"))
    names = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert names == ["a", "b", "c", "set", "other"]
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [dot.get_markerfacecolor() == "white" for dot in dots] == [False, True, True]
    assert sum(line.get_marker() == "o" for line in figure.axes[1].lines) == 1


def test_size_lines_name_each_ladder_in_each_panel():
    rows = pd.DataFrame([
        (panel, name, "base", size, 0.5 * size, 0.4 * size, 0.6 * size, name == "y")
        for panel in ("one", "two") for name in ("x", "y") for size in (1, 4, 16)
    ], columns=["panel", "ladder", "group", "parameters_b", "value", "low", "high", "hollow"])
    for log in (False, True):
        figure = draw_size_lines(rows, log=log)
        for axes in figure.axes:
            assert sorted(t.get_text() for t in axes.texts) == ["x", "y"]


def test_the_explorer_divides_by_size_and_knows_what_is_blind():
    rows = pd.DataFrame([
        ("distinct_in_budget", m, bar, v, v - 1, v + 1)
        for m, v in {"s": 8.0, "l": 4.0, "z": 5.0, "unknown": 3.0}.items() for bar in (np.nan, 8.0)
    ], columns=["measure", "model", "bar", "value", "low", "high"])
    models = pd.DataFrame(
        {"label": ["S", "L", "Z", "U"], "group": "base", "parameters_b": [1, 4, 2, np.nan]},
        index=["s", "l", "z", "unknown"],
    )
    data = explorer_data(rows, models, {"s": "fam", "l": "fam"}, lowest=1)
    assert set(data["label"]) == {"S", "L", "Z"}
    first = data[data["step"] == 0].set_index("label")
    assert first.loc["L", "each"] == 1
    assert first["blind"].tolist() == pytest.approx([17 / 3] * 3, abs=1e-4)
    assert first["name"].to_dict() == {"S": "", "L": "fam", "Z": "Z"}
    assert data["shown"].unique().tolist() == ["none", "8"]
