"""Before and after of an assumption, and the smallest edit, as lines of text."""

from __future__ import annotations

from smtpprobe.model.evidence.spf import SpfEdit, SpfEvidence, SpfIdentities, SpfIdentity
from smtpprobe.model.report import CheckRun, Completed, Finding, Severity, Skipped
from smtpprobe.model.words import AuthResult
from smtpprobe.render.text.assumption import render
from smtpprobe.render.text.evidence.runs import lines

FAILS = Finding("spf-fail", Severity.ERROR, "example.org", "example.org does not permit 192.0.2.1")


def run(result: AuthResult, *findings: Finding, edit: SpfEdit | None = None) -> Completed:
    identity = SpfIdentity("example.org", "alice@example.org", result, mechanism="-all")
    identities = SpfIdentities(identity, identity)
    evidence = SpfEvidence("192.0.2.1", result, identities, "-all", None, None, None, 2, 0, (), (), edit=edit)
    return Completed("spf", evidence, findings)


def test_what_changes_stands_in_two_lines() -> None:
    other: CheckRun = Skipped("dkim", "no domain")
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
    runs: list[CheckRun] = [run(AuthResult.FAIL), Skipped("dkim", "no domain")]
    assert render(runs, runs) == "with what is assumed every check comes out as it is published\n"


def test_new_findings_are_named() -> None:
    text = render([run(AuthResult.PASS)], [run(AuthResult.FAIL, FAILS)])
    assert "stated then: spf-fail (example.org)" in text


def test_the_smallest_edit() -> None:
    edit = SpfEdit(
        "example.org", "v=spf1 ip4:192.0.2.1 -all", ('"v=spf1 ip4:192.0.2.1 -all"',), ("ip4:192.0.2.1 added before -all",),
        ("a note",), AuthResult.PASS, 3, 0, 3,
    )  # fmt: skip
    evidence = run(AuthResult.FAIL, edit=edit).evidence
    assert evidence is not None
    shown = [text for text, _ in lines(evidence, full=False)]
    assert '  example.org. TXT "v=spf1 ip4:192.0.2.1 -all"' in shown
    assert any("ip4:192.0.2.1 added before -all" in text for text in shown)
    assert "  evaluated again with it: pass, lookups 3 of 10" in shown
    assert "  but a note" in shown


def test_why_no_edit_is_advised() -> None:
    evidence = run(AuthResult.FAIL, edit=SpfEdit("example.org", reason="10.0.0.1 is not a global address")).evidence
    assert evidence is not None
    assert ("no change of the record is advised: 10.0.0.1 is not a global address", None) in lines(evidence, full=False)
