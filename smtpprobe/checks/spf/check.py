"""What SPF says about the client's address, the reverse-path and the HELO name (RFC 7208)."""

from __future__ import annotations

import msgspec

from smtpprobe.catalogue import zones
from smtpprobe.catalogue.causes import Bearing
from smtpprobe.catalogue.providers import sending_service
from smtpprobe.checks.base import Check, CheckInput, CheckResult, Skip, missing
from smtpprobe.checks.spf.findings import (
    ALL_FINDINGS,
)
from smtpprobe.checks.spf.made_up import made_up
from smtpprobe.checks.spf.stated import findings_of, findings_of_record
from smtpprobe.mailauth import dnsbl
from smtpprobe.mailauth.dns.iprev import looks_generic
from smtpprobe.mailauth.dnsbl.judge import is_end_user_range
from smtpprobe.mailauth.spf import evaluate, helo_problem, published
from smtpprobe.mailauth.spf.edit.not_advised import is_editable
from smtpprobe.mailauth.spf.lint.families import lint_for_everyone
from smtpprobe.mailauth.spf.lint.walk import Linted
from smtpprobe.mailauth.spf.whole_trace import with_whole_trace
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.evidence.spf import (
    SpfEdit,
    SpfFault,
    SpfIdentity,
    SpfProvider,
    SpfStep,
)
from smtpprobe.model.names import is_global, reverse_name
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult


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
    name = domain if domain and helo.assumed else helo.value
    now = check_input.services.now.timestamp()
    spoken = "" if helo_problem(name) else name
    is_null = mail_from in ("", "<>")
    resolver.ahead(_linted(resolver, spoken if is_null else mail_from.rpartition("@")[2]))
    evidence = await evaluate(resolver, client_ip, mail_from, name, domain=domain, now=now)
    identity = evidence.identities.mailfrom
    linted = await _linted(resolver, "" if identity.fault is SpfFault.NO_DOMAIN else identity.domain or "")
    ask_list = not check_input.options.only_dnsbl
    end_user, lookups = await _end_user(resolver, identity, client_ip, ask_list=ask_list)
    doubts = await made_up(resolver, identity, client_ip)
    edit = None
    if identity.result is not AuthResult.PASS:
        from smtpprobe.mailauth.spf.edit.search import smallest_edit

        edit = await smallest_edit(resolver, identity, client_ip, name, end_user=end_user, now=now)
    greeted = evidence.identities.helo
    is_wrong = greeted.result is AuthResult.PERMERROR and greeted != identity
    evidence = msgspec.structs.replace(
        evidence,
        lint=linted.lint,
        lookups_needed=linted.lookups_needed,
        edit=edit,
        made_up=doubts.deciding,
        helo_mended=await _mended(resolver, greeted.domain) if is_wrong and greeted.domain else None,
        lookups=tuple(dict.fromkeys(evidence.lookups + linted.lookups + lookups + doubts.lookups)),
    )
    return evidence, (*findings_of(evidence), *doubts.findings)


async def _mended(resolver: Resolver, domain: str) -> SpfEdit | None:
    """The domain's record without the faults of its own."""
    from smtpprobe.mailauth.spf.edit.mended import mended

    return await mended(resolver, domain)


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


async def _run_record(check_input: CheckInput) -> CheckResult:
    resolver, domain = check_input.services.resolver, check_input.options.domains[0]
    resolver.ahead(_linted(resolver, domain))
    evidence = await published(resolver, domain)
    linted = await _linted(resolver, domain)
    flatten_at = check_input.services.now if check_input.options.flatten else None
    from smtpprobe.mailauth.spf.edit.rewrites import with_rewrites

    put_right = await _mended(resolver, domain)
    evidence = await with_rewrites(resolver, evidence, put_right, is_open=linted.is_open, flatten_at=flatten_at)
    evidence = await with_whole_trace(resolver, evidence)
    path = check_input.session.envelope.reverse_path
    evidence = msgspec.structs.replace(
        evidence,
        mailbox=path.value if path is not None else None,
        lint=linted.lint,
        lookups_needed=linted.lookups_needed,
        lookups=tuple(dict.fromkeys(evidence.lookups + linted.lookups)),
        providers=_providers(evidence.trace),
    )
    return evidence, tuple(findings_of_record(evidence))


def _providers(trace: tuple[SpfStep, ...]) -> tuple[SpfProvider, ...]:
    """The providers that the catalogue knows, by the names that a record and those below it lead to."""
    made: dict[str, str] = {}
    steps = list(trace)
    while steps:
        step = steps.pop(0)
        steps += step.children
        name = step.expanded if step.children else None
        provider = sending_service(name) or (sending_service(step.alias) if name else None)
        if name and provider:
            made[name] = provider
    return tuple(SpfProvider(*each) for each in made.items())


OF_RECORD = Check(
    name="spf",
    about=mark("what a domain's record is, what it includes, and what that costs (RFC 7208 §4.6.4)"),
    findings=ALL_FINDINGS,
    skip=lambda check_input: None,
    run=_run_record,
)
CHECK = Check(
    name="spf",
    about=mark("whether the domains of the reverse-path and the HELO name permit the client's address (RFC 7208)"),
    findings=ALL_FINDINGS,
    skip=_skip,
    run=_run,
    bears_on=Bearing(Phase.EHLO),
)
