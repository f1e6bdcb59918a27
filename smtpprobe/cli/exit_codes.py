"""The exit codes of every command, worked out in one place and only once: what is printed is what the process returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from smtpprobe.model.exit_code import (
    ACCEPTED,
    AUTH_REFUSED,
    BUG,
    DEFERRED,
    INCOMPLETE,
    INTERRUPTED,
    NO_SESSION,
    REFUSED,
    USAGE,
)
from smtpprobe.model.texts.language import say

if TYPE_CHECKING:
    from smtpprobe.model.evidence import Evidence
    from smtpprobe.model.report import CheckReport, CheckRun, Finding, Report
    from smtpprobe.model.transcript import Outcome
    from smtpprobe.model.words import AuthResult

# Where several hold, the first of them counts.
ORDER = (INTERRUPTED, BUG, USAGE, NO_SESSION, AUTH_REFUSED, REFUSED, DEFERRED, INCOMPLETE, ACCEPTED)
_MEANINGS = {
    ACCEPTED: "accepted",
    REFUSED: "refused for good",
    USAGE: "wrong command line or file",
    DEFERRED: "refused for now",
    NO_SESSION: "no session",
    AUTH_REFUSED: "login refused",
    INCOMPLETE: "inconclusive",
    BUG: "internal error",
    INTERRUPTED: "interrupted",
}
HELP = f"Exit codes: {', '.join(f'{code} {meaning}' for code, meaning in _MEANINGS.items())}."

NEVER, ON_INCOMPLETE = "never", "incomplete"  # values of --fail-on beside the severities
_MAX_NAMED = 3  # ids or checks in a reason


class Exit(msgspec.Struct, frozen=True):
    """An exit code, and what it rests on in a few identifiers; None for 0."""

    code: int
    reason: str | None = None


def first_of(exits: Iterable[Exit]) -> Exit:
    """The one that counts where several hold; 0 where none does."""
    return min(exits, key=lambda each: ORDER.index(each.code), default=Exit(ACCEPTED))


def of_report(report: Report, fail_on: str = NEVER) -> Exit:
    """The run's exit: its outcome's, and what --fail-on adds where nothing worse holds."""
    exits = [_of_outcome(report)]
    if fail_on == ON_INCOMPLETE:
        exits += _incomplete(report.checks)
    else:
        exits += _severe((finding for run in report.checks for finding in run.findings), fail_on)
    return first_of(exits)


def decided(report: Report, end: Exit) -> Report:
    """The report that says what the process returns."""
    outcome = msgspec.structs.replace(report.outcome, exit_code=end.code, exit_reason=end.reason)
    return msgspec.structs.replace(report, outcome=outcome)


def of_single_check(report: CheckReport, fail_on: str) -> Exit:
    """0 for pass, none, neutral, not listed by any; 1 for what fails or is listed; 6 where something could not be told."""
    from smtpprobe.model.evidence.inconclusive import leaves_open
    from smtpprobe.model.report import RunStatus

    if report.status is not RunStatus.COMPLETED:
        return Exit(INCOMPLETE, report.check)
    evidence = report.evidence
    exits = [Exit(REFUSED, report.check)] if evidence is not None and _is_bad(evidence) else []
    exits += _severe(report.findings, fail_on)
    if evidence is None or leaves_open(evidence):
        exits.append(Exit(INCOMPLETE, report.check))
    return first_of(exits)


def of_explanation(unread: int, checks: Iterable[CheckReport] = ()) -> Exit:
    """2 where an input could not be read; 6 where one of the checks that were asked for could not tell."""
    from smtpprobe.model.evidence.inconclusive import leaves_open
    from smtpprobe.model.report import RunStatus

    if unread:
        return Exit(USAGE, "unreadable-input")
    unfinished = [
        each.check
        for each in checks
        if each.status is not RunStatus.COMPLETED or each.evidence is None or leaves_open(each.evidence)
    ]
    return Exit(INCOMPLETE, _named(unfinished)) if unfinished else Exit(ACCEPTED)


def _of_outcome(report: Report) -> Exit:
    outcome, code = report.outcome, _code_of(report.outcome)
    if outcome.exit_reason is not None and code == outcome.exit_code:
        return Exit(code, outcome.exit_reason)
    if code in (ACCEPTED, INTERRUPTED, BUG):
        return Exit(code, {INTERRUPTED: "interrupted", BUG: "internal-error"}.get(code))
    from smtpprobe.model.transcript import OutcomeFault

    if outcome.fault is OutcomeFault.STAGE_NOT_REACHED:
        return Exit(code, f"{outcome.fault}, {report.request.ends_after}")
    from smtpprobe.render.view.verdicts import causes_of_recipients, main_cause

    cause = main_cause(report)
    if cause is not None:
        from smtpprobe.model.report import Confidence

        if cause.confidence is Confidence.CONTRADICTED:
            return Exit(code, f"{cause.id}, {cause.confidence}")
        others = [each for each in causes_of_recipients(report) if each != cause.id]
        zones = [] if others else list(_zones(report, cause.checks))[:1]
        return Exit(code, ", ".join([cause.id, *zones, *others][:_MAX_NAMED]))
    stage = outcome.phase.value if outcome.phase else None
    what = str(outcome.reply_code or outcome.fault or outcome.status)
    return Exit(code, say("{what} at {stage}", what=what, stage=stage) if stage else what)


def _code_of(outcome: Outcome) -> int:
    """The code that the outcome stands for. A saved one may be worse by what `--fail-on` asked for, and is never better."""
    from smtpprobe.model.exit_code import exit_code_of

    code = exit_code_of(outcome.status, outcome.fault)
    return outcome.exit_code if code == ACCEPTED and outcome.exit_code in (REFUSED, INCOMPLETE) else code


def _zones(report: Report, checks: Iterable[int]) -> Iterator[str]:
    """The DNSBL zones that list something, of the check runs that a cause rests on; those that the reply names first."""
    from smtpprobe.model.evidence import DnsblEvidence
    from smtpprobe.model.evidence.dnsbl import DnsblStatus, ZoneOrigin

    for index in checks:
        run = report.checks[index] if index < len(report.checks) else None
        if run is not None and isinstance(run.evidence, DnsblEvidence):
            listed = [zone for zone in run.evidence.zones if zone.status is DnsblStatus.LISTED]
            yield from (zone.zone for zone in sorted(listed, key=lambda zone: zone.origin is not ZoneOrigin.REPLY))


def _severe(findings: Iterable[Finding], fail_on: str) -> list[Exit]:
    """1 for findings as severe as the level or worse, the worst of them named first."""
    if fail_on == NEVER:
        return []
    from smtpprobe.model.report import Severity

    least = Severity(fail_on).rank
    severe = sorted((each for each in findings if each.severity.rank >= least), key=lambda each: -each.severity.rank)
    if not severe:
        return []
    return [Exit(REFUSED, f"{_named(each.id for each in severe)} (--fail-on {fail_on})")]


def _incomplete(runs: Iterable[CheckRun]) -> list[Exit]:
    """6 for checks that were asked for and could not tell: not knowing is not passing."""
    unfinished = [run.check for run in runs if _is_unfinished(run)]
    return [Exit(INCOMPLETE, _named(unfinished))] if unfinished else []


def _is_unfinished(run: CheckRun) -> bool:
    """Whether the check was asked for, has something to say about the session, and could not."""
    from smtpprobe.model.evidence.inconclusive import is_inconclusive, lacks_input
    from smtpprobe.model.report import Failed, SkipKind, Skipped

    if isinstance(run, Skipped):
        return run.kind in (SkipKind.INPUT_MISSING, SkipKind.INTERRUPTED)
    evidence = run.evidence
    return isinstance(run, Failed) or (evidence is not None and (is_inconclusive(evidence) or lacks_input(evidence)))


def _named(names: Iterable[str]) -> str:
    each = list(dict.fromkeys(names))
    more = say(" and {count} more", count=len(each) - _MAX_NAMED) if len(each) > _MAX_NAMED else ""
    return ", ".join(each[:_MAX_NAMED]) + more


def _results(evidence: Evidence) -> list[AuthResult]:
    from smtpprobe.model.evidence import DkimEvidence, DmarcEvidence, SpfRecordEvidence
    from smtpprobe.model.words import AuthResult

    if isinstance(evidence, DmarcEvidence) and not evidence.alignment and evidence.result is AuthResult.FAIL:
        return []  # nothing was said to have passed or failed: only the record was judged
    if isinstance(evidence, SpfRecordEvidence) and evidence.result not in (AuthResult.TEMPERROR, AuthResult.PERMERROR):
        return []  # an address that nothing matches is to fail
    if isinstance(evidence, DkimEvidence):
        return [signature.result for signature in evidence.signatures if not signature.outweighed]
    result = getattr(evidence, "result", None)
    return [result] if result is not None else []


def _is_bad(evidence: Evidence) -> bool:
    from smtpprobe.model.evidence import DnsblEvidence
    from smtpprobe.model.evidence.dnsbl import DnsblStatus
    from smtpprobe.model.known.dnsbl_zone import ZoneKind
    from smtpprobe.model.words import AuthResult

    if isinstance(evidence, DnsblEvidence):
        listed = [zone for zone in evidence.zones if zone.status is DnsblStatus.LISTED]
        return any(zone.kind is ZoneKind.BLOCK and zone.tier in (0, 1, 2) for zone in listed)
    bad = (AuthResult.FAIL, AuthResult.SOFTFAIL, AuthResult.PERMERROR, AuthResult.POLICY)
    return any(result in bad for result in _results(evidence))
