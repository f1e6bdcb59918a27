"""The findings of the DMARC check about policy and alignment."""

from __future__ import annotations

from smtpprobe.checks.base import FindingSpec
from smtpprobe.model.report import Severity

NONE = FindingSpec(
    "dmarc-none",
    Severity.NOTICE,
    "The author domain has no DMARC record",
    "Anyone can use the domain in From; large receivers ask bulk senders for at least p=none.",
    'Publish TXT at _dmarc.DOMAIN: "v=DMARC1; p=none; rua=mailto:reports@DOMAIN", and tighten it later.',
    ("RFC 9989 §5.1",),
)
MULTIPLE_RECORDS = FindingSpec(
    "dmarc-multiple-records",
    Severity.WARNING,
    "There are several DMARC records at one name",
    "None of them counts: the domain is unprotected, or a record further up applies.",
    "Leave one record.",
    ("RFC 9989 §4.10",),
)
POLICY_NONE = FindingSpec(
    "dmarc-policy-none",
    Severity.INFO,
    "The DMARC policy asks for no action",
    "Mail that fails is delivered like any other; reports are all that the record brings.",
    "When the reports show that all genuine mail passes, go to p=quarantine, then p=reject.",
    ("RFC 9989 §5.1",),
)
FAIL = FindingSpec(
    "dmarc-fail",
    Severity.ERROR,
    "DMARC fails",
    "Neither SPF nor DKIM passes for a domain that is aligned with the author domain, so receivers apply its policy.",
    "Sign with DKIM as the author domain (d=), or use a reverse-path in that domain whose SPF record lists the client.",
    ("RFC 9989 §4.4", "RFC 7489 §6.6.2"),
)
RESTS_ON_DKIM = FindingSpec(
    "dmarc-rests-on-dkim",
    Severity.NOTICE,
    "SPF gives no aligned pass: DMARC rests on DKIM",
    "Only a DKIM signature of the author's domain can make such mail pass; no message was given, so that is unknown.",
    "Give a signed message with --message to see, or use a reverse-path in the author's domain that passes SPF.",
    ("RFC 9989 §4.4",),
)
RESTS_ON_SPF = FindingSpec(
    "dmarc-rests-on-spf",
    Severity.NOTICE,
    "DKIM gives no aligned pass: DMARC rests on SPF",
    "Only SPF for a reverse-path in the author's domain can make this message pass; the client IP is not known.",
    "Give the address that the server sees with --client-ip, or sign as the author's domain.",
    ("RFC 9989 §4.4",),
)
DIFFERS = FindingSpec(
    "dmarc-differs-rfc7489",
    Severity.INFO,
    "Receivers of the older standard come to another result",
    "RFC 9989 finds the organizational domain by a walk in DNS; RFC 7489 took it from the Public Suffix List, knew no "
    "np, psd and t, and sampled by pct. Many receivers still run the older one.",
    "Publish a record at the author domain itself with p, adkim and aspf written out, and no pct.",
    ("RFC 9989 §4.10", "RFC 7489 §3.2", "RFC 7489 §6.6.3"),
)
REPORTS_UNAUTHORIZED = FindingSpec(
    "dmarc-reports-unauthorized",
    Severity.WARNING,
    "A report destination has not agreed",
    "Reports to another organization are sent only if it publishes a DMARC record for this purpose.",
    'Have the destination publish TXT "v=DMARC1" at DOMAIN._report._dmarc.DESTINATION.',
    ("RFC 9990 §4", "RFC 7489 §7.1"),
)
NAMESERVERS_DIFFER = FindingSpec(
    "dmarc-nameservers-differ",
    Severity.WARNING,
    "The domain's name servers give different DMARC records",
    "Which policy applies depends on the name server that a receiver happens to ask.",
    "Bring the name servers named to the same version of the zone.",
    ("RFC 1034 §4.3.5",),
)
TEMPERROR = FindingSpec(
    "dmarc-temperror",
    Severity.WARNING,
    "DMARC could not be decided",
    "A question that the result rests on failed or timed out. Receivers that see the same answer defer the mail or let "
    "it pass.",
    "Look at the name servers of the domain; where only this resolver fails, use another (--resolver).",
    ("RFC 9989 §4.10.1",),
)
