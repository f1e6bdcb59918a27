"""The session: its steps, or each exchange in full with what it means where that is news."""

from __future__ import annotations

from datetime import datetime

from smtpprobe.model.reply import AnnotationLine
from smtpprobe.model.report import Report
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Exchange, Phase, Status, Transcript
from smtpprobe.render.view import steps
from smtpprobe.render.view.certificates import certificate_lines
from smtpprobe.render.view.sections import ExchangeView, ReplyLine, SessionSection, Step
from smtpprobe.render.view.several import table

MAX_LINES = 100  # of one reply, unless more is asked for


def sessions(report: Report, verbosity: int) -> tuple[SessionSection, ...]:
    """Each connection; a single one that never came about stands in the headline already.

    Of several that were wanted a table has the essence: each by itself is for whoever wants more.
    """
    if verbosity <= 0 and table.is_wanted(report):
        return ()
    alone = len(report.transcripts) == 1
    return tuple(section(each, verbosity) for each in report.transcripts if _came_about(each) or not alone)


def _came_about(transcript: Transcript) -> bool:
    """Whether there was a connection; one that was wanted for itself has no exchanges."""
    accepted = transcript.outcome is not None and transcript.outcome.status is Status.ACCEPTED
    return accepted or bool(transcript.exchanges)


def section(transcript: Transcript, verbosity: int) -> SessionSection:
    """One connection: above verbosity 0 its exchanges in full, else its steps."""
    told = b"".join(each.unsolicited_before for each in transcript.exchanges if each.phase is not Phase.TLS)
    unsolicited = steps.unsolicited(transcript.unsolicited.removeprefix(told))
    told_of_tls = any(each.unsolicited_before for each in transcript.exchanges if each.phase is Phase.TLS)
    injected = None if told_of_tls else steps.injected(transcript.injected)
    if verbosity <= 0:
        return SessionSection(connected=None, steps=_steps(transcript), unsolicited=unsolicited, injected=injected)
    if not _came_about(transcript):
        return SessionSection(connected=None, reason=steps.no_connection(transcript))
    teller = Teller(verbosity, transcript.started_at)
    return SessionSection(
        connected=connected(transcript.address, transcript.port, transcript.local_address, transcript.via),
        exchanges=tuple(teller.exchange(each) for each in transcript.exchanges),
        unsolicited=unsolicited,
        injected=injected,
    )


def _steps(transcript: Transcript) -> tuple[Step, ...]:
    if not _came_about(transcript):
        return (steps.not_connected(transcript),)
    story = steps.Story()
    first = steps.connected(transcript.address, transcript.port, transcript.local_address, transcript.via)
    return (first, *(story.step(each) for each in transcript.exchanges))


def connected(address: str, port: int | None, local_address: str | None, via: str | None = None) -> str:
    """A connection that came about, in words."""
    if via:
        return say("connected {peer} through {proxy}", peer=steps.peer_of(address, port), proxy=via)
    plain, with_local = mark("connected {peer}"), mark("connected {peer} from {local}")
    return say(with_local if local_address else plain, peer=steps.peer_of(address, port), local=local_address)


class Teller:
    """One connection in full, told exchange by exchange; what was explained once is not explained again."""

    def __init__(self, verbosity: int, started_at: datetime) -> None:
        self._verbosity = verbosity
        self._started_at = started_at
        self._explained: set[str] = set()

    def exchange(self, exchange: Exchange) -> ExchangeView:
        """The exchange with everything that is said of it; it must be annotated."""
        return _exchange(exchange, self._verbosity, self._explained, self._started_at)


def _exchange(exchange: Exchange, verbosity: int, explained: set[str], at: datetime) -> ExchangeView:
    """An exchange; `explained` gathers the lines and titles that need not be explained again, as in the EHLO over TLS."""
    handshake, failure, partial = _handshake(exchange), None, None
    if handshake is None and exchange.breakage is not None:
        failure, partial = steps.broken(exchange)
    unsolicited = steps.unasked(exchange)
    reply, annotation = exchange.reply, exchange.annotation
    if reply is None:
        shown = certificate_lines(exchange.tls, at, verbosity) if exchange.tls is not None else ()
        return ExchangeView(
            exchange=exchange,
            unsolicited=unsolicited,
            handshake=handshake,
            certificates=shown,
            failure=failure,
            partial=partial,
        )
    meanings = {line.index: line for line in annotation.lines} if annotation else {}
    most = len(reply.lines) if verbosity > 0 else MAX_LINES
    is_ehlo = exchange.phase is Phase.EHLO
    lines = tuple(
        ReplyLine(
            f"{code}{' ' if index == len(reply.lines) - 1 else '-'}{line}",
            _meaning(line, meanings.get(index) if index or not is_ehlo else None, is_ehlo, verbosity, explained),
        )
        for index, (code, line) in enumerate(reply.coded_lines[:most])
    )
    title = annotation.title if annotation is not None else None
    again = is_ehlo and title in explained and verbosity <= 0
    if title is not None:
        explained.add(title)
    with_meaning = annotation is not None and verbosity > 0
    return ExchangeView(
        exchange=exchange,
        unsolicited=unsolicited,
        lines=lines,
        more_lines=max(len(reply.lines) - most, 0),
        title=None if again else title,
        meaning=annotation.meaning if annotation is not None and with_meaning else None,
        references=annotation.references if annotation is not None and with_meaning else (),
        partial=partial,
        failure=failure,
    )


def _handshake(exchange: Exchange) -> str | None:
    """What a handshake agreed on; None where there was none, or it failed."""
    tls = exchange.tls
    if tls is None or exchange.breakage is not None:
        return None
    verified, unverified = mark("certificate verified"), mark("certificate not verified: {problems}")
    trust = say(verified if tls.verified else unverified, problems="; ".join(tls.problems))
    # Which key exchange protects it is said, and if it is not known, that is said.
    keys = say("key exchange {group}", group=tls.group) if tls.group else say("key exchange not known")
    protocol = say(", protocol {alpn}", alpn=tls.alpn) if tls.alpn else ""
    return f"TLS: {tls.version}, {tls.cipher}, {keys}{protocol}, {trust}"


def _meaning(
    line: str, annotated: AnnotationLine | None, is_ehlo: bool, verbosity: int, explained: set[str]
) -> str | None:
    if annotated is None or line in explained:
        return None
    if not is_ehlo:
        return annotated.meaning
    # Of ninety private keywords the meaning is the same.
    again = annotated.meaning in explained
    explained.update((line, annotated.meaning))
    if again:
        return None
    return annotated.meaning if verbosity > 0 else annotated.brief or annotated.meaning
