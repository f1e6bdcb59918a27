"""Names that a zone file extended because their final dot is missing: `mail.example.com.example.com` (RFC 1035 §5.1)."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from smtpprobe.mailauth.dns.registered_domain import is_registrable
from smtpprobe.model.dns.lookup import DnsLookup, Question, Resolver
from smtpprobe.model.names import is_domain
from smtpprobe.model.texts.language import say

REVERSE_ZONES = ("in-addr.arpa", "ip6.arpa")


def without_zone(name: str, owner: str) -> str | None:
    """The name that was meant by one in a record of `owner`, if it looks as though its zone were appended to it.

    None if it does not. Both are in lower case and without trailing dot. What is meant ends in the zone once more, or
    in a top-level domain; nothing is asked, so that a name that exists may look so, too.
    """
    for zone in _zones(owner):
        meant = name.removesuffix(f".{zone}")
        if meant == name or "." not in meant or not is_domain(meant):
            continue
        if zone.endswith(REVERSE_ZONES):
            # What is left may be a part of the address, whose labels are numbers, ranges of them or single digits.
            top = meant.rpartition(".")[2]
            if len(top) > 1 and top[0].isalpha():
                return meant
        elif meant.endswith(f".{zone}") or _is_registrable(meant):
            return meant
    return None


def final_dot_hint(found: DnsLookup) -> str:
    """What is to be added where an alias leads nowhere because its target lacks the final dot; else nothing."""
    meant = without_zone(found.cname, found.name) if found.cname and found.is_void else None
    return say(" ({meant} may have been meant, without its final dot in the zone file)", meant=meant) if meant else ""


async def extended_owner(resolver: Resolver, name: str, domain: str, is_record: Callable[[str], object]) -> DnsLookup:
    """The TXT lookup of a name with the domain's behind it once more, its records those of the kind that is meant.

    Where such a record is there, its owner's name lacks the final dot in the zone file.
    """
    found = await resolver.lookup(Question(f"{name}.{domain}", "TXT"))
    return msgspec.structs.replace(found, records=tuple(text for text in found.records if is_record(text)))


def _zones(owner: str) -> tuple[str, ...]:
    """The zones that the owner may lie in, the longest first; never a top-level domain."""
    labels = owner.split(".")
    return tuple(".".join(labels[start:]) for start in range(len(labels) - 1) if not labels[start].startswith("_"))


def _is_registrable(name: str) -> bool:
    """Whether the name lies below a public suffix that the list knows, or one for documentation and tests (RFC 2606 §2)."""
    return name.endswith((".example", ".test")) or is_registrable(name)
