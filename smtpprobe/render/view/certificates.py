"""A server's certificates in words: the leaf on one line, or the whole chain with everything."""

from __future__ import annotations

from datetime import datetime

from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.transcript import Certificate, TlsSession

_MAX_NAMES = 4
_FEW_NAMES = 1
_DIGITS = 8  # of a digest that is only to be told from others
_BRIEF = mark("certificate for {names}; {issuer}; {start} to {end}, {left}; {key}")
_SHORT = mark("for {names}; {issuer}; {start} to {end}; {key}; SHA-256 {sha256}, key {spki_sha256}")
_FULL = mark(
    "certificate {number}: {subject}; names {names}; {issuer}; {start} to {end}, {left}; {key}, signed with "
    "{signature}; serial {serial}; SHA-256 {sha256}; SHA-256 of the key {spki_sha256}"
)


def certificate_lines(tls: TlsSession, at: datetime, verbosity: int) -> tuple[str, ...]:
    """The leaf on one line; above verbosity 0 one for each certificate that was sent, in full."""
    if verbosity > 0:
        return tuple(_said(_FULL, each, at, number, every_name=True) for number, each in enumerate(tls.chain))
    return tuple(_said(_BRIEF, each, at) for each in tls.chain[:1]) if verbosity == 0 else ()


def certificate_briefly(tls: TlsSession) -> str | None:
    """What tells the leaf from others: names, issuer, dates, key, the beginnings of the digests; None without a chain."""
    if not tls.chain:
        return None
    leaf = tls.chain[0]
    names = ", ".join(leaf.names[:_FEW_NAMES]) + (" …" if len(leaf.names) > _FEW_NAMES else "")
    return say(
        _SHORT,
        names=names or leaf.subject or say(mark("no name")),
        issuer=_issuer(leaf, mark("by {issuer}")),
        start=format(leaf.not_before, "%Y-%m-%d"),
        end=format(leaf.not_after, "%Y-%m-%d"),
        key=leaf.key,
        sha256=f"{leaf.sha256[:_DIGITS]}…",
        spki_sha256=f"{leaf.spki_sha256[:_DIGITS]}…",
    )


def _said(text: str, certificate: Certificate, at: datetime, number: int = 0, *, every_name: bool = False) -> str:
    shown = certificate.names if every_name else certificate.names[:_MAX_NAMES]
    names = ", ".join(shown) + (" …" if len(shown) < len(certificate.names) else "")
    return say(
        text,
        number=number,
        subject=certificate.subject,
        names=names or certificate.subject or say(mark("no name")),
        issuer=_issuer(certificate, mark("issuer {issuer}")),
        start=format(certificate.not_before, "%Y-%m-%d"),
        end=format(certificate.not_after, "%Y-%m-%d"),
        left=_validity(certificate, at),
        key=certificate.key,
        signature=certificate.signature,
        serial=certificate.serial,
        sha256=certificate.sha256,
        spki_sha256=certificate.spki_sha256,
    )


def _issuer(certificate: Certificate, text: str) -> str:
    return say("self-signed") if certificate.self_signed else say(text, issuer=certificate.issuer)


def _validity(certificate: Certificate, at: datetime) -> str:
    if certificate.not_before > at:
        return say("not valid yet")
    return say("expired") if certificate.not_after < at else _left(certificate.left(at))


def _left(days: int) -> str:
    if days <= 0:
        return say("expires today")
    return say_counted("{count} day left", "{count} days left", days)
