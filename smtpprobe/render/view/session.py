"""The session: its ladder of stages, its recipients, and each exchange with what it means where that is news."""

from __future__ import annotations

from datetime import datetime

from smtpprobe.catalogue.language import mark, say
from smtpprobe.model.report import Report
from smtpprobe.model.transcript import AnnotationLine, Exchange, Phase, Status, Transcript
from smtpprobe.render.view.certificates import certificate_lines
from smtpprobe.render.view.headline import decisive
from smtpprobe.render.view.sections import (
    ExchangeView,
    LadderStage,
    RecipientRow,
    ReplyLine,
    SessionSection,
    StageState,
)

MAX_LINES = 100  # of one reply, unless more is asked for
_MAX_OCTETS = 300  # of what is no reply
_LADDER = (Phase.GREETING, Phase.EHLO, Phase.TLS, Phase.AUTH, Phase.MAIL, Phase.RCPT)


def ladder(report: Report) -> tuple[LadderStage, ...]:
    """How far the session came that decided the run."""
    transcript = decisive(report)
    exchanges = transcript.exchanges if transcript else ()
    failed = report.outcome.phase if report.outcome.status is not Status.ACCEPTED else None
    looked_up = bool(report.lookups) and report.target.host != (transcript.address if transcript else None)
    connected = bool(exchanges) or failed not in (Phase.DNS, Phase.CONNECT)
    return (
        LadderStage("DNS", _state(failed is Phase.DNS, looked_up)),
        LadderStage(say(mark("connect")), _state(failed is Phase.CONNECT, connected)),
        *(LadderStage(_stage_name(phase, exchanges), _stage_state(phase, exchanges, failed)) for phase in _LADDER),
    )


def recipients(report: Report) -> tuple[RecipientRow, ...]:
    """The forward-paths of the session that decided the run, with the first line of the reply to each."""
    transcript = decisive(report)
    rows = []
    for each in transcript.recipients if transcript is not None else ():
        exchange = transcript.exchanges[each.exchange] if transcript and each.exchange is not None else None
        reply = exchange.reply if exchange is not None else None
        text = f"{reply.code} {reply.lines[0]}".strip() if reply is not None and reply.lines else None
        rows.append(RecipientRow(each.forward_path, each.status, text))
    return tuple(rows)


def sessions(report: Report, verbosity: int) -> tuple[SessionSection, ...]:
    """Each connection; a single one that never came about stands in the headline already."""
    alone = len(report.transcripts) == 1
    return tuple(_session(each, verbosity) for each in report.transcripts if each.exchanges or not alone)


def _state(failed: bool, done: bool) -> StageState:
    return StageState.FAILED if failed else StageState.DONE if done else StageState.NOT_REACHED


def _stage_name(phase: Phase, exchanges: tuple[Exchange, ...]) -> str:
    if phase is Phase.TLS:
        implicit = any(x.tls for x in exchanges) and not any(x.phase is Phase.STARTTLS for x in exchanges)
        return "TLS" if implicit else "STARTTLS"
    return say(mark("greeting")) if phase is Phase.GREETING else phase.value.upper()


def _stage_state(phase: Phase, exchanges: tuple[Exchange, ...], failed: Phase | None) -> StageState:
    phases = (Phase.STARTTLS, Phase.TLS) if phase is Phase.TLS else (phase,)
    mine = [x for x in exchanges if x.phase in phases]
    if failed not in phases and any(x.breakage or (x.reply and x.reply.is_negative) for x in mine):
        return StageState.TROUBLED
    return _state(failed in phases, bool(mine))


def _session(transcript: Transcript, verbosity: int) -> SessionSection:
    address = f"[{transcript.address}]" if ":" in transcript.address else transcript.address
    where = address if transcript.port is None else f"{address}:{transcript.port}"
    if not transcript.exchanges:
        reason = transcript.outcome.reason if transcript.outcome else None
        return SessionSection(connected=None, reason=reason or say(mark("no connection to {peer}")).format(peer=where))
    server = f" ({transcript.server.software})" if transcript.server.software else ""
    plain, with_local = mark("connected {peer}"), mark("connected {peer} from {local}")
    text = say(with_local if transcript.local_address else plain).format(peer=where, local=transcript.local_address)
    explained: set[str] = set()
    unsolicited, injected = mark("unasked for: {octets}"), mark("in clear before the handshake: {octets}")
    return SessionSection(
        connected=text + server,
        exchanges=tuple(_exchange(each, verbosity, explained, transcript.started_at) for each in transcript.exchanges),
        unsolicited=_octets(unsolicited, transcript.unsolicited),
        injected=_octets(injected, transcript.injected),
    )


def _octets(text: str, octets: bytes) -> str | None:
    if not octets:
        return None
    return say(text).format(octets=repr(octets[:_MAX_OCTETS].decode("utf-8", "backslashreplace")))


def _exchange(exchange: Exchange, verbosity: int, explained: set[str], at: datetime) -> ExchangeView:
    """An exchange; `explained` gathers the lines and titles that need not be explained again, as in the EHLO over TLS."""
    handshake, failure, partial = _handshake(exchange), None, None
    if handshake is None and exchange.breakage is not None:
        failure, partial = _broken(exchange)
    reply, annotation = exchange.reply, exchange.annotation
    if reply is None:
        shown = certificate_lines(exchange.tls, at, verbosity) if exchange.tls is not None else ()
        return ExchangeView(
            exchange=exchange, handshake=handshake, certificates=shown, failure=failure, partial=partial
        )
    meanings = {line.index: line for line in annotation.lines} if annotation else {}
    most = len(reply.lines) if verbosity > 0 else MAX_LINES
    is_ehlo = exchange.phase is Phase.EHLO
    lines = tuple(
        ReplyLine(
            f"{reply.code}{' ' if index == len(reply.lines) - 1 else '-'}{line}",
            _meaning(line, meanings.get(index) if index or not is_ehlo else None, is_ehlo, verbosity, explained),
        )
        for index, line in enumerate(reply.lines[:most])
    )
    title = annotation.title if annotation is not None else None
    again = is_ehlo and title in explained and verbosity <= 0
    if title is not None:
        explained.add(title)
    with_meaning = annotation is not None and verbosity > 0
    return ExchangeView(
        exchange=exchange,
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
    trust = say(verified if tls.verified else unverified).format(problems="; ".join(tls.problems))
    return f"TLS: {tls.version}, {tls.cipher}, {trust}"


def _broken(exchange: Exchange) -> tuple[str, str | None]:
    """How the exchange broke off, and the octets that made no whole reply."""
    assert exchange.breakage is not None
    if exchange.tls is not None or exchange.phase is Phase.TLS:
        return say(mark("TLS handshake failed: {detail}")).format(detail=exchange.detail or ""), None
    words = exchange.breakage.replace("-", " ") + (f": {exchange.detail}" if exchange.detail else "")
    octets = exchange.partial[:_MAX_OCTETS]
    return words, repr(octets.decode("utf-8", "backslashreplace"))[1:-1] if octets else None


def _meaning(
    line: str, annotated: AnnotationLine | None, is_ehlo: bool, verbosity: int, explained: set[str]
) -> str | None:
    if annotated is None or line in explained:
        return None
    if not is_ehlo:
        return annotated.meaning
    explained.add(line)
    return annotated.meaning if verbosity > 0 else annotated.brief or annotated.meaning
