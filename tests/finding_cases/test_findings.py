"""Each finding is shown by an input that has the fault, and not by a near one that has not."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from smtpprobe.checks.base import Check
from smtpprobe.checks.registry import checks
from smtpprobe.testing.cases import load_case
from tests.finding_cases.row import Row, findings, found

ROWS: tuple[tuple[Check, Row], ...] = tuple(
    (check, row)
    for check in checks()
    for row in import_module(f"tests.finding_cases.{check.name.replace('-', '_')}").ROWS
)
NAMES = [row.id for _, row in ROWS]
CASES = [load_case(path) for path in sorted((Path(__file__).parents[2] / "fixtures" / "cases").iterdir())]
FINDINGS = [spec.id for check in checks() for spec in check.findings]


@pytest.mark.parametrize(("check", "row"), ROWS, ids=NAMES)
async def test_the_fault_shows_the_finding(check: Check, row: Row) -> None:
    assert row.id in await found(check, row.shown)


@pytest.mark.parametrize(("check", "row"), ROWS, ids=NAMES)
async def test_its_near_neighbour_does_not(check: Check, row: Row) -> None:
    assert row.id not in row.instead
    assert await found(check, row.near) == row.instead


async def test_a_finding_says_whether_its_message_names_the_subject() -> None:
    shown = [finding for check, row in ROWS for finding in await findings(check, row.shown)]
    assert [each for each in shown if each.names_subject and each.subject not in each.message] == []
    assert [each for each in shown if "None" in each.message] == []
    unmarked = {each.id for each in shown if not each.names_subject}
    assert unmarked - {each.id for each in shown if each.subject not in each.message} == set()


@pytest.mark.parametrize("check", checks(), ids=lambda check: check.name)
def test_a_table_names_findings_of_its_check(check: Check) -> None:
    own = {spec.id for spec in check.findings}
    assert {row.id for each, row in ROWS if each is check} - own == set()


def test_each_finding_is_shown_by_a_case_or_a_row() -> None:
    shown = {row.id for _, row in ROWS}.union(*(case.expect.must for case in CASES))
    assert [each for each in FINDINGS if each not in shown] == []


def test_each_finding_is_kept_away_by_a_case_or_a_row() -> None:
    kept_away = {row.id for _, row in ROWS}.union(*(case.expect.must_not for case in CASES))
    assert [each for each in FINDINGS if each not in kept_away] == []
