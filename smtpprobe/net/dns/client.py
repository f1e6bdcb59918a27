"""Answers from name servers, through dnspython: UDP over a few shared sockets, TCP after truncation."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from smtpprobe.model.clock import SYSTEM_CLOCK
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, endless
from smtpprobe.model.texts.language import say, say_counted
from smtpprobe.net.dns.channel import Channels, Malformed, Waiting, ask_over_tcp
from smtpprobe.net.dns.reply import MAX_ALIASES, read_reply, shown
from smtpprobe.net.resolver import RunResolver

if TYPE_CHECKING:
    import dns.message
    import dns.name

EDNS_PAYLOAD = 1232  # octets; the flag-day value that survives without fragmentation
QUESTION_TIMEOUT_S = 5.0
# What a name server says that it would say again.
_SAID = (
    DnsStatus.SERVFAIL,
    DnsStatus.REFUSED,
    DnsStatus.OTHER_RCODE,
    DnsStatus.REFERRAL,
    DnsStatus.NO_RECURSION,
    DnsStatus.ALIAS_LOOP,
)


class _Asking:
    """A question under way: until when, whether that is over, and what was sent for it over UDP."""

    def __init__(self, question: Question, until: float) -> None:
        self.question = question
        self.until = until
        self.is_over = False
        self.sent: list[Waiting] = []

    @property
    def foreign(self) -> int:
        """How many messages came meanwhile that cannot be its reply."""
        return sum(each.foreign for each in self.sent)


class _Fault(NamedTuple):
    """Why a name server gave no reply that can be read."""

    status: DnsStatus
    detail: str | None


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


def _name(text: str) -> dns.name.Name:
    """The name of a question. Raises ValueError where it cannot be one."""
    import dns.exception
    import dns.name

    labels = [label.encode(errors="surrogatepass") for label in text.split(".")] if text else []
    try:
        return dns.name.Name([*labels, b""])
    except dns.exception.DNSException as error:
        raise ValueError(str(error)) from error


def _query(name: dns.name.Name, kind: str) -> dns.message.Message:
    """The query as it is sent."""
    import dns.flags
    import dns.message

    query = dns.message.make_query(name, kind, use_edns=0, payload=EDNS_PAYLOAD, want_dnssec=False)
    query.flags |= dns.flags.AD  # RFC 6840 §5.7: asks for the AD bit without the signatures
    return query


def _beyond(found: DnsLookup, step: DnsLookup) -> DnsLookup:
    """The answer to a question whose alias was followed: the last step's, with what the alias adds."""
    ttls = [each.ttl_s for each in (found, step) if each.ttl_s is not None]
    return msgspec.structs.replace(
        step,
        cname=step.cname or found.cname,
        ttl_s=min(ttls) if step.records else None,
        authentic=found.authentic and step.authentic,
    )


def _lookup(question: Question, reply: dns.message.Message | _Fault, server: str) -> DnsLookup:
    if not isinstance(reply, _Fault):
        return read_reply(question, reply, server)
    return DnsLookup(name=question.name, type=question.type, status=reply.status, server=server, detail=reply.detail)


def _is_alias(found: DnsLookup) -> bool:
    """Whether a name server gave an alias alone: to be asked for what it leads to is then ours."""
    return found.status is DnsStatus.REFERRAL and found.cname is not None


def _worst(failures: Sequence[DnsLookup]) -> DnsLookup:
    """The failure that is told: what was said is more than that nothing was said."""
    return next((each for each in reversed(failures) if each.status is not DnsStatus.TIMEOUT), failures[-1])


class NetworkAnswerer:
    """Answers from name servers: UDP over a few shared sockets, TCP after truncation (RFC 7766 §5).

    A server that says nothing is asked twice, once where there are more than two. `servers` None: those that this system
    is configured with, read when the first question is asked.
    """

    def __init__(self, servers: list[tuple[str, int]] | None, *, timeout_s: float = QUESTION_TIMEOUT_S) -> None:
        self._servers = servers
        self._timeout_s = min(timeout_s, QUESTION_TIMEOUT_S)
        self._channels = Channels()

    async def answer(self, question: Question) -> DnsLookup:
        """The answer of the first server that gives one; why there is none where none does.

        A name server that answers with an alias alone is asked for what it leads to, too (RFC 1034 §5.2.2): one lookup
        may be 17 questions, for each type anew. They share the time of one.
        """
        import dns.name

        asking = _Asking(question, asyncio.get_running_loop().time() + self._timeout_s)
        try:
            names = [_name(question.name)]
        except ValueError:
            words = say("no such name can exist: it, or one of its labels, is empty or too long")
            return DnsLookup(name=question.name, type=question.type, status=DnsStatus.NXDOMAIN, detail=words)
        found = await self._answer(asking, names[0])
        alias = found.cname if _is_alias(found) else None
        while alias is not None:
            names.append(dns.name.from_text(alias))
            if names[-1] in names[:-1] or len(names) > MAX_ALIASES + 1:
                words = endless([shown(name) for name in names], MAX_ALIASES)
                return msgspec.structs.replace(found, status=DnsStatus.ALIAS_LOOP, cname=None, ttl_s=None, detail=words)
            step = await self._answer(asking, names[-1])
            found = _beyond(found, step)
            alias = step.cname if _is_alias(step) else None
        if found.status is DnsStatus.TIMEOUT and asking.is_over:
            return msgspec.structs.replace(found, detail=self._silence(asking))
        return found

    def _silence(self, asking: _Asking) -> str:
        """That no answer came in the question's time, and how much else did."""
        words = say("no answer in {timeout_s} s", timeout_s=format(self._timeout_s, ".3g"))
        if not asking.foreign:
            return words
        return say_counted(
            "{why}; {count} reply came that does not belong to the question, or is shorter than a header",
            "{why}; {count} replies came that do not belong to the question, or are shorter than a header",
            asking.foreign,
            why=words,
        )

    async def _answer(self, asking: _Asking, name: dns.name.Name) -> DnsLookup:
        question, until, loop = asking.question, asking.until, asyncio.get_running_loop()
        query = _query(name, question.type)
        servers = [split_server(question.server)] if question.server else self._usual_servers()
        tries = [server for server in servers for _ in range(1 if len(servers) > 2 else 2)]
        failures: list[DnsLookup] = []
        running: dict[asyncio.Task[DnsLookup], tuple[str, int]] = {}
        try:
            while tries:
                # The next try follows a failure, or this one's share of the time that is left. The sockets of all stay
                # open: a late answer counts as long as there is time.
                next_at = loop.time() + max(until - loop.time(), 0.0) / len(tries)
                server = tries.pop(0)
                running[asyncio.create_task(self._try(asking, copy.copy(query), server))] = server
                while running:
                    wait_s = max(next_at - loop.time(), 0.0) if tries else None
                    done, _ = await asyncio.wait(running, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        found, asked = task.result(), running.pop(task, None)
                        if not found.failed or _is_alias(found):
                            return found
                        failures.append(found)
                        if found.status in _SAID:
                            tries = [each for each in tries if each != asked]
                            for again in [task for task, each in running.items() if each == asked]:
                                again.cancel()
                                del running[again]
                    if tries:
                        break
        finally:
            for task in running:
                task.cancel()
        if failures:
            return _worst(failures)
        words = say("this system names none")
        return DnsLookup(name=question.name, type=question.type, status=DnsStatus.UNREACHABLE, detail=words)

    def _usual_servers(self) -> list[tuple[str, int]]:
        if self._servers is None:
            self._servers = system_servers()
        return self._servers

    async def _try(self, asking: _Asking, query: dns.message.Message, server: tuple[str, int]) -> DnsLookup:
        import dns.flags

        reply = await self._udp(asking, query, server)
        if not isinstance(reply, _Fault) and _knows_no_edns(reply):
            # RFC 6891 §7: the same question without the extension.
            query = _without_edns(query)
            reply = await self._udp(asking, query, server)
        if isinstance(reply, _Fault) or not reply.flags & dns.flags.TC:
            return _lookup(asking.question, reply, server_text(*server))
        whole = await self._reply(asking, ask_over_tcp(query, server))
        if isinstance(whole, _Fault):
            is_silent = whole.status is DnsStatus.TIMEOUT
            words = say("no answer in time") if is_silent else say("the reply cannot be read")
            whole = _Fault(DnsStatus.TRUNCATED, whole.detail or words)
        elif whole.flags & dns.flags.TC:
            whole = _Fault(DnsStatus.TRUNCATED, say("the answer over TCP is truncated, too"))
        found = _lookup(asking.question, whole, server_text(*server))
        if found.failed and not isinstance(whole, _Fault):
            words = say("over TCP, after a truncated answer over UDP")
            found = msgspec.structs.replace(found, detail=f"{found.detail}; {words}" if found.detail else words)
        return found

    async def _udp(
        self, asking: _Asking, query: dns.message.Message, server: tuple[str, int]
    ) -> dns.message.Message | _Fault:
        waiting = Waiting(query, asyncio.get_running_loop().create_future())
        asking.sent.append(waiting)
        return await self._reply(asking, self._channels.ask(waiting, server))

    async def _reply(self, asking: _Asking, coming: Awaitable[dns.message.Message]) -> dns.message.Message | _Fault:
        """The reply that comes, or why there is none; it is waited for until the question's time is over."""
        import dns.exception

        try:
            async with asyncio.timeout_at(asking.until) as limit:
                return await coming
        except TimeoutError:
            # The system's own ETIMEDOUT is a TimeoutError, too, and may come earlier.
            asking.is_over = asking.is_over or limit.expired()
            return _Fault(DnsStatus.TIMEOUT, None)
        except OSError as error:
            from smtpprobe.net.error_words import words_of  # a run whose name servers answer does not need it

            return _Fault(DnsStatus.UNREACHABLE, words_of(error))
        except EOFError:
            return _Fault(DnsStatus.MALFORMED, say("it ended early"))
        except (dns.exception.DNSException, Malformed, ValueError):
            return _Fault(DnsStatus.MALFORMED, None)

    async def aclose(self) -> None:
        """Close the sockets."""
        self._channels.close()


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
