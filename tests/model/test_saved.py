"""Whole reports that the first version wrote, before reasons had kinds, are read and explained as they were then."""

import json
from pathlib import Path

import pytest

from smtpprobe.model.report import BecauseKind, Confidence, SkipKind, Unchecked
from smtpprobe.model.saved import load
from smtpprobe.model.transcript import OutcomeFault
from smtpprobe.pipeline.replay import replay
from smtpprobe.render.text.report import render

REPORTS = Path(__file__).parent / "early_reports"


def early(name: str) -> bytes:
    return (REPORTS / f"{name}.json").read_bytes()


@pytest.mark.parametrize("path", sorted(REPORTS.glob("*.json")), ids=lambda path: path.stem)
def test_an_early_report_gets_the_same_verdicts_when_it_is_replayed(path):
    then = json.loads(path.read_bytes())["verdicts"]
    now = replay(load(path.read_bytes())).verdicts
    assert [each.exchange for each in now] == [each["exchange"] for each in then]
    # A verdict that had no cause may have one by now.
    for verdict, before in zip(now, then, strict=True):
        causes = [(cause["id"], cause["confidence"]) for cause in before["causes"]]
        assert causes in ([], [(cause.id, cause.confidence.value) for cause in verdict.causes])


def test_a_login_that_an_early_report_cancelled_in_words_is_no_refusal():
    report = load(early("login-cancelled"))
    (cancelled,) = [each for each in report.transcripts[0].exchanges if each.cancels_login]
    assert cancelled.reply.code == 501
    assert report.outcome.fault is OutcomeFault.LOGIN_CANCELLED
    (verdict,) = report.verdicts
    assert verdict.restates_outcome
    assert render(report).count("login cancelled: the challenge is not base64") == 1


def test_checks_that_an_early_report_did_not_ask_for_are_known_as_such():
    kinds = {run.kind for run in load(early("login-cancelled")).checks if run.reason == "nothing was refused"}
    assert kinds == {SkipKind.NOT_ASKED}


def test_the_reasons_of_an_early_report_get_their_kinds():
    (verdict,) = load(early("query-refused")).verdicts
    (best,) = [cause for cause in verdict.causes if cause.confidence is Confidence.STATED]
    assert best.because[0].kind is BecauseKind.REPLY
    assert verdict.unknown == (Unchecked(subject="zen.dnsbl.example", reason="query refused"),)


def test_a_zone_that_a_finding_of_an_early_report_names_is_not_said_twice():
    page = render(load(early("query-refused")), every_check=True)
    assert "zen.dnsbl.example: query refused (" not in page  # the row that the finding states again
    assert "notice: zen.dnsbl.example refused the question" in page
    assert "Unknown zen.dnsbl.example: query refused" in page


@pytest.mark.parametrize("path", sorted(REPORTS.glob("*.json")), ids=lambda path: path.stem)
def test_a_finding_of_an_early_report_is_said_as_it_was(path):
    findings = [finding for run in load(path.read_bytes()).checks for finding in run.findings]
    assert findings
    assert [each for each in findings if each.names_subject is not (each.subject in each.message)] == []
