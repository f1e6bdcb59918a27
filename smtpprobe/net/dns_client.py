"""Answers from name servers, through dnspython: UDP over a few shared sockets, TCP after truncation."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

from smtpprobe.model.clock import SYSTEM_CLOCK
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.texts.language import say
from smtpprobe.net.dns_reply import read_reply
from smtpprobe.net.resolver import RunResolver

if TYPE_CHECKING:
    import dns.message

EDNS_PAYLOAD = 1232  # octets; the flag-day value that survives without fragmentation
QUESTION_TIMEOUT_S = 5.0
_SOCKETS = 4
# What a name server says that it would say again.

_SAID = (DnsStatus.SERVFAIL, DnsStatus.REFUSED, DnsStatus.OTHER_RCODE, DnsStatus.REFERRAL)


class _Waiting:
    """A query, what its reply is put into, and whether something else came meanwhile."""

    def __init__(self, query: dns.message.Message, future: asyncio.Future[dns.message.Message]) -> None:
        self.query = query
        self.future = future
        self.foreign = False


class _Channel(asyncio.DatagramProtocol):
    """One connected UDP socket shared by many questions; a reply counts only for its id and its question."""

    def __init__(self) -> None:
        self.waiting: dict[int, _Waiting] = {}
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
                each.foreign = True
            return
        query, future = entry.query, entry.future
        try:
            reply = _message(data)
        except (dns.exception.DNSException, ValueError):
            if not future.done():
                future.set_exception(_Malformed)
            return
        if not query.is_response(reply):
            entry.foreign = True
        elif not future.done():
            future.set_result(reply)

    def error_received(self, exc: Exception) -> None:
        for each in self.waiting.values():
            if not each.future.done():
                each.future.set_exception(exc)


def _message(data: bytes) -> dns.message.Message:
    """The message in a datagram. Raises DNSException or ValueError."""
    import dns.exception
    import dns.message

    try:
        return dns.message.from_wire(data, ignore_trailing=True)
    except dns.exception.DNSException:
        reply = dns.message.from_wire(data, ignore_trailing=True, continue_on_error=True)
        # An extended error whose words are not UTF-8 (RFC 8914 §2) costs itself, and not the answer.
        if all(isinstance(each.exception.__cause__, UnicodeDecodeError) for each in reply.errors):
            return reply
        raise


class _Malformed(Exception):
    """A name server's reply that cannot be read."""


class _Fault(NamedTuple):
    """Why a name server gave no reply that can be read."""

    status: DnsStatus
    detail: str | None


async def _reply(asking: Awaitable[dns.message.Message], timeout_s: float) -> dns.message.Message | _Fault:
    """The reply that the asking comes to, or why there is none; it is waited for no longer than `timeout_s`."""
    import dns.exception

    try:
        async with asyncio.timeout(timeout_s):
            return await asking
    except (TimeoutError, dns.exception.Timeout) as error:
        # The system's own ETIMEDOUT is a TimeoutError, too, but has a number.
        return _Fault(
            DnsStatus.TIMEOUT,
            None
            if getattr(error, "errno", None)
            else say("no answer in {timeout_s} s", timeout_s=format(timeout_s, ".3g")),
        )
    except OSError as error:
        from smtpprobe.net.error_words import words_of  # a run whose name servers answer does not need it

        return _Fault(DnsStatus.UNREACHABLE, words_of(error))
    except EOFError:
        return _Fault(DnsStatus.MALFORMED, say("it ended early"))
    except (dns.exception.DNSException, _Malformed, ValueError):
        return _Fault(DnsStatus.MALFORMED, None)


def _knows_no_edns(reply: dns.message.Message) -> bool:
    """Whether the name server may have taken offence at EDNS (RFC 6891 §6.1.3, §7)."""
    import dns.rcode

    return reply.rcode() in (dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS)


def _without_edns(query: dns.message.Message) -> dns.message.Message:
    import dns.message

    asked = query.question[0]
    plain = dns.message.make_query(asked.name, asked.rdtype)
    plain.flags = query.flags
    return plain


def _lookup(question: Question, reply: dns.message.Message | _Fault, server: str) -> DnsLookup:
    if not isinstance(reply, _Fault):
        return read_reply(question, reply, server)
    return DnsLookup(name=question.name, type=question.type, status=reply.status, server=server, detail=reply.detail)


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
            name=question.name, type=question.type, status=DnsStatus.UNREACHABLE, detail=say("this system names none")
        )
        tries = [server for server in servers for _ in range(1 if len(servers) > 2 else 2)]
        per_try_s = self._timeout_s / max(len(tries), 1)
        for server in tries:
            failure = await self._try(question, query, server, per_try_s)
            if not failure.failed:
                return failure
            if failure.status in _SAID and len(servers) == 1:
                return failure
        return failure

    def _usual_servers(self) -> list[tuple[str, int]]:
        if self._servers is None:
            self._servers = system_servers()
        return self._servers

    async def _try(
        self, question: Question, query: dns.message.Message, server: tuple[str, int], timeout_s: float
    ) -> DnsLookup:
        import dns.flags

        until = asyncio.get_running_loop().time() + timeout_s
        waiting = _Waiting(query, asyncio.get_running_loop().create_future())
        reply = await _reply(self._udp(waiting, server), timeout_s)
        if isinstance(reply, _Fault) and reply.status is DnsStatus.TIMEOUT and waiting.foreign:
            reply = _Fault(reply.status, say("{why}, only what answers another question", why=reply.detail or ""))
        if not isinstance(reply, _Fault) and _knows_no_edns(reply):
            # RFC 6891 §7: the same question without the extension.
            left_s = max(until - asyncio.get_running_loop().time(), 0.0)
            query = _without_edns(query)
            waiting = _Waiting(query, asyncio.get_running_loop().create_future())
            reply = await _reply(self._udp(waiting, server), left_s)
        if isinstance(reply, _Fault) or not reply.flags & dns.flags.TC:
            return _lookup(question, reply, server_text(*server))
        import dns.asyncquery  # takes longer than many an answer: not out of the question's time

        left_s = max(until - asyncio.get_running_loop().time(), 0.0)
        whole = await _reply(dns.asyncquery.tcp(query, server[0], port=server[1]), left_s)
        if isinstance(whole, _Fault):
            whole = _Fault(DnsStatus.TRUNCATED, whole.detail or say("the reply cannot be read"))
        elif whole.flags & dns.flags.TC:
            whole = _Fault(DnsStatus.TRUNCATED, say("the answer over TCP is truncated, too"))
        return _lookup(question, whole, server_text(*server))

    async def _udp(self, waiting: _Waiting, server: tuple[str, int]) -> dns.message.Message:
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
