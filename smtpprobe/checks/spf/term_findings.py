"""The findings about single terms that evaluate, and yet do not say what was meant, or say it to anybody."""

from __future__ import annotations

from smtpprobe.checks.base import FindingSpec
from smtpprobe.model.report import Severity
from smtpprobe.model.texts.language import mark

HELO_DECIDES = FindingSpec(
    id="spf-helo-decides",
    severity=Severity.INFO,
    title=mark("The HELO name decides what a term of the record matches"),
    why=mark("The term asks for a name with the HELO name in it: another HELO name can get another result."),
    fix=mark("Give the HELO name that the sending host says, and see that the host says its own name."),
    references=("RFC 7208 §7.2", "RFC 5321 §4.1.1.1"),
    names_subject=True,
)
TERM_FINDINGS = (
    HELO_DECIDES,
    FindingSpec(
        id="spf-open-by-macro",
        severity=Severity.WARNING,
        title=mark("Whoever sends chooses the name that a term leads to"),
        why=mark("The name ends in a macro that the sender fills in: who names a domain of one's own there passes."),
        fix=mark("End the name in a domain of your own, as in %{h}._spf.%{d}, or write the networks that send."),
        references=("RFC 7208 §7.2", "RFC 7208 §11.3"),
    ),
    FindingSpec(
        id="spf-macro-p",
        severity=Severity.NOTICE,
        title=mark("The SPF record uses the macro %{p}"),
        why=mark(
            "It needs the PTR records of every client, which is slow and unreliable, and should not be published."
        ),
        fix=mark("Write the networks that send, or use %{i} where a name for each client is needed."),
        references=("RFC 7208 §7.2", "RFC 7208 §5.5"),
    ),
    FindingSpec(
        id="spf-target-final-dot",
        severity=Severity.NOTICE,
        title=mark("The name in a term ends in a dot"),
        why=mark("It should not be published so: some older receivers take it for a syntax error."),
        fix=mark("Remove the dot: names in an SPF record are always complete."),
        references=("RFC 7208 §7.3",),
    ),
    FindingSpec(
        id="spf-version-repeated",
        severity=Severity.WARNING,
        title=mark("Two SPF records are in one text"),
        why=mark("The second v=spf1 reads as an unknown modifier, and an all before it ends the whole record."),
        fix=mark("Publish one record with the terms of both, one v=spf1 at its beginning and one all at its end."),
        references=("RFC 7208 §4.5", "RFC 7208 §6"),
    ),
    FindingSpec(
        id="spf-ip4-mapped",
        severity=Severity.WARNING,
        title=mark("An ip6 term contains an IPv4-mapped address"),
        why=mark("Receivers treat a client with such an address as one with an IPv4 address: the term never matches."),
        fix=mark("Write the IPv4 address with ip4."),
        references=("RFC 7208 §5", "RFC 4291 §2.5.5.2"),
    ),
)
