"""Chains of certificates as servers send them, right and wrong, at one fixed time; none of them is of any use elsewhere."""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import ssl
import warnings
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NAME = "mx.example.com"
AT = "http://ca.example.net/issuing.crt"
CURVES: dict[str, Callable[[], ec.EllipticCurve]] = {
    "P-192": ec.SECP192R1,
    "P-224": ec.SECP224R1,
    "P-256": ec.SECP256R1,
}
# The AlgorithmIdentifiers that the builder of `cryptography` makes no more (RFC 8017 §C, RFC 5758 §3.2).
SIGNATURES = {
    ("rsa", "SHA-1"): bytes.fromhex("300d06092a864886f70d0101050500"),
    ("rsa", "MD5"): bytes.fromhex("300d06092a864886f70d0101040500"),
    ("rsa", "RIPEMD-160"): bytes.fromhex("300a06062b24030301020500"),
    ("ec", "SHA-1"): bytes.fromhex("300906072a8648ce3d0401"),
}
DIGESTS: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "SHA-1": hashes.SHA1,
    "MD5": hashes.MD5,
}
# SubjectPublicKeyInfos that the builder does not make; nobody has the keys.
P_160 = bytes.fromhex(
    "303e301006072a8648ce3d020106052b81040008032a0004d2a9890e9c718ee13483a9ae412a8d67fa57c3191a6f94a0c7aaad49d17e5d2c"
    "246ef22a87f9035b"
)  # secp160r1
RSA_512 = bytes.fromhex(
    "305c300d06092a864886f70d0101010500034b003048024100c686e7a0b66c8099cc96ecf70f01a8590d486e2321d49c6f208f2da6d933762c"
    "afa9cc77aaab083ca6a4dc3e3b3e1f0fed197036b31cc8cce855d828384814b30203010001"
)
P_256_EXPLICIT = bytes.fromhex(
    "3082014b3082010306072a8648ce3d02013081f7020101302c06072a8648ce3d0101022100ffffffff0000000100000000000000000000"
    "0000ffffffffffffffffffffffff305b0420ffffffff00000001000000000000000000000000fffffffffffffffffffffffc04205ac635"
    "d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b031500c49d360886e704936a6678e1139d26b7819f7e90044104"
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315e"
    "cecbb6406837bf51f5022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551020101034200041773d959"
    "365a34db73bb3ff35c54ec67e667aca15956870d6fb8ecea630764ba9e680fbc8948ecaad07978d537743b4dd51ec1e493b792f6e2f7f5"
    "53b6fe8461"
)
OFF_THE_CURVE = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200" + "04" + "01" * 64)  # of P-256
UNKNOWN_KEY = bytes.fromhex("300f300906072b0601040181fe01030200ff")  # of an algorithm that there is not
Edit = Callable[[list[bytes]], list[bytes]]


class Made(NamedTuple):
    """A certificate in DER, with its key."""

    der: bytes
    key: Any
    subject: x509.Name


class Chain(NamedTuple):
    """What a server sends, leaf first, in DER; what the client trusts; and the name that it asked for."""

    sent: tuple[bytes, ...]
    trusted: tuple[bytes, ...]
    name: str


@functools.cache
def key(kind: str, holder: str = "") -> Any:
    """The private key of a holder: `P-256`, `RSA 2048`, `Ed25519` …; made once, for RSA keys take their time."""
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind in CURVES:
        return ec.generate_private_key(CURVES[kind]())
    return rsa.generate_private_key(public_exponent=65537, key_size=int(kind.removeprefix("RSA ")))


def made(
    subject: str | x509.Name,
    by: Made | None = None,
    *,
    kind: str = "P-256",
    holder: str | None = None,
    ca: bool | None = None,
    path_length: int | None = None,
    names: Iterable[str | x509.GeneralName] | None = None,
    usage: Iterable[str] | None = None,
    purposes: Iterable[x509.ObjectIdentifier] = (),
    constraints: x509.NameConstraints | None = None,
    issuer_at: str | None = None,
    others: Iterable[tuple[x509.ExtensionType, bool]] = (),
    key_ids: bool = True,
    digest: str = "SHA-256",
    start: datetime = NOW - 10 * DAY,
    end: datetime = NOW + 80 * DAY,
    edit: Edit | None = None,
) -> Made:
    """A certificate that `by` issued, or that signed itself; extensions that are not asked for are not in it.

    `key_ids`: which key it has and which signed it, as CAs of today write them. `holder`: whose key it is, the
    subject's own unless given. `edit` changes the elements of the TBSCertificate.
    """
    named = common_name(subject) if isinstance(subject, str) else subject
    own = key(kind, named.rfc4514_string() if holder is None else holder)
    signer, issuer = (own, named) if by is None else (by.key, by.subject)
    builder = x509.CertificateBuilder(issuer, named, own.public_key(), x509.random_serial_number(), start, end)
    extensions: list[tuple[x509.ExtensionType, bool]] = []
    if ca is not None:
        extensions.append((x509.BasicConstraints(ca=ca, path_length=path_length), True))
    if names is not None:
        extensions.append((x509.SubjectAlternativeName([general_name(each) for each in names]), False))
    if usage is not None:
        extensions.append((key_usage(*usage), True))
    if purposes:
        extensions.append((x509.ExtendedKeyUsage(purposes), False))
    if constraints is not None:
        extensions.append((constraints, True))
    if issuer_at is not None:
        where = x509.UniformResourceIdentifier(issuer_at)
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, where)
        extensions.append((x509.AuthorityInformationAccess([access]), False))
    if key_ids:
        extensions.append((x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False))
        extensions.append((x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False))
    for extension, is_critical in (*extensions, *others):
        builder = builder.add_extension(extension, critical=is_critical)
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH) if digest == "PSS" else None
    hashed = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    certificate = builder.sign(signer, hashed, rsa_padding=scheme)
    der = certificate.public_bytes(Encoding.DER)
    if edit is not None or digest not in ("SHA-256", "PSS"):
        der = signed_again(certificate.tbs_certificate_bytes, signer, digest, edit)
    return Made(der, own, named)


@functools.cache
def root(subject: str = "Root", kind: str = "P-256") -> Made:
    """A root as they are made today."""
    return made(subject, kind=kind, ca=True, usage=("key_cert_sign", "crl_sign"))


@functools.cache
def intermediate(subject: str = "Issuing CA") -> Made:
    """A CA below the root."""
    return authority(subject)


def authority(subject: str = "Issuing CA", by: Made | None = None, **how: Any) -> Made:
    """A CA below another, the root unless given."""
    return made(subject, by or root(), **{"ca": True, "usage": ("key_cert_sign", "crl_sign"), **how})


def leaf(by: Made | None = None, **how: Any) -> Made:
    """A server's certificate for NAME, of the intermediate CA unless given."""
    given = {"ca": False, "names": (NAME,), "usage": ("digital_signature",), "subject": NAME, **how}
    return made(given.pop("subject"), by or intermediate(), **given)


def sent(*chain: Made, trusts: Iterable[Made] | None = None, name: str = NAME) -> Chain:
    """The chain as it is sent, to a client that trusts the root alone unless given."""
    anchors = (root(),) if trusts is None else tuple(trusts)
    return Chain(tuple(each.der for each in chain), tuple(each.der for each in anchors), name)


def below(issuer: Made, name: str = NAME, *, and_then: Iterable[Made] = (), trusts: Any = None, **how: Any) -> Chain:
    """A leaf of this CA and the CA, which the trusted root issued."""
    return sent(leaf(issuer, **how), issuer, *and_then, trusts=trusts, name=name)


def of(name: str, *names: str | x509.GeneralName, **how: Any) -> Chain:
    """A leaf with these subjectAltNames, of which `name` is asked for."""
    return sent(leaf(names=names, **how), intermediate(), name=name)


def common_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def general_name(text: str | x509.GeneralName) -> x509.GeneralName:
    """An iPAddress for an address, else a dNSName."""
    if isinstance(text, x509.GeneralName):
        return text
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def odd_name(kind: x509.ObjectIdentifier, text: str) -> x509.Name:
    """A name that is longer than X.520 allows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x509.Name([x509.NameAttribute(kind, text, _validate=False)])


def key_usage(*wanted: str) -> x509.KeyUsage:
    known = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{each: each in wanted for each in known})


def raw(oid: str, content: bytes, *, critical: bool = False) -> tuple[x509.ExtensionType, bool]:
    """An extension with exactly these octets."""
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), content), critical


def signed_again(tbs: bytes, signer: Any, digest: str, edit: Edit | None) -> bytes:
    """The certificate with its TBSCertificate changed, or signed with a digest of old."""
    parts = elements(content_of(tbs))
    parts[2] = SIGNATURES.get(("rsa" if isinstance(signer, rsa.RSAPrivateKey) else "ec", digest), parts[2])
    algorithm = parts[2]  # before the edit, which may take the version away
    changed = element(0x30, b"".join(edit(parts) if edit else parts))
    hashed = DIGESTS.get(digest, hashes.SHA256)()
    if digest == "RIPEMD-160":
        signature = ripemd_signature(changed, signer)
    elif isinstance(signer, rsa.RSAPrivateKey):
        signature = signer.sign(changed, padding.PKCS1v15(), hashed)
    else:
        signature = signer.sign(changed, ec.ECDSA(hashed))
    return element(0x30, changed + algorithm + element(0x03, b"\0" + signature))


def ripemd_signature(octets: bytes, signer: rsa.RSAPrivateKey) -> bytes:
    """RSASSA-PKCS1-v1_5 with a digest that `cryptography` does not know (RFC 8017 §8.2.1)."""
    digest = hashlib.new("ripemd160", octets).digest()
    info = bytes.fromhex("3021300906052b2403020105000414") + digest
    size = signer.key_size // 8
    padded = b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
    numbers = signer.private_numbers()
    return pow(int.from_bytes(padded, "big"), numbers.d, numbers.public_numbers.n).to_bytes(size, "big")


def version_1(parts: list[bytes]) -> list[bytes]:
    """X.509 as it was before 1996: without the version's number and without extensions."""
    return [each for each in parts if each[0] not in (0xA0, 0xA3)]


def negative_serial(parts: list[bytes]) -> list[bytes]:
    return [parts[0], bytes.fromhex("020185"), *parts[2:]]


def no_serial(parts: list[bytes]) -> list[bytes]:
    """An INTEGER of no octets, which is none."""
    return [parts[0], bytes.fromhex("0200"), *parts[2:]]


def version_2(parts: list[bytes]) -> list[bytes]:
    return [bytes.fromhex("a003020101"), *parts[1:]]


def key_info(octets: bytes) -> Edit:
    """With this SubjectPublicKeyInfo in place of the key's own."""
    return lambda parts: [*parts[:6], octets, *parts[7:]]


def first_extension_twice(parts: list[bytes]) -> list[bytes]:
    extensions = elements(content_of(content_of(parts[-1])))
    twice = element(0x30, b"".join((*extensions, extensions[0])))
    return [*parts[:-1], element(0xA3, twice)]


def element(tag: int, content: bytes) -> bytes:
    """One element of DER (X.690 §8.1)."""
    size = len(content)
    octets = bytes([size]) if size < 128 else size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (octets if size < 128 else bytes([0x80 | len(octets)]) + octets) + content


def content_of(octets: bytes) -> bytes:
    start, end = _bounds(octets)
    return octets[start:end]


def elements(octets: bytes) -> list[bytes]:
    """The elements that stand one after another."""
    found = []
    while octets:
        _, end = _bounds(octets)
        found.append(octets[:end])
        octets = octets[end:]
    return found


def _bounds(octets: bytes) -> tuple[int, int]:
    """Where the content of the first element starts and ends."""
    if octets[1] < 128:
        return 2, 2 + octets[1]
    start = 2 + (octets[1] & 0x7F)
    return start, start + int.from_bytes(octets[2:start], "big")


def pem(certificates: Iterable[bytes], path: Path) -> str:
    """The path of a file with these certificates."""
    path.write_text("".join(map(ssl.DER_cert_to_PEM_cert, certificates)), "ascii")
    return str(path)
