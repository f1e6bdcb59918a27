"""Days are counted by the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

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
