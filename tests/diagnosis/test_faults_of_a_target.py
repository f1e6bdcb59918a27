"""A target that leads to no address: the remedy fits the fault of the name, and says nothing that is not so."""

from __future__ import annotations

import pytest

from smtpprobe.diagnosis.unreached import nowhere, unconnected
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus
from smtpprobe.model.transcript import Breakage, Outcome, OutcomeFault, Phase, Status
from tests.diagnosis.test_lost_sessions import failed

HOST = "x.example"
NONE, UNKNOWN, OPEN = OutcomeFault.MX_WITHOUT_ADDRESS, OutcomeFault.NAME_UNKNOWN, OutcomeFault.LOOKUP_FAILED


def mx(*records: str) -> DnsLookup:
    return DnsLookup(name=HOST, type="MX", status=DnsStatus.ANSWER, records=records)


def asked(name: str, status: str, cname: str | None = None, rdtype: str = "A") -> DnsLookup:
    records = ("192.0.2.1",) if status == "answer" else ()
    return DnsLookup(name=name, type=rdtype, status=DnsStatus(status), records=records, cname=cname)


@pytest.mark.parametrize(
    ("fault", "lookups", "said", "unsaid"),
    [
        (NONE, [mx("10 192.0.2.9.")], "in place of the address 192.0.2.9", "Publish"),
        (
            NONE,
            [mx("10 m.x.example.x.example."), asked("m.x.example.x.example", "nxdomain"), asked("m.x.example", "answer")],
            "m.x.example. instead of m.x.example,",
            "Publish",
        ),
        (NONE, [mx("10 m.x.example."), asked("m.x.example", "alias-loop")], "aliases (CNAME) of m.x.example", "again in"),
        (NONE, [mx("10 m.x.example."), asked("m.x.example", "nxdomain", "gone.example")], "is an alias", "Publish"),
        (NONE, [mx("0 .", "10 g.x.example."), asked("g.x.example", "nxdomain")], "the null MX of x.example", "null MX with"),
        (NONE, [mx("10 g.x.example."), asked("g.x.example", "nodata")], "record for g.x.example", "null MX"),
        (UNKNOWN, [asked(HOST, "nxdomain", "gone.example", "MX")], "it leads to gone.example", "spelling"),
        (UNKNOWN, [asked(HOST, "nxdomain", "gone.example")], "it leads to gone.example", "spelling"),
        (OPEN, [asked(HOST, "alias-loop", rdtype="MX")], "aliases (CNAME) of x.example", "again in"),
        (
            OPEN,
            [mx("10 a.x.example.", "20 m.x.example."), asked("a.x.example", "nxdomain"), asked("m.x.example", "servfail")],
            "known about m.x.example",
            "record for m.x.example",
        ),
        (
            OPEN,
            [mx("10 a.x.example.", "20 m.x.example."), asked("a.x.example", "nxdomain"), asked("m.x.example", "servfail")],
            "record for a.x.example",
            "known about x.example",
        ),
    ],
)  # fmt: skip
def test_the_remedy_is_that_of_the_fault(fault, lookups, said, unsaid):
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.DNS, reason="so it is", fault=fault)
    (cause,) = nowhere(outcome, HOST, lookups).causes
    actions = " ".join(each.action for each in cause.remedies)
    assert said in actions
    assert unsaid not in actions


BROKEN_AND_OPEN = [
    mx("10 a.x.example.", "20 m.x.example."),
    asked("a.x.example", "alias-loop"),
    asked("m.x.example", "servfail"),
]


def test_a_fault_that_is_known_comes_before_another_try_and_leaves_it_open():
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.DNS, reason="so it is", fault=OPEN)
    (cause,) = nowhere(outcome, HOST, BROKEN_AND_OPEN).causes
    first, second = (each.action for each in cause.remedies[:2])
    assert "aliases (CNAME) of a.x.example" in first
    assert "known about m.x.example" in second
    assert cause.retry is not None
    assert "after a few minutes" in cause.retry


@pytest.mark.parametrize(
    ("lookup", "retry"),
    [
        (asked(HOST, "nxdomain", "gone.example", "MX"), "it leads to gone.example"),
        (asked(HOST, "alias-loop", rdtype="MX"), "no other try changes"),
        (asked(HOST, "servfail", rdtype="MX"), "after a few minutes"),
    ],
)
def test_when_to_try_again_is_that_of_the_fault(lookup, retry):
    fault = OPEN if lookup.failed else UNKNOWN
    (cause,) = nowhere(Outcome(status=Status.NO_SESSION, phase=Phase.DNS, fault=fault), HOST, [lookup]).causes
    assert cause.retry is not None
    assert retry in cause.retry


@pytest.mark.parametrize(("records", "is_said"), [(("0 .", "10 m.x.example."), True), (("10 m.x.example.",), False)])
def test_a_null_mx_beside_a_host_that_does_not_answer_is_said(records, is_said):
    (verdict,) = unconnected([failed(Breakage.REFUSED, "no")], HOST, [mx(*records)])
    assert any("null MX" in each.action for each in verdict.causes[0].remedies) is is_said
