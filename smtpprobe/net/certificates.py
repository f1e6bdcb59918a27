"""Whether a chain proves the server's name now: one judge, before any secret is sent.

OpenSSL's own path validation decides, over the chain as the server sent it: signatures, dates, who may issue, path
lengths, name constraints. What is added here can only refuse more: the name (RFC 9525), the purpose, and keys and
digests that are too weak. The rest of the module says in full what is wrong.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import re
import ssl
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from smtpprobe.model import limits
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import TlsFault
from smtpprobe.net import x509
from smtpprobe.net.certificate_problems import Problem, of_name, out_of_date
from smtpprobe.net.error_words import UnusableFile

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from OpenSSL import crypto

_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME, for which pyOpenSSL has no name
MAX_CHAIN = 10  # certificates that are looked at
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
_STRANGERS = mark("a certificate names another key or another algorithm than its issuer has (RFC 5280 §4.2.1.1)")
_PEM = re.compile(rb"-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----[^-]*-----END \1-----")
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


class Judgement(NamedTuple):
    """Every reason why a chain does not prove a name, none if it does; and which of it led how far from the leaf.

    `path` has places in the chain, the leaf's first. What is trusted stands behind its end, and is not in it.
    """

    problems: tuple[Problem, ...]
    path: tuple[int, ...]


class _Path(NamedTuple):
    """Certificates, leaf first, each issued by the next; and the trusted one at their end, None where none was found."""

    sent: tuple[Certificate, ...]
    anchor: Certificate | None

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        return self.sent if self.anchor is None else (*self.sent, self.anchor)

    def within(self, chain: Sequence[Certificate]) -> tuple[int, ...]:
        """The places in the chain of those that were sent."""
        return tuple(chain.index(each) for each in self.sent if each in chain)


class _Refused(NamedTuple):
    """OpenSSL's verdict on a chain: its number (X509_V_ERR_…), its words, and the certificate in question."""

    code: int
    words: str
    certificate: Certificate | None

    @property
    def problem(self) -> Problem:
        subject = x509.subject(self.certificate) if self.certificate else say("the certificate")
        return Problem(_FAULTS.get(self.code, TlsFault.CERTIFICATE_INVALID), f"{subject}: {self.words}")


@x509.quietly()
def judge(sent: Sequence[Certificate], name: str, *, ca_file: str | None = None, now: datetime) -> Judgement:
    """Whether the chain, leaf first as it was sent, proves `name` at `now`, and why it does not.

    `ca_file`: the anchors in PEM in place of the system's. Raises OSError where the file cannot be read or has none.
    """
    if not sent:
        return Judgement((Problem(TlsFault.NO_CERTIFICATE, say("the server sent no certificate")),), ())
    chain = sent = sent[:MAX_CHAIN]
    problems = list(of_name(chain[0], name))
    verdict = _validated(chain, _store(ca_file, now))
    if not isinstance(verdict, _Refused):
        return Judgement((*problems, *_of_use(verdict)), verdict.within(sent))
    # OpenSSL ends at the first fault that it meets: dates are told apart here, so that none hides another fault.
    chain = (chain[0], *sorted(chain[1:], key=lambda each: out_of_date(each, now) is not None))
    undated = _validated(chain, at_any_time := _store(ca_file, None))
    path = _walked(chain, at_any_time) if isinstance(undated, _Refused) else undated
    problems += [*_of_issuers(path), *_of_use(path)]
    if isinstance(undated, _Refused):
        problems += _of_refusal(undated, path, chain, problems)
    problems += filter(None, (out_of_date(each, now, leaf=each == chain[0]) for each in path.certificates))
    decided = isinstance(undated, _Refused) and undated.code == verdict.code
    if not problems or not (decided or verdict.problem.fault in {each.fault for each in problems}):
        problems.append(verdict.problem)
    return Judgement(tuple(problems), path.within(sent))


def _of_refusal(
    verdict: _Refused, path: _Path, chain: Sequence[Certificate], told: Sequence[Problem]
) -> Iterator[Problem]:
    """What OpenSSL refused the chain for, dates apart, where that has not been told."""
    if verdict.problem.fault is not TlsFault.UNTRUSTED_ISSUER:
        if verdict.problem.fault not in {each.fault for each in told}:
            yield verdict.problem
    # An issuer that may not issue, and a certificate that cannot be read, are none to OpenSSL.
    elif path.anchor is None and all(x509.is_readable(each) for each in path.sent):
        yield _unanchored(chain, path.sent)
    elif TlsFault.CERTIFICATE_INVALID not in {each.fault for each in told}:
        odd = next((each for each in path.sent if not x509.is_readable(each)), None)
        words = say("the extensions of {subject} cannot be read", subject=x509.subject(odd)) if odd else say(_STRANGERS)
        yield Problem(TlsFault.CERTIFICATE_INVALID, words)


@functools.lru_cache(maxsize=4)
def anchors(ca_file: str | None) -> tuple[tuple[crypto.X509, ...], str | None]:
    """The trusted certificates of a PEM file, or the system's and the directory where it has more.

    The file is opened once. Raises OSError where it has none, one that cannot be read, or too many.
    """
    from OpenSSL import crypto

    if ca_file is not None:
        return _of_file(ca_file), None
    if sys.platform == "win32":
        ders = ssl.create_default_context().get_ca_certs(binary_form=True)
        roots = (x509.load(each) for each in ders)
        return tuple(crypto.X509.from_cryptography(each) for each in roots if each is not None), None
    paths = ssl.get_default_verify_paths()
    file = next((each for each in (paths.cafile, *_BUNDLES) if each and os.path.isfile(each)), None)
    if file is None:
        return (), paths.capath
    with open(file, "rb") as opened:
        return tuple(_of_pem(opened.read())), paths.capath


def require(ca_file: str) -> None:
    """Raises OSError where `anchors` would, of a regular file in a fraction of the time: before there is a connection."""
    if not os.path.isfile(ca_file):
        anchors(ca_file)  # what comes out of a pipe has to be kept
        return
    blocks = [found[0].decode("ascii", "replace") for found in _PEM.finditer(_octets(ca_file))]
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata="\n".join(blocks))
    except (ssl.SSLError, ValueError):
        anchors(ca_file)  # says what is wrong, or takes what the ssl module does not


def _octets(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return limits.CERTIFICATES.read(file, repr(path))
    except ValueError as error:
        raise UnusableFile(str(error)) from None


def _of_file(path: str) -> tuple[crypto.X509, ...]:
    from OpenSSL import crypto

    found = []
    for number, block in enumerate(_PEM.finditer(_octets(path)), 1):
        try:
            found.append(crypto.load_certificate(crypto.FILETYPE_PEM, block[0]))
        except crypto.Error:
            raise UnusableFile(
                say("{path}: certificate {number} of it cannot be read: expected PEM", path=repr(path), number=number)
            ) from None
    if not found:
        raise UnusableFile(say("{path} contains no certificate: expected PEM", path=repr(path)))
    return tuple(found)


def _of_pem(octets: bytes) -> Iterator[crypto.X509]:
    """Those of the system that can be read."""
    from OpenSSL import crypto

    for found in _PEM.finditer(octets):
        with contextlib.suppress(crypto.Error):
            yield crypto.load_certificate(crypto.FILETYPE_PEM, found[0])


def _store(ca_file: str | None, now: datetime | None) -> crypto.X509Store:
    """What is trusted, at `now`; None is at any time. A new one each time: a store keeps the first time that it is given."""
    from OpenSSL import crypto

    certificates, directory = anchors(ca_file)
    store = crypto.X509Store()
    # What is trusted is trusted, be it a root or not: as in Python from 3.13 on, GnuTLS and Go.
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
    if now is None:
        store.set_flags(_NO_CHECK_TIME)
    else:
        store.set_time(now.astimezone(UTC))
    for each in certificates:
        store.add_cert(each)
    if directory:
        store.load_locations(None, directory)
    return store


def _validated(chain: Sequence[Certificate], store: crypto.X509Store) -> _Path | _Refused:
    """The path that OpenSSL found from the leaf to a trusted certificate, or why there is none."""
    from OpenSSL import crypto

    try:
        leaf, *others = (crypto.X509.from_cryptography(each) for each in chain)
        *sent, anchor = (_loaded(each) for each in crypto.X509StoreContext(store, leaf, others).get_verified_chain())
    except crypto.X509StoreContextError as refused:
        code, _, words = refused.errors
        return _Refused(code, words, _loaded(refused.certificate))
    except (crypto.Error, ValueError):
        return _Refused(-1, say("OpenSSL cannot read it"), None)
    return _Path(tuple(each for each in sent if each is not None), anchor)


def _loaded(certificate: crypto.X509) -> Certificate | None:
    from OpenSSL import crypto

    return x509.load(crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate))


def _walked(chain: Sequence[Certificate], store: crypto.X509Store) -> _Path:
    """How far the chain leads from the leaf: to what is trusted, where one that issued it, if not itself, leads there."""
    path = [chain[0]]
    for _ in chain:
        following = next((each for each in chain if each not in path and x509.issued(path[-1], each)), None)
        if following is None:
            break
        rest = _validated((following, *chain), store)
        if isinstance(rest, _Path):
            return _Path((*path, *rest.sent), rest.anchor)
        path.append(following)
    return _Path(tuple(path), None)


def _unanchored(chain: Sequence[Certificate], path: Sequence[Certificate]) -> Problem:
    """Why the chain leads to nobody who is trusted here."""
    last = path[-1]
    subject, issuer = x509.subject(last), x509.issuer(last)
    if x509.is_self_signed(last):
        if last is path[0]:
            words = say("the certificate is self-signed, and not among those that are trusted here")
            return Problem(TlsFault.SELF_SIGNED, words)
        return Problem(
            TlsFault.UNTRUSTED_ISSUER,
            say("the chain ends in {subject}, a root that is not trusted here", subject=subject),
        )
    if len(chain) == MAX_CHAIN:
        words = say(
            "the first {max_chain} certificates of the chain lead to no trusted issuer; no more are read",
            max_chain=MAX_CHAIN,
        )
        return Problem(TlsFault.UNTRUSTED_ISSUER, words)
    # RFC 5280 §4.2.2.1: a certificate that says where its issuer's is to be had is one of a public hierarchy.
    location = x509.issuer_location(last)
    if location is not None:
        words = say(
            "the server did not send the certificate of the issuer {issuer}, which is available at {location}",
            issuer=issuer,
            location=location,
        )
        return Problem(TlsFault.INTERMEDIATE_MISSING, words)
    words = say("the issuer {issuer} is not known here, and the server did not send its certificate", issuer=issuer)
    return Problem(TlsFault.UNTRUSTED_ISSUER, words)


def _of_issuers(path: _Path) -> Iterator[Problem]:
    """Those on the path that issue and may not; what is trusted, and a root, may be of before there were extensions."""
    for certificate, issuer in itertools.pairwise(path.sent):
        if x509.is_readable(issuer) and not x509.is_self_signed(issuer) and not x509.may_issue(issuer):
            words = say(
                "{subject} is issued by {issuer}, which must not issue certificates",
                subject=x509.subject(certificate),
                issuer=x509.subject(issuer),
            )
            yield Problem(TlsFault.CERTIFICATE_INVALID, f"{words} (RFC 5280 §4.2.1.3, §4.2.1.9)")


def _of_use(path: _Path) -> Iterator[Problem]:
    """Purposes, keys and digests that clients do not take."""
    for place, certificate in enumerate(path.certificates):
        subject, is_anchor = x509.subject(certificate), certificate is path.anchor
        if (purposes := x509.purposes_without_server(certificate, leaf=place == 0)) is not None:
            words = say(
                "{subject} is not for servers: its purpose is {purposes} (RFC 5280 §4.2.1.12)",
                subject=subject,
                purposes=purposes,
            )
            yield Problem(TlsFault.PURPOSE, words)
        if (weak := x509.weak_key(certificate)) is not None:
            yield Problem(
                TlsFault.KEY_TOO_SMALL, say("the key of {subject} is too short: {weak}", subject=subject, weak=weak)
            )
        if not x509.has_key(certificate):
            yield Problem(TlsFault.CERTIFICATE_INVALID, say("the key of {subject} cannot be read", subject=subject))
        if place and not is_anchor and x509.hides_purposes(certificate):
            words = say("the extensions of {subject} cannot be read, so its limits are unknown", subject=subject)
            yield Problem(TlsFault.CERTIFICATE_INVALID, words)
        # Nobody checks the signature of what is trusted as it is, nor that of a root over itself.
        if is_anchor or (path.anchor is None and x509.is_self_signed(certificate)):
            continue
        if (digest := x509.weak_digest(certificate)) is not None:
            yield Problem(
                TlsFault.SIGNATURE_TOO_WEAK,
                say("{subject} is signed with {digest}, which clients do not accept", subject=subject, digest=digest),
            )
