"""The findings of the DMARC check about policy and alignment."""

from __future__ import annotations

from smtpprobe.checks.base import FindingSpec
from smtpprobe.model.report import Severity
from smtpprobe.model.texts.language import mark

NONE = FindingSpec(
    id="dmarc-none",
    severity=Severity.NOTICE,
    title=mark("The author domain has no DMARC record"),
    why=mark("Anyone can use the domain in From; large receivers ask bulk senders for at least p=none."),
    fix=mark('Publish TXT at _dmarc.DOMAIN: "v=DMARC1; p=none; rua=mailto:reports@DOMAIN", and tighten it later.'),
    references=("RFC 9989 §5.1",),
)
MULTIPLE_RECORDS = FindingSpec(
    id="dmarc-multiple-records",
    severity=Severity.WARNING,
    title=mark("There are several DMARC records at one name"),
    why=mark("None of them counts: the domain is unprotected, or a record further up applies."),
    fix=mark("Keep one record."),
    references=("RFC 9989 §4.10",),
)
POLICY_NONE = FindingSpec(
    id="dmarc-policy-none",
    severity=Severity.INFO,
    title=mark("The DMARC policy asks for no action"),
    why=mark("Mail that fails is delivered like any other; reports are all that the record brings."),
    fix=mark("When the reports show that all genuine mail passes, go to p=quarantine, then p=reject."),
    references=("RFC 9989 §5.1",),
    names_subject=True,
)
FAIL = FindingSpec(
    id="dmarc-fail",
    severity=Severity.ERROR,
    severity_otherwise=mark("warning if the policy is none, which asks receivers to do nothing"),
    title=mark("DMARC fails"),
    why=mark(
        "Neither SPF nor DKIM passes for a domain that is aligned with the author domain, so "
        "receivers apply its policy."
    ),
    fix=mark(
        "Sign with DKIM as the author domain (d=), or use a reverse-path in that domain whose SPF "
        "record lists the client."
    ),
    references=("RFC 9989 §4.4", "RFC 7489 §6.6.2"),
    names_subject=True,
)
RESTS_ON_DKIM = FindingSpec(
    id="dmarc-rests-on-dkim",
    severity=Severity.NOTICE,
    title=mark("SPF gives no aligned pass: DMARC depends on DKIM"),
    why=mark(
        "Only a DKIM signature of the author's domain can make such mail pass; no message was given, "
        "so that is unknown."
    ),
    fix=mark("Give a signed message to see, or use a reverse-path in the author's domain that passes SPF."),
    references=("RFC 9989 §4.4",),
    needs=("message_to_judge",),
    names_subject=True,
)
RESTS_ON_SPF = FindingSpec(
    id="dmarc-rests-on-spf",
    severity=Severity.NOTICE,
    title=mark("DKIM gives no aligned pass: DMARC depends on SPF"),
    why=mark(
        "Only SPF for a reverse-path in the author's domain can make this message pass; the client IP is not known."
    ),
    fix=mark("Give the address that the server sees, or sign as the author's domain."),
    references=("RFC 9989 §4.4",),
    needs=("client_ip",),
    names_subject=True,
)
DIFFERS = FindingSpec(
    id="dmarc-differs-rfc7489",
    severity=Severity.INFO,
    title=mark("Receivers of the older standard come to another result"),
    why=mark(
        "RFC 9989 finds the organizational domain by a walk in DNS; RFC 7489 took it from the Public "
        "Suffix List, knew no np, psd and t, and sampled by pct. Many receivers still run the older "
        "one."
    ),
    fix=mark("Publish a record at the author domain itself with p, adkim and aspf written out, and no pct."),
    references=("RFC 9989 §4.10", "RFC 7489 §3.2", "RFC 7489 §6.6.3"),
)
REPORTS_UNAUTHORIZED = FindingSpec(
    id="dmarc-reports-unauthorized",
    severity=Severity.WARNING,
    title=mark("A report destination has not agreed"),
    why=mark("Reports to another organization are sent only if it publishes a DMARC record for this purpose."),
    fix=mark('Have the destination publish TXT "v=DMARC1" at DOMAIN._report._dmarc.DESTINATION.'),
    references=("RFC 9990 §4", "RFC 7489 §7.1"),
)
REPORTS_UNREACHABLE = FindingSpec(
    id="dmarc-reports-unreachable",
    severity=Severity.WARNING,
    title=mark("Reports cannot arrive at a report destination"),
    why=mark("The domain of the address accepts no mail, so that nobody sees what the reports would show."),
    fix=mark("Name an address in a domain that accepts mail, or give that domain an MX record."),
    references=("RFC 9990 §3", "RFC 5321 §5.1", "RFC 7505 §3"),
)
NAMESERVERS_DIFFER = FindingSpec(
    id="dmarc-nameservers-differ",
    severity=Severity.WARNING,
    title=mark("The domain's name servers give different DMARC records"),
    why=mark("Which policy applies depends on the name server that a receiver happens to ask."),
    fix=mark("Bring the name servers named to the same version of the zone."),
    references=("RFC 1034 §4.3.5",),
)
TEMPERROR = FindingSpec(
    id="dmarc-temperror",
    severity=Severity.WARNING,
    title=mark("DMARC could not be decided"),
    why=mark(
        "A lookup that the result depends on failed or timed out. Receivers that see the same answer "
        "defer the mail or let it pass."
    ),
    fix=mark("Look at the name servers of the domain; if only this resolver fails, use another."),
    needs=("resolver",),
    references=("RFC 9989 §4.10.1",),
    names_subject=True,
)
