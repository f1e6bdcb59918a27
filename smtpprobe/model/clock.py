"""Where a run takes the time from."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated

import msgspec

# A moment as reports hold it: one without an offset says no moment, and is refused where it is read.
Time = Annotated[datetime, msgspec.Meta(tz=True)]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """The time of a run. `now` gives the date, aware of its time zone; `monotonic` seconds, for durations alone."""

    now: Callable[[], datetime] = _utc_now
    monotonic: Callable[[], float] = time.monotonic


SYSTEM_CLOCK = Clock()


def days_until(end: datetime, now: datetime) -> int:
    """Days from one date to the other by the calendar of UTC: 0 on the same day, negative for one that is past."""
    return (_utc_date(end) - _utc_date(now)).days


def _utc_date(moment: datetime) -> date:
    try:
        return moment.astimezone(UTC).date()
    except OverflowError:  # on the first or the last day of the calendar
        return moment.date()
