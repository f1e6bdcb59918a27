"""The page for people: verdict first, then the ladder of stages, the annotated transcript, the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smtpprobe.catalogue.language import mark, say
from smtpprobe.model.report import Confidence, Report
from smtpprobe.model.transcript import Status
from smtpprobe.render.text import checks as checks_text
from smtpprobe.render.text import session as session_text
from smtpprobe.render.text.page import NO_HINTS, Page, label, label_size
from smtpprobe.render.text.remedy import in_brackets
from smtpprobe.render.view.report import view
from smtpprobe.render.view.sections import CauseRole, CauseView, ExitView, Headline, RemedyRow, Said, VerdictView, View

_OUTCOME_STYLES = {
    Status.ACCEPTED: "bold green",
    Status.REFUSED: "bold red",
    Status.AUTH_REFUSED: "bold red",
    Status.NO_SESSION: "bold red",
}
_CONFIDENCES = {
    Confidence.CONFIRMED: (mark("confirmed"), "bold red"),
    Confidence.STATED: (mark("stated"), "yellow"),
    Confidence.SUPPORTED: (mark("supported"), "yellow"),
    Confidence.POSSIBLE: (mark("possible"), "dim"),
    Confidence.CONTRADICTED: (mark("contradicted"), "cyan"),
}
_CAUSE, _FIX, _RETRY, _NOT, _UNKNOWN = mark("Cause"), mark("Fix"), mark("Retry"), mark("Not it"), mark("Unknown")
_ROLES = {
    CauseRole.ALSO: mark("Also"),
    CauseRole.BESIDES: mark("Besides"),
    CauseRole.PERHAPS: mark("Perhaps"),
    CauseRole.OR: mark("Or"),
}
_LABELS = (_CAUSE, *_ROLES.values(), _FIX, _RETRY, _NOT, _UNKNOWN)
_INDENT = "  "


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
    shown = view(report, verbosity=verbosity)
    _headline(page, shown.headline)
    for verdict in shown.verdicts:
        _verdict(page, verdict)
    if verbosity >= 0:
        _body(page, shown)
    page.blank()
    _exit(page, shown.exit)
    return page.text()


def _body(page: Page, shown: View) -> None:
    page.blank()
    for note in shown.notes:
        page.add(_said(page, note.said), first=_INDENT, style="yellow" if note.warns else "dim")
    page.blank()
    session_text.ladder(page, shown.ladder)
    page.blank()
    for session in shown.sessions:
        if session.connected is not None:
            page.blank()
        session_text.add(page, session)
    page.blank()
    checks_text.add(page, shown.checks, shown.skipped)


def _exit(page: Page, shown: ExitView) -> None:
    with_reason, alone = mark("exit {code}: {reason}"), mark("exit {code}")
    text = say(with_reason if shown.reason else alone).format(code=shown.code, reason=shown.reason)
    page.add(text, style="dim")


def _headline(page: Page, headline: Headline) -> None:
    page.add(headline.text, style=_OUTCOME_STYLES.get(headline.status, "bold yellow"), rest=_INDENT)
    _reply(page, headline.reply)
    if headline.reason is not None:
        page.add(_said(page, headline.reason), first=_INDENT)
    for note in headline.notes:
        page.add(note, first=_INDENT)


def _reply(page: Page, lines: Iterable[str]) -> None:
    for line in lines:
        page.add(line, first=_INDENT, rest=_INDENT + "    ")


def _verdict(page: Page, verdict: VerdictView) -> None:
    if verdict.command:
        page.add(verdict.command, first=_INDENT, style="bold")
    _reply(page, verdict.reply)
    for cause in verdict.causes:
        _cause(page, cause)
    _remedies(page, verdict.remedies)
    if verdict.retry:
        page.add(verdict.retry, first=_label(_RETRY), lead="bold")
    if verdict.cleared:
        page.add(", ".join(verdict.cleared), first=_label(_NOT))
    unknown = [_said(page, each) for each in verdict.unknown]
    if verdict.unknown_below:
        unknown.append(say(mark("{checks} (why: see below)")).format(checks=", ".join(verdict.unknown_below)))
    if unknown:
        page.add("; ".join(unknown), first=_label(_UNKNOWN), style="dim")


def _cause(page: Page, cause: CauseView) -> None:
    first = _label(_ROLES.get(cause.role, _CAUSE))
    match cause.role:
        case CauseRole.BESIDES:
            page.add("; ".join(_said(page, each) for each in cause.reasons), first=first)
        case CauseRole.PERHAPS | CauseRole.OR:
            page.add("; ".join(cause.titles), first=first, style="dim")
        case CauseRole.SAME_AS_BEFORE:
            page.add(cause.titles[0], first=first, lead="bold")
        case CauseRole.UNKNOWN:
            page.add(cause.titles[0], first=first)
        case _:
            confidence = cause.confidence or Confidence.UNKNOWN
            word, style = _CONFIDENCES.get(confidence, (confidence.value, None))
            page.add(f"{cause.titles[0]}  ({say(word)})", first=first, lead="bold", style=style)
            for reason in cause.reasons:
                page.add(_said(page, reason), first=_label("") + "· ", rest=_label("") + "  ")


def _remedies(page: Page, remedies: Iterable[RemedyRow]) -> None:
    for number, remedy in enumerate(remedies):
        text = f"{in_brackets(remedy.actor)}{_said(page, remedy.action)}"
        page.add(text, first=_label(_FIX if number == 0 else ""), lead="bold")
        if remedy.verify:
            page.add(say(mark("check: {verify}")).format(verify=remedy.verify), first=_label(""), style="dim")


def _said(page: Page, said: Said) -> str:
    return f"{said.text}{page.hint(said.needs)}"


def _label(word: str) -> str:
    return _INDENT + label(word, label_size(_LABELS, 8))
