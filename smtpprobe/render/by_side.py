"""Refusals of one cause, those that a server gave apart from those that it got: different people can do something."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from smtpprobe.catalogue.moments import Moments
from smtpprobe.catalogue.tally import Counted, Distinct
from smtpprobe.model.transcript import Side
from smtpprobe.render.explained import ExplainedInputs


def by_side(found: ExplainedInputs) -> list[tuple[Counted, Distinct | None]]:
    """Each cause's row with a refusal of it, the most frequent first; two rows for a cause of both sides.

    One row where refusals of the cause were left out of the distinct ones: how many were on which side is not known then.
    """
    rows: list[tuple[Counted, Distinct | None]] = []
    for row in found.summary.causes:
        of_it = [each for each in found.distinct if each.cause == row.name]
        here = [each for each in of_it if each.side is Side.RECEIVING]
        there = [each for each in of_it if each.side is not Side.RECEIVING]
        if here and there and sum(each.row.count for each in of_it) == row.count:
            rows += [(_together(row, here), here[0]), (_together(row, there), there[0])]
        else:
            rows.append((row, found.examples.get(row.name or "")))
    return sorted(rows, key=lambda each: -each[0].count)


def _together(row: Counted, of: Sequence[Distinct]) -> Counted:
    """The row for these alone."""
    read = Moments().read
    firsts = {each.row.first_seen: read(each.row.first_seen) or 0.0 for each in of if each.row.first_seen}
    lasts = {each.row.last_seen: read(each.row.last_seen) or 0.0 for each in of if each.row.last_seen}
    return msgspec.structs.replace(
        row,
        count=sum(each.row.count for each in of),
        first_seen=min(firsts, key=firsts.__getitem__, default=None),
        last_seen=max(lasts, key=lasts.__getitem__, default=None),
        example=of[0].row.example,
    )
