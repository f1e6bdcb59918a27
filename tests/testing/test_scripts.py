"""The ready scripts, played with clients that know nothing of them."""

from __future__ import annotations

import contextlib
import smtplib

import aiosmtplib
import pytest

from smtpprobe.testing.scripts import accept, greylist, refuse
from smtpprobe.testing.server import ScriptedServer, ScriptMismatch

ARGUMENTS = ("alice@example.org", ["bob@example.com"], "Subject: lunch\n\nAt noon?\n")


def send(server: ScriptedServer) -> None:
    with smtplib.SMTP(server.host, server.port) as client:
        client.sendmail(*ARGUMENTS)


def test_a_message_is_accepted() -> None:
    with ScriptedServer(accept()) as server:
        send(server)
    server.assert_played()
    assert [each["Subject"] for each in server.messages] == ["lunch"]


@pytest.mark.parametrize(
    ("at", "error"),
    [
        ("greeting", smtplib.SMTPConnectError),
        ("mail", smtplib.SMTPSenderRefused),
        ("rcpt", smtplib.SMTPRecipientsRefused),
        ("data", smtplib.SMTPDataError),
        ("message", smtplib.SMTPDataError),
    ],
)
def test_one_command_is_refused(at: str, error: type[Exception]) -> None:
    with ScriptedServer(refuse(**{at: "554 5.7.1 no"})) as server, pytest.raises(error):
        send(server)
    server.assert_played()


def test_the_second_attempt_is_accepted() -> None:
    with ScriptedServer(*greylist()) as server:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as raised:
            send(server)
        send(server)
    server.assert_played()
    assert raised.value.recipients == {"bob@example.com": (450, b"4.2.0 Greylisted, try again later")}


async def test_aiosmtplib_plays_them_too() -> None:
    async with ScriptedServer(*greylist()) as server:
        for _ in range(2):
            async with aiosmtplib.SMTP(hostname=server.host, port=server.port, start_tls=False) as client:
                with contextlib.suppress(aiosmtplib.SMTPRecipientsRefused):
                    await client.sendmail(*ARGUMENTS)
    assert len(server.messages) == 1


@pytest.mark.parametrize(
    "given", [{}, {"mail": "550 a", "rcpt": "550 b"}, {"rcpt": "250 fine"}, {"rcpt": ""}, {"rcpt": "550 a\nS: 250 b"}]
)
def test_what_is_no_refusal(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="expected"):
        refuse(**given)


def test_no_client_came() -> None:
    with ScriptedServer(accept()) as server:
        pass
    with pytest.raises(ScriptMismatch, match="no client came: expected 1 session"):
        server.assert_played()
