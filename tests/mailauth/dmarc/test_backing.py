from __future__ import annotations

import pytest

from smtpprobe.catalogue.selectors import known_selectors
from smtpprobe.mailauth import dkim, spf
from smtpprobe.mailauth.dmarc.backing import backing
from smtpprobe.mailauth.dmarc.enforcement import beside, enforcement
from smtpprobe.mailauth.dmarc.record import read_record
from smtpprobe.mailauth.spf.lint.letting import letting
from smtpprobe.model.evidence.dmarc import DmarcBacking
from smtpprobe.testing.zones import zone_resolver
from tests.finding_cases.row import NOW
from tests.mailauth.dkim.signing import rsa_record, txt

SPF = txt("example.org", "v=spf1 ip4:192.0.2.1 -all")
NOBODY = txt("example.org", "V=SPF1  -all")
BROKEN = txt("example.org", "v=spf1 ip4:nonsense -all")
KEY = txt("default._domainkey.example.org", rsa_record())
OWN = txt("own._domainkey.example.org", rsa_record())
TESTED = txt("default._domainkey.example.org", rsa_record(extra="t=y; "))
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
    # RFC 6376 §3.6.1: a key for testing counts no more than none.
    (SPF + TESTED, (), "spf", (), ()),
    (SPF + TESTED + OWN, ("default", "own"), "both", ("own",), ()),
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
    "no-domain": ((), True),
    "spf": (("signatures",), False),
    "nothing-found": (("spf-record", "signatures"), False),
    "dkim": (("spf-record",), False),
    "unknown": ((), False),
}


async def found_in(zone: str, selectors: tuple[str, ...] = (), *, exists: bool | None = True) -> DmarcBacking:
    resolver = zone_resolver(zone)
    keys = await dkim.gather(resolver, "example.org", selectors, now=NOW, known=known_selectors())
    record, lets = await spf.published(resolver, "example.org"), await letting(resolver, "example.org")
    await resolver.aclose()
    return backing(record, lets, keys, exists=exists)


@pytest.mark.parametrize(("zone", "selectors", "rests_on", "usable", "others"), CASES, ids=range(len(CASES)))
async def test_what_a_policy_rests_on(
    zone: str, selectors: tuple[str, ...], rests_on: str, usable: tuple[str, ...], others: tuple[str, ...]
) -> None:
    found = await found_in(zone, selectors)
    assert (found.rests_on, found.selectors, found.unusable_selectors) == (rests_on, usable, others)
    assert found.guessed is not bool(selectors)
    lacks, is_sound = LACKS[rests_on]
    # A record that is there is not to be published, but put right or filled.
    instead = {NOBODY: "spf-hosts", BROKEN: "spf-repaired"}
    published = next((word for text, word in instead.items() if text in zone), "spf-record")
    by_word = {"spf-record": published, "signatures": "keys-tested" if found.testing_selectors else "signatures"}
    assert found.lacks == tuple(by_word.get(each, each) for each in lacks)
    assert found.testing_selectors == (("default",) if TESTED in zone else ())
    assert found.is_sound is is_sound


def records(*texts: str, **others: str) -> str:
    made = "".join(txt("example.org", text) for text in texts)
    return made + "".join(txt(f"{name}.example", text) for name, text in others.items())


OPEN_INCLUDE = records("v=spf1 include:p.example ~all", p="v=spf1 +all")
# Each: the zone, whom SPF lets pass, what the policy rests on without a key, and with one, and what of SPF is missing.
WHOM = [
    (records("v=spf1 +all"), "everybody", "everybody", "everybody", "spf-closed"),
    (records("v=spf1 all"), "everybody", "everybody", "everybody", "spf-closed"),
    (records("v=spf1 ip4:0.0.0.0/0 -all"), "everybody", "everybody", "everybody", "spf-closed"),
    (records("v=spf1 ip6:::/0 -all"), "everybody", "everybody", "everybody", "spf-closed"),
    (records("v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"), "everybody", "everybody", "everybody", "spf-closed"),
    (OPEN_INCLUDE, "everybody", "everybody", "everybody", "spf-closed"),
    (records("v=spf1 redirect=p.example", p="v=spf1 +all"), "everybody", "everybody", "everybody", "spf-closed"),
    (records("v=spf1 a:%{h} -all"), "everybody", "everybody", "everybody", "spf-closed"),
    (records("v=spf1 ?all"), "nobody", "nothing-found", "dkim", "spf-hosts"),
    (records("v=spf1 ~all"), "nobody", "nothing-found", "dkim", "spf-hosts"),
    (records("v=spf1"), "nobody", "nothing-found", "dkim", "spf-hosts"),
    (records("v=spf1 ?ip4:192.0.2.0/24 -all"), "nobody", "nothing-found", "dkim", "spf-hosts"),
    (records("v=spf1 mx -all"), "nobody", "nothing-found", "dkim", "spf-hosts"),
    (records("v=spf1 -all ip4:192.0.2.1"), "nobody", "nothing-found", "dkim", "spf-hosts"),
    (records("v=spf1 include:p.example -all", p="v=spf1 -all"), "nobody", "nothing-found", "dkim", "spf-hosts"),
    (records("v=spf1 -ip4:192.0.2.1 exp=e.example -all"), "nobody", "no-mail", "dkim", "spf-hosts"),
    (records("v=spf1 redirect=p.example", p="v=spf1 -all"), "nobody", "no-mail", "dkim", "spf-hosts"),
    (records("v=spf1 include:gone.example -all"), "nobody", "nothing-found", "dkim", "spf-repaired"),
    (records("v=spf1 -all", "v=spf1 ~all"), "nobody", "nothing-found", "dkim", "spf-repaired"),
    (records("v=spf1 ip4:192.0.2.1 include:gone.example -all"), "somebody", "spf", "both", "spf-repaired"),
    (records("v=spf1 exists:%{i}.p.example -all"), "somebody", "spf", "both", None),
    (records("v=spf1 ip6:2001:db8::/32 -all"), "somebody", "spf", "both", None),
    (records("v=spf1 include:p.example -all", p="v=spf1 ip4:192.0.2.1 ?all"), "somebody", "spf", "both", None),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "lets", "alone", "with_key", "lack"), WHOM, ids=range(len(WHOM)))
async def test_what_counts_is_whom_spf_lets_pass(
    zone: str, lets: str, alone: str, with_key: str, lack: str | None
) -> None:
    for given, rests_on in ((zone, alone), (zone + KEY, with_key)):
        found = await found_in(given)
        assert (found.spf_lets, found.rests_on, bool(found.spf_open)) == (lets, rests_on, lets == "everybody")
        if rests_on != "no-mail":
            assert (lack is None) is not any(each.startswith("spf-") for each in found.lacks)
            assert lack is None or lack in found.lacks


async def test_the_terms_that_let_everybody_pass_are_named() -> None:
    found = await found_in(OPEN_INCLUDE)
    assert found.spf_open == ("include:p.example → +all lets every address pass",)


async def test_a_name_that_does_not_exist_lacks_nothing() -> None:
    found = await found_in("", exists=False)
    assert (found.rests_on, found.lacks, found.is_sound) == ("no-domain", (), True)
    assert (await found_in("", exists=None)).rests_on == "nothing-found"


@pytest.mark.parametrize(
    ("zone", "policy", "lacks"),
    [
        (SPF, "quarantine", ("reject",)),
        (records("v=spf1 ?all"), "quarantine", ()),
        (records("v=spf1 +all"), "none", ()),
        (NOBODY, "quarantine", ("reject",)),
    ],
)
async def test_a_stricter_policy_comes_next_only_where_it_can_do_good(
    zone: str, policy: str, lacks: tuple[str, ...]
) -> None:
    asked = enforcement(read_record(f"v=DMARC1; p={policy}; rua=mailto:a@example.org"), "example.org", ())
    assert beside(asked, await found_in(zone)).lacks == lacks


@pytest.mark.parametrize("zone", [NOBODY + TESTED, TESTED])
async def test_a_domain_with_a_key_for_testing_does_not_say_that_it_sends_no_mail(zone: str) -> None:
    found = await found_in(zone)
    assert found.rests_on == "nothing-found"
    assert "keys-tested" in found.lacks
