"""The mail transaction: MAIL, RCPT for each forward-path, then the message, or RSET where none is sent (RFC 5321 §3.3)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from smtpprobe.model.request import Protocol
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Exchange, OutcomeFault, Phase, Recipient, RecipientStatus, Status
from smtpprobe.wire import command
from smtpprobe.wire.dialogue.group import MOST, Group, OutOfStep
from smtpprobe.wire.dialogue.message import Transfer
from smtpprobe.wire.dialogue.plan import Plan
from smtpprobe.wire.dialogue.steps import Ending, Part, Stop, ask, negative, not_offered, send_and_drop

# RFC 5321 §3.4: 251 is an acceptance, and so is 252.
_STATUSES = {2: RecipientStatus.ACCEPTED, 4: RecipientStatus.DEFERRED}


class Transaction:
    """One transaction and what became of each forward-path.

    `has_quit`: QUIT was said with it, so that it is not to be said again.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._tried: list[Recipient] = []
        self._refusals: list[Exchange] = []
        self.has_quit = False

    def play(self, reverse_path: str, offered: Collection[str], *, over_tls: bool = False) -> Part:
        """The commands. `offered`: the server's EHLO keywords."""
        mail = command.mail(reverse_path, *self._parameters(reverse_path, offered, over_tls))
        if self._plan.message is not None and self._plan.message.bdat and "CHUNKING" not in offered:
            raise not_offered(Phase.MAIL, say("the server does not offer CHUNKING, which BDAT needs"), needs="bdat")
        if self._plan.pipeline and "PIPELINING" in offered and self._plan.drop_after_send is None:
            yield from self._in_groups(mail)
        else:
            yield from self._one_by_one(mail)
        if not self._plan.forward_paths:
            self._plan.miss(Phase.RCPT, why=say("there is no forward-path"), needs="rcpt_to")
        self._plan.stop_after(Phase.RCPT)

    def _one_by_one(self, mail: bytes) -> Part:
        if self._plan.drop_after_send is Phase.MAIL:
            yield from send_and_drop(Phase.MAIL, mail)
        self._mail_answered((yield from ask(Phase.MAIL, mail)))
        self._plan.stop_after(Phase.MAIL)
        for forward_path in self._plan.forward_paths:
            if self._plan.drop_after_send is Phase.RCPT:
                yield from send_and_drop(Phase.RCPT, self._rcpt(forward_path))
            self._rcpt_answered(forward_path, (yield from ask(Phase.RCPT, self._rcpt(forward_path))))
        if self._plan.drop_after is not None:
            return
        if (transfer := self._transfer(Group())) is not None and self._accepted:
            if not transfer.in_chunks:
                yield from transfer.ask()
            yield from transfer.deliver(self._accepted)
            return
        exchange = yield from ask(Phase.RSET, command.command("RSET"))
        if exchange.reply is None or exchange.reply.code == 421:
            # The verdict stands already; a peer that is gone gets no QUIT.
            raise Stop(Ending(status=Status.ACCEPTED), polite=False)

    def _in_groups(self, mail: bytes) -> Part:
        """The commands without waiting for each reply; DATA, or RSET and QUIT, go with the last of them."""
        ends_after_mail = self._plan.ends_after is Phase.MAIL
        forward_paths = () if ends_after_mail else self._plan.forward_paths
        parts = [forward_paths[at : at + MOST] for at in range(0, len(forward_paths), MOST)] or [()]
        group = Group()
        transfer = self._transfer(group)
        yield from group.send(Phase.MAIL, mail)
        try:
            for number, part in enumerate(parts):
                for forward_path in part:
                    yield from group.send(Phase.RCPT, self._rcpt(forward_path))
                if number == len(parts) - 1 and self._plan.drop_after is None:
                    yield from self._go_on(group, transfer, resets=not ends_after_mail)
                if number == 0:
                    self._mail_answered((yield from group.answer()))
                for forward_path in part:
                    self._rcpt_answered(forward_path, (yield from group.answer()))
            if transfer is not None and self._accepted:
                yield from transfer.deliver(self._accepted, behind=lambda: self._quit(group))
        except Stop as stop:
            # Whatever the replies that are left say: it is decided how this ends.
            answers = yield from group.hear_out()
            raise stop if answers else Stop(stop.ending, polite=False) from None
        answers = yield from group.hear_out()
        yield from self._keep_step(group)
        if not answers:
            # The verdict stands already; a peer that is gone gets no QUIT.
            raise Stop(Ending(status=Status.ACCEPTED), polite=False)
        self._plan.stop_after(Phase.MAIL)

    def _go_on(self, group: Group, transfer: Transfer | None, *, resets: bool) -> Part:
        """What goes with the last RCPT. A message in chunks waits until somebody is to get it."""
        if transfer is None:
            if resets:
                yield from group.send(Phase.RSET, command.command("RSET"))
            yield from self._quit(group)
        elif not transfer.in_chunks:
            yield from transfer.ask()

    def _quit(self, group: Group) -> Part:
        yield from group.send(Phase.QUIT, command.command("QUIT"))
        self.has_quit = True

    def _keep_step(self, group: Group) -> Part:
        try:
            yield from group.keep_step()
        except OutOfStep:
            # Nobody knows whom which reply was about.
            self._tried, self._refusals = [], []
            raise

    def _transfer(self, group: Group) -> Transfer | None:
        if self._plan.message is None or self._plan.ends_after is not None:
            return None
        is_lmtp = self._plan.protocol is Protocol.LMTP
        return Transfer(self._plan.message, group, per_recipient=is_lmtp, answered=self._message_answered)

    @property
    def _accepted(self) -> list[Recipient]:
        return [each for each in self._tried if each.status is RecipientStatus.ACCEPTED]

    def _mail_answered(self, exchange: Exchange) -> None:
        if exchange.reply is None or exchange.reply.digit != 2:
            raise negative(exchange)

    def _rcpt_answered(self, forward_path: str, exchange: Exchange) -> None:
        if exchange.reply is None:
            raise negative(exchange)
        status = _STATUSES.get(exchange.reply.digit, RecipientStatus.REFUSED)
        self._tried.append(Recipient(forward_path, status, exchange.index))
        if status is not RecipientStatus.ACCEPTED:
            self._refusals.append(exchange)
        if exchange.reply.code == 421:
            raise negative(exchange)

    def _message_answered(self, recipients: Sequence[Recipient], exchange: Exchange) -> None:
        """What a reply to the message, or to DATA, means for the recipients that it is about."""
        status = RecipientStatus.UNCONFIRMED
        if exchange.reply is not None:
            status = _STATUSES.get(exchange.reply.digit, RecipientStatus.REFUSED)
            if status is not RecipientStatus.ACCEPTED:
                self._refusals.append(exchange)
        self._tried = [
            msgspec.structs.replace(each, status=status, exchange=exchange.index) if each in recipients else each
            for each in self._tried
        ]

    def _rcpt(self, forward_path: str) -> bytes:
        return command.rcpt(forward_path, *self._plan.rcpt_parameters)

    def _parameters(self, reverse_path: str, offered: Collection[str], over_tls: bool) -> tuple[str, ...]:
        """Those of MAIL. Stops before it if one that is given, or needed, has no extension here."""
        given, is_forced = self._plan.mail_parameters, self._plan.force
        of_message = self._plan.message.parameters(offered) if self._plan.message is not None else ()
        of_rcpt = self._plan.rcpt_parameters if self._plan.forward_paths else ()
        odd = next((path for path in (reverse_path, *self._plan.forward_paths) if not path.isascii()), None)
        if odd is None and not given and not of_rcpt:
            return of_message
        from smtpprobe.wire import parameters

        named = set(map(parameters.keyword, given))
        given = (*given, *(each for each in of_message if parameters.keyword(each) not in named))
        if odd is not None and "SMTPUTF8" not in map(parameters.keyword, given):
            # RFC 6531 §3.4: such a path is sent only to a server that offers SMTPUTF8.
            if "SMTPUTF8" not in offered and not is_forced:
                raise not_offered(Phase.MAIL, say("the server does not offer SMTPUTF8, which <{odd}> needs", odd=odd))
            given = (*given, "SMTPUTF8")
        # RFC 5321 §4.1.1.11: a parameter goes only to a server that offers its extension.
        missing = parameters.not_offered((*given, *of_rcpt), offered)
        if missing is not None and not is_forced:
            parameter, extension = missing
            words = mark("the server does not offer {extension}, which {parameter} needs")
            if parameter.upper() == extension:
                # RFC 8689 §2: REQUIRETLS is offered only where TLS has been started.
                of_tls = extension == "REQUIRETLS" and not over_tls
                bare, in_clear = (
                    mark("the server does not offer {extension}"),
                    mark("{extension} is offered over TLS alone"),
                )
                words = in_clear if of_tls else bare
            reason = say(words, extension=extension, parameter=parameter)
            raise not_offered(Phase.MAIL, reason, needs="force")
        return given

    def weigh(self, ending: Ending) -> Ending:
        """The ending with the recipients weighed in.

        One refused among several accepted is a refusal; so is one before the connection broke: a reply outranks the
        breakage after it. What may have been delivered stays open whatever others were told.
        """
        if not self._refusals or ending.fault is OutcomeFault.MAYBE_DELIVERED:
            return ending
        worst = max(
            self._refusals, key=lambda exchange: (exchange.reply.digit if exchange.reply else 0, -exchange.index)
        )
        return negative(worst).ending

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Every forward-path of the plan in its order, the untried ones as such."""
        untried = self._plan.forward_paths[len(self._tried) :]
        return (*self._tried, *(Recipient(path, RecipientStatus.NOT_TRIED) for path in untried))
