"""What the trace of a record shows: who includes whom, at which term it ended, and which version of IP it lists."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.diagnosis.facts.records import circle_of, deciding, last_term, lists_other_family, of_record
from smtpprobe.model.evidence.spf import SpfFault, SpfIdentity, SpfStep
from smtpprobe.model.words import AuthResult
from tests.diagnosis.evidence import spf
from tests.diagnosis.facts.rejections import held

PERM = AuthResult.PERMERROR
V4, V6 = "192.31.196.7", "2001:4860:4860::8888"


def trace(*terms: tuple[str, str]) -> tuple[SpfStep, ...]:
    """Records that lead to one another: domain and deciding term of each, after a term that does not match."""
    steps: tuple[SpfStep, ...] = ()
    for domain, term in reversed(terms):
        step = SpfStep(domain=domain, term=term, expanded=None, decided=True, children=steps)
        steps = (msgspec.structs.replace(step, term="a", decided=False, children=()), step)
    return steps


def identity(*terms: tuple[str, str], **fields) -> SpfIdentity:
    return SpfIdentity(**({"domain": "a.example", "sender": None, "result": PERM, "trace": trace(*terms)} | fields))


A_B = (("a.example", "include:b.example"), ("b.example", "include:a.example"), ("A.example.", "include:b.example"))
ITSELF = (("a.example", "include:A.example"), ("a.example", "include:a.example"))
LATER = (("x.example", "include:a.example"), *ITSELF)
THREE = (
    ("a.example", "include:b.example"),
    ("b.example", "redirect=c.example"),
    ("c.example", "Include:a.example"),
    ("a.example", "include:b.example"),
)


@pytest.mark.parametrize(
    ("terms", "circle", "term"),
    [
        ((), (), None),
        ((("a.example", "mx"),), (), "mx"),
        ((("a.example", "include:b.example"), ("b.example", "mx")), (), "mx"),
        (ITSELF, ("a.example", "a.example"), "include:a.example"),
        (LATER, ("a.example", "a.example"), "include:a.example"),
        (A_B, ("a.example", "b.example", "a.example"), "include:b.example"),
        (THREE, ("a.example", "b.example", "c.example", "a.example"), "include:b.example"),
    ],
)
def test_records_that_include_one_another(terms, circle, term):
    assert circle_of(identity(*terms)) == circle
    assert last_term(identity(*terms)) == term


def test_the_step_that_decided_is_the_first_that_did():
    steps = trace(("a.example", "mx"))
    assert deciding((*steps, *trace(("b.example", "a")))) == steps[1]
    assert deciding(steps[:1]) is None


@pytest.mark.parametrize(
    ("record", "of_v4", "of_v6"),
    [
        ("v=spf1 ip4:192.0.2.1 -all", False, True),
        ("v=spf1 ip6:2001:db8::1 -all", True, False),
        ("v=spf1 +IP6:2001:db8::1 ?all exp=e.example", True, False),
        ("v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all", False, False),
        ("v=spf1 ip6:2001:db8::1 include:b.example -all", False, False),
        ("v=spf1 ip6:2001:db8::1 redirect=b.example", False, False),
        ("v=spf1 ~a -all", False, False),
        ("v=spf1 -all", False, False),
        ("v=spf1", False, False),
        (None, False, False),
        (f"v=spf1 ip4:192.0.2.1 exp={'x' * 90} -all", False, True),
        (f"v=spf1 ip4:192.0.2.1 exp={'x' * 91} -all", False, False),
    ],
)
def test_a_record_that_lists_the_other_version_of_ip_alone(record, of_v4, of_v6):
    assert (lists_other_family(identity(record=record), V4), lists_other_family(identity(record=record), V6)) == (
        of_v4, of_v6
    )  # fmt: skip


TOO_MANY = SpfFault.TOO_MANY_LOOKUPS


@pytest.mark.parametrize(
    ("terms", "fields", "facts"),
    [
        ((), {}, {}),
        ((), {"fault": SpfFault.TOO_MANY_VOID_LOOKUPS}, {"spf_void": "yes"}),
        ((), {"fault": SpfFault.MULTIPLE_RECORDS}, {"spf_several": "yes"}),
        (A_B, {}, {}),
        (A_B, {"fault": TOO_MANY}, {"spf_loop": "a.example includes b.example, which includes a.example"}),
        (
            THREE,
            {"fault": TOO_MANY},
            {"spf_longer_loop": "a.example includes b.example, which redirects to c.example, which includes a.example"},
        ),
        (
            LATER,
            {"fault": TOO_MANY},
            {"spf_self_include": "include:A.example", "spf_loop_domain": "a.example"},
        ),
        (A_B, {"fault": SpfFault.INCLUDE_LOOP}, {"spf_loop": "a.example includes b.example, which includes a.example"}),
        ((), {"fault": TOO_MANY, "lookups_used": 11}, {"spf_excess": "1"}),
        ((), {"fault": TOO_MANY, "lookups_used": 14}, {"spf_excess": "4"}),
        ((), {"fault": TOO_MANY, "lookups_used": 3}, {"spf_excess": "1"}),
    ],
)
def test_what_is_to_be_removed_from_a_record(terms, fields, facts):
    assert held(of_record(spf(PERM), identity(*terms, **fields))) == facts


def test_of_the_senders_record_all_that_it_can_cost_counts():
    evidence = spf(PERM)
    mailfrom = msgspec.structs.replace(evidence.identities.mailfrom, fault=TOO_MANY, lookups_used=11)
    identities = msgspec.structs.replace(evidence.identities, mailfrom=mailfrom)
    evidence = msgspec.structs.replace(evidence, identities=identities)
    needing = msgspec.structs.replace(evidence, lookups_needed=17)
    assert of_record(needing, mailfrom)["spf_excess"] == "7"
    assert of_record(evidence, mailfrom)["spf_excess"] == "1"
    assert of_record(needing, identity(fault=TOO_MANY, lookups_used=12))["spf_excess"] == "2"
