"""The findings of `mail-hosts`: addresses that gave no connection before the session, MX hosts without an address."""

from __future__ import annotations

import msgspec

from smtpprobe.checks.base import NextHop
from smtpprobe.model.transcript import Breakage
from tests.checks.tls.sessions import session
from tests.finding_cases.row import Given, Row

HELD = msgspec.structs.replace(session(), address="192.0.2.2", port=25, host="two.example.com", preference=20)
DOWN = msgspec.structs.replace(
    HELD, address="192.0.2.1", host="one.example.com", preference=10, breakage=Breakage.REFUSED, exchanges=()
)
HOP = NextHop(host="two.example.com", domain="example.com", through_mx=True)
ZONE = """
example.com. MX 10 one.example.com.
example.com. MX 20 two.example.com.
one.example.com. A 192.0.2.1
two.example.com. A 192.0.2.2
"""
ADDRESSLESS = f"{ZONE}example.com. MX 30 three.example.com.\nthree.example.com. TXT x\n"

ROWS = (
    Row(
        "address-unreachable",
        shown=Given(zone=ZONE, transcript=HELD, next_hop=HOP, unreached=(DOWN,)),
        near=Given(zone=ZONE, transcript=HELD, next_hop=HOP),
    ),
    Row(
        "mx-host-without-address",
        shown=Given(zone=ADDRESSLESS, transcript=HELD, next_hop=HOP),
        near=Given(zone=f"{ADDRESSLESS}three.example.com. AAAA 2001:db8::3\n", transcript=HELD, next_hop=HOP),
    ),
)
