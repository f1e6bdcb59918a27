"""Numbers, code and documents that look like replies and are none, and replies that look like them."""

from __future__ import annotations

import pytest

from smtpprobe.pipeline.explaining import explain_text, found_in

NONE = [
    "551 bytes written",
    "421 MiB",
    "452 MB available",
    "550 ms elapsed",
    "571 messages delivered today",
    "553 recipients were notified",
    "450 connections in total",
    "502 Bad Gateway",
    "501 Not Implemented",
    "503 Service Temporarily Unavailable",
    "403 Forbidden",
    "429 Too Many Requests",
    "451 Unavailable For Legal Reasons",
    "HTTPError: 502 Server Error: Bad Gateway for url: https://mail.example.com/api",
    "mail api: HTTP Error 503: Service Unavailable",
    "mail worker: exited with code 554: no mail sent",
    "mail job: exit status 550 mail queue failed",
    "mailbox owner uid=554 gid=550 mail denied",
    "mailer v5.7.0 released",
    "Release 5.2.2 of the mail server",
    "see section 5.1.1 of the mail manual",
    "RFC 3463 section 4.4.1 is about mail",
    "aliases: line 550: syntax error",
    "if reply == 552: return 'mailbox is full'",
    'if (err.code === 550) { console.log("user unknown"); }',
    "case 550: return 'no such user';",
    'throw new MailException("relay access denied");',
    "raise MailboxFull('mailbox is full')",
    'const text = "user unknown";',
    "// the mailbox is full: try later",
    "def greylisted(reply): return reply.startswith('450')",
    'assert answer == "relay access denied"',
    "UPDATE bounces SET reason = 'mailbox full'",
    "smtpd_recipient_restrictions = permit_mynetworks, reject_unknown_recipient_domain",
    "README: what greylisting is",
    "How to get off a blocklist",
    "This page explains what mailbox full means.",
    "## Relay access denied",
]  # fmt: skip
REPLIES: list[tuple[str, str | None]] = [
    ("552 mailbox size exceeded", "552 mailbox size exceeded"),
    ("552 25 MB limit exceeded", "552 25 MB limit exceeded"),
    ("550 users of this domain do not exist", "550 users of this domain do not exist"),
    ("550 messages without a subject are rejected", "550 messages without a subject are rejected"),
    ("554 emails from your IP are not accepted", "554 emails from your IP are not accepted"),
    ("503 Service unavailable, AUTH first", "503 Service unavailable, AUTH first"),
    ("502 Command not implemented", "502 Command not implemented"),
    ("421 Service not available", "421 Service not available"),
    ("421 Too many connections", "421 Too many connections"),
    ("500 Internal error in mail processing", "500 Internal error in mail processing"),
    ("501 Syntax error in parameters", "501 Syntax error in parameters"),
    ("550 5.7.1 see section 4 of our policy", "550 5.7.1 see section 4 of our policy"),
    ("user unknown", "user unknown"),
    ("the mailbox is full", "the mailbox is full"),
    ("Why do I get relay access denied?", "Why do I get relay access denied?"),
    ("What does relay access denied mean?", "What does relay access denied mean?"),
    ('{"error": "relay access denied"}', '{"error": "relay access denied"}'),
    ("smtp error code: 550 user unknown", "550 user unknown"),
    ("Uncaught exception: relay access denied in /srv/mail.php on line 55", None),
    ("user unknown; try again later", None),
    ("user unknown: see https://example.com/faq for how to fix it", None),
    ("relay access denied if you are not in our network (192.0.2.0/24)", None),
    ("```\nrelay access denied\n```", None),
    ("SMTPException('relay access denied')", "SMTPException('relay access denied')"),
]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_reply(text: str) -> None:
    assert found_in(text) is None
    with pytest.raises(ValueError, match="contains no SMTP reply"):
        explain_text(text)


@pytest.mark.parametrize(("text", "reply"), REPLIES)
def test_what_is_one_all_the_same(text: str, reply: str | None) -> None:
    found = found_in(text)
    assert found is not None
    assert found.reply == (reply or text)
    assert [each.found.reply for each in explain_text(text).refusals] == [reply or text]


_ESC = "\x1b"
_LINK = f"{_ESC}]8;;https://example.com\x07here{_ESC}]8;;\x07"


@pytest.mark.parametrize(
    "text",
    [
        f"{_ESC}[31m550 5.7.1 relay denied{_ESC}[0m",
        f"{_ESC}[1;38;5;196m550{_ESC}[0m 5.7.1 {_ESC}[4mrelay denied{_ESC}[24m{_ESC}[K",
        f"{_ESC}(B{_ESC}[m550 5.7.1 relay denied",
        f"{_ESC}]0;a title\x07550 5.7.1 relay denied",
        "^[[31m550 5.7.1 relay denied^[[0m",
        "#033[31m550 5.7.1 relay denied#033[0m",
        "\\u001b[31m550 5.7.1 relay denied\\u001b[0m",
        "\\x1b[31m550 5.7.1 relay denied\\x1b[0m",
        f"mail: ERROR {_ESC}[31m550 5.7.1 relay denied{_ESC}[0m",
    ],
)
def test_escape_sequences_are_dropped(text: str) -> None:
    found = found_in(text)
    assert found is not None
    assert found.reply == "550 5.7.1 relay denied"
    assert [each.found.reply for each in explain_text(text).refusals] == [found.reply]


def test_a_link_is_its_text() -> None:
    found = found_in(f"550 5.7.1 relay denied, see {_LINK}")
    assert found is not None
    assert found.reply == "550 5.7.1 relay denied, see here"


@pytest.mark.parametrize("text", ["5.7.1", " 4.2.2\n"])
def test_an_enhanced_status_code_alone(text: str) -> None:
    found = found_in(text)
    assert found is not None
    assert found.reply == text.strip()
