"""X.509 certificates as they are sent: read, and asked for what a judgement needs. Nobody vouches for any part of one."""

from __future__ import annotations

import functools
import warnings
from datetime import UTC
from typing import TYPE_CHECKING

from smtpprobe.model import transcript

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MIN_RSA_BITS = 2048
MIN_CURVE_BITS = 224  # as strong as RSA with 2048 bits: 112 bits (NIST SP 800-57 part 1, table 2)


def load(octets: bytes) -> Certificate | None:
    """The certificate in PEM or DER; None where it cannot be read. What is odd about one is for its issuer to hear."""
    from cryptography import x509

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
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
        ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion, x509.ExtensionNotFound,
        x509.DuplicateExtension, x509.UnsupportedGeneralNameType,
    )  # fmt: skip


def subject(certificate: Certificate) -> str:
    """Whom it is for, in the form of RFC 4514."""
    return certificate.subject.rfc4514_string() or "the certificate"


def issuer(certificate: Certificate) -> str:
    """Who issued it, in the form of RFC 4514."""
    return certificate.issuer.rfc4514_string() or "without a name"


def is_self_issued(certificate: Certificate) -> bool:
    """Whether it names itself as its issuer, as roots do (RFC 5280 §6.1)."""
    return certificate.issuer == certificate.subject


def issued(certificate: Certificate, by: Certificate) -> bool:
    """Whether the signature of the first is that of the second, which it names as its issuer."""
    try:
        certificate.verify_directly_issued_by(by)
    except unreadable():
        return False
    return True


def issuer_location(certificate: Certificate) -> str | None:
    """Where the issuer's certificate is to be had, as the certificate says (RFC 5280 §4.2.2.1)."""
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID

    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except unreadable():
        return None
    for each in access:
        location = each.access_location
        if each.access_method == AuthorityInformationAccessOID.CA_ISSUERS and isinstance(
            location, x509.UniformResourceIdentifier
        ):
            return location.value
    return None


def alternatives(certificate: Certificate) -> tuple[list[str], list[str]]:
    """The subjectAltName's DNS names and IP addresses."""
    from cryptography import x509

    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except unreadable():
        return [], []
    addresses = [str(address) for address in alternative.get_values_for_type(x509.IPAddress)]
    return alternative.get_values_for_type(x509.DNSName), addresses


def common_names(certificate: Certificate) -> tuple[str, ...]:
    """The subject's common names, which name no server any more (RFC 9525 §2)."""
    from cryptography.x509.oid import NameOID

    return tuple(str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME))


def purposes_without_server(certificate: Certificate) -> str | None:
    """The purposes that it is limited to, where a TLS server's is not among them; else None.

    extendedKeyUsage (RFC 5280 §4.2.1.12) and keyUsage (§4.2.1.3); a CA's extendedKeyUsage limits those below it.
    """
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if ExtendedKeyUsageOID.SERVER_AUTH not in purposes:
            return ", ".join(getattr(each, "_name", each.dotted_string) for each in purposes)
    except unreadable():
        pass
    if is_authority(certificate):
        return None
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except unreadable():
        return None
    usable = usage.digital_signature or usage.key_encipherment or usage.key_agreement
    return None if usable else "other than digitalSignature, keyEncipherment and keyAgreement"


def is_authority(certificate: Certificate) -> bool:
    """Whether it may issue others (RFC 5280 §4.2.1.9)."""
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except unreadable():
        return False


def weak_key(certificate: Certificate) -> str | None:
    """The length of a key that is too short, and the least in use today; None where it is long enough."""
    try:
        key = certificate.public_key()
    except unreadable():
        return None
    curve, bits = getattr(key, "curve", None), getattr(key, "key_size", None)
    if bits is None:
        return None
    least = MIN_CURVE_BITS if curve is not None else MIN_RSA_BITS
    return f"{bits} bits, where clients want {least}" if bits < least else None


def weak_digest(certificate: Certificate) -> str | None:
    """The digest that it is signed with, where it is MD5 or SHA-1; else None."""
    try:
        algorithm = certificate.signature_hash_algorithm
    except unreadable():
        return None
    return {"md5": "MD5", "sha1": "SHA-1"}.get(algorithm.name) if algorithm is not None else None


def described(certificate: Certificate) -> transcript.Certificate:
    """What a report holds of it."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    shown, digest = _key(certificate)
    try:
        algorithm = certificate.signature_hash_algorithm
        signature = algorithm.name if algorithm else "none"
    except unreadable():
        signature = "not supported here"
    names, addresses = alternatives(certificate)
    return transcript.Certificate(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        names=(*names, *addresses),
        not_before=certificate.not_valid_before_utc.astimezone(UTC),
        not_after=certificate.not_valid_after_utc.astimezone(UTC),
        serial=_serial(certificate),
        key=shown,
        signature=signature,
        sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        spki_sha256=digest,
        self_signed=is_self_issued(certificate),
        der=certificate.public_bytes(Encoding.DER),
    )


def _serial(certificate: Certificate) -> str:
    """The serial number in hexadecimal; a negative one, which RFC 5280 §4.1.2.2 forbids, is shown and not complained of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return f"{certificate.serial_number:x}"


def _key(certificate: Certificate) -> tuple[str, str]:
    """The public key in words, and the SHA-256 of its SubjectPublicKeyInfo; an empty text where it cannot be read."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        key = certificate.public_key()
        octets = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except unreadable():
        return "not supported here", ""
    curve, bits = getattr(key, "curve", None), getattr(key, "key_size", None)
    kind = type(key).__name__.removeprefix("_").removesuffix("PublicKey")
    digest = hashes.Hash(hashes.SHA256())
    digest.update(octets)
    return f"EC {curve.name}" if curve is not None else f"{kind} {bits}" if bits else kind, digest.finalize().hex()
