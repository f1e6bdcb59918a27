"""What is wrong with the MX records that an `mx` term leads to, whichever address asks."""

from __future__ import annotations

from smtpprobe.mailauth.dns.final_dot import without_zone
from smtpprobe.mailauth.dns.mx_set import (
    both_families,
    final_dot_text,
    host_addresses,
    meant_host,
    mx_set,
    null_among_others_text,
    null_text,
)
from smtpprobe.mailauth.spf.limits import MAX_MX_HOSTS
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Resolver
from smtpprobe.model.texts.language import say


async def _without_hosts(
    resolver: Resolver, found: DnsLookup, domain: str
) -> tuple[list[tuple[str, str, str | None]], list[DnsLookup]]:
    """That a name has no MX records; of a host, for which `a` is the mechanism, that too."""
    is_known_why = found.cname is not None or found.status is DnsStatus.NXDOMAIN
    without = found.void_text(found.name) if is_known_why else say("{name} has no MX host", name=found.name)
    if found.name.lower() == domain.lower():
        return [("spf-no-address", without, None)], []
    asked = await both_families(resolver, found.name)
    is_host = bool(host_addresses(asked))
    meant = say("{without}, but an address: a:{name} is meant", without=without, name=found.name)
    return [("spf-no-address", meant if is_host else without, None)], asked


async def mx_faults(
    resolver: Resolver, found: DnsLookup, domain: str
) -> tuple[list[tuple[str, str, str | None]], list[DnsLookup]]:
    """The lint's id, what it says and the host that it is about, for each fault; and what was asked for it.

    `found` is an MX answer, or that there is none; `domain` has the term. Hosts without address are the walk's own business.
    """
    name, records = found.name, mx_set(found)
    if records.is_null:
        return [("spf-mx-null", null_text(name), None)], []
    if not records.hosts:
        return await _without_hosts(resolver, found, domain)
    stated: list[tuple[str, str, str | None]] = []
    asked: list[DnsLookup] = []
    if records.null_among_others:
        stated.append(("spf-mx-null-among-others", null_among_others_text(name, records.names), None))
    # RFC 7208 §4.6.4: with more hosts the record is a permerror, whatever they are called.
    hosts = records.names if len(records.names) <= MAX_MX_HOSTS else ()
    for host in hosts:
        if without_zone(host, name) is None:
            continue
        own = await both_families(resolver, host)
        meant, shown_by = await meant_host(resolver, host, name, host_addresses(own))
        asked += [*own, *shown_by]
        if meant is not None:
            stated.append(("spf-mx-final-dot-missing", final_dot_text(host, meant), host))
    return stated, asked
