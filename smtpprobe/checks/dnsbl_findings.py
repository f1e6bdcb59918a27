"""The findings of the dnsbl check."""

from __future__ import annotations

from smtpprobe.checks.base import FindingSpec
from smtpprobe.model.report import Severity
from smtpprobe.model.texts.language import mark

LISTED = FindingSpec(
    id="dnsbl-listed",
    severity=Severity.ERROR,
    severity_otherwise=mark("warning for a zone of tier 2 and info for one of tier 3, unless the reply names the zone"),
    title=mark("A DNSBL lists the address or domain"),
    why=mark(
        "Receivers that ask the list refuse the mail or add to its spam score. A list of tier 1, or "
        "one that the reply names, causes refusals; tier 2 is scored; tier 3 is information."
    ),
    fix=mark(
        "Find and stop what caused the entry first, then ask for removal on the list's page; an "
        "entry for an end-user range means that mail has to go through the provider's submission "
        "server."
    ),
    references=("RFC 5782 §2.1", "RFC 5782 §6"),
    names_subject=True,
)
REFUSED = FindingSpec(
    id="dnsbl-query-refused",
    severity=Severity.NOTICE,
    title=mark("A DNSBL refused the query"),
    why=mark(
        "The list does not serve the resolver that asked: usually a public resolver, one without "
        "reverse DNS, too many queries, or a missing registration. The answer says nothing about the "
        "address, though many tools and some servers mistake it for a listing."
    ),
    fix=mark("Ask through a resolver of your own that does not forward, or with the key that the list gives out."),
    needs=("resolver",),
    references=("RFC 5782 §2.3",),
    names_subject=True,
)
BROKEN = FindingSpec(
    id="dnsbl-zone-broken",
    severity=Severity.NOTICE,
    severity_otherwise=mark("warning if the reply names the zone"),
    title=mark("A DNSBL fails its own test points"),
    why=mark(
        "A list must list 127.0.0.2 and must not list 127.0.0.1. One that does otherwise is empty, "
        "lists everything, or is answered by a resolver that rewrites what does not exist; neither "
        "an entry nor its absence proves anything."
    ),
    fix=mark("If a server refuses mail by this list, its postmaster has to remove the list from the configuration."),
    references=("RFC 5782 §5",),
    names_subject=True,
)
DEAD = FindingSpec(
    id="dnsbl-zone-dead",
    severity=Severity.WARNING,
    title=mark("The DNSBL was shut down"),
    why=mark(
        "The list is known to be dead and was not asked. A server that still asks it refuses mail at "
        "random, or all of it."
    ),
    fix=mark("If a server refuses mail by this list, its postmaster has to remove the list from the configuration."),
    references=("RFC 5782 §7",),
    names_subject=True,
)
NO_ANSWER = FindingSpec(
    id="dnsbl-no-answer",
    severity=Severity.NOTICE,
    title=mark("A DNSBL gave no answer"),
    why=mark("Whether the address is listed could not be determined: the query failed, was refused or timed out."),
    fix=mark("Try again later or through another resolver; some lists answer registered resolvers only."),
    references=("RFC 5782 §2",),
    names_subject=True,
)

WRONG_KIND = FindingSpec(
    id="dnsbl-wrong-kind",
    severity=Severity.WARNING,
    title=mark("The DNSBL does not list such subjects"),
    why=mark(
        "A list of domains knows nothing of IP addresses, nor the reverse, and some answer such a query with a code that "
        "looks like a listing. The list was not asked."
    ),
    fix=mark(
        "Ask a list of the right kind. A server that asks this one about such subjects has to be configured otherwise."
    ),
    references=("RFC 5782 §2.1", "RFC 5782 §3"),
    names_subject=True,
)
