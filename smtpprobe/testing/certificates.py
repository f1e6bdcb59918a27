"""Throw-away certificates: a CA of our own and a leaf that is right, or wrong in one way."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate, Name

    PrivateKey = EllipticCurvePrivateKey | RSAPrivateKey

OTHER_NAME = "other.example.net"
_YEAR = timedelta(days=365)


class CertificateKind(StrEnum):
    """What is wrong with a leaf; nothing for `valid`."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    OTHER_NAME = "other-name"
    SELF_SIGNED = "self-signed"
    WEAK_KEY = "weak-key"


@dataclass(kw_only=True, frozen=True)
class ServerCertificate:
    """A leaf with its key, its chain (leaf first) and the CA that a client would trust, all in PEM."""

    chain_pem: bytes
    key_pem: bytes
    ca_pem: bytes
    is_weak: bool = False

    def server_context(self) -> ssl.SSLContext:
        """A context for the server's side of a handshake."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with self.files() as (chain, key, _):
            if self.is_weak:
                # A server may show a key that no client should take.
                context.set_ciphers("DEFAULT:@SECLEVEL=0")
            context.load_cert_chain(chain, key)
        return context

    def client_context(self) -> ssl.SSLContext:
        """A context that trusts this CA alone and verifies the name."""
        return ssl.create_default_context(cadata=self.ca_pem.decode("ascii"))

    @contextlib.contextmanager
    def files(self) -> Iterator[tuple[str, str, str]]:
        """The paths of chain, key and CA in a directory that is gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="smtpprobe-") as directory:
            paths = [os.path.join(directory, name) for name in ("chain.pem", "key.pem", "ca.pem")]
            for path, content in zip(paths, (self.chain_pem, self.key_pem, self.ca_pem), strict=True):
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with open(descriptor, "wb") as file:
                    file.write(content)
            yield paths[0], paths[1], paths[2]


def server_certificate(
    kind: CertificateKind = CertificateKind.VALID,
    names: tuple[str, ...] = ("mx.example.com", "localhost"),
    addresses: tuple[str, ...] = ("127.0.0.1", "::1"),
    *,
    now: datetime | None = None,
) -> ServerCertificate:
    """A new certificate for the names and IP addresses; `now` is what its dates are reckoned from."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.x509.oid import NameOID

    now = now or datetime.now(UTC)
    if kind is CertificateKind.OTHER_NAME:
        names, addresses = (OTHER_NAME,), ()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    key: PrivateKey = ec.generate_private_key(ec.SECP256R1())
    if kind is CertificateKind.WEAK_KEY:
        key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
    if kind is CertificateKind.SELF_SIGNED:
        leaf = _sign(subject, key, subject, key, _dates(kind, now), names, addresses)
        return ServerCertificate(chain_pem=_pem(leaf), key_pem=_key_pem(key), ca_pem=_pem(leaf))
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "smtpprobe throw-away CA")])
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = _sign(ca_name, ca_key, ca_name, ca_key, (now - 10 * _YEAR, now + 10 * _YEAR))
    leaf = _sign(subject, key, ca_name, ca_key, _dates(kind, now), names, addresses)
    is_weak = kind is CertificateKind.WEAK_KEY
    return ServerCertificate(chain_pem=_pem(leaf) + _pem(ca), key_pem=_key_pem(key), ca_pem=_pem(ca), is_weak=is_weak)


def _dates(kind: CertificateKind, now: datetime) -> tuple[datetime, datetime]:
    if kind is CertificateKind.EXPIRED:
        return now - 2 * _YEAR, now - _YEAR
    if kind is CertificateKind.NOT_YET_VALID:
        return now + _YEAR, now + 2 * _YEAR
    return now - timedelta(days=1), now + _YEAR


def _sign(
    subject: Name,
    key: PrivateKey,
    issuer: Name,
    issuer_key: PrivateKey,
    dates: tuple[datetime, datetime],
    names: tuple[str, ...] = (),
    addresses: tuple[str, ...] = (),
) -> Certificate:
    """A certificate: a CA's where there are no names, else a leaf's (RFC 5280 §4.2.1)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    alternatives += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
    builder = (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number(), *dates)
        .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
        .add_extension(_usage(is_ca=not names), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        server_auth = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(server_auth, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _usage(*, is_ca: bool) -> x509.KeyUsage:
    from cryptography import x509

    used = {"digital_signature": not is_ca, "key_cert_sign": is_ca, "crl_sign": is_ca}
    unused = (
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**used, **dict.fromkeys(unused, False))


def _pem(certificate: Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _key_pem(key: PrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
