"""`smtpprobe compare`: the page at two widths, JSON, and what is wrong in one line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smtpprobe.render.escape import columns
from tests.cli.conftest import Ran

SECTIONS = ["Key differences", "Which applies when", "The tempting wrong move", "Learn more"]


def test_one_after_the_other_on_a_narrow_page(cli: Callable[..., Ran]) -> None:
    ran = cli("compare", "235", "554")
    lines = ran.out.splitlines()
    assert ran.code == 0
    assert [line for line in lines if line in SECTIONS] == SECTIONS
    assert lines.index("235  Authentication succeeded") < lines.index("554  Transaction failed")
    assert max(map(len, lines)) <= 80


def test_two_columns_on_a_wide_page(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    lines = cli("compare", "250", "535").out.splitlines()
    heads = next(line for line in lines if line.startswith("250  Requested"))
    assert "535  Authentication credentials invalid" in heads
    assert max(map(len, lines)) <= 100


def test_hindi(cli: Callable[..., Ran]) -> None:
    ran = cli("compare", "235", "554", "--lang", "hi")
    lines = ran.out.splitlines()
    assert ran.code == 0
    for label in ("विवरण", "जब आप इसे देखें", "कैसे ठीक करें", "मुख्य अंतर", "कब कौन-सा आता है", "और जानें"):
        assert label in lines
    assert max(map(columns, lines)) <= 80
    # What is left in Latin letters is names, commands and codes, never a sentence of ours.
    assert "the command" not in ran.out


def test_json_has_fields_in_english_and_texts_in_the_language(cli: Callable[..., Ran]) -> None:
    report = cli("compare", "235", "554", "--format", "json", "--lang", "hi").report
    named = {"left", "right", "summary", "differences", "uses", "related"}
    assert set(report) == {"schema_version", "tool"} | named
    assert report["left"]["entry"]["title"] == "लॉगिन हो गया"
    assert report["right"]["causes"][0]["id"] == "policy-rejected"
    assert [each["about"] for each in report["differences"]][:2] == ["result", "stage"]


@pytest.mark.parametrize("codes", [("554", "554"), ("554", "999"), ("554", "abc"), ("5.99.99", "554"), ("299", "554")])
def test_wrong_codes_are_one_line(cli: Callable[..., Ran], codes: tuple[str, str]) -> None:
    ran = cli("compare", *codes)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
