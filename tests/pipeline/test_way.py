"""From where a connection is made, to which kind of address, and through which proxy."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from smtpprobe.model.report import Report
from smtpprobe.model.request import AddressFamily, Request
from smtpprobe.model.target import parse_target
from smtpprobe.model.transcript import Breakage, IpSource, OutcomeFault, Phase, Status
from smtpprobe.net.connection import Connection
from smtpprobe.net.dialling.via import is_installed, split_via
from smtpprobe.pipeline.probe import probe
from smtpprobe.testing.server import ScriptedServer
from smtpprobe.testing.zones import zone_resolver

ZONE = """
four.example.com. A 127.0.0.1
both.example.com. A 127.0.0.1
both.example.com. AAAA ::1
"""
OK = "S: 220 mx\nC: QUIT\nS: 221 bye"
HELLO = "S: 220 mx\nC: EHLO *\nS: 250 mx\nC: QUIT\nS: 221 bye"
needs_package = pytest.mark.skipif(not is_installed(), reason="python-socks is not installed")


async def report_of(target: str, **fields: Any) -> Report:
    fields = {"quit_after": Phase.GREETING, "timeout_s": 5.0} | fields
    return await probe(Request(parse_target(target), **fields), resolver=zone_resolver(ZONE))


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


@pytest.mark.parametrize("source_ip", [None, "127.0.0.2"])
async def test_the_source_port_is_used_and_may_be_used_again(source_ip, monkeypatch):
    port, seen = free_port(), []
    original = Connection.open

    async def open_(*where: Any, **options: Any) -> Connection:
        made = await original(*where, **options)
        seen.append(made.local_port)
        return made

    monkeypatch.setattr(Connection, "open", open_)
    # Of two connections from one port each has to lead elsewhere.
    async with ScriptedServer(OK) as server, ScriptedServer(OK, host="127.0.0.3", port=server.port):
        for host in ("127.0.0.1", "127.0.0.3"):
            report = await report_of(f"{host}:{server.port}", source_ip=source_ip, source_port=port)
            assert report.outcome.status is Status.ACCEPTED
    assert seen == [port, port]


async def test_a_source_port_that_is_in_use_is_a_fault_of_ours():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        report = await report_of("127.0.0.1:1", source_ip="127.0.0.1", source_port=held.getsockname()[1])
    assert report.outcome.exit_code == 4
    assert report.transcripts[0].breakage is Breakage.LOCAL
    assert "in use on this host" in (report.outcome.reason or "")


@pytest.mark.parametrize(
    ("family", "address"), [(AddressFamily.IPV4, "127.0.0.1"), (AddressFamily.IPV6, "::1"), (None, "127.0.0.1")]
)
async def test_only_addresses_of_the_family_are_called(family, address):
    async with ScriptedServer(OK, host=address) as server:
        report = await report_of(f"both.example.com:{server.port}", family=family)
    assert [each.address for each in report.transcripts] == [address]


async def test_a_host_without_such_an_address_leads_nowhere():
    report = await report_of("four.example.com:25", family=AddressFamily.IPV6)
    assert (report.outcome.exit_code, report.outcome.phase) == (4, Phase.DNS)
    assert report.outcome.fault is OutcomeFault.OTHER_FAMILY
    assert report.outcome.reason == "four.example.com has no IPv6 address"
    assert [each.causes for each in report.verdicts] == [()]


@pytest.mark.parametrize(
    ("target", "fields", "words"),
    [
        ("127.0.0.1:25", {"family": "ipv6"}, "family: 127.0.0.1 is an IPv4 address"),
        ("[::1]:25", {"family": "ipv4"}, "family: ::1 is an IPv6 address"),
        ("/run/lmtp", {"family": "ipv4"}, "family cannot be used with a unix socket"),
        ("/run/lmtp", {"source_port": 25}, "source_port cannot be used with a unix socket"),
        ("/run/lmtp", {"via": "http://127.0.0.1:3128"}, "via cannot be used with a unix socket"),
        (
            "127.0.0.1:25",
            {"via": "socks5://127.0.0.1:1080", "source_port": 2525},
            "source_port cannot be used with via: it is the proxy that connects",
        ),
        (
            "127.0.0.1:25",
            {"via": "socks4://127.0.0.1:1080"},
            "via: 'socks4://127.0.0.1:1080' is not a proxy: expected socks5",
        ),
        ("127.0.0.1:25", {"via": "socks5://127.0.0.1"}, "is not a proxy: expected socks5://HOST:PORT"),
        ("127.0.0.1:25", {"via": "socks5://127.0.0.1:0"}, "'0' is not a port"),
    ],
)
async def test_what_does_not_fit_is_told_before_anybody_is_called(target, fields, words):
    with pytest.raises(ValueError) as wrong:
        await report_of(target, **fields)
    assert words in str(wrong.value)


@pytest.mark.parametrize("text", ["socks5://me:secret@127.0.0.1:1080", "http://secret@proxy.example:3128"])
def test_a_login_is_not_read_from_the_proxys_url(text):
    with pytest.raises(ValueError, match="nor a password") as wrong:
        split_via(text)
    assert "secret" not in str(wrong.value)


async def test_without_the_package_it_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr("smtpprobe.pipeline.request.source_address.is_installed", lambda: False)
    with pytest.raises(ValueError, match="python-socks"):
        await report_of("127.0.0.1:25", via="socks5://127.0.0.1:1080")


class Proxy:
    """A proxy that connects to what it is asked for, or answers `refusal`."""

    def __init__(self, scheme: str, refusal: bytes | None = None) -> None:
        self.scheme = scheme
        self.refusal = refusal
        self.asked: list[str] = []
        self.url = ""
        self._open: set[asyncio.StreamWriter] = set()
        self._busy: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[Proxy]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"{self.scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for each in self._busy:
                each.cancel()
            await asyncio.gather(*self._busy, return_exceptions=True)
            for writer in self._open:
                writer.close()
            for writer in self._open:
                with contextlib.suppress(ConnectionError):
                    await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            host, port = await (self._socks(reader, writer) if self.scheme == "socks5" else self._http(reader))
            self.asked.append(f"{host}:{port}")
            if self.refusal is not None:
                writer.write(self.refusal)
                writer.close()
                return
            there, back = await asyncio.open_connection(host, port)
            ok = b"\5\0\0\1\0\0\0\0\0\0" if self.scheme == "socks5" else b"HTTP/1.1 200 Connection established\r\n\r\n"
            writer.write(ok)
            self._open.add(back)
            self._busy |= {asyncio.ensure_future(_pump(there, writer)), asyncio.ensure_future(_pump(reader, back))}

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
        _, count = await reader.readexactly(2)
        await reader.readexactly(count)
        writer.write(b"\5\0")
        *_, kind = await reader.readexactly(4)
        size = {1: 4, 4: 16}[kind]
        family = socket.AF_INET if kind == 1 else socket.AF_INET6
        host = socket.inet_ntop(family, await reader.readexactly(size))
        return host, int.from_bytes(await reader.readexactly(2), "big")

    async def _http(self, reader: asyncio.StreamReader) -> tuple[str, int]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
        assert head.startswith("CONNECT ")
        host, _, port = head.split()[1].rpartition(":")
        return host.strip("[]"), int(port)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while octets := await reader.read(65536):
        writer.write(octets)
        await writer.drain()
    writer.close()


@needs_package
@pytest.mark.parametrize("scheme", ["socks5", "http"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_a_session_through_a_proxy_which_gets_the_address(scheme, address):
    family = AddressFamily.IPV6 if ":" in address else AddressFamily.IPV4
    async with ScriptedServer(HELLO, host=address) as server, Proxy(scheme).serving() as proxy:
        report = await report_of(f"both.example.com:{server.port}", via=proxy.url, family=family, quit_after=Phase.EHLO)
        assert proxy.asked == [f"{address}:{server.port}"]
    assert report.outcome.status is Status.ACCEPTED
    (transcript,) = report.transcripts
    assert (transcript.via, transcript.local_address) == (proxy.url, None)
    assert transcript.identity is not None
    assert (transcript.identity.client_ip, transcript.identity.client_ip_source) == (None, IpSource.UNKNOWN)
    assert transcript.identity.needs == "client_ip"
    assert proxy.url in transcript.identity.warnings[0]


@needs_package
async def test_the_address_that_the_server_saw_may_be_given():
    async with ScriptedServer(HELLO) as server, Proxy("socks5").serving() as proxy:
        report = await report_of(
            f"127.0.0.1:{server.port}", via=proxy.url, client_ip="192.0.2.7", quit_after=Phase.EHLO
        )
    assert report.envelope.helo.value == "[192.0.2.7]"
    assert report.transcripts[0].identity is not None
    assert report.transcripts[0].identity.client_ip == "192.0.2.7"


@needs_package
@pytest.mark.parametrize(
    ("scheme", "answer", "breakage", "words"),
    [
        ("socks5", b"\5\5\0\1\0\0\0\0\0\0", Breakage.REFUSED, "answers with 5: the server refused the connection"),
        (
            "socks5",
            b"\5\4\0\1\0\0\0\0\0\0",
            Breakage.UNREACHABLE,
            "answers with 4: the host is not reachable from there",
        ),
        ("socks5", b"\5\6\0\1\0\0\0\0\0\0", Breakage.TIMED_OUT, "answers with 6: no answer came in time"),
        ("socks5", b"\5\2\0\1\0\0\0\0\0\0", Breakage.LOCAL, "answers with 2: its rules do not allow this connection"),
        ("socks5", b"HTTP/1.1 400 Bad\r\n\r\n", Breakage.LOCAL, "does not answer as one"),
        (
            "http",
            b"HTTP/1.1 403 Forbidden\r\n\r\n",
            Breakage.LOCAL,
            "answers with 403: it does not allow this connection",
        ),
        ("http", b"HTTP/1.1 407 Login\r\n\r\n", Breakage.LOCAL, "answers with 407: it wants a login"),
        ("http", b"HTTP/1.1 502 Bad\r\n\r\n", Breakage.UNREACHABLE, "answers with 502: it could not connect"),
        ("http", b"HTTP/1.1 504 Late\r\n\r\n", Breakage.TIMED_OUT, "answers with 504: no answer came in time"),
        ("http", b"\5\0", Breakage.LOCAL, "does not answer as one"),
        ("http", b"", Breakage.LOCAL, "does not answer as one"),
    ],
)
async def test_what_the_proxy_answers_instead_is_told(scheme, answer, breakage, words):
    async with Proxy(scheme, answer).serving() as proxy:
        report = await report_of("127.0.0.1:25", via=proxy.url)
    assert (report.outcome.exit_code, report.outcome.phase) == (4, Phase.CONNECT)
    assert report.transcripts[0].breakage is breakage
    assert words in (report.outcome.reason or "")
    assert report.outcome.fault is None


@needs_package
async def test_a_proxy_that_does_not_answer_is_not_the_server():
    report = await report_of("127.0.0.1:25", via=f"socks5://127.0.0.1:{free_port()}")
    assert "the proxy socks5://127.0.0.1:" in (report.outcome.reason or "")
    assert "cannot be connected to: the connection was refused" in (report.outcome.reason or "")
    assert report.transcripts[0].breakage is Breakage.LOCAL
