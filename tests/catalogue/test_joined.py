"""Replies on one line: joined lines without their repeated codes, and URLs that a cut would cost."""

from __future__ import annotations

import time

import pytest

from smtpprobe.catalogue.joined import shortened, unfolded


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("550 5.1.1 No such user", "550 5.1.1 No such user"),
        ("550-5.1.1 No such user", "550-5.1.1 No such user"),
        ("550-5.1.1 No such 550 5.1.1 user", "550 5.1.1 No such user"),
        ("550-5.7.26 a 550-5.7.26  550-5.7.26  b 550 5.7.26  c d - gsmtp", "550 5.7.26 a b c d - gsmtp"),
        ("554-no enhanced 554-code in 554 any of them", "554 no enhanced code in any of them"),
        ("550-one 550 two, error 550 inside", "550 one two, error 550 inside"),
        ("550-one 550", "550 one"),
        ("550-5.7.1 Rejected, dial 550-5551 for help", "550-5.7.1 Rejected, dial 550-5551 for help"),
        ("550-Blocked. Call 1 550-1234 now", "550-Blocked. Call 1 550-1234 now"),
        ("550-5.7.1 one 550-two 550 5.7.1 three", "550 5.7.1 one two three"),
        ("550 5.7.1 550 5.7.1 given twice", "550 5.7.1 given twice"),
        ("550 call 550-1234", "550 call 550-1234"),
        ("550 5.7.1 a 554 5.7.1 b", "550 5.7.1 a 554 5.7.1 b"),
        ("connect to mx.example: refused", "connect to mx.example: refused"),
        ("", ""),
    ],
)
def test_joined_lines(line: str, shown: str) -> None:
    assert unfolded(line) == shown


URL = "https://support.example/mail/answer/1"


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ("550 5.1.1 No such user\n", "550 5.1.1 No such user"),
        ("550-a\n550 b", "550 a b"),
        ("550 " + "word " * 9 + "the end", "550 word word word word word word word …"),
        ("550 " + "word " * 9 + f"see {URL}.", f"550 word word word word word word word … {URL}"),
        (f"550 word word word see {URL} and more", f"550 word word word see {URL} …"),
        ("550 " + "word " * 9 + f"{URL} {URL} {URL}/2, {URL}/3", f"550 word word word word word word word … {URL} {URL}/2"),
        (f"550 {URL} " + "word " * 9, f"550 {URL} …"),
        ("550 " + "z" * 200, "550 " + "z" * 36 + " …"),
        ("550 " + "word " * 9 + "www.example.com/x (1)", "550 word word word word word word word … www.example.com/x"),
    ],
)  # fmt: skip
def test_a_cut_costs_no_url(reply: str, shown: str) -> None:
    assert shortened(reply, 40) == shown


@pytest.mark.parametrize("reply", ["550-" * 2000, "550- " * 2000, "550-5.7.1 " * 800, "https://" * 1000, "www." * 2000])
def test_hostile_replies_take_no_time(reply: str) -> None:
    started = time.perf_counter()
    assert len(shortened(reply, 300)) < 1200
    assert time.perf_counter() - started < 0.2
