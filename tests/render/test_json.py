"""JSON: the model's own fields, octets as base64, and texts that no encoder takes."""

from __future__ import annotations

import base64
import json

import msgspec

from smtpprobe.model.report import CheckReport, RunStatus, Tool
from smtpprobe.render import json as as_json
from tests.render import reports


def test_the_report_comes_back() -> None:
    report = reports.refused()
    text = as_json.render(report)
    assert msgspec.json.decode(text.encode(), type=type(report)) == report
    raw = json.loads(text)["transcripts"][0]["exchanges"][0]["reply"]["raw"]
    assert base64.b64decode(raw) == b"220 mx.example.com ESMTP\r\n"
    assert text.endswith("}\n")


def test_on_one_line() -> None:
    text = as_json.render(reports.accepted(), indent=0)
    assert text.count("\n") == 1
    assert json.loads(text)["outcome"]["status"] == "accepted"


def test_absent_values_are_null() -> None:
    text = as_json.render(
        CheckReport(
            schema_version="1.0",
            tool=Tool("smtpprobe", "0"),
            started_at=reports.NOW,
            check="spf",
            status=RunStatus.SKIPPED,
            reason="no domain",
            evidence=None,
            findings=(),
            lookups=(),
        )
    )
    assert json.loads(text) == {
        "schema_version": "1.0", "tool": {"name": "smtpprobe", "version": "0"}, "started_at": "2026-11-22T12:00:00Z",
        "check": "spf", "status": "skipped", "reason": "no domain", "evidence": None, "findings": [], "lookups": [],
        "needs": None,
    }  # fmt: skip


def test_lone_surrogates_become_text() -> None:
    assert as_json.encode({"a\udcff": ["\ud800", {"b": "\udc80"}]}, indent=0) == (
        '{"a\\\\udcff":["\\\\ud800",{"b":"\\\\udc80"}]}\n'
    )
