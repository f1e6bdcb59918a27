"""A report as the sections of a page."""

from __future__ import annotations

from smtpprobe.catalogue.language import mark, say
from smtpprobe.model.report import Report
from smtpprobe.model.transcript import Phase, Status
from smtpprobe.render.view import checks, session
from smtpprobe.render.view.headline import headline, tried
from smtpprobe.render.view.sections import ExitView, Note, Said, View
from smtpprobe.render.view.verdicts import verdicts


def view(report: Report, *, verbosity: int = 0) -> View:
    """The report's sections. `verbosity` -1: what stands in for evidence that is not shown; 1: everything in full."""
    return View(
        headline=headline(report),
        verdicts=verdicts(report, verbosity),
        notes=_notes(report),
        ladder=session.ladder(report),
        recipients=session.recipients(report),
        sessions=session.sessions(report, verbosity),
        checks=checks.checks(report, verbosity),
        skipped=checks.skipped(report, verbosity),
        exit=ExitView(report.outcome.exit_code, report.outcome.exit_reason),
    )


def _notes(report: Report) -> tuple[Note, ...]:
    """What was assumed, and what a reader could take for more than it is."""
    made: list[Note] = []
    phases = tried(report)
    accepted = report.outcome.status is Status.ACCEPTED
    assumed, of_paths = _assumed(report)
    if assumed and phases:
        text = say(mark("assumed: {paths}")).format(paths=", ".join(assumed))
        if accepted and of_paths:
            text += say(mark("; such paths are often exempt from policy: this proves little for your own mail"))
        made.append(Note(Said(text)))
    stopped = report.request.quit_after not in (None, Phase.RCPT)
    if phases and not report.envelope.forward_paths and not stopped and accepted:
        text = say(mark("RCPT was not tried: neither a forward-path nor an address as the target was given"))
        made.append(Note(Said(text, "rcpt_to")))
    for transcript in report.transcripts:
        identity = transcript.identity
        if identity is not None:
            made += [Note(Said(warning, identity.needs), warns=True) for warning in identity.warnings]
    return tuple(made)


def _assumed(report: Report) -> tuple[list[str], bool]:
    """The defaults of ours that went out, and whether a path is among them."""
    envelope, phases = report.envelope, tried(report)
    helo = [f"HELO name {envelope.helo.value}"] if envelope.helo.assumed and envelope.helo.value else []
    paths = []
    if envelope.reverse_path and envelope.reverse_path.assumed and Phase.MAIL in phases:
        paths.append(f"MAIL FROM <{envelope.reverse_path.value}>")
    paths += [f"RCPT TO <{path.value}>" for path in envelope.forward_paths if path.assumed and Phase.RCPT in phases]
    return [*helo, *paths], bool(paths)
