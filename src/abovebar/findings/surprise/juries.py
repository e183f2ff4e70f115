"""Juries: who marked people's and models' pieces, on which criteria, sheet by sheet.

A sheet is one rater's marks of one piece. People's juries are read rater by rater; a model that
marks is a jury of one rater, and its "effectiveness" stands where people were asked for value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from abovebar.figures.palette import GROUPS as STAGES
from abovebar.tables.schemas import KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

CRITERIA = ["creativity", "originality", "surprise", "value"]
GROUPS = ("models", "people")  # in the order in which they are subtracted
PIECE = KEY[1:]
ALIKE = {"utility": "value", "effectiveness": "value"}
FEW = 3  # a jury of so few raters marked everything, so that their severity can be taken out
MANY = 20  # pieces a prompt and group, on average, from which on a prompt's own level is set aside


def load_sheets(
    read: Callable[[str, str], pd.DataFrame | None], models: pd.DataFrame, dataset: str,
    judge: str, without: Collection[str] = (),
) -> pd.DataFrame | None:
    """Return one row a sheet of a jury; None where the tables hold no such jury.

    Parameters
    ----------
    read
        From `abovebar.findings.distinctness.shelf`.
    models
        The registry, for whose pieces are people's.
    judge
        The jury's name, to which a criterion is added with a stroke in the tables.
    without
        Models whose pieces to leave out.

    Returns
    -------
    DataFrame
        ``piece, group, prompt_id, model, sample, writer, rater`` and, of `CRITERIA` and
        ``taken-for-human``, those that the jury was asked for. A sheet that lacks one is left out.
        `writer` is who wrote several pieces: a person, a run, or the model.
    """
    marks = _marks(read, dataset, judge)
    if marks is None:
        return None
    marks = marks[~marks["model"].isin(without)]
    known = [*PIECE, "rater"]
    marks = marks.assign(score=marks["score"].astype(float))
    sheets = marks.pivot_table(index=known, columns="criterion", values="score")
    sheets = sheets.rename(columns=ALIKE)
    wanted = [c for c in [*CRITERIA, "taken-for-human"] if c in sheets]
    sheets = sheets[wanted].dropna().rename_axis(columns=None).reset_index()
    return None if sheets.empty else describe(sheets, read, models, dataset)


def describe(
    pieces: pd.DataFrame, read: Callable, models: pd.DataFrame, dataset: str
) -> pd.DataFrame:
    """Return pieces with ``piece, group, writer`` before their other columns."""
    stage = models[models["dataset"] == dataset].set_index("model")["stage"].map(STAGES)
    people = pieces["model"].map(stage) == "people"
    authors = read(dataset, "responses")[[*PIECE, "author"]]
    named = pieces.merge(authors, on=PIECE, how="left", validate="many_to_one")["author"]
    piece = name_pieces(pieces)
    # A person without a code wrote, for all we know, one piece only.
    writer = named.fillna(pieces["model"].where(~people, piece).reset_index(drop=True))
    return pieces.reset_index(drop=True).assign(
        piece=piece.to_numpy(), group=people.map({True: "people", False: "models"}).to_numpy(),
        writer=writer.to_numpy(),
    )


def name_pieces(pieces: pd.DataFrame) -> pd.Series:
    """Return one name a piece, of its key."""
    return pieces["prompt_id"] + "/" + pieces["model"] + "/" + pieces["sample"].astype(str)


def asked_for(sheets: pd.DataFrame) -> list[str]:
    """Return which of `CRITERIA` a jury was asked for."""
    return [c for c in CRITERIA if c in sheets]


def only(sheets: pd.DataFrame, criterion: str) -> pd.DataFrame:
    """Return the sheets without the marks on other criteria, of which nothing is asked."""
    return sheets.drop(columns=[c for c in asked_for(sheets) if c != criterion])


def mean_marks(sheets: pd.DataFrame) -> pd.DataFrame:
    """Return one row a piece: its key, group and writer, and the mean of each criterion."""
    keys = ["piece", "group", *PIECE, "writer"]
    return sheets.groupby(keys, as_index=False)[asked_for(sheets)].mean()


def centred(sheets: pd.DataFrame, *, by_group: bool = False) -> pd.DataFrame:
    """Return the sheets with marks less the mean of their cell.

    A cell is a prompt, if prompts have `MANY` pieces, and a rater, if there are at most `FEW`, who
    marked everything: their severity then is no error between pieces. With `by_group` a cell is
    of people or of models alone.
    """
    cells = cells_of(sheets) if by_group else [c for c in cells_of(sheets) if c != "group"]
    cells += ["rater"] * (1 < sheets["rater"].nunique() <= FEW)
    criteria = asked_for(sheets)
    means = sheets.groupby(cells)[criteria].transform("mean") if cells else sheets[criteria].mean()
    return sheets.assign(**(sheets[criteria] - means))


def cells_of(pieces: pd.DataFrame) -> list[str]:
    """Return the columns whose levels are set aside: groups, and prompts if they have `MANY`."""
    cells = pieces.groupby(["group", "prompt_id"])["piece"].nunique()
    return ["group"] + ["prompt_id"] * bool(cells.mean() >= MANY)


def reaching(sheets: pd.DataFrame, bar: float | None, graded: pd.DataFrame | None = None
             ) -> pd.DataFrame:
    """Return the sheets of the pieces whose mean mark of value is at least `bar`; all if None.

    Parameters
    ----------
    graded
        The jury whose marks of value count; that of `sheets` itself if None.
    """
    if bar is None or pd.isna(bar):
        return sheets
    value = (sheets if graded is None else graded).groupby("piece")["value"].mean()
    return sheets[sheets["piece"].isin(value.index[value >= bar])]


def _marks(read: Callable, dataset: str, judge: str) -> pd.DataFrame | None:
    """Return ``prompt_id, model, sample, rater, criterion, score`` of a jury, or None."""
    for table in ("ratings", "scores"):
        rows = read(dataset, table)
        if rows is None:
            continue
        own = rows[rows["judge"].str.startswith(f"{judge}/")]
        if len(own):
            rater = own.get("rater", judge)
            return own.assign(criterion=own["judge"].str.removeprefix(f"{judge}/"), rater=rater)
    return None
