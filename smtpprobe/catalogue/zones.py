"""The DNSBL zones of `data/dnsbl_zones.toml` as values: which there are, which are dead, which resolvers are public."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from smtpprobe.catalogue import load
from smtpprobe.model.known.dnsbl_zone import ADDRESSES, DeadZone, ListedKind, UnaskableList, Zone, ZoneKind
from smtpprobe.model.names import is_at_or_below
from smtpprobe.model.texts.language import say

_KEY = "{key}."
_LOOKS_LIKE_KEY = re.compile(r"(?=[a-z]*\d)[a-z\d]{20,}\Z|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\Z")
_BEFORE_A_LIST = re.compile(
    r"(?<![\w-])(?:[^\W_]{20,63}|[\dA-Fa-f]{8}(?:-[\dA-Fa-f]{4,12}){4})(?=\.([\w-]{1,63}\.[\w.-]{1,40}))"
)
_DOMAIN_LISTS = ("dbl", "rhs", "rhsbl", "rhsbls", "uribl", "surbl", "dblack", "domain", "domains")
_ALLOW_LISTS = ("wl", "dnswl", "whitelist", "white", "allowlist", "allow")


class _PublicResolver(msgspec.Struct, frozen=True):
    name: str
    addresses: tuple[str, ...]


class _Table(msgspec.Struct, frozen=True, kw_only=True):
    reviewed: str
    keyed_suffixes: tuple[str, ...]
    zone: tuple[Zone, ...]
    unaskable: tuple[UnaskableList, ...]
    dead: tuple[DeadZone, ...]
    public_resolver: tuple[_PublicResolver, ...]


@lru_cache(maxsize=1)
def _table() -> _Table:
    return msgspec.convert(load.table("dnsbl_zones"), _Table)


@lru_cache(maxsize=1)
def zones() -> tuple[Zone, ...]:
    """Every zone that may be asked, in the file's order: tier 1 first."""
    table = _table()
    return tuple(msgspec.structs.replace(entry, reviewed=entry.reviewed or table.reviewed) for entry in table.zone)


def unkeyed(*tiers: int) -> tuple[Zone, ...]:
    """The zones of these tiers that anyone may ask about an IP address or a domain; all tiers where none is given."""
    return tuple(
        entry
        for entry in zones()
        if not entry.keyed and entry.lists != (ListedKind.EMAIL_HASH,) and (not tiers or entry.tier in tiers)
    )


@lru_cache(maxsize=1)
def end_user_zone() -> Zone:
    """The zone that is asked whether an address is in an end-user range: the first that anyone may ask."""
    return next(entry for entry in unkeyed(1) if any(code.end_user for code in entry.codes))


def zone(name: str) -> Zone:
    """The zone of that name: the catalogue's, or what can be said of one that it does not know (tier 0).

    A customer's key in the name is asked but never shown: `zone` then holds `{key}` in its place. Where the key is in
    an unknown zone's name, what it lists, and whether it is an allow list, is guessed from the labels.
    """
    wanted = name.strip().rstrip(".").lower()
    for entry in zones():
        for pattern in (entry.zone, *entry.aliases):
            if wanted == pattern:
                return msgspec.structs.replace(entry, zone=wanted)
            if pattern.startswith(_KEY) and wanted.endswith(pattern.removeprefix(_KEY.rstrip("."))):
                return msgspec.structs.replace(entry, zone=pattern, asked=wanted, keyed=True)
    labels = wanted.split(".")
    own = labels[_key_labels(labels) :]
    keyed = len(own) < len(labels)
    shown = _KEY + ".".join(own) if keyed else wanted
    labels = own[:2]
    domains = any(label in _DOMAIN_LISTS for label in labels)
    return Zone(
        zone=shown,
        name=shown,
        asked=wanted if keyed else None,
        keyed=keyed,
        kind=ZoneKind.ALLOW if any(label in _ALLOW_LISTS for label in labels) else ZoneKind.BLOCK,
        lists=(ListedKind.DOMAIN,) if domains else (*ADDRESSES, ListedKind.DOMAIN),
    )


def keyed_zones(text: str) -> list[str]:
    """The zones of providers that give out keys which a text names with somebody's key, such as a server's own.

    An address before the key is none of it, and a word that is shorter than any key stays: a server may name
    whatever it wants to have hidden.
    """
    found = []
    for match in _BEFORE_A_LIST.finditer(text):
        name, _, rest = match[1].lower().partition(".")
        suffix = next((each for each in _table().keyed_suffixes if f"{rest}.".startswith(f"{each}.")), None)
        if suffix is not None:
            found.append(f"{match[0].lower()}.{name}.{suffix}")
    return found


def _key_labels(labels: list[str]) -> int:
    """How many labels of an unknown zone's name a customer's key takes: up to the list's own, or to the last that looks so."""
    name = ".".join(labels)
    keyed = next((each for each in _table().keyed_suffixes if name.endswith("." + each)), None)
    before = len(labels) - len(keyed.split(".")) - 1 if keyed else 0
    return max([before, *(at for at, label in enumerate(labels[:-1], 1) if _LOOKS_LIKE_KEY.match(label))])


def dead_reason(name: str) -> str | None:
    """Why the zone must not be asked; None where it may be."""
    wanted = name.strip().rstrip(".").lower()
    for entry in _table().dead:
        for pattern in entry.zones:
            apex = pattern.removeprefix("*.")
            if wanted == apex or (apex != pattern and is_at_or_below(wanted, apex)):
                return (
                    say("{reason} (since {date})", reason=say(entry.reason), date=entry.since)
                    if entry.since
                    else say(entry.reason)
                )
    return None


def unaskable(text: str) -> UnaskableList | None:
    """The list without a public zone that the text names; None where it names none."""
    folded = text.lower()
    for entry in _table().unaskable:
        if any(word.lower() in folded for word in entry.match):
            return entry
    return None


def public_resolver(server: str | None) -> str | None:
    """Who runs the public resolver at `IP`, `IP:PORT` or `[v6]:PORT`; None where it is not known as a public one."""
    if not server:
        return None
    address = server[1:].partition("]")[0] if server.startswith("[") else server
    if address.count(":") == 1:
        address = address.partition(":")[0]
    for entry in _table().public_resolver:
        if address in entry.addresses:
            return entry.name
    return None
