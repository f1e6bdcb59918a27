"""The target's other mail hosts: those that gave no connection are told, whatever became of the session."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.checks.base import CheckInput, CheckOptions, Services, SessionView
from smtpprobe.checks.mail_hosts import CHECK
from smtpprobe.model.evidence import MxEvidence
from smtpprobe.model.report import Completed, Severity, SkipKind, Skipped
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.model.transcript import Breakage
from smtpprobe.pipeline.evaluation import run_one
from smtpprobe.testing.zones import zone_resolver
from tests.finding_cases.mail_hosts import ADDRESSLESS, DOWN, HELD, HOP, ZONE
from tests.finding_cases.row import NOW


async def told(zone: str = ZONE, **session):
    given = {"transcript": HELD, "next_hop": HOP, **session}
    view = SessionView(envelope=Envelope(Assumed("client.example.org"), None), **given)
    async with zone_resolver(zone) as resolver:
        return await run_one(
            CHECK, CheckInput(session=view, options=CheckOptions(), services=Services(resolver=resolver, now=NOW))
        )


@pytest.mark.parametrize(
    ("breakage", "severity", "words"),
    [
        (Breakage.REFUSED, Severity.WARNING, "the connection was refused"),
        (Breakage.TIMED_OUT, Severity.WARNING, "there was no answer in time"),
        (Breakage.RESET, Severity.WARNING, "the connection was dropped at once"),
        (Breakage.UNREACHABLE, Severity.NOTICE, "there is no route to it from here"),
        (Breakage.LOCAL, Severity.NOTICE, "no connection came about"),
        (None, Severity.NOTICE, "no connection came about"),
    ],
)
async def test_an_address_that_gave_no_connection_is_told_with_host_preference_and_reason(breakage, severity, words):
    run = await told(unreached=(msgspec.structs.replace(DOWN, breakage=breakage),))
    assert isinstance(run, Completed)
    (finding,) = run.findings
    assert (finding.id, finding.severity, finding.subject) == (
        "address-unreachable",
        severity,
        "one.example.com [192.0.2.1]:25",
    )
    assert finding.message == f"one.example.com [192.0.2.1]:25 (MX 10 of example.com) does not answer: {words}"


async def test_the_hosts_of_the_domain_are_the_evidence_and_one_without_address_a_finding():
    run = await told(ADDRESSLESS)
    assert isinstance(run, Completed)
    assert isinstance(run.evidence, MxEvidence)
    (domain,) = run.evidence.domains
    assert [(host.preference, host.name) for host in domain.hosts] == [
        (10, "one.example.com"), (20, "two.example.com"), (30, "three.example.com")
    ]  # fmt: skip
    assert [each.message for each in run.findings] == [
        "MX 30 of example.com has no address: three.example.com has no address record"
    ]


async def test_without_mx_an_address_that_was_tried_is_told_all_the_same():
    held = msgspec.structs.replace(HELD, preference=None)
    run = await told(transcript=held, unreached=(msgspec.structs.replace(DOWN, preference=None),))
    assert isinstance(run, Completed)
    assert run.evidence is None
    assert [each.message for each in run.findings] == [
        "one.example.com [192.0.2.1]:25 does not answer: the connection was refused"
    ]


async def test_one_address_alone_is_no_matter():
    run = await told(transcript=msgspec.structs.replace(HELD, preference=None))
    assert isinstance(run, Skipped)
    assert run.kind is SkipKind.NOT_APPLICABLE
