"""What assumed DNS changes, check by check: as published, as assumed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from smtpprobe.model.report import CheckReport, CheckRun, Report
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult
from smtpprobe.render.text import checks as checks_text
from smtpprobe.render.text import report as report_text
from smtpprobe.render.text.page import HintedStyle, Page, ReportStyle, label
from smtpprobe.render.view.assumption import Side, changes

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
    """Two lines for each check that comes out otherwise, or is the only one; one line where nothing changes."""
    page = Page(width=width, colour=colour, links=links)
    changed = changes(published, assumed)
    for each in changed:
        page.add(
            each.published.text,
            first=f"{each.check:<10}" + label(mark("as published:"), 14),
            style=_style(each.published),
            rest=" " * 24,
        )
        page.add(
            each.assumed.text,
            first=" " * 10 + label(mark("as assumed:"), 14),
            style=_style(each.assumed),
            rest=" " * 24,
        )
        for line in each.findings:
            page.add(line, first=" " * 10, style="dim", rest=" " * 12)
    if not changed:
        page.add(say("with these records every check gives the same result"), style="dim")
    return page.text()


def render_report(published: Report, assumed: Report, **style: Unpack[ReportStyle]) -> str:
    """What the assumption changes, then the page of the report as it is published."""
    changed = _changes(published.checks, assumed.checks, style)
    lead = "\n" if style.get("told") else ""
    return f"{lead}{changed}\n{report_text.render(published, **style).lstrip()}"


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


def _style(side: Side) -> str | None:
    return None if side.result is None else _STYLES.get(side.result)
