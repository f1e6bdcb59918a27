"""Whole runs that a case cannot write down: other addresses, bugs, many addresses, NAT."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from smtpprobe.checks.base import Check
from smtpprobe.model.report import Completed, Failed, Report, Skipped
from smtpprobe.model.request import Credentials, Diagnose, Request, Target
from smtpprobe.model.transcript import Breakage, IpSource, Outcome, Phase, Status
from smtpprobe.net.connection import ConnectFailure, Connection
from smtpprobe.pipeline import conclusion, probe
from smtpprobe.testing.server import ScriptedServer
from smtpprobe.testing.zones import zone_resolver

FAR = "192.31.196.25"  # AS112's: global, and nobody's mail server
GREETING = "S: 220 mx.example.com ESMTP\n"
EHLO = "C: EHLO *\nS: 250 mx.example.com\n"
END = "C: RSET\nS: 250 Ok\nC: QUIT\nS: 221 Bye\nEOF\n"
REFUSED = f"{GREETING}{EHLO}C: MAIL *\nS: 250 Ok\nC: RCPT *\nS: 550 Denied\n{END}"
ACCEPTED = f"{GREETING}{EHLO}C: MAIL *\nS: 250 Ok\nC: RCPT *\nS: 250 Ok\n{END}"


def request(host: str, port: int, **fields: Any) -> Request:
    given = {
        "helo": "client.example.org", "mail_from": "alice@example.org", "rcpt_to": ("bob@example.com",),
        "only_dnsbl": ("zen.dnsbl.example",),
    }  # fmt: skip
    return Request(Target(f"{host}:{port}", host, port, literal=True), **{**given, **fields})


async def far_away(script: str, monkeypatch: pytest.MonkeyPatch, local: str, **fields: Any) -> Report:
    """The run against a server whose address is global, from a host whose own address is `local`."""
    original = Connection.open

    async with ScriptedServer(script) as server:

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
        assert isinstance(by_name[check], Skipped)
        assert "--client-ip" in by_name[check].reason
    asked = {lookup.name for lookup in report.lookups}
    assert not [name for name in asked if name.endswith("in-addr.arpa") or name.startswith("5.1.168.192")]
    assert any("--client-ip" in words for words in report.verdicts[0].unknown)


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
    ("script", "diagnose", "runs"),
    [
        (REFUSED, Diagnose.AUTO, True), (REFUSED, Diagnose.NEVER, False), (ACCEPTED, Diagnose.AUTO, False),
        (ACCEPTED, Diagnose.ALWAYS, True),
    ],
)  # fmt: skip
async def test_dns_is_asked_after_a_refusal_or_as_the_user_says(script, diagnose, runs):
    async with ScriptedServer(script) as server:
        report = await probe(request("127.0.0.1", server.port, diagnose=diagnose), resolver=zone_resolver(""))
    spf = next(run for run in report.checks if run.check == "spf")
    assert isinstance(spf, Completed if runs else Skipped)
    assert bool(report.lookups) is runs
    assert isinstance(next(run for run in report.checks if run.check == "starttls"), Completed)


@pytest.mark.parametrize("where", ["run", "skip"])
async def test_a_bug_in_a_check_costs_that_check_and_nothing_else(where, monkeypatch):
    async def run(context: object) -> Any:
        raise KeyError("nobody thought of this")

    def skip(context: object) -> str | None:
        if where == "skip":
            raise KeyError("nobody thought of this")
        return None

    broken = Check("broken", "", (), skip, run)
    monkeypatch.setattr(conclusion, "CHECKS", (broken, *conclusion.CHECKS))
    async with ScriptedServer(REFUSED) as server:
        report = await probe(request("127.0.0.1", server.port), resolver=zone_resolver(""))
    assert isinstance(report.checks[0], Failed)
    assert "KeyError" in report.checks[0].reason
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
    original = Connection.open
    script = (
        f"{GREETING}C: EHLO *\nS: 250-mx\nS: 250 AUTH PLAIN\nC: AUTH PLAIN *\nS: 535 5.7.8 no\nC: QUIT\nS: 221 Bye\nEOF"
    )
    async with ScriptedServer(script) as server:

        async def route(host: str, port: int | None, **options: Any) -> Connection:
            tried.append(port)
            if port == 465:
                raise ConnectFailure(Breakage.REFUSED, "Connection refused")
            return await original("127.0.0.1", server.port, **options)

        monkeypatch.setattr(Connection, "open", route)
        target = Target("mx.example.com", "mx.example.com")
        given = Request(target, helo="client.example.org", user="alice", insecure_auth=True)
        resolver = zone_resolver("mx.example.com. A 127.0.0.1")
        report = await probe(given, credentials=Credentials("alice", "secret-word"), resolver=resolver)
    assert tried == [465, 587]
    assert report.outcome.status is Status.AUTH_REFUSED
    assert len(server.sessions) == 1


def outcome(status: Status, phase: Phase | None = Phase.RCPT) -> Outcome:
    return Outcome(status, phase)


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
    assert conclusion.worst([outcome(status) for status in statuses]).status is expected


def test_an_address_without_a_connection_counts_only_where_none_had_one():
    unconnected = outcome(Status.NO_SESSION, Phase.CONNECT)
    accepted = outcome(Status.ACCEPTED, None)
    assert conclusion.worst([unconnected, accepted]).status is Status.ACCEPTED
    assert conclusion.worst([unconnected, unconnected]).phase is Phase.CONNECT


async def test_the_report_of_a_run_loads_again():
    async with ScriptedServer(REFUSED) as server:
        report = await probe(request("127.0.0.1", server.port), resolver=zone_resolver(""))
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report


async def test_without_a_name_the_helo_is_the_address_literal(monkeypatch):
    monkeypatch.setattr("smtpprobe.pipeline.route.socket.gethostname", lambda: "laptop")
    async with ScriptedServer(REFUSED.replace("C: EHLO *", "C: EHLO [127.0.0.1]")) as server:
        report = await probe(request("127.0.0.1", server.port, helo=None), resolver=zone_resolver(""))
    assert (report.envelope.helo.value, report.envelope.helo.assumed) == ("[127.0.0.1]", True)
