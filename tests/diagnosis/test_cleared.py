"""What a verdict says was checked and is fine, and what could not be checked."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.model.evidence.dnsbl import DnsblEvidence, DnsblStatus
from smtpprobe.model.report import Failed, Skipped, Unchecked
from smtpprobe.model.transcript import Exchange, Phase, TlsSession
from smtpprobe.model.words import AuthResult
from tests.diagnosis.assess.test_confidence import FAIL, LISTED, NONE, PASS, POLICY, REVERSE, SPF, TEMP
from tests.diagnosis.evidence import IP, ZONE, dmarc, iprev, listed, spf, verdict

UNKNOWN_USER = "550 5.1.1 no such user"
DMARC = "550 5.7.1 Rejected by the DMARC policy of example.org"
BROKEN_LIST = "broken, or not to be used through this resolver"
NOT_LISTED, BROKEN, REFUSED, SILENT = (
    DnsblStatus.NOT_LISTED,
    DnsblStatus.BROKEN_ZONE,
    DnsblStatus.QUERY_REFUSED,
    DnsblStatus.NO_ANSWER,
)


def zones(*each: DnsblEvidence) -> DnsblEvidence:
    return DnsblEvidence(tuple(zone for evidence in each for zone in evidence.zones), ())


def handshake(*, verified: bool) -> Exchange:
    tls = TlsSession(version="TLSv1.3", cipher=None, bits=None, name="mx", sni=None, chain=(), verified=verified)
    return Exchange(index=1, phase=Phase.TLS, sent=None, tls=tls)


@pytest.mark.parametrize(
    ("reply", "evidence", "cleared"),
    [
        (UNKNOWN_USER, listed(NOT_LISTED), (f"{IP} is not on the list asked",)),
        (
            UNKNOWN_USER,
            zones(listed(NOT_LISTED), listed(NOT_LISTED, zone="b.example"), listed(NOT_LISTED, zone="c.example")),
            (f"{IP} is not on any of the 3 lists asked",),
        ),
        (
            UNKNOWN_USER,
            zones(listed(NOT_LISTED, subject="example.org"), listed(NOT_LISTED), listed(SILENT, zone="b.example")),
            (f"{IP} is not on the list asked",),
        ),
        (UNKNOWN_USER, listed(NOT_LISTED, subject="example.org"), ()),
        (UNKNOWN_USER, listed(NOT_LISTED, kind="allow"), ()),
        (UNKNOWN_USER, zones(listed(NOT_LISTED), listed(zone="b.example")), ()),
        (UNKNOWN_USER, zones(listed(NOT_LISTED), listed(zone="b.example", kind="allow")), (f"{IP} is not on the list asked",)),
        (UNKNOWN_USER, listed(SILENT), ()),
        (LISTED, listed(NOT_LISTED), ()),
        (UNKNOWN_USER, spf(PASS), ("SPF passes",)),
        (UNKNOWN_USER, spf(NONE), ()),
        (SPF, spf(PASS), ()),
        (UNKNOWN_USER, iprev(PASS), ("reverse DNS matches",)),
        (UNKNOWN_USER, iprev(FAIL), ()),
        (REVERSE, iprev(PASS), ()),
    ],
)  # fmt: skip
def test_what_is_fine_is_cleared(reply, evidence, cleared):
    assert verdict(reply, evidence).cleared == cleared


@pytest.mark.parametrize(("verified", "cleared"), [(True, ("the certificate is fine",)), (False, ())])
def test_a_certificate_that_verifies_is_cleared(verified, cleared):
    assert verdict(UNKNOWN_USER, before=(handshake(verified=verified),)).cleared == cleared


@pytest.mark.parametrize("check", ["dnsbl", "spf", "dkim", "dmarc", "iprev", "mx"])
def test_a_check_that_gave_no_evidence_is_named_with_its_run(check):
    skipped = Skipped(check=check, reason="the client IP is not known", needs="client_ip", transcript=0)
    failed = Failed(check=check, reason="internal error", transcript=0)
    for number, run in enumerate((skipped, failed)):
        given = (spf(PASS), run) if check != "spf" else (iprev(PASS), run)
        needs = "client_ip" if number == 0 else None
        assert verdict(UNKNOWN_USER, *given).unknown == (
            Unchecked(subject=check, reason=run.reason, run=1, needs=needs),
        )


@pytest.mark.parametrize(
    ("reply", "phase", "evidence", "unchecked"),
    [
        (POLICY, Phase.RCPT, listed(SILENT), [(ZONE, "no answer")]),
        (POLICY, Phase.RCPT, listed(REFUSED), [(ZONE, "the query was refused")]),
        (POLICY, Phase.RCPT, listed(BROKEN), [(ZONE, BROKEN_LIST)]),
        (POLICY, Phase.RCPT, listed(NOT_LISTED), []),
        (LISTED, Phase.RCPT, listed(BROKEN), []),
        (LISTED, Phase.RCPT, listed(SILENT), [(ZONE, "no answer")]),
        (LISTED, Phase.RCPT, zones(listed(BROKEN), listed(BROKEN, zone="b.example")), [("b.example", BROKEN_LIST)]),
        (POLICY, Phase.RCPT, zones(listed(SILENT), listed(SILENT, subject="example.org")), [(ZONE, "no answer")]),
        (UNKNOWN_USER, Phase.RCPT, listed(SILENT), []),
        (POLICY, Phase.RCPT, listed(SILENT, subject="example.org"), [(ZONE, "no answer")]),
        (LISTED, Phase.RCPT, listed(SILENT, subject="example.org"), []),
        (REVERSE, Phase.RCPT, listed(SILENT), []),
        (DMARC, Phase.RCPT, listed(SILENT, subject="example.org"), []),
        (LISTED, Phase.AUTH, listed(SILENT), []),
        (POLICY, Phase.RCPT, spf(TEMP), [("spf", "temperror")]),
        (POLICY, Phase.RCPT, dmarc(TEMP), [("dmarc", "temperror")]),
        (POLICY, Phase.RCPT, iprev(TEMP), [("iprev", "temperror")]),
        (POLICY, Phase.RCPT, spf(AuthResult.NEUTRAL), []),
    ],
)
def test_what_a_check_could_not_tell_is_named(reply, phase, evidence, unchecked):
    found = verdict(reply, evidence, phase=phase).unknown
    assert found == tuple(Unchecked(subject=subject, reason=reason) for subject, reason in unchecked)


def test_lists_of_addresses_are_not_asked_without_an_address():
    found = verdict(POLICY, listed(NOT_LISTED, subject="example.org"), client_ip=None)
    reason = "only domains were asked about: the client IP is not known"
    assert found.unknown == (Unchecked(subject="dnsbl", reason=reason, needs="client_ip"),)
    local = verdict(POLICY, listed(NOT_LISTED, subject="example.org"), client_ip="127.0.0.1")
    reason = "only domains were asked about: 127.0.0.1 is not a global address, and lists hold only global ones"
    assert local.unknown == (Unchecked(subject="dnsbl", reason=reason, needs="client_ip"),)
    assert verdict(POLICY, listed(NOT_LISTED), client_ip=None).unknown == ()
    assert verdict(UNKNOWN_USER, listed(NOT_LISTED, subject="example.org"), client_ip=None).unknown == ()


def test_every_kind_is_told_in_one_verdict():
    blamed = verdict(POLICY, spf(FAIL), iprev(PASS), listed(NOT_LISTED), before=(handshake(verified=True),))
    assert blamed.cleared == (f"{IP} is not on the list asked", "reverse DNS matches", "the certificate is fine")
    later = msgspec.structs.replace(handshake(verified=False), index=2)
    assert verdict(POLICY, before=(handshake(verified=True), later)).cleared == ("the certificate is fine",)


@pytest.mark.parametrize(
    ("bearing", "told"),
    [
        ({"spf": Bearing(Phase.EHLO), "size": Bearing(Phase.MAIL)}, ["spf", "size"]),
        ({"spf": Bearing(Phase.EHLO), "size": Bearing()}, ["spf"]),
        ({}, []),
    ],
)
def test_only_a_check_that_can_explain_a_refusal_leaves_something_open(bearing, told):
    runs = tuple(Skipped(check=check, reason="not wanted", transcript=0) for check in ("spf", "size"))
    found = verdict(UNKNOWN_USER, *runs, bearing=bearing).unknown
    assert [each.subject for each in found] == told
