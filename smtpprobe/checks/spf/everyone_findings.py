"""The findings about what a record comes to for everybody: whole address families, and every alias."""

from __future__ import annotations

from smtpprobe.checks.base import FindingSpec
from smtpprobe.model.report import Severity
from smtpprobe.model.texts.language import mark

NOBODY_PASSES = FindingSpec(
    id="spf-nobody-passes",
    severity=Severity.WARNING,
    title=mark("The SPF record names senders and lets nobody pass"),
    why=mark("Its terms are read from left to right, and none that permits comes to an address that gets so far."),
    fix=mark(
        "Put the terms that permit before those that exclude their addresses, and correct the names that lead to no address; "
        "publish v=spf1 -all if the domain sends no mail."
    ),
    references=("RFC 7208 §4.6.2", "RFC 7208 §5"),
    names_subject=True,
)
EVERYONE_FINDINGS = (
    NOBODY_PASSES,
    FindingSpec(
        id="spf-domain-is-alias",
        severity=Severity.INFO,
        title=mark("The domain is an alias: its SPF record is at another name"),
        why=mark("A name with a CNAME can have no other records, so a TXT record cannot be published at it."),
        fix=mark(
            "Publish the record at the target that is named, or replace the CNAME with records of the domain's own."
        ),
        references=("RFC 1034 §3.6.2", "RFC 7208 §3.1"),
    ),
    FindingSpec(
        id="spf-alias-of-another",
        severity=Severity.INFO,
        title=mark("The domain is an alias of a name that belongs to another domain, and so does its SPF record"),
        why=mark(
            "A name with a CNAME can have no other records, and at the target only the owner of that domain can publish."
        ),
        fix=mark(
            "Replace the CNAME with address records and publish the record at the name itself, or send as a domain that is "
            "not an alias."
        ),
        references=("RFC 1034 §3.6.2", "RFC 7208 §3.1"),
    ),
    FindingSpec(
        id="spf-alias-leads-nowhere",
        severity=Severity.WARNING,
        title=mark("The domain is an alias that leads nowhere"),
        why=mark(
            "A name with a CNAME can have no other records, and at a target that does not exist nobody can publish any."
        ),
        fix=mark("Remove the CNAME and publish the record at the name itself, or make its target exist."),
        references=("RFC 1034 §3.6.2", "RFC 7208 §3.1"),
    ),
    FindingSpec(
        id="spf-one-family-fails",
        severity=Severity.WARNING,
        title=mark("The SPF record cannot be evaluated for one address family"),
        why=mark("A host that has IPv4 and IPv6 passes over one of them and gets an error over the other."),
        fix=mark("Put ip4 and ip6 networks before the terms that ask DNS, or replace a and mx with ip4 and ip6."),
        references=("RFC 7208 §4.6.4", "RFC 7208 §5"),
    ),
    FindingSpec(
        id="spf-void-lookups-needed",
        severity=Severity.WARNING,
        title=mark("The whole record leads to nothing more than twice"),
        why=mark("This address is decided before the limit; one that matches later, or not at all, ends in permerror."),
        fix=mark("Remove the terms whose names no longer exist."),
        references=("RFC 7208 §4.6.4", "RFC 7208 §11.1"),
    ),
    FindingSpec(
        id="spf-mx-null",
        severity=Severity.NOTICE,
        title=mark("An mx term leads to a null MX"),
        why=mark("A domain with a null MX has no mail hosts: the term matches nothing and costs a lookup."),
        fix=mark("Remove the term, or write the networks that send as ip4 and ip6."),
        references=("RFC 7505 §3", "RFC 7208 §5.4"),
    ),
    FindingSpec(
        id="spf-mx-null-among-others",
        severity=Severity.WARNING,
        title=mark("An mx term leads to a null MX among other MX records"),
        why=mark("A null MX must be the only MX record: receivers differ in whether the other hosts count."),
        fix=mark("Remove the null MX if the domain accepts mail; otherwise remove the other MX records."),
        references=("RFC 7505 §3",),
    ),
    FindingSpec(
        id="spf-mx-final-dot-missing",
        severity=Severity.WARNING,
        title=mark("An mx term leads to a host to whose name the zone's was appended"),
        why=mark("A name without a final dot in a zone file is relative: the host that was meant does not pass."),
        fix=mark("Write the name with a dot at its end, as mail.example.com. in the MX record."),
        references=("RFC 1035 §5.1", "RFC 7208 §5.4"),
    ),
)
