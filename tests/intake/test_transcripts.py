from __future__ import annotations

import pytest

from smtpprobe.intake.transcripts import Client, refusals
from tests.intake import samples


def read(transcript: str, client: Client) -> list[tuple[str | None, str | None, str | None, str]]:
    found = refusals(transcript.encode().splitlines(), client)
    return [(f.phase, f.recipient_domain, f.peer, f.reply) for f in found]


@pytest.mark.parametrize(
    ("transcript", "client", "expected"),
    [
        (samples.SWAKS, Client.SWAKS, ("rcpt", "example.com", "mx.example.com", "550-5.1.1 no\n550 5.1.1 such user")),
        (samples.GREETING, Client.SWAKS, ("greeting", None, "mx.example.com", "554 5.7.1 go away")),
        (samples.TELNET, Client.TELNET, ("message", "example.com", "mx.example.com", "554 5.7.1 spam")),
        (samples.OPENSSL, Client.OPENSSL, ("auth", None, "", "535 5.7.8 no")),
        (samples.SMTPLIB, Client.SMTPLIB, ("auth", None, "smtp.example.com", "535 5.7.8 Error: authentication failed")),
        (samples.MSMTP, Client.MSMTP, ("auth", None, "smtp.example.com", "535 5.7.8 bad")),
        (samples.CURL, Client.CURL, ("message", "example.com", "smtp.example.com", "554 5.7.1 spam")),
        (samples.OURS, Client.OURS, ("rcpt", "example.com", "mx.example.com", "550 5.1.1 no")),
    ],
)
def test_each_clients_transcript(transcript, client, expected):
    assert read(transcript, client) == [expected]


def test_replies_answer_pipelined_commands_in_order():
    assert read(samples.PIPELINED, Client.SWAKS) == [
        ("rcpt", "example.net", "mx.example.com", "550 5.1.1 no"),
        ("message", "example.com", "mx.example.com", "552 5.3.4 too large"),
    ]


def test_a_reply_without_its_last_line_is_told():
    assert read("EHLO x\n550-one\n550-two", Client.SESSION) == [("ehlo", None, None, "550-one\n550-two")]


def test_a_second_session_starts_anew():
    both = read(samples.SWAKS + samples.GREETING, Client.SWAKS)
    assert [phase for phase, *_ in both] == ["rcpt", "greeting"]


_BEFORE = "220 mx.example.com\nMAIL FROM:<a@example.com>\n250 ok\nRCPT TO:<b@example.org>\n250 ok\nDATA\n354 go on\n"


@pytest.mark.parametrize(
    ("after", "replies"),
    [
        ("552 too long", ["552 too long"]),
        ("Subject: x\n\nHello\n552-too\n552 long\n", ["552-too\n552 long"]),
        ("552 too long\nQUIT\n221 bye\n", ["552 too long"]),
        ("552 too long\n\n", ["552 too long"]),
        ("550 are the words of the letter\nHello\n.\n554 no\n", ["554 no"]),
        ("550 are the words of the letter\nHello\n", []),
        ("250 ok\n", []),
        ("552 too long\nMAIL FROM:<c@example.com>\n", []),
    ],
)
def test_a_message_without_its_final_dot(after: str, replies: list[str]) -> None:
    found = read(_BEFORE + after, Client.SESSION)
    assert [each[3] for each in found] == replies
    assert all(each[0] == "message" for each in found)


@pytest.mark.parametrize(
    ("line", "phase"),
    [("< 535 5.7.8 no", None), ("< 552 too long", None), ("< 554 not you", "greeting"), ("< 421 later", "greeting")],
)
def test_an_excerpt_without_its_command(line: str, phase: str | None) -> None:
    assert [each[0] for each in read(line, Client.CURL)] == [phase]
