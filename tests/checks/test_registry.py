"""The registry, and that one line in it is all that the rest of the program needs for a new check."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from smtpprobe.checks import registry
from smtpprobe.checks.base import Check, missing
from smtpprobe.checks.registry import Trigger
from smtpprobe.model.report import CheckRun, Completed, Report, Skipped
from smtpprobe.model.request import Diagnose
from smtpprobe.pipeline.probe import probe
from smtpprobe.render import json as as_json
from smtpprobe.render.text import report as as_text
from smtpprobe.testing.aiosmtpd_server import AiosmtpdServer, Behaviour
from smtpprobe.testing.zones import zone_resolver
from tests.checks import dummy
from tests.checks.planted import planted
from tests.pipeline.test_probe import ACCEPTED, REFUSED, request


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        registry, "CHECKS", (*registry.CHECKS, planted(dummy.CHECK, Trigger.AFTER_REFUSAL, needs_dns=True))
    )


async def report(behaviour: Behaviour, zone: str = "", **fields: object) -> Report:
    async with AiosmtpdServer(behaviour) as server:
        return await probe(request("127.0.0.1", server.port, **fields), resolver=zone_resolver(zone))


def run_of(report: Report) -> CheckRun:
    (run,) = (each for each in report.checks if each.check == "caa")
    return run


def ids(of: Callable[[Check], list[str]]) -> list[str]:
    return [each for check in registry.checks() for each in of(check)]


def test_names_and_findings_are_unique() -> None:
    names = ids(lambda check: [check.name])
    findings = ids(lambda check: [spec.id for spec in check.findings])
    assert sorted(set(names)) == sorted(names)
    assert sorted(set(findings)) == sorted(findings)


async def test_it_runs_after_a_refusal_and_the_report_shows_what_it_came_to() -> None:
    made = await report(REFUSED, client_ip="192.0.2.1")
    run = run_of(made)
    assert isinstance(run, Completed)
    assert [finding.id for finding in run.findings] == ["caa-missing"]
    assert made.lookups[run.evidence.lookups[0]].type == "CAA"
    page = as_text.render(made, verbosity=1, colour=False, width=100)
    assert "issuers any" in page
    assert "client.example.org has no CAA record [caa-missing]" in page
    assert run_of(msgspec.json.decode(as_json.render(made).encode(), type=Report)) == run


async def test_what_it_could_not_find_out_is_among_the_unknown_of_the_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    skip = missing("helo", "the HELO name is not known")
    unable = msgspec.structs.replace(dummy.CHECK, skip=lambda check_input: skip)
    monkeypatch.setattr(
        registry, "CHECKS", (*registry.CHECKS[:-1], planted(unable, Trigger.AFTER_REFUSAL, needs_dns=True))
    )
    made = await report(REFUSED, client_ip="192.0.2.1")
    assert ("caa", "helo") in {(each.subject, each.needs) for each in made.verdicts[0].unknown}


@pytest.mark.parametrize(
    ("behaviour", "diagnose", "why"),
    [(ACCEPTED, Diagnose.AUTO, "nothing was refused"), (REFUSED, Diagnose.NEVER, "switched off")],
)
async def test_it_is_not_run_unasked(behaviour: Behaviour, diagnose: Diagnose, why: str) -> None:
    made = await report(behaviour, diagnose=diagnose, client_ip="192.0.2.1")
    run = run_of(made)
    assert isinstance(run, Skipped)
    assert run.reason == why
    assert "CAA" not in {each.type for each in made.lookups}


def test_a_check_has_the_name_that_it_is_registered_by() -> None:
    assert [each.name for each in registry.CHECKS] == [check.name for check in registry.checks()]
