"""What we rely on in aiosmtplib.protocol.SMTPProtocol, which is public and undocumented."""

from __future__ import annotations

import asyncio

import pytest
from aiosmtplib import SMTPServerDisconnected
from aiosmtplib.protocol import SMTPProtocol


class Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closing = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return self.closing


async def connected() -> tuple[SMTPProtocol, Transport]:
    protocol, transport = SMTPProtocol(loop=asyncio.get_running_loop()), Transport()
    protocol.connection_made(transport)
    return protocol, transport


async def test_it_is_a_stream_protocol_made_with_a_loop_alone():
    protocol = SMTPProtocol(loop=asyncio.get_running_loop())
    assert isinstance(protocol, asyncio.Protocol)
    assert not isinstance(protocol, asyncio.BufferedProtocol)
    assert protocol.transport is None
    assert not protocol.is_connected


async def test_what_is_written_goes_to_the_transport_as_it_is():
    protocol, transport = await connected()
    assert protocol.transport is transport
    assert protocol.is_connected
    protocol.write(b"EHLO client.example.org\r\n")
    assert transport.written == [b"EHLO client.example.org\r\n"]


async def test_a_transport_that_closes_is_not_connected_and_takes_nothing():
    protocol, transport = await connected()
    transport.closing = True
    assert not protocol.is_connected
    with pytest.raises(SMTPServerDisconnected):
        protocol.write(b"QUIT\r\n")


@pytest.mark.parametrize("error", [None, ConnectionResetError()])
async def test_a_lost_connection_leaves_no_transport_and_nothing_to_collect(error):
    protocol, _ = await connected()
    protocol.connection_lost(error)
    assert protocol.transport is None
    assert not protocol.is_connected


async def test_another_transport_can_take_the_place_of_the_first():
    protocol, _ = await connected()
    encrypted = Transport()
    protocol.transport = encrypted
    protocol.write(b"EHLO client.example.org\r\n")
    assert encrypted.written == [b"EHLO client.example.org\r\n"]


async def test_our_names_hide_none_of_its_own():
    from smtpprobe.net.protocol import ReplyProtocol

    loop = asyncio.get_running_loop()
    overridden = {"data_received", "connection_made", "eof_received", "resume_writing", "connection_lost"}
    theirs = set(dir(SMTPProtocol)) | set(vars(SMTPProtocol(loop=loop)))
    methods = {name for name in vars(ReplyProtocol) if not name.startswith("__")}
    attributes = set(vars(ReplyProtocol(loop, loop.time, 0.0))) - set(vars(SMTPProtocol(loop=loop)))
    assert methods & theirs == overridden
    assert attributes & theirs == set()
