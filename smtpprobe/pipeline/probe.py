"""Composes the rooms: what is asked, in which order, and who owns a partial result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from smtpprobe.checks.base import Skip
from smtpprobe.model.fetch import PolicyFetcher
from smtpprobe.model.report import Failed, FailureKind, Report, SkipKind
from smtpprobe.model.request import Assumed, Credentials, Diagnose, Envelope, Request
from smtpprobe.model.transcript import Exchange, Outcome, Phase, Status
from smtpprobe.net.dns_client import NetworkAnswerer, split_server, system_servers
from smtpprobe.net.https_policy import HttpsPolicyFetcher
from smtpprobe.net.resolver import RunResolver
from smtpprobe.pipeline import evaluation, sessions
from smtpprobe.pipeline import route as routes
from smtpprobe.wire import command

DNS_TIMEOUT_S = 5.0


async def probe(
    request: Request,
    *,
    credentials: Credentials | None = None,
    resolver: RunResolver | None = None,
    message: bytes | None = None,
    observe: Callable[[Exchange], None] | None = None,
    fetcher: PolicyFetcher | None = None,
) -> Report:
    """The report of one run: session, annotations, checks, verdicts.

    A refusal is a result, not an exception. Cancelling the task gives the report of what was received so far, its
    outcome `interrupted`. `observe` is told of every finished exchange. Raises ValueError for a request that cannot be
    sent, or asks for more recipients than is polite.
    """
    _check(request)
    started_at = datetime.now(UTC)
    answerer: NetworkAnswerer | None = None
    if resolver is None:
        answerer = network_answerer(request.resolver, request.timeout_s)
        resolver = RunResolver(answerer.answer)
    try:
        fetcher = fetcher or HttpsPolicyFetcher(resolver, ca_file=request.tls.ca_file)
        return await _probe(request, credentials, resolver, message, observe, started_at, fetcher, answerer is not None)
    finally:
        await resolver.aclose()
        if answerer is not None:
            await answerer.aclose()


def _check(request: Request) -> None:
    """Raises ValueError for what would not be sent, before anybody is called."""
    count, most = len(request.rcpt_to), request.most_recipients
    if count > most and not request.force:
        raise ValueError(f"{count} forward-paths: at most {most} are polite for a probe")
    command.command("EHLO", request.helo or "")
    command.mail(request.reverse_path.value)
    for path in request.rcpt_to:
        command.rcpt(path)


def network_answerer(server: str | None, timeout_s: float | None) -> NetworkAnswerer:
    """Answers from the named server, or from those that the system is configured with. Raises ValueError."""
    servers = [split_server(server)] if server else system_servers()
    return NetworkAnswerer(servers, timeout_s=min(timeout_s or DNS_TIMEOUT_S, DNS_TIMEOUT_S))


async def _probe(
    request: Request,
    credentials: Credentials | None,
    resolver: RunResolver,
    message: bytes | None,
    observe: Callable[[Exchange], None] | None,
    started_at: datetime,
    fetcher: PolicyFetcher,
    network: bool,
) -> Report:
    try:
        # A name server that the user names, or a resolver of the caller's, is the whole truth; else the system's hosts count.
        own_dns = request.resolver is None and network
        route = await routes.find(request, resolver, with_credentials=credentials is not None, hosts_file=own_dns)
        envelope = await routes.envelope(request, route, resolver)
    except asyncio.CancelledError:
        _uncancel()
        empty = Envelope(Assumed(request.helo or "", assumed=not request.helo), None)
        stopped = Outcome(status=Status.INTERRUPTED, phase=Phase.DNS, reason="interrupted", exit_code=130)
        return evaluation.report(request, empty, (), (), resolver.lookups, stopped, started_at)
    if not route.addresses:
        outcome = sessions.nowhere(route)
        return evaluation.report(request, envelope, (), (), resolver.lookups, outcome, started_at)
    held = await sessions.probe_addresses(request, route, envelope, credentials, observe)
    envelope = held.envelope
    transcripts = [evaluation.read(each, request, envelope) for each in held.transcripts]
    outcome = evaluation.worst([each.outcome for each in transcripts if each.outcome])
    with_dns = evaluation.wanted(request, outcome) and not held.interrupted
    now = request.evaluation_time or started_at
    contexts = [evaluation.context(request, envelope, each, resolver, now, message, fetcher) for each in transcripts]
    otherwise = _why_no_dns(request, held)
    with_tls = request.diagnose is Diagnose.AUTO and not held.interrupted
    runs = await evaluation.run_checks(contexts, with_dns=with_dns, otherwise=otherwise, with_tls=with_tls)
    if any(isinstance(run, Failed) and run.kind is FailureKind.INTERRUPTED for run in runs):
        outcome = Outcome(
            status=Status.INTERRUPTED,
            phase=outcome.phase,
            reply_code=outcome.reply_code,
            enhanced=outcome.enhanced,
            reason="interrupted",
            exit_code=130,
        )
    return evaluation.report(request, envelope, transcripts, runs, resolver.lookups, outcome, started_at)


def _uncancel() -> None:
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()


def _why_no_dns(request: Request, held: sessions.Held) -> Skip:
    """Why the checks that ask DNS would not run."""
    if held.interrupted:
        return Skip(SkipKind.INTERRUPTED, "interrupted")
    if request.diagnose is Diagnose.NEVER:
        return Skip(SkipKind.NOT_ASKED, "switched off")
    return Skip(SkipKind.NOT_ASKED, "nothing was refused")
