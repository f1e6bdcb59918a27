"""Signatures of ours, verified here and by dkimpy."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpprobe.mailauth.dkim.signing.private_key import SigningKey, signing_key
from smtpprobe.mailauth.dkim.signing.sign import signed
from smtpprobe.mailauth.dkim.verification import verify
from smtpprobe.model.words import AuthResult
from smtpprobe.testing.zones import zone_resolver
from smtpprobe.wire.message.octets import with_crlf
from tests.mailauth.dkim.signing import MESSAGE, ed_key, ed_record, rsa_key, rsa_record, txt

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
S = "s1._domainkey.example.org"
RECORDS = {"rsa": rsa_record(), "ed25519": ed_record()}


def pem(key, form: PrivateFormat = PrivateFormat.PKCS8, encryption=None) -> bytes:
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption())


KEYS = {"rsa": signing_key(pem(rsa_key(1024))), "ed25519": signing_key(pem(ed_key()))}


def made(message: bytes, kind: str = "rsa") -> bytes:
    return signed(message, KEYS[kind], selector="s1", domain="example.org", at=AT)


async def verified(message: bytes, record: str) -> list[AuthResult]:
    resolver = zone_resolver(txt(S, record))
    return [each.result for each in await verify(resolver, message, now=AT)]


def by_dkimpy(message: bytes, record: str) -> bool:
    return dkim.verify(message, dnsfunc=lambda name, timeout=5: record.encode())


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
async def test_a_signature_verifies_here_and_elsewhere(kind: str):
    message = made(MESSAGE, kind)
    assert message.endswith(MESSAGE)
    assert await verified(message, RECORDS[kind]) == [AuthResult.PASS]
    assert by_dkimpy(message, RECORDS[kind])


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
async def test_what_is_changed_afterwards_shows(kind: str):
    message = made(MESSAGE, kind)
    for changed in (message.replace(b"lunch", b"dinner"), message.replace(b"question", b"answer")):
        assert await verified(changed, RECORDS[kind]) == [AuthResult.FAIL]
    added = message.replace(b"From: Alice", b"From: Mallory <m@example.net>\r\nFrom: Alice")
    assert await verified(added, RECORDS[kind]) == [AuthResult.FAIL]


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=" \t\r\n.a=é", max_size=80), st.sampled_from(["Subject", "X-A", "List-Unsubscribe"]))
def test_any_text_is_signed_as_others_read_it(text: str, name: str):
    message = with_crlf(f"From: <a@example.org>\r\n{name}: a\r\n\r\n{text}".encode())
    assert by_dkimpy(made(message), RECORDS["rsa"])


def test_the_field_says_what_it_covers():
    field = made(b"From: <a@example.org>\r\nSubject: x\r\nX-A: 1\r\n\r\nHi\r\n").partition(b"\r\nFrom:")[0].decode()
    assert "; ".join(each.strip() for each in field.split(";")[:7]) == (
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s1; t=1772442000; "
        "h=from:from:subject:subject"
    )
    assert max(map(len, field.split("\r\n"))) <= 78


def test_two_keys_sign_one_message():
    message = made(made(MESSAGE, "ed25519"), "rsa")
    assert message.count(b"DKIM-Signature:") == 2
    assert by_dkimpy(message, RECORDS["rsa"])


def test_a_message_without_from_is_not_signed():
    with pytest.raises(ValueError, match="no From field"):
        made(b"To: <a@example.org>\r\n\r\nHi\r\n")


def test_a_key_is_read_in_the_forms_that_there_are():
    seed = base64.b64encode(ed_key().private_bytes_raw()) + b"\n"
    assert signing_key(seed).algorithm == "ed25519-sha256"
    assert signing_key(seed).sign(b"x") == KEYS["ed25519"].sign(b"x")
    assert signing_key(pem(rsa_key(1024), PrivateFormat.TraditionalOpenSSL)).algorithm == "rsa-sha256"


SECRET = "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCBsecret"
WRONG = [
    (b"", "not a private key"),
    (SECRET.encode(), "not a private key"),
    (f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n".encode(), "not a private key"),
    (pem(ec.generate_private_key(ec.SECP256R1())), "a key of another kind"),
    (pem(rsa.generate_private_key(65537, 1024), encryption=BestAvailableEncryption(b"x")), "the key is encrypted"),
    (b"-----BEGIN RSA PRIVATE KEY-----\n\xff\n", "not a private key"),
]


@pytest.mark.parametrize(("octets", "words"), WRONG)
def test_what_cannot_sign_is_refused_without_a_word_of_it(octets: bytes, words: str):
    with pytest.raises(ValueError, match=words) as caught:
        signing_key(octets)
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_key_that_is_too_short_is_refused():
    p, q, e = 2**256 - 189, 2**255 - 19, 65537  # primes
    d = pow(e, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(e, p * q)
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    )
    with pytest.raises(ValueError, match="an RSA key of 511 bits: signers use at least 1024"):
        signing_key(pem(numbers.private_key(unsafe_skip_rsa_key_validation=True)))


def test_a_key_shows_nothing_of_itself():
    key = SigningKey(ed25519.Ed25519PrivateKey.generate(), "ed25519-sha256")
    assert repr(key) == "SigningKey(ed25519-sha256, <hidden>)"
    with pytest.raises(TypeError, match="must not be copied"):
        key.__reduce__()
