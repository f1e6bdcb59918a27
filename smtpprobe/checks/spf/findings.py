"""The findings of the SPF check: what a result means, and what is unwise in a record."""

from __future__ import annotations

from smtpprobe.checks.base import FindingSpec
from smtpprobe.checks.spf.lint_findings import LINT_FINDINGS
from smtpprobe.model.report import Severity

FAIL = FindingSpec(
    "spf-fail",
    Severity.ERROR,
    "SPF fails: the domain does not permit this address to send for it",
    "Receivers that enforce SPF refuse the mail (550 5.7.23 or 5.7.1), and DMARC cannot be passed through SPF.",
    "Add the address, or the include of the provider that owns it, to the domain's SPF record before its all term.",
    ("RFC 7208 §2.6.4", "RFC 7208 §8.4", "RFC 7372 §3.2"),
)
SOFTFAIL = FindingSpec(
    "spf-softfail",
    Severity.WARNING,
    "SPF softfails: the domain says that this address is probably not its own",
    "Receivers seldom refuse for it alone, but the mail counts as suspect and DMARC cannot be passed through SPF.",
    "Add the address, or the include of the provider that owns it, to the domain's SPF record.",
    ("RFC 7208 §2.6.5", "RFC 7208 §8.5"),
)
NEUTRAL = FindingSpec(
    "spf-neutral",
    Severity.NOTICE,
    "SPF is neutral: the domain says nothing about this address",
    "Neutral is treated like no record at all, so SPF neither helps nor protects.",
    "Add the address to the record, and end the record in ~all or -all.",
    ("RFC 7208 §2.6.2", "RFC 7208 §8.2"),
)
NONE = FindingSpec(
    "spf-none",
    Severity.WARNING,
    "The domain publishes no SPF record",
    "Large receivers want SPF or DKIM from every sender; without a record anyone may use the domain.",
    "Publish one TXT record at the domain that begins with v=spf1 and ends in ~all or -all.",
    ("RFC 7208 §2.6.1", "RFC 7208 §3.1"),
)
NOT_CHECKABLE = FindingSpec(
    "spf-not-checkable",
    Severity.NOTICE,
    "SPF has no domain to check",
    "An address literal, a single label or a malformed name gives the result none.",
    "Use a fully qualified domain name as HELO name and in the reverse-path.",
    ("RFC 7208 §4.3", "RFC 7208 §2.3"),
)
TEMPERROR = FindingSpec(
    "spf-temperror",
    Severity.WARNING,
    "SPF could not be evaluated: DNS did not answer",
    "A receiver that sees the same defers the mail (451 4.7.24 or 4.4.3) or goes on without SPF.",
    "Ask the named servers of the name shown; if it fails for others too, the zone's servers need repair.",
    ("RFC 7208 §2.6.6", "RFC 7208 §8.6", "RFC 7372 §3.2"),
)
PERMERROR = FindingSpec(
    "spf-permerror",
    Severity.ERROR,
    "The SPF record cannot be evaluated",
    "A permerror is no pass: receivers may refuse (550 5.7.24 or 5.5.2), and DMARC cannot be passed through SPF.",
    "Correct the record as the reason says.",
    ("RFC 7208 §2.6.7", "RFC 7208 §8.7", "RFC 7372 §3.2"),
)
TOO_MANY_LOOKUPS = FindingSpec(
    "spf-too-many-lookups",
    Severity.ERROR,
    "The SPF record needs more than ten lookups",
    "Evaluation ends in permerror at the eleventh term that needs DNS, includes counted with what they include.",
    "Remove includes that are no longer used, replace a and mx by ip4 and ip6, or move a sender to a subdomain.",
    ("RFC 7208 §4.6.4",),
)
TOO_MANY_VOID_LOOKUPS = FindingSpec(
    "spf-too-many-void-lookups",
    Severity.ERROR,
    "More than two lookups of the SPF record lead to nothing",
    "Names that do not exist, or have no record of the type asked for, end the evaluation in permerror at the third.",
    "Remove the terms whose names no longer exist.",
    ("RFC 7208 §4.6.4", "RFC 7208 §11.1"),
)
TOO_MANY_MX = FindingSpec(
    "spf-too-many-mx-hosts",
    Severity.ERROR,
    "An mx term leads to more than ten hosts",
    "Evaluation ends in permerror.",
    "Replace mx by the ip4 and ip6 networks of the hosts that send.",
    ("RFC 7208 §4.6.4", "RFC 7208 §5.4"),
)
MULTIPLE_RECORDS = FindingSpec(
    "spf-multiple-records",
    Severity.ERROR,
    "A domain has more than one SPF record",
    "Two records that begin with v=spf1 are a permerror, whatever they say.",
    "Merge them into one record, each mechanism once, with one all at the end.",
    ("RFC 7208 §3.2", "RFC 7208 §4.5"),
)
SYNTAX_ERROR = FindingSpec(
    "spf-syntax-error",
    Severity.ERROR,
    "The SPF record has a syntax error",
    "One wrong term anywhere makes the whole record a permerror, before anything is evaluated.",
    "Correct the term that is named.",
    ("RFC 7208 §4.6", "RFC 7208 §12"),
)
INCLUDE_MISSING = FindingSpec(
    "spf-include-missing",
    Severity.ERROR,
    "An included domain has no SPF record",
    "An include that leads to no record is a permerror for the record that includes it.",
    "Remove the include, or correct its name as the provider's instructions give it.",
    ("RFC 7208 §5.2",),
)
REDIRECT_MISSING = FindingSpec(
    "spf-redirect-missing",
    Severity.ERROR,
    "The domain that redirect= names has no SPF record",
    "A redirect that leads to no record is a permerror.",
    "Publish the record there, or correct the name.",
    ("RFC 7208 §6.1",),
)
NEAR_LOOKUP_LIMIT = FindingSpec(
    "spf-lookups-near-limit",
    Severity.NOTICE,
    "The SPF record is close to ten lookups",
    "A provider that adds an include to its own record can push this one over the limit.",
    "Remove includes that are no longer used.",
    ("RFC 7208 §4.6.4",),
)
HELO_FAIL = FindingSpec(
    "spf-helo-fail",
    Severity.WARNING,
    "SPF fails for the HELO name",
    "Receivers that check the HELO identity may refuse before they look at the reverse-path.",
    "Add the address to the SPF record of the HELO name, or greet with a name that belongs to this host.",
    ("RFC 7208 §2.3", "RFC 7208 §8.4"),
)
HELO_PERMERROR = FindingSpec(
    "spf-helo-permerror",
    Severity.WARNING,
    "The SPF record of the HELO name cannot be evaluated",
    "Receivers that check the HELO identity may refuse for it.",
    "Correct the record of the HELO name as the reason says.",
    ("RFC 7208 §2.3", "RFC 7208 §2.6.7"),
)

BY_FAULT = {
    "too-many-lookups": TOO_MANY_LOOKUPS,
    "too-many-void-lookups": TOO_MANY_VOID_LOOKUPS,
    "too-many-mx": TOO_MANY_MX,
    "multiple-records": MULTIPLE_RECORDS,
    "syntax-error": SYNTAX_ERROR,
    "include-missing": INCLUDE_MISSING,
    "redirect-missing": REDIRECT_MISSING,
}

ALL_FINDINGS = (
    FAIL, SOFTFAIL, NEUTRAL, NONE, NOT_CHECKABLE, TEMPERROR, PERMERROR, *BY_FAULT.values(),
    NEAR_LOOKUP_LIMIT, HELO_FAIL, HELO_PERMERROR, *LINT_FINDINGS,
)  # fmt: skip
BY_ID = {finding.id: finding for finding in ALL_FINDINGS}
