from __future__ import annotations

import pytest

from smtpprobe.catalogue.selectors import known_selectors
from smtpprobe.mailauth import dkim, spf
from smtpprobe.mailauth.dmarc.backing import backing
from smtpprobe.testing.zones import zone_resolver
from tests.finding_cases.row import NOW
from tests.mailauth.dkim.signing import rsa_record, txt

SPF = txt("example.org", "v=spf1 ip4:192.0.2.1 -all")
NOBODY = txt("example.org", "V=SPF1  -all")
BROKEN = txt("example.org", "v=spf1 ip4:nonsense -all")
KEY = txt("default._domainkey.example.org", rsa_record())
OWN = txt("own._domainkey.example.org", rsa_record())
REVOKED = txt("default._domainkey.example.org", "v=DKIM1; p=")

# Each: the zone, the selectors given, what the policy rests on, the usable selectors and the others.
CASES = [
    (SPF + KEY, (), "both", ("default",), ()),
    (SPF, (), "spf", (), ()),
    (SPF + KEY.replace("k=rsa", "k=rsa; s=tlsrpt"), (), "spf", (), ("default",)),
    (SPF + REVOKED, (), "spf", (), ("default",)),
    (KEY, (), "dkim", ("default",), ()),
    (NOBODY + KEY, (), "dkim", ("default",), ()),
    (BROKEN + KEY, (), "dkim", ("default",), ()),
    (NOBODY, (), "no-mail", (), ()),
    ("", (), "nothing-found", (), ()),
    (BROKEN, (), "nothing-found", (), ()),
    (OWN, (), "nothing-found", (), ()),
    (OWN, ("own",), "dkim", ("own",), ()),
    (SPF + OWN, ("other",), "spf", (), ("other",)),
    (";! SERVFAIL example.org TXT\n" + KEY, (), "unknown", ("default",), ()),
    (";! SERVFAIL default._domainkey.example.org TXT\n" + SPF, (), "unknown", (), ()),
    (";! SERVFAIL k1._domainkey.example.org TXT\n" + SPF + KEY, (), "both", ("default",), ()),
]  # fmt: skip


# What is missing, and whether it is known that nothing is.
LACKS: dict[str, tuple[tuple[str, ...], bool]] = {
    "both": ((), True),
    "no-mail": ((), True),
    "spf": (("signatures",), False),
    "dkim": (("spf-record",), False),
    "nothing-found": (("spf-record", "signatures"), False),
    "unknown": ((), False),
}


@pytest.mark.parametrize(("zone", "selectors", "rests_on", "usable", "others"), CASES, ids=range(len(CASES)))
async def test_what_a_policy_rests_on(
    zone: str, selectors: tuple[str, ...], rests_on: str, usable: tuple[str, ...], others: tuple[str, ...]
) -> None:
    resolver = zone_resolver(zone)
    keys = await dkim.gather(resolver, "example.org", selectors, now=NOW, known=known_selectors())
    found = backing(await spf.published(resolver, "example.org"), keys)
    await resolver.aclose()
    assert (found.rests_on, found.selectors, found.unusable_selectors) == (rests_on, usable, others)
    assert found.guessed is not bool(selectors)
    assert (found.lacks, found.is_sound) == LACKS[rests_on]
