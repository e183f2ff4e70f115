"""``claims.yaml``: one entry a chapter, written before any number of the chapter is computed."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from abovebar.errors import AboveBarError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def chapter_entry(path: str | Path, chapter: str, wanted: str) -> Iterator[dict[str, Any]]:
    """Yield one chapter's entry, to be made into a claim before the block ends.

    Parameters
    ----------
    wanted
        The fields that an entry of this kind has, for the message.

    Raises
    ------
    AboveBarError
        If the file has no such chapter, or the block finds a field missing or unknown.
    """
    claims = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    if chapter not in claims:
        raise AboveBarError(
            path, met=f"no chapter {chapter!r}", wanted=f"one of {sorted(claims)}",
            remedy="Add the chapter's claim before running it.",
        )
    try:
        yield dict(claims[chapter])
    except (TypeError, KeyError) as error:
        raise AboveBarError(
            f"{path}, chapter {chapter!r}", met=error, wanted=wanted, remedy="Correct the entry.",
        ) from error
