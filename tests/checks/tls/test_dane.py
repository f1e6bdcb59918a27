"""What the DANE check says."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from smtpprobe.checks.base import not_applicable
from smtpprobe.checks.tls.dane import CHECK
from smtpprobe.model.transcript import TlsFault, Transcript
from smtpprobe.testing.certificates import CertificateKind
from tests.checks.tls.sessions import HOP, IN_CLEAR, NOT_TRIED, REFUSED, context, failing, over_tls
from tests.mailauth.tls.chains import chain, record

CHAIN = chain()
EXPIRED = chain(CertificateKind.EXPIRED)
RIGHT, WRONG, UNUSABLE = record(3, 1, 1, CHAIN[0]), "3 1 1 " + "00" * 32, "1 1 1 " + "00" * 32
BASIC = "example.com. MX 10 mx.example.com.\nmx.example.com. A 192.0.2.1\n"
SIGNED = ";! AUTHENTIC example.com\n;! AUTHENTIC *.example.com\n"
HOST_SIGNED = ";! AUTHENTIC *.example.com\n"
SESSION, UNVERIFIED = over_tls(CHAIN), over_tls(CHAIN, ("the issuer is not known here",))


def zone(*records: str, signed: str = SIGNED) -> str:
    return BASIC + signed + "".join(f"_25._tcp.mx.example.com. TLSA {text}\n" for text in records)


@pytest.mark.parametrize(
    ("text", "transcript", "found"),
    [
        (zone(RIGHT), SESSION, ["info dane-match"]),
        (zone(WRONG), SESSION, ["error dane-mismatch"]),
        (zone(record(2, 0, 1, EXPIRED[1])), over_tls(EXPIRED), ["error dane-mismatch"]),
        (zone(RIGHT, WRONG), SESSION, ["info dane-match", "notice dane-rollover"]),
        (zone(RIGHT, UNUSABLE), SESSION, ["info dane-match", "notice dane-unusable"]),
        (zone(UNUSABLE), SESSION, ["warning dane-unusable"]),
        (zone(), UNVERIFIED, []),
        (zone(RIGHT, signed=""), UNVERIFIED, ["notice dane-not-secure"]),
        (zone(RIGHT, signed=HOST_SIGNED), UNVERIFIED, ["notice dane-not-secure", "info dane-match"]),
        (zone(WRONG, signed=HOST_SIGNED), SESSION, ["notice dane-not-secure", "warning dane-mismatch"]),
        (zone(RIGHT, signed=HOST_SIGNED), IN_CLEAR, ["notice dane-not-secure", "warning dane-tls-required"]),
        (zone(signed=HOST_SIGNED), SESSION, []),
        (zone(signed=""), UNVERIFIED, []),
        (zone() + ";! SERVFAIL _25._tcp.mx.example.com TLSA\n", SESSION, ["warning dane-temperror"]),
        (zone(RIGHT), IN_CLEAR, ["error dane-tls-required"]),
        (zone(RIGHT), REFUSED, ["error dane-tls-required"]),
        (zone(UNUSABLE), IN_CLEAR, ["error dane-tls-required", "warning dane-unusable"]),
        (zone(RIGHT), failing(TlsFault.NO_SHARED_CIPHER), ["error dane-tls-required"]),
        (zone(RIGHT, signed=""), IN_CLEAR, ["notice dane-not-secure"]),
        (zone(), IN_CLEAR, []),
    ],
)
async def test_findings(text: str, transcript: Transcript, found: list[str]) -> None:
    _, findings = await CHECK.run(context(text, transcript))
    assert [f"{finding.severity} {finding.id}" for finding in findings] == found


async def test_why_an_issuer_does_not_match_is_said() -> None:
    _, (finding,) = await CHECK.run(context(zone(record(2, 0, 1, EXPIRED[1])), over_tls(EXPIRED)))
    assert "is valid from" in finding.message


async def test_a_certificate_that_dane_proves_is_excused() -> None:
    _, (finding,) = await CHECK.run(context(zone(RIGHT), UNVERIFIED))
    assert "does not matter to DANE" in finding.message
    _, (finding,) = await CHECK.run(context(zone(RIGHT), SESSION))
    assert "does not matter to DANE" not in finding.message


async def test_a_handshake_that_we_ended_shows_no_certificate_to_compare() -> None:
    _, findings = await CHECK.run(context(zone(RIGHT), failing(TlsFault.UNTRUSTED_ISSUER)))
    assert [finding.id for finding in findings] == ["dane-not-compared"]
    _, findings = await CHECK.run(context(zone(RIGHT), failing(TlsFault.CLOSED)))
    assert [finding.id for finding in findings] == ["dane-tls-required"]


def test_skipped() -> None:
    assert CHECK.skip(context("", NOT_TRIED)) == not_applicable("the session ended before TLS")
    why = not_applicable("the target is an address")
    assert CHECK.skip(context("", SESSION, why)) == why
    assert CHECK.skip(context("", SESSION, replace(HOP, domain=None))) is None
