"""One run evaluated twice: over the DNS that is published, and over the same with something assumed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime

from smtpprobe.checks.base import Check, CheckInput, CheckOptions, Services, SessionView
from smtpprobe.mailauth.dns.overlay import Overlay
from smtpprobe.model.clock import SYSTEM_CLOCK, Clock
from smtpprobe.model.dns.zone_data import ZoneData
from smtpprobe.model.report import (
    SCHEMA_VERSION,
    CheckReport,
    CheckRun,
    Completed,
    Failed,
    Report,
    RunStatus,
    Skipped,
)  # fmt: skip
from smtpprobe.model.request import Credentials, Request
from smtpprobe.model.transcript import Exchange
from smtpprobe.net.dns.client import NetworkResolver
from smtpprobe.net.resolver import RunResolver
from smtpprobe.pipeline import evaluation
from smtpprobe.pipeline.keys import redact_dnsbl_keys
from smtpprobe.pipeline.policies import policy_fetcher
from smtpprobe.pipeline.probe import run_recorded
from smtpprobe.pipeline.recorder import RunRecorder
from smtpprobe.pipeline.request.check import checked, fit_credentials
from smtpprobe.pipeline.request.message import with_message


async def probe_assuming(
    request: Request,
    assumed: ZoneData,
    *,
    credentials: Credentials | None = None,
    message_to_judge: bytes | None = None,
    message_to_send: bytes | None = None,
    observe: Callable[[Exchange], None] | None = None,
    recorder: RunRecorder | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> tuple[Report, Report]:
    """The report of one session, and the same with its checks over `assumed` laid on the DNS.

    The session is held once, over the published DNS; both reports have one list of lookups. `recorder` is as in
    `probe`: it has the published report.
    """
    request, message = with_message(request, message_to_judge, message_to_send)
    request = checked(request)
    fit_credentials(request, credentials)
    recorder = recorder or RunRecorder()
    async with contextlib.AsyncExitStack() as stack:
        resolver, over = await _resolvers(stack, request.resolver, request.timeout_s, assumed, clock)
        published = await run_recorded(
            request,
            recorder,
            resolver,
            hosts_file=request.resolver is None,
            credentials=credentials,
            message=message,
            observe=observe,
            clock=clock,
        )
        again = published
        if over is not None and published.transcripts:
            again = await _again(request, published, over, message, clock)
    recorder.finish(published)
    return published, again


async def _resolvers(
    stack: contextlib.AsyncExitStack,
    server: str | None,
    timeout_s: float | None,
    assumed: ZoneData | None,
    clock: Clock,
) -> tuple[RunResolver, RunResolver | None]:
    """The published DNS, and the same under what is assumed, if anything is; the stack closes them."""
    resolver = await stack.enter_async_context(NetworkResolver(server, timeout_s=timeout_s, clock=clock.monotonic))
    if assumed is None:
        return resolver, None
    over = RunResolver(Overlay(resolver, assumed).lookup, lookups=resolver.lookups, clock=clock.monotonic)
    return resolver, await stack.enter_async_context(over)


async def _again(
    request: Request, published: Report, resolver: RunResolver, message: bytes | None, clock: Clock
) -> Report:
    """The report with its checks run again over the resolver.

    `request` is the caller's: in the published report's the keys of DNSBL zones are hidden already.
    """
    fetcher = policy_fetcher(request, resolver, published.transcripts, clock)
    now = request.evaluation_time or published.started_at
    services = Services(resolver=resolver, now=now, fetcher=fetcher)
    inputs = evaluation.check_inputs(request, published.envelope, published.transcripts, services, message)
    runs = await evaluation.run_checks(inputs, evaluation.EVERY_CHECK)
    return evaluation.report(
        request,
        envelope=published.envelope,
        transcripts=published.transcripts,
        runs=runs,
        lookups=resolver.lookups,
        outcome=published.outcome,
        started_at=published.started_at,
    )


async def check_alone(
    check: Check,
    session: SessionView,
    options: CheckOptions,
    *,
    assumed: ZoneData | None = None,
    server: str | None = None,
    timeout_s: float | None = None,
    deadline_s: float | None = None,
    at: datetime | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> tuple[CheckReport, CheckReport | None]:
    """One check by itself: as published, and as assumed where anything is. They share their lookups.

    `server` is the name server to ask, as `IP` or `IP:PORT`, None for the system's; `deadline_s` holds for all of it,
    None: as long as a diagnosis has; `at` is the time as of which is judged, None for now. Raises ValueError for a
    server that cannot be read.
    """
    started_at = clock.now()
    now, deadline_s = at or started_at, deadline_s or evaluation.DIAGNOSIS_S
    ends = asyncio.get_running_loop().time() + deadline_s

    async def run(resolver: RunResolver) -> CheckRun:
        given = CheckInput(session=session, options=options, services=Services(resolver=resolver, now=now))
        return await evaluation.run_alone(check, given, deadline_s=deadline_s, ends=ends)

    async with contextlib.AsyncExitStack() as stack:
        resolver, over = await _resolvers(stack, server, timeout_s, assumed, clock)
        published = await run(resolver)
        if over is None:
            return _report(published, resolver, options, started_at), None
        return (
            _report(published, resolver, options, started_at),
            _report(await run(over), over, options, started_at),
        )


_STATUSES = {Completed: RunStatus.COMPLETED, Skipped: RunStatus.SKIPPED, Failed: RunStatus.FAILED}


def _report(run: CheckRun, resolver: RunResolver, options: CheckOptions, started_at: datetime) -> CheckReport:
    report = CheckReport(
        schema_version=SCHEMA_VERSION,
        tool=evaluation.TOOL,
        started_at=started_at,
        check=run.check,
        status=_STATUSES[type(run)],
        reason=run.reason,
        needs=run.needs,
        evidence=run.evidence,
        findings=run.findings,
        lookups=tuple(resolver.lookups),
    )
    return redact_dnsbl_keys(report, (*options.dnsbl_zones, *options.only_dnsbl))
