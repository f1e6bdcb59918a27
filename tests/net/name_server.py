"""A name server on loopback that does as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset
import dns.zone

_MOST_ATTEMPTS = 20
Make = Callable[[dns.message.Message], Iterable[bytes]]


class NameServer(asyncio.DatagramProtocol):
    """Answers with the datagrams that `udp` makes of a query; over TCP with what `tcp` makes, one message."""

    def __init__(self, udp: Make, tcp: Make | None = None) -> None:
        self._udp = udp
        self._tcp = tcp
        self.asked: list[dns.message.Message] = []
        self.asked_over_tcp = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.DatagramTransport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        self.asked.append(query)
        for datagram in self._udp(query):
            self._transport.sendto(datagram, addr)

    async def _over_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self._tcp is not None
        length = int.from_bytes(await reader.readexactly(2), "big")
        query = dns.message.from_wire(await reader.readexactly(length))
        self.asked_over_tcp += 1
        for message in self._tcp(query):
            writer.write(len(message).to_bytes(2, "big") + message)
        writer.close()
        await writer.wait_closed()

    async def __aenter__(self) -> Self:
        for attempt in range(_MOST_ATTEMPTS):
            try:
                await self._listen()
            except OSError:
                # Somebody else has the TCP port that belongs to the UDP port.
                if attempt == _MOST_ATTEMPTS - 1:
                    raise
            else:
                break
        return self

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, ("127.0.0.1", 0))
        self.server: tuple[str, int] = self._transport.get_extra_info("sockname")
        try:
            self._listener = await asyncio.start_server(self._over_tcp, *self.server) if self._tcp else None
        except OSError:
            self._transport.close()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._transport.close()
        if self._listener is not None:
            self._listener.close()
            await self._listener.wait_closed()


def reply(query: dns.message.Message, *records: str, rcode: dns.rcode.Rcode = dns.rcode.NOERROR) -> dns.message.Message:
    """The query's reply with these records, each as a line of a master file, from a name server that recurses."""
    made = dns.message.make_response(query, recursion_available=True)
    made.set_rcode(rcode)
    for record in records:
        name, ttl, kind, *data = record.split(" ", 3)
        made.answer.append(dns.rrset.from_text(name, int(ttl), "IN", kind, *data))
    return made


def answers(*records: str, rcode: dns.rcode.Rcode = dns.rcode.NOERROR, flags: int = 0) -> Make:
    """Every query is answered with these records."""

    def make(query: dns.message.Message) -> Iterable[bytes]:
        made = reply(query, *records, rcode=rcode)
        made.flags |= flags
        yield made.to_wire()

    return make


def silence(query: dns.message.Message) -> Iterable[bytes]:
    """No answer at all."""
    return ()


def zoned(text: str) -> Make:
    """Every query is answered from master-file text; a name that is not in it does not exist."""
    zone = dns.zone.from_text(f"$TTL 300\n{text}", origin=dns.name.root, relativize=False, check_origin=False)

    def make(query: dns.message.Message) -> Iterable[bytes]:
        (question,) = query.question
        made = dns.message.make_response(query)
        made.flags |= dns.flags.RA
        found = zone.get_rrset(question.name, question.rdtype)
        if found is not None:
            made.answer.append(found)
        elif not any(name.is_subdomain(question.name) for name in zone):
            made.set_rcode(dns.rcode.NXDOMAIN)
        yield made.to_wire()

    return make
