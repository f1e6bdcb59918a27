"""The answer on the page: outcome and reply, why, what to do, what else, who and how, and the exit code last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from smtpprobe.model.report import Confidence
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.transcript import RecipientStatus, Status
from smtpprobe.render.text.checks import SEVERITY_STYLES
from smtpprobe.render.text.page import PASTE, Page, label, label_size
from smtpprobe.render.text.remedy import in_brackets
from smtpprobe.render.view.sections import Answer, ExitView, Headline, RecipientRow, RemedyRow, Said, VerdictView

_OUTCOMES = {
    Status.ACCEPTED: ("✓", "bold green"),
    Status.REFUSED: ("✗", "bold red"),
    Status.DEFERRED: ("✗", "bold yellow"),
    Status.AUTH_REFUSED: ("✗", "bold red"),
    Status.NO_SESSION: ("✗", "bold red"),
    Status.INTERRUPTED: ("✗", "bold yellow"),
}
_NOT_KNOWN = ("?", "bold yellow")
_CONFIDENCE_STYLES = {Confidence.CONFIRMED: "bold", Confidence.STATED: "bold"}
_WHY, _DO, _RETRY, _ALSO = mark("Why"), mark("Do"), mark("Retry"), mark("Also")
_OR, _UNKNOWN, _WHO, _CHECKED = mark("Or"), mark("Unknown"), mark("Session"), mark("Checked")
_MESSAGE = mark("Message")
_LABELS = (_WHY, _DO, _RETRY, _ALSO, _OR, _UNKNOWN, _WHO, _CHECKED, _MESSAGE)
_RECIPIENT_MARKS = {
    RecipientStatus.ACCEPTED: ("✓", "green"),
    RecipientStatus.REFUSED: ("✗", "red"),
    RecipientStatus.DEFERRED: ("✗", "yellow"),
}
_INDENT = "  "
_MAX_REPLY = 640  # characters
_MAX_LINE = 320  # of one line of the reply
_MAX_REPLY_LINES = 8


def add(page: Page, answer: Answer, verbosity: int) -> None:
    """The whole answer; its last line is the exit code."""
    _headline(page, answer.headline)
    for notice in answer.notices:
        style = SEVERITY_STYLES.get(notice.finding.severity)
        page.add(f"{notice.text}{page.hint(notice.finding.needs)} [{notice.finding.id}]", first="! ", lead=style)
    _recipients(page, answer.recipients)
    if answer.more_recipients:
        page.add(f"… {answer.more_recipients}{page.how_to_see_all()}", first=_INDENT, style="dim")
    for number, verdict in enumerate(answer.verdicts):
        if number == 0 or not answer.recipients or verbosity > 0:
            page.blank()
        _verdict(page, verdict)
    for number, text in enumerate(answer.also):
        _row(page, "" if number else _ALSO, text)
    page.blank()
    for number, text in enumerate(answer.message):
        _row(page, "" if number else _MESSAGE, text)
    _row(page, _WHO, "; ".join(answer.who))
    for note in answer.notes:
        page.add(_said(page, note.said), first=_label(""), style="yellow" if note.warns else None)
    if answer.clean:
        _row(page, _CHECKED, answer.clean + ("" if verbosity > 0 else page.how_to_see_all()))
    _exit(page, answer.exit)


def _headline(page: Page, headline: Headline) -> None:
    sign, style = _OUTCOMES.get(headline.status, _NOT_KNOWN)
    page.add(f"{sign} {headline.text}", style=style, rest=_INDENT)
    _reply(page, headline.reply)
    if headline.reason is not None:
        page.add(_said(page, headline.reason), first=_INDENT)
    for note in headline.notes:
        page.add(note, first=_INDENT)


def _reply(page: Page, lines: Sequence[str]) -> None:
    """The reply's words, as many as leave the rest of the answer on the screen."""
    room = _MAX_REPLY
    for number, line in enumerate(lines):
        if number == _MAX_REPLY_LINES or room <= 0:
            left = len(lines) - number
            text = say_counted("… {count} more line of this reply", "… {count} more lines of this reply", left)
            page.add(text + page.how_to_see_all(), first=_INDENT, style="dim")
            return
        page.add(line, first=_INDENT, rest=_INDENT + "    ", most=min(room, _MAX_LINE))
        room -= len(line)


def _recipients(page: Page, rows: Iterable[RecipientRow]) -> None:
    for row in rows:
        sign, style = _RECIPIENT_MARKS.get(row.status, ("–", None))
        tag = f"  [{row.cause}] {row.sureness or ''}".rstrip() if row.cause else ""
        reply = row.reply or say("not tried")
        text = f"{row.forward_path}  {reply}{tag}"
        page.add(text, first=f"{sign} ", rest="    ", lead=style)


def _verdict(page: Page, verdict: VerdictView) -> None:
    if verdict.command:
        page.add(verdict.command, style="bold")
        _reply(page, verdict.reply)
    _row(page, _WHY, verdict.why, style=_CONFIDENCE_STYLES.get(verdict.confidence) if verdict.confidence else None)
    if verdict.tag:
        page.add(f"[{verdict.tag}] {verdict.sureness}", first=_label(""), style="dim")
    for reason in verdict.reasons:
        page.add(_said(page, reason), first=_label(""))
    _row(page, _OR, "; ".join(verdict.others))
    _remedies(page, verdict.remedies)
    _row(page, _RETRY, verdict.retry or "")
    _row(page, _UNKNOWN, "; ".join(_said(page, each) for each in verdict.unknown), style="dim")


def _remedies(page: Page, remedies: Iterable[RemedyRow]) -> None:
    for number, remedy in enumerate(remedies):
        page.add(
            f"{in_brackets(remedy.actor)}{_said(page, remedy.action)}",
            first=_label(_DO if number == 0 else ""),
            lead="bold",
        )
        if remedy.paste:
            page.add(remedy.paste, first=_label(""), style=PASTE)
        if remedy.verify:
            page.add(say("check: {verify}", verify=remedy.verify), first=_label(""), style="dim")


def _exit(page: Page, shown: ExitView) -> None:
    with_reason, alone = mark("exit {code}: {reason}"), mark("exit {code}")
    text = say(with_reason if shown.reason else alone, code=shown.code, reason=shown.reason)
    page.add(text, style="dim")


def _row(page: Page, word: str, text: str, style: str | None = None) -> None:
    if text:
        page.add(text, first=_label(word), lead="bold", style=style)


def _said(page: Page, said: Said) -> str:
    return f"{said.text}{page.hint(said.needs)}"


def _label(word: str) -> str:
    return label(word, label_size(_LABELS, 8))
