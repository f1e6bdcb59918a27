"""One session with each address of the target: at the same time, bounded, and the login with one of them alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from smtpprobe.model.report import Completed, Report
from smtpprobe.model.request import Credentials, Request, Target, TlsOptions
from smtpprobe.model.saved import load
from smtpprobe.model.transcript import Breakage, OutcomeFault, Phase, Status
from smtpprobe.net.connection import ConnectFailure, Connection
from smtpprobe.pipeline.held import addresses
from smtpprobe.pipeline.held.addresses import AT_ONCE, MAX_SESSIONS
from smtpprobe.pipeline.probe import probe
from smtpprobe.pipeline.recorder import RunRecorder
from smtpprobe.pipeline.replay import replay
from smtpprobe.render import json as as_json
from smtpprobe.render.text.report import render
from smtpprobe.testing.certificates import server_certificate
from smtpprobe.testing.server import ScriptedServer
from smtpprobe.testing.zones import zone_resolver

ZONE = """
multi.example.com. MX 10 one.multi.example.com.
multi.example.com. MX 20 two.multi.example.com.
one.multi.example.com. A 127.0.0.1
one.multi.example.com. AAAA ::1
two.multi.example.com. A 127.0.0.2
two.multi.example.com. A 127.0.0.3
"""
HELLO = "S: 220 mx\nC: EHLO *\nS: 250 mx\n"
ACCEPTS = f"{HELLO}C: MAIL FROM:<a@example.org>\nS: 250 ok\nC: RCPT TO:<b@example.com>\nS: 250 ok\n"
ACCEPTS += "C: RSET\nS: 250 ok\nC: QUIT\nS: 221 bye"
REFUSES = f"{HELLO}C: MAIL FROM:<a@example.org>\nS: 250 ok\nC: RCPT TO:<b@example.com>\nS: 550 5.7.25 no PTR\n"
REFUSES += "C: RSET\nS: 250 ok\nC: QUIT\nS: 221 bye"
DEFERS = REFUSES.replace("550 5.7.25 no PTR", "450 4.7.1 later")


@contextlib.asynccontextmanager
async def serving(scripts: dict[str, str], **options: Any) -> AsyncIterator[int]:
    """Servers that play the scripts at these addresses of the host, all at the same port."""
    async with contextlib.AsyncExitStack() as stack:
        port = 0
        for host, script in scripts.items():
            server = ScriptedServer(script, host=host, port=port, **options)
            await stack.enter_async_context(server)
            port = server.port
        yield port


async def several(scripts: dict[str, str], *, zone: str = ZONE, literal: bool = False, **fields: Any) -> Report:
    async with serving(scripts) as port:
        host = "one.multi.example.com" if literal else "multi.example.com"
        target = Target(given=host, host=host, port=port, literal=literal)
        fields = {"mail_from": "a@example.org", "rcpt_to": ("b@example.com",), "helo": "c.example.org"} | fields
        return await probe(Request(target, **fields), resolver=zone_resolver(zone))


def ended(report: Report) -> list[tuple[str, str]]:
    return [(each.address, str(each.outcome.status)) for each in report.transcripts if each.outcome]


@pytest.mark.parametrize(
    ("fields", "literal", "expected"),
    [
        ({}, False, ["127.0.0.1"]),
        ({"all_addresses": True}, False, ["127.0.0.1", "::1"]),
        ({"all_addresses": True}, True, ["127.0.0.1", "::1"]),
        ({"all_mx": True}, False, ["127.0.0.1", "::1", "127.0.0.2", "127.0.0.3"]),
        ({"all_mx": True, "all_addresses": True}, False, ["127.0.0.1", "::1", "127.0.0.2", "127.0.0.3"]),
    ],
)
async def test_which_addresses_are_called(fields, literal, expected):
    scripts = dict.fromkeys(("127.0.0.1", "::1", "127.0.0.2", "127.0.0.3"), ACCEPTS)
    report = await several(scripts, literal=literal, **fields)
    assert ended(report) == [(address, "accepted") for address in expected]
    assert report.outcome.exit_code == 0


@pytest.mark.parametrize(
    ("scripts", "status", "code", "decides"),
    [
        ([ACCEPTS, ACCEPTS], Status.ACCEPTED, 0, None),
        ([ACCEPTS, REFUSES], Status.REFUSED, 1, 1),
        ([DEFERS, REFUSES], Status.REFUSED, 1, 1),
        ([DEFERS, ACCEPTS], Status.DEFERRED, 3, 0),
        ([REFUSES, None], Status.NO_SESSION, 4, 1),
        ([ACCEPTS, None], Status.NO_SESSION, 4, 1),
        ([None, None], Status.NO_SESSION, 4, 0),
    ],
)
async def test_the_outcome_is_that_of_the_worst_address(scripts, status, code, decides):
    zone = "one.multi.example.com. A 127.0.0.1\none.multi.example.com. A 127.0.0.2\n"
    played = {f"127.0.0.{n}": script for n, script in enumerate(scripts, start=1) if script}
    report = await several(played or {"127.0.0.9": ACCEPTS}, zone=zone, literal=True, all_addresses=True)
    assert (report.outcome.status, report.outcome.exit_code) == (status, code)
    if decides is not None:
        own = report.transcripts[decides].outcome
        assert own is not None
        assert own.status is status
        assert {each.transcript for each in report.verdicts} >= {decides}


def failing(monkeypatch: pytest.MonkeyPatch, addresses_: dict[str, Breakage]) -> None:
    """Connections to these addresses fail so."""
    original = Connection.open

    async def open_(host: str, port: int | None, **options: Any) -> Connection:
        if host in addresses_:
            raise ConnectFailure(addresses_[host], "it is so")
        return await original(host, port, **options)

    monkeypatch.setattr(Connection, "open", open_)


async def test_a_family_without_a_route_is_said_and_is_no_failure(monkeypatch):
    failing(monkeypatch, {"::1": Breakage.UNREACHABLE})
    monkeypatch.setattr("smtpprobe.pipeline.held.attempt.net.has_route", lambda address: ":" not in address)
    report = await several({"127.0.0.1": ACCEPTS}, literal=True, all_addresses=True)
    assert report.outcome.status is Status.ACCEPTED
    second = report.transcripts[1].outcome
    assert second is not None
    assert (second.status, second.fault) == (Status.NO_SESSION, OutcomeFault.NO_ROUTE)
    assert "IPv6" in (second.reason or "")


async def test_without_any_route_there_is_no_session(monkeypatch):
    failing(monkeypatch, {"::1": Breakage.UNREACHABLE, "127.0.0.1": Breakage.UNREACHABLE})
    monkeypatch.setattr("smtpprobe.pipeline.held.attempt.net.has_route", lambda address: False)
    report = await several({"127.0.0.2": ACCEPTS}, literal=True, all_addresses=True)
    assert (report.outcome.status, report.outcome.exit_code) == (Status.NO_SESSION, 4)


async def test_the_addresses_are_called_at_the_same_time_and_not_all_at_once(monkeypatch):
    zone = "\n".join(f"one.multi.example.com. A 127.0.1.{n}" for n in range(1, MAX_SESSIONS + 4))
    running, most = 0, 0
    original = addresses.Attempt.run

    async def run(self: addresses.Attempt) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        await original(self)
        running -= 1

    monkeypatch.setattr(addresses.Attempt, "run", run)
    report = await several({"127.0.0.1": ACCEPTS}, zone=zone, literal=True, all_addresses=True)
    assert most == AT_ONCE
    assert len(report.transcripts) == MAX_SESSIONS
    assert [each.address for each in report.untried] == [
        f"127.0.1.{n}" for n in range(MAX_SESSIONS + 1, MAX_SESSIONS + 4)
    ]


async def test_what_another_address_made_needless_is_in_the_report():
    report = await several({"127.0.0.1": ACCEPTS})
    assert [(each.host, each.address, each.preference) for each in report.untried] == [
        ("one.multi.example.com", "::1", 10),
        ("two.multi.example.com", "127.0.0.2", 20),
        ("two.multi.example.com", "127.0.0.3", 20),
    ]
    assert replay(report).untried == report.untried


async def test_each_session_has_a_helo_name_and_a_client_of_its_own():
    scripts = {"127.0.0.1": REFUSES, "::1": REFUSES}
    report = await several(scripts, literal=True, all_addresses=True, helo=None)
    identities = [each.identity for each in report.transcripts]
    assert [(each.client_ip, each.helo) for each in identities if each] == [
        ("127.0.0.1", "[127.0.0.1]"),
        ("::1", "[IPv6:::1]"),
    ]
    asked = {run.evidence.client_ip for run in report.checks if run.check == "iprev" and run.evidence}
    assert asked == {"127.0.0.1", "::1"}
    assert replay(report) == report


async def test_what_is_looked_up_of_each_own_address_though_all_accept():
    report = await several({"127.0.0.1": ACCEPTS, "::1": ACCEPTS}, literal=True, all_addresses=True)
    assert report.outcome.status is Status.ACCEPTED
    ran = {(run.check, run.transcript) for run in report.checks if isinstance(run, Completed)}
    assert ran >= {("iprev", 0), ("iprev", 1), ("spf", 0), ("spf", 1)}


LOGIN = """S: 220 mx
C: EHLO *
S: 250-mx
S: 250 STARTTLS
C: STARTTLS
S: 220 go
TLS
C: EHLO *
S: 250-mx
S: 250 AUTH PLAIN
C: AUTH PLAIN *
S: 235 ok
C: QUIT
S: 221 bye"""
NO_LOGIN = LOGIN.replace("C: AUTH PLAIN *\nS: 235 ok\n", "")


@pytest.mark.parametrize("first_answers", [True, False])
async def test_the_login_is_tried_at_one_address_alone(first_answers):
    certificate = server_certificate()
    scripts = {"127.0.0.1": LOGIN, "127.0.0.2": NO_LOGIN, "127.0.0.3": NO_LOGIN}
    if not first_answers:
        scripts = {"127.0.0.2": LOGIN, "127.0.0.3": NO_LOGIN}
    zone = "".join(f"one.multi.example.com. A 127.0.0.{n}\n" for n in (1, 2, 3))
    with certificate.files() as (_, _, ca_file):
        async with serving(scripts, certificate=certificate) as port:
            host = "one.multi.example.com"
            request = Request(
                Target(given=host, host=host, port=port, literal=True),
                user="u@example.org",
                quit_after=Phase.AUTH,
                tls=TlsOptions(ca_file=ca_file, name="mx.example.com"),
                all_addresses=True,
            )
            report = await probe(request, credentials=Credentials("u@example.org", "pw"), resolver=zone_resolver(zone))
    sent = [[x.sent for x in each.exchanges if x.phase is Phase.AUTH] for each in report.transcripts]
    assert [len(each) for each in sent] == ([1, 0, 0] if first_answers else [0, 1, 0])
    assert [each.address for each in report.transcripts] == ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
    assert [x.tls is not None for t in report.transcripts for x in t.exchanges if x.phase is Phase.TLS] == (
        [True] * (3 if first_answers else 2)
    )
    assert report.outcome.status is (Status.ACCEPTED if first_answers else Status.NO_SESSION)
    said = render(report)
    assert "the login was tried with one.multi.example.com [127.0.0." in said
    assert "at 3 addresses" not in said


async def test_whoever_stops_the_run_has_each_session_as_far_as_it_came():
    hangs = "S: 220 mx\nC: EHLO *\n~ 60\nS: 250 mx"
    recorder = RunRecorder()
    async with serving({"127.0.0.1": ACCEPTS, "::1": hangs}, strict=False) as port:
        target = Target(given="x", host="one.multi.example.com", port=port, literal=True)
        request = Request(target, mail_from="a@example.org", rcpt_to=("b@example.com",), all_addresses=True)
        run = probe(request, resolver=zone_resolver(ZONE), recorder=recorder)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(run, 1.0)
    report = recorder.report()
    assert ended(report) == [("127.0.0.1", "accepted"), ("::1", "interrupted")]
    assert (report.outcome.status, report.outcome.exit_code) == (Status.INTERRUPTED, 130)
    assert len(report.transcripts[1].exchanges) == 2
    assert "interrupted" in render(report)


async def test_a_report_of_several_sessions_is_read_back_as_it_was():
    report = await several({"127.0.0.1": ACCEPTS, "::1": REFUSES}, all_mx=True)
    assert load(as_json.render(report).encode()) == report
