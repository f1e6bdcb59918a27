"""Where a run takes the time from."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """The time of a run. `now` gives the date, aware of its time zone; `monotonic` seconds, for durations alone."""

    now: Callable[[], datetime] = _utc_now
    monotonic: Callable[[], float] = time.monotonic


SYSTEM_CLOCK = Clock()


def days_until(end: datetime, now: datetime) -> int:
    """Days from one date to the other by the calendar of UTC: 0 on the same day, negative for one that is past."""
    return (end.astimezone(UTC).date() - now.astimezone(UTC).date()).days
