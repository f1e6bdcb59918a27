"""What the MTA-STS check says."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from smtpprobe.checks.base import NextHop, Skip, not_applicable
from smtpprobe.checks.tls.mta_sts import CHECK
from smtpprobe.model.evidence.tls import MtaStsEvidence
from smtpprobe.model.transcript import TlsFault, Transcript
from tests.checks.tls.sessions import HOP, IN_CLEAR, NOT_TRIED, REFUSED, context, failing, over_tls

ZONE = 'example.com. MX 10 mx.example.com.\n_mta-sts.example.com. TXT "v=STSv1; id=1;"\n'
ENFORCE = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n"
TESTING, NONE = ENFORCE.replace("enforce", "testing"), ENFORCE.replace("enforce", "none")
ELSEWHERE = ENFORCE.replace("mx.example.com", "*.example.net")
FINE, UNVERIFIED = over_tls(), over_tls(problems=("the certificate is self-signed",))


@pytest.mark.parametrize(
    ("transcript", "policy", "found", "satisfied"),
    [
        (FINE, ENFORCE, [], True),
        (FINE, NONE, [], None),
        (UNVERIFIED, ENFORCE, ["error mta-sts-certificate"], False),
        (UNVERIFIED, TESTING, ["warning mta-sts-certificate"], False),
        (UNVERIFIED, NONE, [], None),
        (IN_CLEAR, ENFORCE, ["error mta-sts-tls-required"], False),
        (IN_CLEAR, TESTING, ["warning mta-sts-tls-required"], False),
        (REFUSED, ENFORCE, ["error mta-sts-tls-required"], False),
        (failing(TlsFault.NO_SHARED_CIPHER), ENFORCE, ["error mta-sts-tls-required"], False),
        (FINE, ELSEWHERE, ["error mta-sts-mx-not-listed"], False),
        (FINE, ELSEWHERE.replace("enforce", "testing"), ["warning mta-sts-mx-not-listed"], False),
        (FINE, ELSEWHERE.replace("enforce", "none"), [], None),
        (FINE, ENFORCE.replace("604800", "3600"), ["notice mta-sts-max-age-short"], True),
        (FINE, ENFORCE.replace("604800", "31557601"), ["notice mta-sts-max-age-long"], True),
        (FINE, "mode: enforce", ["warning mta-sts-policy-invalid"], None),
        (FINE, None, ["warning mta-sts-policy-unreachable"], None),
    ],
)
async def test_findings(transcript: Transcript, policy: str | None, found: list[str], satisfied: bool | None) -> None:
    given = context(ZONE, transcript, policies={"example.com": policy} if policy else {})
    evidence, findings = await CHECK.run(given)
    assert [f"{finding.severity} {finding.id}" for finding in findings] == found
    assert isinstance(evidence, MtaStsEvidence)
    assert evidence.satisfied is satisfied


@pytest.mark.parametrize(
    ("zone", "found"),
    [
        ("example.com. MX 10 mx.example.com.\n", ["info mta-sts-missing"]),
        (';! TIMEOUT _mta-sts.example.com TXT\n', ["warning mta-sts-temperror"]),
        ('_mta-sts.example.com. TXT "v=STSv1 id=1"\n', ["warning mta-sts-record-invalid"]),
    ],
)  # fmt: skip
async def test_records(zone: str, found: list[str]) -> None:
    _, findings = await CHECK.run(context(zone, UNVERIFIED, policies={"example.com": ENFORCE}))
    assert [f"{finding.severity} {finding.id}" for finding in findings] == found


async def test_the_media_type_is_noticed() -> None:
    _, findings = await CHECK.run(context(ZONE, FINE, policies={"example.com": ENFORCE}, media_type="text/html"))
    assert [finding.id for finding in findings] == ["mta-sts-media-type"]


async def test_a_certificate_that_ended_the_session_is_the_certificate_s_fault() -> None:
    given = context(ZONE, failing(TlsFault.UNTRUSTED_ISSUER), HOP, {"example.com": ENFORCE})
    _, findings = await CHECK.run(given)
    assert [finding.id for finding in findings] == ["mta-sts-certificate"]


async def test_a_relay_that_is_no_mail_host_is_not_judged() -> None:
    relay = NextHop(host="relay.example.org", domain="example.com", through_mx=False)
    evidence, findings = await CHECK.run(context(ZONE, UNVERIFIED, relay, {"example.com": ENFORCE}))
    assert isinstance(evidence, MtaStsEvidence)
    assert (evidence.status, evidence.host, evidence.satisfied, findings) == ("found", None, None, ())


async def test_another_mail_host_of_the_domain_is_judged_too() -> None:
    zone = ZONE + "example.com. MX 20 backup.example.net.\n"
    evidence, findings = await CHECK.run(context(zone, FINE, policies={"example.com": ENFORCE}))
    assert [(finding.id, finding.subject) for finding in findings] == [("mta-sts-mx-not-listed", "backup.example.net")]
    assert isinstance(evidence, MtaStsEvidence)
    assert evidence.satisfied is True


async def test_alone_it_judges_the_policy_without_a_session() -> None:
    given = context(ZONE, None, "no session was held", {"example.com": ENFORCE}, domains=("example.com",))
    assert CHECK.skip(given) is None
    evidence, findings = await CHECK.run(given)
    assert isinstance(evidence, MtaStsEvidence)
    assert (evidence.status, evidence.satisfied, findings) == ("found", None, ())


@pytest.mark.parametrize(
    ("transcript", "hop", "reason"),
    [
        (NOT_TRIED, HOP, "before TLS"),
        (None, None, "no session"),
        (FINE, not_applicable("this is submission"), "submission"),
        (FINE, replace(HOP, domain=None), "forward-path"),
        (FINE, HOP, None),
    ],
)
def test_skipped(transcript: Transcript | None, hop: NextHop | Skip | None, reason: str | None) -> None:
    why = CHECK.skip(context(ZONE, transcript, hop))
    assert (why is not None and reason in why.reason) if reason else why is None
