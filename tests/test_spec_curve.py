"""The specification curve: every point drawn, choices in the order a reader expects."""

import pandas as pd

from abovebar.figures.spec_curve import draw_spec_curve


def test_points_rise_and_choices_stand_in_their_natural_order():
    bars = ["bar 10", "all", "bar 2", "bar 3.5"]
    rows = pd.DataFrame({
        "value": [0.3, -0.2, 0.1, 0.0], "low": [0.1, -0.3, -0.1, -0.2],
        "high": [0.5, -0.1, 0.3, 0.2], "bar": bars, "k": [10, 2, 2, 10],
    })
    figure = draw_spec_curve(rows, {"bar": "answers", "k": "tries"}, "lead")
    effects, answers, tries = figure.axes
    assert [y for _, y in effects.collections[1].get_offsets()] == sorted(rows["value"])
    shown = [[t.get_text() for t in axes.get_yticklabels()] for axes in (answers, tries)]
    assert shown == [["all", "bar 2", "bar 3.5", "bar 10"], ["2", "10"]]


def test_a_choice_not_made_is_drawn_as_none():
    rows = pd.DataFrame({
        "value": [0.3, -0.2, 0.1], "low": 0.0, "high": 0.5, "bar": ["all", None, float("nan")],
    })
    _, answers = draw_spec_curve(rows, {"bar": "answers"}, "lead").axes
    assert [t.get_text() for t in answers.get_yticklabels()] == ["all", "none"]
    assert list(answers.lines[0].get_ydata()) == [1, 1, 0]
