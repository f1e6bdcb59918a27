"""What the checks found out, one type per kind; each carries the lookups it rests on.

`lookups` are indexes into the report's list, in the order in which the evaluation consumed them.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from smtpprobe.model.tls_evidence import DaneEvidence, MtaStsEvidence, TlsrptEvidence
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


class SpfLint(msgspec.Struct, frozen=True):
    """What is unwise or without effect in a published record; `id` is that of the finding that states it.

    `term` is the offending text and `position` the character of the record where it begins; None where it is no term's
    fault. `domain` has the record.
    """

    id: str
    domain: str
    message: str
    term: str | None = None
    position: int | None = None


class SpfEdit(msgspec.Struct, frozen=True):
    """The smallest change of a record that makes the client's address pass, evaluated again with the record in place.

    `record` is None where no change is advised: then `reason` says why, and what to do instead. `strings` are the
    record's strings as a master file has them, quoted, each at most 255 octets. `changes` say in words what was changed,
    `notes` what the change leaves as it is. `result` and the counts are those of the evaluation over the changed record;
    `lookups_needed` is what the whole record can cost an address that nothing in it matches.
    """

    domain: str
    record: str | None = None
    strings: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    result: AuthResult | None = None
    lookups_used: int = 0
    void_lookups_used: int = 0
    lookups_needed: int = 0
    reason: str | None = None


class SpfEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="spf"):
    """SPF for one client IP; the flat fields are the MAIL FROM identity's (postmaster@HELO for `<>`).

    `lookups_needed` is what the whole record can cost an address that nothing in it matches, None where it was not
    walked. `edit` is None where there is nothing to change.
    """

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
    lint: tuple[SpfLint, ...] = ()
    lookups_needed: int | None = None
    edit: SpfEdit | None = None


class NameServerAnswer(msgspec.Struct, frozen=True):
    """What one authoritative name server says of a name's TXT records. `status` is a DnsStatus."""

    server: str
    address: str
    name: str
    status: str
    records: tuple[str, ...] = ()
    cname: str | None = None
    lookup: int = -1


class NameServerAnswers(msgspec.Struct, frozen=True):
    """The answers of every authoritative name server for one name; `differ` where those that answered disagree.

    A name that is a CNAME elsewhere is followed, so that `answers` may hold several names. `problem` says why there
    are none, or which servers could not be asked.
    """

    name: str
    zone: str | None
    answers: tuple[NameServerAnswer, ...] = ()
    differ: bool = False
    problem: str | None = None
    lookups: tuple[int, ...] = ()


class DkimRestoration(msgspec.Struct, frozen=True):
    """A change that undoes a failure: with it the body hash, or the header signature, is right.

    `part`: body, header. `rewrite` is its kebab-case name, `statement` the sentence, `fields` the header fields
    concerned.
    """

    part: str
    rewrite: str
    statement: str
    fields: tuple[str, ...] = ()


class DkimSignature(msgspec.Struct, frozen=True):
    """One DKIM-Signature of a message and its verification (RFC 6376 §6.1).

    Of a failed one: `restored_by` the rewrites that make it right, `suspects` what else looks changed, and
    `signed_by_key` whether the private key of this record made the signature; None where that cannot be told.
    """

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
    restored_by: tuple[DkimRestoration, ...] = ()
    suspects: tuple[str, ...] = ()
    signed_by_key: bool | None = None


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
    servers: NameServerAnswers | None = None  # where every name server was asked


class DkimDomain(msgspec.Struct, frozen=True):
    """What was tried for one domain. `providers` are the services that MX and SPF show, where selectors were guessed.

    `unguessable` are those of them whose selectors cannot be guessed, with the reason.
    """

    domain: str
    tried: tuple[str, ...]
    guessed: bool
    has_domainkey_node: bool | None
    unanswered: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    unguessable: tuple[str, ...] = ()


class DkimEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="dkim"):
    """Key records by selector, and a message's signatures where one was given.

    `domains` has one element a domain; `domain` and `has_domainkey_node` are the first one's.
    """

    domain: str | None
    signatures: tuple[DkimSignature, ...]
    keys: tuple[DkimKey, ...]
    tried: tuple[str, ...]  # selectors asked for
    has_domainkey_node: bool | None  # whether _domainkey exists as an empty non-terminal (RFC 8020)
    lookups: tuple[int, ...]
    unanswered: tuple[str, ...] = ()  # those of them that no name server answered for
    domains: tuple[DkimDomain, ...] = ()


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
    servers: NameServerAnswers | None = None  # of the record, where every name server was asked


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
