"""MTA-STS: whether the domain's policy can be used, and whether the session satisfies it (RFC 8461)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from smtpprobe.checks.base import Check, CheckInput, CheckResult, FindingSpec, NextHop
from smtpprobe.checks.tls.channel import Channel, policy_domain, seen, why_no_policy_domain
from smtpprobe.mailauth.tls import mta_sts
from smtpprobe.model.evidence.tls import MtaStsEvidence, MtaStsMode, MtaStsStatus
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say

MISSING = FindingSpec(
    id="mta-sts-missing",
    severity=Severity.INFO,
    title=mark("The domain has no MTA-STS policy"),
    why=mark("Without MTA-STS or DANE nothing tells senders to insist on TLS, so anyone on the path can strip it."),
    fix=mark("Publish a policy in mode testing, watch the TLS reports, then go to enforce."),
    references=("RFC 8461 §3.1",),
    names_subject=True,
)
RECORD_INVALID = FindingSpec(
    id="mta-sts-record-invalid",
    severity=Severity.WARNING,
    title=mark("The MTA-STS record is invalid"),
    why=mark("Senders go on as though the domain had no policy."),
    fix=mark('Publish exactly one record of the form "v=STSv1; id=20261122T000000;" at _mta-sts.'),
    references=("RFC 8461 §3.1",),
)
UNREACHABLE = FindingSpec(
    id="mta-sts-policy-unreachable",
    severity=Severity.WARNING,
    title=mark("The MTA-STS policy cannot be fetched"),
    why=mark(
        "Senders that have no policy in their cache go on as though there were none; the others "
        "notice when theirs expires."
    ),
    fix=mark(
        "Serve https://mta-sts.DOMAIN/.well-known/mta-sts.txt with status 200, without a redirect, "
        "under a certificate for that name; to give up MTA-STS publish a policy of mode none first."
    ),
    references=("RFC 8461 §3.3", "RFC 8461 §8.3"),
)
INVALID = FindingSpec(
    id="mta-sts-policy-invalid",
    severity=Severity.WARNING,
    title=mark("The MTA-STS policy is invalid"),
    why=mark("Senders cannot use it and go on as though there were none."),
    fix=mark("Give version, mode, max_age and at least one mx, each on a line of its own, and change the record's id."),
    references=("RFC 8461 §3.2",),
)
NOT_LISTED = FindingSpec(
    id="mta-sts-mx-not-listed",
    severity=Severity.ERROR,
    severity_otherwise=mark("warning if the policy is in mode testing"),
    title=mark("The MTA-STS policy does not list a mail host"),
    why=mark("In mode enforce senders must not deliver to a mail host that no mx pattern of the policy matches."),
    fix=mark("Add an mx line for the host to the policy and change the record's id, or correct the MX record."),
    references=("RFC 8461 §4.1", "RFC 8461 §5"),
)
CERTIFICATE = FindingSpec(
    id="mta-sts-certificate",
    severity=Severity.ERROR,
    severity_otherwise=mark("warning if the policy is in mode testing"),
    title=mark("The certificate does not verify, and the MTA-STS policy demands that it does"),
    why=mark("In mode enforce senders must not deliver over a channel whose certificate is not valid for the MX host."),
    fix=mark(
        "Install a certificate for the MX host's name from a public authority, with its intermediate certificates."
    ),
    references=("RFC 8461 §4.2", "RFC 8461 §5"),
)
NO_TLS = FindingSpec(
    id="mta-sts-tls-required",
    severity=Severity.ERROR,
    severity_otherwise=mark("warning if the policy is in mode testing"),
    title=mark("There is no TLS, and the MTA-STS policy demands it"),
    why=mark("In mode enforce senders must not deliver to a host that does not support STARTTLS."),
    fix=mark("Make STARTTLS work on every mail host that the policy lists."),
    references=("RFC 8461 §4", "RFC 8461 §5"),
)
MEDIA_TYPE = FindingSpec(
    id="mta-sts-media-type",
    severity=Severity.NOTICE,
    title=mark("The MTA-STS policy is not served as text/plain"),
    why=mark("Senders should check the media type, so some ignore the policy."),
    fix=mark("Serve the file with the media type text/plain."),
    references=("RFC 8461 §3.2",),
)
MAX_AGE = FindingSpec(
    id="mta-sts-max-age-short",
    severity=Severity.NOTICE,
    title=mark("The MTA-STS policy may be cached for less than a day"),
    why=mark("An attacker only has to block the policy for that long. Weeks are expected."),
    fix=mark("Set max_age to a few weeks, for example 2419200."),
    references=("RFC 8461 §3.2", "RFC 8461 §10.2"),
)
MAX_AGE_LONG = FindingSpec(
    id="mta-sts-max-age-long",
    severity=Severity.NOTICE,
    title=mark("The MTA-STS policy asks to be cached for longer than the standard allows"),
    why=mark("The maximum is about a year. Some senders shorten it to that, others take the policy as invalid."),
    fix=mark("Set max_age to a few weeks, for example 2419200."),
    references=("RFC 8461 §3.2",),
)
TEMPERROR = FindingSpec(
    id="mta-sts-temperror",
    severity=Severity.WARNING,
    title=mark("Whether the domain has an MTA-STS policy could not be looked up"),
    why=mark("A lookup failed or timed out. Senders without a cached policy go on as though there were none."),
    fix=mark("Look at the domain's name servers; if only this resolver fails, use another."),
    references=("RFC 8461 §3.1",),
    names_subject=True,
)


async def _run(check_input: CheckInput) -> CheckResult:
    domain = policy_domain(check_input)
    assert domain is not None
    session, services = check_input.session, check_input.services
    host = session.next_hop.host if isinstance(session.next_hop, NextHop) else None
    evidence = await mta_sts.evaluate(services.resolver, services.fetcher, domain, host)
    held = seen(session)
    findings = tuple(_findings(evidence, held))
    if held is not None and evidence.host is not None and _applies(evidence):
        broken = any(
            finding.id in (CERTIFICATE.id, NO_TLS.id)
            or (finding.id == NOT_LISTED.id and finding.subject == evidence.host)
            for finding in findings
        )
        evidence = msgspec.structs.replace(evidence, satisfied=not broken)
    return evidence, findings


def _applies(evidence: MtaStsEvidence) -> bool:
    return (
        evidence.status is MtaStsStatus.FOUND
        and evidence.policy is not None
        and evidence.policy.mode in (MtaStsMode.ENFORCE, MtaStsMode.TESTING)
    )


def _findings(evidence: MtaStsEvidence, held: Channel | None) -> Iterator[Finding]:
    name = evidence.domain
    problem = evidence.problem or ""
    if evidence.status is MtaStsStatus.NONE:
        why = f": {problem}" if problem else ""
        yield MISSING(name, say("there is no MTA-STS record at _mta-sts.{name}{why}", name=name, why=why))
    elif evidence.status is MtaStsStatus.TEMPERROR:
        yield TEMPERROR(name, problem)
    elif evidence.status is MtaStsStatus.RECORD_INVALID:
        yield RECORD_INVALID(name, problem)
    elif evidence.status is MtaStsStatus.POLICY_UNREACHABLE:
        yield UNREACHABLE(name, problem)
    elif evidence.status is MtaStsStatus.POLICY_INVALID:
        yield INVALID(name, problem)
    fetched = evidence.fetch
    # RFC 8461 §3.2: the media type should be text/plain.
    if fetched is not None and fetched.http_status == 200 and fetched.media_type != "text/plain":
        yield MEDIA_TYPE(name, say("the media type is {media_type}", media_type=fetched.media_type or say("missing")))
    if _applies(evidence):
        yield from _judge(evidence, held)


def _judge(evidence: MtaStsEvidence, held: Channel | None) -> Iterator[Finding]:
    policy = evidence.policy
    assert policy is not None
    # RFC 8461 §5: in mode testing mail is delivered all the same, and the failure is reported.
    severity = Severity.ERROR if policy.mode is MtaStsMode.ENFORCE else Severity.WARNING
    mode = say("the policy of {domain} (mode {mode})", domain=evidence.domain, mode=policy.mode)
    for host in evidence.unlisted:
        patterns = ", ".join(policy.mx[:4]) or say("nothing")
        yield NOT_LISTED(host, say("{mode} lists {patterns}", mode=mode, patterns=patterns), severity=severity)
    if policy.max_age_s is not None and policy.max_age_s < mta_sts.SHORT_MAX_AGE_S:
        yield MAX_AGE(evidence.domain, say("max_age is {max_age_s} seconds", max_age_s=policy.max_age_s))
    elif policy.max_age_s is not None and policy.max_age_s > mta_sts.MAX_AGE_S:
        yield MAX_AGE_LONG(
            evidence.domain,
            say(
                "max_age is {max_age_s} seconds: the maximum is {maximum}",
                max_age_s=policy.max_age_s,
                maximum=mta_sts.MAX_AGE_S,
            ),
        )
    if evidence.host is None or held is None:
        return
    if held.tls is None and held.unverified:
        yield CERTIFICATE(
            evidence.host,
            say("{why_not}; {mode} wants it valid", why_not=held.why_not, mode=mode),
            exchange=held.exchange,
            severity=severity,
        )
    elif held.tls is None:
        yield NO_TLS(
            evidence.host,
            say("{why_not}; {mode} wants TLS", why_not=held.why_not, mode=mode),
            exchange=held.exchange,
            severity=severity,
        )
    elif not held.tls.verified:
        problems = "; ".join(held.tls.problems) or say("the certificate does not verify")
        yield CERTIFICATE(
            evidence.host,
            say("{problems}; {mode} wants it valid", problems=problems, mode=mode),
            exchange=held.exchange,
            severity=severity,
        )


CHECK = Check(
    name="mta-sts",
    about=mark("whether the domain's MTA-STS policy can be used and the session satisfies it"),
    findings=(
        MISSING,
        RECORD_INVALID,
        UNREACHABLE,
        INVALID,
        NOT_LISTED,
        CERTIFICATE,
        NO_TLS,
        MEDIA_TYPE,
        MAX_AGE,
        MAX_AGE_LONG,
        TEMPERROR,
    ),
    skip=why_no_policy_domain,
    run=_run,
)
