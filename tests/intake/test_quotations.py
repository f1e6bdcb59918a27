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


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("smtplib.SMTPRecipientsRefused: {'jane@example.com': (550, b'5.1.1 no mailbox here')}", "example.com"),
        ("smtplib.SMTPSenderRefused: (552, b'5.3.4 over the size of 20 MB', 'tom@example.net')", None),
        ("Error: Mail command failed: 553 5.7.1 <tom@example.net>: Sender address refused, not owned by jane", None),
        ("SMTPAuthenticationError: (535, b'5.7.8 jane@example.com, the password is wrong')", None),
    ],
)
def test_a_mailbox_is_the_recipients_if_it_may_be(text: str, domain: str | None) -> None:
    octets = text.encode()
    taken = recognise.recognise(octets)
    assert taken is not None
    (found,) = recognise.refusals([octets], taken, Counts())
    assert found.recipient_domain == domain
