"""Answers from name servers, through dnspython: UDP over a few shared sockets, TCP after truncation."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from smtpprobe.model.clock import SYSTEM_CLOCK
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.texts.language import say
from smtpprobe.net.records import presentation
from smtpprobe.net.resolver import RunResolver

if TYPE_CHECKING:
    import dns.message

EDNS_PAYLOAD = 1232  # octets; the flag-day value that survives without fragmentation
QUESTION_TIMEOUT_S = 5.0
_SOCKETS = 4
_OVER_TCP = "the answer was truncated over UDP, and over TCP"


class _Channel(asyncio.DatagramProtocol):
    """One connected UDP socket shared by many questions; a reply counts only for its id and its question."""

    def __init__(self) -> None:
        self.waiting: dict[int, tuple[dns.message.Message, asyncio.Future[dns.message.Message]]] = {}
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: object) -> None:
        import dns.exception
        import dns.message

        if len(data) < 12:
            return
        entry = self.waiting.get(int.from_bytes(data[:2], "big"))
        if entry is None:
            return
        query, future = entry
        try:
            reply = dns.message.from_wire(data, ignore_trailing=True, raise_on_truncation=False)
        except (dns.exception.DNSException, ValueError):
            if not future.done():
                future.set_exception(_Malformed)
            return
        if query.is_response(reply) and not future.done():
            future.set_result(reply)

    def error_received(self, exc: Exception) -> None:
        for _, future in self.waiting.values():
            if not future.done():
                future.set_exception(exc)


class _Malformed(Exception):
    """A name server's reply that cannot be read."""


class NetworkAnswerer:
    """Answers from name servers: UDP over a few shared sockets, TCP after truncation (RFC 7766 §5), one retry a server.

    `servers` None: those that this system is configured with, read when the first question is asked.
    """

    def __init__(self, servers: list[tuple[str, int]] | None, *, timeout_s: float = QUESTION_TIMEOUT_S) -> None:
        self._servers = servers
        self._timeout_s = min(timeout_s, QUESTION_TIMEOUT_S)
        self._channels: dict[tuple[str, int], list[_Channel]] = {}
        self._opening = asyncio.Lock()

    async def answer(self, question: Question) -> DnsLookup:
        """The answer of the first server that gives one; the last one's failure where none does."""
        import dns.message
        import dns.name

        try:
            name = dns.name.Name(
                [*(label.encode(errors="surrogatepass") for label in question.name.split(".")), b""]
                if question.name
                else [b""]
            )
        except dns.exception.DNSException:
            words = say("no such name can exist: it, or one of its labels, is empty or too long")
            return DnsLookup(name=question.name, type=question.type, status=DnsStatus.NXDOMAIN, detail=words)
        query = dns.message.make_query(name, question.type, use_edns=0, payload=EDNS_PAYLOAD, want_dnssec=False)
        query.flags |= dns.flags.AD  # RFC 6840 §5.7: asks for the AD bit without the signatures
        servers = [split_server(question.server)] if question.server else self._usual_servers()
        failure = DnsLookup(
            name=question.name, type=question.type, status=DnsStatus.TIMEOUT, detail=say("no name server configured")
        )
        tries = [server for server in servers for _ in range(1 if len(servers) > 2 else 2)]
        per_try_s = self._timeout_s / max(len(tries), 1)
        for server in tries:
            failure = await self._try(question, query, server, per_try_s)
            if not failure.failed:
                return failure
            if failure.status in (DnsStatus.SERVFAIL, DnsStatus.REFUSED) and len(servers) == 1:
                return failure
        return failure

    def _usual_servers(self) -> list[tuple[str, int]]:
        if self._servers is None:
            self._servers = system_servers()
        return self._servers

    async def _try(
        self, question: Question, query: dns.message.Message, server: tuple[str, int], timeout_s: float
    ) -> DnsLookup:
        """One server's answer; where TCP failed after truncation, that is what is said of it."""
        truncated: list[bool] = []
        found = await self._asked(question, query, server, timeout_s, truncated)
        if not (truncated and found.failed):
            return found
        return msgspec.structs.replace(found, detail=f"{_OVER_TCP}: {found.detail or found.status.value.upper()}")

    async def _asked(
        self,
        question: Question,
        query: dns.message.Message,
        server: tuple[str, int],
        timeout_s: float,
        truncated: list[bool],
    ) -> DnsLookup:
        import dns.exception

        label = server_text(*server)
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        try:
            async with asyncio.timeout(timeout_s):
                reply = await self._udp(query, server)
            if reply.flags & dns.flags.TC:
                truncated.append(True)
                left_s = until - loop.time()
                import dns.asyncquery  # takes longer than many an answer: not out of the question's time

                async with asyncio.timeout(left_s):
                    reply = await dns.asyncquery.tcp(query, server[0], port=server[1], timeout=left_s)
        except (TimeoutError, dns.exception.Timeout):
            return DnsLookup(
                name=question.name,
                type=question.type,
                status=DnsStatus.TIMEOUT,
                server=label,
                detail=say("no answer in {timeout_s} s", timeout_s=format(timeout_s, "g")),
            )
        except OSError as error:
            from smtpprobe.net.error_words import words_of  # a run whose name servers answer does not need it

            return DnsLookup(
                name=question.name,
                type=question.type,
                status=DnsStatus.REFUSED,
                server=label,
                detail=words_of(error),
            )
        except (dns.exception.DNSException, _Malformed, EOFError, ValueError):
            return DnsLookup(
                name=question.name,
                type=question.type,
                status=DnsStatus.SERVFAIL,
                server=label,
                detail=say("malformed reply"),
            )
        return read_reply(question, reply, label)

    async def _udp(self, query: dns.message.Message, server: tuple[str, int]) -> dns.message.Message:
        channel = await self._channel(server)
        assert channel.transport is not None
        query.id = random.SystemRandom().randrange(65536)
        while query.id in channel.waiting:
            query.id = random.SystemRandom().randrange(65536)
        future: asyncio.Future[dns.message.Message] = asyncio.get_running_loop().create_future()
        channel.waiting[query.id] = (query, future)
        try:
            channel.transport.sendto(query.to_wire())
            return await future
        finally:
            del channel.waiting[query.id]

    async def _channel(self, server: tuple[str, int]) -> _Channel:
        async with self._opening:
            channels = self._channels.get(server)
            if channels is None:
                loop = asyncio.get_running_loop()
                channels = self._channels[server] = [
                    (await loop.create_datagram_endpoint(_Channel, remote_addr=server))[1] for _ in range(_SOCKETS)
                ]
        return random.SystemRandom().choice(channels)

    async def aclose(self) -> None:
        """Close the sockets."""
        for channels in self._channels.values():
            for channel in channels:
                if channel.transport is not None:
                    channel.transport.close()
        self._channels.clear()


class NetworkResolver(RunResolver):
    """A Resolver over the network, with the sockets that it needs; `aclose` or `async with` closes them.

    `server` is `IP`, `IP:PORT` or `[v6]:PORT`, None for those that this system is configured with; `timeout_s` is for
    one query, at most 5 s. Raises ValueError for an invalid server. An answer is kept until it is closed,
    whatever its TTL.
    """

    def __init__(
        self,
        server: str | None = None,
        *,
        timeout_s: float | None = None,
        clock: Callable[[], float] = SYSTEM_CLOCK.monotonic,
    ) -> None:
        servers = [split_server(server)] if server else None
        self._answerer = NetworkAnswerer(servers, timeout_s=timeout_s or QUESTION_TIMEOUT_S)
        super().__init__(self._answerer.answer, clock=clock)

    async def aclose(self) -> None:
        """Cancel what is still under way, and close the sockets."""
        try:
            await super().aclose()
        finally:
            await self._answerer.aclose()


def read_reply(question: Question, reply: dns.message.Message, server: str) -> DnsLookup:
    """A name server's reply as a lookup."""
    import dns.exception
    import dns.flags
    import dns.rcode

    rcode = reply.rcode()
    failure = {dns.rcode.REFUSED: DnsStatus.REFUSED, dns.rcode.NXDOMAIN: DnsStatus.NXDOMAIN}.get(rcode)
    if failure is None and rcode != dns.rcode.NOERROR:
        failure = DnsStatus.SERVFAIL
    authentic = bool(reply.flags & dns.flags.AD)
    if failure is not None:
        named = rcode == dns.rcode.SERVFAIL or failure is not DnsStatus.SERVFAIL
        detail = None if named else dns.rcode.to_text(rcode)
        return DnsLookup(
            name=question.name, type=question.type, status=failure, authentic=authentic, server=server, detail=detail
        )
    try:
        chain = reply.resolve_chaining()  # type: ignore[attr-defined]
    except dns.exception.DNSException:
        words = say("the reply leads from alias to alias in a loop, or answers nothing")
        return DnsLookup(name=question.name, type=question.type, status=DnsStatus.SERVFAIL, server=server, detail=words)
    canonical = chain.canonical_name.to_text(omit_final_dot=True).lower()
    cname = canonical if canonical != question.name.lower() else None
    if chain.answer is None:
        return DnsLookup(
            name=question.name,
            type=question.type,
            status=DnsStatus.NODATA,
            authentic=authentic,
            server=server,
            cname=cname,
        )
    return DnsLookup(
        name=question.name,
        type=question.type,
        status=DnsStatus.ANSWER,
        records=presentation(chain.answer),
        ttl_s=chain.minimum_ttl,
        authentic=authentic,
        server=server,
        cname=cname,
    )


def split_server(text: str) -> tuple[str, int]:
    """Address and port of `IP`, `IP:PORT` or `[v6]:PORT`; the port is 53 where none is given. Raises ValueError."""
    from smtpprobe.model.names import ip_address

    host, port = text.strip(), "53"
    if host.startswith("["):
        host, bracket, rest = host[1:].partition("]")
        port = (rest[1:] if rest.startswith(":") else rest) if rest or not bracket else "53"
    elif host.count(":") == 1:
        host, port = host.split(":")
    try:
        address, number = ip_address(host), int(port)
    except ValueError:
        raise ValueError(
            say(
                "{text} is not a name server: expected IP or IP:PORT, for example 192.0.2.53 or [2001:db8::53]:5353",
                text=repr(text),
            )
        ) from None
    if not 0 < number < 65536:
        raise ValueError(say("{text} is not a name server: the port must be 1 to 65535", text=repr(text)))
    return address, number


def server_text(host: str, port: int) -> str:
    """The server as it is shown: the port only where it is not 53."""
    if port == 53:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def system_servers() -> list[tuple[str, int]]:
    """The name servers that this system is configured with; empty where none is."""
    import dns.resolver

    try:
        configured = dns.resolver.Resolver().nameservers
    except dns.resolver.NoResolverConfiguration:
        return []
    return [(server, 53) for server in configured if isinstance(server, str) and "://" not in server]
