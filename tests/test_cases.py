"""Every case of fixtures/cases: played, probed, compared with what it expects."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from smtpprobe.checks.registry import checks
from smtpprobe.cli.option_names import OPTION_NAMES
from smtpprobe.model.report import Failed, FailureKind, Report
from smtpprobe.render import formats
from smtpprobe.render.formats import FORMATS, Style, Takes
from smtpprobe.render.text.report import render
from smtpprobe.testing.cases import Expect, load_case, run_case
from smtpprobe.testing.differences import check_expectations
from tests.cases import CASES, played
from tests.render import planted


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_case(path: Path) -> None:
    report = played(path)
    assert check_expectations(report, load_case(path).expect) == []
    renders_safely(report)
    fits_the_screen(report)


def renders_safely(report: Report) -> None:
    """Every format renders it, and nothing is in there that a terminal or a CI runner would obey."""
    for form in FORMATS:
        if form.takes is Takes.REPORT:
            for width in (80, 41):
                text = formats.render(form, report, Style(width=width, verbosity=1))
                assert planted.injected(text, form.media_type) == []


def fits_the_screen(report: Report) -> None:
    """On a terminal of 80×24 the whole answer is in sight when the prompt returns, and little of the page is gone."""
    whole, answer = (render(report, verbosity=verbosity, hints=OPTION_NAMES) for verbosity in (0, -1))
    assert answer.count("\n") <= 24
    assert whole.count("\n") <= 45


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_a_case_says_in_two_lines_what_is_special(path: Path) -> None:
    lines = (path / "README.md").read_text("utf-8").splitlines()
    assert 1 <= len([line for line in lines if line.strip()]) <= 2


def test_there_are_cases() -> None:
    assert len(CASES) >= 35


@pytest.mark.parametrize("check", checks(), ids=lambda check: check.name)
def test_each_check_has_a_case_that_shows_it_and_one_that_must_not(check) -> None:
    own = {spec.id for spec in check.findings}
    cases = [load_case(path) for path in CASES]
    assert [case.slug for case in cases if own & set(case.expect.must)]
    assert [case.slug for case in cases if own & set(case.expect.must_not)]


def test_every_finding_that_a_case_names_exists() -> None:
    known = {spec.id for check in checks() for spec in check.findings}
    named = {each for path in CASES for each in (*load_case(path).expect.must, *load_case(path).expect.must_not)}
    assert named - known == set()


LISTED = next(path for path in CASES if path.name == "rcpt-554-listed")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("outcome", {"status": "accepted", "exit_code": 1}),
        ("outcome", {"status": "refused", "exit_code": 0}),
        ("outcome", {"status": "refused", "exit_code": 1, "phase": "mail"}),
        ("outcome", {"status": "refused", "exit_code": 1, "reply_code": 550}),
        ("outcome", {"status": "refused", "exit_code": 1, "enhanced": "5.7.2"}),
        ("outcome", {"status": "refused", "exit_code": 1, "reason": "another"}),
        ("must", ["spf-fail"]),
        ("must_not", ["dnsbl-listed"]),
        ("sent", ["DATA"]),
        ("not_sent", ["rcpt to:*"]),
        ("replies", [220]),
        ("not_in_replies", ["blocked using"]),
        ("breakage", "reset"),
        ("partial", "x"),
        ("unsolicited", "x"),
        ("injected", "x"),
        ("recipients", ["accepted"]),
        ("client_ip", "192.0.2.1"),
        ("client_ip_source", "ehlo"),
        ("skipped", {"spf": "nothing was refused"}),
        ("transcripts", 2),
        ("login", "accepted"),
        ("verdict", []),
        ("verdict", [{"cause": "recipient-unknown"}]),
        ("verdict", [{"cause": "ip-blocklisted", "confidence": "stated"}]),
        ("verdict", [{"cause": "ip-blocklisted", "because": ["another"]}]),
        ("verdict", [{"cause": "ip-blocklisted", "remedies": ["another"]}]),
        ("verdict", [{"cause": "ip-blocklisted", "statement": "another"}]),
        ("verdict", [{"cause": "ip-blocklisted", "first": ["another"]}]),
        ("verdict", [{"cause": "ip-blocklisted", "not_remedies": ["submission"]}]),
        ("verdict", [{"cause": "ip-blocklisted", "paste": ["another"]}]),
        ("verdict", [{"cause": "ip-blocklisted", "cleared": ["another"]}]),
        ("verdict", [{"cause": "ip-blocklisted", "unknown": ["another"]}]),
        ("verdict", [{"cause": "ip-blocklisted", "not_causes": ["ip-blocklisted"]}]),
    ],
)
async def test_what_is_otherwise_is_said(field: str, value: object) -> None:
    case = load_case(LISTED)
    report = await run_case(case)
    (message,) = check_expectations(report, _otherwise(case.expect, field, value))
    assert message


@pytest.mark.parametrize(
    ("kind", "is_wrong"), [(FailureKind.INTERNAL_ERROR, True), (FailureKind.DEADLINE, False)], ids=str
)
async def test_a_check_that_failed_by_a_bug_is_wrong_whatever_its_reason_says(
    kind: FailureKind, is_wrong: bool
) -> None:
    case = load_case(LISTED)
    report = await run_case(case)
    failed = Failed(check="reply-syntax", kind=kind, reason="in other words", transcript=0)
    report = msgspec.structs.replace(report, checks=(*report.checks, failed))
    assert len(check_expectations(report, case.expect)) == is_wrong


def _otherwise(expect: Expect, field: str, value: object) -> Expect:
    fields = {"outcome": {"status": "refused", "exit_code": 1}, field: value}
    return msgspec.convert(fields, Expect)


def test_a_field_that_there_is_not_is_refused(tmp_path: Path) -> None:
    for name in ("README.md", "dns.zone", "expect.toml"):
        (tmp_path / name).write_text((LISTED / name).read_text("utf-8"), "utf-8")
    (tmp_path / "request.toml").write_text("hots = 1", "utf-8")
    with pytest.raises(ValueError, match=r"request\.toml of .*hots"):
        load_case(tmp_path)
