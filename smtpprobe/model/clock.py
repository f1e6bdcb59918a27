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
