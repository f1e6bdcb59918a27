"""How octets of a connection become replies: each timed, none handed to the wrong command.

The transport, the write side and the life cycle are aiosmtplib's SMTPProtocol; reading is ours, because a probe needs
what a mailer drops: unsolicited octets, a second reply in the same segment, half a reply, the exact octets.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import msgspec
from aiosmtplib.protocol import SMTPProtocol

from smtpprobe.model.transcript import Breakage, TlsFault
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
    unsent: bool = False  # not all octets of ours had left this system by then


def tell_of_unsent(transport: asyncio.BaseTransport) -> None:
    """Have the transport tell its protocol as long as anything waits to be sent."""
    if isinstance(transport, asyncio.WriteTransport):
        transport.set_write_buffer_limits(high=1, low=0)


class ReplyProtocol(SMTPProtocol):
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
        self.cut_short = False  # the connection was lost before all octets of ours had left
        self.expired_s: float | None = None  # the deadline that has passed

    @property
    def has_unsent(self) -> bool:
        """Whether octets of ours wait here to be sent, or did when the connection was lost."""
        # Over TLS it is asyncio's own protocol that is told, and what it was told last is nowhere public.
        over_tls = getattr(self.transport, "_ssl_protocol", None)
        return self.cut_short or bool(self._paused) or bool(getattr(over_tls, "_ssl_writing_paused", False))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        tell_of_unsent(transport)

    def resume_writing(self) -> None:
        # A transport that is lost drops what it has, and says that it has nothing left.
        if self.transport is None or not self.transport.is_closing():
            super().resume_writing()

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
        self.cut_short = self.has_unsent
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
