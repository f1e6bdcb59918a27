"""An alias is shown wherever one is met, with where it leads, be it to an answer or to nothing (RFC 1034 §3.6.2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from smtpprobe.mailauth import dnsbl
from smtpprobe.mailauth.dns import iprev, mx, nameservers
from smtpprobe.mailauth.spf import evaluate
from smtpprobe.mailauth.tls import dane, mta_sts, tlsrpt
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence import Evidence
from smtpprobe.model.evidence.mx import MxRole
from smtpprobe.model.known.dnsbl_zone import Zone
from smtpprobe.render.evidence.row import Detail
from smtpprobe.render.evidence.table import rows
from smtpprobe.testing.zones import zone_resolver

IP = "192.0.2.1"
TARGET = "target.example.net"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
BL = Zone(zone="bl.example.org", name="bl.example.org")


async def spf(resolver: Resolver) -> Evidence:
    return await evaluate(resolver, IP, "a@example.org", "example.org")


async def reverse(resolver: Resolver) -> Evidence:
    return await iprev.evaluate(resolver, IP, None)


async def mail_hosts(resolver: Resolver) -> Evidence:
    return await mx.evaluate(resolver, [("example.org", MxRole.FORWARD_PATH)])


async def blocklist(resolver: Resolver) -> Evidence:
    return dnsbl.evidence([await dnsbl.ask(resolver, BL, IP)])


async def sts(resolver: Resolver) -> Evidence:
    return await mta_sts.evaluate(resolver, None, "example.org", None)


async def reports(resolver: Resolver) -> Evidence:
    return await tlsrpt.evaluate(resolver, "example.org")


async def tlsa(resolver: Resolver) -> Evidence:
    return await dane.evaluate(resolver, "mx.example.org", 25, domain=None, chain=None, now=NOW)


def record(text: str) -> str:
    return f'example.org. TXT "v=spf1 {text} -all"\n'


@pytest.mark.parametrize(
    ("ask", "zone", "alias", "answer"),
    [
        (spf, record("a:h.example.org"), "h.example.org", f"A {IP}"),
        (spf, record("exists:h.example.org"), "h.example.org", "A 127.0.0.2"),
        (spf, record("mx:h.example.org"), "h.example.org", f"MX 1 mx.example.org.\nmx.example.org. A {IP}"),
        (spf, record("mx") + "example.org. MX 1 h.example.org.\n", "h.example.org", f"A {IP}"),
        (reverse, "", "1.2.0.192.in-addr.arpa", "PTR mx.example.org."),
        (reverse, "1.2.0.192.in-addr.arpa. PTR h.example.org.\n", "h.example.org", f"A {IP}"),
        (mail_hosts, "", "example.org", f"MX 1 mx.example.org.\nmx.example.org. A {IP}"),
        (mail_hosts, "example.org. MX 1 h.example.org.\n", "h.example.org", f"A {IP}"),
        (blocklist, "2.0.0.127.bl.example.org. A 127.0.0.2\n", "1.2.0.192.bl.example.org", "A 127.0.0.2"),
        (sts, "", "_mta-sts.example.org", 'TXT "v=STSv1; id=1"'),
        (reports, "", "_smtp._tls.example.org", 'TXT "v=TLSRPTv1; rua=mailto:a@example.org"'),
        (reports, "", "_smtp._tls.example.org", 'TXT "of something else"'),
        (
            tlsa,
            f"mx.example.org. A {IP}\n;! AUTHENTIC *.example.org\n;! AUTHENTIC *.example.net\n",
            "_25._tcp.mx.example.org",
            f"TLSA 3 1 1 {'ab' * 32}",
        ),
    ],
)
async def test_an_alias_is_shown(
    ask: Callable[[Resolver], Awaitable[Evidence]], zone: str, alias: str, answer: str
) -> None:
    cname = f"{alias}. CNAME {TARGET}.\n"
    for target in (f"{TARGET}. {answer}", f"{TARGET}. SRV 0 0 1 x.example.net.", ""):
        resolver = zone_resolver(f"{zone}{cname}{target}\n")
        shown = " | ".join(row.text for row in rows(await ask(resolver), Detail(full=True)))
        await resolver.aclose()
        assert TARGET in shown, target


async def test_a_name_server_that_is_an_alias_is_told() -> None:
    zone = f'example.org. NS ns.example.org.\nns.example.org. CNAME {TARGET}.\n{TARGET}. A {IP}\nexample.org. TXT "x"\n'
    resolver = zone_resolver(zone)
    found = await nameservers.ask_all(resolver, "example.org")
    await resolver.aclose()
    assert found.problem == f"ns.example.org is an alias (CNAME) of {TARGET}, which no NS record may name"
