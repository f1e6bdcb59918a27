"""What stands around a reply that is quoted: whose it is, what is no part of it, and the marks of an answer."""

from __future__ import annotations

import pytest

from smtpprobe.intake.pasted.plain import octets_of
from smtpprobe.model.transcript import Phase
from smtpprobe.pipeline.explaining import explain_text


def test_each_of_several_recipients_has_its_own_reply() -> None:
    said = ", ".join(
        f"'{name}@example.com': (550, b'5.1.1 <{name}@example.com>: no such user')" for name in ("bob", "eve", "jo")
    )
    found = explain_text(f"smtplib.SMTPRecipientsRefused: {{{said}}}")
    assert [each.found.recipient for each in found.refusals] == [f"{name}@example.com" for name in ("bob", "eve", "jo")]


@pytest.mark.parametrize(
    ("said", "to"),
    [
        (
            "SMTPSendFailedException: 554 5.2.252 SendAsDenied; alice@example.com not allowed to send as noreply@example.com",
            None,
        ),
        (
            "SMTP error: 550 5.7.60 SMTP; Client does not have permissions to send as this sender alice@example.com",
            None,
        ),
        ("SMTP error: 550 5.1.1 <bob@example.com> no such user", "bob@example.com"),
    ],
)
def test_a_sender_is_no_recipient(said: str, to: str | None) -> None:
    (refusal,) = explain_text(said).refusals
    assert refusal.found.recipient == to


@pytest.mark.parametrize(
    ("behind", "left"),
    [
        (r" in C:\xampp\htdocs\mail.php on line 12", ""),
        (" in /var/www/mail.php on line 120", ""),
        (" in your web mail", " in your web mail"),
    ],
)
def test_where_php_says_it_is_no_part_of_the_reply(behind: str, left: str) -> None:
    said = f"Warning: mail(): SMTP server response: 535 5.7.8 Authentication credentials invalid{behind}"
    (refusal,) = explain_text(said).refusals
    assert refusal.found.reply == f"535 5.7.8 Authentication credentials invalid{left}"


@pytest.mark.parametrize(
    ("said", "phase"),
    [
        ("Net::SMTPAuthenticationError: 530 5.7.0 Authentication Required", None),
        ("Net::SMTPAuthenticationError: 454 4.7.0 Temporary authentication failure", Phase.AUTH),
    ],
)
def test_a_530_is_no_answer_to_a_login(said: str, phase: Phase | None) -> None:
    (refusal,) = explain_text(said).refusals
    assert refusal.found.phase is phase


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("> a\n>    b c\n> d", "a\n   b c\nd"),
        (">> a\n>> b", "a\nb"),
        ("> > a\n> > b\n\nSee this.", "a\nb\n\nSee this."),
    ],
)
def test_what_an_answer_quotes_is_read_without_its_marks(text: str, plain: str) -> None:
    assert octets_of(text).decode() == plain


@pytest.mark.parametrize(
    "text",
    [
        "> EHLO x.example\n< 250 ok\n> MAIL FROM:<a@example.com>\n< 550 no",
        "> EHLO x.example\n> MAIL FROM:<a@example.com>\n> QUIT",
        ">>> RCPT To:<bob@example.com>\n<<< 550 5.1.1 no such user",
        "> one line only\nand another",
        "prose\nand more of it\n> quoted\nand more of it\nto the end",
    ],
)
def test_a_session_keeps_its_marks(text: str) -> None:
    assert octets_of(text).decode() == text
