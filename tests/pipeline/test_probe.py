"""Whole runs that a case cannot write down: other addresses, bugs, many addresses, NAT."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from smtpprobe.checks import registry
from smtpprobe.checks.base import Check, Skip
from smtpprobe.model.report import Completed, Failed, FailureKind, Report, SkipKind, Skipped
from smtpprobe.model.request import Assumed, Credentials, Diagnose, Envelope, Request, Target, TlsOptions, TlsPolicy
from smtpprobe.model.transcript import Breakage, IpSource, Outcome, Phase, Status
from smtpprobe.net.connection import ConnectFailure, Connection
from smtpprobe.pipeline import evaluation, outcomes
from smtpprobe.pipeline.held.addresses import CONNECT_S
from smtpprobe.pipeline.probe import probe
from smtpprobe.testing.aiosmtpd_server import AiosmtpdServer, Behaviour
from smtpprobe.testing.zones import zone_resolver
from tests.checks.inputs import check_input
from tests.checks.planted import planted

FAR = "192.31.196.25"  # AS112's: global, and nobody's mail server
REFUSED = Behaviour(replies={Phase.RCPT: "550 Denied"}, starttls=False)
ACCEPTED = Behaviour(starttls=False)


def request(host: str, port: int, **fields: Any) -> Request:
    given = {
        "helo": "client.example.org", "mail_from": "alice@example.org", "rcpt_to": ("bob@example.com",),
        "only_dnsbl": ("zen.dnsbl.example",),
    }  # fmt: skip
    return Request(target=Target(given=f"{host}:{port}", host=host, port=port, literal=True), **{**given, **fields})


async def far_away(behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch, local: str, **fields: Any) -> Report:
    """The run against a server whose address is global, from a host whose own address is `local`."""
    original = Connection.open

    async with AiosmtpdServer(behaviour) as server:

        async def open_near(host: str, port: int | None, **options: Any) -> Connection:
            assert host == FAR
            return await original("127.0.0.1", port, **options)

        monkeypatch.setattr(Connection, "open", open_near)
        monkeypatch.setattr(Connection, "local_address", local)
        return await probe(request(FAR, server.port, **fields), resolver=zone_resolver(""))


async def test_behind_nat_the_checks_that_need_the_address_are_skipped_and_say_what_to_give(monkeypatch):
    report = await far_away(REFUSED, monkeypatch, "192.168.1.5")
    identity = report.transcripts[0].identity
    assert identity is not None
    assert (identity.client_ip, identity.client_ip_source) == (None, IpSource.UNKNOWN)
    by_name = {run.check: run for run in report.checks}
    for check in ("spf", "iprev"):
        run = by_name[check]
        assert isinstance(run, Skipped)
        assert (run.kind, run.needs) == (SkipKind.INPUT_MISSING, "client_ip")
    asked = {lookup.name for lookup in report.lookups}
    assert not [name for name in asked if name.endswith("in-addr.arpa") or name.startswith("5.1.168.192")]
    for check in ("dnsbl", "spf", "iprev"):
        assert any(each.subject == check and each.needs == "client_ip" for each in report.verdicts[0].unknown)


async def test_a_given_address_is_checked_behind_nat(monkeypatch):
    report = await far_away(REFUSED, monkeypatch, "192.168.1.5", client_ip="198.51.100.7")
    by_name = {run.check: run for run in report.checks}
    assert isinstance(by_name["spf"], Completed)
    assert isinstance(by_name["iprev"], Completed)
    assert "7.100.51.198.zen.dnsbl.example" in {lookup.name for lookup in report.lookups}


async def test_a_global_socket_address_needs_no_option(monkeypatch):
    report = await far_away(REFUSED, monkeypatch, "192.31.196.7")
    assert report.transcripts[0].identity.client_ip_source is IpSource.SOCKET
    assert "7.196.31.192.zen.dnsbl.example" in {lookup.name for lookup in report.lookups}


@pytest.mark.parametrize(
    ("behaviour", "diagnose", "runs"),
    [
        (REFUSED, Diagnose.AUTO, True), (REFUSED, Diagnose.NEVER, False), (ACCEPTED, Diagnose.AUTO, False),
        (ACCEPTED, Diagnose.ALWAYS, True),
    ],
)  # fmt: skip
async def test_dns_is_asked_after_a_refusal_or_as_the_user_says(behaviour, diagnose, runs):
    async with AiosmtpdServer(behaviour) as server:
        report = await probe(request("127.0.0.1", server.port, diagnose=diagnose), resolver=zone_resolver(""))
    spf = next(run for run in report.checks if run.check == "spf")
    assert isinstance(spf, Completed if runs else Skipped)
    assert bool(report.lookups) is runs
    assert isinstance(next(run for run in report.checks if run.check == "starttls"), Completed)


@pytest.mark.parametrize("where", ["run", "skip"])
async def test_a_bug_in_a_check_costs_that_check_and_nothing_else(where, monkeypatch):
    async def run(context: object) -> Any:
        raise KeyError("nobody thought of this")

    def skip(context: object) -> Skip | None:
        if where == "skip":
            raise KeyError("nobody thought of this")
        return None

    broken = Check(name="broken", about="", findings=(), skip=skip, run=run)
    monkeypatch.setattr(registry, "CHECKS", (planted(broken), *registry.CHECKS))
    async with AiosmtpdServer(REFUSED) as server:
        report = await probe(request("127.0.0.1", server.port), resolver=zone_resolver(""))
    assert isinstance(report.checks[0], Failed)
    assert "internal error in pipeline/evaluation.py, line " in report.checks[0].reason
    assert isinstance(report.checks[1], Completed)
    assert report.outcome.status is Status.REFUSED


async def test_at_most_four_addresses_are_tried_and_one_that_answers_ends_it(monkeypatch):
    tried: list[str] = []

    async def refuse(host: str, port: int | None, **options: Any) -> Connection:
        tried.append(host)
        raise ConnectFailure(Breakage.REFUSED, "Connection refused")

    monkeypatch.setattr(Connection, "open", refuse)
    zone = "".join(f"many.example.com. A 192.0.2.{number}\n" for number in range(1, 9))
    report = await probe(request("many.example.com", 25), resolver=zone_resolver(zone))
    assert len(tried) == 4
    assert (report.outcome.status, report.outcome.phase) == (Status.NO_SESSION, Phase.CONNECT)
    assert len(report.transcripts) == 4


async def test_credentials_go_to_the_second_port_only_without_a_connection_to_the_first(monkeypatch):
    tried: list[int | None] = []
    patience: list[float] = []
    original = Connection.open
    async with AiosmtpdServer(Behaviour(auth_in_clear=True, starttls=False)) as server:

        async def route(host: str, port: int | None, **options: Any) -> Connection:
            tried.append(port)
            patience.append(options["timeout_s"])
            if port == 465:
                raise ConnectFailure(Breakage.REFUSED, "Connection refused")
            return await original("127.0.0.1", server.port, **options)

        monkeypatch.setattr(Connection, "open", route)
        target = Target(given="mx.example.com", host="mx.example.com")
        given = Request(target=target, helo="client.example.org", user="alice", mech="PLAIN", insecure_auth=True)
        resolver = zone_resolver("mx.example.com. A 127.0.0.1")
        report = await probe(given, credentials=Credentials("alice", "secret-word"), resolver=resolver)
    assert tried == [465, 587]
    assert patience == [CONNECT_S, CONNECT_S]
    assert report.outcome.status is Status.AUTH_REFUSED
    assert [line.split(" ")[0] for line in server.heard] == ["EHLO", "AUTH", "QUIT"]


def outcome(status: Status, phase: Phase | None = Phase.RCPT) -> Outcome:
    return Outcome(status=status, phase=phase)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([Status.ACCEPTED, Status.REFUSED], Status.REFUSED),
        ([Status.DEFERRED, Status.REFUSED], Status.REFUSED),
        ([Status.REFUSED, Status.AUTH_REFUSED], Status.AUTH_REFUSED),
        ([Status.AUTH_REFUSED, Status.NO_SESSION], Status.NO_SESSION),
        ([Status.NO_SESSION, Status.INTERRUPTED], Status.INTERRUPTED),
        ([Status.DEFERRED, Status.ACCEPTED], Status.DEFERRED),
    ],
)
def test_the_worst_outcome_is_the_runs(statuses, expected):
    assert outcomes.worst([outcome(status) for status in statuses]).status is expected


def test_an_address_without_a_connection_counts_only_where_none_had_one():
    unconnected = outcome(Status.NO_SESSION, Phase.CONNECT)
    accepted = outcome(Status.ACCEPTED, None)
    assert outcomes.worst([unconnected, accepted]).status is Status.ACCEPTED
    assert outcomes.worst([unconnected, unconnected]).phase is Phase.CONNECT


async def test_the_report_of_a_run_loads_again():
    async with AiosmtpdServer(REFUSED) as server:
        report = await probe(request("127.0.0.1", server.port), resolver=zone_resolver(""))
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report


async def test_without_a_name_the_helo_is_the_address_literal(monkeypatch):
    monkeypatch.setattr("smtpprobe.pipeline.route.socket.gethostname", lambda: "laptop")
    async with AiosmtpdServer(REFUSED) as server:
        report = await probe(request("127.0.0.1", server.port, helo=None), resolver=zone_resolver(""))
    assert server.heard[0] == "EHLO [127.0.0.1]"
    assert (report.envelope.helo.value, report.envelope.helo.assumed) == ("[127.0.0.1]", True)


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ({"mail_from": ""}, 2),
        ({"mail_from": None}, 2),
        ({"mail_from": None, "user": "alice"}, 2),
        ({"mail_from": None, "user": "alice@example.org"}, 5),
        ({"mail_from": "alice@example.org"}, 5),
    ],
)
async def test_more_recipients_than_are_polite_are_not_tried(fields, limit):
    paths = tuple(f"r{number}@example.com" for number in range(limit + 1))
    login = Credentials(fields["user"], "secret-word") if "user" in fields else None
    with pytest.raises(ValueError, match=f"{limit + 1} forward-paths: at most {limit} are polite"):
        await probe(request("192.0.2.1", 25, rcpt_to=paths, **fields), credentials=login, resolver=zone_resolver(""))
    polite = request("nosuch.example.com", 25, rcpt_to=paths[:limit], **fields)
    forced = request("nosuch.example.com", 25, rcpt_to=paths, force=True, **fields)
    for each in (polite, forced):
        report = await probe(each, credentials=login, resolver=zone_resolver(""))
        assert report.outcome.phase is Phase.DNS


@pytest.mark.parametrize("fields", [{"helo": "a\r\nMAIL"}, {"mail_from": "a@b\n"}, {"rcpt_to": ("<x>@example.com",)}])
async def test_what_cannot_be_sent_is_the_callers_fault(fields):
    with pytest.raises(ValueError):
        await probe(request("192.0.2.1", 25, **fields), resolver=zone_resolver(""))


async def test_a_bug_in_a_session_costs_nothing_of_what_was_said(monkeypatch):
    def broken(*_: object) -> Any:
        raise KeyError("nobody thought of secret-word")

    monkeypatch.setattr("smtpprobe.wire.dialogue.session.ehlo.extensions", broken)
    async with AiosmtpdServer(ACCEPTED) as server:
        given = request("127.0.0.1", server.port, user="alice", mech="PLAIN", insecure_auth=True)
        report = await probe(given, credentials=Credentials("alice", "secret-word"), resolver=zone_resolver(""))
    assert (report.outcome.status, report.outcome.exit_code, report.complete) == (Status.NO_SESSION, 70, False)
    assert "internal error in " in (report.outcome.reason or "")
    assert "secret-word" not in (report.outcome.reason or "")
    assert [each.reply.code for each in report.transcripts[0].exchanges if each.reply] == [220, 250]


@pytest.mark.parametrize("policy", [TlsPolicy.AUTO, TlsPolicy.REQUIRE, TlsPolicy.IMPLICIT])
async def test_a_port_for_implicit_tls_meets_the_requirement_of_tls(policy):
    async with AiosmtpdServer(replace(REFUSED, implicit_tls=True)) as server:
        given = request("127.0.0.1", server.port, tls=TlsOptions(policy=policy))
        given = msgspec.structs.replace(given, target=msgspec.structs.replace(given.target, implicit_tls=True))
        report = await probe(given, resolver=zone_resolver(""))
    assert report.outcome.reply_code == 550
    assert report.transcripts[0].exchanges[0].tls is not None


async def test_a_certificate_file_that_goes_away_is_our_sides_fault(monkeypatch):
    monkeypatch.setattr("smtpprobe.pipeline.request.check._files", lambda options: None)
    async with AiosmtpdServer(replace(REFUSED, implicit_tls=True)) as server:
        options = TlsOptions(policy=TlsPolicy.IMPLICIT, ca_file="nosuch.pem")
        report = await probe(request("127.0.0.1", server.port, tls=options), resolver=zone_resolver(""))
    assert (report.outcome.status, report.outcome.phase) == (Status.NO_SESSION, Phase.TLS)
    assert report.transcripts[0].exchanges[0].breakage is Breakage.LOCAL


async def test_a_check_that_hangs_has_failed_at_the_deadline_and_is_ended():
    ended = asyncio.Event()

    async def run(context: object) -> Any:
        try:
            await asyncio.Future()
        finally:
            ended.set()

    hanging = Check(name="hanging", about="", findings=(), skip=lambda given: None, run=run)
    resolver = zone_resolver("")
    envelope = Envelope(Assumed("client.example.org"), None)
    given = check_input(resolver=resolver, now=datetime.now(UTC), envelope=envelope)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "CHECKS", (planted(hanging),))
        runs = await evaluation.run_checks([given], evaluation.EVERY_CHECK, deadline_s=0.01)
    assert ended.is_set()
    assert runs == (
        Failed(check="hanging", kind=FailureKind.DEADLINE, reason="not finished within 0.01 s", transcript=0),
    )
