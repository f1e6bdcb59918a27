"""A DNSBL zone as data: what it lists, what its answers mean, and how to tell that it is alive (RFC 5782)."""

from __future__ import annotations

import msgspec

from smtpprobe.model.words import Word


class ZoneKind(Word):
    """What being listed in a zone means."""

    BLOCK = "block"  # mail from the subject is better refused
    ALLOW = "allow"  # the subject is known to be good
    REPUTATION = "reputation"  # a measure, neither good nor bad by itself
    UNKNOWN = "unknown"


class ListedKind(Word):
    """What kind of thing a zone lists."""

    IP4 = "ip4"
    IP6 = "ip6"
    DOMAIN = "domain"
    EMAIL_HASH = "email-hash"  # of a mail address
    UNKNOWN = "unknown"


ADDRESSES = (ListedKind.IP4, ListedKind.IP6)


class ReturnCode(msgspec.Struct, frozen=True, kw_only=True):
    """What one answer of a zone means. `match` is four octets, each a number, a range `2-24` or `*`.

    `listed` is False for an answer that is good news or none: only a bad code of a block zone is a listing.
    `end_user`: the address is in a range whose owner, or the list, says that it sends no mail itself.
    """

    match: str
    meaning: str
    listed: bool = True
    end_user: bool = False


class ReturnBit(msgspec.Struct, frozen=True):
    """What one bit of the answer's last octet means (RFC 5782 §2.3)."""

    bit: int
    meaning: str


class RefusalCode(msgspec.Struct, frozen=True):
    """An answer that refuses the query and says nothing about the subject; `match` as in ReturnCode."""

    match: str
    reason: str


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """One DNSBL or DNSWL.

    `zone` is the name as it may be shown, `asked` the name that is asked where that holds a customer's key.
    `tier` 0 is a zone that is not in the catalogue.
    `test_listed` are subjects that the zone must list, empty for RFC 5782 §5's own; `test_unlisted` is False where
    127.0.0.1 may be listed; `test_required` says whether a missing test point means that the zone is empty.
    `lookup` and `removal` are pages, `{ip}` standing for the subject. `resolver_terms` is what a question without an
    answer most likely means here. `base_domains`: only registered domains are listed, never host names below them.
    """

    zone: str
    name: str
    kind: ZoneKind = ZoneKind.BLOCK
    tier: int = 0
    lists: tuple[ListedKind, ...] = (*ADDRESSES, ListedKind.DOMAIN)
    asked: str | None = None
    codes: tuple[ReturnCode, ...] = ()
    bits: tuple[ReturnBit, ...] = ()
    refusals: tuple[RefusalCode, ...] = ()
    test_listed: tuple[str, ...] = ()
    test_unlisted: bool = True
    test_required: bool = True
    base_domains: bool = False
    keyed: bool = False
    aliases: tuple[str, ...] = ()
    lookup: str | None = None
    removal: str | None = None
    terms: str | None = None
    resolver_terms: str | None = None
    note: str | None = None
    references: tuple[str, ...] = ()
    verified: str = ""
    reviewed: str = ""

    @property
    def suffix(self) -> str:
        """The name under which questions are asked."""
        return self.asked or self.zone

    @property
    def key(self) -> str | None:
        """The customer's key in the name that is asked, a secret; None where it holds none."""
        return self.asked.removesuffix(self.zone.removeprefix("{key}")) if self.asked else None

    @property
    def known(self) -> bool:
        """Whether the catalogue describes the zone."""
        return self.tier > 0


class DeadZone(msgspec.Struct, frozen=True, kw_only=True):
    """Zones that must never be asked, and why. `*.example.net` stands for the name and everything below it."""

    zones: tuple[str, ...]
    reason: str
    since: str | None = None
    references: tuple[str, ...] = ()


class UnaskableList(msgspec.Struct, frozen=True, kw_only=True):
    """A list that has no public zone but is named in replies: how its words look, and where to turn."""

    match: tuple[str, ...]
    name: str
    page: str
    references: tuple[str, ...] = ()
