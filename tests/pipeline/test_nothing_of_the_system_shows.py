"""Whatever the system, OpenSSL or a library raises on the way, neither the report nor its page shows it as a program says it."""

from __future__ import annotations

import _ssl
import asyncio
import errno
import os
import re
import ssl
from typing import Any

import aiosmtplib
import pytest

from smtpprobe.model.report import Report
from smtpprobe.model.request import Request
from smtpprobe.model.target import parse_target
from smtpprobe.model.transcript import Phase
from smtpprobe.net.connection import Connection
from smtpprobe.net.dns.channel import Channels
from smtpprobe.pipeline.probe import probe
from smtpprobe.render import formats
from smtpprobe.render.formats import FORMATS, Style, Takes
from smtpprobe.testing.server import ScriptedServer
from smtpprobe.testing.zones import zone_resolver
from tests.net.test_error_words import of_dnspython, of_openssl

LEAK = re.compile(
    r"Errno|errno\b|\[SSL|_ssl\.c|\b[A-Z]\w*(?:Error|Exception)\b|AddressFamily|<class|\bssl\.|\bE[A-Z]{4,}\b(?!HLO)"
)
PLAIN = re.compile(r"\bECDHE\b|ENHANCEDSTATUSCODES")
STARTTLS = "S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\n~ 60"


def shown(report: Report) -> str:
    """The report and its page in full."""
    pages = [
        formats.render(each, report, Style(width=80, verbosity=1)) for each in FORMATS if each.takes is Takes.REPORT
    ]
    return PLAIN.sub("", "\n".join(pages))


async def probed(target: str, **fields: Any) -> Report:
    return await probe(Request(parse_target(target), **fields), resolver=zone_resolver(""))


async def test_no_connection(monkeypatch):
    numbers = iter(errno.errorcode)

    async def fails(*_: Any, **__: Any) -> Any:
        number = next(numbers)
        raise OSError(number, f"[Errno {number}] Connect call failed ('192.0.2.1', 25): {os.strerror(number)}")

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", fails)
    for name in errno.errorcode.values():
        report = await probed("192.0.2.1:25")
        assert report.outcome.phase is Phase.CONNECT, name
        assert LEAK.findall(shown(report)) == [], name


HANDSHAKES: list[BaseException] = [
    *(of_openssl(reason) for reason in sorted(_ssl.err_names_to_codes)[::40]),
    ssl.SSLError(1, "[SSL] internal error (_ssl.c:2580)"),
    ssl.SSLEOFError(8, "EOF occurred in violation of protocol (_ssl.c:1006)"),
    ConnectionResetError(104, "Connection reset by peer"),
    ConnectionResetError(),
    ConnectionAbortedError("SSL handshake is taking longer than 60.0 seconds: aborting the connection"),
    OSError(errno.EHOSTUNREACH, "No route to host"),
    ValueError("server_hostname cannot be an empty string or start with a leading dot."),
    TimeoutError(),
]


async def test_no_handshake(monkeypatch):
    errors = iter(HANDSHAKES)

    async def fails(*_: Any, **__: Any) -> Any:
        raise next(errors)

    monkeypatch.setattr(Connection, "start_tls", fails)
    for error in HANDSHAKES:
        async with ScriptedServer(STARTTLS, strict=False) as server:
            report = await probed(f"127.0.0.1:{server.port}")
        assert report.outcome.phase is Phase.TLS, error
        assert LEAK.findall(shown(report)) == [], error


LOSSES: list[BaseException] = [
    OSError(errno.EHOSTUNREACH, "No route to host"), OSError(errno.EIO, "Input/output error"), ConnectionResetError(104, "x"),
    BrokenPipeError(32, "Broken pipe"), of_openssl("TLSV1_ALERT_INTERNAL_ERROR"), RuntimeError("TCPTransport closed=True"),
    aiosmtplib.SMTPServerDisconnected("Connection lost"),
]  # fmt: skip


@pytest.mark.parametrize("error", LOSSES, ids=lambda error: type(error).__name__)
async def test_a_lost_session(error, monkeypatch):
    original = Connection.reply

    async def lost(connection: Connection, wait_s: float) -> Any:
        protocol = connection._protocol
        if protocol.reader.has_undelivered or protocol.replies:
            return await original(connection, wait_s)
        protocol.ended, protocol.lost = True, error
        return await original(connection, wait_s)

    monkeypatch.setattr(Connection, "reply", lost)
    async with ScriptedServer("S: 220 mx\n~ 60", strict=False) as server:
        report = await probed(f"127.0.0.1:{server.port}")
    assert LEAK.findall(shown(report)) == []


async def test_no_name_server(monkeypatch):
    errors = iter(
        [raised for raised in [OSError(errno.ENETUNREACH, "[Errno 101] x"), *of_dnspython()] for _ in range(4)]
    )

    async def fails(*_: Any, **__: Any) -> Any:
        raise next(errors)

    monkeypatch.setattr(Channels, "ask", fails)
    for _ in range(1 + len(of_dnspython())):
        report = await probe(Request(parse_target("mx.example.com:25"), resolver="192.0.2.53"))
        assert report.outcome.phase is Phase.DNS
        assert LEAK.findall(shown(report)) == []
