"""Every case of fixtures/cases: played, probed, compared with what it expects."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtpprobe.checks import CHECKS
from smtpprobe.model.report import Report
from smtpprobe.render import as_json, as_text
from smtpprobe.testing.cases import check_expectations, load_case, run_case

CASES = sorted((Path(__file__).parent.parent / "fixtures" / "cases").iterdir())


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
async def test_case(path: Path) -> None:
    case = load_case(path)
    report = await run_case(case)
    assert check_expectations(report, case.expect) == []
    renders_safely(report)


def renders_safely(report: Report) -> None:
    """Both formats render, and nothing that a terminal would obey is in the text."""
    as_json.render(report)
    text = as_text.render(report, verbosity=1, colour=False, width=80)
    assert not [char for char in text if char != "\n" and (ord(char) < 32 or 0x7F <= ord(char) < 0xA0)]
    assert not set(text) & set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_a_case_says_in_two_lines_what_is_special(path: Path) -> None:
    lines = (path / "README.md").read_text("utf-8").splitlines()
    assert 1 <= len([line for line in lines if line.strip()]) <= 2


def test_there_are_cases() -> None:
    assert len(CASES) >= 35


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_each_check_has_a_case_that_shows_it_and_one_that_must_not(check) -> None:
    own = {spec.id for spec in check.findings}
    cases = [load_case(path) for path in CASES]
    assert [case.slug for case in cases if own & set(case.expect.must)]
    assert [case.slug for case in cases if own & set(case.expect.must_not)]


def test_every_finding_that_a_case_names_exists() -> None:
    known = {spec.id for check in CHECKS for spec in check.findings}
    named = {each for path in CASES for each in (*load_case(path).expect.must, *load_case(path).expect.must_not)}
    assert named - known == set()
