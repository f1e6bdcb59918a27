"""TLS: one context per policy, and what a handshake showed, judged from the chain that the server sent.

A handshake that must not fail accepts anything; whether the certificate would have verified is worked out afterwards
from the same handshake's chain, so that nobody connects twice to look at a certificate.
"""

from __future__ import annotations

import functools
import ipaddress
import re
import ssl
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from smtpprobe.model.names import wildcard_matches
from smtpprobe.model.transcript import Certificate, TlsFault, TlsSession

if TYPE_CHECKING:
    from cryptography import x509

_Problem = tuple[TlsFault, str]
_MAX_CHAIN = 10
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


@functools.lru_cache(maxsize=16)
def context(
    strict: bool, ca_file: str | None = None, client_cert: str | None = None, client_key: str | None = None
) -> ssl.SSLContext:
    """The shared context of a policy. `strict`: chain and name must verify.

    Raises OSError where a file cannot be read or holds no certificate.
    """
    made = ssl.create_default_context(cafile=ca_file)
    if not strict:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
        # A probe reports weak ciphers and old versions and does not fail on them; without a certificate there is no server.
        made.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        made.set_ciphers("ALL:!aNULL:!eNULL:@SECLEVEL=0")
    if client_cert:
        made.load_cert_chain(client_cert, client_key)
    return made


@functools.lru_cache(maxsize=4)
def context_without_name(
    ca_file: str | None = None, client_cert: str | None = None, client_key: str | None = None
) -> ssl.SSLContext:
    """As `context(strict=True)`, but the name is left for `describe`: for an SNI that is not the name to verify."""
    made = ssl.create_default_context(cafile=ca_file)
    made.check_hostname = False
    if client_cert:
        made.load_cert_chain(client_cert, client_key)
    return made


def describe(
    connection: ssl.SSLObject, name: str, sni: str | None, *, enforced: bool, ca_file: str | None, now: datetime
) -> TlsSession:
    """What the handshake agreed on, and whether the certificate verifies for `name` at `now`."""
    cipher = connection.cipher()
    chain: list[x509.Certificate] = []
    for der in _sent_chain(connection)[:_MAX_CHAIN]:
        certificate = _load(der)
        if certificate is None:
            break
        chain.append(certificate)
    problems = () if enforced else tuple(_judge(chain, name, ca_file, now))
    return TlsSession(
        version=connection.version(),
        cipher=cipher[0] if cipher else None,
        bits=cipher[2] if cipher else None,
        name=name,
        sni=sni,
        chain=tuple(_certificate(each) for each in chain),
        verified=not problems,
        problems=tuple(words for _, words in problems),
        faults=tuple(fault for fault, _ in problems),
        enforced=enforced,
    )


def _sent_chain(connection: ssl.SSLObject) -> list[bytes]:
    public = getattr(connection, "get_unverified_chain", None)  # Python 3.13
    if public is not None:
        return list(public() or ())
    # Before 3.13 the chain is reachable only through the implementation's object; the leaf alone is public.
    private = getattr(getattr(connection, "_sslobj", None), "get_unverified_chain", None)
    if private is not None:
        return [each.public_bytes(2) for each in private() or ()]  # 2 is DER
    leaf = connection.getpeercert(binary_form=True)
    return [leaf] if leaf else []


def _judge(chain: list[x509.Certificate], name: str, ca_file: str | None, now: datetime) -> list[_Problem]:
    """Why the chain does not verify; empty where it does."""
    if not chain:
        return [(TlsFault.NO_CERTIFICATE, "the server sent no certificate")]
    problems: list[_Problem] = []
    if not matches_name(chain[0], name):
        shown = ", ".join(_names(chain[0])[:4]) or "no name"
        problems.append((TlsFault.NAME, f"the certificate is for {shown}, not for {name}"))
    for certificate in chain:
        subject = certificate.subject.rfc4514_string() or "the certificate"
        if certificate.not_valid_after_utc < now:
            words = f"{subject} expired on {certificate.not_valid_after_utc:%Y-%m-%d}"
            problems.append((TlsFault.EXPIRED, words))
        elif certificate.not_valid_before_utc > now:
            words = f"{subject} is not valid before {certificate.not_valid_before_utc:%Y-%m-%d}"
            problems.append((TlsFault.NOT_YET_VALID, words))
    problem = _anchored(chain, ca_file)
    return [*problems, (TlsFault.UNTRUSTED_ISSUER, problem)] if problem else problems


def _anchored(chain: list[x509.Certificate], ca_file: str | None) -> str | None:
    """None where each link's signature leads to a trusted root; else why not."""
    anchors = _anchors(ca_file)
    current, pool = chain[0], chain[1:]
    for _ in range(_MAX_CHAIN):
        if current in anchors.get(current.subject.public_bytes(), ()):
            return None
        for issuer in anchors.get(current.issuer.public_bytes(), ()):
            if _issued(current, issuer):
                return None
        following = next(
            (each for each in pool if each is not current and _is_ca(each) and _issued(current, each)), None
        )
        if following is None or following.subject == current.subject:
            break
        current = following
    if current.issuer == current.subject:
        return (
            "the certificate is self-signed" if current is chain[0] else "the chain ends in a root that is not trusted"
        )
    return (
        f"the issuer {current.issuer.rfc4514_string()} is not known here (an intermediate certificate may be missing)"
    )


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except unreadable():
        return False
    return True


def _is_ca(certificate: x509.Certificate) -> bool:
    """Whether the certificate may issue others (RFC 5280 §4.2.1.9): a server's own may not."""
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except unreadable():
        return False


@functools.lru_cache(maxsize=4)
def _anchors(ca_file: str | None) -> dict[bytes, tuple[x509.Certificate, ...]]:
    """Trusted roots by subject."""
    by_subject: dict[bytes, tuple[x509.Certificate, ...]] = {}
    for path in [Path(ca_file)] if ca_file else _system_bundles():
        try:
            octets = path.read_bytes()
        except OSError:
            continue
        for root in filter(None, map(_load, _PEM.findall(octets))):
            subject = root.subject.public_bytes()
            by_subject[subject] = (*by_subject.get(subject, ()), root)
    return by_subject


def _load(octets: bytes) -> x509.Certificate | None:
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


def _system_bundles() -> list[Path]:
    paths = ssl.get_default_verify_paths()
    for candidate in (paths.cafile, "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"):
        if candidate and Path(candidate).is_file():
            return [Path(candidate)]
    return sorted(Path(paths.capath).glob("*.pem")) if paths.capath else []


def _alternatives(certificate: x509.Certificate) -> tuple[list[str], list[str]]:
    """The subjectAltName's DNS names and IP addresses."""
    from cryptography import x509

    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except unreadable():
        return [], []
    addresses = [str(address) for address in alternative.get_values_for_type(x509.IPAddress)]
    return alternative.get_values_for_type(x509.DNSName), addresses


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    names, addresses = _alternatives(certificate)
    return (*names, *addresses)


def matches_name(certificate: x509.Certificate, name: str) -> bool:
    """Whether the certificate is for this name: subjectAltName only, a wildcard for one whole left-most label (RFC 9525 §6.3)."""
    wanted = name.lower().rstrip(".")
    presented, addresses = _alternatives(certificate)
    try:
        # RFC 9525 §6.4: an address is compared with addresses only.
        return str(ipaddress.ip_address(wanted)) in addresses
    except ValueError:
        return any(wildcard_matches(each, wanted) for each in presented)


def _certificate(certificate: x509.Certificate) -> Certificate:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    shown, digest = _key(certificate)
    try:
        algorithm = certificate.signature_hash_algorithm
        signature = algorithm.name if algorithm else "none"
    except unreadable():
        signature = "not supported here"
    return Certificate(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        names=_names(certificate),
        not_before=certificate.not_valid_before_utc.astimezone(UTC),
        not_after=certificate.not_valid_after_utc.astimezone(UTC),
        serial=_serial(certificate),
        key=shown,
        signature=signature,
        sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        spki_sha256=digest,
        self_signed=certificate.issuer == certificate.subject,
        der=certificate.public_bytes(Encoding.DER),
    )


def _serial(certificate: x509.Certificate) -> str:
    """The serial number in hexadecimal; a negative one, which RFC 5280 §4.1.2.2 forbids, is shown and not complained of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return f"{certificate.serial_number:x}"


def _key(certificate: x509.Certificate) -> tuple[str, str]:
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
