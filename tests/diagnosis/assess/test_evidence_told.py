"""What a verdict says that its first cause rests on: which evidence, in which words, by which check, with which confidence."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.evidence.spf import SpfEvidence, SpfIdentities
from smtpprobe.model.report import BecauseKind, Confidence, Skipped
from smtpprobe.model.request import Assumed
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult
from tests.diagnosis.assess.test_confidence import (
    DMARC,
    FAIL,
    HELO,
    LISTED,
    NONE,
    PASS,
    PERM,
    POLICY,
    REVERSE,
    SENDER,
    SPF,
    TEMP,
)
from tests.diagnosis.evidence import ENVELOPE, IP, ZONE, dkim, dmarc, iprev, listed, mx, spf, verdict

NEUTRAL, SOFTFAIL = AuthResult.NEUTRAL, AuthResult.SOFTFAIL
DKIM = "550 5.7.20 No passing DKIM signature"
UNNAMED = "550 5.7.1 Unauthenticated mail is not accepted"
RECIPIENT_DOMAIN = "550 5.1.2 <bob@example.com>: Recipient address rejected: Domain not found"
LISTED_DOMAIN = "554 5.7.1 Service unavailable; Sender address [{}] blocked using dbl.example"
CLEAR = "530 5.7.0 Must issue a STARTTLS command first"
FAILS = f"SPF for example.org (MAIL FROM) from {IP}: fail, the term -all decided"
NOT_QUALIFIED = "504 5.5.2 <client.example.org>: Helo command rejected: need fully-qualified hostname"
BEFORE = Skipped(check="session", reason="not wanted")  # so that the evidence is the second run's

AT_RCPT = {
    Phase.GREETING: "answered at RCPT, it is about the client's address, known since the connection",
    Phase.EHLO: "answered at RCPT, it is about the HELO name, known since EHLO",
    Phase.MAIL: "answered at RCPT, it is about the reverse-path, known since MAIL FROM",
}


def of_mailfrom(result: AuthResult, **changes: object) -> SpfEvidence:
    """SPF evidence with these fields of the MAIL FROM identity changed."""
    evidence = spf(result)
    mailfrom = msgspec.structs.replace(evidence.identities.mailfrom, **changes)
    return msgspec.structs.replace(evidence, identities=SpfIdentities(evidence.identities.helo, mailfrom))


def changed(evidence, **changes):
    return msgspec.structs.replace(evidence, **changes)


# The reply, the evidence, the phase, the confidence, and the texts; none where the reply alone is what it rests on.
TOLD = [
    (SPF, spf(FAIL), Phase.RCPT, "confirmed", (FAILS,)),
    (
        SPF,
        of_mailfrom(PERM, problem="two records"),
        Phase.RCPT,
        "confirmed",
        (f"SPF for example.org (MAIL FROM) from {IP}: permerror, two records",),
    ),
    (
        SPF,
        of_mailfrom(FAIL, mechanism=None),
        Phase.RCPT,
        "confirmed",
        (f"SPF for example.org (MAIL FROM) from {IP}: fail",),
    ),
    (SPF, spf(PASS, FAIL), Phase.RCPT, "confirmed", (f"SPF for client.example.org (HELO) from {IP}: fail",)),
    (
        SPF,
        spf(PASS),
        Phase.RCPT,
        "contradicted",
        (f"SPF for example.org (MAIL FROM) from {IP}: pass, the term -all decided",),
    ),
    (
        "550 5.7.23 SPF did not pass for example.org",
        of_mailfrom(NONE, mechanism=None),
        Phase.RCPT,
        "confirmed",
        (f"SPF for example.org (MAIL FROM) from {IP}: none",),
    ),
    (
        "550 5.7.23 SPF failed to pass",
        of_mailfrom(NEUTRAL, mechanism="?all"),
        Phase.RCPT,
        "confirmed",
        (f"SPF for example.org (MAIL FROM) from {IP}: neutral, the term ?all decided",),
    ),
    (
        "550 5.7.23 SPF soft fail",
        of_mailfrom(NONE, mechanism=None),
        Phase.RCPT,
        "stated",
        (f"SPF for example.org (MAIL FROM) from {IP}: none",),
    ),
    (
        "550 5.7.24 SPF error",
        of_mailfrom(NEUTRAL, mechanism=None),
        Phase.RCPT,
        "stated",
        (f"SPF for example.org (MAIL FROM) from {IP}: neutral",),
    ),
    (
        "450 4.7.24 SPF temporary error",
        of_mailfrom(TEMP, mechanism=None, problem="a timeout"),
        Phase.RCPT,
        "confirmed",
        (f"SPF for example.org (MAIL FROM) from {IP}: temperror, a timeout",),
    ),
    (
        "550 5.7.24 SPF temporary error",
        of_mailfrom(TEMP, mechanism=None, problem="a timeout"),
        Phase.RCPT,
        "stated",
        (f"SPF for example.org (MAIL FROM) from {IP}: temperror, a timeout",),
    ),
    ("550 5.7.24 no", spf(FAIL), Phase.RCPT, "confirmed", (FAILS,)),
    (DKIM, dkim(FAIL), Phase.MESSAGE, "confirmed", ("DKIM signature of d0.example.org: fail, reason 0",)),
    (
        DKIM,
        dkim(FAIL, PERM, FAIL),
        Phase.MESSAGE,
        "confirmed",
        (
            "DKIM signature of d0.example.org: fail, reason 0",
            "DKIM signature of d1.example.org: permerror, reason 1",
        ),
    ),
    (DKIM, dkim(FAIL, PASS), Phase.MESSAGE, "contradicted", ("the DKIM signature of d1.example.org verifies",)),
    (
        DKIM,
        dkim(PASS, PASS, PASS),
        Phase.MESSAGE,
        "contradicted",
        tuple(f"the DKIM signature of d{number}.example.org verifies" for number in (0, 1)),
    ),
    (DKIM, dkim(), Phase.MESSAGE, "stated", ()),
    (
        "550 5.7.21 no",
        dkim(FAIL),
        Phase.MESSAGE,
        "confirmed",
        ("DKIM signature of d0.example.org: fail, reason 0",),
    ),
    (
        "550 5.7.22 no",
        dkim(FAIL),
        Phase.MESSAGE,
        "confirmed",
        ("DKIM signature of d0.example.org: fail, reason 0",),
    ),
    # A number that only looks like DKIM's: its subject is another.
    ("550 5.1.29 unauthenticated mail", spf(FAIL), Phase.MAIL, "confirmed", (FAILS,)),
    (DMARC, dmarc(FAIL), Phase.MESSAGE, "confirmed", ("DMARC for example.org: fail, policy reject",)),
    (DMARC, dmarc(PASS), Phase.MESSAGE, "contradicted", ("DMARC for example.org: pass, policy reject",)),
    (
        DMARC,
        changed(dmarc(NONE), policy=None),
        Phase.MESSAGE,
        "stated",
        ("DMARC for example.org: none, policy none published",),
    ),
    (UNNAMED, dkim(FAIL), Phase.MESSAGE, "confirmed", ("DKIM signature of d0.example.org: fail, reason 0",)),
    (UNNAMED, dkim(FAIL), Phase.DATA, "stated", ()),
    (UNNAMED, spf(FAIL), Phase.MESSAGE, "confirmed", (FAILS,)),
    (UNNAMED, spf(FAIL), Phase.MAIL, "confirmed", (FAILS,)),
    (UNNAMED, spf(FAIL), Phase.DATA, "confirmed", (FAILS,)),
    (UNNAMED, spf(PASS), Phase.MESSAGE, "stated", ()),
    ("550 5.7.1 Unauthenticated mail, see xdkim", spf(FAIL), Phase.MAIL, "confirmed", (FAILS,)),
    (REVERSE, iprev(PERM), Phase.RCPT, "confirmed", (f"reverse DNS of {IP}: no name (it does not lead back)",)),
    (
        REVERSE,
        changed(iprev(FAIL), names=("a.example.org", "b.example.org", "c.example.org"), problem=None),
        Phase.RCPT,
        "confirmed",
        (f"reverse DNS of {IP}: a.example.org, b.example.org",),
    ),
    (REVERSE, iprev(PASS), Phase.RCPT, "contradicted", (f"reverse DNS of {IP}: client.example.org",)),
    (
        "550 5.7.25 Client host rejected: generic reverse DNS name",
        iprev(PASS),
        Phase.RCPT,
        "stated",
        (f"reverse DNS of {IP}: client.example.org",),
    ),
    (REVERSE, iprev(PASS, generic=True), Phase.RCPT, "confirmed", (f"reverse DNS of {IP}: client.example.org",)),
    (
        REVERSE.replace("550 5", "450 4"),
        iprev(TEMP),
        Phase.RCPT,
        "confirmed",
        (f"reverse DNS of {IP}: client.example.org (it does not lead back)",),
    ),
    (
        REVERSE,
        iprev(TEMP),
        Phase.RCPT,
        "stated",
        (f"reverse DNS of {IP}: client.example.org (it does not lead back)",),
    ),
    (
        HELO,
        iprev(PASS, helo="nxdomain"),
        Phase.RCPT,
        "confirmed",
        ("the HELO name client.example.org has no address (nxdomain)",),
    ),
    (
        HELO,
        iprev(PASS, helo="nodata"),
        Phase.RCPT,
        "confirmed",
        ("the HELO name client.example.org has no address (nodata)",),
    ),
    (
        HELO,
        changed(iprev(PASS), helo=changed(iprev(PASS).helo, addresses=("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"))),
        Phase.RCPT,
        "contradicted",
        ("the HELO name client.example.org resolves to 192.0.2.1, 192.0.2.2, 192.0.2.3",),
    ),
    (HELO, changed(iprev(PASS), helo=None), Phase.RCPT, "stated", ()),
    (HELO.replace("Host not found", "Access denied"), iprev(PASS, helo="nxdomain"), Phase.RCPT, "stated",
     ("the HELO name client.example.org has no address",)),
    (HELO.replace("Host not found", "Access denied"), iprev(PASS), Phase.RCPT, "stated", ()),
    (NOT_QUALIFIED, iprev(PASS), Phase.RCPT, "stated", ()),
    (SENDER, mx("nxdomain"), Phase.RCPT, "confirmed", ("example.org does not exist in DNS",)),
    (SENDER, mx("nothing"), Phase.RCPT, "confirmed", ("example.org has neither MX nor address records",)),
    (SENDER, mx("null-mx"), Phase.RCPT, "confirmed", ("example.org publishes a null MX: it accepts no mail",)),
    (
        SENDER.replace("550 5", "450 4"),
        mx("temperror"),
        Phase.RCPT,
        "confirmed",
        ("example.org could not be looked up here either",),
    ),
    (SENDER, mx("temperror"), Phase.RCPT, "stated", ()),
    (
        SENDER,
        mx("mx", "reverse-path", "no-address", "address-literal"),
        Phase.RCPT,
        "confirmed",
        ("mail hosts of example.org: mx0.example.org: no-address; mx1.example.org: address-literal",),
    ),
    (
        SENDER,
        mx("mx", "reverse-path", "private-address"),
        Phase.RCPT,
        "confirmed",
        ("mail hosts of example.org: mx0.example.org: private-address",),
    ),
    (
        SENDER,
        mx("mx", "reverse-path", "no-address", "temperror"),
        Phase.RCPT,
        "stated",
        ("mail hosts of example.org: mx0.example.org: no-address; mx1.example.org: temperror",),
    ),
    (
        SENDER,
        mx("mx", "reverse-path", "no-address", None, "cname", None, None),
        Phase.RCPT,
        "contradicted",
        ("example.org accepts mail at mx1.example.org, mx2.example.org, mx3.example.org",),
    ),
    (SENDER, mx("nxdomain", "forward-path"), Phase.RCPT, "stated", ()),
    (
        SENDER,
        changed(mx("nxdomain"), domains=(changed(mx("nxdomain").domains[0], domain="example.net"),)),
        Phase.RCPT,
        "stated",
        (),
    ),
    (RECIPIENT_DOMAIN, mx("nxdomain", "forward-path"), Phase.RCPT, "confirmed", ("example.com does not exist in DNS",)),
    (RECIPIENT_DOMAIN, mx("mx", "forward-path"), Phase.RCPT, "contradicted", ("example.com accepts mail at mx0.example.com",)),
    (LISTED, listed(), Phase.RCPT, "confirmed", (f"{ZONE} lists {IP} (127.0.0.2)",)),
    (LISTED.replace(ZONE, ZONE.upper() + "."), listed(), Phase.RCPT, "confirmed", (f"{ZONE} lists {IP} (127.0.0.2)",)),
    (
        LISTED,
        changed(listed(), zones=(changed(listed().zones[0], meanings=("in other words",)),)),
        Phase.RCPT,
        "confirmed",
        (f"{ZONE} lists {IP} (127.0.0.2)",),
    ),
    (LISTED, listed(text="see the page"), Phase.RCPT, "confirmed", (f"{ZONE} lists {IP} (127.0.0.2): see the page",)),
    (
        LISTED,
        listed(codes=("127.0.0.2", "127.0.0.4"), meanings=("spam", "spam", "bots"), text="see the page"),
        Phase.RCPT,
        "confirmed",
        (f"{ZONE} lists {IP} (127.0.0.2, 127.0.0.4): spam; bots",),
    ),
    (LISTED, listed(zone="other.example"), Phase.RCPT, "stated", ()),
    (LISTED, listed(subject="192.31.196.8"), Phase.RCPT, "confirmed", (f"{ZONE} lists 192.31.196.8 (127.0.0.2)",)),
    (
        LISTED,
        listed(DnsblStatus.BROKEN_ZONE, reason="lists everything"),
        Phase.RCPT,
        "contradicted",
        (f"{ZONE} is broken (lists everything): its answers mean nothing",),
    ),
    (
        LISTED,
        listed(DnsblStatus.NOT_LISTED),
        Phase.RCPT,
        "contradicted",
        (f"{ZONE} does not list {IP} now: a stale cache, another address, or their own resolver refused",),
    ),
    (
        LISTED.replace(IP, "198.51.100.7"),
        listed(DnsblStatus.NOT_LISTED, subject="198.51.100.7"),
        Phase.RCPT,
        "stated",
        (f"{ZONE} does not list 198.51.100.7, an address that is not global",),
    ),
    (
        LISTED,
        listed(DnsblStatus.QUERY_REFUSED, reason="open resolver"),
        Phase.RCPT,
        "stated",
        (f"{ZONE} refused our query (open resolver)",),
    ),
    (LISTED, listed(DnsblStatus.NO_ANSWER), Phase.RCPT, "stated", (f"{ZONE} did not answer us",)),
    (
        LISTED_DOMAIN.format("alice@example.org"),
        listed(zone="dbl.example", subject="example.org"),
        Phase.RCPT,
        "confirmed",
        ("dbl.example lists example.org (127.0.0.2)",),
    ),
    (
        LISTED_DOMAIN.format("alice@example.org"),
        listed(DnsblStatus.NOT_LISTED, zone="dbl.example", subject="example.org"),
        Phase.RCPT,
        "contradicted",
        ("dbl.example does not list example.org now: a stale cache, another address, or their own resolver refused",),
    ),
    (POLICY, spf(SOFTFAIL), Phase.RCPT, "supported", (f"SPF for example.org from {IP}: softfail",)),
    (POLICY, iprev(FAIL), Phase.RCPT, "supported", (f"reverse DNS of {IP} fails: it does not lead back",)),
    (
        POLICY,
        changed(iprev(PERM), problem=None),
        Phase.RCPT,
        "supported",
        (f"reverse DNS of {IP} fails: it is not confirmed",),
    ),
    (
        POLICY,
        listed(tier=1, codes=("127.0.0.2", "127.0.0.3")),
        Phase.RCPT,
        "supported",
        (f"{ZONE} lists {IP} (127.0.0.2, 127.0.0.3)",),
    ),
    (POLICY, mx("nothing"), Phase.RCPT, "supported", ("example.org: nothing",)),
    (POLICY, mx("null-mx"), Phase.MAIL, "supported", ("example.org: null-mx",)),
    (
        "554 No",
        iprev(PASS, helo="nodata"),
        Phase.EHLO,
        "supported",
        ("the HELO name client.example.org has no address (nodata)",),
    ),
    (POLICY, mx("nxdomain", "forward-path"), Phase.RCPT, "possible", None),
]  # fmt: skip


@pytest.mark.parametrize(("reply", "evidence", "phase", "confidence", "texts"), TOLD)
def test_the_evidence_is_told_with_its_check(reply, evidence, phase, confidence, texts):
    found = verdict(reply, BEFORE, evidence, phase=phase)
    best = found.causes[0]
    assert best.confidence == confidence
    if texts is None:
        return
    told = [each for each in best.because if each.kind is BecauseKind.EVIDENCE]
    assert tuple(each.text for each in told) == texts
    assert {each.refs for each in told} <= {(1,)}
    assert best.checks == ((1,) if texts or best.statement else ())
    said = [(each.text, each.refs) for each in best.because if each.kind is BecauseKind.REPLY]
    assert said == ([] if confidence == "supported" else [(f"the reply says so: {reply}", (1,))])
    weighty = texts and confidence in ("confirmed", "supported", "contradicted")
    assert found.summary == ((best.statement or texts[0]) if weighty else best.title)


@pytest.mark.parametrize(
    ("reply", "evidence", "stage"),
    [
        (SPF, spf(FAIL), Phase.MAIL),
        (SPF, spf(PASS, FAIL), Phase.EHLO),
        (SPF, spf(PASS), None),
        (SPF, None, None),
        (UNNAMED, spf(FAIL), Phase.MAIL),
        (DMARC, spf(FAIL), None),
        (DKIM, spf(FAIL), None),
        ("550 5.7.1 SPF and DKIM checks failed", spf(FAIL), None),
        (LISTED, None, Phase.GREETING),
        (REVERSE, None, Phase.GREETING),
        (HELO, None, Phase.EHLO),
        (SENDER, None, Phase.MAIL),
        ("550 5.7.1 <alice@example.org>: Sender address rejected: blocked", None, Phase.MAIL),
        ("553 5.7.1 <alice@example.org>: Sender address rejected: not owned by user tim", None, Phase.MAIL),
        ("501 5.1.7 <alice@example.org>: Sender address rejected: bad syntax", None, Phase.MAIL),
        ("501 5.1.3 <bob@example.com>: Recipient address rejected: bad syntax", None, None),
        (LISTED_DOMAIN.format("alice@example.org"), None, Phase.MAIL),
        (LISTED_DOMAIN.format("client.example.org"), None, Phase.EHLO),
        (LISTED_DOMAIN.format("alice@example.net"), None, None),
        ("550 5.1.1 no such user", None, None),
    ],
)
def test_a_late_refusal_tells_the_stage_that_it_is_about(reply, evidence, stage):
    given = () if evidence is None else (evidence,)
    best = verdict(reply, *given).causes[0]
    assert [each.text for each in best.because if each.kind is BecauseKind.STAGE] == ([AT_RCPT[stage]] if stage else [])


@pytest.mark.parametrize(
    ("reply", "phase", "told"),
    [
        (LISTED, Phase.GREETING, []),
        (LISTED, Phase.EHLO, ["answered at EHLO, it is about the client's address, known since the connection"]),
        (HELO, Phase.EHLO, []),
        (SENDER, Phase.MAIL, []),
        (SENDER, Phase.DATA, ["answered at DATA, it is about the reverse-path, known since MAIL FROM"]),
    ],
)
def test_no_stage_is_told_where_it_is_the_one_that_was_answered(reply, phase, told):
    best = verdict(reply, phase=phase).causes[0]
    assert [each.text for each in best.because if each.kind is BecauseKind.STAGE] == told


def test_a_case_of_letters_sets_no_helo_name_apart():
    envelope = changed(ENVELOPE, helo=Assumed("Client.Example.Org"))
    best = verdict(LISTED_DOMAIN.format("client.example.org"), envelope=envelope).causes[0]
    assert AT_RCPT[Phase.EHLO] in [each.text for each in best.because]


@pytest.mark.parametrize("helo", ["client", "client.", ".client"])
def test_a_helo_name_of_one_label_is_not_qualified(helo):
    best = verdict(HELO, envelope=changed(ENVELOPE, helo=Assumed(helo))).causes[0]
    assert (best.confidence, best.because[1].text) == ("confirmed", f"the HELO name {helo} is not fully qualified")
    assert best.because[1].kind is BecauseKind.EVIDENCE


@pytest.mark.parametrize("helo", ["bad!name.example", "a b.example", "-x.example", "x..example"])
def test_a_helo_name_that_is_none_is_the_fault(helo):
    best = verdict(HELO, envelope=changed(ENVELOPE, helo=Assumed(helo))).causes[0]
    assert (best.id, best.confidence) == ("helo-rejected", "confirmed")
    assert best.because[1].text == f"the HELO name {helo} is not a host name"
    assert best.statement == f"The HELO name {helo} is not a host name: letters, digits and hyphens between dots"


@pytest.mark.parametrize(
    ("over_tls", "text"), [(False, "the command was sent without TLS"), (True, "the command was sent over TLS")]
)
def test_the_transcript_tells_whether_tls_was_used(over_tls, text):
    best = verdict(CLEAR, phase=Phase.MAIL, over_tls=over_tls).causes[0]
    assert [each.text for each in best.because[1:]] == [text]


@pytest.mark.parametrize(
    ("address", "problem", "confidence"),
    [
        ("192.168.0.25", "private-address", "contradicted"),
        ("192.31.196.25", "private-address", "confirmed"),
        ("mx.example.com", "private-address", "confirmed"),
        ("192.168.0.25", "no-address", "confirmed"),
    ],
)
def test_a_private_mail_host_can_be_reached_where_the_session_is_local(address, problem, confidence):
    assert verdict(SENDER, mx("mx", "reverse-path", problem), address=address).causes[0].confidence == confidence


@pytest.mark.parametrize(
    ("reply", "confirmed"),
    [
        ("550 5.7.1 SPF fails", True),
        ("550 5.7.1 DKIM fails", False),
        ("550 5.7.23 no", True),
        ("550 5.7.24 no", True),
        ("550 5.7.20 no", False),
        ("550 5.7.21 no", False),
        ("550 5.7.22 no", False),
        (UNNAMED, True),
    ],
)
def test_what_the_reply_names_is_weighed_and_nothing_else(reply, confirmed):
    best = verdict(reply, spf(FAIL), dkim(PASS), phase=Phase.MESSAGE).causes[0]
    assert (best.confidence == "confirmed", best.checks) == (confirmed, (0,) if confirmed else (1,))
    other = verdict(reply, spf(PASS), dkim(FAIL), phase=Phase.MESSAGE).causes[0]
    assert (other.confidence == "contradicted") is (confirmed and reply != UNNAMED)


def test_spf_decides_no_stage_of_a_message_that_names_none():
    stages = [[each for each in verdict(reply, spf(FAIL), phase=Phase.MESSAGE).causes[0].because if each.kind == "stage"]
              for reply in (UNNAMED, SPF)]  # fmt: skip
    assert [len(each) for each in stages] == [0, 1]


def entries(*each):
    return changed(each[0], zones=tuple(zone for evidence in each for zone in evidence.zones))


@pytest.mark.parametrize(
    ("reply", "evidence", "told"),
    [
        (LISTED, entries(listed(subject="192.31.196.8"), listed(DnsblStatus.NOT_LISTED)), f"{ZONE} does not list {IP}"),
        (
            LISTED_DOMAIN.format("alice@example.org"),
            entries(
                listed(zone="dbl.example"), listed(DnsblStatus.NOT_LISTED, zone="dbl.example", subject="example.org")
            ),
            "dbl.example does not list example.org",
        ),
        (
            LISTED,
            entries(listed(DnsblStatus.NO_ANSWER), listed(DnsblStatus.NOT_LISTED), listed()),
            f"{ZONE} lists {IP}",
        ),
        (LISTED, entries(listed(zone="a.example"), listed(DnsblStatus.NO_ANSWER)), f"{ZONE} did not answer us"),
    ],
)
def test_of_several_answers_the_named_lists_about_the_named_subject_counts(reply, evidence, told):
    assert verdict(reply, evidence).causes[0].because[1].text.startswith(told)


@pytest.mark.parametrize("zone", [ZONE.upper(), f"{ZONE}."])
def test_a_zone_is_the_same_in_any_case_and_with_its_last_dot(zone):
    assert verdict(LISTED, listed(zone=zone)).causes[0].confidence == "confirmed"


@pytest.mark.parametrize(
    ("evidence", "confidence", "kind"),
    [
        (iprev(PASS, helo="nxdomain"), "supported", BecauseKind.EVIDENCE),
        (iprev(PASS, helo="nodata"), "supported", BecauseKind.EVIDENCE),
        (iprev(PASS), "possible", BecauseKind.CATALOGUE),
        (changed(iprev(PASS), helo=None), "possible", BecauseKind.CATALOGUE),
    ],
)
def test_evidence_supports_what_is_only_usual(evidence, confidence, kind):
    found = verdict("550 No", evidence, phase=Phase.EHLO)
    told = [(each.confidence, each.because[0].kind) for each in found.causes if each.id == "helo-rejected"]
    assert told == [(confidence, kind)]


def test_the_strongest_of_several_is_told():
    reply = "550 5.7.1 SPF and DMARC checks of the message failed"
    best = verdict(reply, spf(PASS), dmarc(FAIL), phase=Phase.MESSAGE).causes[0]
    assert (best.confidence, best.checks) == ("confirmed", (1,))
    best = verdict(reply, spf(PASS), dmarc(NONE), phase=Phase.MESSAGE).causes[0]
    assert (best.confidence, best.checks) == ("stated", (1,))


def test_a_long_reply_is_quoted_in_part():
    for length, end in ((200, "x"), (201, "…")):
        said = verdict(f"550 {'mailbox full '}{'x' * (length - 13)}").causes[0].because[0].text
        assert len(said) == len("the reply says so: 550 ") + 200
        assert said.endswith(end)


def test_what_is_usual_says_so():
    found = verdict("550 5.4.0 x", phase=Phase.MAIL)
    assert {each.text for cause in found.causes for each in cause.because} == {
        "usual for 550 at MAIL; nothing here shows it"
    }
    assert {each.kind for cause in found.causes for each in cause.because} == {BecauseKind.CATALOGUE}


def test_of_what_is_only_possible_three_more_are_told_than_the_likeliest():
    possible = ["policy-rejected", "server-temporary", "sender-blocked", "sender-domain-invalid"]
    assert [cause.id for cause in verdict("550 5.4.0 x", phase=Phase.MAIL).causes] == possible


def test_what_evidence_speaks_against_is_not_even_possible():
    found = verdict("550 5.4.0 x", mx("mx"), phase=Phase.RCPT)
    assert "sender-domain-invalid" not in {cause.id for cause in found.causes}
    assert {cause.confidence for cause in found.causes} == {Confidence.POSSIBLE}
