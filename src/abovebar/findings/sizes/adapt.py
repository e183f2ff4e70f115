"""A claim about size with fewer data sets or families, otherwise judged, or with own ladders."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from abovebar.findings.sizes.ladders import Ladder, SizeClaim, read_ladders

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


def adapt_ladders(
    claim: SizeClaim, *, datasets: Collection[str] = (), families_out: Collection[str] = (),
    judges: Mapping[str, str] | None = None, partitions: Mapping[str, str] | None = None,
    declared: Mapping[str, float] | None = None, ladders: Iterable[Mapping[str, Any]] = (),
) -> SizeClaim:
    """Return the claim on some data sets, without some families, or otherwise judged.

    Parameters
    ----------
    datasets
        The data sets to keep; all, if empty.
    families_out
        Ladders to leave out, by the beginning of their names: "Llama" stands for every Llama.
    judges, partitions, declared
        By data set: the judge, the partition, the bar to read at, in place of the claim's own.
    ladders
        A reader's own, each with at least ``name, dataset, models``; what one leaves out is taken
        from the claim's first ladder on that data set.

    Raises
    ------
    AboveBarError
        As in `abovebar.findings.sizes.ladders.read_ladders`.
    """

    def changed(ladder: Ladder) -> Ladder:
        if not ladder.graded:
            judge, bar = ladder.judge, ladder.bar
        else:
            judge = (judges or {}).get(ladder.dataset, ladder.judge)
            bar = (declared or {}).get(ladder.dataset, ladder.bar)
        same = (partitions or {}).get(ladder.dataset, ladder.partition)
        return replace(ladder, judge=judge, bar=bar, partition=same)

    def kept(some: Iterable[Ladder]) -> list[Ladder]:
        out = tuple(families_out)
        chosen = [x for x in some if not datasets or x.dataset in datasets]
        return [changed(x) for x in chosen if not (out and x.name.startswith(out))]

    own = [_complete(claim, ladder) for ladder in ladders]
    return replace(
        claim, tests=kept(claim.tests), also=kept(claim.also), yours=tuple(kept(own)),
        counts=[x for x in claim.counts if x in kept(claim.counts)],
    )


def _complete(claim: SizeClaim, given: Mapping[str, Any]) -> Ladder:
    like = next((x for x in claim.tests if x.dataset == given.get("dataset")), None)
    return read_ladders([{**(asdict(like) if like else {}), **given}])[0]
