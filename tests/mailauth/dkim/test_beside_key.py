"""What stands beside a key record or in place of one, and what is written wrongly in it."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest

from smtpprobe.mailauth.dkim.gather import gather
from smtpprobe.mailauth.dkim.key import read_key
from smtpprobe.mailauth.dkim.key_at import key_at
from smtpprobe.mailauth.dkim.verification import verify
from smtpprobe.model.evidence.dkim import DkimKey
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.dkim.signing import ed_record, rsa_record, sign, txt
from tests.mailauth.dkim.test_gather import KNOWN, NOW

SEL = "sel._domainkey.example.org"
RSA = rsa_record(2048)
P = RSA.rpartition("p=")[2]


async def published(*texts: str, zone: str = "") -> DkimKey:
    resolver = zone_resolver(zone + txt(SEL, *texts) if texts else zone)
    try:
        return await key_at(resolver, "sel", "example.org")
    finally:
        await resolver.aclose()


# Each: what is there instead of a key, words of what is said about it.
INSTEAD = [
    ("sel.domainkey.tenant.provider.example.", "the host name 'sel.domainkey.tenant.provider.example.'"),
    ("sel.domainkey.tenant.provider.example", "publish a CNAME record"),
    ("Sel1._domainkey.Tenant.onprovider.example", "publish a CNAME record"),
    ('"dkim.provider.example."', "publish a CNAME record"),
    ("CNAME dkim.provider.example", "the host name 'dkim.provider.example'"),
    ("IN CNAME dkim.provider.example.", "publish a CNAME record"),
    ("cname: dkim.provider.example", "publish a CNAME record"),
    ("v=spf1 include:_spf.example.net -all", "an SPF record"),
    ("V=SPF1 -all", "an SPF record"),
    ("v=DMARC1; p=none", "a DMARC record"),
    ("v=TLSRPTv1; rua=mailto:a@example.org", "a TLSRPT record"),
    ("v=STSv1; id=1", "an MTA-STS record"),
    ("v=BIMI1; l=", "a BIMI record"),
    ("o=~; r=postmaster@example.org", "a DomainKeys policy"),
    ("t=y; o=~;", "a DomainKeys policy"),
    ("dkim=all", "an ADSP record"),
    ("some-site-verification=Ab3dEf6h", "a verification token"),
    ("MS=ms12345678", "a verification token"),
    (P, "the base64 of a key without its tags"),
    (P[:120], "a part of a key"),
    (P[200:], "a part of a key"),
    (f"-----BEGIN PUBLIC KEY----- {P} -----END PUBLIC KEY-----", "a PEM file"),
    ("-----BEGIN RSA PRIVATE KEY----- MIIC -----END RSA PRIVATE KEY-----", "a private key: anyone can sign"),
    ("ssh-rsa AAAAB3NzaC1yc2E", "an SSH key"),
    ("https://provider.example/dkim", "a URL"),
    ('{"key": "abc"}', "JSON"),
    ("192.0.2.1", "an IP address"),
    ("a=rsa-sha256; d=example.org; bh=AAAA; b=AAAA", "a DKIM-Signature field"),
]


@pytest.mark.parametrize(("text", "words"), INSTEAD, ids=range(len(INSTEAD)))
async def test_what_is_there_instead_of_a_key(text: str, words: str) -> None:
    key = await published(text)
    assert (key.status, key.beside) == ("broken", ())
    assert words in (key.problem or "")
    resolver = zone_resolver(txt(SEL, text))
    (signature,) = await verify(resolver, sign(bits=2048), now=NOW)
    await resolver.aclose()
    assert signature.result == "permerror"
    assert words in (signature.reason or "")


# Each: a second record, words of what is said about it.
BESIDE = [
    (P[250:], "a part of the same key"),
    (P[:200], "a part of the same key"),
    (rsa_record(1024).rpartition("p=")[2][:100], "base64 without tags: a part of a key"),
    (rsa_record(1024), "another key record (usable rsa 1024)"),
    ("v=DMARC1; p=none", "a DMARC record"),
    (ed_record(), "another key record (usable ed25519 256)"),
    ("v=DKIM1; p=", "another key record (revoked)"),
    ("v=DKIM1; k=rsa; p=?", "another key record (broken)"),
    ("v=spf1 -all", "an SPF record"),
    ("dkim.provider.example", "the host name 'dkim.provider.example'"),
    ("site-verification=abc", "a verification token"),
    ("note to myself", "the text 'note to myself'"),
    ("\u200bnote", "the text '<U+200B>note'"),
    ("", "an empty record"),
]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(("text", "words"), BESIDE, ids=range(len(BESIDE)))
async def test_what_is_there_beside_a_key(text: str, words: str, first: bool) -> None:
    key = await published(*((text, RSA) if first and not text.startswith("v=DKIM1; k=") else (RSA, text)))
    assert (key.status, key.key_bits) == ("usable", 2048)
    (said,) = key.beside
    assert words in said
    assert "2 TXT records at one name" in (key.problem or "")


# Each: the key record that did not sign, and what is said of it.
NOT_SIGNED = [
    (ed_record(), "another key record (usable ed25519 256)"),
    (rsa_record(1024), "another key record (usable rsa 1024)"),
    (rsa_record(4096), "another key record (usable rsa 4096)"),
    (RSA.replace("k=rsa; ", ""), "another record of the same key (usable)"),
    ("v=DKIM1; p=", "another key record (revoked)"),
]


@pytest.mark.parametrize(("other", "words"), NOT_SIGNED, ids=range(len(NOT_SIGNED)))
async def test_the_key_that_verified_is_shown_in_whatever_order(other: str, words: str) -> None:
    shown = []
    for texts in ((RSA, other), (other, RSA)):
        resolver = zone_resolver(txt(SEL, *texts))
        found = await gather(resolver, "example.org", (), sign(bits=2048), now=NOW, known=KNOWN)
        await resolver.aclose()
        (key,), (signature,) = found.keys, found.signatures
        assert (signature.result, key.record) == ("pass", signature.key_record)
        shown.append((key.record, key.status, key.key_bits, key.beside, key.problem, signature))
    assert shown[0] == shown[1]
    assert shown[0][2:4] == (2048, (words,))


@pytest.mark.parametrize("other", [ed_record(), rsa_record(1024)], ids=("ed25519", "rsa"))
async def test_of_several_keys_the_maker_explains_a_failure(other: str) -> None:
    for texts in ((RSA, other), (other, RSA)):
        resolver = zone_resolver(txt(SEL, *texts))
        changed = sign(bits=2048).replace(b"To: bob", b"To: eve")
        (signature,) = await verify(resolver, changed, now=NOW, explain=True)
        await resolver.aclose()
        assert (signature.result, signature.signed_by_key, signature.key_record) == ("fail", True, RSA)


@pytest.mark.parametrize("other", [ed_record(), rsa_record(1024)], ids=("ed25519", "rsa"))
async def test_of_several_keys_one_is_shown_in_whatever_order(other: str) -> None:
    assert msgspec.structs.asdict(await published(RSA, other)) == msgspec.structs.asdict(await published(other, RSA))


async def test_one_key_alone_has_nothing_beside_it() -> None:
    key = await published(RSA)
    assert (key.status, key.beside, key.problem) == ("usable", (), None)


async def test_of_many_records_some_are_named() -> None:
    key = await published(RSA, *(f"note {number}" for number in range(9)))
    assert len(key.beside) == 6
    assert key.beside[-1] == "4 more"


@pytest.mark.parametrize("cuts", [(255,), (100,), (200, 300)])
@pytest.mark.parametrize("turned", [False, True])
async def test_a_key_in_several_records_is_put_together(cuts: tuple[int, ...], turned: bool) -> None:
    edges = (0, *cuts, len(RSA))
    parts = [RSA[start:end] for start, end in pairwise(edges)]
    key = await published(*(reversed(parts) if turned else parts))
    assert key.status == "broken"
    assert "together the records are a usable rsa key of 2048 bits" in (key.problem or "")
    assert "one TXT record of several strings" in (key.problem or "")


async def test_a_key_in_several_records_that_each_have_the_tags() -> None:
    key = await published(RSA[:255], f"v=DKIM1; k=rsa; p={RSA[255:]}")
    assert "together the records are a usable rsa key of 2048 bits" in (key.problem or "")


@pytest.mark.parametrize("at", [60, 255, 300])
async def test_the_strings_of_a_record_in_the_wrong_order(at: int) -> None:
    key = await published(RSA[at:] + RSA[:at])
    assert key.status == "broken"
    assert "the strings of the record are in the wrong order" in (key.problem or "")


# Each: where the key is instead, words of what is said.
MISPLACED = [
    ("sel._domainkey.example.org.example.org", "the zone's name was added"),
    ("sel.example.org", "_domainkey is missing from the name"),
    ("sel.domainkey.example.org", "the underscore"),
    ("sel._domainkeys.example.org", "_domainkeys instead of _domainkey"),
]


@pytest.mark.parametrize(("name", "words"), MISPLACED, ids=range(len(MISPLACED)))
async def test_a_key_at_another_name(name: str, words: str) -> None:
    resolver = zone_resolver(txt(name, RSA))
    evidence = await gather(resolver, "example.org", ["sel"], now=NOW, known=KNOWN)
    await resolver.aclose()
    (key,) = evidence.keys
    assert key.status == "missing"
    assert f"there is one at {name}" in (key.problem or "")
    assert words in (key.problem or "")


async def test_halves_that_do_not_belong_together() -> None:
    key = await published(RSA[:255], "v=spf1 -all")
    assert "together" not in (key.problem or "")


async def test_an_alias_is_kept_and_said() -> None:
    alias = f"{SEL}. CNAME sel.tenant.provider.example.\n"
    assert (await published(zone=alias)).cname == "sel.tenant.provider.example"
    key = await published(zone=alias + txt("sel.tenant.provider.example", RSA))
    assert (key.status, key.cname) == ("usable", "sel.tenant.provider.example")
    resolver = zone_resolver(alias)
    (signature,) = await verify(resolver, sign(bits=2048), now=NOW)
    await resolver.aclose()
    assert "an alias (CNAME) of sel.tenant.provider.example, which does not exist" in (signature.reason or "")


# Each: a record with one fault of writing, words of its problem.
MISWRITTEN = [
    (RSA.replace("p=", "P="), "the key seems to be in P="),
    (RSA.replace("p=", "pk="), "the key seems to be in pk="),
    (RSA.replace("p=", "key="), "the key seems to be in key="),
    (RSA.replace("; ", ", "), "not separated by semicolons"),
    (RSA.replace("; ", " "), "not separated by semicolons"),
    (RSA.replace("v=DKIM1", "v=Dkim1"), "capital letters matter"),
    (RSA.replace("v=DKIM1", "v=DKIM"), "'DKIM', not DKIM1"),
    (RSA.replace("p=", "p:"), "'p:MII"),
    (ed_record().rstrip("="), "it ends in 0 instead of 1 equals sign"),
    (RSA.replace("+", "-").replace("/", "_"), "the kind for URLs"),
    (RSA + "MIIBIjAN", "goes on behind the key"),
    (RSA[:255], "cut short"),
    (RSA[:100] + "\u00a0" + RSA[100:], "U+00A0 NO-BREAK SPACE"),
    (RSA[:100] + "\u200b" + RSA[100:], "U+200B ZERO WIDTH SPACE as character 101"),
    ("\u200b" + RSA, "U+200B ZERO WIDTH SPACE as character 1"),
    ("\ufeff" + RSA, "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
    (RSA.replace("k=rsa", "k=rsa\u200b"), "U+200B"),
    (RSA.replace("k=rsa", "k=rsa\u00a0"), "'rsa<U+00A0>' is not a key type"),
    (RSA.replace("k=rsa", "k=rsa\u3164"), "'rsa<U+3164>' is not a key type"),
    (RSA.replace("v=DKIM1", "v=DKIM1\u200d"), "'DKIM1<U+200D>'"),
    (RSA.replace("p=", "\u0440="), "U+0440 CYRILLIC SMALL LETTER ER"),
    (RSA.replace("; k", "\uff1b k"), "U+FF1B FULLWIDTH SEMICOLON"),
    (RSA.replace("p=", "p\uff1d"), "U+FF1D"),
    (f"\u201c{RSA}\u201d", "U+201C LEFT DOUBLE QUOTATION MARK"),
    (f'"{RSA}"', "quotation marks"),
    (f"{RSA[:100]}\\xa0{RSA[100:]}", "the octet 0xA0, which is not UTF-8"),
    (RSA[:100] + "<br>" + RSA[100:], "contains '<'"),
    (RSA.replace("p=", "p=%20"), "contains '%'"),
    (RSA + " note", "goes on behind the key"),
]


@pytest.mark.parametrize(("text", "words"), MISWRITTEN, ids=range(len(MISWRITTEN)))
def test_what_is_written_wrongly_is_named(text: str, words: str) -> None:
    record = read_key(text)
    assert record.status == "broken"
    assert words in (record.problem or "")
    assert (record.problem or "").isprintable()


async def test_records_of_one_kind_are_told_once() -> None:
    tokens = [f"site-verification={number}" for number in range(3)]
    key = await published(RSA, *tokens, "v=spf1 -all")
    assert sorted(key.beside) == ["a verification token (3 times)", "an SPF record, which belongs at the domain itself"]
