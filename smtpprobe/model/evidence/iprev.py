"""Reverse DNS of the client IP, and the HELO name against it (RFC 8601 §3)."""

from __future__ import annotations

import msgspec

from smtpprobe.model.words import AuthResult, Word


class HeloStatus(Word):
    """How the address lookup of a HELO name came out; the words of `DnsStatus`, and one for names without a lookup."""

    ANSWER = "answer"
    NODATA = "nodata"
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    OTHER_RCODE = "other-rcode"
    TIMEOUT = "timeout"
    TRUNCATED = "truncated"
    UNREACHABLE = "unreachable"
    MALFORMED = "malformed"
    REFERRAL = "referral"
    NO_RECURSION = "no-recursion"
    ALIAS_LOOP = "alias-loop"
    NOT_RECORDED = "not-recorded"
    LITERAL = "literal"  # an address literal (RFC 5321 §4.1.3)
    NOT_A_NAME = "not-a-name"  # what can be no host name, and so is not looked up (RFC 5321 §4.1.2)
    UNKNOWN = "unknown"


class PtrFault(Word):
    """What a PTR name is that can be no mail host's."""

    ROOT = "root"  # the dot alone
    ADDRESS = "address"  # an address written as a name, forwards or backwards
    ZONE_NAME = "zone-name"  # the reverse zone's own name, or one in it
    SINGLE_LABEL = "single-label"
    NOT_A_HOST_NAME = "not-a-host-name"  # an underscore, a blank, an escape (RFC 1123 §2.1)
    UNKNOWN = "unknown"


class HeloName(msgspec.Struct, frozen=True, kw_only=True):
    """The HELO name against DNS. `status` of its address lookup; `matches_ip` whether it leads to the client IP."""

    name: str
    status: HeloStatus
    addresses: tuple[str, ...]
    matches_ip: bool | None
    matches_ptr: bool | None
    alias: str | None = None  # where CNAME leads from the name, even if to nothing
    unanswered: str | None = None  # why it is not known whether the name has an address


class IprevEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="iprev", kw_only=True):
    """Reverse DNS of the client IP (RFC 8601 §3). `confirmed` are the names whose addresses include it.

    `names` are in an order of their own, not that of the answer. `extended` are those that look as though the reverse
    zone were appended to them, each with the name that was meant; `made_up` those, the HELO name among them, that have
    the addresses which the resolver gives for names that do not exist. `alias` is where CNAME leads from the reverse name.
    `unfit` are names that can be no host's; `unanswered` why lookups failed that could not change the result.
    """

    client_ip: str
    result: AuthResult
    names: tuple[str, ...]
    confirmed: tuple[str, ...]
    problem: str | None
    generic: bool  # whether every name looks like an end-user's or a provider's default
    helo: HeloName | None
    lookups: tuple[int, ...]
    alias: str | None = None
    extended: dict[str, str] = {}
    made_up: tuple[str, ...] = ()
    unfit: dict[str, PtrFault] = {}
    aliases: dict[str, str] = {}  # where CNAME leads from a PTR name
    unanswered: tuple[str, ...] = ()
