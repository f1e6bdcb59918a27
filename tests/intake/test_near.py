"""Ends and mailboxes near a place."""

from __future__ import annotations

import re

import pytest

from smtpprobe.intake.bounced.words import mentioned, stated
from smtpprobe.intake.near import Ends, Mailboxes


def test_ends_are_found_as_far_as_they_may_be() -> None:
    ends = Ends(re.compile("##"), "0123##6789##")
    assert [end.start() if (end := ends.after(at, most=5)) else None for at in (0, 2, 3, 4, 5, 9)] == [
        4,
        None,
        None,
        None,
        10,
        None,
    ]


def test_an_end_too_near_is_passed_over_for_the_next() -> None:
    ends = Ends(re.compile("##"), "0123##6789##")
    end = ends.after(2, most=9)
    assert end is not None
    assert end.start() == 10


def test_mailboxes_near_a_place() -> None:
    text = "x a@a.example, b@b.example; c@c.example"
    mailboxes = Mailboxes(text)
    assert mailboxes.last(0, text.index(";")) == "b@b.example"
    assert mailboxes.last(0, text.index("b.example")) == "a@a.example"
    assert mailboxes.last(text.index("b@"), text.index(";")) == "b@b.example"
    assert mailboxes.last(text.index("; c"), text.index("c@") + 1) is None
    assert mailboxes.first(3, len(text)) == "b@b.example"
    assert mailboxes.first(3, 5) is None
    assert Mailboxes("none").last(0, 4) is None


@pytest.mark.parametrize(
    ("between", "replies"),
    [
        ("no such user##", ["550 5.1.1 no such user"]),
        ("no such user> #SMTP#", ["550 5.1.1 no such user"]),
        ("x" * 1994 + "##", ["550 5.1.1 " + "x" * 1994]),
        ("x" * 1995 + "##", []),  # a mark without its end is passed over
        ("x" * 1995 + "## and #550 5.1.2 no##", ["550 5.1.2 no"]),
    ],
)
def test_an_exchange_mark_has_its_end(between: str, replies: list[str]) -> None:
    body = f"Generating server: mx.example\n\nto bob@example.com\n#550 5.1.1 {between}\nmore words"
    found = stated(body)
    assert [each.reply for each in found] == replies
    assert all(each.recipient == "bob@example.com" for each in found)


@pytest.mark.parametrize(("size", "count"), [(900, 1), (1100, 0)])
def test_a_quoted_reply_has_its_end(size: int, count: int) -> None:
    found = mentioned(f"to bob@example.com: 550 5.1.1 {'x' * size}\n\nmore")
    assert [each.recipient for each in found] == ["bob@example.com"] * count


@pytest.mark.parametrize("between", ["", " "])
def test_an_exchange_mark_may_have_a_blank_before_its_reply(between: str) -> None:
    (found,) = stated(
        f"bob@example.org\nmx.example.org #<mx.example.org #5.1.1 smtp;{between}550 5.1.1 no such user> #SMTP#"
    )
    assert found.reply == "550 5.1.1 no such user"
