"""The page for people: the session as it went, then the answer, which is on the screen when the prompt returns."""

from __future__ import annotations

from collections.abc import Mapping

from smtpprobe.model.report import Report
from smtpprobe.render.text import addresses as addresses_text
from smtpprobe.render.text import answer as answer_text
from smtpprobe.render.text import checks as checks_text
from smtpprobe.render.text import steps, transcript
from smtpprobe.render.text.page import NO_HINTS, Page, label, label_size
from smtpprobe.render.view.report import view
from smtpprobe.render.view.sections import CheckLine, SessionSection

_CHECK = 8  # columns of a check's name, at least


def render(
    report: Report,
    *,
    width: int = 80,
    colour: bool = False,
    links: bool = False,
    verbosity: int = 0,
    hints: Mapping[str, str] = NO_HINTS,
    every_check: bool = False,
    told: bool = False,
) -> str:
    """The page. `verbosity` -1: the answer alone; 0: the usual; 1: the whole transcript, every check and every remedy.

    `hints` says how the reader gives a field of the request that is missing (`client_ip`: `--client-ip`).
    `every_check`: what each check found, in full. `told`: the sessions were shown while they were held.
    """
    page = Page(width=width, colour=colour, links=links, hints=hints)
    shown = view(report, verbosity=verbosity, every_check=every_check)
    if verbosity >= 0:
        if not told:
            for session in shown.sessions:
                add_session(page, session)
        page.blank()
        if shown.several is not None:
            addresses_text.add(page, shown.several)
            page.blank()
        _lines(page, shown.lines)
        checks_text.add(page, shown.checks, shown.skipped)
        page.blank()
    answer_text.add(page, shown.answer, verbosity)
    lead = "\n" if told and verbosity >= 0 and shown.sessions else ""
    return lead + page.text()


def add_session(page: Page, session: SessionSection) -> None:
    """One connection, in steps or in full."""
    if session.steps:
        steps.add(page, session)
        return
    if session.connected is not None:
        page.blank()
    transcript.add(page, session)


def _lines(page: Page, lines: tuple[CheckLine, ...]) -> None:
    size = label_size((each.check for each in lines), _CHECK)
    for each in lines:
        page.add(each.text, first=label(each.check, size), style="dim", lead="dim")
