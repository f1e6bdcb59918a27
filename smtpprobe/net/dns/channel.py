"""Sockets to a name server, and which query each of its messages answers (RFC 5452 §9.1)."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from typing import TYPE_CHECKING

from smtpprobe.net.dns.wire import read_message

if TYPE_CHECKING:
    import dns.message

_SOCKETS = 4
_PAST = 512  # ids of questions that are over, for a socket: more than one is asked while a reply can be late


class Waiting:
    """A query, what its reply is put into, and how much else came meanwhile."""

    def __init__(self, query: dns.message.Message, future: asyncio.Future[dns.message.Message]) -> None:
        self.query = query
        self.future = future
        self.foreign = 0


class Channel(asyncio.DatagramProtocol):
    """One connected UDP socket shared by many questions; a reply counts only for its id and its question."""

    def __init__(self) -> None:
        self.waiting: dict[int, Waiting] = {}
        self.past: deque[int] = deque(maxlen=_PAST)
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: object) -> None:
        import dns.exception

        number = int.from_bytes(data[:2], "big")
        entry = self.waiting.get(number)
        if entry is None and number in self.past:
            return  # late
        if entry is None or len(data) < 12:
            # It may have been meant for any of those that wait.
            for each in self.waiting.values():
                each.foreign += 1
            return
        query, future = entry.query, entry.future
        try:
            reply = read_message(data)
        except (dns.exception.DNSException, ValueError):
            if not future.done():
                future.set_exception(Malformed)
            return
        if not query.is_response(reply):
            entry.foreign += 1
        elif not future.done():
            future.set_result(reply)

    def error_received(self, exc: Exception) -> None:
        for each in self.waiting.values():
            if not each.future.done():
                each.future.set_exception(exc)


class Malformed(Exception):
    """A name server's reply that cannot be read."""


class Channels:
    """A few sockets to each name server, opened when the first question is sent there."""

    def __init__(self) -> None:
        self._channels: dict[tuple[str, int], list[Channel]] = {}
        self._opening = asyncio.Lock()

    async def ask(self, waiting: Waiting, server: tuple[str, int]) -> dns.message.Message:
        """The reply to the query, waited for without end; the query's id is set anew."""
        channel, query = await self._channel(server), waiting.query
        assert channel.transport is not None
        query.id = random.SystemRandom().randrange(65536)
        while query.id in channel.waiting:
            query.id = random.SystemRandom().randrange(65536)
        channel.waiting[query.id] = waiting
        try:
            channel.transport.sendto(query.to_wire())
            return await waiting.future
        finally:
            del channel.waiting[query.id]
            channel.past.append(query.id)

    async def _channel(self, server: tuple[str, int]) -> Channel:
        async with self._opening:
            # Each is kept as soon as it is open, so that `close` finds it whatever becomes of the others.
            channels = self._channels.setdefault(server, [])
            while len(channels) < _SOCKETS:
                loop = asyncio.get_running_loop()
                _, channel = await loop.create_datagram_endpoint(Channel, remote_addr=server)
                channels.append(channel)
        return random.SystemRandom().choice(channels)

    def close(self) -> None:
        """Close the sockets."""
        for channels in self._channels.values():
            for channel in channels:
                if channel.transport is not None:
                    channel.transport.close()
        self._channels.clear()


async def ask_over_tcp(query: dns.message.Message, server: tuple[str, int]) -> dns.message.Message:
    """The reply to the query over a TCP connection of its own (RFC 7766 §8), waited for without end.

    Raises OSError, EOFError where it ends early, and Malformed, DNSException or ValueError where it cannot be read.
    """
    reader, writer = await asyncio.open_connection(*server)
    try:
        message = query.to_wire()
        writer.write(len(message).to_bytes(2, "big") + message)
        length = int.from_bytes(await reader.readexactly(2), "big")
        reply = read_message(await reader.readexactly(length))
    finally:
        writer.close()
    if not query.is_response(reply):
        raise Malformed
    return reply
