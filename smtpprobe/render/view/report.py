"""A report as the sections of a page."""

from __future__ import annotations

from smtpprobe.model.report import Report
from smtpprobe.render.view import bearing, checks, session
from smtpprobe.render.view.answer import answer
from smtpprobe.render.view.sections import View
from smtpprobe.render.view.several import table


def view(report: Report, *, verbosity: int = 0, every_check: bool = False) -> View:
    """The report's sections. `verbosity` -1: the answer alone is wanted; 1: everything in full.

    `every_check`: what every check found, in full, instead of a line for each that could bear on a refusal.
    """
    full = every_check or verbosity > 0
    return View(
        sessions=session.sessions(report, verbosity),
        several=table.several(report, verbosity) if table.is_wanted(report) else None,
        lines=() if full else bearing.lines(report),
        checks=checks.checks(report, verbosity) if full else (),
        skipped=checks.skipped(report, verbosity) if full else (),
        answer=answer(report, verbosity),
    )
