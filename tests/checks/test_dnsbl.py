"""Which zones the DNSBL check asks, and what it says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from smtpprobe.catalogue import zones
from smtpprobe.checks.base import CheckInput, NamedZone
from smtpprobe.checks.dnsbl import CHECK
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.evidence import DnsblEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.reply import Reply
from smtpprobe.model.report import Finding, Severity, SkipKind
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.model.transcript import Exchange, Phase, Transcript
from smtpprobe.testing.zones import zone_resolver
from tests.checks.inputs import check_input

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GLOBAL, GLOBAL_SIX = "198.51.100.7", "2001:db8::7"
ENVELOPE = Envelope(Assumed("client.example.org"), Assumed("alice@sub.example.com"))
IP_ZONES = ["zen.spamhaus.org", "bl.spamcop.net", "b.barracudacentral.org"]
REFUSED = Transcript(
    address="203.0.113.9",
    port=25,
    started_at=NOW,
    complete=True,
    exchanges=(
        Exchange(
            index=0,
            phase=Phase.RCPT,
            sent="RCPT TO:<b@example.net>",
            reply=Reply(code=554, enhanced="5.7.1", lines=("no",), raw=b""),
        ),
    ),
)
ACCEPTED = Transcript(address="203.0.113.9", port=25, started_at=NOW, complete=True, exchanges=())


@pytest.fixture(autouse=True)
def _two_documentation_addresses_are_global(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtpprobe.checks.dnsbl.is_global", lambda ip: ip in (GLOBAL, GLOBAL_SIX))


def context(text: str = "", **fields: Any) -> CheckInput:
    return check_input(resolver=zone_resolver(text), now=NOW, **{"envelope": ENVELOPE, "client_ip": None, **fields})


async def run(given: CheckInput) -> tuple[DnsblEvidence, tuple[Finding, ...]]:
    assert CHECK.skip(given) is None
    evidence, findings = await CHECK.run(given)
    assert isinstance(evidence, DnsblEvidence)
    return evidence, findings


async def asked(**fields: Any) -> list[tuple[str, str, str]]:
    evidence, _ = await run(context(**fields))
    return [(each.zone, each.subject, each.origin) for each in evidence.zones]


async def test_a_global_client_ip_is_asked_of_tier_1() -> None:
    assert await asked(client_ip=GLOBAL) == [(zone, GLOBAL, "catalogue") for zone in IP_ZONES]


async def test_ipv6_is_asked_of_zones_that_list_it_only() -> None:
    assert await asked(client_ip=GLOBAL_SIX) == [("zen.spamhaus.org", GLOBAL_SIX, "catalogue")]


async def test_after_a_refusal_the_domains_are_asked_too() -> None:
    found = await asked(client_ip=GLOBAL, transcript=REFUSED)
    assert [(zone, subject) for zone, subject, _ in found if subject != GLOBAL] == [
        ("dbl.spamhaus.org", "sub.example.com"),
        ("dbl.spamhaus.org", "client.example.org"),
        ("multi.surbl.org", "example.com"),
        ("multi.surbl.org", "example.org"),
        ("multi.uribl.com", "example.com"),
        ("multi.uribl.com", "example.org"),
    ]
    assert [subject for _, subject, _ in await asked(client_ip=GLOBAL, transcript=ACCEPTED)] == [GLOBAL] * 3


@pytest.mark.parametrize("helo", ["[192.0.2.1]", "host", "host.local", "host.lan", "192.0.2.1"])
async def test_a_helo_name_that_is_no_public_domain_is_not_asked(helo: str) -> None:
    envelope = Envelope(Assumed(helo), Assumed(""))
    assert {subject for _, subject, _ in await asked(client_ip=GLOBAL, transcript=REFUSED, envelope=envelope)} == {
        GLOBAL
    }


@pytest.mark.parametrize(
    ("fields", "words", "kind", "needs"),
    [
        ({"client_ip": None}, "not known", SkipKind.INPUT_MISSING, "client_ip"),
        ({"client_ip": "192.168.1.2"}, "not a global address", SkipKind.INPUT_MISSING, "client_ip"),
        ({"client_ip": "127.0.0.1"}, "not a global address", SkipKind.INPUT_MISSING, "client_ip"),
        ({"client_ip": "203.0.113.7"}, "not a global address", SkipKind.INPUT_MISSING, "client_ip"),
        ({"client_ip": None, "only_dnsbl": ("dbl.spamhaus.org",)}, "not known", SkipKind.INPUT_MISSING, "client_ip"),
    ],
)
def test_skip(fields: dict[str, Any], words: str, kind: SkipKind, needs: str | None) -> None:
    skip = CHECK.skip(context(**fields))
    assert skip is not None
    assert (skip.kind, skip.needs) == (kind, needs)
    assert words in skip.reason


async def test_an_address_that_the_user_typed_is_asked_whatever_it_is() -> None:
    expected = [(zone, "192.0.2.13", "catalogue") for zone in IP_ZONES]
    assert await asked(client_ip="192.0.2.13", client_ip_given=True) == expected
    assert await asked(domains=("192.0.2.13",)) == expected


async def test_a_zone_that_the_reply_names_is_asked_first_whatever_the_address_is() -> None:
    found = await asked(client_ip="192.168.1.2", named_zones=(NamedZone("bl.example.net", None),))
    assert found == [("bl.example.net", "192.168.1.2", "reply")]
    found = await asked(client_ip=GLOBAL, named_zones=(NamedZone("zen.spamhaus.org", "203.0.113.7"),))
    assert found[0] == ("zen.spamhaus.org", "203.0.113.7", "reply")


async def test_a_zone_and_subject_are_asked_once() -> None:
    found = await asked(
        client_ip=GLOBAL, named_zones=(NamedZone("Zen.Spamhaus.org", GLOBAL),), dnsbl_zones=("zen.spamhaus.org",)
    )
    assert [each for each in found if each[0] == "zen.spamhaus.org"] == [("zen.spamhaus.org", GLOBAL, "reply")]


async def test_a_list_of_domains_that_the_reply_names_is_never_asked_about_an_address() -> None:
    found = await asked(transcript=REFUSED, named_zones=(NamedZone("dbl.spamhaus.org", GLOBAL),))
    assert [each for each in found if each[2] == "reply"] == [
        ("dbl.spamhaus.org", "sub.example.com", "reply"),
        ("dbl.spamhaus.org", "client.example.org", "reply"),
    ]


async def test_zones_that_the_user_names_are_added_or_replace_the_catalogue() -> None:
    added = await asked(client_ip=GLOBAL, dnsbl_zones=("psbl.surriel.com",))
    assert added == [("psbl.surriel.com", GLOBAL, "option"), *[(zone, GLOBAL, "catalogue") for zone in IP_ZONES]]
    only = await asked(client_ip="192.168.1.2", only_dnsbl=("bl.example.net",))
    assert only == [("bl.example.net", "192.168.1.2", "option")]


async def test_all_asks_every_unkeyed_zone_that_fits() -> None:
    found = await asked(client_ip=GLOBAL, dnsbl_zones=("all",))
    assert [zone for zone, _, _ in found] == [each.zone for each in zones.unkeyed() if "ip4" in each.lists]


async def test_typed_domains_and_addresses_are_each_asked_of_their_zones() -> None:
    found = await asked(domains=("Example.com", GLOBAL), only_dnsbl=("bl.example.net", "dbl.spamhaus.org"))
    assert found == [
        ("bl.example.net", "example.com", "option"),
        ("bl.example.net", GLOBAL, "option"),
        ("dbl.spamhaus.org", "example.com", "option"),
    ]


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("mail.example.co.uk", "example.co.uk"),
        ("mail.bmw.de", "bmw.de"),
        ("mx1.ibm.fr", "ibm.fr"),
        ("smtp.web.de", "web.de"),
        ("x.abc.tv", "abc.tv"),
        ("shop.example.k12.ca.us", "example.k12.ca.us"),
        ("a.b.example.kawasaki.jp", "b.example.kawasaki.jp"),
        ("www.city.kawasaki.jp", "city.kawasaki.jp"),
        ("a.b.github.io", "b.github.io"),
        ("www.xn--85x722f.com.cn", "xn--85x722f.com.cn"),
    ],
)
async def test_registered_domains_are_what_uri_lists_are_asked_about(name: str, base: str) -> None:
    assert await asked(domains=(name,), only_dnsbl=("multi.surbl.org",)) == [("multi.surbl.org", base, "option")]


# Each: the zones named, the subjects, then (zone, subject, the zone that lists such) of those that are not asked.
OF_ANOTHER_KIND = [
    (("dbl.spamhaus.org",), (GLOBAL,), [("dbl.spamhaus.org", GLOBAL, "zen.spamhaus.org")]),
    (("dbl.spamhaus.org",), (GLOBAL_SIX,), [("dbl.spamhaus.org", GLOBAL_SIX, "zen.spamhaus.org")]),
    (("zen.spamhaus.org",), ("example.com",), [("zen.spamhaus.org", "example.com", "dbl.spamhaus.org")]),
    (("multi.surbl.org",), (GLOBAL,), [("multi.surbl.org", GLOBAL, "zen.spamhaus.org")]),
    (("bl.spamcop.net",), (GLOBAL_SIX,), [("bl.spamcop.net", GLOBAL_SIX, "zen.spamhaus.org")]),
    (("bl.spamcop.net",), ("example.com",), [("bl.spamcop.net", "example.com", "dbl.spamhaus.org")]),
    (("dbl.nordspam.com",), (GLOBAL,), [("dbl.nordspam.com", GLOBAL, "bl.nordspam.com")]),
    (("bl.nordspam.com",), ("example.com",), [("bl.nordspam.com", "example.com", "dbl.nordspam.com")]),
    (("dwl.dnswl.org",), (GLOBAL,), [("dwl.dnswl.org", GLOBAL, "list.dnswl.org")]),
    (("bl.ipv6.spameatingmonkey.net",), (GLOBAL,),
     [("bl.ipv6.spameatingmonkey.net", GLOBAL, "bl.spameatingmonkey.net")]),
    (("ebl.msbl.org",), (GLOBAL,), [("ebl.msbl.org", GLOBAL, "zen.spamhaus.org")]),
    (("abcdefgh12345678abcdefgh12.zrd.dq.spamhaus.net",), (GLOBAL,),
     [("{key}.zrd.dq.spamhaus.net", GLOBAL, "zen.spamhaus.org")]),
    (("multi.surbl.org",), ("co.uk",), [("multi.surbl.org", "co.uk", None)]),
    # Each zone and each subject has its like.
    (("zen.spamhaus.org", "dbl.spamhaus.org"), (GLOBAL, "example.com"), []),
    (("zen.spamhaus.org",), (GLOBAL, "example.com"), [("zen.spamhaus.org", "example.com", "dbl.spamhaus.org")]),
    (("zen.spamhaus.org", "multi.surbl.org"), (GLOBAL,), [("multi.surbl.org", GLOBAL, "zen.spamhaus.org")]),
    # Nobody knows what another zone lists.
    (("dbl.example.net",), (GLOBAL,), []),
    (("dbl.example.net",), ("example.com",), []),
]  # fmt: skip


@pytest.mark.parametrize(("names", "subjects", "expected"), OF_ANOTHER_KIND)
async def test_a_list_of_another_kind_says_so_and_is_not_asked(
    names: tuple[str, ...], subjects: tuple[str, ...], expected: list[tuple[str, str, str | None]]
) -> None:
    given = context(domains=subjects, only_dnsbl=names)
    evidence, findings = await run(given)
    unfit = [each for each in evidence.zones if each.status is DnsblStatus.WRONG_KIND]
    assert [(each.zone, each.subject, each.instead) for each in unfit] == expected
    assert [finding.id for finding in findings].count("dnsbl-wrong-kind") == len(expected)
    asked_of = {lookup.name for lookup in given.services.resolver.lookups}
    assert not any(
        name.endswith(zone) for zone, _, _ in expected if len(names) == 1 == len(subjects) for name in asked_of
    )


async def test_a_list_that_is_added_says_so_beside_those_that_are_asked() -> None:
    evidence, _ = await run(context(client_ip=GLOBAL, client_ip_given=True, dnsbl_zones=("dbl.spamhaus.org",)))
    assert [each.zone for each in evidence.zones] == [*IP_ZONES, "dbl.spamhaus.org"]
    assert evidence.zones[-1].reason == f"it lists domains, and {GLOBAL} is an IP address"


async def test_a_uri_list_that_the_reply_names_is_asked_about_the_registered_domain() -> None:
    named = (NamedZone("multi.surbl.org", "mail.bmw.de"),)
    assert await asked(named_zones=named) == [("multi.surbl.org", "bmw.de", "reply")]


@pytest.mark.parametrize("name", ["dnsbl.sorbs.net", "rhsbl.sorbs.net"])
@pytest.mark.parametrize("ip", [GLOBAL, None])
async def test_a_dead_zone_is_reported_and_never_asked(name: str, ip: str | None) -> None:
    given = context(client_ip=ip, named_zones=(NamedZone(name, None),), only_dnsbl=("bl.example.net",))
    evidence, findings = await run(given)
    dead = next(each for each in evidence.zones if each.dead)
    assert (dead.status, dead.lookups) == ("broken-zone", ())
    assert "dnsbl-zone-dead" in [finding.id for finding in findings]
    assert not any("sorbs" in each.name for each in given.services.resolver.lookups)  # type: ignore[attr-defined]


LISTED = "7.100.51.198.{zone}. A 127.0.0.2\n2.0.0.127.{zone}. A 127.0.0.2\n"


@pytest.mark.parametrize(
    ("zone", "origin", "severity"),
    [
        ("zen.spamhaus.org", "option", Severity.ERROR),
        ("psbl.surriel.com", "option", Severity.WARNING),
        ("dnsbl-3.uceprotect.net", "option", Severity.INFO),
        ("bl.example.net", "option", Severity.WARNING),
        ("dnsbl-3.uceprotect.net", "reply", Severity.ERROR),
        ("bl.example.net", "reply", Severity.ERROR),
    ],
)
async def test_how_bad_a_listing_is(zone: str, origin: str, severity: Severity) -> None:
    fields = {"named_zones": (NamedZone(zone, None),)} if origin == "reply" else {}
    _, findings = await run(context(LISTED.format(zone=zone), client_ip=GLOBAL, only_dnsbl=(zone,), **fields))
    assert [(finding.id, finding.severity, finding.subject) for finding in findings] == [
        ("dnsbl-listed", severity, GLOBAL)
    ]


@pytest.mark.parametrize(
    ("zone", "text", "origin", "told"),
    [
        ("zen.spamhaus.org", "{zone}. A 192.0.2.1", "option", ("dnsbl-zone-broken", Severity.NOTICE)),
        ("zen.spamhaus.org", "{zone}. A 192.0.2.1", "reply", ("dnsbl-zone-broken", Severity.WARNING)),
        ("bl.example.net", "{zone}. A 192.0.2.1", "option", ("dnsbl-zone-broken", Severity.NOTICE)),
        ("bl.example.net", "{zone}. A 192.0.2.1", "reply", ("dnsbl-zone-broken", Severity.WARNING)),
        ("zen.spamhaus.org", ";! TIMEOUT 2.0.0.127.{zone} A", "option", ("dnsbl-no-answer", Severity.NOTICE)),
        ("bl.example.net", ";! SERVFAIL 2.0.0.127.{zone} A", "reply", ("dnsbl-no-answer", Severity.NOTICE)),
    ],
)
async def test_a_test_entry_that_is_missing_is_told_apart_from_one_that_gave_no_answer(
    zone: str, text: str, origin: str, told: tuple[str, Severity]
) -> None:
    fields = {"named_zones": (NamedZone(zone, None),)} if origin == "reply" else {}
    # A zone that does not exist at all has no test entry either.
    given = context(f"{text}\n{{zone}}. TXT x".format(zone=zone), client_ip=GLOBAL, only_dnsbl=(zone,), **fields)
    evidence, findings = await run(given)
    assert [(finding.id, finding.severity) for finding in findings] == [told]
    assert [each.test_failed for each in evidence.zones] == [told[0] == "dnsbl-no-answer"]


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("*.zen.spamhaus.org. A 127.255.255.254", "dnsbl-query-refused"),
        ("*.zen.spamhaus.org. A 127.0.0.2", "dnsbl-zone-broken"),
        ("zen.spamhaus.org. A 192.0.2.1", "dnsbl-zone-broken"),
        (";! SERVFAIL 7.100.51.198.zen.spamhaus.org A", "dnsbl-no-answer"),
        ("2.0.0.127.zen.spamhaus.org. A 127.0.0.2", None),
    ],
)
async def test_what_is_no_listing_is_never_an_error(text: str, identifier: str | None) -> None:
    _, findings = await run(context(text, client_ip=GLOBAL, only_dnsbl=("zen.spamhaus.org",)))
    assert [finding.id for finding in findings] == ([identifier] if identifier else [])
    assert all(finding.severity is Severity.NOTICE for finding in findings)


async def test_a_public_resolver_is_named_where_it_asked() -> None:
    class Public:
        async def lookup(self, question: Question) -> DnsLookup:
            return DnsLookup(
                name=question.name,
                type=question.type,
                status=DnsStatus.ANSWER,
                records=("127.255.255.254",),
                server="9.9.9.9",
            )

        def ahead(self, work: Any) -> None:
            work.close()

    given = check_input(
        resolver=Public(), now=NOW, envelope=ENVELOPE, client_ip=GLOBAL, only_dnsbl=("zen.spamhaus.org",)
    )
    _, findings = await run(given)
    assert "9.9.9.9 is a public resolver (Quad9)" in findings[0].message


async def test_a_listing_is_told_with_code_and_page() -> None:
    text = "7.100.51.198.zen.spamhaus.org. A 127.0.0.11\n2.0.0.127.zen.spamhaus.org. A 127.0.0.2"
    _, findings = await run(context(text, client_ip=GLOBAL, only_dnsbl=("zen.spamhaus.org",)))
    assert findings[0].message.startswith(
        "198.51.100.7 is listed by Spamhaus ZEN (zen.spamhaus.org): PBL: end-user range"
    )
    assert "(127.0.0.11); see https://check.spamhaus.org/" in findings[0].message


async def test_a_listing_by_an_unknown_zone_is_told_in_its_own_words() -> None:
    text = (
        '7.100.51.198.bl.example.net. A 127.0.0.2\n7.100.51.198.bl.example.net. TXT "trapped, see https://bl.example/"'
    )
    _, findings = await run(context(text, client_ip=GLOBAL, only_dnsbl=("bl.example.net",)))
    assert (
        findings[0].message == "198.51.100.7 is listed by bl.example.net (127.0.0.2): trapped, see https://bl.example/"
    )


@pytest.mark.parametrize("spec", CHECK.findings, ids=[each.id for each in CHECK.findings])
def test_findings_are_explained(spec: Any) -> None:
    assert spec.id.startswith("dnsbl-")
    assert spec.title
    assert spec.why
    assert spec.fix
    assert spec.references
