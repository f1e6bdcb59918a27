"""What the lookups of a target that leads to no address tell of each name: facts by which a remedy fits its fault."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.mailauth.dns.final_dot import without_zone
from smtpprobe.mailauth.dns.mx_set import mx_set
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus
from smtpprobe.model.names import is_ip_address

_ADDRESS_TYPES = ("A", "AAAA")


def mx_lookup(host: str, lookups: Sequence[DnsLookup]) -> DnsLookup | None:
    """The lookup of the target's MX records; None where it was not asked for them."""
    return next((each for each in lookups if (each.type, each.name) == ("MX", host)), None)


def null_beside(host: str, lookups: Sequence[DnsLookup]) -> bool:
    """Whether the target's domain has a null MX beside others (RFC 7505 §3)."""
    found = mx_lookup(host, lookups)
    return found is not None and mx_set(found).null_among_others


def of_target(host: str, lookups: Sequence[DnsLookup]) -> dict[str, str | None]:
    """The fault of the name that was asked for, and of each kind the first mail host that has it."""
    found = mx_lookup(host, lookups)
    own = [each for each in (found, *_addresses_of(host, lookups)) if each]
    leads_on = any(each.status is DnsStatus.ANSWER for each in own)
    known: dict[str, str | None] = {
        "host_alias": next((each.cname for each in own if each.cname and each.is_void and not leads_on), None),
        "host_endless": host if _is_endless(own) else None,
        "endless": host if _is_endless(own) else None,
        "null_beside": host if null_beside(host, lookups) else None,
    }
    for name in mx_set(found).names if found else ():
        for fact, value in _of_mail_host(name, host, lookups).items():
            known[fact] = known.get(fact) or value
    return known


def _of_mail_host(name: str, domain: str, lookups: Sequence[DnsLookup]) -> dict[str, str]:
    """What is wrong with one mail host, by which it can be mended."""
    asked = _addresses_of(name, lookups)
    if is_ip_address(name):
        return {"mail_host_address": name}
    meant = without_zone(name, domain)
    if meant and any(each.status is DnsStatus.ANSWER for each in _addresses_of(meant, lookups)):
        return {"mail_host_meant": meant}
    if _is_endless(asked):
        return {"endless": name}
    if any(each.failed for each in asked):
        return {}
    alias = next((each.cname for each in asked if each.cname), None)
    return {"mail_host_alias": name, "mail_host_target": alias} if alias else {"mail_host": name}


def unanswered(host: str, lookups: Sequence[DnsLookup]) -> str:
    """The name whose lookup failed: a mail host where the target's own MX records are known."""
    found = mx_lookup(host, lookups)
    hosts = mx_set(found).names if found else ()
    failed = (name for name in hosts if any(each.failed for each in _addresses_of(name, lookups)))
    return next((name for name in failed if not _is_endless(_addresses_of(name, lookups))), host)


def _addresses_of(name: str, lookups: Sequence[DnsLookup]) -> list[DnsLookup]:
    return [each for each in lookups if each.name == name and each.type in _ADDRESS_TYPES]


def _is_endless(asked: Sequence[DnsLookup]) -> bool:
    """Whether all that failed did so because the aliases have no end, which no other try changes."""
    failures = [each.status for each in asked if each.failed]
    return bool(failures) and all(status is DnsStatus.ALIAS_LOOP for status in failures)
