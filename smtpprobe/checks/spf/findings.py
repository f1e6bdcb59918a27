"""The findings of the SPF check: what a result means, and what is unwise in a record."""

from __future__ import annotations

from smtpprobe.checks.base import FindingSpec
from smtpprobe.checks.spf.everyone_findings import EVERYONE_FINDINGS
from smtpprobe.checks.spf.lint_findings import LEADS_BACK, LINT_FINDINGS
from smtpprobe.checks.spf.made_up import RESOLVER_REWRITES
from smtpprobe.checks.spf.order import ORDER_MATTERS
from smtpprobe.checks.spf.term_findings import TERM_FINDINGS
from smtpprobe.model.evidence.spf import SpfFault
from smtpprobe.model.report import Severity
from smtpprobe.model.texts.language import mark

FAIL = FindingSpec(
    id="spf-fail",
    severity=Severity.ERROR,
    title=mark("SPF fails: the domain does not permit this address to send for it"),
    why=mark(
        "Receivers that enforce SPF refuse the mail (550 5.7.23 or 5.7.1), and DMARC cannot be passed through SPF."
    ),
    fix=mark(
        "Add the address, or the include of the provider that owns it, to the domain's SPF record before its all term."
    ),
    references=("RFC 7208 §2.6.4", "RFC 7208 §8.4", "RFC 7372 §3.2"),
    names_subject=True,
)
SOFTFAIL = FindingSpec(
    id="spf-softfail",
    severity=Severity.WARNING,
    title=mark("SPF softfails: the domain says that this address is probably not its own"),
    why=mark(
        "Receivers seldom refuse for it alone, but the mail counts as suspect and DMARC cannot be passed through SPF."
    ),
    fix=mark("Add the address, or the include of the provider that owns it, to the domain's SPF record."),
    references=("RFC 7208 §2.6.5", "RFC 7208 §8.5"),
    names_subject=True,
)
NEUTRAL = FindingSpec(
    id="spf-neutral",
    severity=Severity.NOTICE,
    title=mark("SPF is neutral: the domain says nothing about this address"),
    why=mark("Neutral is treated like no record at all, so SPF neither helps nor protects."),
    fix=mark("Add the address to the record, and end the record in ~all or -all."),
    references=("RFC 7208 §2.6.2", "RFC 7208 §8.2"),
    names_subject=True,
)
NONE = FindingSpec(
    id="spf-none",
    severity=Severity.WARNING,
    title=mark("The domain publishes no SPF record"),
    why=mark("Large receivers want SPF or DKIM from every sender; without a record anyone may use the domain."),
    fix=mark(
        "Publish one TXT record at the domain: v=spf1 first, ~all or -all last. If it is a CNAME, publish at its target "
        "if that is yours, else remove the CNAME first."
    ),
    references=("RFC 7208 §2.6.1", "RFC 7208 §3.1"),
    names_subject=True,
)
NOT_CHECKABLE = FindingSpec(
    id="spf-not-checkable",
    severity=Severity.NOTICE,
    title=mark("SPF has no domain to check"),
    why=mark("An address literal, a single label or a malformed name gives the result none."),
    fix=mark("Use a fully qualified domain name as HELO name and in the reverse-path."),
    references=("RFC 7208 §4.3", "RFC 7208 §2.3"),
    names_subject=True,
)
TEMPERROR = FindingSpec(
    id="spf-temperror",
    severity=Severity.WARNING,
    title=mark("SPF could not be evaluated: DNS did not answer"),
    why=mark("A receiver that sees the same defers the mail (451 4.7.24 or 4.4.3) or goes on without SPF."),
    fix=mark("Ask the named servers of the name shown; if it fails for others too, the zone's servers need repair."),
    references=("RFC 7208 §2.6.6", "RFC 7208 §8.6", "RFC 7372 §3.2"),
    names_subject=True,
)
TOO_MANY_LOOKUPS = FindingSpec(
    id="spf-too-many-lookups",
    severity=Severity.ERROR,
    title=mark("The SPF record needs more than ten lookups"),
    why=mark(
        "Evaluation ends in permerror at the eleventh term that needs DNS, includes counted with what they include."
    ),
    fix=mark(
        "Remove includes that are no longer used, replace a and mx with ip4 and ip6, or move a sender to a subdomain."
    ),
    references=("RFC 7208 §4.6.4",),
)
TOO_MANY_VOID_LOOKUPS = FindingSpec(
    id="spf-too-many-void-lookups",
    severity=Severity.ERROR,
    title=mark("More than two lookups of the SPF record lead to nothing"),
    why=mark(
        "Names that do not exist, or have no record of the type asked for, end the evaluation in "
        "permerror at the third."
    ),
    fix=mark(
        "Remove the terms whose names no longer exist; put ip4 and ip6 before names that have one address family only."
    ),
    references=("RFC 7208 §4.6.4", "RFC 7208 §11.1"),
)
TOO_MANY_MX = FindingSpec(
    id="spf-too-many-mx-hosts",
    severity=Severity.ERROR,
    title=mark("An mx term leads to more than ten hosts"),
    why=mark("Evaluation ends in permerror."),
    fix=mark("Replace mx with the ip4 and ip6 networks of the hosts that send."),
    references=("RFC 7208 §4.6.4", "RFC 7208 §5.4"),
    names_subject=True,
)
MULTIPLE_RECORDS = FindingSpec(
    id="spf-multiple-records",
    severity=Severity.ERROR,
    title=mark("A domain has more than one SPF record"),
    why=mark("Two records that begin with v=spf1 are a permerror, whatever they say."),
    fix=mark("Merge them into one record, each mechanism once, with one all at the end."),
    references=("RFC 7208 §3.2", "RFC 7208 §4.5"),
    names_subject=True,
)
SYNTAX_ERROR = FindingSpec(
    id="spf-syntax-error",
    severity=Severity.ERROR,
    title=mark("The SPF record has a syntax error"),
    why=mark("One wrong term anywhere makes the whole record a permerror, before anything is evaluated."),
    fix=mark("Correct the term that is named."),
    references=("RFC 7208 §4.6", "RFC 7208 §12"),
    names_subject=True,
)
INCLUDE_MISSING = FindingSpec(
    id="spf-include-missing",
    severity=Severity.ERROR,
    title=mark("An included domain has no SPF record"),
    why=mark("An include that leads to no record is a permerror for the record that includes it."),
    fix=mark("Remove the include, or correct its name as the provider's instructions give it."),
    references=("RFC 7208 §5.2",),
)
REDIRECT_MISSING = FindingSpec(
    id="spf-redirect-missing",
    severity=Severity.ERROR,
    title=mark("The domain that redirect= names has no SPF record"),
    why=mark("A redirect that leads to no record is a permerror."),
    fix=mark("Publish the record there, or correct the name."),
    references=("RFC 7208 §6.1",),
)
INCLUDE_LOOP = FindingSpec(
    id="spf-include-loop",
    severity=Severity.ERROR,
    title=mark("Records include each other"),
    why=LEADS_BACK,
    fix=mark("Remove one of the includes of the loop."),
    references=("RFC 7208 §4.6.4", "RFC 7208 §5.2"),
)
REDIRECT_LOOP = FindingSpec(
    id="spf-redirect-loop",
    severity=Severity.ERROR,
    title=mark("redirect= leads back to its own record"),
    why=LEADS_BACK,
    fix=mark("Let redirect= name the domain that has the policy, or end the record in all."),
    references=("RFC 7208 §4.6.4", "RFC 7208 §6.1"),
)
NEAR_LOOKUP_LIMIT = FindingSpec(
    id="spf-lookups-near-limit",
    severity=Severity.NOTICE,
    title=mark("The SPF record is close to ten lookups"),
    why=mark("A provider that adds an include to its own record can push this one over the limit."),
    fix=mark("Remove includes that are no longer used."),
    references=("RFC 7208 §4.6.4",),
    names_subject=True,
)
VOIDS_DIFFER = FindingSpec(
    id="spf-void-lookups-differ",
    severity=Severity.WARNING,
    title=mark("Receivers differ about this record: they count void lookups in different ways"),
    why=mark(
        "Some count each host of mx and ptr that has no address, others the term once: one gets permerror, the other not."
    ),
    fix=mark("Remove the hosts without address from MX or PTR, or replace mx and ptr with ip4 and ip6."),
    references=("RFC 7208 §4.6.4",),
    names_subject=True,
)
HELO_FAIL = FindingSpec(
    id="spf-helo-fail",
    severity=Severity.WARNING,
    title=mark("SPF fails for the HELO name"),
    why=mark("Receivers that check the HELO identity may refuse before they look at the reverse-path."),
    fix=mark("Add the address to the SPF record of the HELO name, or greet with a name that belongs to this host."),
    references=("RFC 7208 §2.3", "RFC 7208 §8.4"),
    names_subject=True,
)
HELO_PERMERROR = FindingSpec(
    id="spf-helo-permerror",
    severity=Severity.WARNING,
    title=mark("The SPF record of the HELO name cannot be evaluated"),
    why=mark("Receivers that check the HELO identity may refuse for it."),
    fix=mark("Correct the record of the HELO name as the reason says."),
    references=("RFC 7208 §2.3", "RFC 7208 §2.6.7"),
    names_subject=True,
)

# Every reason that an evaluation has for a permerror.
BY_FAULT = {
    SpfFault.TOO_MANY_LOOKUPS: TOO_MANY_LOOKUPS,
    SpfFault.TOO_MANY_VOID_LOOKUPS: TOO_MANY_VOID_LOOKUPS,
    SpfFault.TOO_MANY_MX: TOO_MANY_MX,
    SpfFault.MULTIPLE_RECORDS: MULTIPLE_RECORDS,
    SpfFault.SYNTAX_ERROR: SYNTAX_ERROR,
    SpfFault.INCLUDE_LOOP: INCLUDE_LOOP,
    SpfFault.REDIRECT_LOOP: REDIRECT_LOOP,
    SpfFault.INCLUDE_MISSING: INCLUDE_MISSING,
    SpfFault.REDIRECT_MISSING: REDIRECT_MISSING,
}

ALL_FINDINGS = (
    FAIL, SOFTFAIL, NEUTRAL, NONE, NOT_CHECKABLE, TEMPERROR, *BY_FAULT.values(),
    NEAR_LOOKUP_LIMIT, VOIDS_DIFFER, ORDER_MATTERS, HELO_FAIL, HELO_PERMERROR, RESOLVER_REWRITES,
    *LINT_FINDINGS, *EVERYONE_FINDINGS, *TERM_FINDINGS,
)  # fmt: skip
BY_ID = {finding.id: finding for finding in ALL_FINDINGS}
