"""What is wrong with a certificate by itself: the names that it carries, and its dates."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from smtpprobe.model.clock import days_until
from smtpprobe.model.names import ip_address, is_ip_address, wildcard_matches
from smtpprobe.model.texts.language import say, say_counted
from smtpprobe.model.transcript import TlsFault
from smtpprobe.net import x509

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_MAX_NAMES = 4  # of a certificate, that a message shows


class Problem(NamedTuple):
    """One reason why a certificate does not prove the name."""

    fault: TlsFault
    words: str


def matches_name(certificate: Certificate, name: str) -> bool:
    """Whether the certificate is for this name: subjectAltName only, a wildcard for one whole left-most label (RFC 9525 §6.3)."""
    wanted = name.lower().rstrip(".")
    presented, addresses = x509.alternatives(certificate)
    try:
        # RFC 9525 §6.4: an address is compared with addresses only.
        return str(ipaddress.ip_address(wanted)) in addresses
    except ValueError:
        return any(_is_presentable(each) and wildcard_matches(each, wanted) for each in presented)


def _is_presentable(name: str) -> bool:
    """Whether clients read the DNS name: without a trailing dot (RFC 5280 §4.2.1.6), and no wildcard for a whole top level."""
    return not name.endswith(".") and not (name.startswith("*.") and name.count(".") < 2)


def of_name(leaf: Certificate, name: str) -> Iterator[Problem]:
    """Why the certificate is not for this name; nothing if it is."""
    if matches_name(leaf, name):
        return
    if not x509.is_readable(leaf):
        words = say(
            "the extensions of {subject} cannot be read, so what it is for is unknown", subject=x509.subject(leaf)
        )
        yield Problem(TlsFault.CERTIFICATE_INVALID, words)
        return
    names, addresses = x509.alternatives(leaf)
    if is_ip_address(name) and ip_address(name) in {ip_address(each) for each in names if is_ip_address(each)}:
        words = say(
            "{name} is in the certificate as a DNS name: an address has to be an iPAddress entry (RFC 9525 §6.4)",
            name=name,
        )
        yield Problem(TlsFault.ADDRESS_AS_NAME, words)
        return
    if not names and not addresses:
        common = ", ".join(x509.common_names(leaf)[:_MAX_NAMES])
        words = (
            say(
                "the certificate has no DNS name in subjectAltName; its common name {common} is no longer "
                "read (RFC 9525 §6.3)",
                common=common,
            )
            if common
            else say("the certificate carries no name (RFC 9525 §6.3)")
        )
        yield Problem(TlsFault.NAME, words)
        return
    shown = ", ".join((*names, *addresses)[:_MAX_NAMES])
    yield Problem(TlsFault.NAME, say("the certificate is for {shown}, not for {name}", shown=shown, name=name))


def out_of_date(certificate: Certificate, now: datetime, *, leaf: bool = True) -> Problem | None:
    """That the certificate has expired or is not valid yet; None within its dates."""
    subject = (
        x509.subject(certificate)
        if leaf
        else say("the issuer's certificate {subject}", subject=x509.subject(certificate))
    )
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if end < now:
        days = -days_until(end, now)
        ago = say_counted("yesterday", "{count} days ago", days) if days else say("today")
        return Problem(
            TlsFault.EXPIRED,
            say("{subject} expired on {end}, {ago}", subject=subject, end=format(end, "%Y-%m-%d"), ago=ago),
        )
    if start > now:
        words = say("{subject} is not valid before {start} UTC", subject=subject, start=format(start, "%Y-%m-%d %H:%M"))
        return Problem(TlsFault.NOT_YET_VALID, words)
    return None
