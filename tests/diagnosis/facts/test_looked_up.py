"""What the run's own look-ups add: where a PTR name leads, and which mail hosts the recipient has beside this one."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.diagnosis.facts.names import leads_to, of_names, other_mail_hosts
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus
from smtpprobe.model.words import AuthResult
from tests.diagnosis.evidence import IP, iprev
from tests.diagnosis.facts.rejections import holding, rejected

ANSWER, SERVFAIL = DnsStatus.ANSWER, DnsStatus.SERVFAIL
CLIENT = "client.example.org"


def lookup(name: str, kind: str, *records: str, status: DnsStatus = ANSWER) -> DnsLookup:
    return DnsLookup(name=name, type=kind, status=status, records=records)


@pytest.mark.parametrize(
    ("names", "status", "addresses"),
    [
        ((CLIENT,), ANSWER, ("192.0.2.1", "192.0.2.2", "2001:db8::1")),
        (("Client.Example.org.", "b.example"), ANSWER, ("192.0.2.1", "192.0.2.2", "2001:db8::1")),
        (("b.example",), None, ()),
        (("gone.example",), DnsStatus.NXDOMAIN, ()),
        (("bare.example",), DnsStatus.NODATA, ()),
        (("half.example",), None, ()),
        ((), None, ()),
    ],
)
def test_where_the_first_ptr_name_leads(names, status, addresses):
    lookups = (
        lookup("other.example", "A", "192.0.2.9"),
        lookup(CLIENT, "MX", "10 mx.example.org."),
        lookup(CLIENT, "A", "192.0.2.1", "192.0.2.2"),
        lookup(CLIENT, "AAAA", "2001:db8::1"),
        lookup("b.example", "A", "192.0.2.3", status=SERVFAIL),
        lookup("gone.example", "A", status=DnsStatus.NXDOMAIN),
        lookup("gone.example", "AAAA", status=DnsStatus.NXDOMAIN),
        lookup("bare.example", "A", status=DnsStatus.NODATA),
        lookup("half.example", "A", status=DnsStatus.NODATA),
        lookup("half.example", "AAAA", status=SERVFAIL),
    )
    evidence = msgspec.structs.replace(iprev(AuthResult.FAIL), names=names)
    assert leads_to(rejected(evidence, lookups=lookups), evidence) == (status, addresses)


FOUR = lookup("example.com", "MX", "10 a.example.", "20 b.example.", "30 c.example.", "40 d.example.")


@pytest.mark.parametrize(
    ("lookups", "host", "others"),
    [
        ((), None, None),
        ((lookup("example.org", "MX", "10 a.example.", "20 b.example."),), None, None),
        ((lookup("example.com", "MX", status=SERVFAIL),), None, None),
        ((lookup("example.com", "MX", "10 a.example."),), None, ()),
        ((lookup("example.com", "MX", "0 ."),), None, ()),
        ((lookup("example.com", "MX", "10 a.example.", "20 a.example."),), None, ()),
        ((lookup("example.com", "MX", "10 a.example.", "20 b.example."),), None, ("a.example", "b.example")),
        ((lookup("example.com", "MX", "10 a.example.", "20 b.example."),), "A.example.", ("b.example",)),
        ((FOUR, lookup("b.example", "A", IP)), None, ("a.example", "c.example", "d.example")),
        ((FOUR, lookup("b.example", "AAAA", IP)), None, ("a.example", "c.example", "d.example")),
        ((FOUR, lookup("b.example", "TXT", IP)), None, ("a.example", "b.example", "c.example", "d.example")),
        ((FOUR, lookup("b.example", "A", "192.0.2.1")), None, ("a.example", "b.example", "c.example", "d.example")),
    ],
)
def test_the_recipients_mail_hosts_beside_this_one(lookups, host, others):
    found = rejected(lookups=lookups, address=IP)
    found = msgspec.structs.replace(found, transcript=msgspec.structs.replace(found.transcript, host=host))
    assert other_mail_hosts(found) == others
    known = {} if others is None else {"mx_counted": "yes"}
    known |= {"other_mx": ", ".join(others[:3])} if others else {}
    assert holding(of_names(found), "mx_counted", "other_mx") == known
    assert of_names(found)["recipient_domain"] == "example.com"


def test_without_a_recipient_no_mail_host_is_another():
    assert other_mail_hosts(rejected(lookups=(FOUR,), forward_path=None)) is None
