"""Keys by selector: given, read from a message, guessed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from smtpprobe.mailauth.dkim import gather
from smtpprobe.mailauth.dkim.key_at import key_at
from smtpprobe.model.evidence.dkim import DkimEvidence
from smtpprobe.model.known.mail_services import KnownSelectors, MailService
from smtpprobe.net.resolver import RunResolver
from smtpprobe.net.zone import ZoneAnswerer
from smtpprobe.testing.zones import zone_resolver
from tests import virtual_time
from tests.mailauth.dkim.signing import ed_record, rsa_record, sign, txt

NOW = datetime(2026, 1, 2, tzinfo=UTC)
KNOWN = KnownSelectors(
    common=("default", "google", "s1", "fm1"),
    services=(
        MailService(name="Fastmail", suffixes=("messagingengine.com",), selectors=("fm1", "fm2", "mesmtp")),
        MailService(name="Mailchimp", suffixes=("mcsv.net",), selectors=("k1", "mandrill")),
        MailService(name="Zoho", suffixes=("zoho.com",), selectors=("zmail",)),
        MailService(
            name="Postmark", suffixes=("mtasv.net",), selectors=("pm",), unguessable="a time, with pm behind it"
        ),
        MailService(name="Amazon SES", suffixes=("amazonses.com",), unguessable="three random tokens"),
        MailService(name="Google", suffixes=("google.com",), selectors=("google", "20230601")),
    ),
)
SEL = "sel._domainkey.example.org"


async def gathered(
    zone: str, *selectors: str, message: bytes | None = None, domain: str | None = "example.org"
) -> DkimEvidence:
    resolver = zone_resolver(zone)
    try:
        return await gather(resolver, domain, selectors, message, now=NOW, known=KNOWN)
    finally:
        await resolver.aclose()


@pytest.mark.parametrize(
    ("zone", "status", "word"),
    [
        (txt(SEL, rsa_record()), "usable", None),
        (txt(SEL, rsa_record(), ed_record()), "usable", "2 TXT records"),
        (txt(SEL, "v=DKIM1; p=", rsa_record()), "usable", "2 TXT records"),
        (txt(SEL, "v=DKIM1; p="), "revoked", "revoked"),
        (txt(SEL, rsa_record(extra="s=other; ")), "broken", "serving mail"),
        (txt(SEL, rsa_record(extra="s=tlsrpt; ")), "usable", None),
        (txt(SEL, rsa_record(extra="s=other:tlsrpt; ")), "usable", None),
        (txt(SEL, "v=spf1 -all"), "broken", "an SPF record"),
        ("", "missing", "does not exist"),
        (f"{SEL}. A 192.0.2.1\n", "missing", "no TXT record"),
        (f"{SEL}. CNAME key.example.net.\n" + txt("key.example.net", rsa_record()), "usable", None),
        (f";! SERVFAIL {SEL} TXT\n", "temperror", "SERVFAIL"),
        (f";! REFUSED {SEL} TXT\n", "temperror", "REFUSED"),
    ],
)
async def test_key_at(zone: str, status: str, word: str | None) -> None:
    resolver = zone_resolver(zone)
    key = await key_at(resolver, "sel", "example.org")
    await resolver.aclose()
    assert (key.status, key.origin, key.lookups) == (status, "given", (0,))
    assert (key.problem is None) if word is None else (word in (key.problem or ""))


async def test_a_name_that_cannot_exist_is_not_asked() -> None:
    resolver = zone_resolver("")
    key = await key_at(resolver, "a..b", "example.org")
    assert (key.status, resolver.lookups) == ("missing", [])


async def test_given_selectors_are_reported_even_where_nothing_is() -> None:
    evidence = await gathered(txt(SEL, rsa_record()), "sel", "none")
    assert [(key.selector, key.status, key.origin) for key in evidence.keys] == [
        ("sel", "usable", "given"),
        ("none", "missing", "given"),
    ]
    assert evidence.tried == ("sel", "none")
    assert evidence.has_domainkey_node is True


async def test_a_messages_selectors_are_read_from_it() -> None:
    evidence = await gathered(txt(SEL, rsa_record()), message=sign(), domain="example.net")
    assert [(key.domain, key.selector, key.origin, key.status) for key in evidence.keys] == [
        ("example.org", "sel", "message", "usable")
    ]
    assert [signature.result for signature in evidence.signatures] == ["pass"]
    assert evidence.has_domainkey_node is False


async def test_guesses_are_tried_and_only_what_is_there_is_reported() -> None:
    evidence = await gathered(txt("s1._domainkey.example.org", rsa_record()))
    assert [(key.selector, key.origin) for key in evidence.keys] == [("s1", "guessed")]
    assert {"default", "google", "s1"} <= set(evidence.tried)


async def test_providers_seen_in_mx_and_spf_add_their_selectors() -> None:
    zone = 'example.org. MX 10 in1.messagingengine.com.\nexample.org. TXT "v=spf1 include:servers.mcsv.net -all"\n'
    tried = (await gathered(zone)).tried
    assert {"fm2", "mesmtp", "mandrill"} <= set(tried)
    assert "mesmtp" not in (await gathered("")).tried


@pytest.mark.parametrize(
    ("zone", "exists"),
    [
        ("", False),
        (txt("odd._domainkey.example.org", rsa_record()), True),
        (";! SERVFAIL _domainkey.example.org TXT\n", None),
        (";! TIMEOUT _domainkey.example.org TXT\n" + txt("s1._domainkey.example.org", rsa_record()), True),
    ],
)
async def test_the_domainkey_node(zone: str, exists: bool | None) -> None:
    assert (await gathered(zone)).has_domainkey_node is exists


async def test_a_wildcard_is_no_key() -> None:
    evidence = await gathered(txt("*.example.org", "v=spf1 -all"))
    assert evidence.keys == ()


async def test_unanswered_guesses_are_named() -> None:
    evidence = await gathered(";! TIMEOUT google._domainkey.example.org TXT\n")
    assert (evidence.keys, evidence.unanswered) == ((), ("google",))


def test_all_questions_fly_together() -> None:
    async def work() -> tuple[DkimEvidence, set[float]]:
        resolver = RunResolver(ZoneAnswerer("", delay_s=1).answer, clock=asyncio.get_running_loop().time)
        evidence = await gather(resolver, "example.org", (), now=NOW, known=KNOWN)
        await resolver.aclose()
        return evidence, {lookup.started_s for lookup in resolver.lookups}

    evidence, started = virtual_time.run(work())
    assert len(started) == 1
    assert len(evidence.lookups) == len(evidence.tried) + 4


def test_the_wildcards_of_several_domains_are_asked_for_together() -> None:
    domains = ("example.org", "example.net", "example.com")

    async def work() -> list[float]:
        zone = "".join(txt(f"*.{domain}", "v=spf1 -all") for domain in domains)
        resolver = RunResolver(ZoneAnswerer(zone, delay_s=1).answer, clock=asyncio.get_running_loop().time)
        evidence = await gather(resolver, domains, ("sel",), now=NOW, known=KNOWN)
        await resolver.aclose()
        assert all("a wildcard record gives this answer" in (key.problem or "") for key in evidence.keys)
        return [lookup.started_s for lookup in resolver.lookups if lookup.name.startswith("*.")]

    started = virtual_time.run(work())
    assert (len(started), set(started)) == (len(domains), {1.0})


async def test_without_a_domain_only_the_message_speaks() -> None:
    evidence = await gathered("", domain=None)
    assert (evidence.keys, evidence.tried, evidence.has_domainkey_node) == ((), (), None)


async def test_services_without_guessable_selectors_are_said_so() -> None:
    zone = 'example.org. TXT "v=spf1 include:amazonses.com ?include:spf.mtasv.net -all"\n'
    (domain,) = (await gathered(zone)).domains
    assert domain.providers == ("Postmark", "Amazon SES")
    assert any("Amazon SES: three random tokens" in text for text in domain.unguessable)


async def test_several_domains_are_all_asked() -> None:
    zone = txt(SEL, rsa_record()) + txt("sel._domainkey.example.net", ed_record())
    resolver = zone_resolver(zone)
    evidence = await gather(resolver, ("example.org", "example.net", "example.com"), ("sel",), now=NOW, known=KNOWN)
    await resolver.aclose()
    assert [(key.domain, key.status) for key in evidence.keys] == [
        ("example.org", "usable"),
        ("example.net", "usable"),
        ("example.com", "missing"),
    ]
    assert [(domain.domain, domain.has_domainkey_node, domain.guessed) for domain in evidence.domains] == [
        ("example.org", True, False),
        ("example.net", True, False),
        ("example.com", False, False),
    ]
    assert (evidence.domain, evidence.tried) == ("example.org", ("sel",))


# Each: the domains and selectors given, and the selectors and domains that are asked for, in order.
BY_NAME: list[tuple[tuple[str, ...], tuple[str, ...], list[tuple[str, str]]]] = [
    (("a._domainkey.example.org", "b._domainkey.example.net"), (), [("a", "example.org"), ("b", "example.net")]),
    (("a._domainkey.example.org", "b._domainkey.example.org"), (), [("a", "example.org"), ("b", "example.org")]),
    (
        ("a._domainkey.example.org", "example.net"), ("c",),
        [("c", "example.org"), ("a", "example.org"), ("c", "example.net")],
    ),
    (
        ("example.org", "example.net"), ("a._domainkey.example.org", "b._domainkey.example.com"),
        [("a", "example.org"), ("b", "example.org"), ("b", "example.net")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("domains", "selectors", "pairs"), BY_NAME, ids=range(len(BY_NAME)))
async def test_a_key_records_name_is_asked_for_alone(
    domains: tuple[str, ...], selectors: tuple[str, ...], pairs: list[tuple[str, str]]
) -> None:
    resolver = zone_resolver("")
    evidence = await gather(resolver, domains, selectors, now=NOW, known=KNOWN)
    await resolver.aclose()
    assert [(key.selector, key.domain) for key in evidence.keys] == pairs
    asked = {lookup.name for lookup in resolver.lookups}
    assert {f"{one}._domainkey.{other}" for one, other in pairs} <= asked
    assert "b._domainkey.example.org" not in asked or ("b", "example.org") in pairs


async def test_a_domain_beside_a_key_records_name_is_guessed_for() -> None:
    resolver = zone_resolver(txt("s1._domainkey.example.net", rsa_record()))
    evidence = await gather(resolver, ("a._domainkey.example.org", "example.net"), (), now=NOW, known=KNOWN)
    await resolver.aclose()
    assert [(key.selector, key.domain, key.origin) for key in evidence.keys] == [
        ("a", "example.org", "given"),
        ("s1", "example.net", "guessed"),
    ]


async def test_several_domains_are_guessed_each_for_itself() -> None:
    zone = txt("fm1._domainkey.example.org", rsa_record()) + "example.net. MX 10 mx.zoho.com.\n"
    resolver = zone_resolver(zone)
    evidence = await gather(resolver, ("example.org", "example.net"), (), now=NOW, known=KNOWN)
    await resolver.aclose()
    assert [(key.domain, key.selector) for key in evidence.keys] == [("example.org", "fm1")]
    first, second = evidence.domains
    assert ("zmail" in first.tried, "zmail" in second.tried) == (False, True)


@pytest.mark.parametrize("name", ["sel._domainkey.example.org.example.org"])
async def test_a_key_behind_the_zones_name_twice_is_found(name: str) -> None:
    (key,) = (await gathered(txt(name, rsa_record()), "sel")).keys
    assert key.status == "missing"
    assert f"there is one at {name}" in (key.problem or "")


async def test_all_name_servers_are_asked_on_request() -> None:
    zone = txt(SEL, rsa_record()) + "example.org. NS ns.example.net.\nns.example.net. A 192.0.2.53\n"
    resolver = zone_resolver(zone)
    evidence = await gather(resolver, "example.org", ("sel", "none"), now=NOW, known=KNOWN, all_nameservers=True)
    await resolver.aclose()
    assert [len(key.servers.answers) if key.servers else None for key in evidence.keys] == [1, 1]
    assert (await gathered(zone, "sel")).keys[0].servers is None


@pytest.mark.parametrize(
    ("zone", "providers"),
    [
        ("example.org. MX 10 in1-smtp.messagingengine.com.\n" + txt("fm1._domainkey.example.org", rsa_record()),
         ["Fastmail"]),
        ("google._domainkey.example.org. CNAME dkim.zoho.com.\n" + txt("dkim.zoho.com", rsa_record()), ["Zoho"]),
        (txt("google._domainkey.example.org", rsa_record()), [None]),
    ],
)  # fmt: skip
async def test_a_guessed_key_has_the_service_that_the_domain_or_an_alias_shows(
    zone: str, providers: list[str | None]
) -> None:
    assert [key.provider for key in (await gathered(zone)).keys] == providers
