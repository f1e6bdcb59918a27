"""DMARC: the policy for the author domain, and whether what was authenticated aligns with it (RFC 9989)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from smtpprobe.checks import dmarc_record
from smtpprobe.checks.base import Check, CheckContext, FindingSpec, Gathered
from smtpprobe.mailauth import dkim, dmarc
from smtpprobe.mailauth.dmarc.author_domain import author_domains
from smtpprobe.mailauth.dmarc.discovery import discover, normal_domain
from smtpprobe.mailauth.dmarc.record import DmarcRecord, read_record
from smtpprobe.mailauth.dmarc.reports import report_destinations
from smtpprobe.mailauth.dmarc.walk import questions
from smtpprobe.mailauth.dns.nameservers import answered, ask_all
from smtpprobe.model.evidence.dmarc import DmarcEvidence, DmarcReportDestination
from smtpprobe.model.lookup import Resolver
from smtpprobe.model.names import domain_of
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.words import AuthResult

NONE = FindingSpec(
    "dmarc-none",
    Severity.NOTICE,
    "The author domain has no DMARC record",
    "Anyone can use the domain in From; large receivers ask bulk senders for at least p=none.",
    'Publish TXT at _dmarc.DOMAIN: "v=DMARC1; p=none; rua=mailto:reports@DOMAIN", and tighten it later.',
    ("RFC 9989 §5.1",),
)
MULTIPLE_RECORDS = FindingSpec(
    "dmarc-multiple-records",
    Severity.WARNING,
    "There are several DMARC records at one name",
    "None of them counts: the domain is unprotected, or a record further up applies.",
    "Leave one record.",
    ("RFC 9989 §4.10",),
)
POLICY_NONE = FindingSpec(
    "dmarc-policy-none",
    Severity.INFO,
    "The DMARC policy asks for no action",
    "Mail that fails is delivered like any other; reports are all that the record brings.",
    "When the reports show that all genuine mail passes, go to p=quarantine, then p=reject.",
    ("RFC 9989 §5.1",),
)
FAIL = FindingSpec(
    "dmarc-fail",
    Severity.ERROR,
    "DMARC fails",
    "Neither SPF nor DKIM passes for a domain that is aligned with the author domain, so receivers apply its policy.",
    "Sign with DKIM as the author domain (d=), or use a reverse-path in that domain whose SPF record lists the client.",
    ("RFC 9989 §4.4", "RFC 7489 §6.6.2"),
)
RESTS_ON_DKIM = FindingSpec(
    "dmarc-rests-on-dkim",
    Severity.NOTICE,
    "SPF gives no aligned pass: DMARC rests on DKIM",
    "Only a DKIM signature of the author's domain can make such mail pass; no message was given, so that is unknown.",
    "Give a signed message with --message to see, or use a reverse-path in the author's domain that passes SPF.",
    ("RFC 9989 §4.4",),
)
RESTS_ON_SPF = FindingSpec(
    "dmarc-rests-on-spf",
    Severity.NOTICE,
    "DKIM gives no aligned pass: DMARC rests on SPF",
    "Only SPF for a reverse-path in the author's domain can make this message pass; the client IP is not known.",
    "Give the address that the server sees with --client-ip, or sign as the author's domain.",
    ("RFC 9989 §4.4",),
)
DIFFERS = FindingSpec(
    "dmarc-differs-rfc7489",
    Severity.INFO,
    "Receivers of the older standard come to another result",
    "RFC 9989 finds the organizational domain by a walk in DNS; RFC 7489 took it from the Public Suffix List, knew no "
    "np, psd and t, and sampled by pct. Many receivers still run the older one.",
    "Publish a record at the author domain itself with p, adkim and aspf written out, and no pct.",
    ("RFC 9989 §4.10", "RFC 7489 §3.2", "RFC 7489 §6.6.3"),
)
REPORTS_UNAUTHORIZED = FindingSpec(
    "dmarc-reports-unauthorized",
    Severity.WARNING,
    "A report destination has not agreed",
    "Reports to another organization are sent only if it publishes a DMARC record for this purpose.",
    'Have the destination publish TXT "v=DMARC1" at DOMAIN._report._dmarc.DESTINATION.',
    ("RFC 9990 §4", "RFC 7489 §7.1"),
)
NAMESERVERS_DIFFER = FindingSpec(
    "dmarc-nameservers-differ",
    Severity.WARNING,
    "The domain's name servers give different DMARC records",
    "Which policy applies depends on the name server that a receiver happens to ask.",
    "Bring the name servers named to the same version of the zone.",
    ("RFC 1034 §4.3.5",),
)
TEMPERROR = FindingSpec(
    "dmarc-temperror",
    Severity.WARNING,
    "DMARC could not be decided",
    "A question that the result rests on failed or timed out. Receivers that see the same answer defer the mail or let "
    "it pass.",
    "Look at the name servers of the domain; where only this resolver fails, use another (--resolver).",
    ("RFC 9989 §4.10.1",),
)


class _Known(NamedTuple):
    """The results of SPF and DKIM, None where that mechanism could not be evaluated."""

    spf: tuple[tuple[str, str], ...] | None
    dkim: tuple[tuple[str, str], ...] | None


def _author(context: CheckContext) -> tuple[tuple[str, ...], str]:
    """The author domains, and where they come from."""
    if context.message is not None:
        found = author_domains(context.message)
        if found:
            return found, "message"
    if context.domains:
        return context.domains[:1], "given"
    reverse_path = context.envelope.reverse_path
    domain = domain_of(reverse_path.value) if reverse_path is not None else None
    return ((domain,), "reverse-path") if domain else ((), "")


def _skip(context: CheckContext) -> str | None:
    domains, _ = _author(context)
    if not domains:
        return "no author domain is known: no message was given (--message), and the reverse-path names no domain"
    if len(domains) > 1:
        # RFC 9989 §4.2: a From field with several author domains is outside DMARC.
        return (
            f"the From field names several domains ({', '.join(domains[:5])}): DMARC has no result for such a message"
        )
    if domains[0].startswith("["):
        return f"the author domain is an address literal: {domains[0]}"
    return None


async def _run(context: CheckContext) -> Gathered:
    (domain,), source = _author(context)
    resolver = context.resolver
    resolver.ahead(_ahead(context, domain))
    known = await _known(context)
    found = await dmarc.evaluate(resolver, domain, spf=known.spf or (), dkim=known.dkim or ())
    record = read_record(found.record) if found.record is not None else None
    destinations = await _destinations(resolver, found.record_domain, record)
    servers = None
    if context.all_nameservers:
        servers = await ask_all(resolver, f"_dmarc.{found.record_domain or found.author_domain}")
    elsewhere = (
        await dmarc_record.elsewhere(context, found) if found.result is AuthResult.NONE and record is None else ()
    )
    lookups = (
        *found.lookups,
        *(index for one in destinations for index in one.lookups),
        *(servers.lookups if servers else ()),
        *(lookup.index for lookup in elsewhere),
    )
    evidence = msgspec.structs.replace(
        found,
        report_destinations=destinations,
        servers=servers,
        author_domain_source=source,
        lookups=tuple(dict.fromkeys(lookups)),
        problem=found.problem or _unknown(found, known),
    )
    look_alikes = [finding async for finding in dmarc_record.look_alikes(context, evidence)]
    misplaced = [
        dmarc_record.MISPLACED(
            lookup.name, f"the record stands at {lookup.name}; receivers ask _dmarc.{evidence.author_domain}"
        )
        for lookup in elsewhere
    ]
    return evidence, (*look_alikes, *misplaced, *_findings(evidence, record, known))


async def _ahead(context: CheckContext, domain: str) -> None:
    """Ask what does not wait for the results of SPF and DKIM: the walks, and the destinations behind the record."""
    resolver, path = context.resolver, context.envelope.reverse_path
    identified = (domain_of(path.value) or context.envelope.helo.value) if path is not None else None
    if identified and not identified.startswith("["):
        for question in questions(normal_domain(identified)):
            resolver.ahead(resolver.lookup(question))
    found = await discover(resolver, domain)
    await _destinations(resolver, found.record_domain, found.record)


async def _destinations(
    resolver: Resolver, record_domain: str | None, record: DmarcRecord | None
) -> tuple[DmarcReportDestination, ...]:
    if record is None or record_domain is None:
        return ()
    return await report_destinations(resolver, record_domain, (*record.rua, *record.ruf))


async def _known(context: CheckContext) -> _Known:
    """What SPF and DKIM say of this session and message; the domains declared as passing where any were."""
    if context.spf_pass or context.dkim_pass:
        passing = AuthResult.PASS.value
        spf_declared = tuple((domain, passing) for domain in context.spf_pass)
        return _Known(spf_declared, tuple((domain, passing) for domain in context.dkim_pass))
    resolver, reverse_path, client_ip = context.resolver, context.envelope.reverse_path, context.client_ip
    by_spf: tuple[tuple[str, str], ...] | None = None
    by_dkim: tuple[tuple[str, str], ...] | None = None
    if context.message is not None:
        signatures = await dkim.verify(resolver, context.message, now=context.now, min_key_bits=context.min_key_bits)
        by_dkim = tuple((one.domain, one.result.value) for one in signatures if one.domain)
    if client_ip is not None and reverse_path is not None:
        from smtpprobe.mailauth import spf

        checked = (await spf.evaluate(resolver, client_ip, reverse_path.value, context.envelope.helo.value)).identities
        identity = checked.mailfrom
        by_spf = ((identity.domain, identity.result.value),) if identity.domain and identity.result else ()
    return _Known(by_spf, by_dkim)


def _unknown(evidence: DmarcEvidence, known: _Known) -> str | None:
    """Why the result is not the last word, where something could not be evaluated."""
    if evidence.result is not AuthResult.FAIL:
        return None
    if known.spf is None and known.dkim is None:
        return "only the record was judged: neither a message nor the client IP is known"
    if known.dkim is None:
        return "no message was given, so DKIM is unknown"
    return "the client IP is not known, so SPF is unknown" if known.spf is None else None


def _findings(evidence: DmarcEvidence, record: DmarcRecord | None, known: _Known) -> Iterator[Finding]:
    domain = evidence.author_domain
    for query in evidence.queries:
        if query.records > 1:
            yield MULTIPLE_RECORDS(query.name, f"{query.records} records that begin v=DMARC1: none of them counts")
    if evidence.result is AuthResult.TEMPERROR:
        yield TEMPERROR(domain, evidence.problem or "")
    elif evidence.result is AuthResult.NONE and record is None:
        yield NONE(domain, evidence.problem or "")
    if record is not None:
        yield from dmarc_record.record_findings(f"_dmarc.{evidence.record_domain}", record)
        yield from dmarc_record.place_findings(evidence, record)
        if evidence.policy == "none" and record.applies and not record.testing:
            yield POLICY_NONE(domain, f"the policy of _dmarc.{evidence.record_domain} for this domain is none")
    for destination in evidence.report_destinations:
        if destination.external and destination.accepted is False:
            yield REPORTS_UNAUTHORIZED(destination.uri, destination.problem or "")
    if evidence.result is AuthResult.FAIL:
        yield from _failure(evidence, known)
    if evidence.rfc7489 is not None:
        yield DIFFERS(domain, _difference(evidence))
    if evidence.servers is not None and evidence.servers.differ:
        given = [
            f"{answer.server} [{answer.address}]: {'; '.join(answer.records)[:120] or answer.cname or answer.status}"
            for answer in evidence.servers.answers
            if answered(answer)
        ]
        yield NAMESERVERS_DIFFER(evidence.servers.name, "; ".join(given))


def _failure(evidence: DmarcEvidence, known: _Known) -> Iterator[Finding]:
    names = f"the author domain {evidence.author_domain} ({evidence.organizational_domain})"
    seen = "; ".join(
        f"{one.mechanism.upper()} {one.result} for {one.domain}" + ("" if one.aligned else ", not aligned")
        for one in evidence.alignment
    )
    if known.spf is not None and known.dkim is not None:
        # p=none asks receivers to do nothing, so the failure alone costs no mail.
        severity = Severity.WARNING if evidence.policy == "none" else None
        message = f"nothing aligned with {names} passes: {seen or 'no SPF result and no signature'}"
        yield FAIL(evidence.author_domain, f"{message}; the policy is {evidence.policy}", severity=severity)
    elif known.spf is not None:
        yield RESTS_ON_DKIM(
            evidence.author_domain, f"{seen or 'SPF has no result'}; {names} needs a signature of its own"
        )
    elif known.dkim is not None:
        yield RESTS_ON_SPF(evidence.author_domain, f"{seen or 'no signature'}; {names} needs SPF to pass for it")


def _difference(evidence: DmarcEvidence) -> str:
    older = evidence.rfc7489
    assert older is not None
    newer = {
        "organizational_domain": evidence.organizational_domain,
        "policy": evidence.policy,
        "result": evidence.result.value,
        "pct": None,
    }
    parts = []
    for name in older.differs:
        before, now = getattr(older, name), newer[name]
        parts.append(
            f"pct={before} samples the policy"
            if name == "pct"
            else f"{name.replace('_', ' ')} {before or 'none'} instead of {now or 'none'}"
        )
    return "by RFC 7489: " + ", ".join(parts)


CHECK = Check(
    name="dmarc",
    about="the DMARC policy for the author domain, and whether SPF and DKIM align with it",
    findings=(
        NONE,
        dmarc_record.RECORD_INVALID,
        dmarc_record.RECORD_SYNTAX,
        MULTIPLE_RECORDS,
        POLICY_NONE,
        dmarc_record.TESTING,
        FAIL,
        RESTS_ON_DKIM,
        RESTS_ON_SPF,
        DIFFERS,
        dmarc_record.PCT_IGNORED,
        REPORTS_UNAUTHORIZED,
        dmarc_record.PSD_MISUSED,
        dmarc_record.MISPLACED,
        NAMESERVERS_DIFFER,
        TEMPERROR,
    ),
    skip=_skip,
    run=_run,
)
