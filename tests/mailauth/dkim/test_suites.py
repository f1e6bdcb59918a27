"""The public DKIM suites: Mail::DKIM's corpus, and dkimpy's vectors with those of RFC 8463."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpprobe.mailauth.dkim import verify
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.dkim.signing import txt
from tests.mailauth.suites import needed, suite

CORPUS = suite("dkim-corpus")
VECTORS = suite("dkim-vectors")
NOW = datetime(2026, 1, 2, tzinfo=UTC)

# RFC 8463 appendix A.2, and the keys that lie beside the messages.
RFC8463_KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def corpus_cases() -> list[tuple[str, str]]:
    if CORPUS is None:
        return [("absent", "")]
    lines = [line.split("\t") for line in (CORPUS / "expected.tsv").read_text().splitlines()]
    return [(line[0], line[1]) for line in lines if not line[0].startswith("#")]


def corpus_zone(text: str) -> str:
    zone = ""
    for line in text.splitlines():
        name, _, record = line.partition(" ")
        record = record.strip()
        if not name or name == "#" or record == "NXDOMAIN":
            continue
        if record.startswith("~~"):
            zone += f";! {'SERVFAIL' if 'SERVFAIL' in record else 'TIMEOUT'} {name} TXT\n"
        else:
            zone += txt(name, "" if record == '""' else record)
    return zone


@pytest.mark.parametrize(("name", "verdict"), corpus_cases())
async def test_corpus(name: str, verdict: str) -> None:
    folder = needed(CORPUS, "dkim-corpus")
    resolver = zone_resolver(corpus_zone((folder / "FAKE_DNS.dat").read_text()))
    (signature,) = await verify(resolver, (folder / name).read_bytes(), now=NOW, min_key_bits=512)
    await resolver.aclose()
    result = str(signature.result)
    # RFC 8301 §3.1 came after these messages: rsa-sha1 is policy, and says that the mathematics holds.
    if result == "policy" and signature.body_hash_ok and signature.signature_ok:
        assert signature.algorithm == "rsa-sha1"
        result = "pass"
    expected = {"invalid": ("permerror", "temperror")}.get(verdict, (verdict,))
    assert result in expected, signature.reason


# Each: the message, the results from the top down, and a word of the first one's reason.
MESSAGES = [
    ("rfc6376.signed.msg", ["pass", "pass"], None),
    ("rfc6376.signed.rsa.msg", ["pass"], None),
    ("rfc6376.signed.no_t.msg", ["fail"], "signature did not verify"),
    ("ed25519test2.msg", ["pass"], None),
    ("test.message.baddomain", ["permerror"], "not a domain name"),
    ("test.message", [], None),
    ("message.mbox", ["permerror"], "no key"),
]


@pytest.mark.parametrize(("name", "results", "word"), MESSAGES)
async def test_vectors(name: str, results: list[str], word: str | None) -> None:
    folder = needed(VECTORS, "dkim-vectors")
    resolver = zone_resolver(
        txt("test._domainkey.football.example.com", (folder / "test.txt").read_text().strip())
        + txt("brisbane._domainkey.football.example.com", RFC8463_KEY)
        + txt("sed._domainkey.test.ex", (folder / "eximtest.dns").read_text().strip())
    )
    signatures = await verify(resolver, (folder / name).read_bytes(), now=NOW)
    await resolver.aclose()
    assert [str(signature.result) for signature in signatures] == results
    if word:
        assert word in (signatures[0].reason or "")


@pytest.mark.parametrize(
    ("name", "status"),
    [("test.txt", "usable"), ("badk.txt", "broken"), ("badversion.txt", "broken"), ("test_bad.txt", "broken"),
     ("2048_testkey_wo_markers.pub.txt", "usable"), ("2048_testkey_wo_markers.pub.rsa.txt", "usable")],
)  # fmt: skip
def test_key_records(name: str, status: str) -> None:
    from smtpprobe.mailauth.dkim.key import read_key

    text = (needed(VECTORS, "dkim-vectors") / name).read_text().strip()
    record = read_key(text if "p=" in text else f"p={text}")
    assert record.status == status, record.problem
