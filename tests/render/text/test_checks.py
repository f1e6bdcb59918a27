"""One check alone, as a page."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus
from smtpprobe.model.evidence import DnsblEvidence, IprevEvidence, MxEvidence, SessionEvidence
from smtpprobe.model.evidence.dkim import DkimEvidence
from smtpprobe.model.evidence.dmarc import DmarcEvidence, DmarcPolicy
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.evidence.iprev import HeloName, HeloStatus
from smtpprobe.model.evidence.mx import MxDomain, MxHost, MxRole, MxStatus
from smtpprobe.model.evidence.spf import SpfEvidence, SpfIdentities, SpfIdentity, SpfStep
from smtpprobe.model.report import CheckReport, Evidence, Finding, RunStatus, Severity, Tool
from smtpprobe.model.words import AuthResult
from smtpprobe.render.text import checks as checks_text
from tests.render.reports import CLIENT, LISTED, NOW, zone

STEP = SpfStep(domain="example.org", term="-all", result="fail", decided=True)
MAIL = SpfIdentity(
    domain="example.org", sender="alice@example.org", result=AuthResult.FAIL, mechanism="-all", explanation="see \x1b[31mhttps://example.org/spf",
    record="v=spf1 -all", trace=(STEP,),
)  # fmt: skip
HELO = SpfIdentity(
    domain="[192.0.2.1]", sender=None, result=None, problem="[192.0.2.1] is an address literal, not a domain"
)
SPF = SpfEvidence(
    client_ip=CLIENT,
    result=AuthResult.FAIL,
    identities=SpfIdentities(HELO, MAIL),
    mechanism="-all",
    explanation=None,
    record="v=spf1 -all",
    problem=None,
    lookups_used=0,
    void_lookups_used=0,
    trace=(STEP,),
    lookups=(),
)


def page(evidence: Evidence | None, *findings: Finding, status: RunStatus = RunStatus.COMPLETED, **style: int) -> str:
    lookup = DnsLookup(
        name="example.org", type="TXT", status=DnsStatus.ANSWER, records=("v=spf1 \u202e -all",), took_s=0.0123
    )
    report = CheckReport(
        schema_version="1.0",
        tool=Tool("smtpprobe", "0"),
        started_at=NOW,
        check="check",
        status=status,
        reason=None if evidence else "why \x07",
        evidence=evidence,
        findings=findings,
        lookups=(lookup,),
    )
    return checks_text.render(report, **style)


def test_spf_with_its_trace() -> None:
    text = page(SPF)
    assert "MAIL FROM example.org: fail by -all (lookups 0 of 10)" in text
    assert "HELO: not checkable ([192.0.2.1] is an address literal, not a domain)" in text
    assert "record: v=spf1 -all" in text
    assert "» -all  fail" in text
    assert "see \\x1b[31mhttps://example.org/spf" in text


def test_dnsbl_tells_five_answers_apart() -> None:
    zones = (
        LISTED,
        zone("bl.example", DnsblStatus.NOT_LISTED),
        zone("open.example", DnsblStatus.QUERY_REFUSED, codes=("127.255.255.254",), reason="public resolver"),
        zone("dead.example", DnsblStatus.BROKEN_ZONE, reason="lists everything"),
        zone("slow.example", DnsblStatus.NO_ANSWER, reason="timed out"),
    )
    text = page(DnsblEvidence(zones, ()))
    for words in (
        "zen.example: listed (127.0.0.2): spam source",
        "bl.example: not listed",
        "open.example: query refused (127.255.255.254): public resolver",
        "dead.example: broken zone: lists everything",
        "slow.example: no answer: timed out",
    ):
        assert words in text


def test_dkim_and_dmarc() -> None:
    assert "none of the selectors tried has a key (s1, s2)" in page(
        DkimEvidence(
            domain="example.org", signatures=(), keys=(), tried=("s1", "s2"), has_domainkey_node=None, lookups=()
        )
    )
    dmarc = DmarcEvidence(
        author_domain="example.org",
        result=AuthResult.PASS,
        policy=DmarcPolicy.REJECT,
        record="v=DMARC1",
        record_domain="example.org",
        organizational_domain="example.org",
        author_domain_exists=True,
        queries=(),
        alignment=(),
        tags={},
        problem=None,
        rfc7489=None,
        lookups=(),
    )
    assert "example.org: pass, policy reject from _dmarc.example.org" in page(dmarc)


def test_a_finding_names_its_subject_once() -> None:
    text = page(
        SPF,
        Finding(
            id="a-b", severity=Severity.ERROR, subject="example.org", message="example.org fails", names_subject=True
        ),
        Finding(id="c-d", severity=Severity.INFO, subject="x", message="y"),
        Finding(id="e-f", severity=Severity.INFO, subject="in-other-words", message="it fails", names_subject=True),
        Finding(id="g-h", severity=Severity.INFO, subject="x", message="extra"),
    )
    assert "error: example.org fails [a-b]" in text
    assert "info: x: y [c-d]" in text
    # What decides is the field, never the message's words.
    assert "info: it fails [e-f]" in text
    assert "info: x: extra [g-h]" in text


@pytest.mark.parametrize("status", [RunStatus.FAILED, RunStatus.SKIPPED])
def test_a_check_that_did_not_finish(status: str) -> None:
    assert page(None, status=status) == f"check  {status}: why \\x07\n"


def test_lookups_with_v() -> None:
    assert "12.3 ms  example.org TXT: v=spf1 <U+202E> -all" in page(SPF, verbosity=1)
    assert "12.3 ms" not in page(SPF)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_width_is_kept(width: int) -> None:
    text = page(
        SPF, Finding(id="a-b", severity=Severity.ERROR, subject="s" * 200, message="m " * 200), verbosity=1, width=width
    )
    assert max(len(line) for line in text.splitlines() if "://" not in line) <= width


def test_a_listing_is_stated_once_and_first() -> None:
    listing = Finding(
        id="dnsbl-listed",
        severity=Severity.ERROR,
        subject=CLIENT,
        message=f"{CLIENT} is listed by zen.example: spam source",
        zone="zen.example",
        names_subject=True,
    )
    zones = (zone("bl.example", DnsblStatus.NOT_LISTED), LISTED)
    text = page(DnsblEvidence(zones, ()), listing)
    assert text == (
        f"error: {CLIENT} is listed by zen.example: spam source [dnsbl-listed]\n{CLIENT} in bl.example: not listed\n"
    )
    assert "zen.example: listed (127.0.0.2)" in page(DnsblEvidence(zones, ()), listing, verbosity=1)
    # What decides is the zone and the subject, never the message's words.
    for other in ({"zone": "other.example"}, {"subject": "example.org"}):
        stated_elsewhere = msgspec.structs.replace(listing, **other)
        assert "zen.example: listed" in page(DnsblEvidence(zones, ()), stated_elsewhere)
    reworded = msgspec.structs.replace(listing, message="on a list")
    assert "zen.example: listed" not in page(DnsblEvidence(zones, ()), reworded)


IPREV = IprevEvidence(
    client_ip=CLIENT,
    result=AuthResult.PERMERROR,
    names=(),
    confirmed=(),
    problem="7.100.51.198.in-addr.arpa has no PTR record",
    generic=False,
    helo=None,
    lookups=(),
)


def test_a_reason_stands_with_the_evidence_unless_a_finding_gives_it() -> None:
    missing = Finding(
        id="reverse-dns-missing",
        severity=Severity.ERROR,
        subject=CLIENT,
        message=f"no reverse DNS: {IPREV.problem}",
        states_problem=True,
    )
    assert page(IPREV).count("7.100.51.198") == 1
    assert page(IPREV, missing).count("7.100.51.198") == 1
    reworded = msgspec.structs.replace(missing, message="no name")
    assert "7.100.51.198" not in page(IPREV, reworded)
    assert "7.100.51.198" in page(IPREV, msgspec.structs.replace(reworded, states_problem=False))
    worth_knowing = msgspec.structs.replace(missing, severity=Severity.INFO)
    assert page(IPREV, worth_knowing).startswith(f"{CLIENT} → no PTR record: permerror (7.100.51.198")


def test_an_address_literal_as_helo_name_is_no_news() -> None:
    literal = msgspec.structs.replace(
        IPREV,
        helo=HeloName(
            name=f"[{CLIENT}]", status=HeloStatus.LITERAL, addresses=(CLIENT,), matches_ip=True, matches_ptr=None
        ),
    )
    assert "HELO" not in page(literal)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (MxStatus.MX, "example.org (reverse-path): MX mx.example.org"),
        (MxStatus.NOTHING, "neither MX nor address records"),
    ],
)
def test_where_mail_for_a_domain_goes(status: MxStatus, words: str) -> None:
    hosts = (MxHost(preference=10, name="mx.example.org", addresses=("192.0.2.1",)),) if status is MxStatus.MX else ()
    assert words in page(
        MxEvidence((MxDomain(domain="example.org", role=MxRole.REVERSE_PATH, status=status, hosts=hosts),), ())
    )


def test_facts_of_a_session() -> None:
    facts = {"offered": "yes", "verified": "no", "name": "mx.example.com", "x-later": "no"}
    words = "offered, certificate not verified, name mx.example.com, not x later\n"
    assert page(SessionEvidence((), facts)) == words
    facts = {"offered-in-clear": "none", "offered-over-tls": "PLAIN", "attempts": "1"}
    assert page(SessionEvidence((), facts)) == "without TLS: none, over TLS: PLAIN, attempts: 1\n"


def test_a_dmarc_record_without_a_message_fails_nobody_yet() -> None:
    alone = DmarcEvidence(
        author_domain="example.org",
        result=AuthResult.FAIL,
        policy=DmarcPolicy.REJECT,
        record="v=DMARC1",
        record_domain="example.org",
        organizational_domain="example.org",
        author_domain_exists=True,
        queries=(),
        alignment=(),
        tags={},
        problem="only the record was judged",
        rfc7489=None,
        lookups=(),
    )
    assert page(alone).startswith("example.org: fail unless SPF or DKIM passes and aligns, policy reject")
