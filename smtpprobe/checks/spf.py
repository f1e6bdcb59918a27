"""What SPF says about the client's address, the reverse-path and the HELO name (RFC 7208)."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.checks.base import Check, CheckContext, FindingSpec, Gathered
from smtpprobe.mailauth.spf import evaluate
from smtpprobe.model.evidence import AuthResult, SpfEvidence, SpfIdentity, SpfStep
from smtpprobe.model.report import Finding, Severity

NEAR_LIMIT = 8  # lookups; RFC 7208 §4.6.4 allows ten
_MESSAGE_LIMIT = 100

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
ALL_PASS = FindingSpec(
    "spf-all-pass",
    Severity.WARNING,
    "The SPF record lets every address pass",
    "With +all anyone may send for the domain, and receivers count such records against it.",
    "End the record in ~all or -all.",
    ("RFC 7208 §5.1",),
)
PTR_USED = FindingSpec(
    "spf-ptr-used",
    Severity.NOTICE,
    "The SPF record uses ptr",
    "The mechanism is slow and unreliable, should not be published, and some receivers skip it.",
    "Replace it by ip4 and ip6 networks, or by a.",
    ("RFC 7208 §5.5",),
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

_BY_FAULT = {
    "too-many-lookups": TOO_MANY_LOOKUPS,
    "too-many-void-lookups": TOO_MANY_VOID_LOOKUPS,
    "too-many-mx": TOO_MANY_MX,
    "multiple-records": MULTIPLE_RECORDS,
    "syntax-error": SYNTAX_ERROR,
    "include-missing": INCLUDE_MISSING,
    "redirect-missing": REDIRECT_MISSING,
}


def _skip(context: CheckContext) -> str | None:
    if context.client_ip is None:
        return "the address that the server saw is unknown: give --client-ip"
    if context.envelope.reverse_path is None and not context.envelope.helo.value and not context.domains:
        return "there is neither a reverse-path nor a HELO name to check"
    return None


async def _run(context: CheckContext) -> Gathered:
    assert context.client_ip is not None
    path, helo = context.envelope.reverse_path, context.envelope.helo
    domain = context.domains[0] if context.domains else None
    mail_from = path.value if path else f"postmaster@{domain}" if domain else ""
    # Alone, the name of this host says nothing about the address in question.
    name = domain if domain and (helo.assumed or not helo.value) else helo.value
    evidence = await evaluate(
        context.resolver, context.client_ip, mail_from, name, domain=domain, now=context.now.timestamp()
    )
    return evidence, tuple(_findings(evidence))


def _findings(evidence: SpfEvidence) -> Iterator[Finding]:
    identity, helo = evidence.identities.mailfrom, evidence.identities.helo
    yield from _of_result(identity, evidence.client_ip)
    yield from _of_record(identity)
    if helo == identity:
        return
    subject = helo.domain or "HELO"
    if helo.result is AuthResult.FAIL:
        yield HELO_FAIL(subject, _short(f"HELO name {subject} does not permit {evidence.client_ip}: {helo.mechanism}"))
    elif helo.result is AuthResult.PERMERROR:
        yield HELO_PERMERROR(subject, _short(f"HELO name {subject}: {helo.problem}"))


def _of_result(identity: SpfIdentity, ip: str) -> Iterator[Finding]:
    subject = identity.domain or identity.sender or "reverse-path"
    problem = identity.problem or ""
    match identity.result:
        case AuthResult.FAIL:
            yield FAIL(subject, _short(f"{subject} does not permit {ip} to send for it: {identity.mechanism}"))
        case AuthResult.SOFTFAIL:
            yield SOFTFAIL(subject, _short(f"{subject} probably does not permit {ip}: {identity.mechanism}"))
        case AuthResult.NEUTRAL:
            yield NEUTRAL(subject, _short(f"{subject} says nothing about {ip}: {identity.mechanism}"))
        case AuthResult.NONE:
            yield (NONE if identity.fault == "no-record" else NOT_CHECKABLE)(subject, _short(problem))
        case AuthResult.TEMPERROR:
            yield TEMPERROR(subject, _short(f"SPF of {subject} could not be evaluated: {problem}"))
        case AuthResult.PERMERROR:
            yield _BY_FAULT.get(identity.fault or "", PERMERROR)(subject, _short(problem))
        case _:
            return


def _of_record(identity: SpfIdentity) -> Iterator[Finding]:
    """What the record of a domain, or the one that it redirects to, makes worth knowing."""
    subject = identity.domain or ""
    steps = list(_own(identity.trace))
    lets_all_pass = next((step for step in steps if step.term.lower() in ("all", "+all")), None)
    if lets_all_pass is not None:
        yield ALL_PASS(
            subject, _short(f"the record of {lets_all_pass.domain} lets every address pass: {lets_all_pass.term}")
        )
    ptr = next((step for step in steps if step.term.lower().lstrip("+-~?").partition(":")[0] == "ptr"), None)
    if ptr is not None:
        yield PTR_USED(subject, _short(f"the record of {ptr.domain} uses {ptr.term}"))
    if identity.lookups_used >= NEAR_LIMIT and identity.result is not AuthResult.PERMERROR:
        yield NEAR_LOOKUP_LIMIT(subject, f"SPF of {subject} used {identity.lookups_used} of 10 lookups")


def _own(trace: tuple[SpfStep, ...]) -> Iterator[SpfStep]:
    """The steps of a record and of those it redirects to; included records are others' business."""
    for step in trace:
        yield step
        if step.term.lower().startswith("redirect="):
            yield from _own(step.children)


def _short(message: str) -> str:
    return message if len(message) <= _MESSAGE_LIMIT else message[: _MESSAGE_LIMIT - 1] + "…"


CHECK = Check(
    "spf",
    "whether the domains of the reverse-path and the HELO name permit the client's address (RFC 7208)",
    (
        FAIL, SOFTFAIL, NEUTRAL, NONE, NOT_CHECKABLE, TEMPERROR, PERMERROR, *_BY_FAULT.values(),
        ALL_PASS, PTR_USED, NEAR_LOOKUP_LIMIT, HELO_FAIL, HELO_PERMERROR,
    ),
    _skip,
    _run,
)  # fmt: skip
