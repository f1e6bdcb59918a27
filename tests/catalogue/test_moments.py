"""Times in the forms of logs, journals and messages, as points in time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpprobe.catalogue.moments import Moments

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()


def utc(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("when", "at"),
    [
        ("2026-10-25T02:59:00+02:00", "2026-10-25T00:59:00"),
        ("2026-10-25T02:01:00+01:00", "2026-10-25T01:01:00"),
        ("2026-11-02T23:30:00-08:00", "2026-11-03T07:30:00"),
        ("2026-11-02T09:00:00Z", "2026-11-02T09:00:00"),
        ("2026-11-02T09:00:00.25+0530", "2026-11-02T03:30:00.25"),
        ("2026-11-02 10:00:00", "2026-11-02T10:00:00"),
        ("2026-11-02 10:00:00.123 +0100", "2026-11-02T09:00:00.123"),
        ("2026-11-02 10:00:00,500", "2026-11-02T10:00:00.5"),
        ("2026/11/02 10:00:00", "2026-11-02T10:00:00"),
        ("Mon, 2 Nov 2026 10:00:00 +0100", "2026-11-02T09:00:00"),
        ("Mon, 02 Nov 2026 02:00:00 -0800 (PST)", "2026-11-02T10:00:00"),
        ("2 Nov 2026 10:00:00 -0000", "2026-11-02T10:00:00"),
        ("2 Nov 26 10:00 EST", "2026-11-02T15:00:00"),
        ("Mon,  2 Nov 2026 10:00:00 GMT", "2026-11-02T10:00:00"),
        ("02/Nov/2026:10:00:00 +0100", "2026-11-02T09:00:00"),
        ("Nov  2 2026 10:00:00", "2026-11-02T10:00:00"),
        ("Nov  2 10:00:00", "2026-11-02T10:00:00"),
        ("Nov 22 23:00:00", "2026-11-22T23:00:00"),
        ("Nov 24 10:00:00", "2025-11-24T10:00:00"),
        ("Feb 29 10:00:00", "2026-03-01T10:00:00"),
        ("1793613600", "2026-11-02T10:00:00"),
        ("1793613600123", "2026-11-02T10:00:00.123"),
        ("1793613600123456", "2026-11-02T10:00:00.123456"),
        ("1793613600.123456", "2026-11-02T10:00:00.123456"),
        ("10:00:01.5", "2026-11-22T10:00:01.5"),
    ],
)
def test_a_form(when: str, at: str) -> None:
    assert Moments(NOW).read(when) == pytest.approx(utc(at), abs=1e-3)


@pytest.mark.parametrize(
    "when",
    ["", "yesterday", "2026-13-45T10:00:00Z", "Foo  2 10:00:00", "99 Foo 2026 10:00:00", "2026-11-02 25:00:00", "10:61:00",
     "2026-11-02T24:00:00Z", "Nov  2 10:00:61", "Feb 30 10:00:00", "Apr 31 2026 10:00:00", "2026-02-30 10:00:00",
     "Nov  0 10:00:00", "30 Feb 2026 10:00:00 +0000",
     "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+05:00", "0000-01-01T00:00:00Z"],
)  # fmt: skip
def test_what_is_no_time_is_none(when: str) -> None:
    moments = Moments(NOW)
    before = moments.read("2026-11-02 10:00:00")
    assert moments.read(when) is None
    assert moments.read("2026-11-02 10:00:00") == before
    assert Moments(NOW, east=lambda _: 3600.0).read(when) is None


@pytest.mark.parametrize("when", ["9999-12-29T10:59:59-12:00", "0001-01-03T00:00:00+05:00", "2026-11-02 23:59:60"])
def test_the_first_and_the_last(when: str) -> None:
    assert Moments(NOW).read(when) is not None


@pytest.mark.parametrize(
    "read",
    [
        ["Dec 31 23:59:59", "Jan  1 00:00:01"],
        ["Sep 30 23:59:59", "Oct  1 00:00:10", "Dec 31 23:00:00", "Jan  1 00:10:00"],
        ["Jan 10 10:00:00", "May  1 10:00:00", "Sep  1 10:00:00", "Dec 20 10:00:00", "Jan  9 10:00:00"],
        ["2025-12-31T10:00:00Z", "Jan  1 10:00:00"],
        ["23:59:59", "00:00:01"],
    ],
)
def test_without_a_year_or_a_day_the_nearest_is_meant(read: list[str]) -> None:
    """Forwards and backwards, as a list of rotated files is read."""
    for order in (read, read[::-1]):
        moments = Moments(NOW)
        points = [moments.read(when) for when in order]
        assert points == sorted(points, reverse=order is not read)
        assert len(set(points)) == len(points)
        assert max(points) - min(points) < 366 * 86400
