"""A quoted reply is found wherever a program puts it, and a number that is no reply is not taken for one."""

from __future__ import annotations

import pytest

from smtpprobe.intake import recognise
from smtpprobe.intake.found import Counts
from tests.intake.quotations import FOUND, NONE


def replies(text: str) -> list[str]:
    octets = text.encode()
    taken = recognise.recognise(octets)
    return [] if taken is None else [found.reply for found in recognise.refusals([octets], taken, Counts())]


@pytest.mark.parametrize(("text", "expected"), FOUND, ids=[text[:50] for text, _ in FOUND])
def test_the_reply_is_found(text: str, expected: str | list[str]) -> None:
    assert replies(text) == ([expected] if isinstance(expected, str) else expected)


@pytest.mark.parametrize("text", NONE, ids=[text[:50] for text in NONE])
def test_no_reply_is_there(text: str) -> None:
    before = "These lines were written by a program.\n"
    assert replies(f"{before}{text}\n") == []


def test_the_table_has_both_sides() -> None:
    assert len(FOUND) + len(NONE) >= 150
