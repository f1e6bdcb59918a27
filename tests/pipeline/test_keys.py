"""A customer's key of a DNSBL zone is asked and never shown."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.model.request import Request
from smtpprobe.model.target import parse
from smtpprobe.pipeline.probe import probe
from smtpprobe.render import json as as_json
from smtpprobe.render.text import report as as_text
from smtpprobe.testing.demo_server import DemoServer
from smtpprobe.testing.scenarios import SCENARIOS
from smtpprobe.testing.zones import zone_resolver

KEY = "a1b2c3d4e5f6g7h8i9j0"
ZONE = f"{KEY}.zen.dq.spamhaus.net"


async def test_no_output_holds_the_key() -> None:
    scenario = SCENARIOS["unknown-recipient"]
    listed = f"7.100.51.198.{ZONE}. A 127.0.0.2\n2.0.0.127.{ZONE}. A 127.0.0.2\n"
    resolver = zone_resolver(scenario.zone + listed)
    async with DemoServer(scenario) as server:
        request = msgspec.structs.replace(server.request(), only_dnsbl=(ZONE,))
        report = await probe(request, resolver=resolver)
    asked = [lookup.name for lookup in resolver.lookups]
    assert f"7.100.51.198.{ZONE}" in asked
    shown = as_json.render(report) + as_text.render(report, verbosity=2) + repr(report)
    assert KEY not in shown
    assert "listed" in shown


@pytest.mark.parametrize("zone", ["zen.spamhaus.org", "zen.dnsbl.example"])
def test_other_zones_stay_as_they_are(zone: str) -> None:
    from smtpprobe.pipeline.keys import public

    request = Request(target=parse("mx.example.com"), dnsbl_zones=(zone, "all"))
    assert public(request).dnsbl_zones == (zone, "all")
