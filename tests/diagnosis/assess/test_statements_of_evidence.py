"""What a verdict says for people of the evidence: whose domain, which address, which hosts, and what passes unaligned."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.diagnosis.assess.listings import listed_statement
from smtpprobe.model.evidence.dmarc import DmarcMechanism
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.report import Completed, Confidence
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult
from tests.diagnosis.assess.test_confidence import DMARC, HELO, LISTED, SPF
from tests.diagnosis.evidence import ENVELOPE, IP, ZONE, dkim, dmarc, iprev, listed, mx, spf, verdict
from tests.diagnosis.facts.test_authentication import BY_DKIM, BY_SPF, aligned

PASS, FAIL, TEMP = AuthResult.PASS, AuthResult.FAIL, AuthResult.TEMPERROR
OTHER = Completed(check="other", evidence=None, transcript=0)  # so that the evidence is the second run's


def best(reply: str, *evidence, phase: Phase = Phase.RCPT, **fields):
    return verdict(reply, OTHER, *evidence, phase=phase, **fields).causes[0]


def named(helo: str) -> Envelope:
    return Envelope(Assumed(helo), ENVELOPE.reverse_path, ENVELOPE.forward_paths)


@pytest.mark.parametrize(
    ("helo", "reply", "statement"),
    [
        ("my_pc.example.org", HELO, "The HELO name my_pc.example.org has an underscore"),
        ("localhost", HELO, "Every machine calls itself localhost"),
        ("LocalHost", "550 5.7.1 Helo command rejected: no", "Every machine calls itself LocalHost"),
        ("pc", HELO, "The HELO name pc is not fully qualified"),
        ("mx.example.com", HELO, "The HELO name mx.example.com is the server's own"),
        ("-x-.example.org", HELO, "The HELO name -x-.example.org is not a host name"),
    ],
)
def test_what_is_wrong_with_the_form_of_a_helo_name(helo, reply, statement):
    found = best(reply, envelope=named(helo))
    assert (found.id, found.confidence) == ("helo-rejected", Confidence.CONFIRMED)
    assert found.statement.startswith(statement)
    assert helo in found.because[1].text


@pytest.mark.parametrize("helo", ["[192.0.2.1]", "[IPv6:2001:db8::1]", "192.0.2.1", "2001:db8::1", "[my_pc]"])
def test_an_address_as_helo_name_is_said_to_be_one(helo):
    found = best(HELO, envelope=named(helo))
    assert (found.id, found.confidence) == ("helo-rejected", Confidence.STATED)
    assert found.statement == f"The HELO name {helo} is an address, and the server wants a name"


def test_a_helo_name_that_leads_somewhere_is_told_with_where():
    found = best(HELO, iprev(PASS))
    assert found.statement == f"Not your fault: the HELO name client.example.org leads to {IP}"
    assert best("550 5.7.1 Helo command rejected: no", envelope=named("pc")).statement is None


DMARC_FAILS, JUDGED = dmarc(FAIL), "DMARC for example.org: {}, policy reject"


@pytest.mark.parametrize(
    ("alignment", "said"),
    [
        ((), "Neither SPF nor DKIM passes for example.org"),
        ((BY_DKIM, BY_SPF), "SPF passes for a.example"),
        ((BY_DKIM,), "DKIM passes for b.example"),
        ((aligned("spf", "a.example", FAIL),), "Neither SPF nor DKIM passes for example.org"),
        ((aligned("spf", "a.example", is_aligned=True),), "Neither SPF nor DKIM passes for example.org"),
    ],
)
def test_what_passes_without_being_aligned_is_told_beside_the_author_domain(alignment, said):
    found = best(DMARC, msgspec.structs.replace(DMARC_FAILS, alignment=alignment), phase=Phase.MESSAGE)
    assert (found.confidence, found.checks) == (Confidence.CONFIRMED, (1,))
    assert said in found.statement
    assert "example.org" in found.statement
    assert [each.text for each in found.because[1:2]] == [JUDGED.format("fail")]


@pytest.mark.parametrize("result", [PASS, FAIL, TEMP])
def test_dmarc_without_a_message_is_told_as_a_guess(result):
    found = best(DMARC, dmarc(result, "reverse-path"))
    assert (found.confidence, found.checks) == (Confidence.STATED, (1,))
    assert [each.text for each in found.because[1:2]] == [
        f"judged without a message, by the reverse-path: {JUDGED.format(result)}"
    ]
    assert found.statement
    assert "None" not in found.statement


@pytest.mark.parametrize(
    ("source", "hangs_on", "said"),
    [
        ("message", "spf", "No signature passes for example.org, so only SPF could"),
        ("reverse-path", "dkim", "SPF does not pass for example.org, so only a DKIM signature could"),
        ("reverse-path", "spf dkim", "DMARC is judged by the message's From"),
    ],
)
def test_what_is_not_known_is_no_failure_of_dmarc(source, hangs_on, said):
    mechanisms = tuple(map(DmarcMechanism, hangs_on.split()))
    result = AuthResult.UNKNOWN if len(mechanisms) == 1 else FAIL
    found = best(DMARC, msgspec.structs.replace(dmarc(result, source), hangs_on=mechanisms), phase=Phase.MESSAGE)
    assert found.confidence is Confidence.STATED
    assert found.statement.startswith(said)


def test_a_domain_that_passes_is_named():
    assert "example.org" in best(DMARC, dmarc(PASS), phase=Phase.MESSAGE).statement
    assert "d0.example.org" in best("550 5.7.20 DKIM fails", dkim(PASS, PASS), phase=Phase.MESSAGE).statement


def test_why_a_signature_does_not_verify_is_its_reason_or_its_result():
    evidence = dkim(FAIL)
    bare = msgspec.structs.replace(evidence, signatures=(msgspec.structs.replace(evidence.signatures[0], reason=None),))
    for found, why in ((evidence, "reason 0"), (bare, "fail")):
        said = best("550 5.7.20 DKIM fails", found, phase=Phase.MESSAGE).statement
        assert why in said
        assert "None" not in said


@pytest.mark.parametrize(
    ("evidence", "parts"),
    [
        (spf(FAIL), ("example.org does not allow", IP, "(-all)")),
        (spf(AuthResult.NEUTRAL), ("example.org", IP)),
        (spf(PASS), ("Not your fault: example.org allows", IP, "-all")),
        (spf(PASS, FAIL), ("client.example.org does not allow", IP, "HELO")),
    ],
)
def test_spf_is_told_with_domain_address_and_term(evidence, parts):
    found = best(SPF, evidence)
    assert all(part in found.statement for part in parts), found.statement
    assert "None" not in found.statement
    assert ("HELO" in found.statement) is ("HELO" in parts)


@pytest.mark.parametrize("result", [PASS, FAIL])
def test_a_term_that_is_not_known_is_the_default(result):
    evidence = spf(result)
    mailfrom = msgspec.structs.replace(evidence.identities.mailfrom, mechanism=None)
    identities = msgspec.structs.replace(evidence.identities, mailfrom=mailfrom)
    assert "default" in best(SPF, msgspec.structs.replace(evidence, identities=identities)).statement


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, f"{IP} is in {ZONE} (127.0.0.2), looked up just now"),
        ({"codes": ("127.0.0.2", "127.0.0.4")}, f"{IP} is in {ZONE} (127.0.0.2, 127.0.0.4), looked up just now"),
        ({"name": "Example List"}, f"{IP} is in Example List (127.0.0.2), looked up just now"),
        ({"name": ""}, f"{IP} is in {ZONE} (127.0.0.2), looked up just now"),
        (
            {"meanings": ("XBL: bots: many; see their page", "SBL: spam", "SBL: spam; again")},
            f"{IP} is in {ZONE}: XBL, bots: many; SBL, spam (127.0.0.2), looked up just now",
        ),
        ({"codes": ("127.0.0.10",)}, f"{IP} is in {ZONE}: an end-user range (127.0.0.10), looked up just now"),
    ],
)
def test_a_listing_is_said_with_what_the_zone_says_of_it(fields, said):
    assert listed_statement(listed(**fields).zones[0]) == said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"codes": ("127.0.0.2",)}, "lists everything"),
        ({"codes": ()}, "is broken"),
        ({"codes": ("192.0.2.1",)}, "is broken"),
        ({"codes": ("127.0.0.2", "192.0.2.1")}, "is broken"),
        ({"codes": ("127.0.0.2",), "dead": True}, "was shut down"),
    ],
)
def test_a_zone_that_is_broken_is_said_by_how(fields, said):
    found = best(LISTED, listed(DnsblStatus.BROKEN_ZONE, **fields))
    assert found.statement == f"Not your fault: {IP} is not listed; {ZONE} {said}"


def test_a_refused_question_that_a_reply_quotes_names_the_list():
    found = best(f"{LISTED} 127.255.255.254", listed())
    assert found.confidence is Confidence.CONTRADICTED
    assert [each.text for each in found.because if ZONE in each.text and "refusal" in each.text]
    assert found.statement.startswith(f"Not your fault: {ZONE} refuses")


@pytest.mark.parametrize("reply", ["550 5.1.2 <bob@example.com>: Recipient address rejected: Domain not found"])
def test_a_recipients_domain_that_takes_mail_elsewhere_is_told_with_its_hosts(reply):
    found = best(reply, mx("mx", "forward-path", None, None), address="192.31.196.99")
    assert (found.id, found.confidence, found.checks) == ("domain-undeliverable", Confidence.CONFIRMED, (1,))
    assert found.statement.startswith("example.com ")
    assert found.statement.endswith(" mail at mx0.example.com, mx1.example.com, not at this server")
