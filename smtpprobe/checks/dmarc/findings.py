"""The findings of the DMARC check about policy and alignment."""

from __future__ import annotations

from smtpprobe.checks.base import FindingSpec
from smtpprobe.model.report import Severity

NONE = FindingSpec(
    id="dmarc-none",
    severity=Severity.NOTICE,
    title="The author domain has no DMARC record",
    why="Anyone can use the domain in From; large receivers ask bulk senders for at least p=none.",
    fix='Publish TXT at _dmarc.DOMAIN: "v=DMARC1; p=none; rua=mailto:reports@DOMAIN", and tighten it later.',
    references=("RFC 9989 §5.1",),
)
MULTIPLE_RECORDS = FindingSpec(
    id="dmarc-multiple-records",
    severity=Severity.WARNING,
    title="There are several DMARC records at one name",
    why="None of them counts: the domain is unprotected, or a record further up applies.",
    fix="Keep one record.",
    references=("RFC 9989 §4.10",),
)
POLICY_NONE = FindingSpec(
    id="dmarc-policy-none",
    severity=Severity.INFO,
    title="The DMARC policy asks for no action",
    why="Mail that fails is delivered like any other; reports are all that the record brings.",
    fix="When the reports show that all genuine mail passes, go to p=quarantine, then p=reject.",
    references=("RFC 9989 §5.1",),
    names_subject=True,
)
FAIL = FindingSpec(
    id="dmarc-fail",
    severity=Severity.ERROR,
    severity_otherwise="warning if the policy is none, which asks receivers to do nothing",
    title="DMARC fails",
    why="Neither SPF nor DKIM passes for a domain that is aligned with the author domain, so receivers apply its policy.",
    fix="Sign with DKIM as the author domain (d=), or use a reverse-path in that domain whose SPF record lists the client.",
    references=("RFC 9989 §4.4", "RFC 7489 §6.6.2"),
    names_subject=True,
)
RESTS_ON_DKIM = FindingSpec(
    id="dmarc-rests-on-dkim",
    severity=Severity.NOTICE,
    title="SPF gives no aligned pass: DMARC depends on DKIM",
    why="Only a DKIM signature of the author's domain can make such mail pass; no message was given, so that is unknown.",
    fix="Give a signed message to see, or use a reverse-path in the author's domain that passes SPF.",
    references=("RFC 9989 §4.4",),
    needs=("message",),
    names_subject=True,
)
RESTS_ON_SPF = FindingSpec(
    id="dmarc-rests-on-spf",
    severity=Severity.NOTICE,
    title="DKIM gives no aligned pass: DMARC depends on SPF",
    why="Only SPF for a reverse-path in the author's domain can make this message pass; the client IP is not known.",
    fix="Give the address that the server sees, or sign as the author's domain.",
    references=("RFC 9989 §4.4",),
    needs=("client_ip",),
    names_subject=True,
)
DIFFERS = FindingSpec(
    id="dmarc-differs-rfc7489",
    severity=Severity.INFO,
    title="Receivers of the older standard come to another result",
    why="RFC 9989 finds the organizational domain by a walk in DNS; RFC 7489 took it from the Public Suffix List, knew no "
    "np, psd and t, and sampled by pct. Many receivers still run the older one.",
    fix="Publish a record at the author domain itself with p, adkim and aspf written out, and no pct.",
    references=("RFC 9989 §4.10", "RFC 7489 §3.2", "RFC 7489 §6.6.3"),
)
REPORTS_UNAUTHORIZED = FindingSpec(
    id="dmarc-reports-unauthorized",
    severity=Severity.WARNING,
    title="A report destination has not agreed",
    why="Reports to another organization are sent only if it publishes a DMARC record for this purpose.",
    fix='Have the destination publish TXT "v=DMARC1" at DOMAIN._report._dmarc.DESTINATION.',
    references=("RFC 9990 §4", "RFC 7489 §7.1"),
)
NAMESERVERS_DIFFER = FindingSpec(
    id="dmarc-nameservers-differ",
    severity=Severity.WARNING,
    title="The domain's name servers give different DMARC records",
    why="Which policy applies depends on the name server that a receiver happens to ask.",
    fix="Bring the name servers named to the same version of the zone.",
    references=("RFC 1034 §4.3.5",),
)
TEMPERROR = FindingSpec(
    id="dmarc-temperror",
    severity=Severity.WARNING,
    title="DMARC could not be decided",
    why="A lookup that the result depends on failed or timed out. Receivers that see the same answer defer the mail or let "
    "it pass.",
    fix="Look at the name servers of the domain; if only this resolver fails, use another.",
    needs=("resolver",),
    references=("RFC 9989 §4.10.1",),
    names_subject=True,
)
