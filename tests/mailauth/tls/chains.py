"""Chains of throw-away certificates as a session's transcript has them."""

from __future__ import annotations

import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from smtpprobe.model.transcript import Certificate
from smtpprobe.testing.certificates import CertificateKind, server_certificate


def chain(
    kind: CertificateKind = CertificateKind.VALID, names: tuple[str, ...] = ("mx.example.com",)
) -> tuple[Certificate, ...]:
    """A leaf and, unless it is self-signed, the CA that issued it."""
    made = server_certificate(kind, names, ())
    return tuple(_certificate(each) for each in x509.load_pem_x509_certificates(made.chain_pem))


def key_of(certificate: Certificate) -> bytes:
    """The SubjectPublicKeyInfo, by another way than the code under test."""
    loaded = x509.load_der_x509_certificate(certificate.der)
    return loaded.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def record(usage: int, selector: int, matching_type: int, certificate: Certificate) -> str:
    """The TLSA record of a certificate in presentation form."""
    content = certificate.der if selector == 0 else key_of(certificate)
    digests = {0: content, 1: hashlib.sha256(content).digest(), 2: hashlib.sha512(content).digest()}
    return f"{usage} {selector} {matching_type} {digests[matching_type].hex()}"


def _certificate(loaded: x509.Certificate) -> Certificate:
    try:
        names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        presented = tuple(names.get_values_for_type(x509.DNSName))
    except x509.ExtensionNotFound:
        presented = ()
    der = loaded.public_bytes(Encoding.DER)
    key = loaded.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Certificate(
        subject=loaded.subject.rfc4514_string(),
        issuer=loaded.issuer.rfc4514_string(),
        names=presented,
        not_before=loaded.not_valid_before_utc,
        not_after=loaded.not_valid_after_utc,
        serial=f"{loaded.serial_number:x}",
        key="EC secp256r1",
        signature="sha256",
        sha256=hashlib.sha256(der).hexdigest(),
        spki_sha256=hashlib.sha256(key).hexdigest(),
        self_signed=loaded.issuer == loaded.subject,
        der=der,
    )
