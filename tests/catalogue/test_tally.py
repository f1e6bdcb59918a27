"""Refusals counted: what the rows say of when they were seen, and their examples."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from smtpprobe.catalogue.tally import MAX_HOURS, MAX_RECIPIENT_DOMAINS, Tally


@pytest.mark.parametrize(
    ("times", "first", "last"),
    [
        (["Nov  1 10:00:00", "Nov  2 10:00:00", "Oct 20 10:00:00", "Oct  5 10:00:00"], 3, 1),
        (["Mon, 2 Nov 2026 10:00:00 +0100", "Fri, 6 Nov 2026 10:00:00 +0100", "30 Sep 2026 10:00:00 +0100"], 2, 1),
        (["2026-10-25T02:59:00+02:00", "2026-10-25T02:01:00+01:00"], 0, 1),
        (["2026-11-02T23:30:00-08:00", "2026-11-03T02:00:00+01:00"], 1, 0),
        (["2026-11-02 10:00:00 +0100", "2026-11-02 10:00:00 -0100", "2026-11-02 10:00:00 +0200"], 2, 1),
        (["Sep 30 23:59:59", "Dec 31 23:00:00", "Jan  1 00:10:00"], 0, 2),
        (["2026-11-02T10:00:00Z", "Tue, 3 Nov 2026 10:00:00 +0000", "Nov  1 10:00:00"], 2, 1),
        (["some day", "another day"], 0, 1),
    ],
)
def test_first_and_last_are_points_in_time_written_as_the_input_writes_them(
    times: list[str], first: int, last: int
) -> None:
    tally = Tally()
    for when in times:
        tally.add("550 5.1.1 no such user", domain="example.com", when=when)
    summary = tally.summary()
    (distinct,) = tally.distinct()
    for row in (summary, summary.causes[0], summary.providers[0], summary.recipient_domains[0], distinct.row):
        assert (row.first_seen, row.last_seen) == (times[first], times[last])


def test_a_row_counts_its_own_times_only() -> None:
    tally = Tally()
    tally.add("550 5.1.1 no such user", when="2026-11-03T10:00:00Z")
    tally.add("450 4.2.0 greylisted", when="2026-11-01T10:00:00Z")
    tally.add("550 5.1.1 no such user")
    tally.add("550 5.1.1 no such user", when="2026-11-02T10:00:00Z")
    rows = {row.name: row for row in tally.summary().causes}
    unknown = rows["recipient-unknown"]
    assert (unknown.count, unknown.first_seen, unknown.last_seen) == (3, "2026-11-02T10:00:00Z", "2026-11-03T10:00:00Z")


def test_an_example_keeps_its_url_and_loses_repeated_codes() -> None:
    tally = Tally()
    url = "https://support.example/answer/1"
    tally.add("550-5.7.26 Blocked. " + "550-5.7.26 More words here. " * 30 + f"550 5.7.26 See {url}")
    (row,) = tally.summary().causes
    assert row.example.startswith("550 5.7.26 Blocked. More words here. More")
    assert row.example.count("5.7.26") == 1
    assert row.example.endswith(f" … {url}")


def test_a_distinct_refusal_names_its_first_recipient_domains() -> None:
    tally = Tally()
    for number in (1, 1, None, *range(2, 9)):
        tally.add("550 5.1.1 no such user", domain=f"{number}.example" if number else None)
    (each,) = tally.distinct()
    assert each.recipient_domains == ["1.example", "2.example", "3.example", "4.example"][:MAX_RECIPIENT_DOMAINS]


def test_the_first_of_each_cause_is_its_example() -> None:
    tally = Tally()
    for reply in ("550 5.1.1 no such user", "450 4.2.0 greylisted", "550 5.1.1 user unknown here"):
        tally.add(reply)
    assert {cause: each.reply for cause, each in tally.examples().items()} == {
        "recipient-unknown": "550 5.1.1 no such user",
        "greylisted": "450 4.2.0 greylisted",
    }


def test_hours_are_bounded_and_in_their_order() -> None:
    tally = Tally()
    for hour in range(MAX_HOURS + 30):
        day, clock = divmod((hour * 7) % (MAX_HOURS + 30), 24)
        tally.add("550 5.1.1 no such user", when=f"{date(2026, 1, 1) + timedelta(days=day)} {clock:02}:10:00")
    hours = [each.hour for each in tally.summary().hours]
    assert len(hours) == MAX_HOURS
    assert hours == sorted(hours)
    assert hours[0] == "2026-01-02 06:00"


def test_an_hour_has_its_causes_and_providers() -> None:
    tally = Tally(provider="google")
    for reply in ("550 5.1.1 no such user", "550 5.1.1 no such user", "552 5.2.2 mailbox full"):
        tally.add(reply, when="2026-03-05T09:30:00+01:00")
    (hour,) = tally.summary().hours
    assert (hour.hour, hour.count) == ("2026-03-05 08:00", 3)
    assert hour.causes == {"recipient-unknown": 2, "mailbox-full": 1}
    assert hour.providers == {"google": 3}


def test_replies_that_differ_in_long_numbers_and_identifiers_are_one() -> None:
    tally = Tally()
    for number in range(5):
        tally.add(f"452 4.2.2 The mailbox of u{568082 + number} is full 4X91B1078{number}")
    tally.add("451 4.7.650 [S775] later")
    tally.add("451 4.7.651 [S3115] later")
    assert [each.row.count for each in tally.distinct()] == [5, 1, 1]
