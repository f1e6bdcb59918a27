"""Commands that are sent together, and their replies one by one (RFC 2920)."""

from __future__ import annotations

import msgspec

from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Breakage, Phase
from smtpprobe.wire.dialogue.steps import Abandon, Asking, Await, Part, Send, Stop, broken, broken_off, shown_of

MOST = 50  # commands: a server must be able to take a group in before it has answered any of it (RFC 2920 §3.1)
CLOSING_WAIT_S = 5.0  # for replies that decide nothing any more
_NOT_ALL = mark("the server offers PIPELINING, but did not answer all of the commands that were sent together")


class Group:
    """Commands on their way. What has been sent is answered in its order, or abandoned."""

    def __init__(self) -> None:
        self._waiting = 0
        self._answered = 0

    def send(self, phase: Phase, octets: bytes) -> Part:
        """Send one more."""
        self._waiting += 1
        yield Send(octets, shown_of(octets), phase)

    def answer(self, wait_s: float | None = None) -> Asking:
        """The exchange of the oldest; one without a reply breaks the others off, too."""
        (exchange,) = yield Await(wait_s=wait_s)
        self._waiting -= 1
        if exchange.reply is not None:
            self._answered += 1
        elif self._waiting:
            self._waiting = 0
            yield Abandon()
        if exchange.breakage is Breakage.TIMED_OUT and self._answered and wait_s is None:
            # A server that forgets what it has received with another command answers the first of a group alone.
            ending = broken_off(exchange, reason=f"{broken(exchange)}; {say(_NOT_ALL)}").ending
            raise Stop(msgspec.structs.replace(ending, needs="pipeline"), polite=False)
        return exchange

    def hear_out(self) -> Part:
        """Take the replies that are left, when it has been decided how the session ends."""
        while self._waiting:
            yield from self.answer(CLOSING_WAIT_S)
