"""TLS reporting records (RFC 8460 §3)."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.tls import tlsrpt
from smtpprobe.testing.zones import zone_resolver


@pytest.mark.parametrize(
    ("text", "rua", "problem"),
    [
        ("v=TLSRPTv1;rua=mailto:reports@example.com", ("mailto:reports@example.com",), None),
        ("v=TLSRPTv1; rua=mailto:a@example.com\u200b", (), "not a mailto: or https: URI; it contains U+200B ZERO WIDTH SPACE"),
        ("v=TLSRPTv1;\u00a0rua=mailto:a@example.com", (),
         "'<U+00A0>rua=mailto:a@example.com' is not a name=value pair; it contains U+00A0 NO-BREAK SPACE"),
        ("v=TLSRPTv1; rua=mailto:\u0430@example.com!10m", (), "'mailto:<U+0430>@example.com!10m' is not"),
        ("v=TLSRPTv1; rua= mailto:a@example.com", ("mailto:a@example.com",), "a blank follows rua="),
        ('"v=TLSRPTv1; rua=mailto:a@example.com"', (), "quotation marks of a zone file"),
        ("v=tlsrptv1; rua=mailto:a@example.com", (), "capital and small letters"),
        ("v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt", ("https://reporting.example.com/v1/tlsrpt",), None),
        ("v=TLSRPTv1; rua=mailto:a@example.com , https://example.net;", ("mailto:a@example.com", "https://example.net"), None),
        ("v=TLSRPTv1; x=1; rua=mailto:a@example.com; rua=mailto:b@example.com",
         ("mailto:a@example.com", "mailto:b@example.com"), None),
        ("v=TLSRPTv1;rua=mailto:a@example.com;rua=https://example.net/r,mailto:a@example.com",
         ("mailto:a@example.com", "https://example.net/r"), None),
        ("v=TLSRPTv1; rua=mailto:a@example.com; rua=ftp://x", ("mailto:a@example.com",), "'ftp://x'"),
        ("v=TLSRPTv1; rua=ftp://x, http://y; rua=mailto:a@example.com", ("mailto:a@example.com",), "'http://y'"),
        ("v=TLSRPTv1; rua=mailto:a@example.com; junk", ("mailto:a@example.com",), "'junk' is not a name=value pair"),
        ("v=TLSRPTv1; junk; rua=mailto:a@example.com", ("mailto:a@example.com",), "'junk'"),
        ("v=TLSRPTv1;; rua=mailto:a@example.com", ("mailto:a@example.com",), "an empty field"),
        ("v=TLSRPTv1; rua=mailto:a@example.com,", ("mailto:a@example.com",), "an empty place"),
        ("v=TLSRPTv1; rua=mailto:a@example.com!10m,mailto:b@example.com", ("mailto:b@example.com",), "size limit"),
        ("v=TLSRPTv1; RUA=mailto:a@example.com", (), "in lower case"),
        ("v=TLSRPTv1; RUA=mailto:a@example.com, mailto:b@example.com", (), "in lower case"),
        ("v=TLSRPTv1; Rua = mailto:a@example.com", (), "in lower case"),
        ("v=TLSRPTv1; rua =mailto:a@example.com", (), "a blank is before its equals sign"),
        ("v=TLSRPTv1; RUA=mailto:a@example.com; rua=mailto:b@example.com", ("mailto:b@example.com",), "in lower case"),
        ("v=TLSRPTv1; rua=mailto:a@example.com,ftp://x", ("mailto:a@example.com",), "'ftp://x'"),
        ("v=TLSRPTv1; rua=ftp://x", (), "'ftp://x'"),
        ("v=TLSRPTv1; rua=a@example.com", (), "not a mailto: or https: URI"),
        ("v=TLSRPTv1; rua=http://example.com/", (), "not a mailto: or https: URI"),
        ("v=TLSRPTv1; rua=", (), "an empty place"),
        ("v=TLSRPTv1;", (), "rua is missing"),
        ("v=TLSRPTv1; rua", (), "name=value"),
        ("v=TLSRPTv1 rua=mailto:a@example.com", (), "does not begin"),
        ("v=TLSRPT1; rua=mailto:a@example.com", (), "does not begin"),
    ],
)  # fmt: skip
def test_record(text: str, rua: tuple[str, ...], problem: str | None) -> None:
    found = tlsrpt.parse_record(text)
    assert found.rua == rua
    assert (problem in (found.problem or "")) if problem else found.problem is None


GOOD = "v=TLSRPTv1; rua=mailto:a@example.com"


@pytest.mark.parametrize(
    ("zone", "status"),
    [
        (f'_smtp._tls.example.com. TXT "{GOOD}"', "found"),
        (f'_smtp._tls.example.com. TXT "{GOOD}"\n_smtp._tls.example.com. TXT "v=spf1 -all"', "found"),
        (f'_smtp._tls.example.com. TXT "{GOOD}"\n_smtp._tls.example.com. TXT "{GOOD},mailto:b@example.com"', "invalid"),
        ('_smtp._tls.example.com. TXT "v=tlsrptv1; rua=mailto:a@example.com"', "invalid"),
        ('_smtp._tls.example.com. TXT "v=TLSRPTv1; rua=ftp://x"', "invalid"),
        ('_smtp._tls.example.com. TXT "v=spf1 -all"', "none"),
        ("example.com. A 192.0.2.1", "none"),
        (";! TIMEOUT _smtp._tls.example.com TXT", "temperror"),
    ],
)
async def test_status(zone: str, status: str) -> None:
    resolver = zone_resolver(zone)
    assert (await tlsrpt.evaluate(resolver, "example.com")).status == status
    await resolver.aclose()


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (
            "_smtp._tls.example.com. CNAME gone.example.net.",
            "an alias (CNAME) of gone.example.net, which does not exist",
        ),
        ("_smtp._tls.example.com. CNAME t.example.net.example.com.", "(t.example.net may have been meant"),
        (f'_smtp._tls.example.com.example.com. TXT "{GOOD}"', "it is at _smtp._tls.example.com.example.com"),
        ('_smtp._tls.example.com.example.com. TXT "v=spf1 -all"', None),
    ],
)
async def test_why_there_is_none(zone: str, words: str | None) -> None:
    resolver = zone_resolver(zone)
    found = await tlsrpt.evaluate(resolver, "example.com")
    await resolver.aclose()
    assert found.status == "none"
    assert (words in (found.problem or "")) if words else found.problem is None
