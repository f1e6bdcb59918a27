"""What the checks found out, one type per kind; each carries the lookups it rests on.

`lookups` are indexes into the report's list, in the order in which the evaluation consumed them.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from smtpprobe.model.words import Word


class AuthResult(Word):
    """The result words of SPF, DKIM, DMARC and iprev (RFC 8601 §2.7)."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    POLICY = "policy"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"
    UNKNOWN = "unknown"


class SpfStep(msgspec.Struct, frozen=True):
    """One term of a record as it was evaluated; `children` are the terms of the record that it includes or redirects to.

    `lookups_used` and `void_lookups_used` are the running counts after the term (RFC 7208 §4.6.4), 0 where it was not
    reached. `decided` marks the term that decided, and under it the term of the included record that did.
    """

    domain: str
    term: str
    expanded: str | None = None
    result: str = ""  # match, no-match, not-reached, ignored, used (exp=), or a result word: of redirect=, of an error
    reason: str | None = None
    lookups_used: int = 0
    void_lookups_used: int = 0
    lookups: tuple[int, ...] = ()
    decided: bool = False
    children: tuple[SpfStep, ...] = ()


class SpfIdentity(msgspec.Struct, frozen=True):
    """check_host() for one identity (RFC 7208 §2.3, §2.4). `result` is None where it is not checkable.

    `mechanism` is the term that decided, `default` where none matched (RFC 7208 §9.1). `fault` names the commonest
    reasons of none, permerror and temperror: no-domain, no-record, multiple-records, syntax-error, too-many-lookups,
    too-many-void-lookups, too-many-mx, include-missing, redirect-missing, dns-failure.
    """

    domain: str | None
    sender: str | None
    result: AuthResult | None
    mechanism: str | None = None
    problem: str | None = None  # why, for none, temperror and permerror; or why not checkable
    fault: str | None = None
    explanation: str | None = None  # exp=, expanded
    record: str | None = None
    lookups_used: int = 0
    void_lookups_used: int = 0
    trace: tuple[SpfStep, ...] = ()
    lookups: tuple[int, ...] = ()


class SpfIdentities(msgspec.Struct, frozen=True):
    helo: SpfIdentity
    mailfrom: SpfIdentity


class SpfEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="spf"):
    """SPF for one client IP; the flat fields are the MAIL FROM identity's (postmaster@HELO for `<>`)."""

    client_ip: str
    result: AuthResult
    identities: SpfIdentities
    mechanism: str | None
    explanation: str | None
    record: str | None
    problem: str | None
    lookups_used: int
    void_lookups_used: int
    trace: tuple[SpfStep, ...]
    lookups: tuple[int, ...]


class DkimSignature(msgspec.Struct, frozen=True):
    """One DKIM-Signature of a message and its verification (RFC 6376 §6.1)."""

    domain: str | None
    selector: str | None
    result: AuthResult
    reason: str | None
    algorithm: str | None = None
    key_bits: int | None = None
    identity: str | None = None
    signed_at: datetime | None = None
    expires_at: datetime | None = None
    body_hash_ok: bool | None = None
    signature_ok: bool | None = None
    headers: tuple[str, ...] = ()
    lookups: tuple[int, ...] = ()
    canonicalization: str | None = None  # header/body
    body_length: int | None = None  # l=
    unsigned_octets: int | None = None  # of the canonical body, beyond l=
    testing: bool = False  # the key has t=y


class DkimKey(msgspec.Struct, frozen=True):
    """The key record at one selector, as it would serve a verifier (RFC 6376 §3.6.1).

    `status`: usable, weak, revoked, missing, broken, temperror. `origin`: given, message, guessed.
    `notes` are what verifiers differ about; `records` counts the key records at the name.
    """

    selector: str
    domain: str
    status: str
    origin: str
    record: str | None = None
    key_type: str | None = None
    key_bits: int | None = None
    hashes: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    problem: str | None = None
    lookups: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    records: int = 0


class DkimEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="dkim"):
    """Key records by selector, and a message's signatures where one was given."""

    domain: str | None
    signatures: tuple[DkimSignature, ...]
    keys: tuple[DkimKey, ...]
    tried: tuple[str, ...]  # selectors asked for
    has_domainkey_node: bool | None  # whether _domainkey exists as an empty non-terminal (RFC 8020)
    lookups: tuple[int, ...]
    unanswered: tuple[str, ...] = ()  # those of them that no name server answered for


class DmarcQuery(msgspec.Struct, frozen=True):
    """One step of a tree walk (RFC 9989 §4.10)."""

    name: str
    status: str
    record: str | None  # None also where several stand there
    lookup: int
    records: int = 0  # how many DMARC records


class DmarcAligned(msgspec.Struct, frozen=True):
    """One authenticated identifier beside the author domain (RFC 9989 §4.4)."""

    mechanism: str  # spf, dkim
    domain: str
    result: str
    organizational_domain: str | None
    mode: str  # r, s
    aligned: bool


class DmarcRfc7489(msgspec.Struct, frozen=True):
    """What a receiver of the older standard concludes, where it differs."""

    organizational_domain: str | None
    record_domain: str | None
    policy: str | None
    result: str | None
    pct: int | None
    differs: tuple[str, ...]


class DmarcReportDestination(msgspec.Struct, frozen=True):
    """Where the record asks reports to be sent. `external`: in another organization, which must agree (RFC 9990 §4).

    `accepted` is None where DNS gave no answer.
    """

    uri: str
    domain: str | None
    external: bool
    accepted: bool | None
    problem: str | None = None
    lookups: tuple[int, ...] = ()


class DmarcEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="dmarc"):
    """The record that applies to an author domain, and alignment where results are known."""

    author_domain: str
    result: AuthResult
    policy: str | None  # none, quarantine, reject: what applies to a failing message
    record: str | None
    record_domain: str | None
    organizational_domain: str | None
    author_domain_exists: bool | None
    queries: tuple[DmarcQuery, ...]
    alignment: tuple[DmarcAligned, ...]
    tags: dict[str, str]
    problem: str | None
    rfc7489: DmarcRfc7489 | None
    lookups: tuple[int, ...]
    report_destinations: tuple[DmarcReportDestination, ...] = ()
    author_domain_source: str = "given"  # message (its From field), reverse-path (assumed), given


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


Evidence = SpfEvidence | DkimEvidence | DmarcEvidence | DnsblEvidence | IprevEvidence | MxEvidence | SessionEvidence
