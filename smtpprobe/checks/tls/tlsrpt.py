"""TLSRPT: whether the domain hears of TLS failures (RFC 8460)."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.checks.base import Check, CheckInput, CheckResult, FindingSpec
from smtpprobe.checks.tls.channel import policy_domain, why_no_policy_domain
from smtpprobe.mailauth.tls import tlsrpt
from smtpprobe.model.evidence.tls import TlsrptEvidence, TlsrptStatus
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say

MISSING = FindingSpec(
    id="tlsrpt-missing",
    severity=Severity.INFO,
    title=mark("The domain asks for no TLS reports"),
    why=mark("Senders that fail to reach the domain over TLS have nowhere to report it."),
    fix=mark('Publish "v=TLSRPTv1; rua=mailto:tlsrpt@DOMAIN" at _smtp._tls.'),
    references=("RFC 8460 §3",),
    names_subject=True,
)
INVALID = FindingSpec(
    id="tlsrpt-invalid",
    severity=Severity.WARNING,
    title=mark("The TLS reporting record is invalid"),
    why=mark("Senders send no reports, or not to every destination."),
    fix=mark('Publish exactly one record that begins with "v=TLSRPTv1;" and whose rua holds mailto: and https: URIs.'),
    references=("RFC 8460 §3",),
)
TEMPERROR = FindingSpec(
    id="tlsrpt-temperror",
    severity=Severity.WARNING,
    title=mark("Whether the domain asks for TLS reports could not be looked up"),
    why=mark("A lookup failed or timed out."),
    fix=mark("Look at the domain's name servers; if only this resolver fails, use another."),
    references=("RFC 8460 §3",),
    names_subject=True,
)


async def _run(check_input: CheckInput) -> CheckResult:
    domain = policy_domain(check_input)
    assert domain is not None
    evidence = await tlsrpt.evaluate(check_input.services.resolver, domain)
    return evidence, tuple(_findings(evidence))


def _findings(evidence: TlsrptEvidence) -> Iterator[Finding]:
    name = evidence.domain
    if evidence.status is TlsrptStatus.NONE:
        why = f": {evidence.problem}" if evidence.problem else ""
        yield MISSING(name, say("there is no TLS reporting record at _smtp._tls.{name}{why}", name=name, why=why))
    elif evidence.status is TlsrptStatus.TEMPERROR:
        yield TEMPERROR(name, evidence.problem or "")
    elif evidence.problem is not None:
        yield INVALID(name, evidence.problem)


CHECK = Check(
    name="tlsrpt",
    about=mark("whether the domain asks for reports about TLS failures"),
    findings=(MISSING, INVALID, TEMPERROR),
    skip=why_no_policy_domain,
    run=_run,
)
