"""No page, report or replay shows a customer's key of a DNSBL zone, whether or not the catalogue knows the zone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import Behaviour
from tests.cli.conftest import Ran, served

Cli = Callable[..., Ran]
KEY = "a1b2c3d4e5f6g7h8i9j0"
ZONES = [
    f"{KEY}.{rest}"
    for rest in ("zen.dq.spamhaus.net", "hbl.dq.spamhaus.net", "policy.mail.abusix.zone", "bl.example.net")
]


def assumptions(zone: str) -> list[str]:
    listed = f"7.196.31.192.{zone}"
    records = (f"{listed}. A 127.0.0.2", f"2.0.0.127.{zone}. A 127.0.0.2", f'{listed}. TXT "see {listed}, {KEY}"')
    return [part for record in records for part in ("--assume", record)]


def shows(ran: Ran) -> bool:
    return KEY in (ran.out + ran.err).lower()


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("form", [(), ("-v",), ("-vv",), ("-q",), ("--format", "json")], ids=" ".join)
def test_a_check_alone(cli: Cli, zone: str, form: tuple[str, ...]) -> None:
    for assumed in ([], assumptions(zone)):
        ran = cli("dnsbl", "192.31.196.7", "--only-dnsbl", zone.upper(), *assumed, *form)
        assert ran.code in (0, 1, 6)
        assert not shows(ran)


@pytest.mark.parametrize(
    "zone", [f"{KEY}.hbl..dq.spamhaus.net", f"{KEY}.bl.exa mple.net", f"k3y-{KEY}!.hbl.dq.spamhaus.net"]
)
@pytest.mark.parametrize("option", ["--dnsbl", "--only-dnsbl"])
def test_a_mistyped_zone_is_refused_without_its_key(cli: Cli, zone: str, option: str) -> None:
    ran = cli("dnsbl", "192.31.196.7", option, zone)
    assert ran.code == 2
    assert "{key}." in ran.err
    assert "expected KEY.zen.dq.spamhaus.net" in ran.err
    assert not shows(ran)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("assume", [False, True], ids=["asked", "assumed"])
def test_a_session_its_saved_report_and_its_replay(cli: Cli, zone: str, assume: bool, tmp_path: Path) -> None:
    saved = tmp_path / "report.json"
    assumed = assumptions(zone) if assume else []
    refused = Behaviour(replies={Phase.RCPT: f"554 5.7.1 blocked using {zone}"}, starttls=False)
    given = ("--rcpt-to", "bob@example.com", "--client-ip", "192.31.196.7", "--dnsbl", zone, *assumed)
    with served(refused) as host:
        for form in (("-vv",), ("--format", "json")):
            assert not shows(cli("check", host, *given, *form))
        cli("check", host, *given, "--format", "json", "--output", str(saved))
    assert "{key}" in saved.read_text("utf-8")
    assert KEY not in saved.read_text("utf-8").lower()
    for form in (("-vv",), ("--format", "json")):
        ran = cli("replay", str(saved), *form)
        assert ran.code == 1
        assert "{key}" in ran.out
        assert not shows(ran)
