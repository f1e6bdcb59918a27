"""Numbers, code and documents that look like replies and are none, and replies that look like them."""

from __future__ import annotations

import pytest

from smtpprobe.catalogue.explainer.train import every_reply
from smtpprobe.intake.pasted.no_replies import is_no_reply
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
    "250 grams of flour and 3 eggs",
    "250 g sugar",
    "550 people came to the concert",
    "550 angry horses ran through the town",
    "550-seat theatre opened yesterday",
    "421 euros",
    "550 € a month",
    "550 Park Avenue",
    "450 Tage bis zum Fest",
    "550 Personen kamen",
    "300 personnes sont venues",
    "500 años de historia",
    "500 years ago the town was founded",
    "550 is the number of seats",
    "220 volts",
    "250 Sonnenblumen im Garten",
    "354 ways to cook rice",
    "A cake\n250 grams of flour\n500 ml of milk\n",
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
    ("550 Mailbox unavailable", "550 Mailbox unavailable"),
    ("550 No such user here", "550 No such user here"),
    ("421 Service closing", "421 Service closing"),
    ("550 Benutzer unbekannt", "550 Benutzer unbekannt"),
    ("550 buzón lleno", "550 buzón lleno"),
    ("550 пользователь не найден", "550 пользователь не найден"),
    ("550 guest machines can't use us as a springboard", "550 guest machines can't use us as a springboard"),
    ("554 bayes ate it", "554 bayes ate it"),
    ("550 who?", "550 who?"),
    ("554 No", "554 No"),
    ("552 stuffed", "552 stuffed"),
    ("450-people of our office are busy\n450 try later", "450-people of our office are busy\n450 try later"),
    ("250 OK", "250 OK"),
    ("250 queued as 4ZkQ", "250 queued as 4ZkQ"),
    ("220 mx1 ESMTP", "220 mx1 ESMTP"),
    ("221 Bye", "221 Bye"),
    ("354 go ahead", "354 go ahead"),
    ("235 Authentication succeeded", "235 Authentication succeeded"),
    ("334 VXNlcm5hbWU6", "334 VXNlcm5hbWU6"),
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


def test_labelled_replies_are_no_prose() -> None:
    for text in (row.reply for row in every_reply()):
        assert not is_no_reply(text.partition("\n")[0]), text
        assert found_in(text) is not None, text


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
