from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from smtpprobe.mailauth.dkim.key import is_key_like, key_question, read_key, tag_list, unfit
from tests.mailauth.dkim.signing import ed_key, ed_record, encoded, rsa_key, rsa_record

RSA = rsa_record()
SPKI_ED = encoded(ed_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
EC = encoded(
    ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
)
PRIVATE_PKCS1, PRIVATE_PKCS8 = (
    encoded(rsa_key().private_bytes(Encoding.DER, form, NoEncryption()))
    for form in (PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8)
)

# Each: the record, its status, the bits of its key, a word of the problem.
RECORDS = [
    (RSA, "usable", 1024, None),
    (RSA.removeprefix("v=DKIM1; "), "usable", 1024, None),
    (RSA.replace("k=rsa; ", ""), "usable", 1024, None),
    (rsa_record(form=PublicFormat.PKCS1), "usable", 1024, None),
    (ed_record(), "usable", 256, None),
    (RSA[:80] + " \t" + RSA[80:] + " ; ", "usable", 1024, None),
    (RSA + "; n=a note; x1=extra", "usable", 1024, None),
    (RSA.replace("v=DKIM1", "v=DKIM2"), "broken", None, "'DKIM2', not DKIM1"),
    ("v=DKIM1; k=rsa; p=", "revoked", None, "revoked"),
    ("v=DKIM1; k=rsa", "broken", None, "no p= tag"),
    ("", "broken", None, "empty"),
    ("v=DKIM1 k=rsa p", "broken", None, "not DKIM1"),
    ("v=DKIM1; k=rsa; p", "broken", None, "'p' is not a tag"),
    ("v=DKIM1; k=rsa; k=rsa; p=AA==", "broken", None, "k= occurs twice"),
    (RSA.replace("k=rsa", "k=rsa9000"), "broken", None, "not a key type"),
    (f"v=DKIM1; k=ed25519-sha256; {RSA.rpartition('; ')[2]}", "broken", None, "not a key type"),
    ("v=DKIM1; p=?IGf!!", "broken", None, "not base64"),
    (rsa_record(2048)[:255], "broken", None, "cut short"),
    (RSA[:180], "broken", None, "cut short"),
    (RSA[:181], "broken", None, "cut short"),
    (f'"{RSA}"', "broken", None, "quotation marks"),
    (RSA[:100] + '" "' + RSA[100:], "broken", None, "quotation marks"),
    (RSA.replace(";", "\\;"), "broken", None, "backslashes"),
    (f"v=DKIM1; k=ed25519; p={SPKI_ED}", "broken", None, "SubjectPublicKeyInfo"),
    ("v=DKIM1; k=ed25519; p=AAAA", "broken", None, "3 octets"),
    (f"v=DKIM1; p={EC}", "broken", None, "does not contain a valid RSA public key"),
    ("v=DKIM1; p=" + "A" * 16384, "broken", None, "more than any key"),
    (ed_record().replace("k=ed25519; ", ""), "broken", None, "does not say k=ed25519"),
    (f"v=DKIM1; p=-----BEGIN PUBLIC KEY-----{RSA.rpartition('p=')[2]}", "broken", None, "PEM"),
    (f"v=DKIM1; p={PRIVATE_PKCS1}", "broken", None, "private key"),
    (f"v=DKIM1; p={PRIVATE_PKCS8}", "broken", None, "private key"),
    (RSA.replace("v=DKIM1", "v=dkim1"), "broken", None, "not DKIM1"),
    (RSA.replace("v=DKIM1; ", "v=DKIM1 "), "broken", None, "not DKIM1"),
]


@pytest.mark.parametrize(("text", "status", "bits", "word"), RECORDS, ids=range(len(RECORDS)))
def test_records(text: str, status: str, bits: int | None, word: str | None) -> None:
    record = read_key(text)
    assert (record.status, record.key_bits) == (status, bits), record.problem
    assert (word or "") in (record.problem or "")
    assert (word is None) == (record.problem is None)


def test_the_edge_of_the_shortest_key() -> None:
    assert read_key(RSA, 1024).status == "usable"
    assert (read_key(RSA, 1025).status, read_key(RSA, 1025).key_bits) == ("weak", 1024)
    assert read_key(ed_record(), 4096).status == "usable"


@pytest.mark.parametrize(
    ("extra", "word"),
    [
        ("h=sha1; ", "only sha256"),
        ("s=other; ", "serving mail"),
        ("h=sha1:sha256; ", None),
        ("s=*; ", None),
        ("", None),
    ],
)
def test_keys_that_serve_no_mail(extra: str, word: str | None) -> None:
    reason = unfit(read_key(rsa_record(extra=extra)))
    assert (reason is None) if word is None else (word in (reason or ""))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("k=rsa; v=DKIM1; p=" + RSA.rpartition("p=")[2], "first tag"),
        (RSA.replace("k=rsa;", "k=rsa;;"), "empty"),
        (rsa_record(extra="g=; "), "g="),
    ],
)
def test_what_verifiers_differ_about_is_a_note(text: str, word: str) -> None:
    record = read_key(text)
    assert record.status == "usable"
    assert any(word in note for note in record.notes)
    assert read_key(RSA).notes == ()


def test_a_tag_list_keeps_order_and_drops_white_space() -> None:
    assert list(tag_list(" b = x \r\n y ;a=; ").tags.items()) == [("b", "x \r\n y"), ("a", "")]
    assert tag_list("a=1; A=2").tags == {"a": "1", "A": "2"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=DKIM1; x", True),
        ("k=rsa; p=", True),
        ('"v=DKIM1', True),
        ("v=spf1 -all", False),
        ("google-site=p", False),
        ("", True),
    ],
)
def test_records_meant_as_keys(text: str, expected: bool) -> None:
    assert is_key_like(text) is expected


@pytest.mark.parametrize(
    ("selector", "domain", "name"),
    [
        ("Sel", "Example.ORG.", "sel._domainkey.example.org"),
        ("a.b", "example.org", "a.b._domainkey.example.org"),
        ("sel", "bücher.example", "sel._domainkey.xn--bcher-kva.example"),
        ("", "example.org", None),
        ("a b", "example.org", None),
        ("a" * 64, "example.org", None),
        ("sel", "x." * 120 + "example", None),
        ("\udcff", "example.org", None),
    ],
)
def test_the_name_of_a_key(selector: str, domain: str, name: str | None) -> None:
    question = key_question(selector, domain)
    assert (question.name if question else None) == name
