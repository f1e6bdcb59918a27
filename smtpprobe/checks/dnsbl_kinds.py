"""Which subjects a DNSBL lists, and which zone lists what another does not (RFC 5782 §2.1, §3)."""

from __future__ import annotations

from smtpprobe.catalogue import zones
from smtpprobe.mailauth.dns.registered_domain import is_public_suffix, registered_domain
from smtpprobe.mailauth.dnsbl.judge import subject_kind
from smtpprobe.model.known.dnsbl_zone import ADDRESSES, ListedKind, Zone
from smtpprobe.model.texts.language import mark, say

_WORDS = {
    ListedKind.IP4: mark("IPv4 addresses"),
    ListedKind.IP6: mark("IPv6 addresses"),
    ListedKind.DOMAIN: mark("domains"),
    ListedKind.EMAIL_HASH: mark("hashes of mail addresses"),
}
_OTHER_FAMILY = {
    ListedKind.IP4: mark("it lists {kinds}, and {subject} is an IPv4 address"),
    ListedKind.IP6: mark("it lists {kinds}, and {subject} is an IPv6 address"),
}


def why_not_listed(zone: Zone, subject: str) -> str | None:
    """Why a zone that the catalogue knows cannot list the subject; None where it may."""
    kind = subject_kind(subject)
    if not zone.known:
        return None
    if kind not in zone.lists:
        if kind is ListedKind.DOMAIN:
            words = mark("it lists {kinds}, and {subject} is a domain")
        else:
            # A list of one family is told of the family that it lacks.
            of_addresses = set(zone.lists) & set(ADDRESSES)
            words = _OTHER_FAMILY[kind] if of_addresses else mark("it lists {kinds}, and {subject} is an IP address")
        return say(words, kinds=_kinds(zone), subject=subject)
    if zone.base_domains and kind is ListedKind.DOMAIN and is_public_suffix(subject):
        return say(
            "it lists registered domains, and {subject} is a public suffix, below which they are registered",
            subject=subject,
        )
    return None


def zone_for(subject: str, other: Zone) -> str | None:
    """The zone that lists subjects of this kind: of the same provider where it has one, else the first of the catalogue."""
    kind = subject_kind(subject)
    if kind in other.lists:
        return None
    fit = [each for each in zones.unkeyed() if kind in each.lists and each.kind is other.kind]
    own = registered_domain(other.zone.removeprefix("{key}."))
    same = (each for each in fit if registered_domain(each.zone) == own)
    return next((each.zone for each in (*same, *fit)), None)


def _kinds(zone: Zone) -> str:
    if set(zone.lists) >= set(ADDRESSES):
        told = [
            say("IP addresses"),
            *(say(_WORDS[kind]) for kind in zone.lists if kind not in ADDRESSES and kind in _WORDS),
        ]
    else:
        told = [say(_WORDS[kind]) for kind in zone.lists if kind in _WORDS]
    return say("{first} and {second}", first=told[0], second=told[1]) if len(told) == 2 else ", ".join(told)
