"""The page for people: verdict first, then the ladder of stages, the annotated transcript, the evidence."""

from __future__ import annotations

from smtpprobe.model.report import Cause, Confidence, Failed, Report, Skipped, Verdict
from smtpprobe.model.transcript import Exchange, Outcome, Phase, RecipientStatus, Status, Transcript
from smtpprobe.render import evidence_text
from smtpprobe.render.escape import columns, terminal
from smtpprobe.render.page import Page

_HEADLINES = {
    Status.ACCEPTED: ("✓ ACCEPTED", "bold green"),
    Status.REFUSED: ("✗ REFUSED", "bold red"),
    Status.DEFERRED: ("✗ REFUSED FOR NOW", "bold yellow"),
    Status.AUTH_REFUSED: ("✗ LOGIN REFUSED", "bold red"),
    Status.NO_SESSION: ("✗ NO SESSION", "bold red"),
    Status.INTERRUPTED: ("✗ INTERRUPTED", "bold yellow"),
}
_COMMANDS = {Phase.MAIL: "MAIL FROM", Phase.RCPT: "RCPT TO", Phase.MESSAGE: "the end of the message", Phase.DNS: "DNS"}
_CONFIDENCE_STYLE = {
    Confidence.CONFIRMED: "bold red",
    Confidence.STATED: "yellow",
    Confidence.SUPPORTED: "yellow",
    Confidence.POSSIBLE: "dim",
    Confidence.CONTRADICTED: "cyan",
}
_INDENT = "  "
_BESIDE = 25  # columns that a short reply line takes, its meaning beside it
_MEANING = 30  # columns that a meaning needs to stand beside its line
_MOST_LINES = 100  # of one reply, unless more is asked for


def render(report: Report, *, width: int = 80, colour: bool = False, links: bool = False, verbosity: int = 0) -> str:
    """The page. `verbosity` -1: the verdict only; 0: the usual; 1: each reply's meaning and references too."""
    page = Page(width=width, colour=colour, links=links)
    _headline(page, report)
    for verdict in report.verdicts:
        _verdict(page, report, verdict, verbosity)
    if verbosity >= 0:
        _notes(page, report)
        page.blank()
        _ladder(page, report)
        page.blank()
        for transcript in report.transcripts:
            if not transcript.exchanges and len(report.transcripts) == 1:
                continue  # why there was no connection stands in the verdict
            if transcript.exchanges:
                page.blank()
            _transcript(page, transcript, verbosity)
        page.blank()
        evidence_text.add(page, report, verbosity)
    page.blank()
    page.add(f"exit {report.outcome.exit_code}", style="dim")
    return page.text()


def place(phase: Phase | None) -> str:
    """A phase as it is said: MAIL FROM, RCPT TO, EHLO, greeting."""
    if phase is None:
        return ""
    if phase in _COMMANDS:
        return _COMMANDS[phase]
    return phase.value if phase in (Phase.GREETING, Phase.CONNECT) else phase.value.upper()


def _headline(page: Page, report: Report) -> None:
    outcome = report.outcome
    words, style = _HEADLINES.get(outcome.status, ("? NOT KNOWN", "bold yellow"))
    transcript = _decisive(report)
    peer = _peer(report, transcript)
    if outcome.status is Status.ACCEPTED:
        text = f"{words} by {peer}{_as_far_as(report)}"
    else:
        at = f" at {place(outcome.phase)}" if outcome.phase else ""
        text = f"{words}{at} by {peer}" if outcome.reply_code else f"{words}{at}: {peer}"
    page.add(text, style=style, rest=_INDENT)
    exchange = _deciding_exchange(outcome, transcript)
    if exchange is not None and exchange.reply is not None:
        for line in exchange.reply.lines[:8]:
            page.add(f"{exchange.reply.code} {line.strip()}", first=_INDENT, rest=_INDENT + "    ")
    elif outcome.reason:
        page.add(outcome.reason, first=_INDENT)


def _as_far_as(report: Report) -> str:
    count = sum(1 for t in report.transcripts for r in t.recipients if r.status is RecipientStatus.ACCEPTED)
    tried = {x.phase for t in report.transcripts for x in t.exchanges}
    if count:
        return f" for {count} recipient{'s' if count > 1 else ''}"
    if Phase.MAIL in tried:
        return " (MAIL only: no recipient was tried)"
    return " (login only)" if Phase.AUTH in tried else " (no mail transaction was tried)"


def _decisive(report: Report) -> Transcript | None:
    for transcript in report.transcripts:
        if transcript.outcome is not None and transcript.outcome == report.outcome:
            return transcript
    return report.transcripts[-1] if report.transcripts else None


def _deciding_exchange(outcome: Outcome, transcript: Transcript | None) -> Exchange | None:
    if transcript is None or outcome.reply_code is None:
        return None
    matching = (
        x for x in transcript.exchanges if x.phase is outcome.phase and x.reply and x.reply.code == outcome.reply_code
    )
    return next(matching, None)


def _peer(report: Report, transcript: Transcript | None) -> str:
    if transcript is None:
        return report.target.given
    if transcript.port is None:
        return transcript.address
    address = f"[{transcript.address}]:{transcript.port}"
    return address if report.target.host == transcript.address else f"{report.target.host} {address}"


def _verdict(page: Page, report: Report, verdict: Verdict, verbosity: int) -> None:
    others = len(report.verdicts) > 1
    if others and verdict.exchange is not None and verdict.transcript < len(report.transcripts):
        exchange = report.transcripts[verdict.transcript].exchanges[verdict.exchange]
        if exchange.sent:
            page.add(exchange.sent, first=_INDENT, style="bold")
    certain = [cause for cause in verdict.causes if cause.confidence is not Confidence.POSSIBLE]
    possible = [cause for cause in verdict.causes if cause.confidence is Confidence.POSSIBLE]
    for cause in certain:
        _cause(page, cause, report.outcome.reason)
    if possible:
        label = "Perhaps" if not certain else "Or"
        page.add("; ".join(f"{cause.title} ({cause.id})" for cause in possible), first=_label(label), style="dim")
    told = {transcript.outcome.reason for transcript in report.transcripts if transcript.outcome}
    if not verdict.causes and verdict.summary not in told:
        page.add(verdict.summary, first=_label("Cause"))
    _fixes(page, certain[:1] or possible[:1], verbosity)
    if verdict.cleared:
        page.add(", ".join(verdict.cleared), first=_label("Not it"))
    if verdict.unknown:
        page.add("; ".join(_unknown(report, verdict, verbosity)), first=_label("Unknown"), style="dim")


def _unknown(report: Report, verdict: Verdict, verbosity: int) -> list[str]:
    """What could not be checked; the reasons of whole checks stand with the evidence, where that is shown."""
    if verbosity < 0:
        return list(verdict.unknown)
    told = {f"{run.check}: {run.reason}": run.check for run in report.checks if isinstance(run, Skipped | Failed)}
    below = [told[each] for each in verdict.unknown if each in told]
    rest = [each for each in verdict.unknown if each not in told]
    return [*rest, *([f"{', '.join(below)} (why: see below)"] if below else [])]


def _label(word: str) -> str:
    return f"{_INDENT}{word:<8}"


def _cause(page: Page, cause: Cause, said: str | None) -> None:
    style = _CONFIDENCE_STYLE.get(cause.confidence)
    page.add(f"{cause.title}  ({cause.confidence})", first=_label("Cause"), lead="bold", style=style)
    for because in cause.because:
        if not because.startswith("the reply says so") and because != said:
            page.add(because, first=_label("") + "· ", rest=_label("") + "  ")


MAX_REMEDIES = 3


def _fixes(page: Page, causes: list[Cause], verbosity: int) -> None:
    for cause in causes:
        shown = cause.remedies if verbosity > 0 else cause.remedies[:MAX_REMEDIES]
        for number, remedy in enumerate(shown):
            actor = "" if remedy.actor in ("you", "nobody") else f"[{remedy.actor.replace('-', ' ')}] "
            page.add(f"{actor}{remedy.action}", first=_label("Fix" if number == 0 else ""), lead="bold")
            if remedy.verify and verbosity > 0:
                page.add(f"check: {remedy.verify}", first=_label(""), style="dim")
        if cause.retry:
            page.add(cause.retry, first=_label("Retry"), lead="bold")


def _notes(page: Page, report: Report) -> None:
    """What was assumed, and what a reader could take for more than it is."""
    envelope = report.envelope
    page.blank()
    assumed = []
    if envelope.helo.assumed and envelope.helo.value:
        assumed.append(f"HELO name {envelope.helo.value}")
    if envelope.reverse_path and envelope.reverse_path.assumed:
        assumed.append(f"MAIL FROM <{envelope.reverse_path.value}>")
    assumed += [f"RCPT TO <{path.value}>" for path in envelope.forward_paths if path.assumed]
    if assumed and any(transcript.exchanges for transcript in report.transcripts):
        text = f"assumed: {', '.join(assumed)}"
        if report.outcome.status is Status.ACCEPTED and any(" <" in each for each in assumed):
            text += "; such paths are often exempt from policy: this proves little for your own mail"
        page.add(text, first=_INDENT, style="dim")
    if report.transcripts and not envelope.forward_paths and report.outcome.status is Status.ACCEPTED:
        page.add("RCPT was not tried: give --rcpt-to, or an address as the target", first=_INDENT, style="dim")
    for transcript in report.transcripts:
        for warning in transcript.identity.warnings if transcript.identity else ():
            page.add(warning, first=_INDENT, style="yellow")


_LADDER = (Phase.GREETING, Phase.EHLO, Phase.TLS, Phase.AUTH, Phase.MAIL, Phase.RCPT)


def _ladder(page: Page, report: Report) -> None:
    transcript = _decisive(report)
    exchanges = transcript.exchanges if transcript else ()
    failed = report.outcome.phase if report.outcome.status is not Status.ACCEPTED else None
    looked_up = bool(report.lookups) and report.target.host != (transcript.address if transcript else None)
    marks = [("DNS", "✗" if failed is Phase.DNS else "✓" if looked_up else "–")]
    connected = bool(exchanges) or (failed not in (Phase.DNS, Phase.CONNECT))
    marks.append(("connect", "✗" if failed is Phase.CONNECT else "✓" if connected else "–"))
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
    return phase.value if phase is Phase.GREETING else phase.value.upper()


def _mark(phase: Phase, exchanges: tuple[Exchange, ...], failed: Phase | None) -> str:
    phases = (Phase.STARTTLS, Phase.TLS) if phase is Phase.TLS else (phase,)
    mine = [x for x in exchanges if x.phase in phases]
    if failed in phases:
        return "✗"
    if not mine:
        return "–"
    bad = any(x.breakage or (x.reply and x.reply.is_negative) for x in mine)
    return "!" if bad else "✓"


def _transcript(page: Page, transcript: Transcript, verbosity: int) -> None:
    address = f"[{transcript.address}]" if ":" in transcript.address else transcript.address
    where = address if transcript.port is None else f"{address}:{transcript.port}"
    if not transcript.exchanges:
        reason = transcript.outcome.reason if transcript.outcome else None
        page.add(reason or f"no connection to {where}", first="   0.0 ms  ")
        return
    server = f" ({transcript.server.software})" if transcript.server.software else ""
    local = f" from {transcript.local_address}" if transcript.local_address else ""
    page.add(f"connected {where}{local}{server}", first="   0.0 ms  ", style="dim")
    explained: set[str] = set()
    for exchange in transcript.exchanges:
        _exchange(page, exchange, verbosity, explained)
    if transcript.unsolicited:
        text = transcript.unsolicited[:300].decode("utf-8", "backslashreplace")
        page.add(f"unasked for: {text!r}", first=_gutter(None), style="yellow")
    if transcript.injected:
        text = transcript.injected[:300].decode("utf-8", "backslashreplace")
        page.add(f"in clear before the handshake: {text!r}", first=_gutter(None), style="yellow")


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
            f"TLS handshake failed: {exchange.detail or ''}",
            first=f"{_gutter(exchange.last_octet_s)}✗ ",
            lead="red",
            style="red",
        )
        return
    trust = "verified" if tls.verified else "not verified: " + "; ".join(tls.problems)
    text = f"TLS: {tls.version}, {tls.cipher}, certificate {trust}"
    page.add(text, first=f"{_gutter(exchange.last_octet_s)}≡ ")


def _reply(page: Page, exchange: Exchange, verbosity: int, explained: set[str]) -> None:
    """The reply's lines with their meanings; a line that stood there before, as in the EHLO over TLS, is not explained again."""
    reply, annotation = exchange.reply, exchange.annotation
    assert reply is not None
    arrow = "⇐" if exchange.over_tls else "←"
    style = {4: "yellow", 5: "red"}.get(reply.digit)
    meanings = {line.index: line.meaning for line in annotation.lines} if annotation else {}
    most = len(reply.lines) if verbosity > 0 else _MOST_LINES
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
        page.add(f"… and {len(reply.lines) - most} more lines (-v shows them)", first=" " * 13, style="dim")
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
    if not here:
        return meaning
    if special.removesuffix(".").strip() == arguments.strip():
        return general
    return special[:1].upper() + special[1:].removesuffix(".")
