"""The session as a scenario: what is said, in which order, and what each answer leads to.

A dialogue is a generator. It yields steps, is sent the finished exchanges that answer an Await or a Handshake, and
returns an Ending. It knows no socket, no clock and no time zone, so a test is a list of replies.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping

import msgspec

from smtpprobe.model.reply import Reply
from smtpprobe.model.request import Credentials, Protocol, TlsPolicy
from smtpprobe.model.texts.language import say, say_counted
from smtpprobe.model.transcript import Exchange, OutcomeFault, Phase, Status, TlsFault, TlsSession
from smtpprobe.wire import command, ehlo
from smtpprobe.wire.dialogue import questions
from smtpprobe.wire.dialogue.authentication import Channel, authenticate, unsent
from smtpprobe.wire.dialogue.other_host import other_host
from smtpprobe.wire.dialogue.other_protocol import is_ftp
from smtpprobe.wire.dialogue.plan import Plan
from smtpprobe.wire.dialogue.steps import (
    Await,
    Dialogue,
    Ending,
    Handshake,
    Part,
    Send,
    Shaken,
    Step,
    Stop,
    Tell,
    ask,
    broken,
    broken_off,
    negative,
    not_offered,
    send_and_drop,
    ungranted,
)
from smtpprobe.wire.dialogue.transaction import Transaction

QUIT_WAIT_S = 5.0  # the verdict is known by then: a server that does not answer QUIT is not worth more


def smtp_dialogue(plan: Plan, credentials: Credentials | None = None) -> Dialogue:
    """The whole session. QUIT is said while the peer still answers: not after 421, a breakage or a failed handshake."""
    scene = Scene(plan, credentials)
    try:
        yield from scene.play()
        ending, polite = Ending(status=Status.ACCEPTED), True
    except Stop as stop:
        ending, polite = stop.ending, stop.polite
    if polite and not scene.transaction.has_quit:
        yield Send(command.command("QUIT"), "QUIT", Phase.QUIT)
        yield Await(wait_s=QUIT_WAIT_S)
    ending = scene.transaction.weigh(ending)
    return msgspec.structs.replace(ending, recipients=scene.transaction.recipients, extensions=scene.extension_lines)


class Scene:
    """One session's state: what the server offers now, and what became of each recipient."""

    def __init__(self, plan: Plan, credentials: Credentials | None) -> None:
        self.plan = plan
        self.credentials = credentials
        self.transaction = Transaction(plan)
        self.offered: dict[str, tuple[str, ...]] = {}
        self.extension_lines: tuple[str, ...] = ()
        self.verified = plan.private_channel
        self.over_tls = False
        self.greeting: Reply | None = None
        self.ehlo: Reply | None = None
        self.tls: TlsSession | None = None
        self.bindings: Mapping[str, bytes] = {}
        self.injected = 0  # octets in clear before the handshake

    def play(self) -> Part:
        if self.plan.proxy_header is not None:
            octets, shown = self.plan.proxy_header
            yield Tell(octets, shown, Phase.PROXY)
        if self.plan.ends_after is Phase.CONNECT:
            # Before its greeting a server is told nothing, not even QUIT (RFC 5321 §4.3.1).
            raise Stop(Ending(status=Status.ACCEPTED), polite=False)
        if self.plan.policy is TlsPolicy.IMPLICIT:
            yield from self._handshake()
        yield from self._greeting()
        yield from self._hello()
        if self.plan.policy in (TlsPolicy.AUTO, TlsPolicy.REQUIRE):
            yield from self._starttls()
        elif self.plan.policy is TlsPolicy.IMPLICIT:
            self.plan.miss(Phase.STARTTLS, why=say("TLS begins with the first octet"))
        else:
            self.plan.miss(Phase.STARTTLS, Phase.TLS, why=say("TLS is switched off"), needs="tls.policy")
        yield from self._end_after(Phase.EHLO, Phase.STARTTLS, Phase.TLS)
        if self.plan.xclient is not None:
            yield from self._xclient(self.plan.xclient)
        if self.plan.before_login:
            raise Stop(Ending(status=Status.ACCEPTED))
        if self.credentials is not None:
            if (other := self._other_host) is not None and not self.verified:
                raise unsent(self._of_other_host(other), fault=OutcomeFault.OTHER_HOST, needs="tls.name")
            if self.injected and not self.plan.clear_allowed:
                # RFC 3207 §4.2: whoever put them there is between us and the server, or is the server.
                words = say_counted(
                    "{count} octet of plaintext followed the STARTTLS reply, before the handshake",
                    "{count} octets of plaintext followed the STARTTLS reply, before the handshake",
                    self.injected,
                )
                raise unsent(words, fault=OutcomeFault.INJECTED)
            channel = Channel(
                mechanisms=self.offered.get("AUTH", ()),
                over_tls=self.over_tls,
                verified=self.verified,
                tls_version=self.tls.version if self.tls is not None else None,
                bindings=self.bindings,
            )
            yield from authenticate(self.plan, self.credentials, channel)
        else:
            self.plan.miss(Phase.AUTH, why=say("there is no user to log in"), needs="user")
        yield from questions.ask_all(self.plan, self.offered)
        self.plan.stop_after(Phase.AUTH)
        if self.plan.reverse_path is not None:
            yield from self.transaction.play(self.plan.reverse_path, self.offered, over_tls=self.over_tls)

    def _end_after(self, *phases: Phase) -> Part:
        """End the session if it is to end after one of these; what was to be asked before MAIL is asked here."""
        if self.plan.ends_after in phases:
            yield from questions.ask_all(self.plan, self.offered)
            self.plan.stop_after(*phases)

    @property
    def _logs_in(self) -> bool:
        return self.credentials is not None or self.plan.before_login

    @property
    def _tls_required(self) -> bool:
        return self.plan.policy is TlsPolicy.REQUIRE or (
            self.plan.policy is TlsPolicy.AUTO and self._logs_in and not self.plan.clear_allowed
        )

    def _greeting(self) -> Part:
        (exchange,) = yield Await()
        self.greeting = exchange.reply
        if exchange.reply is None or exchange.reply.digit != 2:
            raise negative(exchange)
        self.plan.stop_after(Phase.GREETING)

    def _hello(self) -> Part:
        verb = {Protocol.SMTP: "HELO", Protocol.LMTP: "LHLO"}.get(self.plan.protocol, "EHLO")
        if self.plan.drop_after_send is Phase.EHLO:
            yield from send_and_drop(Phase.EHLO, command.greet(verb, self.plan.helo))
        exchange = yield from ask(Phase.EHLO, command.greet(verb, self.plan.helo))
        needs_extensions = self._tls_required or self._logs_in
        # RFC 5321 §3.2: HELO where EHLO is not known. A refusal of the name (501, 504, 550) is the answer to it.
        if verb == "EHLO" and exchange.reply and exchange.reply.code in (500, 502) and not needs_extensions:
            refusal, exchange = exchange, (yield from ask(Phase.EHLO, command.greet("HELO", self.plan.helo)))
            if exchange.reply is None:
                # A reply outranks the breakage after it.
                raise Stop(negative(refusal).ending, polite=False)
        # RFC 5321 §4.3.2: 250 is the only success; whatever gives another 2yz has not understood the command.
        if exchange.reply is None or exchange.reply.code != 250:
            raise self._of_ftp(exchange) if is_ftp(self.greeting) else negative(exchange)
        self.ehlo = exchange.reply
        self.offered = ehlo.extensions(exchange.reply.lines)
        self.extension_lines = exchange.reply.lines[1:]

    def _of_ftp(self, exchange: Exchange) -> Stop:
        reason = say("an FTP server answers on this port")
        ending = Ending(
            status=Status.NO_SESSION,
            phase=Phase.EHLO,
            exchange=exchange.index,
            reason=reason,
            fault=OutcomeFault.OTHER_PROTOCOL,
        )
        return Stop(ending, polite=exchange.reply is not None and exchange.reply.code != 421)

    def _xclient(self, attributes: str) -> Part:
        """Be taken for another client from here on; the session starts over behind the greeting that answers it."""
        if "XCLIENT" not in self.offered:
            raise not_offered(Phase.XCLIENT, say("the server does not offer XCLIENT to this client"))
        exchange = yield from ask(Phase.XCLIENT, command.command(f"XCLIENT {attributes}"))
        if exchange.reply is None:
            raise negative(exchange)
        if exchange.reply.code != 220:
            raise ungranted(exchange, "XCLIENT")
        self.offered, self.extension_lines = {}, ()
        yield from self._hello()

    def _starttls(self) -> Part:
        yield from self._end_after(Phase.EHLO)
        if "STARTTLS" not in self.offered:
            if self._tls_required:
                raise not_offered(Phase.STARTTLS, self._no_starttls())
            self.plan.miss(Phase.STARTTLS, Phase.TLS, why=self._no_starttls())
            return
        if self.plan.drop_after_send is Phase.STARTTLS:
            yield from send_and_drop(Phase.STARTTLS, command.command("STARTTLS"))
        exchange = yield from ask(Phase.STARTTLS, command.command("STARTTLS"))
        if exchange.reply is None:
            raise negative(exchange)
        if exchange.reply.code != 220:
            if self._tls_required:
                # RFC 3207 §4: 454 and 501 leave the session in clear; where TLS is required that is no session.
                reason = say("the server answers STARTTLS with {code}", code=exchange.reply.code)
                ending = Ending(status=Status.NO_SESSION, phase=Phase.STARTTLS, exchange=exchange.index, reason=reason)
                raise Stop(ending, polite=exchange.reply.code != 421)
            if exchange.reply.code == 421:
                raise negative(exchange)
            why = say("the server answers STARTTLS with {code}", code=exchange.reply.code)
            self.plan.miss(Phase.STARTTLS, Phase.TLS, why=why, exchange=exchange.index)
            return
        yield from self._handshake()
        # RFC 3207 §4.2: what was learnt before the handshake is forgotten, and EHLO is said again.
        self.offered, self.extension_lines = {}, ()
        yield from self._hello()

    def _no_starttls(self) -> str:
        if (mask := ehlo.masked(self.offered)) is not None:
            return say("the server does not offer STARTTLS; a firewall may have masked it as {mask}", mask=mask)
        return say("the server does not offer STARTTLS")

    def _handshake(self) -> Part:
        strict = self.plan.verify or (self._logs_in and not self.plan.clear_allowed)
        (exchange,) = yield Handshake(strict)
        if exchange.breakage is not None or exchange.tls is None:
            reason = broken(exchange)
            if self.plan.policy is TlsPolicy.AUTO and not self._tls_required:
                reason += say("; senders that may do without TLS would try again without it")
            raise broken_off(exchange, reason=reason)
        self.over_tls, self.tls, self.injected = True, exchange.tls, len(exchange.unsolicited_before)
        self.bindings = exchange.bindings if isinstance(exchange, Shaken) else {}
        self.verified = self.verified or exchange.tls.verified
        if strict and not exchange.tls.verified:
            answers = self.greeting is not None
            if not answers and TlsFault.NAME in exchange.tls.faults:
                answers = yield from self._who_answers()
            reason = say("the certificate does not verify: {problems}", problems="; ".join(exchange.tls.problems))
            other = self._other_host
            ending = Ending(
                status=Status.NO_SESSION,
                phase=Phase.TLS,
                exchange=exchange.index,
                reason=reason if other is None else f"{reason}; {self._of_other_host(other)}",
                fault=OutcomeFault.UNVERIFIED if other is None else OutcomeFault.OTHER_HOST,
            )
            # The channel is sound, it only proves nothing: QUIT may be said where the server has greeted, and nothing else.
            raise Stop(ending, polite=answers)

    def _who_answers(self) -> Generator[Step, tuple[Exchange, ...], bool]:
        """Have a server that was not heard before the handshake say who it is; whether it still answers after that."""
        (exchange,) = yield Await(wait_s=QUIT_WAIT_S)
        self.greeting = exchange.reply
        if exchange.reply is not None and exchange.reply.digit == 2:
            exchange = yield from ask(Phase.EHLO, command.command("EHLO", self.plan.helo))
            if exchange.reply is not None and exchange.reply.digit == 2:
                self.ehlo = exchange.reply
        return exchange.reply is not None and exchange.reply.code != 421

    @property
    def _other_host(self) -> str | None:
        return other_host(self.greeting, self.ehlo, self.tls)

    def _of_other_host(self, other: str) -> str:
        asked = self.tls.name if self.tls is not None else self.plan.host
        return say(
            "the greeting, EHLO and the certificate all name {other}, another host than {asked}: "
            "something on the way may be answering for it, such as a hoster's firewall or a virus scanner",
            other=other,
            asked=asked,
        )
