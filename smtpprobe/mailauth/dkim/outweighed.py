"""The signatures of a message that pass, and those beside them that do not (RFC 6376 §6.1: one valid one is enough)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from smtpprobe.mailauth.dns.registered_domain import registered_domain
from smtpprobe.model.evidence.dkim import DkimSignature
from smtpprobe.model.names import a_labels
from smtpprobe.model.words import AuthResult


def passing(signatures: Iterable[DkimSignature]) -> list[DkimSignature]:
    """Those of the signatures that pass."""
    return [signature for signature in signatures if signature.result is AuthResult.PASS]


def verified_records(signatures: Iterable[DkimSignature]) -> frozenset[str]:
    """The texts of key records with which signatures pass, where there are several at the selector."""
    return frozenset(each.key_record for each in passing(signatures) if each.key_record)


def weighed(signatures: Iterable[DkimSignature], authors: Iterable[str]) -> tuple[DkimSignature, ...]:
    """The signatures, those marked as outweighed beside which one passes that serves as well.

    That is one of the same registered domain, or of that of an author domain: DMARC asks for nothing more.
    """
    each = tuple(signatures)
    domains = {signature.domain for signature in passing(each) if signature.domain}
    if not domains or all(signature.result is AuthResult.PASS for signature in each):
        return each
    good = {registered_domain(a_labels(domain)) for domain in domains}
    is_authors = any(registered_domain(author) in good for author in authors)
    return tuple(
        msgspec.structs.replace(signature, outweighed=True)
        if signature.result is not AuthResult.PASS
        and (is_authors or registered_domain(a_labels(signature.domain or "")) in good)
        else signature
        for signature in each
    )
