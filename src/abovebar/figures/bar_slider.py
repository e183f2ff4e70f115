"""The slider by which a reader moves the bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

if TYPE_CHECKING:
    import pandas as pd


def bar_slider(
    data: pd.DataFrame, said: str = "Move the bar: ", start: int = 0
) -> tuple[alt.Parameter, list[str]]:
    """Return the parameter ``step``, to add to a chart, and the name of the bar at each step.

    Parameters
    ----------
    data
        ``step, shown``: the place of each bar on the slider, 0 for none, and its name.
    said
        What stands before the slider.
    start
        The step it opens at.
    """
    steps = data.drop_duplicates("step").sort_values("step")["shown"].tolist()
    bound = alt.binding_range(min=0, max=len(steps) - 1, step=1, name=said)
    return alt.param(name="step", value=start, bind=bound), steps
