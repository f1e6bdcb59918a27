"""What is known of a connection that did not come about, or did not last."""

from __future__ import annotations

from smtpprobe.catalogue.facts import YES
from smtpprobe.catalogue.language import mark, say
from smtpprobe.diagnosis.facts.session import of_channel
from smtpprobe.model.transcript import Breakage, Exchange, Outcome, OutcomeFault, Phase, Transcript

_OF_NAMES = {
    OutcomeFault.NAME_UNKNOWN: "name_missing",
    OutcomeFault.NO_ADDRESS: "name_without_address",
    OutcomeFault.LOOKUP_FAILED: "name_unanswered",
    OutcomeFault.PORT_25_BLOCKED: "port_25_blocked",
}
_OF_CONNECTIONS = {
    Breakage.REFUSED: "connection_refused",
    Breakage.TIMED_OUT: "connection_timed_out",
    Breakage.UNREACHABLE: "connection_unreachable",
    Breakage.LOCAL: "connection_local",
}
LOST = (Breakage.CLOSED_BY_PEER, Breakage.RESET, Breakage.TIMED_OUT)
_BEFORE_A_SESSION = (Phase.CONNECT, Phase.GREETING)


def of_target(outcome: Outcome, host: str, port: int | None) -> dict[str, str | None]:
    """The facts of a target that leads to no address, or to one that takes no connection."""
    known: dict[str, str | None] = {"host": host or None, "port": str(port) if port else None}
    if outcome.fault in _OF_NAMES:
        known[_OF_NAMES[outcome.fault]] = YES
    return known


def of_attempt(transcript: Transcript, outcome: Outcome) -> dict[str, str | None]:
    """The facts of an address that took no connection."""
    known = of_target(outcome, transcript.host or transcript.address, transcript.port)
    if outcome.fault is not OutcomeFault.PORT_25_BLOCKED and transcript.breakage in _OF_CONNECTIONS:
        known[_OF_CONNECTIONS[transcript.breakage]] = YES
    return known


def of_loss(last: Exchange, transcript: Transcript) -> dict[str, str | None]:
    """The facts of a connection that ended, or fell silent, at this exchange."""
    early = last.phase in _BEFORE_A_SESSION
    return {
        "port": str(transcript.port) if transcript.port else None,
        "lost_at_greeting": YES if early else None,
        "lost_in_session": None if early else YES,
        "lost_at": None if early else command_of(last),
        "lost_silently": YES if last.breakage is Breakage.TIMED_OUT else None,
        "not_smtp": YES if last.breakage in (Breakage.NOT_SMTP, Breakage.TOO_MUCH) else None,
    }


def of_withheld(transcript: Transcript) -> dict[str, str | None]:
    """The facts of the channel on which a login was not tried, or broken off."""
    over_tls = any(each.tls is not None for each in transcript.exchanges)
    return of_channel(transcript, len(transcript.exchanges), over_tls=over_tls)


def command_of(exchange: Exchange) -> str:
    """The command by its name: EHLO, MAIL FROM, RCPT TO; that of a message's end or a login's step in words."""
    return say(_COMMANDS[exchange.phase]) if exchange.phase in _COMMANDS else exchange.phase.value.upper()


_COMMANDS = {Phase.MAIL: "MAIL FROM", Phase.RCPT: "RCPT TO", Phase.MESSAGE: mark("the end of the message")}
