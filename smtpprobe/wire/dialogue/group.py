"""Commands that are sent together, and their replies one by one (RFC 2920)."""

from __future__ import annotations

from collections.abc import Generator

import msgspec

from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Breakage, Exchange, OutcomeFault, Phase, Status
from smtpprobe.wire.dialogue.steps import (
    Abandon,
    Asking,
    Await,
    Ending,
    Listen,
    Part,
    Send,
    SendToSeveral,
    Step,
    Stop,
    broken,
    broken_off,
    shown_of,
)

MOST = 50  # commands: a server must be able to take a group in before it has answered any of it (RFC 2920 §3.1)
CLOSING_WAIT_S = 5.0  # for replies that decide nothing any more
_STRAY_WAIT_S = 1.0
_OUT_OF_STEP = mark("the replies do not fit the commands that were sent together: {command} was answered with {code}")
_NOT_ALL = mark("the server offers PIPELINING, but did not answer all of the commands that were sent together")


class Group:
    """Commands on their way. What has been sent is answered in its order, or abandoned."""

    def __init__(self) -> None:
        self._waiting = 0
        self._answered: list[Exchange] = []

    def send(self, phase: Phase, octets: bytes, shown: str | None = None) -> Part:
        """Send one more; `shown` None: the command as it is."""
        self._waiting += 1
        yield Send(octets, shown_of(octets) if shown is None else shown, phase)

    def send_to_several(self, phase: Phase, octets: bytes, shown: tuple[str, ...]) -> Part:
        """Send what is answered several times, with what may be shown for each of the replies."""
        self._waiting += len(shown)
        yield SendToSeveral(octets, shown, phase)

    def answer(self, wait_s: float | None = None) -> Asking:
        """The exchange of the oldest; one without a reply breaks the others off, too."""
        (exchange,) = yield Await(wait_s=wait_s)
        self._waiting -= 1
        if exchange.reply is not None:
            self._answered.append(exchange)
        elif self._waiting:
            self._waiting = 0
            yield Abandon()
        if exchange.breakage is Breakage.TIMED_OUT and self._answered and wait_s is None:
            # A server that forgets what it has received with another command answers the first of a group alone.
            ending = broken_off(exchange, reason=f"{broken(exchange)}; {say(_NOT_ALL)}").ending
            raise Stop(msgspec.structs.replace(ending, needs="pipeline"), polite=False)
        return exchange

    def hear_out(self) -> Generator[Step, tuple[Exchange, ...], bool]:
        """Take the replies that are left, when it has been decided how the session ends; whether the peer still answers."""
        answers = True
        while self._waiting:
            exchange = yield from self.answer(CLOSING_WAIT_S)
            answers = exchange.reply is not None and exchange.reply.code != 421
            if exchange.phase is Phase.DATA and exchange.reply is not None and exchange.reply.code == 354:
                # RFC 2920 §3.1: a server may take DATA although nobody is to get the message: a lone dot sends it none.
                yield from self.send(Phase.MESSAGE, b".\r\n")
        return answers

    def keep_step(self) -> Part:
        """Raise OutOfStep if the replies, all of which have come, do not fit the commands: then they tell nothing."""
        odd = next((each for each in self._answered if each.phase is not Phase.QUIT and _closes(each)), None)
        last = self._answered[-1] if self._answered else None
        if odd is None and last is not None and last.phase is Phase.QUIT and _is_success(last) and not _closes(last):
            # A server may say goodbye in other words; if its 221 is still to come, one reply was one too many.
            odd = last if (yield Listen(_STRAY_WAIT_S)) else None
        if odd is not None and odd.reply is not None:
            reason = say(_OUT_OF_STEP, command=odd.phase.upper(), code=odd.reply.code)
            ending = Ending(
                status=Status.NO_SESSION,
                phase=odd.phase,
                exchange=odd.index,
                reason=reason,
                fault=OutcomeFault.OUT_OF_STEP,
                needs="pipeline",
            )
            raise OutOfStep(ending, polite=False)


class OutOfStep(Stop):
    """The replies do not fit the commands that were sent together."""


def _closes(exchange: Exchange) -> bool:
    return exchange.reply is not None and exchange.reply.code == 221


def _is_success(exchange: Exchange) -> bool:
    return exchange.reply is not None and exchange.reply.digit == 2
