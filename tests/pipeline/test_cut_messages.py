"""A message that is cut off on its way is told from one that may have been delivered."""

from __future__ import annotations

import asyncio

import pytest

from smtpprobe.model.request import Diagnose, Request, TlsOptions, TlsPolicy
from smtpprobe.model.target import parse_target
from smtpprobe.model.transcript import OutcomeFault, Phase, RecipientStatus, Status
from smtpprobe.pipeline.probe import probe
from smtpprobe.testing.certificates import server_certificate
from smtpprobe.testing.server import ScriptedServer
from smtpprobe.testing.zones import zone_resolver

CLEAR = "S: 220 mx\nC: EHLO *\nS: 250 mx\n"
OVER_TLS = "S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 Go\nTLS\nC: EHLO *\nS: 250 mx\n"
UP_TO_DATA = "C: MAIL *\nS: 250 Ok\nC: RCPT *\nS: 250 Ok\nC: DATA\nS: 354 Go\n"
LARGE = b"From: <a@example.org>\r\n\r\n" + (b"x" * 998 + b"\r\n") * 16_000
SMALL = b"From: <a@example.org>\r\n\r\nHi\r\n"


async def sent(script: str, message: bytes, timeout_s: float = 5.0):
    async with ScriptedServer(script, certificate=server_certificate(), strict=False) as server:
        request = Request(
            parse_target(f"127.0.0.1:{server.port}"),
            helo="client.example.org",
            mail_from="a@example.org",
            rcpt_to=("b@example.com",),
            tls=TlsOptions(policy=TlsPolicy.AUTO),
            timeout_s=timeout_s,
        )
        report = await probe(request, message_to_send=message, resolver=zone_resolver(""))
    return report.transcripts[0]


@pytest.mark.parametrize("beginning", [CLEAR, OVER_TLS], ids=["clear", "tls"])
@pytest.mark.parametrize("end", ["EOF", "RESET"])
async def test_what_was_not_sent_whole_was_not_delivered(beginning: str, end: str) -> None:
    transcript = await sent(f"{beginning}{UP_TO_DATA}{end}\n", LARGE)
    assert transcript.outcome is not None
    assert (transcript.outcome.status, transcript.outcome.phase) == (Status.NO_SESSION, Phase.MESSAGE)
    assert transcript.outcome.fault is None
    assert transcript.outcome.reason is not None
    assert transcript.outcome.reason.endswith("the message was not sent whole")
    assert [each.status for each in transcript.recipients] == [RecipientStatus.ACCEPTED]


@pytest.mark.parametrize("beginning", [CLEAR, OVER_TLS], ids=["clear", "tls"])
async def test_what_was_sent_whole_may_have_been(beginning: str) -> None:
    transcript = await sent(f"{beginning}{UP_TO_DATA}MESSAGE\nEOF\n", SMALL)
    assert transcript.outcome is not None
    assert transcript.outcome.fault is OutcomeFault.MAYBE_DELIVERED


async def test_a_long_message_takes_as_long_as_it_takes() -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx\r\n")
        for answer in (b"250 mx\r\n", b"250 Ok\r\n", b"250 Ok\r\n", b"354 Go\r\n"):
            await reader.readline()
            writer.write(answer)
        left = len(LARGE) + len(b".\r\n")
        while left > 0:
            left -= len(await reader.read(min(left, 1 << 20)))
            await asyncio.sleep(0.03)
        writer.write(b"250 Queued\r\n")
        await reader.readline()
        writer.close()

    async with await asyncio.start_server(slow, "127.0.0.1", 0, limit=1 << 20) as server:
        port = server.sockets[0].getsockname()[1]
        request = Request(
            parse_target(f"127.0.0.1:{port}"),
            helo="client.example.org",
            mail_from="a@example.org",
            rcpt_to=("b@example.com",),
            timeout_s=0.4,
            diagnose=Diagnose.NEVER,
        )
        started = asyncio.get_running_loop().time()
        report = await probe(request, message_to_send=LARGE, resolver=zone_resolver(""))
        transcript = report.transcripts[0]
    assert transcript.exchanges[-2].last_octet_s is not None
    assert asyncio.get_running_loop().time() - started > 0.4
    assert report.outcome.status is Status.ACCEPTED
