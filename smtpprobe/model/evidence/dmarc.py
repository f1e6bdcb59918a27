"""What DMARC found out: the record that applies, the walk to it, and who aligns (RFC 9989)."""

from __future__ import annotations

import msgspec

from smtpprobe.model.evidence.dkim import NameServerAnswers
from smtpprobe.model.lookup import DnsStatus
from smtpprobe.model.words import AuthResult


class DmarcQuery(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a tree walk (RFC 9989 §4.10)."""

    name: str
    status: DnsStatus
    record: str | None  # None also where several stand there
    lookup: int
    records: int = 0  # how many DMARC records


class DmarcAligned(msgspec.Struct, frozen=True, kw_only=True):
    """One authenticated identifier beside the author domain (RFC 9989 §4.4)."""

    mechanism: str  # spf, dkim
    domain: str
    result: str
    organizational_domain: str | None
    mode: str  # r, s
    aligned: bool


class DmarcRfc7489(msgspec.Struct, frozen=True, kw_only=True):
    """What a receiver of the older standard concludes, where it differs."""

    organizational_domain: str | None
    record_domain: str | None
    policy: str | None
    result: str | None
    pct: int | None
    differs: tuple[str, ...]


class DmarcReportDestination(msgspec.Struct, frozen=True, kw_only=True):
    """Where the record asks reports to be sent. `external`: in another organization, which must agree (RFC 9990 §4).

    `accepted` is None where DNS gave no answer.
    """

    uri: str
    domain: str | None
    external: bool
    accepted: bool | None
    problem: str | None = None
    lookups: tuple[int, ...] = ()


class DmarcEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="dmarc", kw_only=True):
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
