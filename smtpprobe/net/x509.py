"""X.509 certificates as they are sent: read, and asked for what a judgement needs. Nobody vouches for any part of one."""

from __future__ import annotations

import contextlib
import functools
import re
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from smtpprobe.model import transcript
from smtpprobe.model.clock import days_until
from smtpprobe.model.texts.language import say

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, Extensions, ExtensionType
    from OpenSSL import crypto

    _Extension = TypeVar("_Extension", bound=ExtensionType)

_PURPOSES = {
    "1.3.6.1.5.5.7.3.2": "clientAuth",
    "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection",
    "1.3.6.1.5.5.7.3.8": "timeStamping",
    "1.3.6.1.5.5.7.3.9": "OCSPSigning",
    "2.5.29.37.0": "anyExtendedKeyUsage",
}  # RFC 5280 §4.2.1.12
_EXTENDED_KEY_USAGE = bytes.fromhex("551d25")  # the content of the OBJECT IDENTIFIER 2.5.29.37
_OLD_DIGEST = re.compile(r"md[245]|ripemd", re.IGNORECASE)  # as OpenSSL names the algorithm: ripemd160WithRSA
# By the kind of key (EVP_PKEY_id) RSA, RSA-PSS, DSA, EC: all of them 112 bits of strength (NIST SP 800-57 part 1, table 2).
_LEAST_BITS = {6: 2048, 912: 2048, 116: 2048, 408: 224}


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Around all that reads certificates: what is odd about one is for its issuer to hear, not a warning of a library's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@quietly()
def load(octets: bytes) -> Certificate | None:
    """The certificate in PEM or DER; None where it cannot be read."""
    from cryptography import x509

    try:
        is_pem = octets.startswith(b"-----")
        read = x509.load_pem_x509_certificate(octets) if is_pem else x509.load_der_x509_certificate(octets)
        # Parts are parsed only when they are asked for: what nothing can be said without is asked for here.
        (
            read.subject.rfc4514_string(),
            read.issuer.public_bytes(),
            read.not_valid_after_utc,
            read.not_valid_before_utc,
        )
    except unreadable():
        return None
    return read


@functools.cache
def unreadable() -> tuple[type[Exception], ...]:
    """What reading a part of a certificate may raise, where it is absent, odd or false: nobody vouches for it yet."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    return (
        ValueError, TypeError, KeyError, InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion, x509.ExtensionNotFound,
        x509.DuplicateExtension, x509.UnsupportedGeneralNameType,
    )  # fmt: skip


def subject(certificate: Certificate) -> str:
    """Whom it is for, in the form of RFC 4514."""
    return certificate.subject.rfc4514_string() or say("the certificate")


def issuer(certificate: Certificate) -> str:
    """Who issued it, in the form of RFC 4514."""
    return certificate.issuer.rfc4514_string() or say("without a name")


def is_self_signed(certificate: Certificate) -> bool:
    """Whether it names itself as its issuer and bears its own signature, as roots do (RFC 5280 §3.2)."""
    return issued(certificate, certificate)


def issued(certificate: Certificate, by: Certificate) -> bool:
    """Whether the signature of the first is that of the second, which it names as its issuer.

    Signatures with MD5 and SHA-1 are not looked at: the names decide.
    """
    if certificate.issuer != by.subject:
        return False
    if weak_digest(certificate) is not None:
        return True
    try:
        certificate.verify_directly_issued_by(by)
    except unreadable():
        return False
    return True


def is_readable(certificate: Certificate) -> bool:
    """Whether its extensions can be read: what it is for, and what it is limited to."""
    return _extensions(certificate) is not None


def issuer_location(certificate: Certificate) -> str | None:
    """Where the issuer's certificate is to be had, as the certificate says (RFC 5280 §4.2.2.1)."""
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID

    for each in _extension(certificate, x509.AuthorityInformationAccess) or ():
        location = each.access_location
        if each.access_method == AuthorityInformationAccessOID.CA_ISSUERS and isinstance(
            location, x509.UniformResourceIdentifier
        ):
            return location.value
    return None


def alternatives(certificate: Certificate) -> tuple[list[str], list[str]]:
    """The subjectAltName's DNS names and IP addresses."""
    from cryptography import x509

    alternative = _extension(certificate, x509.SubjectAlternativeName)
    if alternative is None:
        return [], []
    addresses = [str(address) for address in alternative.get_values_for_type(x509.IPAddress)]
    return alternative.get_values_for_type(x509.DNSName), addresses


def common_names(certificate: Certificate) -> tuple[str, ...]:
    """The subject's common names, which name no server any more (RFC 9525 §2)."""
    from cryptography.x509.oid import NameOID

    return tuple(str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME))


def hides_purposes(certificate: Certificate) -> bool:
    """Whether it has an extendedKeyUsage that cannot be read, for another extension that is malformed."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return not is_readable(certificate) and _EXTENDED_KEY_USAGE in certificate.public_bytes(Encoding.DER)


def purposes_without_server(certificate: Certificate, *, leaf: bool) -> str | None:
    """The purposes that it is limited to, where a TLS server's is not among them; else None.

    extendedKeyUsage (RFC 5280 §4.2.1.12), which of a CA limits those below it, and of a leaf keyUsage (§4.2.1.3) and
    Netscape's type, which CAs of old still issue and OpenSSL obeys.
    """
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    if purposes is not None and ExtendedKeyUsageOID.SERVER_AUTH not in purposes:
        return ", ".join(_PURPOSES.get(each.dotted_string, each.dotted_string) for each in purposes)
    if not leaf:
        return None
    usage = _extension(certificate, x509.KeyUsage)
    if usage is not None and not (usage.digital_signature or usage.key_encipherment or usage.key_agreement):
        return say("other than digitalSignature, keyEncipherment and keyAgreement")
    try:
        oid = x509.ObjectIdentifier("2.16.840.1.113730.1.1")
        netscape = (_extensions(certificate) or x509.Extensions([])).get_extension_for_oid(oid).value.public_bytes()
    except unreadable():
        return None
    # A BIT STRING: tag, length, unused bits, bits; the second bit is the server's.
    is_server = netscape[:1] == b"\x03" and len(netscape) > 3 and netscape[3] & 0x40
    return None if is_server else say("the Netscape certificate type, without the server's")


def may_issue(certificate: Certificate) -> bool:
    """Whether it may issue others (RFC 5280 §4.2.1.9, §4.2.1.3)."""
    from cryptography import x509

    constraints, usage = _extension(certificate, x509.BasicConstraints), _extension(certificate, x509.KeyUsage)
    return constraints is not None and constraints.ca and (usage is None or usage.key_cert_sign)


def _extension(certificate: Certificate, kind: type[_Extension]) -> _Extension | None:
    """The extension of this kind; None where it is absent or cannot be read."""
    extensions = _extensions(certificate)
    try:
        return extensions.get_extension_for_class(kind).value if extensions is not None else None
    except unreadable():
        return None


def _extensions(certificate: Certificate) -> Extensions | None:
    """All of them; None where one is malformed or stands twice."""
    try:
        return certificate.extensions
    except unreadable():
        return None


def has_key(certificate: Certificate) -> bool:
    """Whether its public key can be read."""
    return _public_key(certificate) is not None


def weak_key(certificate: Certificate) -> str | None:
    """The length of a key that is too short, and the least in use today; None where it is long enough or not read."""
    key = _public_key(certificate)
    least = _LEAST_BITS.get(key.type(), 0) if key else 0
    return (
        say("{bits} bits, but clients want {least}", bits=key.bits(), least=least)
        if key and key.bits() < least
        else None
    )


def _public_key(certificate: Certificate) -> crypto.PKey | None:
    """OpenSSL's reading: to `cryptography` short curves, of all keys, are unknown."""
    from OpenSSL import crypto

    try:
        return crypto.X509.from_cryptography(certificate).get_pubkey()
    except crypto.Error:
        return None


def weak_digest(certificate: Certificate) -> str | None:
    """The digest that it is signed with, where it is MD5, SHA-1 or older; else None."""
    from OpenSSL import crypto

    try:
        algorithm = certificate.signature_hash_algorithm
    except unreadable():
        with contextlib.suppress(crypto.Error, ValueError):
            name = crypto.X509.from_cryptography(certificate).get_signature_algorithm().decode("ascii", "replace")
            return name if _OLD_DIGEST.match(name) else None
        return None
    return {"md5": "MD5", "sha1": "SHA-1"}.get(algorithm.name) if algorithm is not None else None


def signature_hash(certificate: Certificate) -> str | None:
    """The name of the hash in its signature; None where there is none, or not one alone."""
    try:
        algorithm = certificate.signature_hash_algorithm
    except unreadable():
        return None
    return algorithm.name if algorithm is not None else None


@quietly()
def described(certificate: Certificate, now: datetime) -> transcript.Certificate:
    """What a report holds of it; `now` is what its days are counted from."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    shown, digest = _key(certificate)
    try:
        algorithm = certificate.signature_hash_algorithm
        signature = algorithm.name if algorithm else "none"
    except unreadable():
        signature = say("not supported here")
    names, addresses = alternatives(certificate)
    return transcript.Certificate(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        names=(*names, *addresses),
        not_before=certificate.not_valid_before_utc.astimezone(UTC),
        not_after=certificate.not_valid_after_utc.astimezone(UTC),
        days_left=days_until(certificate.not_valid_after_utc, now),
        serial=format(certificate.serial_number, "x"),  # negative ones too, which RFC 5280 §4.1.2.2 forbids
        key=shown,
        signature=signature,
        sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        spki_sha256=digest,
        self_signed=is_self_signed(certificate),
        der=certificate.public_bytes(Encoding.DER),
    )


def _key(certificate: Certificate) -> tuple[str, str]:
    """The public key in words, and the SHA-256 of its SubjectPublicKeyInfo; an empty text where it cannot be read."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        key = certificate.public_key()
        octets = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except unreadable():
        return say("not supported here"), ""
    curve, bits = getattr(key, "curve", None), getattr(key, "key_size", None)
    kind = type(key).__name__.removeprefix("_").removesuffix("PublicKey")
    digest = hashes.Hash(hashes.SHA256())
    digest.update(octets)
    return f"EC {curve.name}" if curve is not None else f"{kind} {bits}" if bits else kind, digest.finalize().hex()
