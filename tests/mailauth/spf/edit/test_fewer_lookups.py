"""Where a record needs more than ten lookups as few of its names as can be become networks, the owner's own first."""

from __future__ import annotations

import pytest

from smtpprobe.model.evidence.spf import SpfEdit
from tests.mailauth.spf.edit.test_edit import edit
from tests.mailauth.spf.test_check_host import txt

DOMAIN = "example.org"
PROVIDERS = " ".join(f"include:p{number}.test" for number in range(9))
ZONE = [
    *(txt(f"p{number}.test", f"v=spf1 ip4:198.51.100.{number} -all") for number in range(10)),
    txt("two.test", "v=spf1 ip4:198.51.100.100 include:p0.test -all"),
    txt("end.example.org", "v=spf1 ip4:198.51.100.200 ~all"),
    txt("barred.example.org", "v=spf1 ip4:203.0.113.66 -all"),
    f"{DOMAIN}. A 198.51.100.50",
    f"{DOMAIN}. MX 10 mx.{DOMAIN}.",
    f"mx.{DOMAIN}. AAAA 2001:db8::25",
    f"www.{DOMAIN}. A 198.51.100.80",
]


async def made_of(record: str) -> SpfEdit:
    made = await edit(*ZONE, txt(DOMAIN, record), ip="192.0.2.1")
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("record", "proposed"),
    [
        (f"v=spf1 a mx {PROVIDERS} -all", f"v=spf1 ip4:198.51.100.50 mx {PROVIDERS} ip4:192.0.2.1 -all"),
        (f"v=spf1 {PROVIDERS} mx a:www.{DOMAIN} -all",
         f"v=spf1 {PROVIDERS} ip6:2001:db8::25 a:www.{DOMAIN} ip4:192.0.2.1 -all"),
        (f"v=spf1 mx include:two.test {PROVIDERS.removesuffix(' include:p8.test')} -all",
         f"v=spf1 ip6:2001:db8::25 include:two.test {PROVIDERS.removesuffix(' include:p8.test')} ip4:192.0.2.1 -all"),
        (f"v=spf1 include:two.test include:p9.test {PROVIDERS} -all",
         f"v=spf1 ip4:198.51.100.0 ip4:198.51.100.100 include:p9.test {PROVIDERS} ip4:192.0.2.1 -all"),
        (f"v=spf1 -include:barred.{DOMAIN} include:p9.test {PROVIDERS} -all",
         f"v=spf1 -include:barred.{DOMAIN} ip4:198.51.100.9 {PROVIDERS} ip4:192.0.2.1 -all"),
        (f"v=spf1 include:p9.test {PROVIDERS} redirect=end.{DOMAIN}",
         f"v=spf1 include:p9.test {PROVIDERS} ip4:198.51.100.200 ip4:192.0.2.1 ~all"),
    ],
)  # fmt: skip
async def test_as_few_as_can_be(record: str, proposed: str) -> None:
    made = await made_of(record)
    assert made.record == proposed
    assert made.stops == ()


async def test_what_becomes_networks_is_named() -> None:
    made = await made_of(f"v=spf1 a mx a:www.{DOMAIN} {PROVIDERS} -all")
    assert [change for change in made.changes if "replaced with the networks" in change] == [
        "a, mx replaced with the networks behind them"
    ]
    assert [note for note in made.notes if "today's" in note]


async def test_what_every_sender_fills_in_stays() -> None:
    record = f"v=spf1 exists:%{{i}}.list.test {PROVIDERS} include:p9.test -all"
    made = await made_of(record)
    assert made.record is not None
    assert "exists:%{i}.list.test" in made.record
    assert made.record.count("include:") == 9
