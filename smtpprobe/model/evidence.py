"""What the checks found out, one type per kind; each carries the lookups it rests on.

`lookups` are indexes into the report's list, in the order in which the evaluation consumed them.
"""

from __future__ import annotations

import msgspec

from smtpprobe.model.dkim_evidence import DkimEvidence
from smtpprobe.model.dmarc_evidence import DmarcEvidence
from smtpprobe.model.spf_evidence import SpfEvidence
from smtpprobe.model.tls_evidence import DaneEvidence, MtaStsEvidence, TlsrptEvidence
from smtpprobe.model.words import AuthResult, Word


class DnsblStatus(Word):
    LISTED = "listed"
    NOT_LISTED = "not-listed"
    QUERY_REFUSED = "query-refused"
    BROKEN_ZONE = "broken-zone"
    NO_ANSWER = "no-answer"
    UNKNOWN = "unknown"


class DnsblZone(msgspec.Struct, frozen=True):
    """One subject asked of one zone (RFC 5782). `codes` are the A records returned, `meanings` one for each of them.

    `reason` says why for query-refused, broken-zone and no-answer, and for not-listed what weakens it.
    `dead`: the zone is known to be dead and was not asked; its status is broken-zone.
    """

    zone: str
    name: str
    kind: str  # block, allow, reputation
    tier: int  # 1 causes rejections, 2 is scored, 3 is information; 0 for a zone that is not in the catalogue
    subject: str  # the IP address or domain asked about
    status: DnsblStatus
    codes: tuple[str, ...] = ()
    meanings: tuple[str, ...] = ()
    text: str | None = None
    url: str | None = None
    reason: str | None = None
    origin: str = "catalogue"  # catalogue, reply, option
    lookups: tuple[int, ...] = ()
    removal: str | None = None  # where to ask for removal, where that is another page than `url`
    dead: bool = False
    server: str | None = None  # the resolver that answered


class DnsblEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="dnsbl"):
    zones: tuple[DnsblZone, ...]
    lookups: tuple[int, ...]


class HeloName(msgspec.Struct, frozen=True):
    """The HELO name against DNS. `status` of its address lookup; `matches_ip` whether it leads to the client IP."""

    name: str
    status: str  # a DnsStatus, or literal
    addresses: tuple[str, ...]
    matches_ip: bool | None
    matches_ptr: bool | None


class IprevEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="iprev"):
    """Reverse DNS of the client IP (RFC 8601 §3). `confirmed` are the names whose addresses include it."""

    client_ip: str
    result: AuthResult
    names: tuple[str, ...]
    confirmed: tuple[str, ...]
    problem: str | None
    generic: bool  # whether every name looks like an end-user's or a provider's default
    helo: HeloName | None
    lookups: tuple[int, ...]


class MxHost(msgspec.Struct, frozen=True):
    preference: int
    name: str
    addresses: tuple[str, ...]
    problem: str | None = None  # cname, address-literal, no-address, private-address, temperror


class MxDomain(msgspec.Struct, frozen=True):
    """Where mail for a domain goes (RFC 5321 §5.1).

    `status`: mx, implicit (the address itself), null-mx (RFC 7505), nxdomain, nothing, temperror.
    """

    domain: str
    role: str  # reverse-path, forward-path
    status: str
    hosts: tuple[MxHost, ...]
    problem: str | None = None
    lookups: tuple[int, ...] = ()


class MxEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="mx"):
    domains: tuple[MxDomain, ...]
    lookups: tuple[int, ...]


class SessionEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="session"):
    """Evidence that lies in the transcript itself: the exchanges that show it, and the facts read from them."""

    exchanges: tuple[int, ...]
    facts: dict[str, str]
    lookups: tuple[int, ...] = ()


Evidence = (
    SpfEvidence
    | DkimEvidence
    | DmarcEvidence
    | DnsblEvidence
    | IprevEvidence
    | MxEvidence
    | SessionEvidence
    | MtaStsEvidence
    | TlsrptEvidence
    | DaneEvidence
)
