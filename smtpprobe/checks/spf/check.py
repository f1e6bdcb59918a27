"""What SPF says about the client's address, the reverse-path and the HELO name (RFC 7208)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from smtpprobe.catalogue import zones
from smtpprobe.catalogue.causes import Bearing
from smtpprobe.catalogue.providers import host_provider, provider_name
from smtpprobe.catalogue.selectors import known_selectors
from smtpprobe.checks.base import Check, CheckInput, CheckResult, Skip, Trigger, missing
from smtpprobe.checks.spf.findings import (
    ALL_FINDINGS,
    BY_FAULT,
    BY_ID,
    FAIL,
    HELO_FAIL,
    HELO_PERMERROR,
    NEAR_LOOKUP_LIMIT,
    NEUTRAL,
    NONE,
    NOT_CHECKABLE,
    SOFTFAIL,
    TEMPERROR,
    VOIDS_DIFFER,
)
from smtpprobe.checks.spf.made_up import made_up
from smtpprobe.mailauth import dnsbl
from smtpprobe.mailauth.dns.iprev import looks_generic
from smtpprobe.mailauth.dnsbl.judge import is_end_user_range
from smtpprobe.mailauth.spf import evaluate, helo_problem, published
from smtpprobe.mailauth.spf.edit.below import Below, audit_below
from smtpprobe.mailauth.spf.edit.flat import flattened
from smtpprobe.mailauth.spf.edit.mended import mended
from smtpprobe.mailauth.spf.edit.not_advised import is_editable
from smtpprobe.mailauth.spf.edit.search import smallest_edit
from smtpprobe.mailauth.spf.edit.shorter import audit
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS
from smtpprobe.mailauth.spf.lint.families import lint_for_everyone
from smtpprobe.mailauth.spf.lint.walk import Linted
from smtpprobe.mailauth.spf.macro import MAX_NAME
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.evidence.spf import (
    SpfEvidence,
    SpfFault,
    SpfIdentity,
    SpfLint,
    SpfOtherCount,
    SpfProvider,
    SpfRecordEvidence,
    SpfStep,
)
from smtpprobe.model.names import is_global, reverse_name
from smtpprobe.model.quoting import cut
from smtpprobe.model.report import Finding
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult

NEAR_LIMIT = 8  # lookups; RFC 7208 §4.6.4 allows ten
MAX_MESSAGE = 100
# Results that do not hang on an address.
_WITHOUT_ADDRESS = (AuthResult.NONE, AuthResult.TEMPERROR, AuthResult.PERMERROR)
_LOOPS = frozenset(("spf-include-self", "spf-include-loop", "spf-redirect-loop"))
# What the finding about a result says already.
_SAID_BY = {
    "spf-neutral": {"spf-all-neutral", "spf-all-missing"},
    "spf-too-many-lookups": {"spf-lookups-needed"},
    "spf-too-many-void-lookups": {"spf-void-lookups-needed"},
}


def _skip(check_input: CheckInput) -> Skip | None:
    session = check_input.session
    if session.client_ip is None:
        return missing("client_ip", say("the address that the server saw is unknown"))
    if session.envelope.reverse_path is None and not session.envelope.helo.value and not check_input.options.domains:
        return missing("mail_from", say("there is neither a reverse-path nor a HELO name to check"))
    return None


async def _run(check_input: CheckInput) -> CheckResult:
    resolver, client_ip = check_input.services.resolver, check_input.session.client_ip
    assert client_ip is not None
    path, helo = check_input.session.envelope.reverse_path, check_input.session.envelope.helo
    domain = check_input.options.domains[0] if check_input.options.domains else None
    mail_from = path.value if path else f"postmaster@{domain}" if domain else ""
    # Alone, the name of this host says nothing about the address in question.
    name = domain if domain and (helo.assumed or not helo.value) else helo.value
    now = check_input.services.now.timestamp()
    spoken = "" if helo_problem(name) else name
    is_null = mail_from in ("", "<>")
    resolver.ahead(_linted(resolver, spoken if is_null else domain or mail_from.rpartition("@")[2]))
    evidence = await evaluate(resolver, client_ip, mail_from, name, domain=domain, now=now)
    identity = evidence.identities.mailfrom
    linted = await _linted(resolver, "" if identity.fault is SpfFault.NO_DOMAIN else identity.domain or "")
    ask_list = not check_input.options.only_dnsbl
    end_user, lookups = await _end_user(resolver, identity, client_ip, ask_list=ask_list)
    doubts, asked = await made_up(resolver, identity)
    edit = await smallest_edit(resolver, identity, client_ip, name, end_user=end_user, now=now)
    evidence = msgspec.structs.replace(
        evidence,
        lint=linted.lint,
        lookups_needed=linted.lookups_needed,
        edit=edit,
        lookups=tuple(dict.fromkeys(evidence.lookups + linted.lookups + lookups + asked)),
    )
    return evidence, (*_findings(evidence), *doubts)


async def _linted(resolver: Resolver, domain: str) -> Linted:
    """The lint of the domain's record, walked once a run."""
    domain = domain.removesuffix(".").lower()
    return await resolver.once(("spf-lint", domain), lambda: lint_for_everyone(resolver, domain))


async def _end_user(
    resolver: Resolver, identity: SpfIdentity, client_ip: str, *, ask_list: bool
) -> tuple[bool, tuple[int, ...]]:
    """Whether the address is in an end-user range, or all its names look so, and the lookups that this rests on."""
    if identity.result is AuthResult.PASS or not is_editable(client_ip):
        return False, ()
    if ask_list and is_global(client_ip):
        zone = zones.end_user_zone()
        resolver.ahead(dnsbl.ask(resolver, zone, client_ip))
        generic, seen = await _has_generic_name(resolver, client_ip)
        listed = await dnsbl.ask(resolver, zone, client_ip)
        is_listed = listed.status is DnsblStatus.LISTED and is_end_user_range(zone, listed.codes)
        return generic or is_listed, (*seen, *listed.lookups)
    return await _has_generic_name(resolver, client_ip)


async def _has_generic_name(resolver: Resolver, ip: str) -> tuple[bool, tuple[int, ...]]:
    found = await resolver.lookup(Question(reverse_name(ip), "PTR"))
    generic = bool(found.records) and all(looks_generic(name, ip) for name in found.records[:10])
    return generic, (found.index,) if found.index >= 0 else ()


def _findings(evidence: SpfEvidence) -> Iterator[Finding]:
    identity, helo = evidence.identities.mailfrom, evidence.identities.helo
    of_result = _once(_of_result(identity, evidence.client_ip), evidence.lint)
    yield from of_result
    subject = identity.domain or ""
    yield from _of_count(subject, identity.other_count)
    yield from _of_lint(subject, evidence.result, evidence.lint, evidence.lookups_needed, of_result)
    if helo == identity:
        return
    subject = helo.domain or "HELO"
    if helo.result is AuthResult.FAIL:
        yield HELO_FAIL(
            subject,
            cut(
                say(
                    "HELO name {subject} does not permit {client_ip}: {mechanism}",
                    subject=subject,
                    client_ip=evidence.client_ip,
                    mechanism=helo.mechanism,
                ),
                MAX_MESSAGE,
            ),
        )
    elif helo.result is AuthResult.PERMERROR:
        yield HELO_PERMERROR(
            subject, cut(say("HELO name {subject}: {problem}", subject=subject, problem=helo.problem), MAX_MESSAGE)
        )


def _once(of_result: Iterator[Finding], lint: Iterable[SpfLint]) -> list[Finding]:
    """The findings about a result; not that records lead in a circle, where the lint names the term that closes it."""
    is_told = any(each.id in _LOOPS for each in lint)
    return [each for each in of_result if not (is_told and each.id in _LOOPS)]


def _of_result(identity: SpfIdentity, ip: str) -> Iterator[Finding]:
    subject = identity.domain or identity.sender or "reverse-path"
    problem = identity.problem or ""
    match identity.result:
        case AuthResult.FAIL:
            yield FAIL(
                subject,
                cut(
                    say(
                        "{subject} does not permit {ip} to send for it: {mechanism}",
                        subject=subject,
                        ip=ip,
                        mechanism=identity.mechanism,
                    ),
                    MAX_MESSAGE,
                ),
            )
        case AuthResult.SOFTFAIL:
            yield SOFTFAIL(
                subject,
                cut(
                    say(
                        "{subject} probably does not permit {ip}: {mechanism}",
                        subject=subject,
                        ip=ip,
                        mechanism=identity.mechanism,
                    ),
                    MAX_MESSAGE,
                ),
            )
        case AuthResult.NEUTRAL:
            yield NEUTRAL(
                subject,
                cut(
                    say(
                        "{subject} says nothing about {ip}: {mechanism}",
                        subject=subject,
                        ip=ip,
                        mechanism=identity.mechanism,
                    ),
                    MAX_MESSAGE,
                ),
            )
        case AuthResult.NONE:
            spec = NONE if identity.fault is SpfFault.NO_RECORD else NOT_CHECKABLE
            # A name that is too long is not named.
            named = identity.domain is not None and len(identity.domain) <= MAX_NAME
            yield spec(subject, cut(problem, MAX_MESSAGE), names_subject=named)
        case AuthResult.TEMPERROR:
            yield TEMPERROR(
                subject,
                cut(
                    say("SPF of {subject} could not be evaluated: {problem}", subject=subject, problem=problem),
                    MAX_MESSAGE,
                ),
            )
        case AuthResult.PERMERROR:
            yield BY_FAULT[identity.fault or SpfFault.UNKNOWN](subject, cut(problem, MAX_MESSAGE))
        case _:
            return


def _of_count(subject: str, other: SpfOtherCount | None) -> Iterator[Finding]:
    """What receivers come to that count void lookups the other way."""
    if other is not None:
        by = say(" by {mechanism}", mechanism=other.mechanism) if other.mechanism else ""
        text = say(
            "{subject}: receivers that count mx and ptr once, not by host, get {result}{by}",
            subject=subject,
            result=other.result,
            by=by,
        )
        yield VOIDS_DIFFER(subject, cut(text, MAX_MESSAGE))


def _of_lint(
    subject: str, result: AuthResult, lint: Iterable[SpfLint], needed: int | None, of_result: Iterable[Finding]
) -> Iterator[Finding]:
    """What the lint found, without what the result's own findings say already."""
    stated = {finding.id for finding in of_result}
    said = stated.union(*(_SAID_BY.get(each, set()) for each in stated))
    for each in lint:
        if each.id not in said:
            message = cut(f"{each.domain}: {each.message}", MAX_MESSAGE)
            yield BY_ID[each.id](each.domain, message, names_subject=True)
    if needed is not None and NEAR_LIMIT <= needed <= MAX_LOOKUPS and result is not AuthResult.PERMERROR:
        yield NEAR_LOOKUP_LIMIT(
            subject,
            say(
                "SPF of {subject} needs up to {needed} of {max_lookups} lookups",
                subject=subject,
                needed=needed,
                max_lookups=MAX_LOOKUPS,
            ),
        )


async def _run_record(check_input: CheckInput) -> CheckResult:
    resolver, domain = check_input.services.resolver, check_input.options.domains[0]
    resolver.ahead(_linted(resolver, domain))
    evidence = await published(resolver, domain)
    linted = await _linted(resolver, domain)
    audited = await audit(resolver, domain, evidence.fault)
    below = await audit_below(resolver, audited, evidence.fault) if audited else Below()
    flat = None
    if audited is not None and check_input.options.flatten:
        flat = await flattened(resolver, audited, evidence.fault, check_input.services.now)
    evidence = msgspec.structs.replace(
        evidence,
        lint=linted.lint,
        lookups_needed=linted.lookups_needed,
        lookups=tuple(dict.fromkeys(evidence.lookups + linted.lookups)),
        dead=(*audited.dead, *below.dead) if audited else (),
        providers=_providers(evidence.trace),
        mended=await mended(resolver, domain),
        shorter=audited.shorter if audited else None,
        shorter_below=below.shorter,
        flattened=flat,
    )
    return evidence, tuple(_findings_of_record(evidence))


def _providers(trace: tuple[SpfStep, ...]) -> tuple[SpfProvider, ...]:
    """The providers that the catalogue knows, by the names that a record and those below it lead to."""
    made: dict[str, str] = {}
    steps = list(trace)
    while steps:
        step = steps.pop(0)
        steps += step.children
        name = step.expanded if step.children else None
        services = known_selectors().services_behind([name]) if name else ()
        provider = services[0].name if services else provider_name(host_provider(name))
        if name and provider:
            made[name] = provider
    return tuple(SpfProvider(*each) for each in made.items())


def _findings_of_record(evidence: SpfRecordEvidence) -> Iterator[Finding]:
    identity = SpfIdentity(
        domain=evidence.domain, sender=None, result=evidence.result, problem=evidence.problem, fault=evidence.fault
    )
    # To let nobody pass but those that it names is what a record is for.
    of_result = _once(_of_result(identity, ""), evidence.lint) if evidence.result in _WITHOUT_ADDRESS else []
    yield from of_result
    yield from _of_count(evidence.domain, evidence.other_count)
    yield from _of_lint(evidence.domain, evidence.result, evidence.lint, evidence.lookups_needed, of_result)


OF_RECORD = Check(
    name="spf",
    about=mark("what a domain's record is, what it includes, and what that costs (RFC 7208 §4.6.4)"),
    trigger=Trigger.ALWAYS,
    needs_dns=True,
    findings=ALL_FINDINGS,
    skip=lambda check_input: None,
    run=_run_record,
)
CHECK = Check(
    name="spf",
    about=mark("whether the domains of the reverse-path and the HELO name permit the client's address (RFC 7208)"),
    trigger=Trigger.AFTER_REFUSAL,
    needs_dns=True,
    findings=ALL_FINDINGS,
    skip=_skip,
    run=_run,
    bears_on=Bearing(Phase.EHLO),
)
