"""Before and after of an assumption, and the smallest edit, as lines of text."""

from __future__ import annotations

from smtpprobe.model.evidence import MxEvidence
from smtpprobe.model.evidence.mx import MxDomain, MxHost, MxRole, MxStatus
from smtpprobe.model.evidence.spf import SpfEdit, SpfEvidence, SpfIdentities, SpfIdentity
from smtpprobe.model.report import CheckRun, Completed, Finding, Severity, Skipped
from smtpprobe.model.words import AuthResult
from smtpprobe.render.evidence.row import Detail, Row
from smtpprobe.render.evidence.table import rows
from smtpprobe.render.text.assumption import render

FAILS = Finding(
    id="spf-fail", severity=Severity.ERROR, subject="example.org", message="example.org does not permit 192.0.2.1"
)


def run(result: AuthResult, *findings: Finding, edit: SpfEdit | None = None) -> Completed:
    identity = SpfIdentity(domain="example.org", sender="alice@example.org", result=result, mechanism="-all")
    identities = SpfIdentities(identity, identity)
    evidence = SpfEvidence(
        client_ip="192.0.2.1",
        result=result,
        identities=identities,
        mechanism="-all",
        explanation=None,
        record=None,
        problem=None,
        lookups_used=2,
        void_lookups_used=0,
        trace=(),
        lookups=(),
        edit=edit,
    )
    return Completed(check="spf", evidence=evidence, findings=findings)


def test_what_changes_stands_in_two_lines() -> None:
    other: CheckRun = Skipped(check="dkim", reason="no domain")
    text = render([run(AuthResult.FAIL, FAILS), other], [run(AuthResult.PASS), other])
    assert text.splitlines() == [
        "spf       as published: fail by -all (lookups 2 of 10)",
        "          as assumed:   pass by -all (lookups 2 of 10)",
        "          no longer stated: spf-fail (example.org)",
    ]


def test_a_single_check_is_shown_though_nothing_changes() -> None:
    text = render([run(AuthResult.FAIL, FAILS)], [run(AuthResult.FAIL, FAILS)])
    assert text.count("fail by -all") == 2
    assert "stated" not in text


def test_nothing_changes() -> None:
    runs: list[CheckRun] = [run(AuthResult.FAIL), Skipped(check="dkim", reason="no domain")]
    assert render(runs, runs) == "with these records every check gives the same result\n"


def test_new_findings_are_named() -> None:
    text = render([run(AuthResult.PASS)], [run(AuthResult.FAIL, FAILS)])
    assert "stated then: spf-fail (example.org)" in text


def test_the_smallest_edit() -> None:
    edit = SpfEdit(
        domain="example.org",
        record="v=spf1 ip4:192.0.2.1 -all",
        strings=('"v=spf1 ip4:192.0.2.1 -all"',),
        changes=("ip4:192.0.2.1 added before -all",),
        notes=("a note",),
        result=AuthResult.PASS,
        lookups_used=3,
        void_lookups_used=0,
        lookups_needed=3,
    )
    evidence = run(AuthResult.FAIL, edit=edit).evidence
    assert evidence is not None
    shown = [row.text for row in rows(evidence, Detail())]
    assert 'example.org. TXT "v=spf1 ip4:192.0.2.1 -all"' in shown
    assert any("ip4:192.0.2.1 added before -all" in text for text in shown)
    assert "evaluated again with it: pass, lookups 3 of 10" in shown
    assert "but a note" in shown


def test_why_no_edit_is_advised() -> None:
    evidence = run(
        AuthResult.FAIL, edit=SpfEdit(domain="example.org", reason="10.0.0.1 is not a global address")
    ).evidence
    assert evidence is not None
    assert Row(text="no change of the record is advised: 10.0.0.1 is not a global address") in rows(evidence, Detail())


def mx(host: str, lookup: int) -> Completed:
    hosts = (MxHost(name=host, preference=10, addresses=()),)
    domain = MxDomain(domain="example.org", role=MxRole.REVERSE_PATH, status=MxStatus.MX, hosts=hosts)
    return Completed(check="mx", evidence=MxEvidence((domain,), (lookup,)))


def test_other_evidence_is_told_whatever_it_is_and_other_lookups_are_not() -> None:
    other: CheckRun = Skipped(check="dkim", reason="no domain")
    text = render([mx("mx.example.org", 1), other], [mx("other.example.net", 1), other])
    assert "as published: example.org (reverse-path): MX mx.example.org" in text
    assert "as assumed:   example.org (reverse-path): MX other.example.net" in text
    assert "gives the same result" in render([mx("mx.example.org", 1), other], [mx("mx.example.org", 2), other])
