"""What DNS tells of names beside the usual: answers that do not fit together, several names, domains of both sides."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.diagnosis.facts.names import is_servers, is_unqualified, of_helo, of_names, of_reverse_dns
from smtpprobe.model.evidence import MxEvidence
from smtpprobe.model.evidence.iprev import HeloStatus
from smtpprobe.model.evidence.mx import MxDomain, MxHost, MxProblem, MxRole, MxStatus
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult
from tests.diagnosis.evidence import IP, iprev, mx
from tests.diagnosis.facts.rejections import held, holding, rejected, said

PASS, FAIL, TEMP, PERM = AuthResult.PASS, AuthResult.FAIL, AuthResult.TEMPERROR, AuthResult.PERMERROR
CLIENT, OTHER = "client.example.org", "other.example.org"
REVERSE = "7.196.31.192.in-addr.arpa."


def reverse(result: AuthResult, helo: dict[str, object] | None = None, **fields):
    """Reverse DNS; `helo` with what differs of the HELO name's look-up."""
    found = iprev(result)
    named = msgspec.structs.replace(found.helo, **(helo or {}))
    return msgspec.structs.replace(found, **({"helo": named} | fields))


@pytest.mark.parametrize(
    ("evidence", "facts"),
    [
        (reverse(PERM, helo={"matches_ip": False}), {"ptr_missing": "yes"}),
        (reverse(PERM, helo={"matches_ip": None}), {"ptr_missing": "yes"}),
        (reverse(PERM, helo={"status": HeloStatus.SERVFAIL}), {"ptr_missing": "yes"}),
        (reverse(PERM, helo={"name": OTHER}), {"ptr_missing": "yes", "ptr_record": f"{REVERSE} PTR {OTHER}."}),
        (msgspec.structs.replace(iprev(PERM), helo=None), {"ptr_missing": "yes"}),
        (reverse(PERM, {"matches_ip": False}, names=(CLIENT,), generic=True), {"ptr_missing": "yes"}),
        (reverse(FAIL, names=()), {}),
        (reverse(FAIL, names=(OTHER, CLIENT)), {"ptr_name": OTHER, "ptr_address_record": f"{OTHER}. A {IP}"}),
        (
            reverse(FAIL, generic=True),
            {"ptr_name": CLIENT, "ptr_generic": CLIENT, "ptr_address_record": f"{CLIENT}. A {IP}"},
        ),
        # What did not lead back is not called confirmed, whatever an evidence says.
        (reverse(FAIL, confirmed=(OTHER,)), {"ptr_name": CLIENT, "ptr_address_record": f"{CLIENT}. A {IP}"}),
        (reverse(PASS, confirmed=()), {}),
        (reverse(PASS, confirmed=(OTHER, CLIENT)), {"ptr_confirmed": OTHER}),
        (reverse(PASS, problem="one name more"), {"ptr_confirmed": CLIENT}),
    ],
)
def test_reverse_dns_tells_only_what_fits_together(evidence, facts):
    assert held(of_reverse_dns(rejected(evidence))) == {"ptr_known": "yes"} | facts


FAULTY = {"helo_known": "yes"}


@pytest.mark.parametrize(
    ("helo", "evidence", "facts"),
    [
        ("[my_pc]", None, {}),
        ("my_pc.example.org", iprev(PERM, helo="nxdomain"), FAULTY | {"helo_underscore": "yes"}),
        ("pc", iprev(PERM, helo="nxdomain"), FAULTY | {"helo_unqualified": "yes"}),
        ("pc", iprev(FAIL), FAULTY | {"helo_unqualified": "yes"}),
        ("my_pc.example.org", iprev(FAIL), FAULTY | {"helo_underscore": "yes"}),
        ("mx.example.com.", iprev(FAIL), FAULTY | {"helo_is_servers": "yes"}),
        ("MX.EXAMPLE.COM", None, FAULTY | {"helo_is_servers": "yes"}),
        (CLIENT, reverse(FAIL, helo={"matches_ip": False}), {}),
        (CLIENT, reverse(FAIL, helo={"matches_ip": None}), {}),
        (CLIENT, reverse(FAIL, helo={"status": HeloStatus.SERVFAIL}), {}),
        (CLIENT, msgspec.structs.replace(iprev(FAIL), helo=None), {}),
        (OTHER, reverse(PASS, {"matches_ip": False}, confirmed=(CLIENT, "c.example.org")), {"own_name": CLIENT}),
        (OTHER, reverse(PASS, {"matches_ip": False}, confirmed=(CLIENT, OTHER)), {}),
        (OTHER, reverse(PASS, {"matches_ip": False}, confirmed=(OTHER.upper(),)), {}),
        (OTHER, reverse(PASS, {"matches_ip": False}, confirmed=()), {}),
        (f"{CLIENT}.", reverse(PASS, {"matches_ip": False}), {}),
    ],
)
def test_a_helo_name_is_told_by_its_fault_or_by_where_it_leads(helo, evidence, facts):
    assert held(of_helo(rejected(*(() if evidence is None else (evidence,)), helo=helo))) == facts


@pytest.mark.parametrize(
    ("reply", "ip", "record"),
    [
        ("550 5.7.1 No [192.31.196.8]", IP, f"{CLIENT}. A 192.31.196.8"),
        ("550 No", "192.31.196.9", f"{CLIENT}. A 192.31.196.9"),
        ("550 No", None, f"{CLIENT}. A {IP}"),
        ("550 No", "2001:4860:4860::8888", f"{CLIENT}. AAAA 2001:4860:4860::8888"),
        ("550 No", "192.0.2.1", None),
    ],
)
def test_the_record_for_a_helo_name_is_of_the_client_ip(reply, ip, record):
    found = rejected(iprev(PERM, helo="nxdomain"), reply=reply, ip=ip)
    assert of_helo(found)["helo_record"] == record


@pytest.mark.parametrize(
    ("helo", "unqualified"),
    [
        ("pc", True),
        ("pc.", True),
        (".pc", True),
        ("", True),
        ("LOCALHOST", True),
        ("localhost.localdomain", True),
        ("LocalHost.LocalDomain.", True),
        ("localdomain", True),
        ("pc.localdomain", False),
        ("pc.example.org", False),
        ("2001:db8::1", False),
        ("[pc]", False),
        ("[localhost.localdomain]", False),
    ],
)
def test_an_unqualified_name(helo, unqualified):
    assert is_unqualified(helo) is unqualified


@pytest.mark.parametrize(
    ("exchanges", "theirs"),
    [
        (said((Phase.GREETING, None, f"220 {CLIENT} ESMTP")), True),
        (said((Phase.GREETING, None, f"220 {CLIENT.upper()}. ESMTP")), True),
        (said((Phase.GREETING, None, f"220 mx.example.com {CLIENT}")), False),
        (said((Phase.GREETING, None, "220 ")), False),
        (said((Phase.GREETING, None, None)), False),
        (said((Phase.EHLO, f"EHLO {CLIENT}", f"250 {CLIENT}")), False),
        (said((Phase.GREETING, None, None), (Phase.GREETING, None, f"220 {CLIENT}")), True),
        ((), False),
    ],
)
def test_the_servers_own_name_is_the_one_of_its_greeting(exchanges, theirs):
    found = rejected()
    transcript = msgspec.structs.replace(found.transcript, exchanges=exchanges)
    assert is_servers(msgspec.structs.replace(found, transcript=transcript)) is theirs


def host(name: str, problem: MxProblem | None = None, *addresses: str) -> MxHost:
    return MxHost(preference=10, name=name, addresses=addresses, problem=problem)


def domain(status: MxStatus, *hosts: MxHost, name: str = "example.org", role: str = "reverse-path") -> MxEvidence:
    return MxEvidence((MxDomain(domain=name, role=MxRole(role), status=status, hosts=hosts),), ())


NONE, PRIVATE, OPEN, CNAME = MxProblem.NO_ADDRESS, MxProblem.PRIVATE_ADDRESS, MxProblem.TEMPERROR, MxProblem.CNAME
NAMES = [f"mx{number}.example.org" for number in range(4)]


@pytest.mark.parametrize(
    ("evidence", "address", "facts"),
    [
        (domain(MxStatus.MX, *map(host, NAMES)), IP, {"sender_mx": ", ".join(NAMES[:3])}),
        (domain(MxStatus.IMPLICIT, host("example.org")), IP, {"sender_mx": "example.org"}),
        (
            domain(MxStatus.MX, *(host(name, NONE) for name in NAMES)),
            IP,
            {"sender_hosts": ", ".join(f"{name} has no address" for name in NAMES[:3])},
        ),
        (domain(MxStatus.MX, host("a.example", OPEN), host("b.example")), IP, {"sender_mx": "b.example"}),
        (domain(MxStatus.MX, host("a.example", NONE), host("b.example", OPEN)), IP, {"sender_unanswered": "yes"}),
        (domain(MxStatus.TEMPERROR, host("a.example")), IP, {"sender_unanswered": "yes"}),
        (domain(MxStatus.NOTHING, host("a.example")), IP, {"sender_no_mx": "yes"}),
        (domain(MxStatus.NXDOMAIN, host("a.example", NONE)), IP, {"sender_missing": "yes"}),
        (domain(MxStatus.MX, host("a.example", CNAME)), IP, {"sender_mx": "a.example"}),
        (domain(MxStatus.MX, host("a.example", PRIVATE)), "10.0.0.1", {"sender_mx": "a.example"}),
        (
            domain(MxStatus.MX, host("a.example", PRIVATE)),
            "/run/lmtp",
            {"sender_hosts": "a.example has a private address"},
        ),
        (
            domain(MxStatus.MX, host("a.example", PRIVATE)),
            "192.0.2.1",
            {"sender_hosts": "a.example has a private address"},
        ),
        # That the sender's own mail host refuses is no fact of its own.
        (domain(MxStatus.MX, host("a.example", None, IP)), IP, {"sender_mx": "a.example"}),
        # What DNS says of another domain, or of it in another role, is not about the sender.
        (domain(MxStatus.NXDOMAIN, name="example.net"), IP, None),
        (domain(MxStatus.NXDOMAIN, role="forward-path"), IP, None),
    ],
)
def test_the_senders_domain(evidence, address, facts):
    found = {
        name: value for name, value in held(of_names(rejected(evidence, address=address))).items() if "sender" in name
    }
    assert found == ({} if facts is None else {"sender_known": "yes"} | facts)


RECIPIENT = {"recipient_domain": "example.com"}


@pytest.mark.parametrize(
    ("paths", "facts"),
    [
        ({}, {"sender_known": "yes", "sender_missing": "yes", "recipient_known": "yes", "recipient_no_mx": "yes"}),
        ({"reverse_path": None}, {"recipient_known": "yes", "recipient_no_mx": "yes"}),
        ({"reverse_path": ""}, {"recipient_known": "yes", "recipient_no_mx": "yes"}),
        ({"reverse_path": "alice"}, {"recipient_known": "yes", "recipient_no_mx": "yes"}),
        ({"reverse_path": "a@example.net"}, {"recipient_known": "yes", "recipient_no_mx": "yes"}),
    ],
)
def test_each_path_is_told_by_itself(paths, facts):
    both = MxEvidence(
        (
            *domain(MxStatus.NXDOMAIN).domains,
            *domain(MxStatus.NOTHING, name="example.com", role="forward-path").domains,
        ),
        (),
    )
    found = held(of_names(rejected(both, **paths)))
    assert {name: value for name, value in found.items() if not name.startswith("helo")} == RECIPIENT | facts


def test_without_a_recipient_only_the_sender_is_told():
    found = held(of_names(rejected(domain(MxStatus.NXDOMAIN), forward_path=None)))
    assert found == {"sender_known": "yes", "sender_missing": "yes"}


def test_a_recipients_domain_is_named_though_nobody_asked_dns():
    assert held(of_names(rejected())) == RECIPIENT


def test_a_recipients_mail_host_that_is_this_server_is_not_named_as_another():
    evidence = domain(MxStatus.MX, host("a.example", None, IP), name="example.com", role="forward-path")
    found = of_names(rejected(evidence, address=IP))
    assert (found["recipient_mx_here"], found["recipient_mx"]) == ("yes", None)
    elsewhere = of_names(rejected(evidence, address="192.31.196.99"))
    assert (elsewhere["recipient_mx_here"], elsewhere["recipient_mx"]) == (None, "a.example")


def test_reverse_dns_and_the_helo_name_are_told_together():
    found = of_names(rejected(iprev(PASS), mx("nxdomain"), phase=Phase.RCPT))
    names = ("ptr_known", "ptr_confirmed", "helo_leads_here", "sender_missing", "recipient_domain")
    assert {*holding(found, *names)} == {*names}
