"""What a dialogue is made of: the steps it yields, and the endings it comes to."""

from __future__ import annotations

from collections.abc import Generator

import msgspec

from smtpprobe.model.transcript import Exchange, Phase, Recipient, Status


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


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How the session ended: the status, where it was decided and by which exchange, and why in words."""

    status: Status
    phase: Phase | None = None
    exchange: int | None = None
    reason: str | None = None
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
    yield Send(octets, shown if shown is not None else octets[:-2].decode("utf-8", "backslashreplace"), phase)
    (exchange,) = yield Await()
    return exchange


def negative(exchange: Exchange) -> Stop:
    """The stop for an exchange that did not go well: a refusal, a deferral, or no session."""
    reply, phase = exchange.reply, exchange.phase
    if reply is None:
        return Stop(
            Ending(status=Status.NO_SESSION, phase=phase, exchange=exchange.index, reason=broken(exchange)),
            polite=False,
        )
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
                reason=f"the reply {reply.code} is out of place here",
            )
        )
    # RFC 5321 §3.8: after 421 the server closes; there is nobody left to say QUIT to.
    return Stop(Ending(status=status, phase=phase, exchange=exchange.index, reason=None), polite=reply.code != 421)


_OTHER_PROTOCOLS = (
    (b"HTTP/", "an HTTP server answers on this port"),
    (b"SSH-", "an SSH server answers on this port"),
    (b"* OK", "an IMAP server answers on this port"),
    (b"+OK", "a POP3 server answers on this port"),
    (b"\x15\x03", "the server answered with a TLS alert: this port wants implicit TLS"),
    (b"\x16\x03", "the server speaks TLS: this port wants implicit TLS"),
)


def broken(exchange: Exchange) -> str:
    """Why an exchange has no reply, in words."""
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
    words = f"{words}: {exchange.detail}" if exchange.detail else words
    return words + _before_the_greeting(exchange)


def _before_the_greeting(exchange: Exchange) -> str:
    """What a server that says nothing at all may be about, for whoever has to go on from here."""
    if exchange.phase is not Phase.GREETING or exchange.over_tls or exchange.partial:
        return ""
    if exchange.breakage == "timed-out":
        return "; a port that wants TLS from the start is silent too (--tls implicit, smtps://)"
    if exchange.breakage in ("closed-by-peer", "reset"):
        return "; it may turn this address away by policy, or a firewall does"
    return ""
