"""One check by itself ends at its deadline, however slow the name servers are. Time is virtual."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.catalogue.tally import Tally
from smtpprobe.checks import dkim, dmarc, dnsbl, iprev, spf
from smtpprobe.checks.base import Check, CheckOptions, SessionView
from smtpprobe.cli import exit_codes
from smtpprobe.model.report import CheckReport
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.net.resolver import RunResolver
from smtpprobe.net.zone import ZoneAnswerer, read_assumption
from smtpprobe.pipeline import assumption, hinted_checks
from smtpprobe.pipeline.assumption import check_alone
from tests.virtual_time import run

SLOW_S = 4.5  # below the five seconds after which a question counts as unanswered
# Each of ten records includes nine more: eighty questions and more, those of the lint one after the other.
TREE = 'x.test. TXT "v=spf1 include:a.x.test ~all"\n' + "".join(
    f'{name}.x.test. TXT "v=spf1 {" ".join(f"include:{name}{n}.x.test" for n in range(9))} ~all"\n'
    for name in ("a", *(f"a{n}" for n in range(9)))
)
CHECKS = (spf.CHECK, dkim.CHECK, dmarc.CHECK, iprev.CHECK, dnsbl.CHECK)


@pytest.fixture(autouse=True)
def slow_name_servers(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every answer takes as long as the one number says."""
    delay = [SLOW_S]

    def resolver(*_: object, **__: object) -> RunResolver:
        return RunResolver(ZoneAnswerer(TREE, delay_s=delay[0]).answer)

    monkeypatch.setattr(assumption, "NetworkResolver", resolver)
    return delay


def alone(check: Check, **options: Any) -> tuple[CheckReport, CheckReport | None, float]:
    """The reports, and how many seconds went by."""
    session = SessionView(
        envelope=Envelope(Assumed("x.test"), Assumed("postmaster@x.test")), client_ip="192.0.2.1", client_ip_given=True
    )

    async def timed() -> tuple[CheckReport, CheckReport | None, float]:
        start = asyncio.get_running_loop().time()
        chosen = CheckOptions(domains=("x.test",), dkim_selectors=("s1",))
        published, assumed = await check_alone(check, session, chosen, **options)
        return published, assumed, asyncio.get_running_loop().time() - start

    return run(timed())


def test_slow_name_servers_hold_spf_no_longer_than_a_diagnosis() -> None:
    report, _, took_s = alone(spf.CHECK)
    assert took_s == pytest.approx(30.0)
    assert (report.status, report.reason, report.evidence) == ("failed", "not finished within 30 s", None)
    assert report.lookups
    assert exit_codes.of_single_check(report, "error") == exit_codes.Exit(exit_codes.INCOMPLETE, "spf")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_no_check_goes_on_behind_its_deadline(check: Check, slow_name_servers: list[float]) -> None:
    slow_name_servers[0] = 7.0
    report, _, took_s = alone(check, deadline_s=5.0)
    assert took_s == pytest.approx(5.0)
    assert (report.status, report.reason) == ("failed", "not finished within 5 s")


def test_a_check_that_is_in_time_is_not_touched() -> None:
    report, _, took_s = alone(spf.CHECK, deadline_s=1000.0)
    assert report.status == "completed"
    assert 30.0 < took_s < 1000.0


def test_what_is_assumed_has_the_same_deadline() -> None:
    published, assumed, took_s = alone(spf.CHECK, assumed=read_assumption('x.test. TXT "v=spf1 ip4:192.0.2.1 -all"'))
    assert assumed is not None
    assert (published.status, assumed.status) == ("failed", "failed")
    assert took_s == pytest.approx(30.0)


def test_the_checks_that_replies_hint_at_end_together(
    slow_name_servers: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_name_servers[0] = 40.0
    replies = [f"550 5.7.1 blocked: 192.0.2.{n} is listed at zen.spamhaus.org" for n in range(1, 4)]
    named = [hint for reply in replies for hint in hinted_checks.hints(explain(reply))]
    assert len(named) == 3
    monkeypatch.setattr(hinted_checks, "hints", lambda said: iter(named))

    tally = Tally()
    tally.add(replies[0])
    explained = SimpleNamespace(distinct=tally.distinct(), provider=None)

    async def timed() -> tuple[tuple[CheckReport, ...], float]:
        start = asyncio.get_running_loop().time()
        reports = await hinted_checks.hinted_checks(explained)  # type: ignore[arg-type]
        return reports, asyncio.get_running_loop().time() - start

    reports, took_s = run(timed())
    assert [each.status for each in reports] == ["failed"] * 3
    assert took_s == pytest.approx(30.0)
