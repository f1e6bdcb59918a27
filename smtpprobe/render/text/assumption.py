"""What assumed DNS changes, check by check: as published, as assumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Unpack

from smtpprobe.model.report import CheckReport, CheckRun, Report
from smtpprobe.model.words import AuthResult
from smtpprobe.render.evidence import table
from smtpprobe.render.text import checks as checks_text
from smtpprobe.render.text import report as report_text
from smtpprobe.render.text.page import HintedStyle, Page

_STYLES = {
    AuthResult.PASS: "green",
    AuthResult.FAIL: "red",
    AuthResult.PERMERROR: "red",
    AuthResult.SOFTFAIL: "yellow",
    AuthResult.TEMPERROR: "yellow",
}


def render(
    published: Sequence[CheckRun | CheckReport],
    assumed: Sequence[CheckRun | CheckReport],
    *,
    width: int = 80,
    colour: bool = False,
    links: bool = False,
) -> str:
    """Two lines for each check that comes out otherwise, or is the only one; one line where nothing changes.

    What one side does not have, as a report of an earlier version, is not compared.
    """
    page = Page(width=width, colour=colour, links=links)
    changed = False
    earlier = {_key(run): run for run in published}
    for after in assumed:
        if (before := earlier.get(_key(after))) is None:
            continue
        was, now = _summary(before), _summary(after)
        if was == now and len(published) > 1 and not list(_findings(before, after)):
            continue
        changed = True
        label = f"{before.check:<10}"
        page.add(was, first=f"{label}as published: ", style=_style(before), rest=" " * 24)
        page.add(now, first=f"{'':<10}as assumed:   ", style=_style(after), rest=" " * 24)
        for line in _findings(before, after):
            page.add(line, first=" " * 10, style="dim", rest=" " * 12)
    if not changed:
        page.add("with what is assumed every check comes out as it is published", style="dim")
    return page.text()


def render_report(published: Report, assumed: Report, **style: Unpack[HintedStyle]) -> str:
    """What the assumption changes, then the page of the report as it is published."""
    return f"{_changes(published.checks, assumed.checks, style)}\n{report_text.render(published, **style)}"


def render_check(published: CheckReport, assumed: CheckReport, **style: Unpack[HintedStyle]) -> str:
    """What the assumption changes, then the page of the check over what is assumed."""
    return f"{_changes([published], [assumed], style)}\n{checks_text.render(assumed, **style)}"


def _changes(
    published: Sequence[CheckRun | CheckReport], assumed: Sequence[CheckRun | CheckReport], style: HintedStyle
) -> str:
    return render(
        published,
        assumed,
        width=style.get("width", 80),
        colour=style.get("colour", False),
        links=style.get("links", False),
    )


def _key(run: CheckRun | CheckReport) -> tuple[str, int | None]:
    return run.check, None if isinstance(run, CheckReport) else run.transcript


def _summary(run: CheckRun | CheckReport) -> str:
    if run.evidence is None:
        return f"not run: {run.reason}"
    return table.summary(run.evidence)


def _findings(before: CheckRun | CheckReport, after: CheckRun | CheckReport) -> Iterator[str]:
    was, now = ({(each.id, each.subject) for each in run.findings} for run in (before, after))
    gone = [f"{name} ({subject})" for name, subject in sorted(was - now)]
    new = [f"{name} ({subject})" for name, subject in sorted(now - was)]
    if gone:
        yield f"no longer stated: {', '.join(gone)}"
    if new:
        yield f"stated then: {', '.join(new)}"


def _style(run: CheckRun | CheckReport) -> str | None:
    result = getattr(run.evidence, "result", None)
    return None if result is None else _STYLES.get(result)
