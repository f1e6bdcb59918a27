"""Customer keys of DNSBL zones out of what is reported: a key is part of the zone's name, and a secret."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from smtpprobe.catalogue import zones
from smtpprobe.model.lookup import DnsLookup
from smtpprobe.model.request import Request


def shown_zones(names: Iterable[str]) -> tuple[str, ...]:
    """The zone names as they may be shown: `{key}` in place of a customer's key."""
    return tuple(name if name == "all" else zones.zone(name).zone for name in names)


def without_keys(lookups: Sequence[DnsLookup], names: Iterable[str]) -> tuple[DnsLookup, ...]:
    """The lookups, with the keys of these zones hidden in the names that were asked."""
    keyed = [(name, shown) for name in names if (shown := shown_zones([name])[0]) != name]
    if not keyed:
        return tuple(lookups)
    return tuple(_hidden(lookup, keyed) for lookup in lookups)


def _hidden(lookup: DnsLookup, keyed: Sequence[tuple[str, str]]) -> DnsLookup:
    for name, shown in keyed:
        if lookup.name.endswith(name):
            hidden = lookup.name.removesuffix(name) + shown
            detail = lookup.detail.replace(name, shown) if lookup.detail else None
            return msgspec.structs.replace(lookup, name=hidden, detail=detail)
    return lookup


def public(request: Request) -> Request:
    """The request as it may be saved."""
    return msgspec.structs.replace(
        request, dnsbl_zones=shown_zones(request.dnsbl_zones), only_dnsbl=shown_zones(request.only_dnsbl)
    )
