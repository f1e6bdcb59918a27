"""DMARC: the policy for the author domain, and whether what was authenticated aligns with it (RFC 9989)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.checks.base import Check, CheckInput, CheckResult
from smtpprobe.checks.dmarc import audit, author, key_testing, record_findings
from smtpprobe.checks.dmarc.findings import (
    DIFFERS,
    FAIL,
    MULTIPLE_RECORDS,
    NAMESERVERS_DIFFER,
    NONE,
    POLICY_NONE,
    REPORTS_UNAUTHORIZED,
    REPORTS_UNREACHABLE,
    RESTS_ON_DKIM,
    RESTS_ON_SPF,
    TEMPERROR,
)
from smtpprobe.mailauth import dkim, dmarc
from smtpprobe.mailauth.dmarc.discovery import discover
from smtpprobe.mailauth.dmarc.enforcement import enforcement
from smtpprobe.mailauth.dmarc.record import DmarcRecord, read_record
from smtpprobe.mailauth.dmarc.report_uri import uri_fault
from smtpprobe.mailauth.dmarc.reports import MAX_DESTINATIONS, report_destinations
from smtpprobe.mailauth.dmarc.spelling import spelled
from smtpprobe.mailauth.dmarc.walk import questions
from smtpprobe.mailauth.dns.nameservers import answered, ask_all
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.dmarc import DmarcEvidence, DmarcMechanism, DmarcPolicy, DmarcReportDestination
from smtpprobe.model.names import a_labels, domain_of, is_domain
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.request import Envelope
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult

_Results = tuple[tuple[str, AuthResult], ...]


class _Known(NamedTuple):
    """The results of SPF and DKIM, None where that mechanism could not be evaluated."""

    spf: _Results | None
    dkim: _Results | None
    tested: frozenset[str] = frozenset()  # domains whose signatures pass by keys for testing alone


async def _run(check_input: CheckInput) -> CheckResult:
    domain, source = author.author(check_input)
    if domain is None:
        return None, tuple(author.author_findings(check_input, None))
    resolver = check_input.services.resolver
    resolver.ahead(_ahead(resolver, check_input.session.envelope, domain))
    if audit.is_audit(check_input):
        resolver.ahead(audit.look(check_input, a_labels(domain)))
    known = await _known(check_input)
    found = _judged(await dmarc.evaluate(resolver, domain, spf=known.spf or (), dkim=known.dkim or ()), known)
    record = read_record(found.record) if found.record is not None else None
    destinations = await _destinations(resolver, found.record_domain, record)
    servers = None
    if check_input.options.all_nameservers:
        servers = await ask_all(resolver, f"_dmarc.{found.record_domain or found.author_domain}")
    is_alone = check_input.session.transcript is None
    elsewhere = (
        await record_findings.elsewhere(resolver, found, alone=is_alone)
        if (record is None and found.result is AuthResult.NONE)
        or (is_alone and found.record_domain not in (None, found.author_domain))
        else ()
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
        destinations_left_out=_left_out(record) if record is not None and found.record_domain is not None else 0,
        servers=servers,
        meant=spelled(record.text).meant if record is not None else None,
        published=enforcement(record, found.record_domain or "", destinations)
        if record is not None and record.applies
        else None,
        author_domain_source=source,
        lookups=tuple(dict.fromkeys(lookups)),
    )
    if audit.is_audit(check_input):
        evidence = await audit.with_backing(check_input, evidence, elsewhere)
    look_alikes = [finding async for finding in record_findings.look_alikes(resolver, evidence)]
    misplaced = [
        record_findings.MISPLACED(
            lookup.name,
            say(
                "the record is at {name}; receivers ask _dmarc.{author_domain}",
                name=lookup.name,
                author_domain=evidence.author_domain,
            ),
        )
        for lookup in elsewhere
    ]
    findings = (*look_alikes, *misplaced, *_findings(evidence, record, known), *audit.audit_findings(evidence))
    return evidence, (*author.author_findings(check_input, domain), *findings)


async def _ahead(resolver: Resolver, envelope: Envelope, domain: str) -> None:
    """Ask what does not wait for the results of SPF and DKIM: the walks, and the destinations behind the record."""
    path = envelope.reverse_path
    identified = (domain_of(path.value) or envelope.helo.value) if path is not None else None
    if identified and is_domain(a_labels(identified)):
        for question in questions(a_labels(identified)):
            resolver.ahead(resolver.lookup(question))
    found = await discover(resolver, domain)
    resolver.ahead(record_findings.ask_wildcards_ahead(resolver, found.walk.queries))
    await _destinations(resolver, found.record_domain, found.record)


async def _destinations(
    resolver: Resolver, record_domain: str | None, record: DmarcRecord | None
) -> tuple[DmarcReportDestination, ...]:
    if record is None or record_domain is None:
        return ()
    aggregate = await report_destinations(resolver, record_domain, record.rua)
    return (*aggregate, *await report_destinations(resolver, record_domain, record.ruf, tag="ruf"))


def _left_out(record: DmarcRecord) -> int:
    """How many destinations are not looked at."""
    return sum(max(len(set(uris)) - MAX_DESTINATIONS, 0) for uris in (record.rua, record.ruf))


def _passing(domains: Iterable[str]) -> _Results:
    return tuple((domain, AuthResult.PASS) for domain in domains)


async def _known(check_input: CheckInput) -> _Known:
    """What SPF and DKIM say of this session and message; what is declared as passing is not judged again."""
    session, options, services = check_input.session, check_input.options, check_input.services
    spf_declared, dkim_declared = _passing(options.spf_pass), _passing(options.dkim_pass)
    if (spf_declared or dkim_declared) and options.message is None:
        return _Known(spf_declared, dkim_declared)
    resolver, reverse_path, client_ip = services.resolver, session.envelope.reverse_path, session.client_ip
    by_spf: _Results | None = spf_declared or None
    by_dkim: _Results | None = None
    tested: frozenset[str] = frozenset()
    if options.message is not None:
        signatures = await dkim.verify_once(
            resolver, options.message, now=services.now, min_key_bits=options.min_key_bits
        )
        tested = key_testing.tested_domains(signatures) - set(options.dkim_pass)
        by_dkim = (*dkim_declared, *((one.domain, one.result) for one in signatures if one.domain))
    if not spf_declared and client_ip is not None and reverse_path is not None:
        from smtpprobe.mailauth import spf

        helo, now = session.envelope.helo.value, services.now.timestamp()
        evaluated = await spf.evaluate(resolver, client_ip, reverse_path.value, helo, now=now)
        identity = evaluated.identities.mailfrom
        by_spf = ((identity.domain, identity.result),) if identity.domain and identity.result else ()
    return _Known(by_spf, by_dkim, tested)


def _judged(found: DmarcEvidence, known: _Known) -> DmarcEvidence:
    """The evidence, where it fails with what it hangs on that could not be evaluated: that may pass."""
    by_mechanism = ((DmarcMechanism.SPF, known.spf), (DmarcMechanism.DKIM, known.dkim))
    hangs_on = tuple(mechanism for mechanism, results in by_mechanism if results is None)
    if found.result is not AuthResult.FAIL or not hangs_on:
        return found
    result: AuthResult = AuthResult.FAIL
    older = found.rfc7489
    why = say("only the record was judged: neither a message nor the client IP is known")
    if len(hangs_on) == 1:
        result = AuthResult.UNKNOWN
        why = say("the client IP is not known, so SPF is unknown")
        if hangs_on == (DmarcMechanism.DKIM,):
            why = say("no message was given, so DKIM is unknown")
        if older is not None and older.result is AuthResult.FAIL:
            older = msgspec.structs.replace(older, result=result)
    problem = "; ".join(filter(None, (found.problem, why)))
    return msgspec.structs.replace(found, result=result, hangs_on=hangs_on, problem=problem, rfc7489=older)


def _findings(evidence: DmarcEvidence, record: DmarcRecord | None, known: _Known) -> Iterator[Finding]:
    domain = evidence.author_domain
    for query in evidence.queries:
        if query.records > 1:
            yield MULTIPLE_RECORDS(
                query.name, say("{records} records that begin v=DMARC1: none of them counts", records=query.records)
            )
    if evidence.result is AuthResult.TEMPERROR:
        yield TEMPERROR(domain, evidence.problem or "")
    elif evidence.result is AuthResult.NONE and record is None:
        yield NONE(domain, evidence.problem or "")
    if record is not None:
        yield from record_findings.record_findings(f"_dmarc.{evidence.record_domain}", record)
        yield from record_findings.place_findings(evidence, record)
        if evidence.policy is DmarcPolicy.NONE and record.applies and not record.testing:
            yield POLICY_NONE(
                domain,
                say(
                    "the policy of _dmarc.{record_domain} for this domain is none", record_domain=evidence.record_domain
                ),
            )
    for destination in evidence.report_destinations:
        if destination.external and destination.accepted is False:
            yield REPORTS_UNAUTHORIZED(destination.uri, destination.problem or "")
        elif destination.reachable is False and uri_fault(destination.uri) is None:
            yield REPORTS_UNREACHABLE(destination.uri, destination.problem or "")
    if evidence.result is AuthResult.FAIL or evidence.hangs_on:
        yield from _failure(evidence, known)
    yield from key_testing.findings(evidence, known.tested)
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
    domain, organization = evidence.author_domain, evidence.organizational_domain
    names = (
        domain
        if organization in (None, domain)
        else say("{domain} (organizational domain {organization})", domain=domain, organization=organization)
    )
    seen = "; ".join(
        say("{mechanism} {result} for {domain}", mechanism=one.mechanism.upper(), result=one.result, domain=one.domain)
        + (say(", not aligned") if one.aligned is False else say(", alignment unknown") if one.aligned is None else "")
        for one in evidence.alignment
    )
    if known.spf is not None and known.dkim is not None:
        # p=none asks receivers to do nothing, so the failure alone costs no mail.
        severity = Severity.WARNING if evidence.policy is DmarcPolicy.NONE else None
        message = say(
            "no aligned SPF or DKIM pass for {names}: {seen}",
            names=names,
            seen=seen or say("no SPF result and no signature"),
        )
        yield FAIL(
            evidence.author_domain,
            say("{message}; the policy is {policy}", message=message, policy=evidence.policy or say("unknown")),
            severity=severity,
        )
    elif known.spf is not None:
        yield RESTS_ON_DKIM(
            evidence.author_domain,
            say("{seen}; {names} needs a signature of its own", seen=seen or say("SPF has no result"), names=names),
        )
    elif known.dkim is not None:
        yield RESTS_ON_SPF(
            evidence.author_domain,
            say("{seen}; {names} needs SPF to pass for it", seen=seen or say("no signature"), names=names),
        )


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
        none = say("none")
        shown = [none if each in (None, "") else each for each in (before, now)]
        parts.append(say(_DIFFERENCES[name], before=shown[0], now=shown[1]))
    return say("by RFC 7489: {differences}", differences=", ".join(parts))


_DIFFERENCES = {
    "organizational_domain": mark("organizational domain {before} instead of {now}"),
    "policy": mark("policy {before} instead of {now}"),
    "result": mark("result {before} instead of {now}"),
    "pct": mark("pct={before} samples the policy"),
}


CHECK = Check(
    name="dmarc",
    about=mark("the DMARC policy for the author domain, and whether SPF and DKIM align with it"),
    findings=(
        NONE,
        record_findings.RECORD_INVALID,
        record_findings.RECORD_SYNTAX,
        MULTIPLE_RECORDS,
        POLICY_NONE,
        record_findings.TESTING,
        FAIL,
        RESTS_ON_DKIM,
        RESTS_ON_SPF,
        audit.RESTS_ON_NOTHING,
        audit.SPF_OPEN,
        key_testing.KEY_TESTING,
        DIFFERS,
        record_findings.PCT_IGNORED,
        REPORTS_UNAUTHORIZED,
        REPORTS_UNREACHABLE,
        author.FROM_AMBIGUOUS,
        author.NO_AUTHOR_DOMAIN,
        record_findings.PSD_MISUSED,
        record_findings.MISPLACED,
        NAMESERVERS_DIFFER,
        TEMPERROR,
    ),
    skip=author.skip,
    run=_run,
    bears_on=Bearing(Phase.RCPT),
)
