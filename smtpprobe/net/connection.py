"""One connection to one address: every octet kept, every reply timed, nothing handed to the wrong command.

The transport, the write side and the life cycle are aiosmtplib's SMTPProtocol; reading is ours, because a probe needs
what a mailer drops: unsolicited octets, a second reply in the same segment, half a reply, the exact octets.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import cast

import msgspec
from aiosmtplib.protocol import SMTPProtocol

from smtpprobe.model.clock import SYSTEM_CLOCK
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Breakage, TlsFault
from smtpprobe.net import tls_fault
from smtpprobe.net.error_words import breakage_of, words_of
from smtpprobe.wire.reply_reader import ReplyReader


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """One whole reply's octets with the times of its first and last octet.

    Or a breakage, with what came until then; `last_octet_s` is then when it broke off.
    """

    raw: bytes
    first_octet_s: float | None = None
    last_octet_s: float | None = None
    breakage: Breakage | None = None
    tls_fault: TlsFault | None = None
    detail: str | None = None


class ConnectFailure(Exception):
    """No connection came about. `breakage` and `detail` say why; nothing was received."""

    def __init__(self, breakage: Breakage, detail: str) -> None:
        super().__init__(detail)
        self.breakage = breakage
        self.detail = detail


class _Protocol(SMTPProtocol):
    """SMTPProtocol with our reader in place of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Callable[[], float], start: float) -> None:
        super().__init__(loop=loop)
        self._loop_ = loop
        self._clock = clock
        self._start = start
        self._waiter: asyncio.Future[None] | None = None
        self._late = False
        self.reader = ReplyReader()
        self.replies: deque[Received] = deque()
        self.first_s: float | None = None
        self.last_s: float | None = None
        self.lost: BaseException | None = None
        self.ended = False
        self.expired_s: float | None = None  # the deadline that has passed

    def data_received(self, data: bytes) -> None:
        now = self.last_s = self._clock() - self._start
        if self.first_s is None:
            self.first_s = now
        reader = self.reader
        reader.feed(data)
        while (raw := reader.next()) is not None:
            self.replies.append(Received(raw=raw, first_octet_s=self.first_s, last_octet_s=now))
            # What is left of this segment is the first of the next reply.
            self.first_s = now if reader.has_undelivered else None
        self.wake()

    def eof_received(self) -> bool:
        self.ended = True
        self.wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.ended = True
        self.lost = exc
        self.wake()

    def wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def wait_for_data(self, wait_s: float) -> bool:
        """Wait for more octets or the end; False where neither came in time."""
        self._late = False
        waiter = self._waiter = self._loop_.create_future()
        timer = self._loop_.call_later(wait_s, self._wake_late)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None
        return not self._late

    def _wake_late(self) -> None:
        self._late = True
        self.wake()


class Connection:
    """A connection in use. Times are seconds since `open` began."""

    def __init__(
        self, protocol: _Protocol, transport: asyncio.Transport, start: float, clock: Callable[[], float]
    ) -> None:
        self._protocol = protocol
        self._transport = transport
        self._start = start
        self._clock = clock
        self.connected_s = clock() - start

    @classmethod
    async def open(
        cls,
        host: str,
        port: int | None,
        *,
        timeout_s: float,
        source_ip: str | None = None,
        clock: Callable[[], float] = SYSTEM_CLOCK.monotonic,
    ) -> Connection:
        """A TCP connection to an IP address, or a unix socket where `port` is None. Raises ConnectFailure."""
        loop = asyncio.get_running_loop()
        start = clock()
        if source_ip and port is not None and (":" in source_ip) is not (":" in host):
            raise ConnectFailure(
                Breakage.LOCAL,
                say("{source_ip} and {host} are addresses of different kinds", source_ip=source_ip, host=host),
            )
        try:
            async with asyncio.timeout(timeout_s):
                if port is None:
                    transport, protocol = await loop.create_unix_connection(lambda: _Protocol(loop, clock, start), host)
                else:
                    local = (source_ip, 0) if source_ip else None
                    transport, protocol = await loop.create_connection(
                        lambda: _Protocol(loop, clock, start), host, port, local_addr=local
                    )
        except TimeoutError as error:
            # The system's own patience may end before ours.
            words = (
                words_of(error)
                if error.errno
                else say("no connection in {timeout_s} s", timeout_s=format(timeout_s, "g"))
            )
            raise ConnectFailure(Breakage.TIMED_OUT, words) from None
        except OSError as error:
            raise ConnectFailure(breakage_of(error), words_of(error)) from None
        return cls(protocol, transport, start, clock)

    @property
    def local_address(self) -> str | None:
        """Our own address on this connection, without its scope (RFC 4007 §11); None on a unix socket."""
        name = self._transport.get_extra_info("sockname")
        return name[0].partition("%")[0] if isinstance(name, tuple) else None

    def now(self) -> float:
        """Seconds since the connection was begun."""
        return self._clock() - self._start

    def write(self, octets: bytes) -> None:
        """Send octets. A connection that is gone is not an error here: the next read says so."""
        if self._protocol.is_connected:
            self._protocol.write(octets)

    async def reply(self, wait_s: float) -> Received:
        """The next reply, in the order of arrival. `wait_s`: seconds without any progress."""
        protocol = self._protocol
        while not protocol.replies:
            if (framing_error := protocol.reader.framing_error) is not None:
                return self._broken(framing_error, None)
            if protocol.ended:
                return self._broken(*_how_it_was_lost(protocol.lost))
            if protocol.expired_s is not None:
                return self._broken(
                    Breakage.DEADLINE, say("{seconds:g} s for the whole session", seconds=protocol.expired_s)
                )
            if not await protocol.wait_for_data(wait_s):
                return self._broken(Breakage.TIMED_OUT, say("nothing came for {wait_s} s", wait_s=format(wait_s, "g")))
        return protocol.replies.popleft()

    def _broken(self, breakage: Breakage, detail: str | None) -> Received:
        protocol = self._protocol
        first, protocol.first_s = protocol.first_s, None
        return Received(
            raw=protocol.reader.take(),
            first_octet_s=first,
            last_octet_s=self.now(),
            breakage=breakage,
            tls_fault=tls_fault.fault_of(protocol.lost) if isinstance(protocol.lost, ssl.SSLError) else None,
            detail=detail,
        )

    def expire(self, deadline_s: float) -> None:
        """The session's deadline, `deadline_s` from its start, has passed: whoever waits for a reply waits no longer."""
        self._protocol.expired_s = deadline_s
        self._protocol.wake()

    def take_unsolicited(self) -> bytes:
        """Octets that came without a command waiting for them.

        A 421 is left for the next command: the server may say it at any time, as the answer to whatever comes next
        (RFC 5321 §3.8).
        """
        protocol = self._protocol
        if not protocol.replies and not protocol.reader.has_undelivered:
            return b""
        closing = [received for received in protocol.replies if received.raw.startswith(b"421")]
        protocol.replies = deque(received for received in protocol.replies if not received.raw.startswith(b"421"))
        taken = self.take_undelivered()
        protocol.replies.extend(closing)
        return taken

    def take_undelivered(self) -> bytes:
        """Octets and whole replies that nobody has asked for; afterwards there are none."""
        queued = b"".join(received.raw for received in self._protocol.replies)
        self._protocol.replies.clear()
        self._protocol.first_s = None
        return queued + self._protocol.reader.take()

    async def start_tls(self, context: ssl.SSLContext, name: str | None, timeout_s: float) -> ssl.SSLObject:
        """The finished handshake's SSL object. Raises OSError (SSLError among them) and TimeoutError.

        What came in clear and was not asked for must have been taken before: it is never read as if encrypted
        (RFC 3207 §4.2).
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_s):
                transport = await loop.start_tls(
                    self._transport, self._protocol, context, server_hostname=name, ssl_handshake_timeout=timeout_s + 1
                )
        except BaseException:
            self._transport.abort()
            raise
        if transport is None:
            raise ConnectionResetError(say("the connection was lost during the handshake"))
        self._transport = transport
        self._protocol.transport = transport
        return cast("ssl.SSLObject", transport.get_extra_info("ssl_object"))

    def close(self) -> None:
        """Close; what is buffered is still sent."""
        self._transport.close()

    def abort(self) -> None:
        """Close at once: nothing more is sent, and over TLS nobody waits for the peer's close_notify."""
        self._transport.abort()


def is_own_address(ip: str) -> bool:
    """Whether the address is one of this host's, so that a connection can begin there."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        ip, 0, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
    )[0]
    try:
        with socket.socket(family, kind, protocol) as own:
            own.bind(address)
    except OSError:
        return False
    return True


def _how_it_was_lost(error: BaseException | None) -> tuple[Breakage, str | None]:
    """The kind of the loss, and what there is to say that it does not say itself."""
    if error is None:
        return Breakage.CLOSED_BY_PEER, None
    if isinstance(error, ssl.SSLError):
        return Breakage.CLOSED_BY_PEER, words_of(error)
    kind = breakage_of(error)
    told = kind in (Breakage.RESET, Breakage.CLOSED_BY_PEER, Breakage.TIMED_OUT)
    return kind, None if told else words_of(error)
