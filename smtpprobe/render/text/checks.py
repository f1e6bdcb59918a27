"""What the checks came to, as lines of text; also the page of a single check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smtpprobe.model.dns.zone_data import ASSUMED
from smtpprobe.model.report import CheckReport, Severity
from smtpprobe.model.texts.language import mark, say
from smtpprobe.render.evidence.row import Row, Tone
from smtpprobe.render.text.page import NO_HINTS, PASTE, Page, label
from smtpprobe.render.view.checks import check_page
from smtpprobe.render.view.sections import CheckView, FindingRow, SkippedView

TONES = {
    Tone.GOOD: "green",
    Tone.BAD: "red",
    Tone.CAUTION: "yellow",
    Tone.FAINT: "dim",
    Tone.STRONG: "bold",
    Tone.PASTE: PASTE,
}
_LABEL = 13
SEVERITY_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.NOTICE: "cyan",
    Severity.INFO: "dim",
}


def add(page: Page, checks: Iterable[CheckView], skipped: Iterable[SkippedView]) -> None:
    """A line or a few for each check, those that did not run gathered by reason."""
    for check in checks:
        _check(page, check)
    for number, each in enumerate(skipped):
        first = label(mark("not run") if number == 0 else "", _LABEL)
        page.add(
            f"{', '.join(each.checks)}: {each.reason.text}{page.hint(each.reason.needs)}", first=first, style="dim"
        )


def render(
    report: CheckReport,
    *,
    width: int = 80,
    colour: bool = False,
    links: bool = False,
    verbosity: int = 0,
    hints: Mapping[str, str] = NO_HINTS,
) -> str:
    """The page of a single check: its evidence in full and its findings, and above verbosity 0 the lookups.

    `hints` as for a report's page.
    """
    page = Page(width=width, colour=colour, links=links, hints=hints)
    shown = check_page(report, verbosity)
    if shown.reason is not None:
        reason = f"{shown.reason.text}{page.hint(shown.reason.needs)}"
        page.add(f"{shown.failure}: {reason}", first=f"{shown.check}  ", style="yellow")
        return page.text()
    for finding in shown.findings if shown.findings_first else ():
        _finding(page, finding)
    for row in shown.rows:
        _row(page, row, rest="    ")
    for finding in () if shown.findings_first else shown.findings:
        _finding(page, finding)
    for lookup in report.lookups if verbosity > 0 else ():
        why = f" ({lookup.detail})" if lookup.detail else ""
        alias = say(" (CNAME of {alias})", alias=lookup.cname) if lookup.cname else ""
        answer = f"{'; '.join(lookup.records) or lookup.status.value}{why}{alias}"
        server = say(" (from {server})", server=lookup.server) if lookup.server else ""
        if lookup.server == ASSUMED:
            server = say(" (assumed)")
        text = f"{lookup.name} {lookup.type}: {answer}{server}"
        page.add(text, first=f"{lookup.took_s * 1000:>7.1f} ms  ", style="dim")
    return page.text()


def _check(page: Page, check: CheckView) -> None:
    head = f"{check.check:<{_LABEL}}"
    if check.failure is not None:
        page.add(check.failure, first=head, style="yellow")
        return
    for row in check.rows:
        _row(page, row, first=head)
        head = " " * _LABEL
    for finding in check.findings:
        _finding(page, finding, head)
        head = " " * _LABEL


def _row(page: Page, row: Row, first: str = "", rest: str | None = None) -> None:
    page.add("  " * row.level + row.text + page.hint(row.needs), first=first, rest=rest, style=TONES.get(row.tone))


def _finding(page: Page, row: FindingRow, first: str = "") -> None:
    text = f"{row.severity}: {row.text}{page.hint(row.finding.needs)} [{row.finding.id}]"
    page.add(text, first=first, rest=" " * (len(first) + 2), style=SEVERITY_STYLES.get(row.finding.severity))
