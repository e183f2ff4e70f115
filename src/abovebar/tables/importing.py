"""Bring answers sampled elsewhere into a run folder that every chapter can read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from abovebar.errors import AboveBarError
from abovebar.judging.embedded_judge import NAME as EMBEDDED
from abovebar.paths import replacing
from abovebar.sameness.partitions import BY_RULE
from abovebar.tables.derive import derive
from abovebar.tables.harvest import RESPONSE, Harvest
from abovebar.tables.parquet import read_table, table_path
from abovebar.tables.schemas import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Callable

    from abovebar.tables.instruments import Instruments

WANTED = [*RESPONSE, "text"]


def read_generations(path: str | Path) -> pd.DataFrame:
    """Read answers from JSON Lines or Parquet, and refuse what cannot be counted.

    Parameters
    ----------
    path
        A file with columns ``prompt_id, model, sample, text`` and, where known, ``prompt, domain,
        quality, finish_reason, temperature, top_p, max_tokens``.

    Raises
    ------
    AboveBarError
        If the file is of another kind or broken, a column is missing or of the wrong type, a key
        stands twice, a text is empty, or a quality is given for some answers and not for others.
    """
    path = Path(path)
    frame = _read(path)
    missing = [c for c in WANTED if c not in frame]
    if missing or frame.empty:
        raise AboveBarError(
            path, met=f"{len(frame)} rows, columns {list(frame.columns)}",
            wanted=f"rows with columns {WANTED}", remedy=f"Add {missing or 'rows'}.",
        )
    sample = pd.to_numeric(frame["sample"], errors="coerce")
    _refuse(path, frame, sample.isna() | (sample < 0) | (sample % 1 != 0), "sample",
            "a whole number from 0", "Number each prompt's answers from 0.")
    frame = frame.assign(sample=sample.astype("int16"))
    for column in ("prompt_id", "model"):
        frame[column] = frame[column].astype(str)
    blank = ~frame["text"].map(lambda t: isinstance(t, str) and bool(t.strip()))
    _refuse(path, frame, blank, "text", "a text that is not empty",
            "Drop the row if the request failed; if the model really said nothing, write so.")
    _refuse(path, frame, frame.duplicated(RESPONSE), "sample",
            "each (prompt_id, model, sample) once", "Were two runs joined? Renumber one.")
    if "quality" in frame:
        quality = pd.to_numeric(frame["quality"], errors="coerce")
        _refuse(path, frame, quality.isna(), "quality", "a number for every answer",
                "Grade all answers, or leave the column out.")
        frame["quality"] = quality
    return frame


def import_run(
    generations: pd.DataFrame, dataset: str, into: Path, instruments: Instruments, *,
    shipped: Path, judge: str = "imported",
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> dict[str, int]:
    """Derive the tables of imported answers into a run folder; return the rows of each.

    The answers get what the data set's own answers have: the book's partitions; vectors, what is
    measured on texts and the embedded judge, where the shipped ones have them; on prompts with a
    written rule, that rule's verdict; and `judge`'s scores from column ``quality``.

    Parameters
    ----------
    shipped
        Folder of the shipped tables. Prompts that the data set does not know are taken from the
        generations' own ``domain``.
    judge
        The name under which ``quality`` is kept. List it in ``judges.csv`` of the run folder if
        it is new.
    """
    prompts = read_table(shipped, dataset, "prompts")
    own = generations.drop_duplicates("prompt_id").set_index("prompt_id")
    known = prompts.set_index("prompt_id").reindex(own.index)
    own = own.reindex(columns=["domain", "prompt"]).assign(kind=known["kind"])
    own["domain"] = own["domain"].astype(object).where(own["domain"].notna(), known["domain"])
    if own["domain"].isna().any():
        raise AboveBarError(
            f"dataset {dataset!r}", met=f"prompt {own.index[own['domain'].isna()][0]!r}, unknown",
            wanted="prompts of the data set, or a column domain",
            remedy="Correct the prompt_id, or add the column.",
        )
    settings = [c for c in SCHEMAS["responses"].columns if c in generations and c not in RESPONSE]
    scores = pd.DataFrame(columns=[*RESPONSE, "judge", "score"])
    if "quality" in generations:
        scores = generations[[*RESPONSE, "quality"]].rename(columns={"quality": "score"})
        scores = scores.assign(judge=judge)

    def there(table: str) -> bool:
        return table_path(shipped, dataset, table).is_file()

    harvest = Harvest(
        dataset, prompts=own.reset_index(), scores=scores,
        responses=generations[[*WANTED, *settings]].assign(
            encode=there("embeddings")
        ),
        advises=EMBEDDED in _names(shipped, dataset, "scores", "judge"),
        pairwise=there("pairs")
        or not _names(shipped, dataset, "classes", "partition").isdisjoint(BY_RULE),
        pooled=there("sketches"),
        sentences=there("features")
        and bool(read_table(shipped, dataset, "features")["sentence_step"].notna().any()),
        altered=there("altered"),
        lean=there("responses") and not there("features"),
    )
    rows = derive(harvest, instruments, into, progress)
    _note_models(generations["model"].unique(), dataset, into / "models.csv")
    return rows


def _names(shipped: Path, dataset: str, table: str, column: str) -> set[str]:
    """Return the names in one column of a shipped table; none if there is no such table."""
    path = table_path(shipped, dataset, table)
    if not path.is_file():
        return set()
    return set(pc.unique(pq.read_table(path, columns=[column])[column]).to_pylist())


def _note_models(models: list[str], dataset: str, path: Path) -> None:
    """Start the run's ``models.csv``, or add to it, for the researcher to fill in."""
    columns = ["model", "dataset", "label", "stage", "source"]
    old = pd.read_csv(path, dtype=str, keep_default_na=False) if path.is_file() else None
    new = pd.DataFrame(
        [(m, dataset, m, "instruct", "imported; correct the stage") for m in models],
        columns=columns,
    )
    together = new if old is None else pd.concat([old, new]).fillna("")
    together = together.drop_duplicates(["dataset", "model"])
    with replacing(path) as draft:
        together.to_csv(draft, index=False)


def _read(path: Path) -> pd.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        if path.suffix in {".jsonl", ".json"}:
            with path.open(encoding="utf-8") as file:
                return pd.DataFrame([json.loads(line) for line in file if line.strip()])
    except (OSError, ValueError) as error:
        raise AboveBarError(
            path, met=str(error), wanted="a readable file of JSON Lines or Parquet",
            remedy="Correct the path or the line.",
        ) from error
    raise AboveBarError(
        path, met=f"suffix {path.suffix!r}", wanted=".jsonl or .parquet",
        remedy="Convert or rename the file.",
    )


def _refuse(
    path: Path, frame: pd.DataFrame, bad: pd.Series, column: str, wanted: str, remedy: str
) -> None:
    if bad.any():
        first = frame.index[bad][0]
        raise AboveBarError(
            f"{path}, row {first}", met=f"{column} {frame.loc[first, column]!r} "
            f"({int(bad.sum())} such rows)", wanted=wanted, remedy=remedy,
        )
