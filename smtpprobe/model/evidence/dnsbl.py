"""What DNSBLs answered (RFC 5782)."""

from __future__ import annotations

import msgspec

from smtpprobe.model.known.dnsbl_zone import ZoneKind
from smtpprobe.model.words import Word


class DnsblStatus(Word):
    LISTED = "listed"
    NOT_LISTED = "not-listed"
    QUERY_REFUSED = "query-refused"
    BROKEN_ZONE = "broken-zone"
    NO_ANSWER = "no-answer"
    UNPROVED = "unproved"  # no entry, and no test entry that shows an absence to mean anything (RFC 5782 §5)
    WRONG_KIND = "wrong-kind"  # the zone lists other things than the subject, and was not asked
    UNKNOWN = "unknown"


class ZoneOrigin(Word):
    """Why a zone was asked."""

    CATALOGUE = "catalogue"  # receivers ask it
    REPLY = "reply"  # the reply names it
    OPTION = "option"  # the caller does
    UNKNOWN = "unknown"


class DnsblZone(msgspec.Struct, frozen=True, kw_only=True):
    """One subject asked of one zone (RFC 5782). `codes` are the A records returned, `meanings` one for each of them.

    `reason` says why for query-refused, broken-zone, no-answer, unproved and wrong-kind; for listed what is not known.
    `only_listed`: all that its codes are known to say is that the subject is listed; `meanings` then say the same.
    `instead` is a zone that lists such subjects, where the status is wrong-kind and the catalogue knows one.
    `test_failed`: the status is unproved because the lookup of the test entry failed; else the entry is missing.
    `dead`: the zone is known to be dead and was not asked; its status is broken-zone.
    """

    zone: str
    name: str
    kind: ZoneKind
    tier: int  # 1 causes rejections, 2 is scored, 3 is information; 0 for a zone that is not in the catalogue
    subject: str  # the IP address or domain asked about
    status: DnsblStatus
    codes: tuple[str, ...] = ()
    meanings: tuple[str, ...] = ()
    only_listed: bool = False
    text: str | None = None
    url: str | None = None
    reason: str | None = None
    origin: ZoneOrigin = ZoneOrigin.CATALOGUE
    lookups: tuple[int, ...] = ()
    removal: str | None = None  # where to ask for removal, where that is another page than `url`
    dead: bool = False
    server: str | None = None  # the resolver that answered
    instead: str | None = None
    test_failed: bool = False
    alias: str | None = None  # where CNAME leads from the name that was asked


class DnsblEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="dnsbl"):
    zones: tuple[DnsblZone, ...]
    lookups: tuple[int, ...]
