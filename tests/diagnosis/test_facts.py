"""The facts of a rejection, one kind of evidence after the other: exactly those that hold."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.catalogue.facts import FACTS
from smtpprobe.diagnosis.facts.authentication import broken_name
from smtpprobe.diagnosis.facts.known import known_facts
from smtpprobe.diagnosis.facts.listings import of_listings
from smtpprobe.diagnosis.facts.names import address_record, of_helo, of_names, of_reverse_dns
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.evidence.spf import SpfIdentity, SpfStep
from smtpprobe.model.report import Completed
from smtpprobe.model.transcript import Exchange, Identity, IpSource, Phase, Transcript
from smtpprobe.model.words import AuthResult
from smtpprobe.wire.reply_reader import parse_reply
from tests.diagnosis.evidence import IP, ZONE, iprev, listed, mx

PASS, FAIL, TEMP, PERM = AuthResult.PASS, AuthResult.FAIL, AuthResult.TEMPERROR, AuthResult.PERMERROR
IP6 = "2001:4860:4860::8888"
HERE, ELSEWHERE = "192.31.196.25", "192.31.196.99"
CHECKS = {"IprevEvidence": "iprev", "MxEvidence": "mx", "DnsblEvidence": "dnsbl"}


def rejection(*evidence, reply="550 No", helo="client.example.org", phase=Phase.RCPT, ip=IP, address=HERE) -> Rejection:
    """A rejection with this evidence, of a server that greets as mx.example.com."""
    runs = tuple((n, Completed(check=CHECKS[type(each).__name__], evidence=each)) for n, each in enumerate(evidence))
    greeting = Exchange(index=0, phase=Phase.GREETING, sent=None, reply=parse_reply(b"220 mx.example.com. ESMTP\r\n"))
    parsed = parse_reply(reply.encode() + b"\r\n")
    refused = Exchange(index=1, phase=phase, sent=phase.upper(), reply=parsed)
    transcript = Transcript(
        address=address,
        port=25,
        started_at=datetime(2026, 3, 2, tzinfo=UTC),
        complete=True,
        exchanges=(greeting, refused),
        identity=Identity(client_ip=ip, client_ip_source=IpSource.OPTION, helo=helo),
    )
    return Rejection(
        transcript=transcript,
        exchange=refused,
        reply=parsed,
        explanation=explain(reply, phase=phase),
        runs=runs,
        reverse_path="alice@example.org",
        forward_path="bob@example.com",
        helo=helo,
    )


def held(known: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in known.items() if value is not None}


def test_every_fact_has_a_name_in_the_vocabulary():
    evidence = (iprev(FAIL, helo="nxdomain"), mx("mx"), listed())
    for cause in ("ip-blocklisted", "email-auth-failed", "reverse-dns"):
        assert known_facts(rejection(*evidence), cause).keys() <= FACTS.keys()


@pytest.mark.parametrize(
    ("evidence", "facts"),
    [
        (iprev(PASS), {"ptr_confirmed": "client.example.org"}),
        (iprev(PASS, generic=True), {"ptr_confirmed": "client.example.org", "ptr_generic": "client.example.org"}),
        (
            iprev(FAIL),
            {"ptr_name": "client.example.org", "ptr_address_record": f"client.example.org. A {IP}"},
        ),
        (iprev(PERM, helo="nxdomain"), {"ptr_missing": "yes"}),
        (
            iprev(PERM),
            {"ptr_missing": "yes", "ptr_record": "7.196.31.192.in-addr.arpa. PTR client.example.org."},
        ),
        (iprev(TEMP), {"ptr_problem": "it does not lead back"}),
        (msgspec.structs.replace(iprev(TEMP), problem=None), {"ptr_problem": "no answer"}),
        (
            msgspec.structs.replace(iprev(FAIL), client_ip=IP6),
            {
                "ptr_name": "client.example.org",
                "ip_v6": "yes",
                "ptr_address_record": f"client.example.org. AAAA {IP6}",
            },
        ),
        (None, None),
    ],
)
def test_reverse_dns(evidence, facts):
    found = rejection(*(() if evidence is None else (evidence,)))
    assert held(of_reverse_dns(found)) == ({} if facts is None else {"ptr_known": "yes"} | facts)


@pytest.mark.parametrize(
    ("helo", "evidence", "facts"),
    [
        ("client.example.org", None, {}),
        ("client.example.org", iprev(PASS), {"helo_leads_here": "yes"}),
        ("client.example.org", iprev(PASS, helo="servfail"), {}),
        (
            "client.example.org",
            iprev(PERM, helo="nxdomain"),
            {"helo_missing": "yes", "helo_known": "yes", "helo_record": f"client.example.org. A {IP}"},
        ),
        (
            "client.example.org",
            iprev(PERM, helo="nodata"),
            {"helo_missing": "yes", "helo_known": "yes", "helo_record": f"client.example.org. A {IP}"},
        ),
        ("my_pc.example.org", None, {"helo_underscore": "yes", "helo_known": "yes"}),
        ("localhost", None, {"helo_unqualified": "yes", "helo_known": "yes"}),
        ("pc", None, {"helo_unqualified": "yes", "helo_known": "yes"}),
        ("localhost.localdomain", None, {"helo_unqualified": "yes", "helo_known": "yes"}),
        ("[192.0.2.1]", None, {}),
        ("[IPv6:2001:db8::1]", None, {}),
        ("192.0.2.1", None, {}),
        ("2001:db8::1", None, {}),
        ("MX.example.com", None, {"helo_is_servers": "yes", "helo_known": "yes"}),
        ("other.example.org", iprev(PASS, helo="servfail"), {"own_name": "client.example.org"}),
        ("other.example.org", iprev(PASS, generic=True, helo="servfail"), {}),
        ("other.example.org", iprev(FAIL, helo="servfail"), {}),
        ("Client.Example.org.", iprev(PASS, helo="servfail"), {}),
    ],
)
def test_the_helo_name(helo, evidence, facts):
    assert held(of_helo(rejection(*(() if evidence is None else (evidence,)), helo=helo))) == facts


def test_a_helo_name_gets_no_record_for_an_address_that_is_not_public():
    assert "helo_record" not in held(of_helo(rejection(iprev(PERM, helo="nxdomain"), ip="10.0.0.1")))


def domain_facts(found: Rejection, word: str) -> dict[str, str]:
    facts = held(of_names(found))
    return {name.removeprefix(f"{word}_"): value for name, value in facts.items() if name.startswith(f"{word}_")}


@pytest.mark.parametrize(
    ("evidence", "facts"),
    [
        (("nxdomain", "reverse-path"), {"missing": "yes"}),
        (("nothing", "reverse-path"), {"no_mx": "yes"}),
        (("null-mx", "reverse-path"), {"null_mx": "yes"}),
        (("temperror", "reverse-path"), {"unanswered": "yes"}),
        (("mx", "reverse-path", "temperror", "no-address"), {"unanswered": "yes"}),
        (("mx", "reverse-path", "no-address"), {"hosts": "mx0.example.org has no address"}),
        (
            ("implicit", "reverse-path", "no-address", "private-address"),
            {"hosts": "mx0.example.org has no address, mx1.example.org has a private address"},
        ),
        (("mx", "reverse-path", "address-literal"), {"hosts": "mx0.example.org is an IP address, not a name"}),
        (("mx", "reverse-path", None, "no-address", "cname"), {"mx": "mx0.example.org, mx2.example.org"}),
    ],
)  # fmt: skip
def test_a_domain_of_the_envelope(evidence, facts):
    assert domain_facts(rejection(mx(*evidence)), "sender") == {"known": "yes"} | facts


@pytest.mark.parametrize(("address", "facts"), [(HERE, {"mx_here": "yes"}), (ELSEWHERE, {"mx": "mx0.example.com"})])
def test_the_recipients_mail_hosts_are_named_unless_this_is_one(address, facts):
    found = rejection(mx("mx", "forward-path"), address=address)
    assert domain_facts(found, "recipient") == {"domain": "example.com", "known": "yes"} | facts


@pytest.mark.parametrize("phase", [Phase.GREETING, Phase.EHLO, Phase.AUTH])
def test_before_mail_no_domain_of_the_envelope_counts(phase):
    assert domain_facts(rejection(mx("nxdomain"), phase=phase), "sender") == {}


def test_on_a_session_that_is_local_a_private_mail_host_is_one():
    facts = domain_facts(rejection(mx("mx", "reverse-path", "private-address"), address="127.0.0.1"), "sender")
    assert facts == {"known": "yes", "mx": "mx0.example.org"}


LISTED = f"554 5.7.1 Service unavailable; Client host [{IP}] blocked using {ZONE}; https://lists.example/q"


@pytest.mark.parametrize(
    ("reply", "evidence", "facts"),
    [
        (LISTED, listed(), {"listed": "yes", "removal": "https://lists.example/q"}),
        (LISTED, listed(url="https://a.example"), {"listed": "yes", "removal": "https://a.example"}),
        (
            LISTED,
            listed(url="https://a.example", removal="https://b.example"),
            {"listed": "yes", "removal": "https://b.example"},
        ),
        (
            LISTED,
            listed(codes=("127.0.0.10",)),
            {"listed": "yes", "end_user_range": "yes", "removal": "https://lists.example/q"},
        ),
        (LISTED, listed(codes=("127.0.0.2", "127.0.0.10")), {"listed": "yes", "removal": "https://lists.example/q"}),
        (LISTED, listed(DnsblStatus.BROKEN_ZONE), {"list_broken": "yes", "removal": "https://lists.example/q"}),
        (LISTED, listed(DnsblStatus.NOT_LISTED), {"list_clean": "yes", "removal": "https://lists.example/q"}),
        (LISTED, listed(DnsblStatus.NO_ANSWER), {"removal": "https://lists.example/q"}),
        (f"{LISTED} 127.255.255.254", listed(), {"list_refusal": "yes", "removal": "https://lists.example/q"}),
        (LISTED.replace(ZONE, f"{ZONE.upper()}."), listed(), {"listed": "yes", "removal": "https://lists.example/q"}),
    ],
)
def test_the_list_that_a_reply_names(reply, evidence, facts):
    found = held(of_listings(rejection(evidence, reply=reply), "ip-blocklisted"))
    assert found.pop("list").lower().rstrip(".") == ZONE
    assert found == {"list_subject": IP} | facts


UNNAMED = {"list_unnamed": "yes"}


@pytest.mark.parametrize(
    ("evidence", "cause", "phase", "facts"),
    [
        (listed(tier=1), "ip-blocklisted", Phase.GREETING, {"list": ZONE, "list_subject": IP, "listed": "yes"}),
        (listed(tier=2), "ip-blocklisted", Phase.GREETING, UNNAMED),
        (listed(tier=1, kind="allow"), "ip-blocklisted", Phase.GREETING, UNNAMED),
        (listed(DnsblStatus.NOT_LISTED, tier=1), "ip-blocklisted", Phase.GREETING, UNNAMED),
        (listed(tier=1), "domain-blocklisted", Phase.RCPT, {}),
        (listed(tier=1, subject="example.org"), "ip-blocklisted", Phase.RCPT, UNNAMED),
        (
            listed(tier=1, subject="example.org"),
            "domain-blocklisted",
            Phase.RCPT,
            {"list": ZONE, "list_subject": "example.org", "listed": "yes", "listed_sender": "yes"},
        ),
        (listed(tier=1, subject="example.org"), "domain-blocklisted", Phase.EHLO, {}),
        (listed(tier=1), "reverse-dns", Phase.RCPT, {}),
    ],
)
def test_a_list_that_no_reply_names(evidence, cause, phase, facts):
    assert held(of_listings(rejection(evidence, phase=phase), cause)) == facts


def step(term: str, expanded: str | None = None, *children: SpfStep, decided: bool = True) -> SpfStep:
    return SpfStep(domain="example.org", term=term, expanded=expanded, decided=decided, children=children)


@pytest.mark.parametrize(
    ("trace", "name"),
    [
        ((), "example.org"),
        ((step("include:_spf.example.net", "_spf.example.net"),), "_spf.example.net"),
        ((step("include:_spf.example.net"),), "_spf.example.net"),
        ((step("a", decided=False), step("include:b.example.net")), "b.example.net"),
        ((step("include:b.example.net", None, step("redirect=c.example.net", "c.example.net")),), "c.example.net"),
        ((step("mx"),), "example.org"),
        ((step("include:b.example.net", decided=False),), "example.org"),
    ],
)
def test_the_name_whose_servers_failed_is_the_one_that_the_evaluation_ended_at(trace, name):
    assert broken_name(SpfIdentity(domain="example.org", sender=None, result=TEMP, trace=trace)) == name


def test_an_address_record_is_of_the_addresses_family():
    assert address_record("a.example.org", IP) == f"a.example.org. A {IP}"
    assert address_record("a.example.org", IP6) == f"a.example.org. AAAA {IP6}"
