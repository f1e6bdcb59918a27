from __future__ import annotations

import asyncio
import os
import socket
import ssl
import tempfile

import pytest

from smtpprobe.model.transcript import Breakage
from smtpprobe.net.connection import ConnectFailure, Connection
from smtpprobe.testing.certificates import server_certificate
from smtpprobe.testing.server import ScriptedServer
from smtpprobe.wire.reply_reader import MAX_REPLY
from tests import virtual_time

WAIT_S = 10.0


async def connected(server: ScriptedServer) -> Connection:
    return await Connection.open(server.host, server.port, timeout_s=WAIT_S)


async def told(script: str, *, wait_s: float = WAIT_S, segment: int | None = None):
    """What comes of waiting for one reply."""
    async with ScriptedServer(script, segment=segment) as server:
        connection = await connected(server)
        received = await connection.reply(wait_s)
        connection.close()
    return received


@pytest.mark.parametrize("segment", [None, 1, 3])
async def test_replies_come_in_order_and_whole(segment):
    script = 'S= "220 a\\r\\n250-b\\r\\n250 c\\r\\n"\nC: QUIT\nS: 221 d'
    async with ScriptedServer(script, segment=segment) as server:
        connection = await connected(server)
        assert (await connection.reply(WAIT_S)).raw == b"220 a\r\n"
        assert (await connection.reply(WAIT_S)).raw == b"250-b\r\n250 c\r\n"
        connection.write(b"QUIT\r\n")
        assert (await connection.reply(WAIT_S)).raw == b"221 d\r\n"
        connection.close()
    assert server.received == ["QUIT"]


def test_a_reply_has_the_times_of_its_first_and_its_last_octet():
    async def work():
        clock = asyncio.get_running_loop().time
        async with ScriptedServer('~ 1\nS= "220 a\\r\\n25"\n~ 2\nS= "0 b\\r\\n"') as server:
            connection = await Connection.open(server.host, server.port, timeout_s=WAIT_S, clock=clock)
            replies = [await connection.reply(WAIT_S) for _ in range(2)]
            connection.close()
        return replies

    first, second = virtual_time.run(work())
    assert (first.first_octet_s, first.last_octet_s) == (1, 1)
    assert (second.first_octet_s, second.last_octet_s) == (1, 3)


@pytest.mark.parametrize(
    ("script", "breakage", "raw"),
    [
        ('S= "220-half"\nEOF', Breakage.CLOSED_BY_PEER, b"220-half"),
        ("EOF", Breakage.CLOSED_BY_PEER, b""),
        ('S= "* OK IMAP\\r\\n"\nEOF', Breakage.CLOSED_BY_PEER, b"* OK IMAP\r\n"),
        ("RESET", Breakage.RESET, b""),
    ],
)
async def test_a_connection_that_ends_keeps_what_came(script, breakage, raw):
    received = await told(script)
    assert (received.breakage, received.raw) == (breakage, raw)


async def test_a_whole_reply_before_the_end_is_a_reply():
    async with ScriptedServer("S: 220 a\nEOF") as server:
        connection = await connected(server)
        assert (await connection.reply(WAIT_S)).raw == b"220 a\r\n"
        assert (await connection.reply(WAIT_S)).breakage is Breakage.CLOSED_BY_PEER
        connection.write(b"QUIT\r\n")
        connection.close()


@pytest.mark.parametrize(
    ("octets", "breakage"),
    [("250-on\\r\\n", Breakage.TOO_MUCH), ("x", Breakage.TOO_MUCH), ("hello\\r\\n", Breakage.NOT_SMTP)],
)
async def test_a_reply_without_end_is_given_up(octets, breakage):
    received = await told(f'S* "{octets}"')
    assert received.breakage is breakage
    assert 0 < len(received.raw) <= MAX_REPLY + (1 << 18)


def test_silence_is_waited_for_as_long_as_there_is_no_progress():
    async def work():
        loop = asyncio.get_running_loop()
        async with ScriptedServer('~ 8\nS= "220-"\n~ 8\nS= "slow"') as server:
            connection = await connected(server)
            started = loop.time()
            received = await connection.reply(WAIT_S)
            connection.close()
        return received, loop.time() - started

    received, took_s = virtual_time.run(work())
    assert (received.breakage, received.raw, took_s) == (Breakage.TIMED_OUT, b"220-slow", 26)


async def test_octets_that_nobody_asked_for_can_be_taken():
    async with ScriptedServer('S= "220 a\\r\\n250 b\\r\\n25"\nC: X\nS: 0 c') as server:
        connection = await connected(server)
        assert (await connection.reply(WAIT_S)).raw == b"220 a\r\n"
        assert connection.take_unsolicited() == b"250 b\r\n25"
        assert connection.take_unsolicited() == b""
        connection.close()


async def test_a_421_is_left_for_the_next_command():
    async with ScriptedServer('S= "220 a\\r\\n250 b\\r\\n421 c\\r\\n"') as server:
        connection = await connected(server)
        await connection.reply(WAIT_S)
        assert connection.take_unsolicited() == b"250 b\r\n"
        assert (await connection.reply(WAIT_S)).raw == b"421 c\r\n"
        connection.close()


async def test_what_was_injected_before_the_handshake_answers_nothing_after_it():
    certificate = server_certificate()
    script = 'S: 220 a\nC: STARTTLS\nS= "220 go\\r\\n250 injected\\r\\n"\nTLS\nC: EHLO x\nS: 250 real'
    async with ScriptedServer(script, certificate=certificate) as server:
        connection = await connected(server)
        await connection.reply(WAIT_S)
        connection.write(b"STARTTLS\r\n")
        assert (await connection.reply(WAIT_S)).raw == b"220 go\r\n"
        assert connection.take_undelivered() == b"250 injected\r\n"
        tls = await connection.start_tls(certificate.client_context(), "mx.example.com", WAIT_S)
        assert tls.version() == "TLSv1.3"
        connection.write(b"EHLO x\r\n")
        assert (await connection.reply(WAIT_S)).raw == b"250 real\r\n"
        connection.close()
    assert server.sessions[0].over_tls == [False, True]


async def test_a_handshake_that_fails_drops_the_connection():
    async with ScriptedServer("TLS", certificate=server_certificate()) as server:
        connection = await connected(server)
        with pytest.raises(ssl.SSLCertVerificationError):
            await connection.start_tls(server_certificate().client_context(), "mx.example.com", WAIT_S)
        connection.write(b"EHLO x\r\n")
        connection.close()


def test_a_handshake_has_its_time():
    async def work() -> float:
        loop = asyncio.get_running_loop()
        async with ScriptedServer("~ 1000") as server:
            connection = await connected(server)
            started = loop.time()
            with pytest.raises(TimeoutError):
                await connection.start_tls(server_certificate().client_context(), "mx.example.com", WAIT_S)
        return loop.time() - started

    assert virtual_time.run(work()) == WAIT_S


async def test_a_port_where_nobody_listens_is_refused():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectFailure) as failure:
            await Connection.open("127.0.0.1", taken.getsockname()[1], timeout_s=WAIT_S)
    assert (failure.value.breakage, failure.value.detail) == (Breakage.REFUSED, "the connection was refused")


@pytest.mark.parametrize("source_ip", ["192.0.2.1", "::1"])
async def test_a_source_address_that_is_not_ours_is_our_own_fault(source_ip):
    async with ScriptedServer("S: 220 a") as server:
        with pytest.raises(ConnectFailure) as failure:
            await Connection.open(server.host, server.port, timeout_s=WAIT_S, source_ip=source_ip)
    assert failure.value.breakage is Breakage.LOCAL


async def test_the_source_address_is_ours():
    async with ScriptedServer("S: 220 a") as server:
        connection = await Connection.open(server.host, server.port, timeout_s=WAIT_S, source_ip="127.0.0.2")
        assert connection.local_address == "127.0.0.2"
        connection.close()


async def test_a_unix_socket_is_a_connection_too():
    with tempfile.TemporaryDirectory() as directory:
        path, gone = os.path.join(directory, "lmtp"), asyncio.Event()

        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 a\r\n")
            await reader.read()
            writer.close()
            await writer.wait_closed()
            gone.set()

        async with await asyncio.start_unix_server(greet, path):
            connection = await Connection.open(path, None, timeout_s=WAIT_S)
            assert connection.local_address is None
            assert (await connection.reply(WAIT_S)).raw == b"220 a\r\n"
            connection.close()
            await gone.wait()
        with pytest.raises(ConnectFailure) as failure:
            await Connection.open(path + "-not", None, timeout_s=WAIT_S)
    assert failure.value.breakage is Breakage.LOCAL
