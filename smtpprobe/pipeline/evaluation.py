"""The right half of the picture: a transcript annotated, checked, diagnosed, and put into a report. No SMTP here."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import datetime

import msgspec

from smtpprobe import __version__
from smtpprobe.catalogue.reference.annotate import annotated
from smtpprobe.checks import registry
from smtpprobe.checks.base import (
    NO_MESSAGE,
    Check,
    CheckInput,
    CheckOptions,
    NamedZone,
    Services,
    SessionView,
    Skip,
    not_applicable,
)
from smtpprobe.checks.registry import Registered, Trigger
from smtpprobe.identity import identify, told_client
from smtpprobe.model.dns.lookup import DnsLookup
from smtpprobe.model.report import (
    SCHEMA_VERSION,
    CheckRun,
    Completed,
    Failed,
    FailureKind,
    Login,
    Report,
    SkipKind,
    Skipped,
    TargetRecord,
    Tool,
    Untried,
    Verdict,
)
from smtpprobe.model.request import Diagnose, Envelope, Request
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import (
    Identity,
    IpSource,
    Outcome,
    OutcomeFault,
    Status,
    Transcript,
)
from smtpprobe.pipeline.keys import redact_dnsbl_keys, redact_request, servers_zones
from smtpprobe.pipeline.next_hop import next_hop, tls_policies_apply
from smtpprobe.pipeline.outcomes import internal_error

TOOL = Tool("smtpprobe", __version__)
DIAGNOSIS_S, CANCEL_S = 30.0, 0.5
INTERRUPTED = mark("interrupted")  # the reason, in words


def read(transcript: Transcript, request: Request, envelope: Envelope) -> Transcript:
    """The transcript with annotations, the server recognised, and who the server thinks we are."""
    exchanges, server = annotated(transcript.exchanges, request.target.host)
    helo = transcript.identity.helo if transcript.identity is not None else envelope.helo.value or None
    return msgspec.structs.replace(
        transcript,
        exchanges=exchanges,
        server=server,
        identity=identify(transcript, helo, request.client_ip, told_client(request, exchanges)),
    )


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """What has come about, and what the user wants: which checks run depends on it.

    `refused`: something was, or the user wants every check. `no_dns` says why nothing may be looked up, None where it
    may; `not_triggered` why a check does not run for which nothing has come about.
    """

    refused: bool
    no_dns: Skip | None = None
    not_triggered: Skip = Skip(SkipKind.NOT_ASKED, mark("nothing was refused"))


_INTERRUPTED = Skip(SkipKind.INTERRUPTED, INTERRUPTED)
EVERY_CHECK = Occasion(refused=True)
CUT_SHORT = Occasion(refused=False, no_dns=_INTERRUPTED, not_triggered=_INTERRUPTED)


def occasion(request: Request, outcome: Outcome) -> Occasion:
    """The occasion that the outcome of the sessions and the request give."""
    refused = outcome.status in (Status.REFUSED, Status.DEFERRED, Status.AUTH_REFUSED)
    never = Skip(SkipKind.NOT_ASKED, say("switched off")) if request.diagnose is Diagnose.NEVER else None
    # Who names a message or a key wants to know of it.
    asked = request.diagnose is Diagnose.ALWAYS or request.message_given is not None or bool(request.dkim_selectors)
    # What differs between addresses may be what is known of each of ours.
    asked = asked or request.wants_several
    return Occasion(refused=refused or asked, no_dns=never)


def why_not_run(check: Registered, session: SessionView, occasion: Occasion) -> Skip | None:
    """Why the check does not run on this occasion; None where it does."""
    if session.transcript is not None and not session.transcript.exchanges:
        return not_applicable(say("no connection was made to {peer}", peer=session.transcript.peer))
    if check.needs_dns and occasion.no_dns is not None:
        return occasion.no_dns
    if occasion.refused or check.trigger is Trigger.ALWAYS:
        return None
    return None if check.trigger is Trigger.TLS_TROUBLE and tls_policies_apply(session) else occasion.not_triggered


def check_inputs(
    request: Request,
    envelope: Envelope,
    transcripts: Sequence[Transcript],
    services: Services,
    message: bytes | None = None,
) -> list[CheckInput]:
    """What the checks of each transcript may know."""
    unreached = tuple(each for each in transcripts if not each.exchanges)
    return [
        check_input(request, envelope, each, services, message, unreached if each.exchanges else ())
        for each in transcripts
    ]


def check_input(
    request: Request,
    envelope: Envelope,
    transcript: Transcript,
    services: Services,
    message: bytes | None,
    unreached: tuple[Transcript, ...] = (),
) -> CheckInput:
    """What the checks of one transcript may know."""
    identity = transcript.identity or Identity(client_ip=None, client_ip_source=IpSource.UNKNOWN, helo=None)
    return CheckInput(
        session=SessionView(
            envelope=envelope.as_used(identity.helo),
            transcript=transcript,
            client_ip=identity.client_ip,
            client_ip_given=request.client_ip is not None,
            login=request.login,
            named_zones=_named_zones(transcript),
            next_hop=next_hop(request, envelope, transcript),
            unreached=unreached,
        ),
        options=CheckOptions(
            dnsbl_zones=request.dnsbl_zones,
            only_dnsbl=request.only_dnsbl,
            dkim_selectors=request.dkim_selectors,
            message=message,
            message_is_sent=request.message_to_send is not None,
            expiry_days=request.tls.expiry_days,
        ),
        services=services,
    )


def _named_zones(transcript: Transcript) -> tuple[NamedZone, ...]:
    """The DNSBL zones that rejections name, with what they say is listed there."""
    if not transcript.negative:
        return ()
    from smtpprobe.catalogue.explainer.explain import explain

    named = []
    for exchange in transcript.negative:
        assert exchange.reply is not None
        text, provider = exchange.reply.raw.decode("utf-8", "replace"), transcript.server.provider
        said = explain(text, phase=exchange.phase, provider=provider, code=exchange.reply.code)
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
    inputs: Sequence[CheckInput],
    occasion: Occasion,
    *,
    deadline_s: float = DIAGNOSIS_S,
    started: list[StartedCheck] | None = None,
) -> tuple[CheckRun, ...]:
    """Every check once per transcript, all at the same time; those still going at the deadline have failed.

    `started`, which the caller owns, is given each check as it begins. Cancelling the task cancels what is still going.
    """
    started = [] if started is None else started
    for index, given in enumerate(inputs):
        for check in registry.CHECKS:
            started.append(StartedCheck(check.name, index, _run_or_skip(check, given, index, occasion)))
    if not started:
        return ()
    try:
        await asyncio.wait([each.task for each in started], timeout=deadline_s)
        return tuple(each.run(FailureKind.DEADLINE, _late(deadline_s)) for each in started)
    finally:
        unfinished = [each.task for each in started if not each.task.done()]
        for task in unfinished:
            task.cancel()
        if unfinished:
            # They end at once; a check that would not is left behind.
            await asyncio.wait(unfinished, timeout=CANCEL_S)


async def run_alone(check: Check, check_input: CheckInput, *, deadline_s: float, ends: float) -> CheckRun:
    """As `run_one`; Failed if the check has not finished when the loop's clock says `ends`, `deadline_s` after its start."""
    try:
        async with asyncio.timeout_at(ends):
            return await run_one(check, check_input)
    except TimeoutError:
        return Failed(check=check.name, kind=FailureKind.DEADLINE, reason=_late(deadline_s))


def _late(deadline_s: float) -> str:
    return say("not finished within {deadline_s} s", deadline_s=format(deadline_s, "g"))


async def _run_or_skip(check: Registered, given: CheckInput, index: int, occasion: Occasion) -> CheckRun:
    skip = why_not_run(check, given.session, occasion)
    if skip is None and check.needs_message and given.options.message is None:
        skip = NO_MESSAGE
    return await run_one(check.load(), given, index) if skip is None else _skipped(check.name, index, skip)


def run_after_interruption(inputs: Sequence[CheckInput]) -> tuple[CheckRun, ...]:
    """The checks that rest on a transcript alone, run without an event loop; the others are skipped."""
    return tuple(
        _at_once(_run_or_skip(check, given, index, CUT_SHORT), check.name, index)
        for index, given in enumerate(inputs)
        for check in registry.CHECKS
    )


def _at_once(work: Coroutine[object, object, CheckRun], name: str, index: int) -> CheckRun:
    """The result of work that waits for nothing; Failed for work that does."""
    try:
        work.send(None)
    except StopIteration as finished:
        run: CheckRun = finished.value
        return run
    work.close()
    return Failed(check=name, kind=FailureKind.INTERRUPTED, reason=say(INTERRUPTED), transcript=index)


async def run_one(check: Check, check_input: CheckInput, transcript: int | None = None) -> CheckRun:
    """One check's run. An internal error costs this check and nothing else."""
    try:
        skip = check.skip(check_input)
        if skip is not None:
            return _skipped(check.name, transcript, skip)
        evidence, findings = await check.run(check_input)
    except Exception as error:
        # The one place where a bug in a check ends: written down as such, never taken for a pass.
        why = internal_error(error)
        return Failed(check=check.name, kind=FailureKind.INTERNAL_ERROR, reason=why, transcript=transcript)
    return Completed(check=check.name, evidence=evidence, findings=findings, transcript=transcript)


def _skipped(check: str, transcript: int | None, skip: Skip) -> Skipped:
    return Skipped(check=check, kind=skip.kind, reason=say(skip.reason), needs=skip.needs, transcript=transcript)


def report(
    request: Request,
    *,
    envelope: Envelope,
    transcripts: Sequence[Transcript],
    runs: tuple[CheckRun, ...],
    lookups: Sequence[DnsLookup],
    outcome: Outcome,
    started_at: datetime,
    untried: tuple[Untried, ...] = (),
) -> Report:
    """Everything put together, with the verdicts; customers' DNSBL keys are in no field."""
    target = request.target
    port = transcripts[-1].port if transcripts else target.port
    found = _verdicts(request, envelope, transcripts, runs, lookups, outcome)
    whole = Report(
        schema_version=SCHEMA_VERSION,
        tool=TOOL,
        started_at=started_at,
        complete=outcome.status is not Status.INTERRUPTED and outcome.fault is not OutcomeFault.INTERNAL_ERROR,
        target=TargetRecord(given=target.given, host=target.host, port=port, protocol=target.protocol),
        envelope=envelope,
        outcome=outcome,
        transcripts=tuple(transcripts),
        checks=runs,
        request=redact_request(request),
        lookups=tuple(lookups),
        verdicts=found,
        login=_login(transcripts, found, outcome) if request.user else None,
        untried=untried,
    )
    said = servers_zones(exchange for transcript in transcripts for exchange in transcript.exchanges)
    return redact_dnsbl_keys(whole, (*request.dnsbl_zones, *request.only_dnsbl, *said))


def _login(transcripts: Sequence[Transcript], found: Sequence[Verdict], outcome: Outcome) -> Login:
    from smtpprobe.diagnosis.login import login

    return login(transcripts, found, outcome)


def _verdicts(
    request: Request,
    envelope: Envelope,
    transcripts: Sequence[Transcript],
    runs: tuple[CheckRun, ...],
    lookups: Sequence[DnsLookup],
    outcome: Outcome,
) -> tuple[Verdict, ...]:
    """What is diagnosed; nothing is, and nothing imported for it, where all went well."""
    accepted = all(
        each is not None and each.status is Status.ACCEPTED for each in (outcome, *(t.outcome for t in transcripts))
    )
    if accepted and not any(transcript.negative for transcript in transcripts):
        return ()
    from smtpprobe.diagnosis.diagnose import diagnose

    return diagnose(
        transcripts,
        runs,
        envelope,
        outcome,
        lookups=lookups,
        host=request.target.host,
        bearing={check.name: check.bears_on for check in registry.checks()},
        login=request.login,
    )
