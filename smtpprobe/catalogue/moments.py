"""When something was seen, as a point in time, from the forms in which logs, journals and messages write it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from datetime import date

from smtpprobe.model.clock import SYSTEM_CLOCK

_DAY = 86400.0
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # days of the months
_EPOCH = date(1970, 1, 1).toordinal()
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
# RFC 5322 §4.3: the zones with names; any other name stands for an unknown offset.
_ZONES = {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}

# Within them the hour before and after has a name in every zone.
_FIRST, _LAST = _DAY * (2 - _EPOCH), _DAY * (date.max.toordinal() - 1 - _EPOCH)
_CLOCK = r"(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?"
_SYSLOG = re.compile(rf"(?P<day>(?P<month>[A-Z][a-z]{{2}}) [ \d]\d(?: (?P<year>\d{{4}}))?) {_CLOCK}", re.ASCII)
_ISO = re.compile(
    rf"(?P<day>(\d{{4}})[-/](\d\d)[-/](\d\d))[T ]{_CLOCK} ?(?P<zone>[+-]\d\d:?\d\d|[A-Z]{{1,3}}\b)?", re.ASCII
)
_MESSAGE = re.compile(
    rf"(?:[A-Za-z]{{3}},? {{0,9}})?(?P<day>(\d{{1,2}})[ /-]{{1,9}}([A-Za-z]{{3}})[ /-]{{1,9}}(\d{{2,4}}))[ :]{{1,9}}{_CLOCK}"
    r" {0,9}(?P<zone>[+-]\d{4}|[A-Za-z]{1,3}\b)?",
    re.ASCII,
)
_TIME = re.compile(rf"{_CLOCK}\Z", re.ASCII)
_SINCE_1970 = re.compile(r"(\d{10})(?:\.?(\d{3}|\d{6}))?\Z", re.ASCII)


class Moments:
    """Times as they are read one after the other, as seconds since 1970.

    A time without an offset counts as UTC, or as one of a zone that is `east` seconds east of UTC. One without a year is
    the nearest to the time read before it, so that the turn of the year is no step back and files may come in any order;
    the first of them is the latest that is not in the future. A time without a date is the nearest to the time before it,
    too. What is no time, as 25:00:00 and 30 February, or is beyond the years 1 to 9999 in UTC, is none.
    """

    def __init__(self, now: float | None = None, east: Callable[[float], float] | None = None) -> None:
        self._now = now
        self._east = east
        self._text = ""
        self._at: float | None = None
        self._day = ""
        self._midnight = 0.0

    def read(self, when: str) -> float | None:
        """The point in time of `when` as an input writes it, None if it is no time."""
        if when == self._text and self._at is not None:
            return self._at
        try:
            at = self._read(when[:100].strip())
        except (ValueError, KeyError):
            return None
        if at is None or not _FIRST <= at < _LAST:
            return None
        self._text, self._at = when, at
        return at

    def _today(self) -> float:
        if self._now is None:
            self._now = SYSTEM_CLOCK.now().timestamp()
        return self._now

    def _read(self, when: str) -> float | None:
        if found := _SYSLOG.match(when):
            return self._without_offset(self._dated(found, self._of_syslog) + _of_day(found.groups()[-4:]))
        if found := _ISO.match(when):
            *_, hour, minute, second, part, zone = found.groups()
            at = self._dated(found, _of_iso) + _of_day((hour, minute, second, part))
            return at - _offset(zone) if zone else self._without_offset(at)
        if found := _TIME.match(when):
            return self._without_offset(self._nearest_day(_of_day(found.groups())))
        if found := _SINCE_1970.match(when):
            return float(found[1]) + float(f"0.{found[2] or 0}")
        if found := _MESSAGE.match(when):
            *_, hour, minute, second, part, zone = found.groups()
            at = self._dated(found, _of_message) + _of_day((hour, minute, second, part))
            return at - _offset(zone) if zone else self._without_offset(at)
        return None

    def _without_offset(self, at: float) -> float:
        return at if self._east is None else at - self._east(at)

    def _dated(self, found: re.Match[str], midnight: Callable[[re.Match[str]], float]) -> float:
        """The midnight of the day, which is most often that of the time before."""
        if found["day"] != self._day:
            self._midnight = midnight(found)
            self._day = found["day"]
        return self._midnight

    def _of_syslog(self, found: re.Match[str]) -> float:
        month, day = _MONTHS[found["month"].lower()], int(found["day"][4:6])
        if found["year"]:
            return _midnight(int(found["year"]), month, day)
        near = self._at if self._at is not None else self._today()
        year = time.gmtime(near).tm_year
        around = [_midnight(each, month, day) for each in (year - 1, year, year + 1)]
        if self._at is None:
            return max(each for each in around if each <= near + _DAY)
        return min(around, key=lambda each: abs(each - near))

    def _nearest_day(self, seconds: float) -> float:
        near = self._at if self._at is not None else self._today()
        midnight = near // _DAY * _DAY
        return min((midnight + day * _DAY + seconds for day in (-1, 0, 1)), key=lambda each: abs(each - near))


def _of_iso(found: re.Match[str]) -> float:
    year, month, day = found.groups()[1:4]
    return _midnight(int(year), int(month), int(day))


def _of_message(found: re.Match[str]) -> float:
    day, month, year = found.groups()[1:4]
    # RFC 5322 §4.3: two digits are 1950 to 2049, three are the years since 1900.
    number = int(year) + (0 if len(year) == 4 else 2000 if len(year) == 2 and int(year) < 50 else 1900)
    return _midnight(number, _MONTHS[month.lower()], int(day))


def _midnight(year: int, month: int, day: int) -> float:
    """Seconds since 1970; a 29 February of a common year is the day after the 28th, for the year may be guessed.

    Raises ValueError for a day that no month has.
    """
    if not (1 <= month <= 12 and 1 <= day <= _LONGEST[month - 1]):
        raise ValueError(day)
    return (date(year, month, 1).toordinal() + day - 1 - _EPOCH) * _DAY


def _of_day(clock: Sequence[str | None]) -> float:
    """Seconds since midnight, up to a leap second. Raises ValueError for what no clock shows."""
    hour, minute, second, part = clock
    if int(hour or 0) > 23 or int(minute or 0) > 59 or int(second or 0) > 60:
        raise ValueError(clock)
    return int(hour or 0) * 3600.0 + int(minute or 0) * 60 + int(second or 0) + (float(f"0.{part}") if part else 0.0)


def _offset(zone: str | None) -> float:
    """Seconds east of UTC; none for `Z`, a zone that is not known, or no zone."""
    if not zone:
        return 0.0
    if zone[0] not in "+-":
        return _ZONES.get(zone.lower(), 0) * 3600.0
    return float(zone[0] + "1") * (int(zone[1:3]) * 3600 + int(zone[-2:]) * 60)


def local_offset(at: float) -> float:
    """Seconds east of UTC in this machine's zone at a time there, given as if it were UTC."""
    try:
        return float(time.localtime(at).tm_gmtoff)
    except (OverflowError, OSError, ValueError):
        return 0.0
