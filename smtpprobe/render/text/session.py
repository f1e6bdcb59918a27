"""The session on the page: the ladder of stages, and the transcript with its annotations."""

from __future__ import annotations

import re

from smtpprobe.catalogue.language import mark, say
from smtpprobe.model.report import Report
from smtpprobe.model.transcript import Exchange, Phase, Status, Transcript
from smtpprobe.render.escape import columns, terminal
from smtpprobe.render.text.page import Page

_BESIDE = 25  # columns that a short reply line takes, its meaning beside it
_MEANING = 30  # columns that a meaning needs to stand beside its line
_MAX_LINES = 100  # of one reply, unless more is asked for
_ASIDE = re.compile(r" \([^()]+\)\.?\Z")  # what a sentence adds in brackets at its end
_LADDER = (Phase.GREETING, Phase.EHLO, Phase.TLS, Phase.AUTH, Phase.MAIL, Phase.RCPT)


def ladder(page: Page, report: Report, transcript: Transcript | None) -> None:
    """How far the session came: a word and a mark for each stage of the transcript that decided."""
    exchanges = transcript.exchanges if transcript else ()
    failed = report.outcome.phase if report.outcome.status is not Status.ACCEPTED else None
    looked_up = bool(report.lookups) and report.target.host != (transcript.address if transcript else None)
    marks = [("DNS", "✗" if failed is Phase.DNS else "✓" if looked_up else "–")]
    connected = bool(exchanges) or (failed not in (Phase.DNS, Phase.CONNECT))
    marks.append((say(mark("connect")), "✗" if failed is Phase.CONNECT else "✓" if connected else "–"))
    for phase in _LADDER:
        marks.append((_ladder_word(phase, exchanges), _mark(phase, exchanges, failed)))
    page.row([(word, mark, {"✓": "green", "✗": "red", "!": "yellow"}.get(mark)) for word, mark in marks])


def _ladder_word(phase: Phase, exchanges: tuple[Exchange, ...]) -> str:
    if phase is Phase.TLS:
        return (
            "STARTTLS"
            if any(x.phase is Phase.STARTTLS for x in exchanges) or not any(x.tls for x in exchanges)
            else "TLS"
        )
    return say(mark("greeting")) if phase is Phase.GREETING else phase.value.upper()


def _mark(phase: Phase, exchanges: tuple[Exchange, ...], failed: Phase | None) -> str:
    phases = (Phase.STARTTLS, Phase.TLS) if phase is Phase.TLS else (phase,)
    mine = [x for x in exchanges if x.phase in phases]
    if failed in phases:
        return "✗"
    if not mine:
        return "–"
    bad = any(x.breakage or (x.reply and x.reply.is_negative) for x in mine)
    return "!" if bad else "✓"


def add(page: Page, transcript: Transcript, verbosity: int) -> None:
    """Each command and reply with its time, and below each reply what it means."""
    address = f"[{transcript.address}]" if ":" in transcript.address else transcript.address
    where = address if transcript.port is None else f"{address}:{transcript.port}"
    if not transcript.exchanges:
        reason = transcript.outcome.reason if transcript.outcome else None
        page.add(reason or say(mark("no connection to {peer}")).format(peer=where), first="   0.0 ms  ")
        return
    server = f" ({transcript.server.software})" if transcript.server.software else ""
    plain, with_local = mark("connected {peer}"), mark("connected {peer} from {local}")
    text = say(with_local if transcript.local_address else plain).format(peer=where, local=transcript.local_address)
    page.add(text + server, first="   0.0 ms  ", style="dim")
    explained: set[str] = set()
    for exchange in transcript.exchanges:
        _exchange(page, exchange, verbosity, explained)
    if transcript.unsolicited:
        text = transcript.unsolicited[:300].decode("utf-8", "backslashreplace")
        page.add(say(mark("unasked for: {octets}")).format(octets=repr(text)), first=_gutter(None), style="yellow")
    if transcript.injected:
        text = transcript.injected[:300].decode("utf-8", "backslashreplace")
        page.add(
            say(mark("in clear before the handshake: {octets}")).format(octets=repr(text)),
            first=_gutter(None),
            style="yellow",
        )


def _gutter(seconds: float | None) -> str:
    if seconds is None:
        return " " * 11
    return f"{seconds * 1000:>6.1f}     " if seconds < 10 else f"{seconds:>6.1f} s   "


def _exchange(page: Page, exchange: Exchange, verbosity: int, explained: set[str]) -> None:
    lock = "⇒" if exchange.over_tls else "→"
    if exchange.sent is not None:
        page.add(exchange.sent, first=f"{_gutter(exchange.sent_s)}{lock} ", rest=" " * 15, lead="cyan")
    if exchange.tls is not None or (exchange.phase is Phase.TLS and exchange.breakage):
        _handshake(page, exchange)
    elif exchange.breakage is not None:
        words = exchange.breakage.replace("-", " ") + (f": {exchange.detail}" if exchange.detail else "")
        if exchange.partial:
            page.add(
                repr(exchange.partial[:300].decode("utf-8", "backslashreplace"))[1:-1],
                first=f"{_gutter(exchange.first_octet_s)}← ",
            )
        page.add(words, first=f"{_gutter(exchange.last_octet_s)}✗ ", lead="red", style="red")
    if exchange.reply is not None:
        _reply(page, exchange, verbosity, explained)


def _handshake(page: Page, exchange: Exchange) -> None:
    tls = exchange.tls
    if exchange.breakage is not None or tls is None:
        page.add(
            say(mark("TLS handshake failed: {detail}")).format(detail=exchange.detail or ""),
            first=f"{_gutter(exchange.last_octet_s)}✗ ",
            lead="red",
            style="red",
        )
        return
    verified, unverified = mark("certificate verified"), mark("certificate not verified: {problems}")
    trust = say(verified if tls.verified else unverified).format(problems="; ".join(tls.problems))
    text = f"TLS: {tls.version}, {tls.cipher}, {trust}"
    page.add(text, first=f"{_gutter(exchange.last_octet_s)}≡ ")


def _reply(page: Page, exchange: Exchange, verbosity: int, explained: set[str]) -> None:
    """The reply's lines with their meanings; a line that stood there before, as in the EHLO over TLS, is not explained again."""
    reply, annotation = exchange.reply, exchange.annotation
    assert reply is not None
    arrow = "⇐" if exchange.over_tls else "←"
    style = {4: "yellow", 5: "red"}.get(reply.digit)
    meanings = {line.index: line.meaning for line in annotation.lines} if annotation else {}
    most = len(reply.lines) if verbosity > 0 else _MAX_LINES
    for index, line in enumerate(reply.lines[:most]):
        last = index == len(reply.lines) - 1
        first = f"{_gutter(exchange.last_octet_s if index == 0 else None)}{arrow if index == 0 else ' '} "
        text = f"{reply.code}{' ' if last else '-'}{line}"
        meaning = meanings.get(index) if exchange.phase is not Phase.EHLO or index > 0 else None
        if line in explained:
            meaning = None
        elif meaning and exchange.phase is Phase.EHLO:
            explained.add(line)
            meaning = meaning if verbosity > 0 else _brief(meaning, line)
        taken = columns(terminal(text))
        if meaning and taken <= _BESIDE - 2 and page.width >= columns(first) + _BESIDE + _MEANING:
            page.add(meaning, first=f"{first}{terminal(text)}{' ' * (_BESIDE - taken)}", style="dim", lead=style)
            continue
        page.add(text, first=first, rest=" " * 15, style=style)
        if meaning:
            page.add(meaning, first=" " * 15, style="dim")
    if len(reply.lines) > most:
        more = say(mark("… and {count} more lines (-v shows them)")).format(count=len(reply.lines) - most)
        page.add(more, first=" " * 13, style="dim")
    if annotation is not None:
        if exchange.phase is not Phase.EHLO or annotation.title not in explained or verbosity > 0:
            page.add(annotation.title, first=" " * 13, style="dim")
        explained.add(annotation.title)
        if verbosity > 0:
            page.add(annotation.meaning, first=" " * 13, style="dim")
            if annotation.references:
                page.add(", ".join(annotation.references), first=" " * 13, style="dim")


def _brief(meaning: str, line: str) -> str:
    """What an extension means in this reply, without what its name or the line itself says already."""
    keyword, _, arguments = line.strip().partition(" ")
    if keyword.upper() in ("AUTH", "X-EXPS") or keyword.upper().startswith("AUTH="):
        return meaning.partition(": ")[0]
    general, here, special = meaning.partition(" Here: ")
    general = _ASIDE.sub("", general)
    if not here:
        return general
    if special.removesuffix(".").strip() == arguments.strip():
        return general
    return special[:1].upper() + special[1:].removesuffix(".")
