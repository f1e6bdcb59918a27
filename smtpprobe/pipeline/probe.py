"""One run from its request to its report: what is asked, in which order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from smtpprobe.model.clock import SYSTEM_CLOCK, Clock
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.fetch import PolicyFetcher, SharedFetcher
from smtpprobe.model.names import is_ip_address
from smtpprobe.model.request import Credentials, Request
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Exchange
from smtpprobe.net.dns.client import NetworkResolver
from smtpprobe.net.resolver import RunResolver
from smtpprobe.pipeline import outcomes
from smtpprobe.pipeline import route as routes
from smtpprobe.pipeline.held import addresses
from smtpprobe.pipeline.progress import Checking, LookingUp, without_keys
from smtpprobe.pipeline.recorder import RunRecorder
from smtpprobe.pipeline.request import source_address
from smtpprobe.pipeline.request.check import checked, fit_credentials
from smtpprobe.pipeline.request.message import outgoing, with_message
from smtpprobe.pipeline.request.secret import with_told

if TYPE_CHECKING:
    from smtpprobe.model.report import Report


async def probe(
    request: Request,
    *,
    credentials: Credentials | None = None,
    resolver: Resolver | None = None,
    message_to_judge: bytes | None = None,
    message_to_send: bytes | None = None,
    observe: Callable[[Exchange], None] | None = None,
    fetcher: PolicyFetcher | None = None,
    recorder: RunRecorder | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> Report:
    """The report of one run: session, annotations, checks, verdicts.

    A refusal, a timeout or a connection that cannot be made is a result, never an exception. `credentials` are those
    of `request.user`. `message_to_judge` holds the octets of a message whose DKIM signatures, alignment and form are
    judged; it is not sent. `message_to_send` is judged as well, and sent to each forward-path that is accepted.
    `observe` is told of every finished exchange and can change nothing.

    `resolver` answers instead of the network, and `fetcher` for MTA-STS policies. Both stay open, so that several runs
    may share them; the lookups of the report are those of this run alone. Without a resolver the run opens its own, to
    `request.resolver` or the system's name servers, and knows the names of the system's hosts file too.

    Cancelling the task, in whatever way, ends the run at once: connections and sockets are closed and CancelledError
    passes through. `recorder` has the results up to then. Raises ValueError for a wrong request, naming the field, its
    value and what was expected: one that cannot be sent (RFC 5321 §4.1.1), or names a user without credentials, or asks
    for more recipients than is polite.
    """
    request, message = with_message(request, message_to_judge, message_to_send)
    request = checked(request)
    fit_credentials(request, credentials)
    request = with_told(request, credentials)
    recorder = recorder or RunRecorder()
    own_dns = (
        RunResolver(resolver.lookup, clock=clock.monotonic)
        if resolver is not None
        else NetworkResolver(request.resolver, timeout_s=request.timeout_s, clock=clock.monotonic)
    )
    async with own_dns:
        report = await run_recorded(
            request,
            recorder,
            own_dns,
            # A name server that the user names, or a resolver of the caller's, is the whole truth.
            hosts_file=resolver is None and request.resolver is None,
            credentials=credentials,
            message=message,
            observe=observe,
            fetcher=fetcher,
            clock=clock,
        )
    recorder.finish(report)
    return report


def probe_sync(
    request: Request,
    *,
    credentials: Credentials | None = None,
    resolver: Resolver | None = None,
    message_to_judge: bytes | None = None,
    message_to_send: bytes | None = None,
    observe: Callable[[Exchange], None] | None = None,
    fetcher: PolicyFetcher | None = None,
    recorder: RunRecorder | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> Report:
    """As `probe`, for a caller without an event loop: one is run for this probe and closed again.

    A `resolver` must not hold sockets of another loop. Raises RuntimeError if this thread already runs a loop,
    KeyboardInterrupt at Ctrl-C (`recorder` has the results up to then), and ValueError as `probe` does.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(
            probe(
                request,
                credentials=credentials,
                resolver=resolver,
                message_to_judge=message_to_judge,
                message_to_send=message_to_send,
                observe=observe,
                fetcher=fetcher,
                recorder=recorder,
                clock=clock,
            )
        )
    raise RuntimeError(say("probe_sync() was called while an event loop is running: use 'await probe(...)' instead"))


async def run_recorded(
    request: Request,
    recorder: RunRecorder,
    resolver: RunResolver,
    *,
    hosts_file: bool,
    credentials: Credentials | None = None,
    message: bytes | None = None,
    observe: Callable[[Exchange], None] | None = None,
    fetcher: PolicyFetcher | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> Report:
    """The report of a run over a resolver of its own, filling the recorder as it goes; the request is checked.

    `hosts_file`: a name that DNS does not know may be one that this system knows. `message`: the one of the request.
    """
    progress = without_keys(request, recorder.progress)
    started_at = clock.now()
    recorder.begin(request, resolver, started_at)
    by_name = request.target.socket is None and not is_ip_address(request.target.host)
    if progress is not None and by_name:
        progress(LookingUp(request.target.host))
    route = await routes.find(request, resolver, with_credentials=credentials is not None, hosts_file=hosts_file)
    route = source_address.reachable(source_address.of_family(route, request), request)
    recorder.envelope = envelope = await routes.envelope(request, route, resolver)
    if not route.addresses:
        return recorder.compose(outcomes.nowhere(route), ())
    await addresses.probe_addresses(
        request,
        route,
        envelope,
        credentials,
        observe,
        attempts=recorder.attempts,
        clock=clock,
        progress=progress,
        message=outgoing(request, message),
    )
    # What judges the session is imported now: until then it would only have kept the server waiting.
    from smtpprobe.checks.base import Services
    from smtpprobe.pipeline import evaluation
    from smtpprobe.pipeline.policies import policy_fetcher

    recorder.transcripts = transcripts = recorder.read_transcripts()
    recorder.untried = addresses.untried(request, route, recorder.attempts)
    ended = [each.outcome for each in transcripts if each.outcome]
    outcome = outcomes.worst(ended, every_address=request.wants_several, every_mechanism=request.try_all)
    if by_name and all(each.is_unconnected for each in transcripts):
        # An address that nothing listens at may be one that the resolver makes up.
        from smtpprobe.mailauth.dns.rewriting import rewriting

        await rewriting(resolver)
    policies = SharedFetcher(fetcher) if fetcher else policy_fetcher(request, resolver, transcripts, clock)
    services = Services(resolver=resolver, now=request.evaluation_time or started_at, fetcher=policies)
    inputs = evaluation.check_inputs(request, recorder.used_envelope(), transcripts, services, message)
    occasion = evaluation.occasion(request, outcome)
    if progress is not None:
        progress(Checking(evaluation.DIAGNOSIS_S))
    runs = await evaluation.run_checks(inputs, occasion, started=recorder.checks)
    return recorder.compose(outcome, runs)
