"""Whether a chain proves the server's name now: one judge, before any secret is sent.

OpenSSL's own path validation decides, over the chain as the server sent it: signatures, dates, who may issue, path
lengths, name constraints. What is added here can only refuse more: the name (RFC 9525), the purpose, and keys and
digests that are too weak. The rest of the module says in full what is wrong.
"""

from __future__ import annotations

import functools
import ipaddress
import ssl
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from smtpprobe.model.names import wildcard_matches
from smtpprobe.model.transcript import TlsFault
from smtpprobe.net import x509

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from OpenSSL import crypto

MAX_CHAIN = 10  # certificates that are looked at
_MAX_NAMES = 4  # of a certificate, that a message shows
# OpenSSL's verification errors (X509_V_ERR_…) that have a word of their own.
_FAULTS = {
    2: TlsFault.UNTRUSTED_ISSUER,
    9: TlsFault.NOT_YET_VALID,
    10: TlsFault.EXPIRED,
    18: TlsFault.UNTRUSTED_ISSUER,
    19: TlsFault.UNTRUSTED_ISSUER,
    20: TlsFault.UNTRUSTED_ISSUER,
    21: TlsFault.UNTRUSTED_ISSUER,
}
_UNANCHORED = frozenset({TlsFault.UNTRUSTED_ISSUER, TlsFault.SELF_SIGNED, TlsFault.INTERMEDIATE_MISSING})
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


class Problem(NamedTuple):
    """One reason why a certificate does not prove the name."""

    fault: TlsFault
    words: str


class _Refused(NamedTuple):
    """OpenSSL's verdict on a chain: its number (X509_V_ERR_…), its words, and the certificate in question."""

    code: int
    words: str
    certificate: Certificate | None


def judge(chain: Sequence[Certificate], name: str, *, ca_file: str | None = None, now: datetime) -> tuple[Problem, ...]:
    """Every reason why the chain, leaf first as it was sent, does not prove `name` at `now`; empty where it does.

    `ca_file`: the anchors in PEM in place of the system's. Raises OSError where the file cannot be read or has none.
    """
    if not chain:
        return (Problem(TlsFault.NO_CERTIFICATE, "the server sent no certificate"),)
    chain = chain[:MAX_CHAIN]
    path = _validated(chain, anchors(ca_file), now)
    problems = list(_of_name(chain[0], name))
    if not isinstance(path, _Refused):
        return (*problems, *_of_use(path, anchored=True))
    if _FAULTS.get(path.code) is TlsFault.UNTRUSTED_ISSUER:
        problems.append(_unanchored(chain))
    sent = _walked(chain)
    problems += [*_of_dates(sent, now), *_of_use(sent, anchored=False)]
    told = {problem.fault for problem in problems}
    fault = _FAULTS.get(path.code, TlsFault.CERTIFICATE_INVALID)
    if fault not in told and not (fault in _UNANCHORED and told & _UNANCHORED):
        subject = x509.subject(path.certificate) if path.certificate else "the certificate"
        problems.append(Problem(fault, f"{subject}: {path.words}"))
    return tuple(problems)


@functools.lru_cache(maxsize=4)
def anchors(ca_file: str | None) -> crypto.X509Store:
    """The trusted certificates of a PEM file, or the system's. Raises OSError where the file is none or has none."""
    from OpenSSL import crypto

    store = crypto.X509Store()
    # What is trusted is trusted, be it a root or not: as in Python from 3.13 on, GnuTLS and Go.
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
    if ca_file is not None:
        # The standard library's reader has the better words for a file that is none.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(ca_file)
        store.load_locations(ca_file)
        return store
    if sys.platform == "win32":
        for der in ssl.create_default_context().get_ca_certs(binary_form=True):
            if (root := x509.load(der)) is not None:
                store.add_cert(crypto.X509.from_cryptography(root))
        return store
    paths = ssl.get_default_verify_paths()
    file = next((each for each in (paths.cafile, *_BUNDLES) if each and Path(each).is_file()), None)
    if file or paths.capath:
        store.load_locations(file, paths.capath)
    return store


def matches_name(certificate: Certificate, name: str) -> bool:
    """Whether the certificate is for this name: subjectAltName only, a wildcard for one whole left-most label (RFC 9525 §6.3)."""
    wanted = name.lower().rstrip(".")
    presented, addresses = x509.alternatives(certificate)
    try:
        # RFC 9525 §6.4: an address is compared with addresses only.
        return str(ipaddress.ip_address(wanted)) in addresses
    except ValueError:
        return any(wildcard_matches(each, wanted) for each in presented)


def _validated(
    chain: Sequence[Certificate], store: crypto.X509Store, now: datetime
) -> tuple[Certificate, ...] | _Refused:
    """The path that OpenSSL found from the leaf to a trusted certificate, or why there is none."""
    from OpenSSL import crypto

    # The store keeps the time that it was given last; nothing is awaited between this and the verdict.
    store.set_time(now.astimezone(UTC))
    try:
        leaf, *others = (crypto.X509.from_cryptography(each) for each in chain)
        path = crypto.X509StoreContext(store, leaf, others).get_verified_chain()
        return tuple(each.to_cryptography() for each in path)
    except crypto.X509StoreContextError as refused:
        code, _, words = refused.errors
        return _Refused(code, words, x509.load(crypto.dump_certificate(crypto.FILETYPE_ASN1, refused.certificate)))
    except (crypto.Error, ValueError):
        return _Refused(-1, "OpenSSL cannot read it", None)


def _walked(chain: Sequence[Certificate]) -> list[Certificate]:
    """The certificates that lead on from the leaf, each issued by the next; where two might, the first that was sent."""
    path = [chain[0]]
    for _ in chain:
        following = next((each for each in chain if each not in path and x509.issued(path[-1], each)), None)
        if following is None:
            break
        path.append(following)
    return path


def _unanchored(chain: Sequence[Certificate]) -> Problem:
    """Why the chain leads to nobody who is trusted here."""
    last = _walked(chain)[-1]
    subject, issuer = x509.subject(last), x509.issuer(last)
    if x509.is_self_issued(last):
        if last is chain[0]:
            words = "the certificate is self-signed, and not among those that are trusted here"
            return Problem(TlsFault.SELF_SIGNED, words)
        return Problem(TlsFault.UNTRUSTED_ISSUER, f"the chain ends in {subject}, a root that is not trusted here")
    # RFC 5280 §4.2.2.1: a certificate that says where its issuer's is to be had is one of a public hierarchy.
    where = x509.issuer_location(last)
    if where is not None:
        words = f"the server did not send the certificate of the issuer {issuer}, which is to be had at {where}"
        return Problem(TlsFault.INTERMEDIATE_MISSING, words)
    words = f"the issuer {issuer} is not known here, and the server did not send its certificate"
    return Problem(TlsFault.UNTRUSTED_ISSUER, words)


def _of_name(leaf: Certificate, name: str) -> Iterator[Problem]:
    if matches_name(leaf, name):
        return
    names, addresses = x509.alternatives(leaf)
    if name.lower().rstrip(".") in (each.lower() for each in names) and not _is_name(name):
        words = f"{name} is in the certificate as a DNS name: an address has to be an iPAddress entry (RFC 9525 §6.4)"
        yield Problem(TlsFault.ADDRESS_AS_NAME, words)
        return
    if not names and not addresses:
        common = ", ".join(x509.common_names(leaf)[:_MAX_NAMES])
        words = (
            f"the certificate has no subjectAltName, and the common name {common} is no longer read (RFC 9525 §6.3)"
            if common
            else "the certificate carries no name (RFC 9525 §6.3)"
        )
        yield Problem(TlsFault.NAME, words)
        return
    shown = ", ".join((*names, *addresses)[:_MAX_NAMES])
    yield Problem(TlsFault.NAME, f"the certificate is for {shown}, not for {name}")


def _is_name(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return True
    return False


def _of_dates(path: Iterable[Certificate], now: datetime) -> Iterator[Problem]:
    for certificate in path:
        start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if end < now:
            days = (now - end).days
            ago = f"{days} days ago" if days > 1 else "yesterday" if days else "today"
            yield Problem(TlsFault.EXPIRED, f"{x509.subject(certificate)} expired on {end:%Y-%m-%d}, {ago}")
        elif start > now:
            words = f"{x509.subject(certificate)} is not valid before {start:%Y-%m-%d %H:%M} UTC"
            yield Problem(TlsFault.NOT_YET_VALID, words)


def _of_use(path: Sequence[Certificate], *, anchored: bool) -> Iterator[Problem]:
    """Purposes, keys and digests that clients do not take; `anchored`: the last of the path is trusted as it is."""
    for certificate in path:
        subject = x509.subject(certificate)
        if (purposes := x509.purposes_without_server(certificate)) is not None:
            words = f"{subject} is not for servers: its purpose is {purposes} (RFC 5280 §4.2.1.12)"
            yield Problem(TlsFault.PURPOSE, words)
        if (weak := x509.weak_key(certificate)) is not None:
            yield Problem(TlsFault.KEY_TOO_SMALL, f"the key of {subject} is too short: {weak}")
        # Nobody checks the signature of what is trusted as it is, nor that of a root over itself.
        if anchored and certificate is path[-1]:
            continue
        if not x509.is_self_issued(certificate) and (digest := x509.weak_digest(certificate)) is not None:
            yield Problem(TlsFault.SIGNATURE_TOO_WEAK, f"{subject} is signed with {digest}, which clients do not take")
