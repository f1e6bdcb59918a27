"""One connection to one address: opened, written to, read reply by reply, encrypted, closed."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from smtpprobe.model.clock import SYSTEM_CLOCK
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Breakage
from smtpprobe.net import tls_fault
from smtpprobe.net.dialling.sockets import ConnectFailure as ConnectFailure
from smtpprobe.net.dialling.sockets import connected
from smtpprobe.net.dialling.sockets import has_route as has_route
from smtpprobe.net.error_words import breakage_of, words_of

if TYPE_CHECKING:
    from smtpprobe.net.protocol import Received, ReplyProtocol


class Connection:
    """A connection in use. Times are seconds since `open` began."""

    def __init__(
        self,
        protocol: ReplyProtocol,
        transport: asyncio.Transport,
        start: float,
        clock: Callable[[], float],
        via: str | None = None,
    ) -> None:
        self._protocol = protocol
        self._transport = self._socket = transport
        self._start = start
        self._clock = clock
        self._via = via
        self.connected_s = clock() - start

    @classmethod
    async def open(
        cls,
        host: str,
        port: int | None,
        *,
        timeout_s: float,
        source_ip: str | None = None,
        source_port: int | None = None,
        via: str | None = None,
        clock: Callable[[], float] = SYSTEM_CLOCK.monotonic,
    ) -> Connection:
        """A TCP connection to an IP address, or a unix socket if `port` is None. Raises ConnectFailure.

        `via` is the URL of a proxy that is asked for it; it is then the proxy that is called from `source_ip`.
        """
        loop = asyncio.get_running_loop()
        start = clock()
        if source_ip and port is not None and via is None and (":" in source_ip) is not (":" in host):
            raise ConnectFailure(
                Breakage.LOCAL,
                say("{source_ip} and {host} are addresses of different kinds", source_ip=source_ip, host=host),
            )
        try:
            async with asyncio.timeout(timeout_s):
                if via is not None and port is not None:
                    from smtpprobe.net.dialling.via import connected_via

                    made = await connected_via(via, host, port, timeout_s=timeout_s, source_ip=source_ip)
                else:
                    made = await connected(host, port, source_ip, source_port)
                from smtpprobe.net.protocol import ReplyProtocol

                transport, protocol = await loop.create_connection(lambda: ReplyProtocol(loop, clock, start), sock=made)
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
        return cls(protocol, transport, start, clock, via)

    @property
    def local_address(self) -> str | None:
        """Our own address on this connection; None on a unix socket, and if a proxy is at this end of it."""
        return self.socket_address if self._via is None else None

    @property
    def socket_address(self) -> str | None:
        """The socket's own address, without its scope (RFC 4007 §11); None on a unix socket."""
        name = self._transport.get_extra_info("sockname")
        return name[0].partition("%")[0] if isinstance(name, tuple) else None

    @property
    def local_port(self) -> int | None:
        """Our own port on this connection; None on a unix socket."""
        name = self._transport.get_extra_info("sockname")
        return int(name[1]) if isinstance(name, tuple) else None

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
            left = self._socket.get_write_buffer_size()
            if not await protocol.wait_for_data(wait_s):
                if self._socket.get_write_buffer_size() < left:
                    continue  # a long message is on its way
                return self._broken(Breakage.TIMED_OUT, say("nothing came for {wait_s} s", wait_s=format(wait_s, "g")))
        return protocol.replies.popleft()

    def _broken(self, breakage: Breakage, detail: str | None) -> Received:
        from smtpprobe.net.protocol import Received

        protocol = self._protocol
        first, protocol.first_s = protocol.first_s, None
        return Received(
            raw=protocol.reader.take(),
            first_octet_s=first,
            last_octet_s=self.now(),
            breakage=breakage,
            tls_fault=tls_fault.fault_of(protocol.lost) if isinstance(protocol.lost, ssl.SSLError) else None,
            detail=detail,
            unsent=protocol.has_unsent,
        )

    def expire(self, deadline_s: float) -> None:
        """The session's deadline, `deadline_s` from its start, has passed: whoever waits for a reply waits no longer."""
        self._protocol.expired_s = deadline_s
        self._protocol.wake()

    def take_unsolicited(self) -> bytes:
        """Octets that came without a command waiting for them.

        A 421 is left for the next command: the server may say it at any time, as the answer to whatever comes next
        (RFC 5321 §3.8). An empty line is left as well, for the reply that comes next to begin with.
        """
        protocol = self._protocol
        if not protocol.replies and not protocol.reader.has_words:
            protocol.first_s = None
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
        from smtpprobe.net.protocol import tell_of_unsent

        tell_of_unsent(transport)
        self._transport = transport
        self._protocol.transport = transport
        return cast("ssl.SSLObject", transport.get_extra_info("ssl_object"))

    def close(self) -> None:
        """Close; what is buffered is still sent."""
        self._transport.close()

    def abort(self) -> None:
        """Close at once: nothing more is sent, and over TLS nobody waits for the peer's close_notify."""
        self._transport.abort()


def _how_it_was_lost(error: BaseException | None) -> tuple[Breakage, str | None]:
    """The kind of the loss, and what there is to say that it does not say itself."""
    if error is None:
        return Breakage.CLOSED_BY_PEER, None
    if isinstance(error, ssl.SSLError):
        return Breakage.CLOSED_BY_PEER, words_of(error)
    kind = breakage_of(error)
    told = kind in (Breakage.RESET, Breakage.CLOSED_BY_PEER, Breakage.TIMED_OUT)
    return kind, None if told else words_of(error)
