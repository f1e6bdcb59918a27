"""The right half of the picture: a transcript annotated, checked, diagnosed, and put into a report. No SMTP here."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import datetime

import msgspec

from smtpprobe import __version__
from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.catalogue.providers import identify_server
from smtpprobe.catalogue.reference.annotate import annotate_all
from smtpprobe.checks.base import NO_SESSION, Check, CheckContext, NamedZone, Skip, not_applicable
from smtpprobe.checks.registry import CHECKS
from smtpprobe.diagnosis.diagnose import diagnose
from smtpprobe.identity import identify
from smtpprobe.model.fetch import PolicyFetcher
from smtpprobe.model.lookup import DnsLookup, Resolver
from smtpprobe.model.report import (
    SCHEMA_VERSION,
    CheckRun,
    Completed,
    Failed,
    FailureKind,
    Report,
    Skipped,
    TargetRecord,
    Tool,
)
from smtpprobe.model.request import Diagnose, Envelope, Request
from smtpprobe.model.transcript import Identity, IpSource, Outcome, Phase, Server, Status, Transcript
from smtpprobe.pipeline.keys import redact_dnsbl_keys, redact_request
from smtpprobe.pipeline.next_hop import next_hop, tls_policies_apply
from smtpprobe.pipeline.sessions import BUG

DIAGNOSIS_S = 30.0
CANCEL_S = 0.5
INTERRUPTED = "interrupted"  # the reason, in words
SESSION_CHECKS = ("starttls", "auth", "reply-syntax")  # rest on the transcript alone: always run
TLS_CHECKS = ("mta-sts", "tlsrpt", "dane")  # also run without a refusal, where TLS itself is in trouble
_NO_CONNECTION = not_applicable("no connection was made")
_WORST = (Status.INTERRUPTED, Status.NO_SESSION, Status.AUTH_REFUSED, Status.REFUSED, Status.DEFERRED, Status.ACCEPTED)


def read(transcript: Transcript, request: Request, envelope: Envelope) -> Transcript:
    """The transcript with annotations, the server recognised, and who the server thinks we are."""
    greeting = [x.reply.lines for x in transcript.exchanges if x.phase is Phase.GREETING and x.reply]
    ehlo = [x.reply.lines for x in transcript.exchanges if x.phase is Phase.EHLO and x.reply]
    others = [line for x in transcript.exchanges if x.reply for line in x.reply.lines]
    software, provider = identify_server(
        list(greeting[0]) if greeting else [], list(ehlo[-1]) if ehlo else [], others, request.target.host
    )
    return msgspec.structs.replace(
        transcript,
        exchanges=annotate_all(transcript.exchanges, provider),
        server=Server(software, provider),
        identity=identify(transcript, envelope.helo.value or None, request.client_ip),
    )


def wanted(request: Request, outcome: Outcome) -> bool:
    """Whether the checks that ask DNS run: after any refusal, unless the user says otherwise."""
    if request.diagnose is Diagnose.AUTO:
        return outcome.status in (Status.REFUSED, Status.DEFERRED, Status.AUTH_REFUSED)
    return request.diagnose is Diagnose.ALWAYS


def context(
    request: Request,
    envelope: Envelope,
    transcript: Transcript,
    resolver: Resolver,
    now: datetime,
    message: bytes | None,
    fetcher: PolicyFetcher | None = None,
) -> CheckContext:
    """What the checks of one transcript may know."""
    identity = transcript.identity or Identity(client_ip=None, client_ip_source=IpSource.UNKNOWN, helo=None)
    return CheckContext(
        resolver=resolver,
        now=now,
        envelope=envelope,
        client_ip=identity.client_ip,
        client_ip_given=request.client_ip is not None,
        transcript=transcript,
        named_zones=_named_zones(transcript),
        dnsbl_zones=request.dnsbl_zones,
        only_dnsbl=request.only_dnsbl,
        dkim_selectors=request.dkim_selectors,
        message=message,
        facts={"user": request.user} if request.user else {},
        next_hop=next_hop(request, envelope, transcript),
        fetcher=fetcher,
    )


def _named_zones(transcript: Transcript) -> tuple[NamedZone, ...]:
    """The DNSBL zones that rejections name, with what they say is listed there."""
    named = []
    for exchange in transcript.negative:
        assert exchange.reply is not None
        said = explain(
            exchange.reply.raw.decode("utf-8", "replace"), phase=exchange.phase, provider=transcript.server.provider
        )
        if said.captures.list and "." in said.captures.list:
            subject = said.captures.domain if said.cause == "domain-blocklisted" else said.captures.ip
            named.append(NamedZone(said.captures.list, subject))
    return tuple(dict.fromkeys(named))


class StartedCheck:
    """A check under way on one transcript, and what came of it."""

    def __init__(self, name: str, transcript: int, work: Coroutine[object, object, CheckRun]) -> None:
        self.name = name
        self.transcript = transcript
        self.task = asyncio.ensure_future(work)

    def run(self, kind: FailureKind, reason: str) -> CheckRun:
        """The check's run, Failed for this reason where it has not finished."""
        if self.task.done() and not self.task.cancelled():
            return self.task.result()
        return Failed(check=self.name, kind=kind, reason=reason, transcript=self.transcript)


async def run_checks(
    contexts: Sequence[CheckContext],
    *,
    with_dns: bool,
    otherwise: Skip | None = None,
    deadline_s: float = DIAGNOSIS_S,
    with_tls: bool = False,
    started: list[StartedCheck] | None = None,
) -> tuple[CheckRun, ...]:
    """Every check once per transcript, all at the same time; those still going at the deadline have failed.

    `otherwise` says why the checks that ask DNS do not run without `with_dns`. `with_tls`: without it too, those about
    TLS policies run where one may bind the session. `started`, which the caller owns, is given each check as it
    begins. Cancelling the task cancels what is still going.
    """
    started = [] if started is None else started
    for index, context in enumerate(contexts):
        for check in CHECKS:
            about_tls = with_tls and check.name in TLS_CHECKS and tls_policies_apply(context)
            skip = None if with_dns or about_tls else otherwise or NO_SESSION
            started.append(StartedCheck(check.name, index, _run_unless(check, context, index, skip)))
    if not started:
        return ()
    try:
        await asyncio.wait([each.task for each in started], timeout=deadline_s)
        late = f"not finished within {deadline_s:g} s"
        return tuple(each.run(FailureKind.DEADLINE, late) for each in started)
    finally:
        unfinished = [each.task for each in started if not each.task.done()]
        for task in unfinished:
            task.cancel()
        if unfinished:
            # They end at once; a check that would not is left behind.
            await asyncio.wait(unfinished, timeout=CANCEL_S)


async def _run_unless(check: Check, context: CheckContext, index: int, skip: Skip | None) -> CheckRun:
    """The check's run; where there is a reason to skip it, only if it rests on the session alone."""
    if context.transcript is not None and not context.transcript.exchanges:
        return _skipped(check, index, _NO_CONNECTION)
    if skip is not None and check.name not in SESSION_CHECKS:
        return _skipped(check, index, skip)
    return await run_one(check, context, index)


def run_session_checks(contexts: Sequence[CheckContext], otherwise: Skip) -> tuple[CheckRun, ...]:
    """The checks that rest on a transcript alone, run without an event loop; the others are skipped."""
    return tuple(
        _at_once(_run_unless(check, context, index, otherwise), check.name, index)
        for index, context in enumerate(contexts)
        for check in CHECKS
    )


def _at_once(work: Coroutine[object, object, CheckRun], name: str, index: int) -> CheckRun:
    """The result of work that waits for nothing; Failed for work that does."""
    try:
        work.send(None)
    except StopIteration as finished:
        run: CheckRun = finished.value
        return run
    work.close()
    return Failed(check=name, kind=FailureKind.INTERRUPTED, reason=INTERRUPTED, transcript=index)


async def run_one(check: Check, context: CheckContext, transcript: int | None = None) -> CheckRun:
    """One check's run. An exception of ours costs this check and nothing else."""
    try:
        skip = check.skip(context)
        if skip is not None:
            return _skipped(check, transcript, skip)
        evidence, findings = await check.run(context)
    except Exception as error:
        # The one place where a bug in a check ends: written down as such, never taken for a pass.
        reason = f"a bug of ours: {type(error).__name__}: {error}"
        return Failed(check=check.name, kind=FailureKind.INTERNAL_ERROR, reason=reason, transcript=transcript)
    return Completed(check=check.name, evidence=evidence, findings=findings, transcript=transcript)


def _skipped(check: Check, transcript: int | None, skip: Skip) -> Skipped:
    return Skipped(check=check.name, kind=skip.kind, reason=skip.reason, needs=skip.needs, transcript=transcript)


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    """The worst outcome; addresses that gave no connection count only where none did."""
    connected = [each for each in outcomes if each.phase is not Phase.CONNECT] or list(outcomes)
    return min(connected, key=lambda each: _WORST.index(each.status))


def report(
    request: Request,
    envelope: Envelope,
    transcripts: Sequence[Transcript],
    runs: tuple[CheckRun, ...],
    lookups: Sequence[DnsLookup],
    outcome: Outcome,
    started_at: datetime,
) -> Report:
    """Everything put together, with the verdicts; customers' DNSBL keys are in no field."""
    target = request.target
    port = transcripts[-1].port if transcripts else target.port
    whole = Report(
        schema_version=SCHEMA_VERSION,
        tool=Tool("smtpprobe", __version__),
        started_at=started_at,
        complete=outcome.status is not Status.INTERRUPTED and outcome.exit_code != BUG,
        target=TargetRecord(given=target.given, host=target.host, port=port, protocol=target.protocol.value),
        envelope=envelope,
        outcome=outcome,
        transcripts=tuple(transcripts),
        checks=runs,
        request=redact_request(request),
        lookups=tuple(lookups),
        verdicts=diagnose(transcripts, runs, envelope, outcome, lookups, target.host),
    )
    return redact_dnsbl_keys(whole, (*request.dnsbl_zones, *request.only_dnsbl))
