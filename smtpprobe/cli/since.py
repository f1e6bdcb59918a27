"""The point in time that `--since` names: a date, a date with a time, or how long ago."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from smtpprobe.model.clock import SYSTEM_CLOCK
from smtpprobe.model.texts.language import say

_AGO = re.compile(r"(?:(\d{1,5})w)?(?:(\d{1,5})d)?(?:(\d{1,6})h)?(?:(\d{1,7})m)?(?:(\d{1,9})s)?\Z", re.ASCII)
_DATED = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?\Z", re.ASCII)


def moment(text: str, now: datetime | None = None) -> float:
    """Seconds since 1970. A time without an offset is one of this machine's zone; a date alone is its midnight.

    Raises ValueError for anything else.
    """
    given = text.strip()
    try:
        if given and (ago := _AGO.match(given)):
            weeks, days, hours, minutes, seconds = (int(each or 0) for each in ago.groups())
            passed = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
            return ((now or SYSTEM_CLOCK.now()) - passed).timestamp()
        if _DATED.match(given):
            return datetime.fromisoformat(given).timestamp()
    except (ValueError, OverflowError, OSError):
        pass
    raise ValueError(
        say(
            "{text} is not a time: expected a date (2026-03-05), with a time if you like (2026-03-05T09:15), or how long "
            "ago (30m, 2h, 1d)",
            text=repr(text),
        )
    )
