"""Signatures made by the tests' own signer, then bent in one way each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import PublicFormat

from smtpprobe.mailauth.dkim import verify
from smtpprobe.mailauth.dkim.verification import MAX_SIGNATURES
from smtpprobe.model.evidence.dkim import DkimSignature
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.dkim.signing import MESSAGE, ed_record, rsa_record, sign, txt

NOW = datetime(2026, 1, 2, tzinfo=UTC)
T = int(NOW.timestamp())
NAME = "sel._domainkey.example.org"
RSA_ZONE = txt(NAME, rsa_record())


async def verified(message: bytes, zone: str = RSA_ZONE, **options: int) -> list[DkimSignature]:
    resolver = zone_resolver(zone)
    try:
        return list(await verify(resolver, message, now=NOW, **options))
    finally:
        await resolver.aclose()


async def one(message: bytes, zone: str = RSA_ZONE, **options: int) -> DkimSignature:
    (signature,) = await verified(message, zone, **options)
    return signature


@pytest.mark.parametrize(
    "form", ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed", "relaxed", None]
)
async def test_each_canonicalization_verifies(form: str | None) -> None:
    signature = await one(sign(c=form))
    assert (signature.result, signature.reason) == ("pass", None)
    assert signature.key_bits == 1024


async def test_ed25519_verifies() -> None:
    signature = await one(sign(a="ed25519-sha256"), txt(NAME, ed_record()))
    assert (signature.result, signature.key_bits, signature.algorithm) == ("pass", 256, "ed25519-sha256")


async def test_a_bare_rsa_public_key_is_read() -> None:
    assert (await one(sign(), txt(NAME, rsa_record(form=PublicFormat.PKCS1)))).result == "pass"


async def test_a_message_with_lf_line_ends_verifies() -> None:
    assert (await one(sign().replace(b"\r\n", b"\n"))).result == "pass"


async def test_a_mailbox_files_first_line_is_passed_over() -> None:
    assert (await one(b"From alice Thu Jan  1 12:00:00 2026\r\n" + sign())).result == "pass"


CHANGES: dict[str, tuple[Callable[[bytes], bytes], str, str]] = {
    "trailing white space": (lambda m: m.replace(b"lunch?\r\n", b"lunch?  \r\n"), "pass", "fail"),
    "empty lines at the end": (lambda m: m + b"\r\n\r\n", "pass", "pass"),
    "footer": (lambda m: m + b"-- \r\nlist\r\n", "fail", "fail"),
    "folded anew": (lambda m: m.replace(b"question\r\n\tof", b"question\r\n of"), "pass", "fail"),
    "header name in capitals": (lambda m: m.replace(b"Subject:", b"SUBJECT:"), "pass", "fail"),
    "subject": (lambda m: m.replace(b"Subject: A", b"Subject: [x] A"), "fail", "fail"),
    "unsigned field": (lambda m: m.replace(b"Date: Thu", b"Date: Fri"), "pass", "pass"),
    "second From above": (lambda m: b"From: eve@example.net\r\n" + m, "pass", "pass"),
    "second From below": (lambda m: m.replace(b"\r\nTo:", b"\r\nFrom: eve@example.net\r\nTo:"), "fail", "fail"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_each_canonicalization_forgives(change: str) -> None:
    function, relaxed, simple = CHANGES[change]
    assert (await one(function(sign()))).result == relaxed
    assert (await one(function(sign(c="simple/simple")))).result == simple


async def test_a_failure_is_split_into_body_hash_and_signature() -> None:
    body = await one(sign().replace(b"lunch", b"brunch"))
    assert (body.result, body.body_hash_ok, body.signature_ok) == ("fail", False, True)
    header = await one(sign().replace(b"To: bob", b"To: eve"))
    assert (header.result, header.body_hash_ok, header.signature_ok) == ("fail", True, False)


async def test_oversigning_catches_an_added_field() -> None:
    signed = sign(h="From:To:Subject:Subject:Reply-To")
    assert (await one(signed)).result == "pass"
    assert (await one(signed.replace(b"To: bob", b"Reply-To: eve@example.net\r\nTo: bob"))).result == "fail"


async def test_header_instances_count_from_the_bottom_up() -> None:
    message = b"Received: third\r\nReceived: second\r\nReceived: first\r\n" + MESSAGE
    signed = sign(message, h="From:Received:Received")
    assert (await one(signed)).result == "pass"
    assert (await one(signed.replace(b"third", b"changed"))).result == "pass"
    assert (await one(signed.replace(b"second", b"changed"))).result == "fail"


# Each: the signature's tags, the result, and a word of the reason.
BENT = [
    ({"v": 2}, "permerror", "version"),
    ({"v": None}, "permerror", "v= is missing"),
    ({"d": None}, "permerror", "d= is missing"),
    ({"s": None}, "permerror", "s= is missing"),
    ({"h": None}, "permerror", "h= is missing"),
    (
        {"h": "From:To\u00a0:Subject"},
        "permerror",
        "h= is not a list of header field names: 'to<U+00A0>' is none; it contains U+00A0 NO-BREAK SPACE",
    ),
    ({"h": "From:T o\u200b:\u0421c"}, "permerror", "'to<U+200B>' is none; it contains U+200B ZERO WIDTH SPACE"),
    ({"s": "s\u200bel"}, "permerror", "s='s<U+200B>el' is not a selector"),
    ({"a": "rsa\u00ad-sha256"}, "permerror", "a=rsa<U+00AD>-sha256"),
    ({"h": "To:Subject"}, "permerror", "From field is not signed"),
    ({"b": "%%%"}, "permerror", "b= is not base64"),
    ({"bh": "%%%"}, "permerror", "bh= is not base64"),
    ({"q": "dns/txt:http"}, "pass", None),
    ({"q": "http"}, "permerror", "query method"),
    ({"c": "simple/odd"}, "permerror", "canonicalization"),
    ({"i": "alice@sub.example.org"}, "pass", None),
    ({"i": "=61lice@exampl=65.org"}, "pass", None),
    ({"i": "@notexample.org"}, "permerror", "is not within"),
    ({"i": "example.org"}, "permerror", "is not within"),
    ({"d": "legitimate.example(.attacker.example"}, "permerror", "not a domain name"),
    ({"d": "EXAMPLE.org"}, "pass", None),
    ({"foo": "bar"}, "pass", None),
    ({"x": T + 1}, "pass", None),
    ({"x": T}, "policy", "expired at 2026-01-02"),
    ({"x": T - 1, "t": T - 9}, "policy", "expired"),
    ({"x": T + 9, "t": T + 9}, "permerror", "not later"),
    ({"x": "soon"}, "permerror", "not a number"),
    ({"x": "9" * 40}, "pass", None),
    ({"t": T}, "pass", None),
    ({"t": T + 3600}, "policy", "future"),
    ({"l": 5}, "pass", "not signed"),
    ({"l": 0}, "pass", "not signed"),
    ({"l": "-1"}, "permerror", "not a number"),
]


@pytest.mark.parametrize(("tags", "result", "word"), BENT, ids=[str(bent[0])[:40] for bent in BENT])
async def test_signature_tags(tags: dict[str, Any], result: str, word: str | None) -> None:
    if "l" in tags and tags["l"] == "-1":
        message = sign().replace(b"; s=sel", b"; s=sel; l=-1")
    else:
        message = sign(**tags)
    signature = await one(message)
    assert signature.result == result, signature.reason
    assert (word or "") in (signature.reason or "")
    if word is None:
        assert signature.reason is None


async def test_policy_still_says_that_the_mathematics_held() -> None:
    signature = await one(sign(a="rsa-sha1"))
    assert (signature.result, signature.body_hash_ok, signature.signature_ok) == ("policy", True, True)
    changed = await one(sign(a="rsa-sha1").replace(b"lunch", b"brunch"))
    assert (changed.result, changed.body_hash_ok) == ("fail", False)


async def test_the_edge_of_the_key_length() -> None:
    assert (await one(sign(), min_key_bits=1024)).result == "pass"
    weak = await one(sign(), min_key_bits=1025)
    assert (weak.result, weak.signature_ok) == ("policy", True)
    assert "1024 bits" in (weak.reason or "")


async def test_a_body_shorter_than_l_fails() -> None:
    signature = await one(sign(l=14).replace(b"Hello  Bob, \r\n\r\nlunch?", b"Hello"))
    assert (signature.result, signature.body_hash_ok) == ("fail", False)


async def test_a_tag_that_stands_twice_voids_the_signature() -> None:
    signature = await one(sign().replace(b"; s=sel", b"; s=sel; s=sel"))
    assert (signature.result, signature.reason) == ("permerror", "the tag s= occurs twice")


# Each: the zone, the result, and a word of the reason; the signature is right, by i=@sub.example.org.
KEYS = [
    (txt(NAME, rsa_record(extra="t=y; ")), "pass", None),
    (txt(NAME, rsa_record(extra="t=s; ")), "permerror", "t=s"),
    (txt(NAME, rsa_record(extra="t=y:s; ")), "permerror", "t=s"),
    (txt(NAME, rsa_record(extra="h=sha1; ")), "permerror", "hash algorithm"),
    (txt(NAME, rsa_record(extra="h=sha1:sha256; ")), "pass", None),
    (txt(NAME, rsa_record(extra="s=tlsrpt; ")), "permerror", "not for email"),
    (txt(NAME, rsa_record(extra="s=tlsrpt:email; ")), "pass", None),
    (txt(NAME, rsa_record(extra="s=*; ")), "pass", None),
    (txt(NAME, rsa_record().replace("k=rsa", "k=ed25519")), "permerror", "key syntax error"),
    (txt(NAME, ed_record()), "permerror", "key algorithm"),
    (txt(NAME, "v=DKIM1; p="), "permerror", "revoked"),
    (txt(NAME, ""), "permerror", "empty"),
    (txt(NAME, "v=spf1 -all", rsa_record()), "pass", None),
    (txt(NAME, ed_record(), rsa_record()), "pass", None),
    (txt(NAME, rsa_record()[:200]), "permerror", "cut short"),
    ("", "permerror", "no key for signature"),
    (f";! SERVFAIL {NAME} TXT\n", "temperror", "SERVFAIL"),
    (f";! TIMEOUT {NAME} TXT\n", "temperror", "no answer in time"),
]


@pytest.mark.parametrize(("zone", "result", "word"), KEYS, ids=range(len(KEYS)))
async def test_keys(zone: str, result: str, word: str | None) -> None:
    signature = await one(sign(i="@sub.example.org"), zone)
    assert signature.result == result, signature.reason
    assert (word or "") in (signature.reason or "")


async def test_two_signatures_are_judged_each_for_itself() -> None:
    zone = RSA_ZONE + txt("ed._domainkey.example.org", ed_record())
    message = sign(sign(), a="ed25519-sha256", s="ed", h="From:DKIM-Signature")
    assert [(s.selector, s.result) for s in await verified(message, zone)] == [("ed", "pass"), ("sel", "pass")]
    changed = message.replace(b"Subject: A", b"Subject: B")
    assert [s.result for s in await verified(changed, zone)] == ["pass", "fail"]


async def test_only_so_many_signatures_are_looked_at() -> None:
    field, _, rest = sign().partition(b"\r\n")
    found = await verified((field + b"\r\n") * 1052 + rest)
    assert [each.result for each in found] == ["pass"] * MAX_SIGNATURES + ["policy"]
    assert found[-1].reason == "only the first 50 of 1,052 signatures are looked at"


async def test_no_signature_gives_none() -> None:
    assert await verified(MESSAGE) == []
    assert await verified(b"") == []


@pytest.mark.parametrize(
    "value", [b"", b"\xff\x00", b"v=1; a=rsa-sha256; d=\xc3\xa9.example; s=\xff; h=from; b=a; bh=a"]
)
async def test_odd_signature_fields_are_permerrors(value: bytes) -> None:
    assert (await one(b"DKIM-Signature: " + value + b"\r\nFrom: a@example.org\r\n\r\n")).result == "permerror"
