"""The page for people: verdict first, then the ladder of stages, the annotated transcript, the evidence."""

from __future__ import annotations

from collections.abc import Mapping

from smtpprobe.catalogue.language import mark, say
from smtpprobe.model.reply import Reply
from smtpprobe.model.report import BecauseKind, Cause, Confidence, Report, Verdict
from smtpprobe.model.transcript import Exchange, Outcome, OutcomeFault, Phase, RecipientStatus, Status, Transcript
from smtpprobe.render.text import session as session_text
from smtpprobe.render.text.evidence import runs as evidence_text
from smtpprobe.render.text.page import NO_HINTS, Page, label, label_size
from smtpprobe.render.text.remedy import actor_words

_HEADLINES = {
    Status.ACCEPTED: (mark("✓ ACCEPTED"), "bold green"),
    Status.REFUSED: (mark("✗ REFUSED"), "bold red"),
    Status.DEFERRED: (mark("✗ REFUSED FOR NOW"), "bold yellow"),
    Status.AUTH_REFUSED: (mark("✗ LOGIN REFUSED"), "bold red"),
    Status.NO_SESSION: (mark("✗ NO SESSION"), "bold red"),
    Status.INTERRUPTED: (mark("✗ INTERRUPTED"), "bold yellow"),
}
_COMMANDS = {
    Phase.MAIL: "MAIL FROM",
    Phase.RCPT: "RCPT TO",
    Phase.MESSAGE: mark("the end of the message"),
    Phase.DNS: "DNS",
}
_CONFIDENCE_STYLE = {
    Confidence.CONFIRMED: "bold red",
    Confidence.STATED: "yellow",
    Confidence.SUPPORTED: "yellow",
    Confidence.POSSIBLE: "dim",
    Confidence.CONTRADICTED: "cyan",
}
_CONFIDENCE = {
    Confidence.CONFIRMED: mark("confirmed"),
    Confidence.STATED: mark("stated"),
    Confidence.SUPPORTED: mark("supported"),
    Confidence.POSSIBLE: mark("possible"),
    Confidence.CONTRADICTED: mark("contradicted"),
}
_INDENT = "  "
_LABELS = (
    mark("Cause"), mark("Also"), mark("Besides"), mark("Perhaps"), mark("Or"), mark("Fix"), mark("Retry"),
    mark("Not it"), mark("Unknown"),
)  # fmt: skip


def render(
    report: Report,
    *,
    width: int = 80,
    colour: bool = False,
    links: bool = False,
    verbosity: int = 0,
    hints: Mapping[str, str] = NO_HINTS,
) -> str:
    """The page. `verbosity` -1: the verdict only; 0: the usual; 1: each reply's meaning and references too.

    `hints` says how the reader gives a field of the request that is missing (`client_ip`: `--client-ip`).
    """
    page = Page(width=width, colour=colour, links=links, hints=hints)
    _headline(page, report)
    for number, verdict in enumerate(report.verdicts):
        _verdict(page, report, verdict, report.verdicts[:number], verbosity)
    if verbosity >= 0:
        _notes(page, report)
        page.blank()
        session_text.ladder(page, report, _decisive(report))
        page.blank()
        for transcript in report.transcripts:
            if not transcript.exchanges and len(report.transcripts) == 1:
                continue  # why there was no connection stands in the verdict
            if transcript.exchanges:
                page.blank()
            session_text.add(page, transcript, verbosity)
        page.blank()
        evidence_text.add(page, report, verbosity)
    page.blank()
    page.add(say(mark("exit {code}")).format(code=report.outcome.exit_code), style="dim")
    return page.text()


def place(phase: Phase | None) -> str:
    """A phase as it is said: MAIL FROM, RCPT TO, EHLO, greeting."""
    if phase is None:
        return ""
    if phase in _COMMANDS:
        return say(_COMMANDS[phase])
    spoken = {Phase.GREETING: mark("greeting"), Phase.CONNECT: mark("connect")}
    return say(spoken[phase]) if phase in spoken else phase.value.upper()


def _headline(page: Page, report: Report) -> None:
    outcome = report.outcome
    words, style = _HEADLINES.get(outcome.status, (mark("? NOT KNOWN"), "bold yellow"))
    transcript = _decisive(report)
    peer = _peer(report, transcript)
    if outcome.status is Status.ACCEPTED:
        text = _accepted(report, peer)
    else:
        text = _refused(outcome, say(words), peer)
    page.add(text, style=style, rest=_INDENT)
    exchange = _deciding_exchange(outcome, transcript)
    if exchange is not None and exchange.reply is not None:
        _reply_lines(page, exchange.reply)
    elif outcome.reason:
        page.add(outcome.reason + page.hint(outcome.needs), first=_INDENT)
    kept = report.request.user and outcome.status is Status.NO_SESSION and Phase.AUTH not in _tried(report)
    if kept and outcome.fault is not OutcomeFault.CREDENTIALS_NOT_SENT:
        page.add(say(mark("the credentials were not sent")), first=_INDENT)


def _refused(outcome: Outcome, words: str, peer: str) -> str:
    if outcome.phase and outcome.reply_code:
        text = say(mark("{refused} at {stage} by {peer}"))
    elif outcome.phase:
        text = say(mark("{refused} at {stage}: {peer}"))
    else:
        text = say(mark("{refused} by {peer}")) if outcome.reply_code else "{refused}: {peer}"
    return text.format(refused=words, stage=place(outcome.phase), peer=peer)


def _reply_lines(page: Page, reply: Reply) -> None:
    for line in reply.lines[:8]:
        page.add(f"{reply.code} {line.strip()}", first=_INDENT, rest=_INDENT + "    ")


def _accepted(report: Report, peer: str) -> str:
    """The headline of a success: what exactly was accepted."""
    count = sum(1 for t in report.transcripts for r in t.recipients if r.status is RecipientStatus.ACCEPTED)
    tried = _tried(report)
    if count:
        one = mark("✓ ACCEPTED by {peer} for {count} recipient (no message sent)")
        more = mark("✓ ACCEPTED by {peer} for {count} recipients (no message sent)")
        return say(more if count > 1 else one).format(peer=peer, count=count)
    if Phase.MAIL in tried:
        return say(mark("✓ ACCEPTED by {peer} (MAIL only: no recipient was tried)")).format(peer=peer)
    if Phase.AUTH in tried:
        return say(mark("✓ LOGIN ACCEPTED by {peer}")).format(peer=peer)
    return say(mark("✓ SESSION HELD with {peer} (no mail transaction was tried)")).format(peer=peer)


def _tried(report: Report) -> set[Phase]:
    return {x.phase for t in report.transcripts for x in t.exchanges}


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


def _verdict(page: Page, report: Report, verdict: Verdict, before: tuple[Verdict, ...], verbosity: int) -> None:
    """One rejection explained; of one that comes to the same as an earlier one, only which it was."""
    if len(report.verdicts) > 1:
        _refused_command(page, report, verdict, says_reply=bool(before))
    if verdict.causes and any(verdict.causes == each.causes for each in before):
        page.add(say(mark("the same cause")), first=_label("Cause"), lead="bold")
        return
    certain = [cause for cause in verdict.causes if cause.confidence is not Confidence.POSSIBLE]
    possible = [cause for cause in verdict.causes if cause.confidence is Confidence.POSSIBLE]
    for number, cause in enumerate(certain):
        if number and certain[0].confidence is Confidence.CONFIRMED and cause.confidence is Confidence.SUPPORTED:
            # The refusal is explained; that this would explain one too does not make it a cause.
            page.add("; ".join(each.text + page.hint(each.needs) for each in cause.because), first=_label("Besides"))
        else:
            _cause(page, cause, report.outcome.reason, "Also" if number else "Cause")
    if possible:
        word = "Perhaps" if not certain else "Or"
        page.add("; ".join(cause.title for cause in possible), first=_label(word), style="dim")
    told = {report.outcome.reason, *(each.outcome.reason for each in report.transcripts if each.outcome)}
    if not verdict.causes and verdict.summary not in told:
        page.add(verdict.summary, first=_label("Cause"))
    _fixes(page, certain[:1] or possible[:1], verbosity)
    if verdict.cleared:
        page.add(", ".join(verdict.cleared), first=_label("Not it"))
    if verdict.unknown:
        page.add("; ".join(_unknown(page, verdict, verbosity)), first=_label("Unknown"), style="dim")


def _refused_command(page: Page, report: Report, verdict: Verdict, *, says_reply: bool) -> None:
    """Which command was refused, where several were; `says_reply`: with which words, the first one's being above."""
    if verdict.exchange is None or verdict.transcript >= len(report.transcripts):
        return
    exchange = report.transcripts[verdict.transcript].exchanges[verdict.exchange]
    if exchange.sent:
        page.add(exchange.sent, first=_INDENT, style="bold")
    if says_reply and exchange.reply is not None:
        _reply_lines(page, exchange.reply)


def _unknown(page: Page, verdict: Verdict, verbosity: int) -> list[str]:
    """What could not be checked, gathered by why; the reasons stand with the evidence, where that is shown."""
    below = [each.subject for each in verdict.unknown if each.run is not None and verbosity >= 0]
    why: dict[str, list[str]] = {}
    for each in verdict.unknown:
        if each.run is None or verbosity < 0:
            why.setdefault(each.reason + page.hint(each.needs), []).append(each.subject)
    rest = [f"{', '.join(what)}: {reason}" for reason, what in why.items()]
    return [*rest, *([say(mark("{checks} (why: see below)")).format(checks=", ".join(below))] if below else [])]


def _label(word: str) -> str:
    return _INDENT + label(word, label_size(_LABELS, 8))


def _cause(page: Page, cause: Cause, said: str | None, word: str) -> None:
    style = _CONFIDENCE_STYLE.get(cause.confidence)
    page.add(
        f"{cause.title}  ({say(_CONFIDENCE.get(cause.confidence, cause.confidence))})",
        first=_label(word),
        lead="bold",
        style=style,
    )
    for because in cause.because:
        if because.kind is not BecauseKind.REPLY and because.text != said:
            page.add(because.text + page.hint(because.needs), first=_label("") + "· ", rest=_label("") + "  ")


MAX_REMEDIES = 3


def _fixes(page: Page, causes: list[Cause], verbosity: int) -> None:
    for cause in causes:
        shown = cause.remedies if verbosity > 0 else cause.remedies[:MAX_REMEDIES]
        for number, remedy in enumerate(shown):
            page.add(
                f"{actor_words(remedy.actor)}{remedy.action}", first=_label("Fix" if number == 0 else ""), lead="bold"
            )
            if remedy.verify and verbosity > 0:
                page.add(say(mark("check: {verify}")).format(verify=remedy.verify), first=_label(""), style="dim")
        if cause.retry:
            page.add(cause.retry, first=_label("Retry"), lead="bold")


def _notes(page: Page, report: Report) -> None:
    """What was assumed, and what a reader could take for more than it is."""
    envelope = report.envelope
    page.blank()
    assumed = []
    if envelope.helo.assumed and envelope.helo.value:
        assumed.append(f"HELO name {envelope.helo.value}")
    tried = _tried(report)
    if envelope.reverse_path and envelope.reverse_path.assumed and Phase.MAIL in tried:
        assumed.append(f"MAIL FROM <{envelope.reverse_path.value}>")
    assumed += [f"RCPT TO <{path.value}>" for path in envelope.forward_paths if path.assumed and Phase.RCPT in tried]
    if assumed and tried:
        text = say(mark("assumed: {paths}")).format(paths=", ".join(assumed))
        if report.outcome.status is Status.ACCEPTED and any(" <" in each for each in assumed):
            text += say(mark("; such paths are often exempt from policy: this proves little for your own mail"))
        page.add(text, first=_INDENT, style="dim")
    stopped = report.request.quit_after not in (None, Phase.RCPT)
    if tried and not envelope.forward_paths and not stopped and report.outcome.status is Status.ACCEPTED:
        page.add(
            say(mark("RCPT was not tried: neither a forward-path nor an address as the target was given"))
            + page.hint("rcpt_to"),
            first=_INDENT,
            style="dim",
        )
    for transcript in report.transcripts:
        identity = transcript.identity
        for warning in identity.warnings if identity else ():
            page.add(warning + page.hint(identity.needs if identity else None), first=_INDENT, style="yellow")
