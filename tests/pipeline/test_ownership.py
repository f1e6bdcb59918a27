"""Who opens closes: what a run shares with others stays open, and what it reports is its own."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime
from typing import Any

import dns.rcode
import pytest

from smtpprobe.model.clock import Clock
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.evidence.tls import MtaStsEvidence
from smtpprobe.model.fetch import FetchStatus, PolicyFetch, policy_url
from smtpprobe.model.report import Report
from smtpprobe.model.request import Credentials, Request, Target, TlsOptions, TlsPolicy
from smtpprobe.model.transcript import Phase, Status
from smtpprobe.net.dns import client as dns_client
from smtpprobe.net.dns.client import NetworkResolver
from smtpprobe.net.https_policy import HttpsPolicyFetcher
from smtpprobe.net.resolver import RunResolver
from smtpprobe.net.zone import read_assumption
from smtpprobe.pipeline.assumption import probe_assuming
from smtpprobe.pipeline.probe import probe, probe_sync
from smtpprobe.testing.server import ScriptedServer
from smtpprobe.testing.zones import zone_resolver
from tests.net.name_server import NameServer, answers

REFUSED = """S: 220 mx.example.com ESMTP
C: EHLO *
S: 250 mx.example.com
C: MAIL *
S: 250 2.1.0 Ok
C: RCPT *
S: 550 5.7.1 Rejected by policy
C: RSET
S: 250 Ok
C: QUIT
S: 221 2.0.0 Bye
"""
ASSUMED = 'example.org. TXT "v=spf1 -all"\n'


def request(host: str, port: int, **fields: Any) -> Request:
    given = {
        "helo": "client.example.org", "mail_from": "alice@example.org", "rcpt_to": ("bob@example.com",),
        "client_ip": "198.51.100.7", "only_dnsbl": ("zen.dnsbl.example",),
    }  # fmt: skip
    return Request(target=Target(given=f"{host}:{port}", host=host, port=port, literal=True), **{**given, **fields})


def asked(report: Report) -> set[str]:
    return {lookup.name for lookup in report.lookups}


async def test_runs_that_share_a_resolver_share_its_answers_and_not_their_lists() -> None:
    questions: list[Question] = []

    async def answer(question: Question) -> DnsLookup:
        questions.append(question)
        await asyncio.sleep(0)
        return DnsLookup(name=question.name, type=question.type, status=DnsStatus.NXDOMAIN)

    shared = RunResolver(answer)
    async with ScriptedServer(REFUSED) as server:
        first = await probe(request("127.0.0.1", server.port), resolver=shared)
        second = await probe(request("127.0.0.1", server.port, mail_from="carol@example.net"), resolver=shared)
    assert len(questions) == len(set(questions))
    assert "example.org" in asked(first)
    assert "example.net" in asked(second)
    assert "example.org" not in asked(second)
    assert "7.100.51.198.in-addr.arpa" in asked(first) & asked(second)
    for report in (first, second):
        assert [lookup.index for lookup in report.lookups] == list(range(len(report.lookups)))
        for run in report.checks:
            indexes = getattr(run.evidence, "lookups", ())
            assert all(0 <= index < len(report.lookups) for index in indexes)


async def test_runs_at_the_same_time_ask_a_question_once() -> None:
    questions: list[Question] = []

    async def answer(question: Question) -> DnsLookup:
        questions.append(question)
        await asyncio.sleep(0)
        return DnsLookup(name=question.name, type=question.type, status=DnsStatus.NXDOMAIN)

    shared = RunResolver(answer)
    async with ScriptedServer(REFUSED) as server:
        given = request("127.0.0.1", server.port)
        first, second = await asyncio.gather(probe(given, resolver=shared), probe(given, resolver=shared))
    assert len(questions) == len(set(questions))
    assert asked(first) == asked(second)


async def test_what_the_caller_opened_is_not_closed() -> None:
    closed: list[str] = []

    class Own(RunResolver):
        async def aclose(self) -> None:
            closed.append("resolver")
            await super().aclose()

    async def answer(question: Question) -> DnsLookup:
        return DnsLookup(name=question.name, type=question.type, status=DnsStatus.NXDOMAIN)

    shared = Own(answer)
    patient = asyncio.Event()

    async def prefetch() -> None:
        await patient.wait()

    shared.ahead(prefetch())
    async with ScriptedServer(REFUSED) as server:
        await probe(request("127.0.0.1", server.port), resolver=shared)
    assert closed == []
    assert (await shared.lookup(Question("late.example.com", "A"))).status is DnsStatus.NXDOMAIN
    patient.set()
    async with shared:
        pass
    assert closed == ["resolver"]


async def test_a_fetcher_may_be_the_callers() -> None:
    class Fetcher:
        async def fetch(self, domain: str) -> PolicyFetch:
            raise AssertionError(f"nothing was to be fetched: {domain}")

    async with ScriptedServer(REFUSED) as server:
        report = await probe(request("127.0.0.1", server.port), resolver=zone_resolver(""), fetcher=Fetcher())
    assert report.outcome.status is Status.REFUSED


STS_ZONE = """
mx.example.com. A 127.0.0.1
example.com. MX 10 mx.example.com.
_mta-sts.example.com. TXT "v=STSv1; id=1"
mta-sts.example.com. A 127.0.0.1
"""


class Elsewhere:
    """A fetcher whose lookups stand in the list of another run."""

    async def fetch(self, domain: str) -> PolicyFetch:
        return PolicyFetch(url=policy_url(domain), status=FetchStatus.HTTP_STATUS, http_status=404, lookups=(0, 9999))


async def shared_fetcher() -> HttpsPolicyFetcher:
    """A fetcher over the network whose resolver has a longer list than a run's, and which nobody listens to."""
    resolver = zone_resolver(STS_ZONE)
    for number in range(200):
        await resolver.lookup(Question(f"earlier-{number}.example.net", "A"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return HttpsPolicyFetcher(resolver, port=taken.getsockname()[1], private=True)


@pytest.mark.parametrize("over_the_network", [False, True])
async def test_a_fetcher_that_is_shared_brings_no_place_in_another_runs_list(over_the_network: bool) -> None:
    fetcher = await shared_fetcher() if over_the_network else Elsewhere()
    async with ScriptedServer(REFUSED) as server:
        given = request("mx.example.com", server.port)
        report = await probe(given, resolver=zone_resolver(STS_ZONE), fetcher=fetcher)
    (evidence,) = [run.evidence for run in report.checks if isinstance(run.evidence, MtaStsEvidence)]
    assert evidence.fetch is not None
    assert evidence.fetch.status is not FetchStatus.NOT_RECORDED
    names = {"_mta-sts.example.com", "example.com", "mta-sts.example.com"}
    for indexes in (evidence.lookups, evidence.fetch.lookups):
        assert [index for index in indexes if index >= len(report.lookups)] == []
        assert {report.lookups[index].name for index in indexes} <= names


async def test_a_resolver_over_the_network_can_be_shared_and_closes_its_sockets() -> None:
    async with NameServer(answers(rcode=dns.rcode.NXDOMAIN)) as names, ScriptedServer(REFUSED) as server:
        host, port = names.server
        async with NetworkResolver(f"{host}:{port}") as shared:
            for _ in range(2):
                report = await probe(request("127.0.0.1", server.port), resolver=shared)
                assert "example.org" in asked(report)
            questions = [str(query.question[0]) for query in names.asked]
            assert len(questions) == len(set(questions))
        assert shared._answerer._channels._channels == {}


def test_a_server_that_is_none_is_the_callers_fault() -> None:
    with pytest.raises(ValueError, match="is not a name server"):
        NetworkResolver("dns.example.com")


@pytest.mark.parametrize("assumption", [None, ASSUMED])
@pytest.mark.parametrize("own_dns", [False, True])
async def test_the_hosts_file_is_read_where_the_systems_dns_is_asked_whatever_is_assumed(
    monkeypatch: pytest.MonkeyPatch, assumption: str | None, own_dns: bool
) -> None:
    loop = asyncio.get_running_loop()

    async def hosts_file(host: str, *_: object, **__: object) -> list[Any]:
        assert host == "known.example.com"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    async with NameServer(answers(rcode=dns.rcode.NXDOMAIN)) as names, ScriptedServer(REFUSED) as server:
        host, port = names.server
        monkeypatch.setattr(dns_client, "system_servers", lambda: [names.server])
        monkeypatch.setattr(loop, "getaddrinfo", hosts_file)
        given = request("known.example.com", server.port, resolver=f"{host}:{port}" if own_dns else None)
        if assumption is None:
            report = await probe(given)
        else:
            report, _ = await probe_assuming(given, read_assumption(assumption))
    if own_dns:
        assert (report.outcome.status, report.outcome.phase) == (Status.NO_SESSION, Phase.DNS)
    else:
        assert report.outcome.status is Status.REFUSED


async def test_the_assumed_report_has_the_same_session_and_the_same_list_of_lookups() -> None:
    async with NameServer(answers(rcode=dns.rcode.NXDOMAIN)) as names, ScriptedServer(REFUSED) as server:
        host, port = names.server
        given = request("127.0.0.1", server.port, resolver=f"{host}:{port}")
        published, again = await probe_assuming(given, read_assumption(ASSUMED))
        assert len(server.sessions) == 1
    assert published.transcripts == again.transcripts
    assert again.lookups[: len(published.lookups)] == published.lookups


async def test_the_clock_of_a_run_is_the_one_that_it_is_given() -> None:
    long_ago = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    seconds = iter(range(100000))
    clock = Clock(now=lambda: long_ago, monotonic=lambda: float(next(seconds)))
    async with ScriptedServer(f"TLS\n{REFUSED}") as server:
        assert server.certificate is not None
        with server.certificate.files() as (_, _, ca_file):
            options = TlsOptions(policy=TlsPolicy.IMPLICIT, ca_file=ca_file, name="127.0.0.1")
            report = await probe(
                request("127.0.0.1", server.port, tls=options), resolver=zone_resolver(""), clock=clock
            )
    (transcript,) = report.transcripts
    assert (report.started_at, transcript.started_at) == (long_ago, long_ago)
    tls = transcript.exchanges[0].tls
    assert tls is not None
    assert any("not valid before" in problem for problem in tls.problems)
    for exchange in transcript.exchanges[1:]:
        assert exchange.last_octet_s is not None
        assert exchange.last_octet_s == int(exchange.last_octet_s) > 0
    assert all(lookup.took_s == int(lookup.took_s) > 0 for lookup in report.lookups)


def test_without_a_loop_there_is_probe_sync() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        report = probe_sync(request("127.0.0.1", taken.getsockname()[1]))
    assert (report.outcome.status, report.outcome.phase) == (Status.NO_SESSION, Phase.CONNECT)


def test_probe_sync_takes_a_resolver() -> None:
    report = probe_sync(request("nosuch.example.com", 25), resolver=zone_resolver(""))
    assert (report.outcome.status, report.outcome.phase) == (Status.NO_SESSION, Phase.DNS)
    assert [lookup.name for lookup in report.lookups] == ["nosuch.example.com"] * 2


def test_probe_sync_raises_for_a_request_that_cannot_be_sent() -> None:
    with pytest.raises(ValueError):
        probe_sync(request("192.0.2.1", 25, helo="a\r\nMAIL"), credentials=Credentials("alice", "a-secret"))


async def test_probe_sync_says_so_where_a_loop_runs() -> None:
    with pytest.raises(RuntimeError, match="await probe"):
        probe_sync(request("192.0.2.1", 25))
