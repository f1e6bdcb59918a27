"""Which earlier stage a late refusal is about, and that nothing is said where the message decides."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from smtpprobe.model.report import BecauseKind
from smtpprobe.testing.cases import load_case, run_case

CASE = Path(__file__).parents[2] / "fixtures" / "cases" / "rcpt-spf-fail-helo"
SAID = "550 5.7.23 SPF validation failed for client.example.org from 198.51.100.7"


@pytest.mark.parametrize(
    ("said", "stage", "domain"),
    [
        (SAID, "it is about the HELO name, known since EHLO", "client.example.org"),
        ("550 5.7.26 Refused by the DMARC policy of example.org", None, "example.org"),
        ("550 5.7.20 No passing DKIM signature of example.org", None, "example.org"),
    ],
)
async def test_the_helo_names_spf_is_told_where_the_reply_is_about_spf(
    tmp_path: Path, said: str, stage: str | None, domain: str
) -> None:
    case = tmp_path / CASE.name
    shutil.copytree(CASE, case)
    session = case / "session.smtp"
    session.write_text(session.read_text("utf-8").replace(SAID, said), "utf-8")
    report = await run_case(load_case(case))
    (cause, *_) = report.verdicts[0].causes
    assert cause.id == "email-auth-failed"
    told = [each.text for each in cause.because if each.kind is BecauseKind.STAGE]
    assert told == ([f"answered at RCPT, {stage}"] if stage else [])
    named = " ".join(remedy.action for remedy in cause.remedies)
    assert "client.example.org" not in named or domain == "client.example.org"
