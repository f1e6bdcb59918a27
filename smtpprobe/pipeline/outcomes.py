"""How one session came out, from how its dialogue ended or why there was none."""

from __future__ import annotations

import os
from collections.abc import Sequence

from smtpprobe.catalogue.ci_systems import ci_system
from smtpprobe.model import ports
from smtpprobe.model.exit_code import exit_code_of
from smtpprobe.model.texts.language import say, say_counted
from smtpprobe.model.transcript import (
    Breakage,
    Outcome,
    OutcomeFault,
    Phase,
    Status,
    Transcript,
)
from smtpprobe.net.connection import ConnectFailure
from smtpprobe.pipeline.route import Route
from smtpprobe.wire.dialogue.steps import Ending

_WORST = (Status.INTERRUPTED, Status.NO_SESSION, Status.AUTH_REFUSED, Status.REFUSED, Status.DEFERRED, Status.ACCEPTED)


def of_ending(ending: Ending, transcript: Transcript) -> Outcome:
    """The outcome that a dialogue's ending stands for."""
    if ending.status is Status.ACCEPTED:
        return Outcome(status=Status.ACCEPTED)
    exchange = transcript.exchanges[ending.exchange] if ending.exchange is not None else None
    reply = exchange.reply if exchange else None
    reason, fault = ending.reason or (f"{reply.code} {reply.text}".strip() if reply else None), ending.fault
    if transcript.injected and exchange is not None and exchange.breakage and exchange.phase is Phase.TLS:
        # RFC 3207 §4.2: whoever put them there is between us and the server, or is the server.
        reason = say_counted(
            "{count} octet of plaintext followed the STARTTLS reply, before the handshake; then {reason}",
            "{count} octets of plaintext followed the STARTTLS reply, before the handshake; then {reason}",
            len(transcript.injected),
            reason=reason,
        )
        fault = OutcomeFault.INJECTED
    return Outcome(
        status=ending.status,
        phase=ending.phase,
        reply_code=reply.code if reply else None,
        enhanced=reply.enhanced if reply else None,
        reason=reason,
        fault=fault,
        needs=ending.needs,
        exit_code=exit_code_of(ending.status),
    )


def place_of(bug: BaseException) -> str:
    """The module and the line of the package in which the error arose; the package's name if that is unknown."""
    import traceback
    from pathlib import Path

    package = Path(__file__).resolve().parent.parent
    for frame in reversed(traceback.extract_tb(bug.__traceback__)):
        if Path(frame.filename).is_relative_to(package):
            return say(
                "{path}, line {lineno}",
                path=Path(frame.filename).relative_to(package).as_posix(),
                lineno=frame.lineno,
            )
    return package.name


def internal_error(bug: BaseException) -> str:
    """What is told of a bug: where it is."""
    return say("internal error in {place_of}; please report it", place_of=place_of(bug))


def of_bug(bug: Exception, phase: Phase) -> Outcome:
    """The outcome of a session that an internal error ended."""
    return Outcome(
        status=Status.NO_SESSION,
        phase=phase,
        reason=internal_error(bug),
        fault=OutcomeFault.INTERNAL_ERROR,
        exit_code=exit_code_of(Status.NO_SESSION, OutcomeFault.INTERNAL_ERROR),
    )


def interrupted(phase: Phase) -> Outcome:
    """The outcome of a session that has not ended."""
    status = Status.INTERRUPTED
    return Outcome(status=status, phase=phase, reason=say("interrupted"), exit_code=exit_code_of(status))


def unconnected(
    failure: ConnectFailure, address: str, port: int | None, *, port_is_open: bool, has_route: bool = True
) -> Outcome:
    """The outcome where no connection came about. `port_is_open`: another address took one on the same port."""
    blocked = failure.breakage is Breakage.TIMED_OUT and port == ports.SMTP and not port_is_open
    endpoint = say("{address} port {port}", address=address, port=port) if port else address
    return Outcome(
        status=Status.NO_SESSION,
        phase=Phase.CONNECT,
        reason=say(
            "no connection to {endpoint}: {words}",
            endpoint=endpoint,
            words=_blocked() if blocked else _why(failure, port) if has_route else _no_route(address),
        ),
        fault=OutcomeFault.PORT_25_BLOCKED if blocked else None if has_route else OutcomeFault.NO_ROUTE,
        exit_code=exit_code_of(Status.NO_SESSION),
    )


def _blocked() -> str:
    system = ci_system(os.environ)
    network = say("the network of {system}", system=system) if system else say("this network")
    return say(
        "{network} probably blocks outgoing port 25, as most do; that says nothing about the server. "
        "For submission try port 587 or 465",
        network=network,
    )


def _no_route(address: str) -> str:
    return say("this host has no route to this {kind} address", kind="IPv6" if ":" in address else "IPv4")


def _why(failure: ConnectFailure, port: int | None) -> str:
    if failure.breakage is not Breakage.REFUSED or port is None:
        return failure.detail
    return say("{detail}: nothing listens there, or a firewall rejects it", detail=failure.detail)


def nowhere(route: Route) -> Outcome:
    """The outcome where the target leads to no address."""
    return Outcome(
        status=Status.NO_SESSION,
        phase=Phase.DNS,
        reason=route.problem,
        fault=route.fault,
        exit_code=exit_code_of(Status.NO_SESSION),
    )


def breakage_of(transcript: Transcript) -> Breakage | None:
    """How the connection was lost: the breakage of an exchange, None where each has its reply."""
    return transcript.last.breakage if transcript.last else None


_REFUSES_CREDENTIALS = 535  # RFC 4954 §6; other codes are about the mechanism


def worst(outcomes: Sequence[Outcome], *, every_address: bool = False, every_mechanism: bool = False) -> Outcome:
    """The worst outcome; addresses that gave no connection count only where none did.

    `every_address`: each was wanted, and counts, unless there is no route to it from here and another gave a connection.
    `every_mechanism`: the last was tried because those before it had been refused, so that its acceptance counts alone,
    and without one a refusal of the credentials.
    """
    if every_mechanism and outcomes[-1].status is Status.ACCEPTED:
        return outcomes[-1]
    if every_mechanism and (judged := [each for each in outcomes if each.reply_code == _REFUSES_CREDENTIALS]):
        return judged[0]
    if every_address:
        counted = [each for each in outcomes if each.fault is not OutcomeFault.NO_ROUTE]
    else:
        counted = [each for each in outcomes if each.phase is not Phase.CONNECT]
    return min(counted or outcomes, key=_badness)


def _badness(outcome: Outcome) -> tuple[int, bool]:
    """A bug of ours comes before what else kept a session from coming about."""
    return _WORST.index(outcome.status), outcome.fault is not OutcomeFault.INTERNAL_ERROR
