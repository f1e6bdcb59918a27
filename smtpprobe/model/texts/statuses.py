"""The words of evidence and of transcripts as they are said; a standard's own (pass, nxdomain) are never translated."""

from __future__ import annotations

from smtpprobe.model.texts.language import mark, say

_WORDS = {
    # DNSBL
    "listed": mark("listed"),
    "not-listed": mark("not listed"),
    "query-refused": mark("query refused"),
    "broken-zone": mark("broken zone"),
    "no-answer": mark("no answer"),
    "wrong-kind": mark("wrong kind"),
    # DKIM keys
    "usable": mark("usable"),
    "weak": mark("weak"),
    "revoked": mark("revoked"),
    "missing": mark("missing"),
    "broken": mark("broken"),
    # SPF terms
    "match": mark("match"),
    "no-match": mark("no match"),
    "not-reached": mark("not reached"),
    "ignored": mark("ignored"),
    "used": mark("used"),
    # MX records
    "address-literal": mark("address literal"),
    "no-address": mark("no address"),
    "private-address": mark("private address"),
    "final-dot": mark("final dot missing"),
    "made-up": mark("made up"),
    # MTA-STS, TLSRPT, TLSA records and DANE
    "record-invalid": mark("record invalid"),
    "policy-unreachable": mark("policy unreachable"),
    "policy-invalid": mark("policy invalid"),
    "invalid": mark("invalid"),
    "unusable": mark("unusable"),
    "weaker": mark("weaker"),
    "not-compared": mark("not compared"),
    # DNS
    "literal": mark("literal"),
    "not-a-name": mark("not a name"),
    "not-recorded": mark("not recorded"),
    "truncated": mark("truncated"),
    "unreachable": mark("unreachable"),
    "malformed": mark("malformed"),
    "referral": mark("referral"),
    "unproved": mark("not proved"),
    "no-recursion": mark("no recursion"),
    "alias-loop": mark("alias loop"),
    "other-rcode": mark("another error"),
    "unknown": mark("unknown"),
}


def status_words(status: str) -> str:
    """The word in the language in force: `broken zone` for broken-zone; as it is where the language keeps it."""
    return say(_WORDS.get(status, str(status)))


_BREAKAGES = {
    "closed-by-peer": mark("closed by peer"),
    "timed-out": mark("timed out"),
    "reset": mark("reset"),
    "tls-failed": mark("TLS failed"),
    "not-smtp": mark("not SMTP"),
    "too-much": mark("too much"),
    "deadline": mark("deadline"),
    "interrupted": mark("interrupted"),
    "connection-refused": mark("connection refused"),
    "unreachable": mark("unreachable"),
    "local-error": mark("it failed on this side"),
    "unknown": mark("unknown"),
}


def breakage_words(breakage: str) -> str:
    """How an exchange broke off, in the language in force: `closed by peer`."""
    return say(_BREAKAGES.get(breakage, str(breakage)))
