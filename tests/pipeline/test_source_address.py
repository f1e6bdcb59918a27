"""A source address that cannot be used is the caller's mistake, told before anybody is called."""

from __future__ import annotations

import pytest

from smtpprobe.model.request import Request
from smtpprobe.model.target import parse_target
from smtpprobe.pipeline.probe import probe
from smtpprobe.testing.server import ScriptedServer
from smtpprobe.testing.zones import zone_resolver

ZONE = """
four.example.com. A 127.0.0.1
six.example.com. AAAA ::1
both.example.com. A 127.0.0.1
both.example.com. AAAA ::1
"""


@pytest.mark.parametrize(
    ("target", "source", "words"),
    [
        ("127.0.0.1:25", "192.0.2.1", "192.0.2.1 is not an address of this host"),
        ("four.example.com:25", "2001:db8::1", "2001:db8::1 is not an address of this host"),
        ("[::1]:25", "127.0.0.2", "127.0.0.2 is an IPv4 address, and ::1 is not"),
        ("127.0.0.1:25", "::1", "::1 is an IPv6 address, and 127.0.0.1 is not"),
        (
            "six.example.com:25",
            "127.0.0.2",
            "127.0.0.2 is an IPv4 address, and six.example.com has only IPv6 addresses",
        ),
        ("four.example.com:25", "::1", "::1 is an IPv6 address, and four.example.com has only IPv4 addresses"),
        ("/run/lmtp", "127.0.0.2", "127.0.0.2 cannot be used with a unix socket"),
    ],
)
async def test_one_that_cannot_be_used_is_told_with_its_value(target, source, words):
    request = Request(parse_target(target), source_ip=source, rcpt_to=("bob@example.com",))
    with pytest.raises(ValueError, match="source address") as wrong:
        await probe(request, resolver=zone_resolver(ZONE))
    assert words in str(wrong.value)
    assert "\n" not in str(wrong.value)


async def test_of_a_host_with_both_kinds_the_fitting_addresses_are_called():
    async with ScriptedServer("S: 220 mx\nC: QUIT\nS: 221 bye") as server:
        target = parse_target(f"both.example.com:{server.port}")
        report = await probe(
            Request(target, source_ip="127.0.0.2", quit_after="greeting"), resolver=zone_resolver(ZONE)
        )
    assert [each.address for each in report.transcripts] == ["127.0.0.1"]
    assert report.transcripts[0].local_address == "127.0.0.2"
