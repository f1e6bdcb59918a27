"""Every address that was tried is in the report: by which host and preference it was found, and how it ended."""

from __future__ import annotations

from typing import Any

import pytest

from smtpprobe.model.report import Report
from smtpprobe.model.request import Request, Target
from smtpprobe.model.transcript import Breakage, OutcomeFault, Status
from smtpprobe.net.connection import ConnectFailure, Connection
from smtpprobe.pipeline.probe import probe
from smtpprobe.testing.server import ScriptedServer
from smtpprobe.testing.zones import zone_resolver

ZONE = """
multi.example.com. MX 10 one.multi.example.com.
multi.example.com. MX 20 two.multi.example.com.
one.multi.example.com. A 192.0.2.1
two.multi.example.com. A 192.0.2.2
two.multi.example.com. A 192.0.2.3
"""
OK = "S: 220 mx\nC: QUIT\nS: 221 bye"


async def tried(
    monkeypatch: pytest.MonkeyPatch, answers: str | None, kind: Breakage, *, port: int = 25, **fields: Any
) -> Report:
    """The report of a run in which `answers` alone takes a connection, and the others fail so."""
    original = Connection.open
    async with ScriptedServer(OK) as server:

        async def open_(host: str, _: int | None, **options: Any) -> Connection:
            if host == answers:
                return await original(server.host, server.port, **options)
            raise ConnectFailure(kind, "it is so")

        monkeypatch.setattr(Connection, "open", open_)
        target = Target(given="multi.example.com", host="multi.example.com", port=port)
        return await probe(Request(target, quit_after="greeting", **fields), resolver=zone_resolver(ZONE))


async def test_host_preference_and_breakage_of_each_address(monkeypatch):
    report = await tried(monkeypatch, "192.0.2.3", Breakage.REFUSED)
    assert report.outcome.status is Status.ACCEPTED
    assert [(each.host, each.preference, each.address, each.breakage) for each in report.transcripts] == [
        ("one.multi.example.com", 10, "192.0.2.1", Breakage.REFUSED),
        ("two.multi.example.com", 20, "192.0.2.2", Breakage.REFUSED),
        ("two.multi.example.com", 20, "192.0.2.3", None),
    ]
    found = {each.subject for run in report.checks for each in run.findings if each.id == "address-unreachable"}
    assert found == {"one.multi.example.com [192.0.2.1]:25", "two.multi.example.com [192.0.2.2]:25"}
    reasons = {run.reason for run in report.checks if run.transcript == 0}
    assert reasons == {"no connection was made to one.multi.example.com [192.0.2.1]:25"}
    assert report.verdicts == ()


async def test_without_any_connection_the_addresses_have_one_verdict(monkeypatch):
    report = await tried(monkeypatch, None, Breakage.TIMED_OUT)
    assert [each.breakage for each in report.transcripts] == [Breakage.TIMED_OUT] * 3
    (verdict,) = report.verdicts
    assert verdict.causes[0].id == "connection-failed"
    assert [each.text for each in verdict.causes[0].because] == [
        each.outcome.reason for each in report.transcripts if each.outcome
    ]
    assert {each.outcome.fault for each in report.transcripts if each.outcome} == {OutcomeFault.PORT_25_BLOCKED}
    assert not [each for run in report.checks for each in run.findings]


@pytest.mark.parametrize(("answers", "blocked"), [("192.0.2.3", False), (None, True)])
async def test_a_port_on_which_another_address_answers_is_not_blocked(answers, blocked, monkeypatch):
    report = await tried(monkeypatch, answers, Breakage.TIMED_OUT)
    first = report.transcripts[0].outcome
    assert first is not None
    assert (first.fault is OutcomeFault.PORT_25_BLOCKED) is blocked
    assert ("blocks" in (first.reason or "")) is blocked


@pytest.mark.parametrize(
    ("script", "breakage"),
    [
        ("S: 220 mx\nC: EHLO *\nRESET", Breakage.RESET),
        ("S: 220 mx\nC: EHLO *\nEOF", Breakage.CLOSED_BY_PEER),
        ("EOF", Breakage.CLOSED_BY_PEER),
        ("S: 220 mx\nC: EHLO *\nS: 550 no\nC: QUIT\nS: 221 bye", None),
    ],
)
async def test_a_session_that_was_lost_says_how(script, breakage):
    async with ScriptedServer(script) as server:
        target = Target(given="x", host="127.0.0.1", port=server.port, literal=True)
        report = await probe(Request(target), resolver=zone_resolver(""))
    (transcript,) = report.transcripts
    assert (transcript.breakage, transcript.preference) == (breakage, None)
