"""What a dialogue is made of: the steps it yields, and the endings it comes to."""

from __future__ import annotations

from collections.abc import Generator, Mapping

import msgspec

from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.transcript import Breakage, Exchange, OutcomeFault, Phase, Recipient, Status


class Send(msgspec.Struct, frozen=True):
    """Octets to write, and the text that may be shown in their place."""

    octets: bytes
    shown: str
    phase: Phase


class SendToSeveral(msgspec.Struct, frozen=True):
    """Octets to write that are answered several times, and the text that may be shown for each of the replies."""

    octets: bytes
    shown: tuple[str, ...]
    phase: Phase


class Tell(msgspec.Struct, frozen=True):
    """Octets to write that nothing answers, and the text that may be shown in their place."""

    octets: bytes
    shown: str
    phase: Phase


class Await(msgspec.Struct, frozen=True):
    """Wait for so many replies. With nothing sent and unanswered, the greeting's. `wait_s` None: the session's default."""

    replies: int = 1
    wait_s: float | None = None


class Listen(msgspec.Struct, frozen=True):
    """Hear whether a reply comes that nothing waits for: it is answered with an exchange that is not kept, or with none."""

    wait_s: float


class Abandon(msgspec.Struct, frozen=True):
    """Wait no longer for the replies to what was sent: what broke the last exchange off has broken these off, too."""


class Handshake(msgspec.Struct, frozen=True):
    """Do the TLS handshake. `strict`: with versions, ciphers and keys as clients of today take them; else with any."""

    strict: bool


class Shaken(Exchange, frozen=True, kw_only=True):
    """A handshake as the dialogue has it: with what ties a login to its channel, by type (RFC 5056), which nobody keeps."""

    bindings: Mapping[str, bytes] = {}


class Hide(msgspec.Struct, frozen=True):
    """A computed secret that must not be recorded from here on, should the server echo it.

    `typed`: it holds, as it stands, what a person has typed.
    """

    secret: bytes
    typed: bool = True


Step = Send | SendToSeveral | Tell | Await | Listen | Abandon | Handshake | Hide


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How the session ended: the status, where it was decided and by which exchange, and why in words.

    `fault` says why as a word, and `needs` names the request's field that may settle it, where there is one.
    """

    status: Status
    phase: Phase | None = None
    exchange: int | None = None
    reason: str | None = None
    fault: OutcomeFault | None = None
    needs: str | None = None
    recipients: tuple[Recipient, ...] = ()
    extensions: tuple[str, ...] = ()


Dialogue = Generator[Step, tuple[Exchange, ...], Ending]
Part = Generator[Step, tuple[Exchange, ...], None]
"""A part of a dialogue, which Stop may end."""
Asking = Generator[Step, tuple[Exchange, ...], Exchange]
"""A part of a dialogue that comes to one exchange."""


class Stop(Exception):
    """The dialogue is over before its end. `polite`: the peer still answers, so that QUIT is said."""

    def __init__(self, ending: Ending, *, polite: bool = True) -> None:
        super().__init__(ending)
        self.ending = ending
        self.polite = polite


def ask(phase: Phase, octets: bytes, shown: str | None = None) -> Asking:
    """One command and the exchange that it becomes; `shown` None: the command as it is."""
    yield Send(octets, shown if shown is not None else shown_of(octets), phase)
    (exchange,) = yield Await()
    return exchange


def shown_of(octets: bytes) -> str:
    """A command as it may be shown, if it holds no secret."""
    return octets[:-2].decode("utf-8", "backslashreplace")


def send_and_drop(phase: Phase, octets: bytes) -> Part:
    """One command, and the end of the connection before its reply."""
    yield Tell(octets, shown_of(octets), phase)
    raise Stop(Ending(status=Status.ACCEPTED), polite=False)


def not_offered(phase: Phase, reason: str, *, needs: str | None = None) -> Stop:
    """The stop before a command that the server has not the extension for."""
    fault = OutcomeFault.NOT_OFFERED
    return Stop(Ending(status=Status.NO_SESSION, phase=phase, exchange=None, reason=reason, fault=fault, needs=needs))


def ungranted(exchange: Exchange, verb: str) -> Stop:
    """The stop for a command that the session cannot do without, and whose answer is not the one that it needs."""
    if exchange.reply is None:
        return negative(exchange)
    reason = say("the server answers {verb} with {code}", verb=verb, code=exchange.reply.code)
    ending = Ending(status=Status.NO_SESSION, phase=exchange.phase, exchange=exchange.index, reason=reason)
    return Stop(ending, polite=exchange.reply.code != 421)


def negative(exchange: Exchange) -> Stop:
    """The stop for an exchange that did not go well: a refusal, a deferral, or no session."""
    reply, phase = exchange.reply, exchange.phase
    if reply is None:
        return broken_off(exchange)
    if reply.digit == 5:
        status = Status.AUTH_REFUSED if phase is Phase.AUTH else Status.REFUSED
    elif reply.digit == 4:
        # RFC 4954 §6: 432 wants the user to change the password: no retry will help.
        status = Status.AUTH_REFUSED if phase is Phase.AUTH and reply.code == 432 else Status.DEFERRED
    else:
        return Stop(
            Ending(
                status=Status.NO_SESSION,
                phase=phase,
                exchange=exchange.index,
                reason=say("the reply {code} is not expected here", code=reply.code),
            ),
            # RFC 5321 §4.2.3: with 221 the server closes, as with 421.
            polite=reply.code != 221,
        )
    # RFC 5321 §3.8: after 421 the server closes; there is nobody left to say QUIT to.
    return Stop(Ending(status=status, phase=phase, exchange=exchange.index, reason=None), polite=reply.code != 421)


def broken_off(exchange: Exchange, *, reason: str | None = None) -> Stop:
    """The stop for an exchange that came to no reply. `reason` None: its breakage in words."""
    by_deadline = exchange.breakage is Breakage.DEADLINE
    return Stop(
        Ending(
            status=Status.NO_SESSION,
            # RFC 8446 §4.4.2.4: what a server holds against the handshake may come only after it.
            phase=Phase.TLS if exchange.tls_fault is not None else exchange.phase,
            exchange=exchange.index,
            reason=reason or broken(exchange),
            fault=OutcomeFault.DEADLINE if by_deadline else None,
            needs="deadline_s" if by_deadline else None,
        ),
        polite=False,
    )


_OTHER_PROTOCOLS = (
    (b"HTTP/", mark("an HTTP server answers on this port")),
    (b"SSH-", mark("an SSH server answers on this port")),
    (b"* OK", mark("an IMAP server answers on this port")),
    (b"+OK", mark("a POP3 server answers on this port")),
    (b"\x15\x03", mark("the server answered with a TLS alert: this port wants implicit TLS")),
    (b"\x16\x03", mark("the server speaks TLS: this port wants implicit TLS")),
)


_WITHOUT_AN_ANSWER = (Breakage.CLOSED_BY_PEER, Breakage.RESET, Breakage.TIMED_OUT, Breakage.DEADLINE)
_COMMANDS = {Phase.MAIL: "MAIL FROM", Phase.RCPT: "RCPT TO", Phase.MESSAGE: mark("the message")}
_BREAKAGES = {
    Breakage.CLOSED_BY_PEER: mark("the server closed the connection"),
    Breakage.TIMED_OUT: mark("the server stopped responding"),
    Breakage.RESET: mark("the connection was reset"),
    Breakage.TLS_FAILED: mark("the TLS handshake failed"),
    Breakage.NOT_SMTP: mark("the server did not answer with SMTP"),
    Breakage.TOO_MUCH: mark("the server sent more than 1 MiB"),
    Breakage.DEADLINE: mark("the session's deadline passed"),
    Breakage.INTERRUPTED: mark("interrupted"),
    Breakage.REFUSED: mark("the connection was refused"),
    Breakage.UNREACHABLE: mark("the server cannot be reached"),
    Breakage.LOCAL: mark("it failed on this side"),
    Breakage.UNKNOWN: mark("it broke off"),
}


def broken(exchange: Exchange) -> str:
    """Why an exchange has no reply, in words."""
    for start, words in _OTHER_PROTOCOLS:
        if exchange.partial.startswith(start):
            return say(words)
    words = say(_BREAKAGES[exchange.breakage or Breakage.UNKNOWN])
    if exchange.breakage in _WITHOUT_AN_ANSWER and exchange.phase is not Phase.TLS:
        words = _unanswered(words, exchange)
    elif exchange.partial and exchange.breakage is not Breakage.TLS_FAILED:
        words = say_counted(
            "{broken} in the middle of a reply ({count} octet)",
            "{broken} in the middle of a reply ({count} octets)",
            len(exchange.partial),
            broken=words,
        )
    return f"{words}: {exchange.detail}" if exchange.detail else words


def _unanswered(broken: str, exchange: Exchange) -> str:
    """How it broke off, with what was being waited for when nothing more came."""
    greeting = exchange.phase is Phase.GREETING
    command = say(_COMMANDS.get(exchange.phase, exchange.phase.upper()))
    what = say("the greeting") if greeting else say("the answer to {command}", command=command)
    if exchange.partial:
        return say_counted(
            "{broken} in the middle of {what} ({count} octet)",
            "{broken} in the middle of {what} ({count} octets)",
            len(exchange.partial),
            broken=broken,
            what=what,
        )
    return say("{broken} before {what}", broken=broken, what=what)
