"""The servers for other people's mail code: from a program without an event loop, with messages, and strict when asked."""

from __future__ import annotations

import asyncio
import smtplib
import threading
from email.message import EmailMessage

import pytest

from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import AiosmtpdServer, Behaviour
from smtpprobe.testing.server import ScriptedServer, ScriptMismatch

ACCEPTED = """
S: 220 mx.example.com ESMTP
C: EHLO *
S: 250 mx.example.com
C: MAIL FROM:<alice@example.org>
S: 250 2.1.0 Ok
C: RCPT TO:<bob@example.com>
S: 250 2.1.5 Ok
C: DATA
S: 354 go on
MESSAGE
S: 250 2.0.0 queued
C: QUIT
S: 221 2.0.0 Bye
"""
GREYLISTED = """
S: 220 mx.example.com ESMTP
C: EHLO *
S: 250 mx.example.com
C: MAIL *
S: 250 Ok
C: RCPT *
S: 450 4.2.0 come again
C: RSET
S: 250 Ok
C: QUIT
S: 221 Bye
"""


def message(text: str = "lunch?\n.\n..dots\n") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "alice@example.org", "bob@example.com", "lunch"
    made.set_content(text)
    return made


def send(host: str, port: int) -> None:
    with smtplib.SMTP(host, port, local_hostname="client.example.org") as client:
        client.send_message(message(), "alice@example.org", ["bob@example.com"])


def test_a_program_without_a_loop_sends_a_message() -> None:
    with ScriptedServer(ACCEPTED) as server:
        send(server.host, server.port)
    server.assert_played()
    (received,) = server.messages
    assert received["Subject"] == "lunch"
    assert received.get_content() == message().get_content()
    assert server.sessions[0].messages[0].endswith(b"\r\nlunch?\r\n.\r\n..dots\r\n")


@pytest.mark.parametrize("time", range(20))
async def test_a_session_that_was_played_is_finished_when_the_context_ends(time: int) -> None:
    async with ScriptedServer(ACCEPTED) as server:
        await asyncio.to_thread(send, server.host, server.port)
    assert server.sessions[0].finished
    assert len(server.messages) == 1
    server.assert_played()


def test_scripts_are_played_in_turn() -> None:
    with ScriptedServer(GREYLISTED, ACCEPTED) as server:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(server.host, server.port)
        send(server.host, server.port)
    server.assert_played()
    assert [len(session.messages) for session in server.sessions] == [0, 1]


def test_a_departure_from_the_script_is_raised_where_the_server_was_used() -> None:
    def session() -> None:
        with ScriptedServer(ACCEPTED.replace("EHLO *", "LHLO *")) as server, smtplib.SMTP() as client:
            client.connect(server.host, server.port)
            with pytest.raises(smtplib.SMTPServerDisconnected):
                client.docmd("EHLO", "client.example.org")

    before = threading.active_count()
    with pytest.raises(ScriptMismatch, match=r"line 3: expected 'LHLO \*'"):
        session()
    assert threading.active_count() == before


def test_the_error_of_the_test_itself_goes_first() -> None:
    def session() -> None:
        with ScriptedServer(ACCEPTED) as server, smtplib.SMTP() as client:
            client.connect(server.host, server.port)
            client.putcmd("LHLO x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        session()


def test_a_client_that_never_came_was_not_played() -> None:
    with ScriptedServer(GREYLISTED, ACCEPTED) as server, pytest.raises(smtplib.SMTPRecipientsRefused):
        send(server.host, server.port)
    with pytest.raises(ScriptMismatch, match="2 scripts, and 1 session"):
        server.assert_played()


def test_a_client_that_left_early_was_not_played_and_the_line_is_named() -> None:
    with ScriptedServer(ACCEPTED) as server, smtplib.SMTP(server.host, server.port) as client:
        client.ehlo("client.example.org")
        client.close()
    with pytest.raises(ScriptMismatch, match="session 1 ended before line 5"):
        server.assert_played()


def test_aiosmtpd_without_a_loop() -> None:
    refusing = Behaviour(replies={Phase.RCPT: "550 5.1.1 no such user"})
    with AiosmtpdServer(refusing) as server, pytest.raises(smtplib.SMTPRecipientsRefused):
        send(server.host, server.port)
    with AiosmtpdServer() as server:
        send(server.host, server.port)
    assert [each.reverse_path for each in server.messages] == ["alice@example.org"]
    assert [each.email["Subject"] for each in server.messages] == ["lunch"]
