"""A saved report annotated, checked and diagnosed again, with no network."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable, Sequence
from typing import Any

from smtpprobe.checks.base import Services
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver, Result
from smtpprobe.model.evidence.dkim import DkimEvidence
from smtpprobe.model.evidence.dmarc import AuthorDomainSource, DmarcEvidence
from smtpprobe.model.evidence.message import MessageEvidence
from smtpprobe.model.evidence.tls import MtaStsEvidence
from smtpprobe.model.fetch import RecordedFetcher
from smtpprobe.model.report import CheckRun, Report, SkipKind, Skipped
from smtpprobe.model.texts.language import say
from smtpprobe.net.resolver import RunResolver
from smtpprobe.pipeline import evaluation


def replay(report: Report) -> Report:
    """The report with its transcripts read and its rejections diagnosed again; the checks stay as they ran."""
    transcripts = [evaluation.read(each, report.request, report.envelope) for each in report.transcripts]
    return evaluation.report(
        report.request,
        envelope=report.envelope,
        transcripts=transcripts,
        runs=report.checks,
        lookups=report.lookups,
        outcome=report.outcome,
        started_at=report.started_at,
        untried=report.untried,
    )


async def evaluate_again(report: Report, beneath: Resolver) -> Report:
    """As `replay`, with the checks that ask DNS run again over the resolver, as of the time of the saved run.

    A check that had a message stays as it ran: the report holds the message's header and not its body.
    """
    resolver = RunResolver(beneath.lookup)
    request, now = report.request, report.request.evaluation_time or report.started_at
    transcripts = [evaluation.read(each, request, report.envelope) for each in report.transcripts]
    fetcher = RecordedFetcher(
        {
            run.evidence.domain: run.evidence.fetch
            for run in report.checks
            if isinstance(run.evidence, MtaStsEvidence) and run.evidence.fetch is not None
        }
    )
    services = Services(resolver=resolver, now=now, fetcher=fetcher)
    inputs = evaluation.check_inputs(request, report.envelope, transcripts, services)
    try:
        runs = await evaluation.run_checks(inputs, evaluation.EVERY_CHECK)
    finally:
        await resolver.aclose()
    runs = _kept(runs, report.checks) if request.message_given is not None else runs
    return evaluation.report(
        request,
        envelope=report.envelope,
        transcripts=transcripts,
        runs=runs,
        lookups=resolver.lookups,
        outcome=report.outcome,
        started_at=report.started_at,
        untried=report.untried,
    )


def _kept(runs: Sequence[CheckRun], saved: Sequence[CheckRun]) -> tuple[CheckRun, ...]:
    on_message = {(run.check, run.transcript): run for run in saved if _rests_on_message(run)}
    return tuple(on_message.get((run.check, run.transcript), run) for run in runs)


def _rests_on_message(run: CheckRun) -> bool:
    """Whether the check said something of the message: DMARC also where it has no result for its From field."""
    if run.check == "dmarc" and isinstance(run, Skipped):
        return run.kind is SkipKind.NOT_APPLICABLE
    if isinstance(run.evidence, DmarcEvidence):
        return run.evidence.author_domain_source is AuthorDomainSource.MESSAGE
    return isinstance(run.evidence, DkimEvidence | MessageEvidence)


class Recorded:
    """The Resolver of a saved run; a question that it did not ask is not recorded, which is no answer."""

    def __init__(self, lookups: Sequence[DnsLookup]) -> None:
        self._lookups = {(each.name, each.type): each for each in lookups}

    async def lookup(self, question: Question) -> DnsLookup:
        """The saved answer."""
        found = self._lookups.get((question.name, question.type))
        if found is not None:
            return found
        return DnsLookup(
            name=question.name,
            type=question.type,
            status=DnsStatus.NOT_RECORDED,
            detail=say("the saved run did not ask this"),
        )

    def ahead(self, work: Coroutine[Any, Any, Any]) -> None:
        """Nothing: the answers are there already."""
        work.close()

    async def once(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """What the work comes to; the run's own resolver joins those who ask."""
        return await work()
