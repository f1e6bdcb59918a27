"""UDP sockets to a name server, and which query each datagram answers (RFC 5452 §9.1)."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from smtpprobe.net.dns.wire import read_message

if TYPE_CHECKING:
    import dns.message

_SOCKETS = 4


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
        self.asked: set[int] = set()
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: object) -> None:
        import dns.exception

        number = int.from_bytes(data[:2], "big")
        entry = self.waiting.get(number)
        if len(data) < 12 or entry is None:
            # Unless it is late, it may have been meant for any of those that wait.
            for each in self.waiting.values() if number not in self.asked or entry is not None else ():
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
        channel.asked.add(query.id)
        try:
            channel.transport.sendto(query.to_wire())
            return await waiting.future
        finally:
            del channel.waiting[query.id]

    async def _channel(self, server: tuple[str, int]) -> Channel:
        async with self._opening:
            channels = self._channels.get(server)
            if channels is None:
                loop = asyncio.get_running_loop()
                channels = self._channels[server] = [
                    (await loop.create_datagram_endpoint(Channel, remote_addr=server))[1] for _ in range(_SOCKETS)
                ]
        return random.SystemRandom().choice(channels)

    def close(self) -> None:
        """Close the sockets."""
        for channels in self._channels.values():
            for channel in channels:
                if channel.transport is not None:
                    channel.transport.close()
        self._channels.clear()
