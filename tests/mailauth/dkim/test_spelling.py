"""The ways in which people misspell key records: what is said of each, and the record that was meant."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from smtpprobe.catalogue.selectors import known_selectors
from smtpprobe.mailauth import dkim
from smtpprobe.mailauth.dkim.beside_key import as_key, put_together
from smtpprobe.mailauth.dkim.key import read_key
from smtpprobe.mailauth.dkim.spelling import respelled
from smtpprobe.testing.zones import zone_resolver
from tests.finding_cases.row import NOW
from tests.mailauth.dkim.signing import ed_key, encoded, txt

# Plus signs side by side, and slashes, wherever base64 divides the octets.
MODULUS = bytes.fromhex("fbefbe" * 20 + "efbefb" * 20 + "befbef" * 20) + b"\xff" * 75 + b"\x01"
PUBLIC = RSAPublicNumbers(65537, int.from_bytes(MODULUS, "big")).public_key()
DER = PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
PEM = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
KEY = encoded(DER)
ED = encoded(ed_key().public_key().public_bytes_raw())
# Keys without + and /: what looks like the name of a tag.
PLAIN = (encoded(bytes(range(32))), encoded(bytes(range(2, 34))))
ED_SPKI = encoded(ed_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
RSA = f"v=DKIM1; k=rsa; p={KEY}"
ED25519 = f"v=DKIM1; k=ed25519; p={ED}"


def der(*numbers: int) -> str:
    """An RSAPublicKey of these numbers, in base64."""

    def element(tag: int, octets: bytes) -> bytes:
        size = len(octets)
        head = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
        return bytes([tag]) + head + octets

    integers = [element(2, number.to_bytes(number.bit_length() // 8 + 1, "big")) for number in numbers]
    return encoded(element(0x30, b"".join(integers)))


def certificate() -> bytes:
    """A certificate, as DER, of the public key of these tests."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "example.org")])
    builder = x509.CertificateBuilder(name, name, PUBLIC, 1, NOW, NOW + timedelta(days=1))
    return builder.sign(ed_key(), None).public_bytes(Encoding.DER)


CERTIFICATE = encoded(certificate())
PKCS1 = encoded(PUBLIC.public_bytes(Encoding.DER, PublicFormat.PKCS1))
N = PUBLIC.public_numbers().n

# Each: what is published, the record that was meant (None: there is no key in it), and a part of what is said.
TEXTS: list[tuple[str, str | None, str]] = [
    (f"v=DKIM1;\u00a0k=rsa; p={KEY}", RSA, "'<U+00A0>k=rsa' is not a tag: expected name=value; the "
     "record contains U+00A0 NO-BREAK SPACE as character 9"),
    (f"v=DKIM1;\\xa0k=rsa; p={KEY}", RSA, "the octet 0xA0"),
    (f"v=DKIM1; k=rsa; p={KEY[:50]}\u200b{KEY[50:]}", RSA, "U+200B ZERO WIDTH SPACE as character 69"),
    (f"v=DKIM1;\u00a0k=rsa; p={KEY[:50]}\u200b{KEY[50:]}", RSA,
     "U+00A0 NO-BREAK SPACE as character 9, U+200B ZERO WIDTH SPACE as character 69"),
    (f"v=DKIM1; \u043a=rsa; n=a\u00adb; p={KEY}", f"v=DKIM1; k=rsa; n=ab; p={KEY}",
     "'<U+043A>=rsa' is not a tag: expected name=value; the record contains U+043A CYRILLIC SMALL LETTER KA as "
     "character 10, U+00AD SOFT HYPHEN as character 20"),
    (f"v=DKIM1; k=RSA; n=made 2026, by Ann; p={KEY}", f"v=DKIM1; k=rsa; n=made 2026, by Ann; p={KEY}", "small letters"),
    (f"v=DKIM1; k=rsa;{KEY}", RSA, "p= is missing before the key"),
    (f"v=DKIM1; k=rsa; {KEY};", RSA, "p= is missing before the key"),
    (f"v=DKIM1; k=ed25519; {ED}", ED25519, "p= is missing before the key"),
    *((f"v=DKIM1; k=ed25519; {key}", f"v=DKIM1; k=ed25519; p={key}", "p= is missing before the key") for key in PLAIN),
    (f"v=DKIM1; k=rsa; {KEY[:80]}", None, "is not a tag"),
    (f"\u201cv=DKIM1; k=rsa; p={KEY}\u201d", RSA, "U+201C"),
    (f"v=DKIM1\uff1b k=rsa\uff1b p={KEY}", RSA, "U+FF1B FULLWIDTH SEMICOLON"),
    (f"\ufeff{RSA}", RSA, "U+FEFF"),
    (f'"{RSA}"', RSA, "with the quotes of a zone file"),
    (f'v=DKIM1; k=rsa; p={KEY[:90]}" "{KEY[90:]}', RSA, "with the quotes of a zone file"),
    (f's1._domainkey IN TXT ( "v=DKIM1; k=rsa; " "p={KEY}" ) ; --- DKIM key s1', RSA, "a line of a zone file"),
    (f"{RSA} ; ----- DKIM key s1 for example.org", RSA, "a comment of a zone file follows"),
    (f"s1._domainkey.example.org {RSA}", RSA, "'s1._domainkey.example.org' is before v=DKIM1"),
    (f"v=DKIM1; k=RSA; p={KEY}", RSA, "k=rsa is written in small letters"),
    (f"v=DKIM1; k=rsa-sha256; p={KEY}", RSA, "the key in p= is one of k=rsa"),
    (f"v=DKIM1; k=ed25519; p={KEY}", RSA, "the key in p= is one of k=rsa"),
    (f"v=DKIM1; p={ED}", ED25519, "32 octets, as Ed25519 keys have"),
    (f"v=DKIM1; k=ed25519; p={ED_SPKI}", ED25519, "wrapped as SubjectPublicKeyInfo"),
    (f"v=DKIM1; k=ed25519; p={encoded(b'x' * 31)}", None, "31 octets, an Ed25519 key has 32"),
    (f"v=DKIM1; k=rsa; p={PEM.replace(chr(10), '')}", RSA, "the lines around a PEM key"),
    (f"v=DKIM1; k=rsa; p={encoded(PEM.encode())}", RSA, "p= is the base64 of a PEM file"),
    (f"v=DKIM1; k=rsa; p={encoded(KEY.encode())}", RSA, "p= is base64 twice over"),
    (f"v=DKIM1; k=rsa; p={base64.urlsafe_b64encode(DER).decode()}", RSA, "of the kind for URLs"),
    (f"v=DKIM1; k=rsa; p={KEY.replace('+', '%2B').replace('/', '%2F')}", RSA, "percent signs"),
    (f"v=DKIM1; k=rsa; p={KEY.replace('+', ' ')}", RSA, "blanks instead of plus signs"),
    (f"v=DKIM1; k=rsa; p={DER.hex()}", RSA, "p= is hexadecimal"),
    (f"v=DKIM1; k=rsa; p={KEY[:64]}\\n{KEY[64:]}", RSA, "backslashes"),
    (f"v=DKIM1; k=rsa; p={KEY}.", RSA, "it contains '.'"),
    (f"v=DKIM1; k=rsa; p=={KEY}", RSA, "it contains '='"),
    (f"{KEY[200:]}v=DKIM1; k=rsa; p={KEY[:200]}", RSA, "in the wrong order"),
    (f"v=DKIM1; v=DKIM1; k=rsa; p={KEY}", RSA, "the record is in it more than once"),
    (f"{RSA}{RSA}", RSA, "the record is in it more than once"),
    (f"v=dkim1; k=rsa; p={KEY}", RSA, "capital letters matter"),
    (f"v=DKIM1 k=rsa p={KEY}", RSA, "a semicolon is missing before p="),
    (f"v=DKIM1; k=rsa p={KEY}", RSA, "a semicolon is missing before p="),
    (f"v=DKIM1, k=rsa, p={KEY}", RSA, "not separated by semicolons"),
    (f"v=DKIM1; k=rsa; p:{KEY}", RSA, "a colon is behind p"),
    (f"v=DKIM1; k=rsa; P={KEY}", RSA, "in small letters"),
    (f"v=DKIM1\\; k=rsa\\; p={KEY}", RSA, "escaped twice"),
    (f"v=DKIM1&#59; k=rsa&#59; p={KEY}", RSA, "as HTML writes them"),
    (f"v=DKIM1; k=RSA; t=s; p={KEY}", f"v=DKIM1; k=rsa; t=s; p={KEY}", "small letters"),
    (RSA[:255], None, "p= is cut short"),
    ("v=DKIM1; k=rsa; p=YOUR_PUBLIC_KEY_HERE", None, "is there instead of the key"),
    (f"v=DKIM1; k=rsa; p={KEY[:50]}...{KEY[-50:]}", None, "dots replace a part of the key"),
    (f"v=DKIM1; k=rsa; p=AAAAB3NzaC1yc2EAAAADAQABAAAB{KEY}", None, "an SSH key"),
    (f"v=DKIM1; k=rsa; p={der(N, 1)}", None, "the exponent of the RSA key in p= is 1"),
    (f"v=DKIM1; k=rsa; p={der(N, 65536)}", None, "the exponent of the RSA key in p= is 65536"),
    (f"v=DKIM1; h=sha-256; k=rsa; p={KEY}", f"v=DKIM1; k=rsa; h=sha256; p={KEY}", "h=sha-256 is written h=sha256"),
    (f"v=DKIM1; h=SHA256:sha1; p={KEY}", f"v=DKIM1; k=rsa; h=sha256:sha1; p={KEY}", "is written h=sha256:sha1"),
    (f"v=DKIM1; h=rsa-sha256; p={KEY}", f"v=DKIM1; k=rsa; h=sha256; p={KEY}", "h=rsa-sha256 is written h=sha256"),
    (f"v=DKIM1; s=mail; k=rsa; p={KEY}", f"v=DKIM1; k=rsa; s=email; p={KEY}", "s=mail is written s=email"),
    (f"v=DKIM1; s=E-Mail; t=s; p={KEY}", f"v=DKIM1; k=rsa; s=email; t=s; p={KEY}", "s=E-Mail is written s=email"),
    (f"v=DKIM1; k=rsa; \u0440={KEY}", RSA, "U+0440 CYRILLIC SMALL LETTER ER"),
    (f"v=DKIM1; k=rsa; p={CERTIFICATE}", RSA, "p= contains a certificate"),
    (f"v=DKIM1; k=rsa; p=-----BEGIN CERTIFICATE-----{CERTIFICATE}-----END CERTIFICATE-----", RSA, "p= contains a certificate"),
    ("v=DKIM1; k=rsa; p=s1.domainkey.provider.example", None, "p= contains the host name 's1.domainkey.provider.example'"),
    ("v=DKIM1; h=sha1; p=" + KEY, None, "they accept only sha256"),
    ("v=DKIM1; s=other; p=" + KEY, None, "keeps the key from serving mail"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant", "said"), TEXTS, ids=range(len(TEXTS)))
async def test_a_record_that_cannot_be_read(text: str, meant: str | None, said: str) -> None:
    resolver = zone_resolver(txt("s1._domainkey.example.org", text) + "\n")
    found = await dkim.gather(resolver, "example.org", ("s1",), now=NOW, known=known_selectors())
    await resolver.aclose()
    (key,) = found.keys
    assert (key.status, key.meant) == ("broken", meant)
    assert said in (key.problem or "")
    if meant is not None:
        assert read_key(meant).status == "usable"


# Each has 32 octets somewhere, as any 43 letters do: nothing shows that they are an Ed25519 key.
NO_ED25519 = [
    "v=DKIM1; k=rsa; p=<insert-the-key-that-your-mail-provider-gave>",
    "v=DKIM1; k=rsa; p=this is the key that my provider told me to publish it",
    f"{ED[20:]}v=DKIM1; k=ed25519; p={ED[:20]}",
    f"v=DKIM1; k=rsa; p=-----BEGIN KEY-----{ED}-----END KEY-----",
    f"v=DKIM1; k=ed25519; p={ED[:10]}...{ED[10:]}",
]


@pytest.mark.parametrize("text", NO_ED25519, ids=range(len(NO_ED25519)))
async def test_no_ed25519_key_is_made_of_a_part_of_something_else(text: str) -> None:
    assert respelled(text) is None
    assert "wrong order" not in (as_key(read_key(text)).problem or "")


# Each is a whole p= value, written otherwise.
WHOLE_ED25519 = [
    ED.rstrip("="),
    ED.replace("+", "-").replace("/", "_"),
    f"{ED[:9]} {ED[9:]}",
    encoded(ED.encode()),
    f"{ED}.",
]


@pytest.mark.parametrize("value", WHOLE_ED25519, ids=range(len(WHOLE_ED25519)))
def test_an_ed25519_key_is_read_from_a_whole_value(value: str) -> None:
    found = respelled(f"v=DKIM1; k=ED25519; p={value}")
    assert found is not None
    assert found.record.text == ED25519


def test_an_ed25519_key_is_not_put_together_from_records() -> None:
    parts = [f"v=DKIM1; k=ed25519; p={ED[:8]}", ED[8:]]
    assert put_together(read_key(parts[0]), parts, 1024) is None


@pytest.mark.parametrize(
    "text",
    ["", "hello", "v=spf1 -all", "v=DKIM1; p=", f"v=DKIM1; p={PEM.replace('PUBLIC', 'PRIVATE')}", "p=" + "A" * 9000],
)
def test_no_key_is_made_up(text: str) -> None:
    assert respelled(text) is None


def test_a_key_without_its_algorithm_is_said() -> None:
    notes = [read_key(f"v=DKIM1; k=rsa; p={each}").notes for each in (PKCS1, KEY)]
    assert ["RSAPublicKey" in "".join(each) for each in notes] == [True, False]


def test_an_unusual_exponent_is_said() -> None:
    record = read_key(f"v=DKIM1; k=rsa; p={der(N, 3)}")
    assert (record.status, "exponent 3" in "".join(record.notes)) == ("usable", True)
