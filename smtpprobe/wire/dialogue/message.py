"""The message's way to the server: DATA or BDAT, and the reply, or in LMTP the replies, that decide on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Exchange, OutcomeFault, Phase, Recipient
from smtpprobe.wire import command
from smtpprobe.wire.dialogue.group import Group
from smtpprobe.wire.dialogue.steps import Part, Stop, broken, broken_off, negative
from smtpprobe.wire.message.octets import chunks, stuffed
from smtpprobe.wire.message.outgoing import Outgoing

_CUT = mark("{broken}; the message was not sent whole")
_MAYBE = mark("{broken}; the message was sent whole, and may have been delivered")


class Transfer:
    """One message on its way through a group of commands that the caller began, to recipients that were accepted.

    `answered` is told of each reply to the message and of the recipients that it is about.
    """

    def __init__(
        self,
        message: Outgoing,
        group: Group,
        *,
        per_recipient: bool,
        answered: Callable[[Sequence[Recipient], Exchange], None],
    ) -> None:
        self._message = message
        self._group = group
        self._per_recipient = per_recipient
        self._answered = answered

    @property
    def in_chunks(self) -> bool:
        """Whether the message goes with BDAT, which nothing has to be asked before (RFC 3030 §2)."""
        return self._message.bdat

    def ask(self) -> Part:
        """Say DATA. What answers it is for `deliver`."""
        yield from self._group.send(Phase.DATA, command.command("DATA"))

    def deliver(self, recipients: Sequence[Recipient], behind: Callable[[], Part] | None = None) -> Part:
        """Send the message, and take what decides on it. `behind`: what goes out with its last octets."""
        if self._message.bdat:
            yield from self._in_chunks(recipients, behind)
            return
        exchange = yield from self._group.answer()
        if exchange.reply is None or exchange.reply.code != 354:
            self._refused(recipients, exchange)
        octets = stuffed(self._message.octets)
        yield from self._send(octets, f"‹message of {len(self._message.octets)} octets›", recipients)
        if behind is not None:
            yield from behind()
        yield from self._verdict(recipients)

    def _in_chunks(self, recipients: Sequence[Recipient], behind: Callable[[], Part] | None) -> Part:
        for octets, last in chunks(self._message.octets, self._message.chunk_octets):
            words = ("BDAT", str(len(octets)), *(("LAST",) if last else ()))
            line = command.command(*words)
            if last:
                yield from self._send(line + octets, " ".join(words), recipients)
                break
            # Until the last one a chunk is only taken in: the reply to that decides.
            yield from self._group.send(Phase.DATA, line + octets, " ".join(words))
            exchange = yield from self._group.answer()
            # RFC 3030 §2: a chunk that is refused ends the transaction.
            if exchange.reply is None or exchange.reply.digit != 2:
                self._refused(recipients, exchange)
        if behind is not None:
            yield from behind()
        yield from self._verdict(recipients)

    def _send(self, octets: bytes, shown: str, recipients: Sequence[Recipient]) -> Part:
        if self._per_recipient:
            # RFC 2033 §4.2: LMTP answers the message once for each recipient that was accepted, in their order.
            each = tuple(f"{shown} <{recipient.forward_path}>" for recipient in recipients)
            yield from self._group.send_to_several(Phase.MESSAGE, octets, each)
        else:
            yield from self._group.send(Phase.MESSAGE, octets, shown)

    def _verdict(self, recipients: Sequence[Recipient]) -> Part:
        for part in [[each] for each in recipients] if self._per_recipient else [recipients]:
            exchange = yield from self._group.answer(self._message.wait_s)
            if exchange.reply is None and exchange.unsent:
                raise broken_off(exchange, reason=say(_CUT, broken=broken(exchange)))
            self._answered(part, exchange)
            if exchange.reply is None:
                ending = broken_off(exchange, reason=say(_MAYBE, broken=broken(exchange))).ending
                raise Stop(msgspec.structs.replace(ending, fault=OutcomeFault.MAYBE_DELIVERED), polite=False)
            if exchange.reply.code == 421:
                raise negative(exchange)

    def _refused(self, recipients: Sequence[Recipient], exchange: Exchange) -> None:
        """Ends the session before the message was sent whole."""
        if exchange.reply is not None:
            self._answered(recipients, exchange)
        raise negative(exchange)
