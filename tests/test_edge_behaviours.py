"""The page of what servers do that they should not, held to the cases that play it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cases import CASES

PAGE = (Path(__file__).parent.parent / "docs" / "edge-behaviours.md").read_text("utf-8")
COUNT = 46
_ROW = re.compile(r"^([0-9]+)\. \*\*.+?(?=^[0-9]+\. |^#|\Z)", re.MULTILINE | re.DOTALL)
ROWS = {int(row[1]): re.findall(r"`([a-z0-9-]+)`", row[0].partition("Cases:")[2]) for row in _ROW.finditer(PAGE)}


def test_each_behaviour_has_its_number() -> None:
    assert list(ROWS) == list(range(1, COUNT + 1))


def test_each_behaviour_has_a_case() -> None:
    assert [number for number, cases in ROWS.items() if not cases] == []


def test_each_case_that_is_named_exists() -> None:
    there = {path.name for path in CASES}
    assert [case for cases in ROWS.values() for case in cases if case not in there] == []
