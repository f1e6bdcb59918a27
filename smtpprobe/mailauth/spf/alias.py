"""A domain that is an alias: whose name its CNAME leads to, and so where an SPF record can be published."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from smtpprobe.mailauth.dns.registered_domain import registered_domain
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus


class End(StrEnum):
    """What a CNAME leads to."""

    OWN = "own"  # a name of the same registered domain
    ANOTHERS = "anothers"  # a name of another registered domain: its owner publishes there
    NOWHERE = "nowhere"  # a name that does not exist
    CIRCLE = "circle"  # back to itself, or further than is followed


class Alias(msgspec.Struct, frozen=True):
    """The end of a domain's CNAME; `target` is None where it is in a circle."""

    end: End
    target: str | None

    @property
    def publish_at(self) -> str | None:
        """The name that has the domain's TXT records, where its owner can publish them; None: at the domain itself.

        RFC 1034 §3.6.2: then the CNAME has to go first, since nothing else may stand beside it.
        """
        return self.target if self.end is End.OWN else None


def alias_of(found: DnsLookup) -> Alias | None:
    """What the lookup of a domain's TXT records says of it as an alias; None where it is none, or nobody knows."""
    if found.status is DnsStatus.ALIAS_LOOP:
        return Alias(End.CIRCLE, None)
    if found.cname is None or found.failed:
        return None
    target = found.cname.removesuffix(".").lower()
    if found.status is DnsStatus.NXDOMAIN:
        return Alias(End.NOWHERE, target)
    is_own = registered_domain(target) == registered_domain(found.name.removesuffix(".").lower())
    return Alias(End.OWN if is_own else End.ANOTHERS, target)
