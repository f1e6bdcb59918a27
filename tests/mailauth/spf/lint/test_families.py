"""What a record comes to for whole address families, whichever address is asked about."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.spf.lint.families import lint_for_everyone
from smtpprobe.testing.zones import zone_resolver

P, Q = "p.example.net", "q.example.net"


def zone(record: str, **included: str) -> str:
    lines = [
        f'example.org. TXT "{record}"',
        *(f'{label}.example.net. TXT "{text}"' for label, text in included.items()),
    ]
    hosts = [f"h{number}.example.net. A 198.51.100.{number}" for number in range(4)]
    return "\n".join([*lines, *hosts, "dual.example.net. A 198.51.100.9", "dual.example.net. AAAA 2001:db8::9"])


WILD = """
*.wild.example.net. A 127.0.0.2
*.incl.example.net. TXT "v=spf1 +all"
"""

EVERYONE = "spf-all-pass", "spf-network-everything"
FAMILY = "spf-one-family-fails", "spf-void-lookups-needed"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (zone("v=spf1 include:p.example.net -all", p="v=spf1 +all"),
         ["spf-all-pass: include:p.example.net → +all lets every address pass"]),
        (zone("v=spf1 include:p.example.net -all", p="v=spf1 include:q.example.net", q="v=spf1 all"),
         ["spf-all-pass: include:p.example.net → include:q.example.net → all lets every address pass"]),
        (zone("v=spf1 redirect=p.example.net", p="v=spf1 include:q.example.net -all", q="v=spf1 +all"),
         ["spf-all-pass: redirect=p.example.net → include:q.example.net → +all lets every address pass"]),
        (zone("v=spf1 include:p.example.net -all", p="v=spf1 ip4:0.0.0.0/0 -all"),
         ["spf-network-everything: include:p.example.net → ip4:0.0.0.0/0 lets every IPv4 address pass"]),
        (zone("v=spf1 include:p.example.net -all", p="v=spf1 ip6:::/0"),
         ["spf-network-everything: include:p.example.net → ip6:::/0 lets every IPv6 address pass"]),
        (zone("v=spf1 include:p.example.net -all", p="v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/2 ip4:192.0.0.0/2"),
         ["spf-network-everything: ip4:0.0.0.0/1 of p.example.net, ip4:128.0.0.0/2 of p.example.net, "
          "ip4:192.0.0.0/2 of p.example.net together let every IPv4 address pass"]),
        (zone("v=spf1 a:dual.example.net/0 -all"),
         ["spf-network-everything: a:dual.example.net/0 lets every IPv4 address pass"]),
        (zone("v=spf1 exists:dual.example.net -all"),
         ["spf-all-pass: exists:dual.example.net lets every address pass"]),
        # exists matches for everybody where a wildcard answers, whatever the macro says.
        (zone("v=spf1 exists:%{i}.wild.example.net -all") + WILD,
         ["spf-all-pass: exists:%{i}.wild.example.net lets every address pass"]),
        (zone("v=spf1 exists:%{ir}.%{v}._spf.wild.example.net -all") + WILD,
         ["spf-all-pass: exists:%{ir}.%{v}._spf.wild.example.net lets every address pass"]),
        (zone("v=spf1 exists:%{l}.wild.example.net -all") + WILD,
         ["spf-all-pass: exists:%{l}.wild.example.net lets every address pass"]),
        (zone("v=spf1 include:p.example.net -all", p="v=spf1 exists:%{i}.wild.example.net -all") + WILD,
         ["spf-all-pass: include:p.example.net → exists:%{i}.wild.example.net lets every address pass"]),
        (zone("v=spf1 include:%{i}.incl.example.net -all") + WILD,
         ["spf-all-pass: include:%{i}.incl.example.net → +all lets every address pass"]),
        (zone("v=spf1 exists:%{i}.wild.example.net -all"), []),
        (zone("v=spf1 exists:%{i}.list.example.net -all") + "\n192.0.2.1.list.example.net. A 127.0.0.2", []),
        (zone("v=spf1 -exists:%{i}.wild.example.net +all") + WILD, []),
        (zone("v=spf1 ?exists:%{i}.wild.example.net +all") + WILD, []),
        (zone("v=spf1 -exists:dual.example.net +all"), []),
        # A resolver that gives any name an address makes it up.
        (zone("v=spf1 exists:%{i}.wild.example.net -all") + WILD + "\n*.example. A 127.0.0.2", []),
        # Not for everyone.
        (zone("v=spf1 -include:p.example.net +all", p="v=spf1 +all"), []),
        (zone("v=spf1 ?include:p.example.net +all", p="v=spf1 ip4:0.0.0.0/0 ip6:::/0"), []),
        (zone("v=spf1 ~include:p.example.net include:q.example.net -all", p="v=spf1 +all", q="v=spf1 +all"), []),
        (zone("v=spf1 -include:p.example.net include:q.example.net -all", p="v=spf1 ?all", q="v=spf1 +all"),
         ["spf-all-pass: include:q.example.net → +all lets every address pass unless an earlier term decides"]),
        (zone("v=spf1 -include:p.example.net ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", p="v=spf1 +all"), []),
        (zone("v=spf1 -ip4:192.0.2.0/24 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"),
         ["spf-network-everything: ip4:0.0.0.0/1, ip4:128.0.0.0/1 together let every routable IPv4 address pass"]),
        (zone("v=spf1 -ip4:8.8.8.8 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"), []),
        (zone("v=spf1 ip4:0.0.0.0/2 ip4:64.0.0.0/2 ip4:128.0.0.0/2 ip4:192.0.0.0/3 -all"),
         ["spf-network-everything: ip4:0.0.0.0/2, ip4:64.0.0.0/2, ip4:128.0.0.0/2 and 1 more together let every routable "
          "IPv4 address pass"]),
        (zone("v=spf1 ip6:2000::/3 -all"),
         ["spf-network-everything: ip6:2000::/3 lets every routable IPv6 address pass"]),
        (zone("v=spf1 ip6:2000::/4 -all"), []),
        (zone("v=spf1 a:low.example/1 a:high.example/1 -all") + "\nlow.example. A 8.8.8.8\nhigh.example. A 192.0.2.1",
         ["spf-network-everything: a:low.example/1, a:high.example/1 together let every IPv4 address pass"]),
        (zone("v=spf1 a:low.example/1 a:high.example/1 -all") + "\nlow.example. A 8.8.8.8\nhigh.example. A 9.9.9.9", []),
        (zone("v=spf1 mx:both.example/1 -all") + "\nboth.example. MX 1 low.example.\nboth.example. MX 2 high.example.\n"
         "low.example. A 8.8.8.8\nhigh.example. A 192.0.2.1",
         ["spf-network-everything: mx:both.example/1 together let every IPv4 address pass"]),
        (zone("v=spf1 -ip4:0.0.0.0/0 -ip6:::/0 +all"), []),
        (zone("v=spf1 -ip4:0.0.0.0/0 +all"), ["spf-all-pass: +all lets every IPv6 address pass"]),
        (zone("v=spf1 -ip6:::/0 ip4:0.0.0.0/0 -all"),
         ["spf-network-everything: ip4:0.0.0.0/0 lets every address of its family pass"]),
        (zone("v=spf1 -include:p.example.net ip4:0.0.0.0/0 -all", p="v=spf1 +all"), []),
        (zone("v=spf1 ?include:_spf.example.org -all") + '\n_spf.example.org. TXT "v=spf1 +all"', []),
        (zone("v=spf1 redirect=_spf.example.org") + '\n_spf.example.org. TXT "v=spf1 +all"',
         ["spf-all-pass: redirect=_spf.example.org → +all lets every address pass"]),
        # The domain itself is open, by records of its owner's own too.
        (zone("v=spf1 ip4:192.0.2.1 include:_x.example.org -all") + '\n_x.example.org. TXT "v=spf1 include:_y.example.org -all"'
         '\n_y.example.org. TXT "v=spf1 ip4:192.0.2.20 all"',
         ["spf-all-pass: include:_x.example.org → include:_y.example.org → all lets every address pass"]),
        (zone("v=spf1 include:_x.example.org -all") + '\n_x.example.org. TXT "v=spf1 ip4:0.0.0.0/0 -all"',
         ["spf-network-everything: include:_x.example.org → ip4:0.0.0.0/0 lets every IPv4 address pass"]),
        # An alias has no record of its own.
        ('example.org. CNAME host.example.net.\nhost.example.net. TXT "v=spf1 ip4:198.51.100.0/24 +all"',
         ["spf-all-pass: +all lets every address pass: so says the record of host.example.net"]),
        ('example.org. CNAME a.example.org.\na.example.org. TXT "v=spf1 include:p.example.net -all"\n'
         'p.example.net. TXT "v=spf1 +all"',
         ["spf-all-pass: include:p.example.net → +all lets every address pass: so says the record of a.example.org"]),
        (zone("v=spf1 ?include:p.example.net -all", p="v=spf1 +all"), []),
        (zone("v=spf1 include:p.example.net -all", p="v=spf1 -all +all"), []),
        (zone("v=spf1 -all include:p.example.net", p="v=spf1 +all"), []),
        (zone("v=spf1 include:p.example.net -all", p="v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/2"), []),
        (zone("v=spf1 -include:p.example.net -all", p="v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1"), []),
        # One family alone.
        (zone("v=spf1 a:h0.example.net a:h1.example.net a:h2.example.net -all"),
         ["spf-one-family-fails: IPv6 gets permerror: AAAA of h2.example.net is the third void lookup, two are allowed: "
          "no such record"]),
        (zone("v=spf1 include:p.example.net -all", p="v=spf1 a:h0.example.net a:h1.example.net a:h2.example.net"),
         ["spf-one-family-fails: IPv6 gets permerror: AAAA of h2.example.net is the third void lookup, two are allowed: "
          "no such record"]),
        (zone("v=spf1 a:dual.example.net -all") + "\n;! SERVFAIL dual.example.net AAAA",
         ["spf-one-family-fails: IPv6 gets temperror: AAAA lookup of dual.example.net failed: SERVFAIL"]),
        (zone("v=spf1 a:h0.example.net a:h1.example.net -all"), []),
        (zone("v=spf1 a:x.example a:y.example a:z.example -all"),
         ["spf-void-lookups-needed: later terms get permerror: A of z.example is the third void lookup, two are allowed: "
          "the name does not exist"]),
    ],
)  # fmt: skip
async def test_whichever_address_is_asked_about(text: str, wanted: list[str]) -> None:
    resolver = zone_resolver(text + "\n")
    linted = await lint_for_everyone(resolver, "Example.org.")
    await resolver.aclose()
    assert [f"{each.id}: {each.message}" for each in linted.lint if each.id in EVERYONE + FAMILY] == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (zone("v=spf1 -include:p.example.net a:dual.example.net -all", p="v=spf1 +all"),
         ["-include:p.example.net matches every address: a:dual.example.net is never reached"]),
        (zone("v=spf1 exists:dual.example.net ip4:192.0.2.1 -all"),
         ["exists:dual.example.net matches every address: ip4:192.0.2.1 is never reached"]),
        (zone("v=spf1 ?exists:%{i}.wild.example.net mx redirect=p.example.net", p="v=spf1 -all") + WILD,
         ["?exists:%{i}.wild.example.net matches every address: mx is never reached"]),
        (zone("v=spf1 include:p.example.net -all", p="v=spf1 +all"), []),
        (zone("v=spf1 -include:p.example.net a:dual.example.net -all", p="v=spf1 -all"), []),
    ],
)  # fmt: skip
async def test_what_stands_behind_a_term_that_matches_everybody(text: str, wanted: list[str]) -> None:
    resolver = zone_resolver(text + "\n")
    linted = await lint_for_everyone(resolver, "example.org")
    await resolver.aclose()
    assert [each.message for each in linted.lint if each.id == "spf-after-everything"] == wanted


async def test_an_open_record_below_is_told_of_the_domain_that_is_asked_about() -> None:
    resolver = zone_resolver(zone("v=spf1 include:_x.example.org -all") + '\n_x.example.org. TXT "v=spf1 +all"\n')
    linted = await lint_for_everyone(resolver, "example.org")
    await resolver.aclose()
    found = [(each.domain, each.term, each.host) for each in linted.lint if each.id == "spf-all-pass"]
    assert found == [("example.org", "include:_x.example.org", "_x.example.org")]
    assert linted.is_open
