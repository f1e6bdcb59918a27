"""The cases of fixtures/cases, played in virtual time: a server that says an octet a second costs nothing."""

from __future__ import annotations

from pathlib import Path

from smtpprobe.model.report import Report
from smtpprobe.testing.cases import load_case, run_case
from tests import virtual_time

CASES = sorted((Path(__file__).parent.parent / "fixtures" / "cases").iterdir())


def played(path: Path) -> Report:
    """The report of the case in this directory."""
    return virtual_time.run(run_case(load_case(path)), settle_s=virtual_time.SETTLE_S)
