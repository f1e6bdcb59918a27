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
