"""The list of formats: each leads to a function that takes what it says, and nothing else lists them."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import pytest

from smtpprobe.catalogue.reference.compare import compare
from smtpprobe.catalogue.reference.entries import describe
from smtpprobe.model.report import CheckReport, RunStatus, Tool
from smtpprobe.pipeline.explaining import explain_text
from smtpprobe.pipeline.reference.known_ids import known_ids
from smtpprobe.render import formats
from smtpprobe.render.explanation_item import refusal_item
from smtpprobe.render.formats import FORMATS, Assumption, Format, Style, Takes
from tests.render import reports

ROOM = Path(__file__).resolve().parents[2] / "smtpprobe"
REPLY = "554 5.7.1 Client host [192.0.2.7] blocked using zen.example"


def check() -> CheckReport:
    run = reports.RUNS[0]
    return CheckReport(
        schema_version="1.0",
        tool=Tool("smtpprobe", "0"),
        started_at=reports.NOW,
        check=run.check,
        status=RunStatus.COMPLETED,
        reason=None,
        evidence=run.evidence,
        findings=run.findings,
        lookups=(),
    )


def value(takes: Takes) -> object:
    explained = explain_text(REPLY)
    return {
        Takes.REPORT: reports.refused(),
        Takes.CHECK_REPORT: check(),
        Takes.COMPARISON: compare("554", "550"),
        Takes.ENTRIES: [("554", describe(554, None, None, None))],
        Takes.EXPLANATION: explained,
        Takes.ITEM: refusal_item(explained.refusals[0]),
        Takes.KNOWN_IDS: known_ids(["greylisted", "spf-fail"]),
        Takes.ID_LIST: known_ids(["greylisted", "spf-fail"]),
    }[takes]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: f"{form.takes}-{form.name}")
def test_a_format_renders_what_it_takes(form: Format) -> None:
    text = formats.render(form, value(form.takes), Style(width=100))
    assert text.endswith("\n")
    if form.media_type == "application/json":
        assert json.loads(text)
    if form.media_type == "application/jsonl":
        assert [json.loads(line)["input"] for line in text.splitlines()]
    parameters = inspect.signature(formats.function(form.function)).parameters
    assert form.styled == ("width" in parameters or "style" in parameters)


def test_names_are_told_once_and_in_order() -> None:
    assert formats.names(Takes.REPORT) == ("text", "json")
    assert formats.names(Takes.EXPLANATION, Takes.ITEM) == ("text", "json", "jsonl", "csv")
    assert len({(each.name, each.takes) for each in FORMATS}) == len(FORMATS)
    assert formats.find("csv", Takes.REPORT) is None


def test_an_assumption_is_shown_beside_what_is_published_or_alone() -> None:
    text, as_json = formats.find("text", Takes.REPORT), formats.find("json", Takes.REPORT)
    assert text is not None
    assert as_json is not None
    published, assumed = reports.refused(), reports.refused()
    assert formats.render(text, Assumption(published, assumed)).startswith(
        "with these records every check gives the same result"
    )
    assert formats.render(as_json, Assumption(published, assumed)) == formats.render(as_json, assumed)


def test_csv_has_a_head() -> None:
    form = formats.find("csv", Takes.ITEM)
    assert form is not None
    assert formats.head(form).startswith("source,line,when,code")
    line = formats.find("jsonl", Takes.ITEM)
    assert line is not None
    assert formats.head(line) == ""


def test_nothing_else_chooses_between_formats() -> None:
    choosing = re.compile(r"""(?:==|in \() *"(?:json|text|csv|jsonl)\"""")
    allowed = {"cli/demo.py"}  # what it says of itself stands before a page for people
    found = {
        path.relative_to(ROOM).as_posix() for path in ROOM.rglob("*.py") if choosing.search(path.read_text("utf-8"))
    }
    assert found - allowed == set()
