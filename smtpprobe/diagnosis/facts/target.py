"""What the lookups of a target that leads to no address tell of each name: facts by which a remedy fits its fault."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from smtpprobe.mailauth.dns.final_dot import without_zone
from smtpprobe.mailauth.dns.mx_set import MxSet, mx_set
from smtpprobe.mailauth.dns.rewriting import rewriting_seen
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus
from smtpprobe.model.names import is_ip_address

_ADDRESS_TYPES = ("A", "AAAA")
_NO_HOSTS = MxSet((), has_null=False)


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A target's name, with the lookups of the run and what they say of its mail hosts.

    `by_mx`: it was asked for its MX records. `alias`: where CNAME leads from it, to nothing. `is_endless`: its aliases
    have no end.
    """

    host: str
    lookups: Sequence[DnsLookup]
    by_mx: bool
    mail_hosts: MxSet
    alias: str | None
    is_endless: bool

    @property
    def null_beside(self) -> str | None:
        """The name, where it has a null MX beside others (RFC 7505 §3)."""
        return self.host if self.mail_hosts.null_among_others else None

    def made_up(self, address: str) -> str | None:
        """The name that led to the address, where the resolver gives that to any name that does not exist."""
        if not rewriting_seen(self.lookups).made_up((address,)):
            return None
        names = (self.host, *self.mail_hosts.names)
        led = (name for name in names for each in _addresses_of(name, self.lookups) if address in each.records)
        return next(led, None)

    @property
    def unanswered(self) -> str | None:
        """The name to look up again: a mail host's where MX records are known; None where no other try changes anything."""
        for name in self.mail_hosts.names:
            asked = _addresses_of(name, self.lookups)
            if any(each.failed for each in asked) and not _is_endless(asked):
                return name
        return None if self.is_endless else self.host

    @property
    def faults(self) -> dict[str, str | None]:
        """The fault of the name, and of each kind the first mail host that has it, as facts."""
        known = {
            "host_alias": self.alias,
            "endless": self.host if self.is_endless else None,
            "null_beside": self.null_beside,
        }
        for name in self.mail_hosts.names:
            for fact, value in _of_mail_host(name, self.host, self.lookups).items():
                known[fact] = known.get(fact) or value
        return known


def target(host: str, lookups: Sequence[DnsLookup]) -> Target:
    """The target of this name, as the lookups of the run tell of it."""
    found = next((each for each in lookups if (each.type, each.name) == ("MX", host)), None)
    own = [each for each in (found, *_addresses_of(host, lookups)) if each]
    leads_on = any(each.status is DnsStatus.ANSWER for each in own)
    return Target(
        host=host,
        lookups=lookups,
        by_mx=found is not None,
        mail_hosts=mx_set(found) if found else _NO_HOSTS,
        alias=next((each.cname for each in own if each.cname and each.is_void and not leads_on), None),
        is_endless=_is_endless(own),
    )


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


def _addresses_of(name: str, lookups: Sequence[DnsLookup]) -> list[DnsLookup]:
    return [each for each in lookups if each.name == name and each.type in _ADDRESS_TYPES]


def _is_endless(asked: Sequence[DnsLookup]) -> bool:
    """Whether all that failed did so because the aliases have no end, which no other try changes."""
    failures = [each.status for each in asked if each.failed]
    return bool(failures) and all(status is DnsStatus.ALIAS_LOOP for status in failures)
