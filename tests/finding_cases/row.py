"""A row of a table of findings, and the one place that runs a check on a row's input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from smtpprobe.checks.base import (
    NO_SESSION,
    Check,
    CheckInput,
    CheckOptions,
    NamedZone,
    NextHop,
    Services,
    SessionView,
    Skip,
)
from smtpprobe.checks.spf import OF_RECORD
from smtpprobe.model.dns.lookup import DnsLookup, Question
from smtpprobe.model.fetch import FetchStatus, PolicyFetch, RecordedFetcher, policy_url
from smtpprobe.model.login.secret import LoginRecord
from smtpprobe.model.report import CheckRun, Completed, Finding
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.model.transcript import Transcript
from smtpprobe.net.resolver import RunResolver
from smtpprobe.net.zone import ZoneAnswerer
from smtpprobe.pipeline.evaluation import run_one
from smtpprobe.testing.cases import Case, CaseRequest, Expect, ExpectOutcome, run_case

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass(frozen=True)
class Given:
    """What a check is run on by itself: master-file text, who sends, and what the user gives.

    `answers` go before the zone, for what no master file can hold. `servers` are the zones of single name servers by
    address. `transcript` and `next_hop` are what a session left.
    Without a client IP, SPF is that of a record by itself.
    """

    zone: str = ""
    answers: tuple[DnsLookup, ...] = ()
    servers: Mapping[str, str] = field(default_factory=dict)
    client_ip: str | None = "192.0.2.1"
    helo: str = "mail.example.org"
    reverse_path: str = "alice@example.org"
    forward_paths: tuple[str, ...] = ()
    message: bytes | None = None
    message_is_sent: bool = False
    domains: tuple[str, ...] = ()
    dkim_selectors: tuple[str, ...] = ()
    all_nameservers: bool = False
    dnsbl: str | None = None  # the one zone to ask
    named_dnsbl: str | None = None  # the zone that a reply names
    transcript: Transcript | None = None
    next_hop: NextHop | Skip = NO_SESSION
    unreached: tuple[Transcript, ...] = ()
    login: LoginRecord | None = None
    policies: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "text/plain"


@dataclass(frozen=True)
class Played:
    """A session that a check is run on, in the notation of `session.smtp`. It expects nothing of the other checks."""

    session: str
    request: CaseRequest = field(default_factory=CaseRequest)


@dataclass(frozen=True)
class Row:
    """One finding. `shown` must show it; `near` differs in what matters, and shows exactly `instead`."""

    id: str
    shown: Given | Played
    near: Given | Played
    instead: tuple[str, ...] = ()


async def found(check: Check, given: Given | Played) -> tuple[str, ...]:
    """The ids of what the check finds, in order. Raises AssertionError where the check did not run to its end."""
    return tuple(finding.id for finding in await findings(check, given))


async def findings(check: Check, given: Given | Played) -> tuple[Finding, ...]:
    """What the check finds, in order. Raises AssertionError where the check did not run to its end."""
    run = await _played(check, given) if isinstance(given, Played) else await _alone(check, given)
    assert isinstance(run, Completed), run
    return run.findings


async def _alone(check: Check, given: Given) -> CheckRun:
    if check.name == OF_RECORD.name and given.client_ip is None and given.domains:
        check = OF_RECORD
    zones = {server: ZoneAnswerer(text + "\n") for server, text in given.servers.items()}
    published = ZoneAnswerer(given.zone + "\n")
    answers = {Question(each.name, each.type): each for each in given.answers}

    async def answer(question: Question) -> DnsLookup:
        if question in answers:
            return answers[question]
        return await zones.get(question.server or "", published).answer(question)

    fetched = {
        domain: PolicyFetch(
            url=policy_url(domain), status=FetchStatus.OK, body=text, http_status=200, media_type=given.media_type
        )
        for domain, text in given.policies.items()
    }
    resolver = RunResolver(answer)
    session = SessionView(
        envelope=Envelope(
            Assumed(given.helo), Assumed(given.reverse_path), tuple(Assumed(path) for path in given.forward_paths)
        ),
        transcript=given.transcript,
        client_ip=given.client_ip,
        login=given.login,
        named_zones=(NamedZone(given.named_dnsbl, given.client_ip),) if given.named_dnsbl else (),
        next_hop=given.next_hop,
        unreached=given.unreached,
    )
    options = CheckOptions(
        only_dnsbl=(given.dnsbl,) if given.dnsbl else (),
        domains=given.domains,
        dkim_selectors=given.dkim_selectors,
        message=given.message,
        message_is_sent=given.message_is_sent,
        all_nameservers=given.all_nameservers,
    )
    services = Services(resolver=resolver, now=NOW, fetcher=RecordedFetcher(fetched))
    try:
        return await run_one(check, CheckInput(session=session, options=options, services=services))
    finally:
        await resolver.aclose()


async def _played(check: Check, given: Played) -> CheckRun:
    zone = "mx.example.com. A 127.0.0.1\n"
    case = Case(
        slug="row",
        about="",
        session=given.session,
        others={},
        zone=zone,
        request=given.request,
        message=None,
        expect=Expect(outcome=ExpectOutcome(status="", exit_code=0)),
    )
    report = await run_case(case)
    return next(run for run in report.checks if run.check == check.name)
