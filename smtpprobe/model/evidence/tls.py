"""What MTA-STS, TLS reporting and DANE say of a mail host; `lookups` as in `evidence`."""

from __future__ import annotations

import msgspec

from smtpprobe.model.fetch import PolicyFetch
from smtpprobe.model.words import Word


class MtaStsStatus(Word):
    """How far the policy of a domain could be read (RFC 8461 §3)."""

    NONE = "none"  # the domain has no policy
    RECORD_INVALID = "record-invalid"  # the TXT record is malformed
    TEMPERROR = "temperror"  # DNS gave no answer
    POLICY_UNREACHABLE = "policy-unreachable"  # no policy file came
    POLICY_INVALID = "policy-invalid"  # the policy file is malformed
    FOUND = "found"
    UNKNOWN = "unknown"


class TlsrptStatus(Word):
    """Whether a domain asks for reports about TLS failures (RFC 8460 §3)."""

    NONE = "none"
    FOUND = "found"
    INVALID = "invalid"
    TEMPERROR = "temperror"  # DNS gave no answer
    UNKNOWN = "unknown"


class TlsaStatus(Word):
    """One TLSA record against the chain."""

    MATCH = "match"
    NO_MATCH = "no-match"
    UNUSABLE = "unusable"  # malformed, or of a kind that SMTP does not use (RFC 7672 §3.1)
    WEAKER = "weaker"  # a stronger digest stands beside it (RFC 7671 §9)
    NOT_COMPARED = "not-compared"  # the session shows no certificate
    UNKNOWN = "unknown"


class DaneStatus(Word):
    """What the TLSA records of a host come to (RFC 7672 §2.2)."""

    MATCH = "match"  # the certificate matches
    MISMATCH = "mismatch"  # none of the records matches it
    UNUSABLE = "unusable"  # no record can be used: TLS without authentication
    NONE = "none"  # no TLSA record
    NOT_SECURE = "not-secure"  # not authenticated by DNSSEC
    TEMPERROR = "temperror"  # DNS gave no answer
    NOT_COMPARED = "not-compared"  # the session shows no certificate
    UNKNOWN = "unknown"


class MtaStsMode(Word):
    """What a sender does with mail that it cannot send as the policy wants (RFC 8461 §5)."""

    ENFORCE = "enforce"  # not deliver it
    TESTING = "testing"  # deliver it and report
    NONE = "none"  # the domain has no policy any more
    UNKNOWN = "unknown"


class MtaStsPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy as far as it could be read (RFC 8461 §3.2). Fields that are missing or malformed are None."""

    version: str | None
    mode: MtaStsMode | None
    max_age_s: int | None
    mx: tuple[str, ...]  # patterns


class MtaStsEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="mta-sts", kw_only=True):
    """The MTA-STS policy of a domain, and whether a session satisfies it (RFC 8461 §4).

    `host` is the session's mail
    host, None where the session was with none of the domain's. `unlisted` are the MX hosts that no pattern matches.
    `satisfied` is None where there is no valid policy or no session to judge.
    """

    domain: str
    status: MtaStsStatus
    record: str | None = None
    policy_id: str | None = None
    fetch: PolicyFetch | None = None
    policy: MtaStsPolicy | None = None
    host: str | None = None
    mx_hosts: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    satisfied: bool | None = None
    problem: str | None = None
    notes: tuple[str, ...] = ()
    lookups: tuple[int, ...] = ()
    alias: str | None = None  # where CNAME leads from the record's name


class TlsrptEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="tlsrpt", kw_only=True):
    """Where a domain wants reports about TLS failures (RFC 8460 §3)."""

    domain: str
    status: TlsrptStatus
    record: str | None = None
    rua: tuple[str, ...] = ()
    problem: str | None = None
    lookups: tuple[int, ...] = ()
    alias: str | None = None  # where CNAME leads from the record's name


class TlsaRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One TLSA record against the chain that the session saw (RFC 6698 §2.1).

    `certificate` is the index in the chain of the one that matches.
    """

    text: str
    status: TlsaStatus
    usage: int | None = None
    selector: int | None = None
    matching_type: int | None = None
    certificate: int | None = None
    problem: str | None = None


class DaneEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="dane", kw_only=True):
    """TLSA records for a mail host and port, and whether the session's certificate matches (RFC 7672).

    `domain` is the next-hop domain whose MX names the host, None
    where the host was named itself. `base_domain` is where the TLSA records stand, without `_port._tcp`.
    `insecure_mx`: there are authenticated records, but the domain's MX records are not; senders may apply them.
    """

    host: str
    port: int
    status: DaneStatus
    domain: str | None = None
    base_domain: str | None = None
    records: tuple[TlsaRecord, ...] = ()
    insecure_mx: bool = False
    problem: str | None = None
    lookups: tuple[int, ...] = ()
    alias: str | None = None  # where CNAME leads from the TLSA records' name

    @property
    def binds(self) -> bool:
        """Whether senders that use DANE insist on TLS with this host (RFC 7672 §2.2)."""
        return self.status in (DaneStatus.MATCH, DaneStatus.MISMATCH, DaneStatus.UNUSABLE, DaneStatus.NOT_COMPARED)
