"""What the checks came to: evidence without what a finding states better, findings, and what did not run."""

from __future__ import annotations

from collections.abc import Iterable

from smtpprobe.model.evidence import DnsblEvidence, Evidence
from smtpprobe.model.report import CheckReport, CheckRun, Completed, Finding, Report, RunStatus, Severity, Skipped
from smtpprobe.model.texts.language import mark, say
from smtpprobe.render.evidence import dnsbl, table
from smtpprobe.render.evidence.row import Detail, Row
from smtpprobe.render.view.sections import CheckLine, CheckPage, CheckView, FindingRow, Said, SkippedView

_SEVERITIES = {
    Severity.CRITICAL: mark("critical"),
    Severity.ERROR: mark("error"),
    Severity.WARNING: mark("warning"),
    Severity.NOTICE: mark("notice"),
    Severity.INFO: mark("info"),
}


def checks(report: Report, verbosity: int) -> tuple[CheckView, ...]:
    """The checks that ran, each once: several connections may show the same."""
    told: dict[tuple[object, ...], CheckView] = {}
    for run in report.checks:
        if not isinstance(run, Skipped):
            view = _check(run, verbosity)
            told.setdefault(_told(view), view)
    return tuple(told.values())


def skipped(report: Report, verbosity: int) -> tuple[SkippedView, ...]:
    """The checks that did not run, gathered by why; without a connection there was nothing to check."""
    if verbosity <= 0 and not any(transcript.exchanges for transcript in report.transcripts):
        return ()
    why: dict[tuple[str, str | None], dict[str, None]] = {}
    for run in report.checks:
        if isinstance(run, Skipped):
            why.setdefault((run.reason, run.needs), {})[run.check] = None
    return tuple(SkippedView(tuple(names), Said(reason, needs)) for (reason, needs), names in why.items())


def line(run: CheckRun) -> CheckLine:
    """What the check came to, in one sentence."""
    if run.evidence is None:
        return CheckLine(run.check, run.reason or "")
    if isinstance(run.evidence, DnsblEvidence):
        return CheckLine(run.check, table.summary(run.evidence))
    first = next(iter(table.rows(run.evidence, Detail(full=False))), None)
    return CheckLine(run.check, first.text if first is not None else table.summary(run.evidence))


def check_page(report: CheckReport, verbosity: int) -> CheckPage:
    """A single check: its evidence in full, then its findings; listings first where the evidence is left to them."""
    if report.status is not RunStatus.COMPLETED:
        return CheckPage(check=report.check, failure=report.status, reason=Said(str(report.reason), report.needs))
    return CheckPage(
        check=report.check,
        rows=_rows(report.evidence, report.findings, verbosity, full=True) if report.evidence is not None else (),
        findings=finding_rows(report.findings),
        findings_first=verbosity <= 0 and isinstance(report.evidence, DnsblEvidence),
    )


def _check(run: CheckRun, verbosity: int) -> CheckView:
    if not isinstance(run, Completed):
        return CheckView(check=run.check, failure=say("did not finish: {reason}", reason=run.reason))
    return CheckView(
        check=run.check,
        rows=_rows(run.evidence, run.findings, verbosity, full=verbosity > 0) if run.evidence is not None else (),
        findings=finding_rows(_shown(run.findings, verbosity)),
    )


def _told(view: CheckView) -> tuple[object, ...]:
    """What a check comes to on a page: two that are told alike are one."""
    return view.check, view.failure, view.rows, tuple(each.text for each in view.findings)


def _shown(findings: Iterable[Finding], verbosity: int) -> tuple[Finding, ...]:
    """The findings that stand beside the evidence: mere information only where more is asked for."""
    return tuple(each for each in findings if verbosity > 0 or each.severity is not Severity.INFO)


def _rows(evidence: Evidence, findings: tuple[Finding, ...], verbosity: int, *, full: bool) -> tuple[Row, ...]:
    """The evidence's rows without what a finding states better."""
    if verbosity <= 0 and isinstance(evidence, DnsblEvidence):
        return tuple(dnsbl.unstated(evidence, findings, full=full))
    return tuple(table.rows(evidence, Detail(full=full, findings=_shown(findings, verbosity))))


def finding_rows(findings: Iterable[Finding]) -> tuple[FindingRow, ...]:
    """The findings in words."""
    return tuple(FindingRow(each, say(_SEVERITIES.get(each.severity, each.severity)), _text(each)) for each in findings)


def _text(finding: Finding) -> str:
    """The message, with its subject before it unless it is named in it."""
    return finding.message if finding.names_subject else f"{finding.subject}: {finding.message}"
