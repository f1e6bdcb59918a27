"""Which checks a page speaks of beside a refusal: those that could bear on it, and what else is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.model.evidence import (
    DkimEvidence,
    DmarcEvidence,
    DnsblEvidence,
    SessionEvidence,
)
from smtpprobe.model.evidence.dkim import KeyStatus
from smtpprobe.model.evidence.dmarc import AuthorDomainSource
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.evidence.inconclusive import is_inconclusive
from smtpprobe.model.names import is_ip_address
from smtpprobe.model.report import Cause, CheckRun, Completed, Confidence, Failed, Finding, Report, Severity, Verdict
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import OutcomeFault, Phase
from smtpprobe.model.words import AuthResult
from smtpprobe.render.view import checks
from smtpprobe.render.view.headline import tried
from smtpprobe.render.view.sections import CheckLine
from smtpprobe.render.view.verdicts import in_order, instead

MAX_ALSO = 2
_FORM = "reply-syntax"
_IN_CLEAR = "auth-offered-in-clear"
_WITHOUT_TLS = "tls.policy=off"
# Evidence says what it is: what other checks found is in the answer, if it is an error.
_SETTLED = (Confidence.CONFIRMED, Confidence.SUPPORTED, Confidence.CONTRADICTED)


def lines(report: Report) -> tuple[CheckLine, ...]:
    """What the checks came to that could bear on the first refusal, as long as evidence does not settle its cause."""
    return tuple(checks.line(report.checks[index]) for index in _lines(report))


def also(report: Report, verbosity: int) -> tuple[str, ...]:
    """What else is broken and could be the next reason: evidence beside the cause, then findings of checks that bear on it."""
    made = [each.statement or next((because.text for because in each.because), each.title) for each in _beside(report)]
    bear = _relevant(report) - _told(report, verbosity)
    serious = Severity.ERROR.rank
    # What the session itself got wrong is worth a word whatever it was refused for: the next one meets it too.
    worth = [
        each
        for index, each in findings(report)
        if (
            (index in bear or _is_of_session(report.checks[index]))
            and each.severity.rank >= serious
            and _is_news(report, index, each)
        )
        or (each.id == _IN_CLEAR and _advises_clear_text(report))
    ]
    made += [row.text for row in checks.finding_rows(worth)]
    return tuple(made if verbosity > 0 else made[:MAX_ALSO])


def clean(report: Report) -> str | None:
    """What else ran: the checks that found nothing wrong, and those that did; None if there are none."""
    told = {*_told(report), *_lines(report), *_explained(report)}
    ran = []
    for index, run in enumerate(report.checks):
        if isinstance(run, Completed) and index not in told and not _is_explained(report, index, run):
            ran.append(run)
    notable, serious = Severity.NOTICE.rank, Severity.WARNING.rank
    # A list that gave no answer is no listing.
    wrong = dict.fromkeys(
        run.check
        for run in ran
        if any(each.severity.rank >= (serious if _is_of_lists(run) else notable) for each in run.findings)
    )
    open_ = [each for each in dict.fromkeys(run.check for run in ran if _is_undecided(run)) if each not in wrong]
    fine = [each for each in dict.fromkeys(run.check for run in ran) if each not in wrong and each not in open_]
    parts = [say("clean: {checks}", checks=", ".join(fine))] if fine else []
    parts += [say("undecided: {checks}", checks=", ".join(open_))] if open_ else []
    parts += [say("with findings: {checks}", checks=", ".join(wrong))] if wrong else []
    failed = dict.fromkeys(run.check for run in report.checks if isinstance(run, Failed))
    parts += [say("did not finish: {checks}", checks=", ".join(failed))] if failed else []
    return "; ".join(parts) or None


def _explained(report: Report) -> set[int]:
    """The runs of checks of the session that judge what a verdict explains, or a login that was not come to."""
    explained = {(each.transcript, each.exchange) for each in report.verdicts if each.exchange is not None}
    no_login = report.request.user is not None and Phase.AUTH not in tried(report)
    return {
        index
        for index, run in enumerate(report.checks)
        if isinstance(run.evidence, SessionEvidence)
        and run.check != _FORM
        and (
            (no_login and run.check == "auth")
            or any((run.transcript, exchange) in explained for exchange in run.evidence.exchanges)
        )
    }


def _is_explained(report: Report, index: int, run: CheckRun) -> bool:
    """Whether what the run found wrong is what a verdict explains; none explains the form of a reply."""
    return run.check != _FORM and any(_is_bad(each) and not _is_news(report, index, each) for each in run.findings)


def findings(report: Report) -> list[tuple[int, Finding]]:
    """What is worth a word, with the index of its check run, the worst first and each once."""
    found: dict[tuple[str, ...], tuple[int, Finding]] = {}
    for index, run in enumerate(report.checks):
        for each in run.findings:
            if each.severity.rank >= Severity.NOTICE.rank:
                found.setdefault((each.id, each.subject, each.message), (index, each))
    return sorted(found.values(), key=lambda each: -each[1].severity.rank)


def is_of_the_client(report: Report) -> bool:
    """Whether a refusal could be about the client's address or its mail: then it matters which address that is."""
    return any(not _is_of_session(report.checks[each]) for each in _relevant(report))


def _causes(report: Report) -> tuple[Cause, ...]:
    """The causes of what decided the run."""
    return next((each.causes for each in in_order(report)), ())


def _beside(report: Report) -> list[Cause]:
    """What would explain a refusal that is explained: it may be the next reason."""
    causes = _causes(report)
    settled = bool(causes) and causes[0].confidence is Confidence.CONFIRMED
    return [each for each in causes[1:] if settled and each.confidence is Confidence.SUPPORTED]


def _told(report: Report, verbosity: int = 0) -> set[int]:
    """The check runs whose evidence the answer gives."""
    causes = _causes(report)
    given = (*causes[:1], *instead(causes, verbosity), *_beside(report))
    return {index for each in given for index in each.checks}


def _advises_clear_text(report: Report) -> bool:
    """Whether the answer says to go on without TLS: then it matters what is offered there."""
    return any(each.needs == _WITHOUT_TLS for cause in _causes(report)[:1] for each in cause.remedies)


def _relevant(report: Report, verdicts: Sequence[Verdict] | None = None) -> set[int]:
    """The check runs that could bear on those refusals, or on any."""
    of = report.verdicts if verdicts is None else verdicts
    found = {index for verdict in of for index in verdict.relevant if index < len(report.checks)}
    return {index for index in found if isinstance(report.checks[index], Completed)}


def _lines(report: Report) -> list[int]:
    first = _causes(report)[:1]
    settled = any(cause.confidence in _SETTLED for cause in first)
    bear = _relevant(report, in_order(report)[:1]) - _told(report)
    # What the session itself showed stands in its steps.
    return [] if settled else [each for each in sorted(bear) if not _is_of_session(report.checks[each])]


def _is_undecided(run: Completed) -> bool:
    """Whether the check could not tell: nobody answered, or what would have to be judged was not there."""
    match run.evidence:
        case DnsblEvidence(zones=zones):
            # Whether the domains are listed says nothing of the address.
            answered = (DnsblStatus.LISTED, DnsblStatus.NOT_LISTED)
            return not any(zone.status in answered and is_ip_address(zone.subject) for zone in zones)
        case DkimEvidence(signatures=(), keys=keys):
            return not any(key.status in (KeyStatus.USABLE, KeyStatus.WEAK) for key in keys)
        case DmarcEvidence(author_domain_source=source, result=result) if result is not AuthResult.NONE:
            return source is not AuthorDomainSource.MESSAGE or result in (AuthResult.UNKNOWN, AuthResult.TEMPERROR)
    return run.evidence is not None and is_inconclusive(run.evidence)


def _is_of_lists(run: CheckRun) -> bool:
    return isinstance(run.evidence, DnsblEvidence)


def _is_of_session(run: CheckRun) -> bool:
    return isinstance(run.evidence, SessionEvidence)


def _is_bad(finding: Finding) -> bool:
    return finding.severity.rank >= Severity.WARNING.rank


def _is_news(report: Report, index: int, finding: Finding) -> bool:
    """Whether the finding of that check run is a warning or worse, and of something else than what a verdict explains."""
    if report.outcome.fault is OutcomeFault.CREDENTIALS_UNFIT and finding.needs == report.outcome.needs:
        return False
    explained = {(each.transcript, each.exchange) for each in report.verdicts if each.exchange is not None}
    return _is_bad(finding) and (report.checks[index].transcript, finding.exchange) not in explained
