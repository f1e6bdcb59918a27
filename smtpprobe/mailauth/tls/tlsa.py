"""TLSA records: read, sorted into usable and not, and matched against a certificate chain (RFC 6698 §2.1, RFC 7671)."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from smtpprobe.model.evidence.tls import DaneStatus, TlsaRecord, TlsaStatus
from smtpprobe.model.names import wildcard_matches
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.transcript import Certificate

if TYPE_CHECKING:
    from cryptography import x509

MAX_RECORDS = 100
_NUMBER = re.compile(r"[0-9]{1,3}\Z")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+\Z")
_DIGEST_OCTETS = {1: 32, 2: 64}
_MAX_DER_ELEMENTS = 10  # elements of a TBSCertificate before the key


class Tlsa(msgspec.Struct, frozen=True, kw_only=True):
    """A TLSA record's fields; `problem` says why it cannot be used for SMTP."""

    text: str
    usage: int | None = None
    selector: int | None = None
    matching_type: int | None = None
    data: bytes = b""
    problem: str | None = None


def parse(text: str) -> Tlsa:
    """The record in presentation form (RFC 6698 §2.2)."""
    words = text.split()
    numbers = [int(word) if _NUMBER.match(word) else 256 for word in words[:3]]
    data = "".join(words[3:])
    if len(numbers) < 3 or max(numbers) > 255 or not _HEX.match(data):
        return Tlsa(text=text, problem=say("it is not three numbers from 0 to 255 and hexadecimal data"))
    usage, selector, matching_type = numbers
    octets = bytes.fromhex(data)
    problem = _why_unusable(usage, selector, matching_type, octets)
    return Tlsa(text=text, usage=usage, selector=selector, matching_type=matching_type, data=octets, problem=problem)


def _why_unusable(usage: int, selector: int, matching_type: int, data: bytes) -> str | None:
    # RFC 7672 §3.1.3: PKIX-TA(0) and PKIX-EE(1) have no use on port 25.
    if usage in (0, 1):
        return say("certificate usage {usage} is not used for SMTP: only 2 (DANE-TA) and 3 (DANE-EE) are", usage=usage)
    for fault, value, known in (
        (mark("certificate usage {value} is not known"), usage, (2, 3)),
        (mark("selector {value} is not known"), selector, (0, 1)),
        (mark("matching type {value} is not known"), matching_type, (0, 1, 2)),
    ):
        if value not in known:
            return say(fault, value=value)
    wanted = _DIGEST_OCTETS.get(matching_type)
    if wanted is not None and len(data) != wanted:
        return say_counted(
            "the digest has {count} octet, not {wanted}",
            "the digest has {count} octets, not {wanted}",
            len(data),
            wanted=wanted,
        )
    return None


def judge(
    texts: Sequence[str], chain: Sequence[Certificate] | None, names: Sequence[str], now: datetime | None
) -> tuple[DaneStatus, tuple[TlsaRecord, ...]]:
    """The status of a record set against the chain, leaf first, and of each record in it.

    Not compared for a chain of None. `names` are those of which the certificate must
    carry one for DANE-TA(2).
    """
    # Name servers rotate their answers; the order by usage, highest first, does not.
    parsed = [parse(text) for text in sorted(texts, reverse=True)[:MAX_RECORDS]]
    usable = [each for each in parsed if each.problem is None]
    if not usable:
        return DaneStatus.UNUSABLE, tuple(_shown(each, TlsaStatus.UNUSABLE, problem=each.problem) for each in parsed)
    chain_of = _Chain(chain, names, now) if chain is not None else None
    records = tuple(_one(each, usable, chain_of) for each in parsed)
    return outcome(records), records


def outcome(records: Sequence[TlsaRecord]) -> DaneStatus:
    """What records that were compared one by one come to together (RFC 7672 §2.2)."""
    statuses = {each.status for each in records}
    if statuses <= {TlsaStatus.UNUSABLE}:
        return DaneStatus.UNUSABLE
    if TlsaStatus.NOT_COMPARED in statuses:
        return DaneStatus.NOT_COMPARED
    return DaneStatus.MATCH if TlsaStatus.MATCH in statuses else DaneStatus.MISMATCH


def _one(record: Tlsa, usable: Sequence[Tlsa], chain: _Chain | None) -> TlsaRecord:
    if record.problem is not None:
        return _shown(record, TlsaStatus.UNUSABLE, problem=record.problem)
    # RFC 7671 §9: of the digests with one usage and selector only the strongest counts, beside full data.
    alike = [each for each in usable if (each.usage, each.selector) == (record.usage, record.selector)]
    if record.matching_type == 1 and any(each.matching_type == 2 for each in alike):
        return _shown(record, TlsaStatus.WEAKER, problem=say("there is a SHA-512 record, too"))
    if chain is None:
        return _shown(record, TlsaStatus.NOT_COMPARED)
    found, problem = chain.leaf(record) if record.usage == 3 else chain.anchor(record)
    if found is None or problem is not None:
        return _shown(record, TlsaStatus.NO_MATCH, found, problem)
    return _shown(record, TlsaStatus.MATCH, found)


def _shown(record: Tlsa, status: TlsaStatus, certificate: int | None = None, problem: str | None = None) -> TlsaRecord:
    return TlsaRecord(
        text=record.text,
        status=status,
        usage=record.usage,
        selector=record.selector,
        matching_type=record.matching_type,
        certificate=certificate,
        problem=problem,
    )


class _Chain:
    """The chain of one session, asked about by one record after another."""

    def __init__(self, chain: Sequence[Certificate], names: Sequence[str], now: datetime | None) -> None:
        self._chain = chain
        self._names = names
        self._now = now
        self._parents: dict[int, int] | None = None

    def leaf(self, record: Tlsa) -> tuple[int | None, str | None]:
        """DANE-EE(3): the leaf alone counts, and neither its names nor its dates do (RFC 7672 §3.1.1)."""
        if not self._chain:
            return None, say("the server sent no certificate")
        return (0, None) if holds(record, self._chain[0]) else (None, None)

    def anchor(self, record: Tlsa) -> tuple[int | None, str | None]:
        """DANE-TA(2): an issuer in the chain, from which dates and signatures lead to a leaf with the right name."""
        # RFC 7672 §3.1.2: the server must send the trust anchor's certificate.
        found = [i for i, each in enumerate(self._chain) if i > 0 and holds(record, each)]
        if not found:
            return None, None
        problems = [self._path_problem(index) for index in found]
        if None in problems:
            return found[problems.index(None)], self._name_problem()
        return found[0], problems[0]

    def _path_problem(self, anchor: int) -> str | None:
        if self._parents is None:
            self._parents = _issuers(self._chain)
        if anchor not in self._parents:
            return say("the signatures do not lead from it to the server's certificate")
        index = anchor
        while True:
            certificate = self._chain[index]
            if self._now is not None and not certificate.not_before <= self._now <= certificate.not_after:
                dates = say(
                    "{not_before} to {not_after}",
                    not_before=format(certificate.not_before, "%Y-%m-%d"),
                    not_after=format(certificate.not_after, "%Y-%m-%d"),
                )
                return say(
                    "{subject} is valid from {dates} only",
                    subject=certificate.subject or say("a certificate"),
                    dates=dates,
                )
            if index == 0:
                return None
            index = self._parents[index]

    def _name_problem(self) -> str | None:
        # RFC 7672 §3.2.3: the subject's common name counts only where there is no DNS name beside it.
        leaf = self._chain[0]
        presented = leaf.names or _common_names(leaf)
        if any(wildcard_matches(each, name) for each in presented for name in self._names):
            return None
        return say(
            "the certificate is for {presented}, not for {names}",
            presented=", ".join(presented[:4]) or say("no name"),
            names=say(" or ").join(self._names),
        )


def holds(record: Tlsa, certificate: Certificate) -> bool:
    """Whether the record's data is this certificate's, by selector and matching type (RFC 6698 §2.1.4)."""
    content = certificate.der if record.selector == 0 else subject_public_key_info(certificate.der)
    if not content:
        # A report that holds no certificates still has these two digests.
        kept = certificate.sha256 if record.selector == 0 else certificate.spki_sha256
        return record.matching_type == 1 and record.data.hex() == kept.lower()
    digest: dict[int | None, Callable[[bytes], bytes]] = {
        0: lambda octets: octets,
        1: lambda octets: hashlib.sha256(octets).digest(),
        2: lambda octets: hashlib.sha512(octets).digest(),
    }
    return record.data == digest[record.matching_type](content)


def subject_public_key_info(der: bytes) -> bytes:
    """The SubjectPublicKeyInfo of a certificate as it stands in it; empty where it cannot be found (RFC 5280 §4.1)."""
    outer = _element(der, 0)
    inner = _element(der, outer[1]) if outer else None
    if inner is None:
        return b""
    position, wanted = inner[1], 5
    for _ in range(_MAX_DER_ELEMENTS):
        element = _element(der, position)
        if element is None:
            return b""
        start, _, end = position, *element[1:]
        # RFC 5280 §4.1: an explicit version may stand first; then serial, algorithm, issuer, validity, subject, key.
        if der[start] == 0xA0:
            position = end
            continue
        if wanted == 0:
            return der[start:end]
        wanted -= 1
        position = end
    return b""


def _element(der: bytes, position: int) -> tuple[int, int, int] | None:
    """Tag, start of the content and end of the DER element at the position; None where there is none."""
    if position + 2 > len(der):
        return None
    tag, length, start = der[position], der[position + 1], position + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or start + count > len(der):
            return None
        length, start = int.from_bytes(der[start : start + count], "big"), start + count
    return (tag, start, start + length) if start + length <= len(der) else None


def _issuers(chain: Sequence[Certificate]) -> dict[int, int]:
    """Every certificate that signatures join to the leaf, with the one below it."""
    loaded = [_load(each) for each in chain]
    below: dict[int, int] = {}
    open_ends = [0]
    while open_ends:
        child = open_ends.pop(0)
        for index in range(1, len(loaded)):
            if index not in below and index != child and _issued(loaded[child], loaded[index]):
                below[index] = child
                open_ends.append(index)
    return below


def _load(certificate: Certificate) -> x509.Certificate | None:
    from cryptography import x509

    with warnings.catch_warnings():
        # What is odd about a certificate is for its issuer to hear, not for whoever runs a probe.
        warnings.simplefilter("ignore")
        try:
            return x509.load_der_x509_certificate(certificate.der)
        except (ValueError, x509.InvalidVersion):
            return None


def _issued(child: x509.Certificate | None, issuer: x509.Certificate | None) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    if child is None or issuer is None:
        return False
    try:
        child.verify_directly_issued_by(issuer)
        return issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        # RFC 6698 §2.1.1: a trust anchor may be without basicConstraints.
        return True
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.DuplicateExtension):
        return False


def _common_names(certificate: Certificate) -> tuple[str, ...]:
    from cryptography.x509.oid import NameOID

    loaded = _load(certificate)
    if loaded is None:
        return ()
    try:
        return tuple(str(each.value) for each in loaded.subject.get_attributes_for_oid(NameOID.COMMON_NAME))
    except ValueError:
        return ()
