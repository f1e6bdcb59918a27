"""One run evaluated twice: over the DNS that is published, and over the same with something assumed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from smtpprobe.checks.base import Check, CheckContext
from smtpprobe.mailauth.dns.overlay import Overlay
from smtpprobe.model.report import CheckReport, CheckRun, Completed, Report
from smtpprobe.model.request import Credentials, Request
from smtpprobe.model.transcript import Exchange, Status
from smtpprobe.model.zone_data import ZoneData
from smtpprobe.net.https_policy import HttpsPolicyFetcher
from smtpprobe.net.resolver import RunResolver
from smtpprobe.pipeline import evaluation
from smtpprobe.pipeline.keys import redact_dnsbl_keys
from smtpprobe.pipeline.probe import network_answerer, probe


async def probe_assuming(
    request: Request,
    assumed: ZoneData,
    *,
    credentials: Credentials | None = None,
    message: bytes | None = None,
    observe: Callable[[Exchange], None] | None = None,
) -> tuple[Report, Report]:
    """The report of one session, and the same with its checks over `assumed` laid on the DNS.

    The session is held once, over the published DNS; both reports have one list of lookups. An interrupted run stays as
    it is.
    """
    answerer = network_answerer(request.resolver, request.timeout_s)
    resolver = RunResolver(answerer.answer)
    over = RunResolver(Overlay(resolver, assumed).lookup, lookups=resolver.lookups)
    try:
        published = await probe(request, credentials=credentials, resolver=resolver, message=message, observe=observe)
        if published.outcome.status is Status.INTERRUPTED or not published.transcripts:
            return published, published
        return published, await _again(published, over, message)
    finally:
        await over.aclose()
        await resolver.aclose()
        await answerer.aclose()


async def _again(report: Report, resolver: RunResolver, message: bytes | None) -> Report:
    """The report with its checks run again over the resolver."""
    request, envelope = report.request, report.envelope
    fetcher = HttpsPolicyFetcher(resolver, ca_file=request.tls.ca_file)
    now = request.evaluation_time or report.started_at
    contexts = [
        evaluation.context(request, envelope, each, resolver, now, message, fetcher) for each in report.transcripts
    ]
    runs = await evaluation.run_checks(contexts, with_dns=True)
    return evaluation.report(
        request, envelope, report.transcripts, runs, resolver.lookups, report.outcome, report.started_at
    )


async def check_alone(
    check: Check,
    assumed: ZoneData | None,
    *,
    server: str | None,
    timeout_s: float | None,
    at: datetime | None,
    **known: Any,
) -> tuple[CheckReport, CheckReport | None]:
    """One check by itself: as published, and as assumed where anything is. They share their lookups."""
    answerer = network_answerer(server, timeout_s)
    resolver = RunResolver(answerer.answer)
    over = None if assumed is None else RunResolver(Overlay(resolver, assumed).lookup, lookups=resolver.lookups)
    now = at or datetime.now(UTC)
    try:
        run = await evaluation.run_one(check, CheckContext(resolver=resolver, now=now, **known))
        if over is None:
            return _report(run, resolver, known), None
        run_over = await evaluation.run_one(check, CheckContext(resolver=over, now=now, **known))
    finally:
        if over is not None:
            await over.aclose()
        await resolver.aclose()
        await answerer.aclose()
    return _report(run, resolver, known), _report(run_over, over, known)


def _report(run: CheckRun, resolver: RunResolver, known: dict[str, Any]) -> CheckReport:
    asked = (*known.get("dnsbl_zones", ()), *known.get("only_dnsbl", ()))
    status = "completed" if isinstance(run, Completed) else type(run).__name__.lower()
    report = CheckReport(
        check=run.check,
        status=status,
        reason=run.reason,
        needs=run.needs,
        evidence=run.evidence,
        findings=run.findings,
        lookups=tuple(resolver.lookups),
    )
    return redact_dnsbl_keys(report, asked)
