"""The session as a scenario: what is said, in which order, and what each answer leads to.

A dialogue is a generator. It yields steps, is sent the finished exchanges that answer an Await or a Handshake, and
returns an Ending. It knows no socket, no clock and no time zone, so a test is a list of replies.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Generator

import msgspec

from smtpprobe.model.request import Credentials, Protocol, TlsPolicy
from smtpprobe.model.transcript import Exchange, Phase, Recipient, RecipientStatus, Status
from smtpprobe.wire import command, ehlo, sasl

QUIT_WAIT_S = 5.0  # the verdict is known by then: a server that does not answer QUIT is not worth more


class Send(msgspec.Struct, frozen=True):
    """Octets to write, and the text that may be shown in their place."""

    octets: bytes
    shown: str
    phase: Phase


class Await(msgspec.Struct, frozen=True):
    """Wait for so many replies. With nothing sent and unanswered, the greeting's. `wait_s` None: the session's default."""

    replies: int = 1
    wait_s: float | None = None


class Handshake(msgspec.Struct, frozen=True):
    """Do the TLS handshake. `strict`: a certificate that does not verify is a failure."""

    strict: bool


class Hide(msgspec.Struct, frozen=True):
    """A computed secret that must not be recorded from here on, should the server echo it."""

    secret: bytes


Step = Send | Await | Handshake | Hide


class Ending(msgspec.Struct, frozen=True):
    """How the session ended: the status, where it was decided and by which exchange, and why in words."""

    status: Status
    phase: Phase | None = None
    exchange: int | None = None
    reason: str | None = None
    recipients: tuple[Recipient, ...] = ()
    extensions: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True):
    """What one session is to do. `reverse_path` None: no mail transaction is tried."""

    host: str
    helo: str
    protocol: Protocol = Protocol.ESMTP
    reverse_path: str | None = None
    forward_paths: tuple[str, ...] = ()
    policy: TlsPolicy = TlsPolicy.AUTO
    verify: bool = False
    mech: str | None = None
    insecure_auth: bool = False
    private_channel: bool = False  # a unix socket: credentials need no TLS
    quit_after: Phase | None = None


Dialogue = Generator[Step, tuple[Exchange, ...], Ending]
_Sub = Generator[Step, tuple[Exchange, ...], Exchange]


class _Stop(Exception):
    """The scenario is over before its end."""

    def __init__(self, ending: Ending, *, polite: bool = True) -> None:
        super().__init__(ending)
        self.ending = ending
        self.polite = polite


def hold(plan: Plan, credentials: Credentials | None = None) -> Dialogue:
    """The whole session. QUIT is said while the peer still answers: not after 421, a breakage or a failed handshake."""
    scene = _Scene(plan, credentials)
    try:
        yield from scene.play()
        ending, polite = Ending(Status.ACCEPTED), True
    except _Stop as stop:
        ending, polite = stop.ending, stop.polite
    if polite:
        yield Send(command.command("QUIT"), "QUIT", Phase.QUIT)
        yield Await(wait_s=QUIT_WAIT_S)
    ending = scene.weigh(ending)
    return msgspec.structs.replace(ending, recipients=scene.all_recipients(), extensions=scene.extension_lines)


def _negative(exchange: Exchange, phase: Phase | None = None) -> _Stop:
    """The stop for an exchange that did not go well: a refusal, a deferral, or no session."""
    reply, phase = exchange.reply, phase or exchange.phase
    if reply is None:
        return _Stop(Ending(Status.NO_SESSION, phase, exchange.index, _broken(exchange)), polite=False)
    if reply.digit == 5:
        status = Status.AUTH_REFUSED if phase is Phase.AUTH else Status.REFUSED
    elif reply.digit == 4:
        # RFC 4954 §6: 432 wants the user to change the password: no retry will help.
        status = Status.AUTH_REFUSED if phase is Phase.AUTH and reply.code == 432 else Status.DEFERRED
    else:
        return _Stop(Ending(Status.NO_SESSION, phase, exchange.index, f"the reply {reply.code} is out of place here"))
    # RFC 5321 §3.8: after 421 the server closes; there is nobody left to say QUIT to.
    return _Stop(Ending(status, phase, exchange.index, None), polite=reply.code != 421)


_OTHER_PROTOCOLS = (
    (b"HTTP/", "an HTTP server answers on this port"),
    (b"SSH-", "an SSH server answers on this port"),
    (b"* OK", "an IMAP server answers on this port"),
    (b"+OK", "a POP3 server answers on this port"),
    (b"\x15\x03", "the server answered with a TLS alert: this port wants implicit TLS"),
    (b"\x16\x03", "the server speaks TLS: this port wants implicit TLS"),
)


def _broken(exchange: Exchange) -> str:
    for start, words in _OTHER_PROTOCOLS:
        if exchange.partial.startswith(start):
            return words
    said = {
        "closed-by-peer": "the server closed the connection",
        "timed-out": "no reply in time",
        "reset": "the connection was reset",
        "tls-failed": "the TLS handshake failed",
        "not-smtp": "what came is no SMTP",
        "too-much": "a reply without end",
        "deadline": "the session's deadline passed",
        "interrupted": "interrupted",
    }
    words = said.get(str(exchange.breakage), str(exchange.breakage))
    if exchange.partial and exchange.breakage != "tls-failed":
        words += f" in the middle of a reply ({len(exchange.partial)} octets)"
    return f"{words}: {exchange.detail}" if exchange.detail else words


class _Scene:
    """One session's state: what the server offers now, and what became of each recipient."""

    def __init__(self, plan: Plan, credentials: Credentials | None) -> None:
        self.plan = plan
        self.credentials = credentials
        self.offered: dict[str, tuple[str, ...]] = {}
        self.extension_lines: tuple[str, ...] = ()
        self.secure = plan.private_channel
        self.over_tls = False
        self.recipients: list[Recipient] = []
        self.refusals: list[Exchange] = []

    def play(self) -> Generator[Step, tuple[Exchange, ...], None]:
        if self.plan.policy is TlsPolicy.IMPLICIT:
            yield from self._handshake()
        yield from self._greeting()
        yield from self._hello()
        if self.plan.policy in (TlsPolicy.AUTO, TlsPolicy.REQUIRE):
            yield from self._starttls()
        if self.credentials is not None:
            yield from self._auth(self.credentials)
        self._until(Phase.AUTH)
        if self.plan.reverse_path is not None:
            yield from self._transaction(self.plan.reverse_path)

    def _ask(self, phase: Phase, octets: bytes, shown: str | None = None, wait_s: float | None = None) -> _Sub:
        yield Send(octets, shown if shown is not None else octets[:-2].decode("utf-8", "backslashreplace"), phase)
        (exchange,) = yield Await(wait_s=wait_s)
        return exchange

    def _until(self, *phases: Phase) -> None:
        if self.plan.quit_after in phases:
            raise _Stop(Ending(Status.ACCEPTED))

    @property
    def _tls_required(self) -> bool:
        return self.plan.policy is TlsPolicy.REQUIRE or (
            self.plan.policy is TlsPolicy.AUTO and self.credentials is not None and not self._clear_allowed
        )

    @property
    def _clear_allowed(self) -> bool:
        return self.plan.private_channel or self.plan.insecure_auth

    def _greeting(self) -> Generator[Step, tuple[Exchange, ...], None]:
        (exchange,) = yield Await()
        if exchange.reply is None or exchange.reply.digit != 2:
            raise _negative(exchange)
        self._until(Phase.GREETING, Phase.CONNECT)

    def _hello(self) -> Generator[Step, tuple[Exchange, ...], None]:
        verb = {Protocol.SMTP: "HELO", Protocol.LMTP: "LHLO"}.get(self.plan.protocol, "EHLO")
        exchange = yield from self._ask(Phase.EHLO, command.command(verb, self.plan.helo))
        needs_extensions = self._tls_required or self.credentials is not None
        # RFC 5321 §3.2: HELO where EHLO is not known. A refusal of the name (501, 504, 550) is the answer to it.
        if verb == "EHLO" and exchange.reply and exchange.reply.code in (500, 502) and not needs_extensions:
            exchange = yield from self._ask(Phase.EHLO, command.command("HELO", self.plan.helo))
        if exchange.reply is None or exchange.reply.digit != 2:
            raise _negative(exchange)
        self.offered = ehlo.extensions(exchange.reply.lines)
        self.extension_lines = exchange.reply.lines[1:]
        if self.plan.policy not in (TlsPolicy.AUTO, TlsPolicy.REQUIRE) or self.over_tls:
            self._until(Phase.EHLO, Phase.STARTTLS, Phase.TLS)

    def _starttls(self) -> Generator[Step, tuple[Exchange, ...], None]:
        self._until(Phase.EHLO)
        if "STARTTLS" not in self.offered:
            if self._tls_required:
                raise _Stop(Ending(Status.NO_SESSION, Phase.STARTTLS, None, "the server does not offer STARTTLS"))
            self._until(Phase.STARTTLS, Phase.TLS)
            return
        exchange = yield from self._ask(Phase.STARTTLS, command.command("STARTTLS"))
        if exchange.reply is None:
            raise _negative(exchange)
        if exchange.reply.code != 220:
            if self._tls_required:
                # RFC 3207 §4: 454 and 501 leave the session in clear; where TLS is required that is no session.
                reason = f"the server answers STARTTLS with {exchange.reply.code}"
                ending = Ending(Status.NO_SESSION, Phase.STARTTLS, exchange.index, reason)
                raise _Stop(ending, polite=exchange.reply.code != 421)
            if exchange.reply.code == 421:
                raise _negative(exchange)
            return
        yield from self._handshake()
        # RFC 3207 §4.2: what was learnt before the handshake is forgotten, and EHLO is said again.
        self.offered, self.extension_lines = {}, ()
        yield from self._hello()

    def _handshake(self) -> Generator[Step, tuple[Exchange, ...], None]:
        strict = self.plan.verify or (self.credentials is not None and not self._clear_allowed)
        (exchange,) = yield Handshake(strict)
        if exchange.breakage is not None or exchange.tls is None:
            reason = _broken(exchange)
            if self.plan.policy is TlsPolicy.AUTO and not self._tls_required:
                reason += "; senders that may do without TLS would try again in clear"
            raise _Stop(Ending(Status.NO_SESSION, Phase.TLS, exchange.index, reason), polite=False)
        self.over_tls = True
        self.secure = self.secure or exchange.tls.verified

    def _auth(self, credentials: Credentials) -> Generator[Step, tuple[Exchange, ...], None]:
        if not (self.secure or self.plan.insecure_auth):
            channel = "not verified" if self.over_tls else "in clear"
            raise self._unsent(
                f"credentials not sent: the channel is {channel} (--insecure-auth sends them all the same)"
            )
        name = self._mechanism()
        exchange = yield from self._exchange_sasl(name, sasl.MECHANISMS[name](credentials, self.plan.host), credentials)
        if exchange.reply is None or exchange.reply.digit != 2:
            raise _negative(exchange, Phase.AUTH)

    def _unsent(self, reason: str) -> _Stop:
        return _Stop(Ending(Status.NO_SESSION, Phase.AUTH, None, reason))

    def _mechanism(self) -> str:
        offered = self.offered.get("AUTH", ())
        if not offered:
            where = "over TLS" if self.over_tls else "in clear"
            raise self._unsent(f"credentials not sent: the server offers no AUTH {where}")
        listed = " ".join(offered)
        if self.plan.mech is not None:
            wanted = self.plan.mech.upper()
            if wanted not in offered:
                raise self._unsent(f"credentials not sent: the server offers {listed}, not {wanted}")
            if wanted not in sasl.MECHANISMS:
                raise self._unsent(f"credentials not sent: {wanted} is a mechanism that is not known here")
            return wanted
        chosen = sasl.choose(offered, secure=self.secure)
        if chosen is None:
            raise self._unsent(f"credentials not sent: none of the offered mechanisms ({listed}) takes a password")
        return chosen

    def _exchange_sasl(self, name: str, responses: sasl.Response, credentials: Credentials) -> _Sub:
        initial = next(responses)
        words = ["AUTH", name]
        shown = f"AUTH {name}"
        if initial is not None:
            encoded = base64.b64encode(initial).decode() or "="  # RFC 4954 §4: "=" is the empty initial response
            yield Hide(encoded.encode())
            words.append(encoded)
            shown += " ‹credentials›"
        exchange = yield from self._ask(Phase.AUTH, command.command(*words), shown)
        while exchange.reply is not None and exchange.reply.code == 334:
            try:
                response = responses.send(_challenge(exchange, name))
            except (sasl.SaslError, StopIteration) as error:
                reason = str(error) or f"{name} has no further step"
                # RFC 4954 §4: a single "*" cancels the exchange; the 501 that follows judges no credentials.
                exchange = yield from self._ask(Phase.AUTH, command.command("*"), f"* (cancelled: {reason})")
                ending = Ending(Status.NO_SESSION, Phase.AUTH, exchange.index, f"login cancelled: {reason}")
                polite = exchange.reply is not None and exchange.reply.code != 421
                raise _Stop(ending, polite=polite) from None
            encoded = base64.b64encode(response or b"").decode()
            if response == credentials.user.encode():
                shown = "‹user name›"
            elif response:
                yield Hide(encoded.encode())
                yield Hide(response)
                shown = "‹credentials›"
            else:
                shown = ""
            exchange = yield from self._ask(Phase.AUTH, command.command(encoded), shown)
        return exchange

    def _transaction(self, reverse_path: str) -> Generator[Step, tuple[Exchange, ...], None]:
        paths = (reverse_path, *self.plan.forward_paths)
        parameters: tuple[str, ...] = ()
        if not all(path.isascii() for path in paths):
            # RFC 6531 §3.4: such a path is sent only to a server that offers SMTPUTF8.
            if "SMTPUTF8" not in self.offered:
                odd = next(path for path in paths if not path.isascii())
                reason = f"the server does not offer SMTPUTF8, which <{odd}> needs"
                raise _Stop(Ending(Status.NO_SESSION, Phase.MAIL, None, reason))
            parameters = ("SMTPUTF8",)
        exchange = yield from self._ask(Phase.MAIL, command.mail(reverse_path, *parameters))
        if exchange.reply is None or exchange.reply.digit != 2:
            raise _negative(exchange)
        self._until(Phase.MAIL)
        for forward_path in self.plan.forward_paths:
            exchange = yield from self._ask(Phase.RCPT, command.rcpt(forward_path))
            if exchange.reply is None:
                raise _negative(exchange)
            self._record(forward_path, exchange)
            if exchange.reply.code == 421:
                raise _negative(exchange)
        exchange = yield from self._ask(Phase.RSET, command.command("RSET"))
        if exchange.reply is None or exchange.reply.code == 421:
            # The verdict stands already; a peer that is gone gets no QUIT.
            raise _Stop(Ending(Status.ACCEPTED), polite=False)

    def _record(self, forward_path: str, exchange: Exchange) -> None:
        assert exchange.reply is not None
        # RFC 5321 §3.4: 251 is an acceptance, and so is 252.
        status = {2: RecipientStatus.ACCEPTED, 4: RecipientStatus.DEFERRED}.get(
            exchange.reply.digit, RecipientStatus.REFUSED
        )
        self.recipients.append(Recipient(forward_path, status, exchange.index))
        if status is not RecipientStatus.ACCEPTED:
            self.refusals.append(exchange)

    def weigh(self, ending: Ending) -> Ending:
        """The ending with the recipients weighed in: one refused among several accepted is a refusal."""
        decided_later = ending.status is not Status.ACCEPTED and ending.phase is not Phase.RCPT
        if decided_later or ending.status is Status.NO_SESSION or not self.refusals:
            return ending
        worst = max(
            self.refusals, key=lambda exchange: (exchange.reply.digit if exchange.reply else 0, -exchange.index)
        )
        return _negative(worst).ending

    def all_recipients(self) -> tuple[Recipient, ...]:
        """Every forward-path of the plan in its order, the untried ones as such."""
        untried = self.plan.forward_paths[len(self.recipients) :]
        return (*self.recipients, *(Recipient(path, RecipientStatus.NOT_TRIED) for path in untried))


def _challenge(exchange: Exchange, mechanism: str) -> bytes:
    """The challenge in a 334, decoded; as it stands where it is not base64 (RFC 4954 §4) and nothing is computed with it.

    Raises SaslError where it is not and the mechanism needs it: LOGIN's prompts often are not.
    """
    assert exchange.reply is not None
    text = exchange.reply.lines[0].strip() if exchange.reply.lines else ""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        if mechanism in sasl.COMPUTED:
            raise sasl.SaslError("the challenge is not base64") from None
        return text.encode("utf-8", "replace")
