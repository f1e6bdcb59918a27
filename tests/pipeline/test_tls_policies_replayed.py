"""A replay knows the policy that the saved run fetched."""

from __future__ import annotations

from pathlib import Path

from smtpprobe.model.report import Report
from smtpprobe.pipeline.replay import Recorded, evaluate_again
from smtpprobe.testing.cases import load_case, run_case

CASES = Path(__file__).parent.parent.parent / "fixtures" / "cases"


def said(report: Report) -> set[tuple[str, str, str]]:
    about = ("mta-sts", "tlsrpt", "dane")
    return {
        (each.id, each.subject, each.message) for run in report.checks if run.check in about for each in run.findings
    }


async def test_the_checks_say_the_same_again() -> None:
    for slug in ("tls-mta-sts-enforced", "tls-dane-mismatch"):
        report = await run_case(load_case(CASES / slug))
        assert said(report)
        assert said(await evaluate_again(report, Recorded(report.lookups))) == said(report)
