from __future__ import annotations

import asyncio

import pytest

from smtpprobe.testing.certificates import CertificateKind, server_certificate
from smtpprobe.testing.server import ScriptedServer, ScriptMismatch

SESSION = """
S: 220 mx.example.com ESMTP
C: EHLO *
S: 250-mx.example.com
S: 250 PIPELINING
C: QUIT
S: 221 2.0.0 Bye
EOF
"""


async def connected(server: ScriptedServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(server.host, server.port)


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def test_a_session_is_played_and_recorded():
    async with ScriptedServer(SESSION) as server:
        reader, writer = await connected(server)
        assert await reader.readline() == b"220 mx.example.com ESMTP\r\n"
        writer.write(b"EHLO client.example.org\r\n")
        assert await reader.readline() + await reader.readline() == b"250-mx.example.com\r\n250 PIPELINING\r\n"
        writer.write(b"QUIT\r\n")
        assert await reader.read() == b"221 2.0.0 Bye\r\n"
        await closed(writer)
    assert server.received == ["EHLO client.example.org", "QUIT"]
    assert server.sessions[0].octets == b"EHLO client.example.org\r\nQUIT\r\n"
    assert server.sessions[0].finished


async def test_another_command_than_the_scripts_is_a_failure_that_names_the_line():
    async def session() -> None:
        async with ScriptedServer(SESSION) as server:
            reader, writer = await connected(server)
            await reader.readline()
            writer.write(b"HELO x\r\n")
            assert await reader.read() == b""
            await closed(writer)

    with pytest.raises(ScriptMismatch, match=r"line 3: expected 'EHLO \*', the client said 'HELO x'"):
        await session()


async def test_a_lenient_server_keeps_the_mismatch():
    async with ScriptedServer('C= "abc"', strict=False) as server:
        reader, writer = await connected(server)
        writer.write(b"abx")
        assert await reader.read() == b""
        await closed(writer)
    assert "expected b'abc'" in (server.sessions[0].mismatch or "")


async def test_a_client_that_leaves_early_is_no_failure():
    async with ScriptedServer(SESSION) as server:
        reader, writer = await connected(server)
        await reader.readline()
        await closed(writer)
        await server.sessions[0].closed.wait()
    assert not server.sessions[0].finished


class Segments(asyncio.Protocol):
    """Keeps what arrives, one item for each time that the loop delivers octets."""

    def __init__(self) -> None:
        self.segments: list[bytes] = []
        self.lost: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self.segments.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(exc)


async def segments_of(server: ScriptedServer) -> tuple[list[bytes], Exception | None]:
    _, protocol = await asyncio.get_running_loop().create_connection(Segments, server.host, server.port)
    lost = await asyncio.wait_for(protocol.lost, 10)
    return protocol.segments, lost


async def test_neighbouring_lines_leave_in_one_segment_and_a_wait_splits_them():
    async with ScriptedServer("S: 220-a\nS: 220 b\n~ 0.01\nS: 250 c\nEOF") as server:
        segments, _ = await segments_of(server)
    assert segments == [b"220-a\r\n220 b\r\n", b"250 c\r\n"]


async def test_every_segment_length_delivers_the_same_octets():
    async with ScriptedServer("S: 220 mx.example.com\nEOF", segment=1) as server:
        segments, _ = await segments_of(server)
    assert b"".join(segments) == b"220 mx.example.com\r\n"
    assert len(segments) > 15


async def test_reset_is_seen_as_a_reset():
    async with ScriptedServer("S: 220 mx\n~ 0.01\nRESET") as server:
        segments, lost = await segments_of(server)
    assert segments == [b"220 mx\r\n"]
    assert isinstance(lost, ConnectionResetError)


async def test_end_of_file_is_no_reset():
    async with ScriptedServer('S= "22"\nEOF') as server:
        assert await segments_of(server) == ([b"22"], None)


async def test_an_endless_reply_goes_on_until_the_client_has_gone():
    async with ScriptedServer('S* "250-more\\r\\n"') as server:
        reader, writer = await connected(server)
        octets = await reader.readexactly(1_000_000)
        assert octets[:20] == b"250-more\r\n250-more\r\n"
        await closed(writer)
        await asyncio.wait_for(server.sessions[0].closed.wait(), 10)


async def test_a_silent_server_is_ended_with_its_context():
    async with ScriptedServer("S: 220 mx") as server:
        reader, writer = await connected(server)
        await reader.readline()
    assert await reader.read() == b""
    await closed(writer)


async def test_a_message_is_taken_whole():
    async with ScriptedServer("C: DATA\nS: 354 Go\nMESSAGE\nS: 554 5.7.1 No\nEOF") as server:
        reader, writer = await connected(server)
        writer.write(b"DATA\r\nSubject: x\r\n\r\n..y\r\n.\r\n")
        assert await reader.read() == b"354 Go\r\n554 5.7.1 No\r\n"
        await closed(writer)
    assert server.received == ["DATA", "Subject: x", "", "..y", "."]


async def test_each_connection_plays_its_own_script_and_the_last_one_again():
    async with ScriptedServer("S: 421 a\nEOF", "S: 220 b\nEOF") as server:
        found = [b"".join((await segments_of(server))[0]) for _ in range(3)]
    assert found == [b"421 a\r\n", b"220 b\r\n", b"220 b\r\n"]


STARTTLS = r"""
S: 220 mx.example.com ESMTP
C: STARTTLS
S= "220 Go ahead\r\n250 injected\r\n"
TLS
C: EHLO *
S: 250 mx.example.com
"""


async def test_starttls_with_an_injected_reply():
    async with ScriptedServer(STARTTLS) as server:
        assert server.certificate is not None
        reader, writer = await connected(server)
        await reader.readline()
        writer.write(b"STARTTLS\r\n")
        assert await reader.readline() + await reader.readline() == b"220 Go ahead\r\n250 injected\r\n"
        await writer.start_tls(server.certificate.client_context(), server_hostname="mx.example.com")
        writer.write(b"EHLO x\r\n")
        assert await reader.readline() == b"250 mx.example.com\r\n"
        await closed(writer)
    assert list(zip(server.received, server.sessions[0].over_tls, strict=True)) == [
        ("STARTTLS", False),
        ("EHLO x", True),
    ]


async def test_implicit_tls():
    async with ScriptedServer("TLS\nS: 220 mx\nEOF") as server:
        assert server.certificate is not None
        reader, writer = await asyncio.open_connection(
            server.host, server.port, ssl=server.certificate.client_context(), server_hostname="localhost"
        )
        assert await reader.read() == b"220 mx\r\n"
        await closed(writer)


async def test_a_refused_certificate_is_recorded():
    certificate = server_certificate(CertificateKind.EXPIRED)
    async with ScriptedServer("TLS\nS: 220 mx", certificate=certificate) as server:
        with pytest.raises(OSError, match="certificate has expired"):
            await asyncio.open_connection(
                server.host, server.port, ssl=certificate.client_context(), server_hostname="localhost"
            )
        await asyncio.wait_for(server.sessions[0].closed.wait(), 10)
    assert server.sessions[0].handshake_error


async def test_a_handshake_that_never_comes_ends_with_the_context():
    async with ScriptedServer("S: 220 Go\nTLS") as server:
        reader, writer = await connected(server)
        await reader.readline()
    assert await reader.read() == b""
    await closed(writer)


def test_a_server_without_a_script_is_refused():
    with pytest.raises(ValueError, match="expected at least one"):
        ScriptedServer()


def test_a_script_that_is_wrong_is_refused_before_it_is_served():
    with pytest.raises(ValueError, match="line 2"):
        ScriptedServer("S: 220 mx\nnonsense")
