"""Days are counted by the calendar."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

import smtpprobe.model
from smtpprobe.model.clock import days_until

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("end", "days"),
    [
        (NOON, 0),
        (NOON + timedelta(hours=11), 0),
        (NOON - timedelta(hours=12), 0),
        (NOON + timedelta(hours=12), 1),
        (NOON - timedelta(hours=13), -1),
        (NOON + timedelta(days=21, hours=-12), 21),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))), 2_912_383),
        (datetime(2026, 3, 2, 1, tzinfo=timezone(timedelta(hours=2))), 0),
    ],
)
def test_days_are_told_as_dates_are(end: datetime, days: int) -> None:
    assert days_until(end, NOON) == days


def test_every_time_of_a_report_has_an_offset() -> None:
    """A field is a `Time`, since msgspec reads one without an offset into a `datetime` too."""
    for path in Path(smtpprobe.model.__path__[0]).rglob("*.py"):
        assert not re.search(r"^    \w+: datetime\b", path.read_text("utf-8"), re.MULTILINE), path
