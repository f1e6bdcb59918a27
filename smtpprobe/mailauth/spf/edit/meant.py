"""Dead terms that only a fault keeps from matching: they were meant to send, and to take them out is no remedy."""

from __future__ import annotations

from smtpprobe.mailauth.dns.mx_set import both_families, host_addresses
from smtpprobe.mailauth.spf.macro import can_be_asked
from smtpprobe.mailauth.spf.prefetch import mx_hosts
from smtpprobe.mailauth.spf.record import MECHANISMS, Record, Term, is_spf_record, parse_record
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.spf import SpfDead, SpfDeadReason

_MAX_RECORDS = 12  # that are looked at


async def was_meant(resolver: Resolver, domain: str, term: Term, dead: SpfDead) -> bool:
    """Whether the term would match somebody, were it not for a fault that a finding names."""
    match dead.reason:
        case SpfDeadReason.AFTER_ALL:
            return term.name != "all"
        case SpfDeadReason.BESIDE_ALL:
            return True
        case SpfDeadReason.NO_ADDRESS:
            return dead.family is None and await _is_host(resolver, domain, term)
        case SpfDeadReason.PASSES_NOBODY:
            return await _hides_senders(resolver, term.name_literal)
        case _:
            return False


async def _is_host(resolver: Resolver, domain: str, term: Term) -> bool:
    """Whether an mx term names a host: it has addresses, and no MX records."""
    name = domain if term.target is None else term.name_literal
    if term.name != "mx" or name is None or name == domain.lower() or not can_be_asked(name):
        return False
    found = await resolver.lookup(Question(name, "MX"))
    if found.failed or found.records or mx_hosts(found):
        return False
    return bool(host_addresses(await both_families(resolver, name)))


async def _hides_senders(resolver: Resolver, name: str | None) -> bool:
    """Whether a record, or one that it includes, has terms that its own fault keeps from being evaluated."""
    names, seen = [name], set[str]()
    while names and len(seen) < _MAX_RECORDS:
        target = names.pop(0)
        if target is None or target in seen or not can_be_asked(target):
            continue
        seen.add(target)
        found = await resolver.lookup(Question(target, "TXT"))
        for text in (text for text in found.records if is_spf_record(text)):
            record = parse_record(text)
            if _has_hidden(record):
                return True
            for term in record.directives:
                if await _is_host(resolver, target, term):
                    return True
                if term.name == "include":
                    names.append(term.name_literal)
            if record.redirect is not None:
                names.append(record.redirect.name_literal)
    return False


def _has_hidden(record: Record) -> bool:
    """Whether terms stand after all, a redirect= beside it, or mechanisms are written as modifiers."""
    if record.ignored_redirect is not None or record.faulty is not None:
        return True
    reached = {term.position for term in record.directives}
    return any(
        term.name in MECHANISMS and (not term.qualifier or (term.position not in reached and term.name != "all"))
        for term in record.terms
    )
