"""What the names in a record come to: which terms can permit nobody, and what was meant by a name that is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from smtpprobe.mailauth.dns.final_dot import without_zone
from smtpprobe.mailauth.dns.mx_set import both_families, host_addresses, meant_host, mx_set
from smtpprobe.mailauth.spf.everybody.matched import Place, matched
from smtpprobe.mailauth.spf.limits import MAX_MX_HOSTS
from smtpprobe.mailauth.spf.macro import can_be_asked
from smtpprobe.mailauth.spf.of_domain import of_domain
from smtpprobe.mailauth.spf.prefetch import mx_hosts
from smtpprobe.mailauth.spf.record import MECHANISMS, QUERYING, Record, Term, is_spf_record, parse_record
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.spf_dead import SpfDead, SpfDeadReason
from smtpprobe.model.texts.language import say

_MAX_RECORDS = 12  # that are looked at
_MAX_NAMED = 40  # terms whose hosts are looked up
_OF_HOSTS = ("a", "mx", "exists")
_FAMILIES = ("A", "AAAA")


class DeadTerms(msgspec.Struct, frozen=True):
    """The places of terms that cost lookups and add nothing, and why; `nowhere` are those of a name without an address."""

    why: dict[int, str]
    nowhere: tuple[str, ...]


async def dead_terms(resolver: Resolver, place: Place, record: str) -> DeadTerms:
    """The terms that cost lookups and add nothing: without an address, repeated, or leading back.

    A term with macros is never one: what it leads to is another thing for another client.
    """
    terms = [term for term in parse_record(record).terms if term.name in QUERYING and term.problem is None]
    named = [term for term in terms if term.name in _OF_HOSTS and not term.letters][:_MAX_NAMED]
    for term in named:
        resolver.ahead(matched(resolver, place, term))
    dead: dict[int, str] = {}
    nowhere: list[str] = []
    seen: set[str] = set()
    for term in terms:
        text = term.text.lower().removeprefix("+")
        # A term that leads to its own record costs all ten.
        leads_back = term.name in ("include", "redirect") and term.name_literal == place.domain.lower()
        if leads_back:
            dead[term.position] = say("it leads back to its own record")
        elif text in seen:
            dead[term.position] = say("it is there twice")
        elif term in named and (found := await matched(resolver, place, term)).is_listed and found.is_empty:
            dead[term.position] = say("nothing that it names has an address")
            nowhere += [term.text] if term.target is not None else []
        seen.add(text)
    return DeadTerms(dead, tuple(nowhere))


def leading_back(record: str, chain: Sequence[str]) -> dict[int, str]:
    """The places of terms that lead back to a record from which the chain leads to this one, the last, and why."""
    made: dict[int, str] = {}
    for term in parse_record(record).terms:
        target = of_domain(term, chain[-1]) if term.name in ("include", "redirect") else None
        if target == chain[-1]:
            made[term.position] = say("it leads back to its own record")
        elif target in chain:
            made[term.position] = say("it leads back to {target}, which leads here", target=target)
    return made


async def meant_instead(resolver: Resolver, term: Term, domain: str) -> str | None:
    """The term that was meant by an include of a name without a record, or an mx of one without MX hosts.

    An underscore is often forgotten; a host below the domain itself is meant for `a`.
    """
    name = term.name_literal
    if name is None or not can_be_asked(name):
        return None
    qualifier = term.text[: len(term.text) - len(term.text.lstrip("+-~?"))]
    if term.name == "include" and not name.startswith("_") and can_be_asked(f"_{name}"):
        found = await resolver.lookup(Question(f"_{name}", "TXT"))
        if any(is_spf_record(text) for text in found.records):
            return f"{qualifier}include:_{name}"
    if not name.endswith(f".{domain.lower()}"):
        return None
    if term.name == "mx" and not (await resolver.lookup(Question(name, "MX"))).is_void:
        return None
    addresses = [await resolver.lookup(Question(name, rdtype)) for rdtype in _FAMILIES]
    if not any(found.records for found in addresses):
        return None
    lengths = term.text.partition("/")
    return f"{qualifier}a:{name}{lengths[1]}{lengths[2]}"


async def was_meant(resolver: Resolver, domain: str, term: Term, dead: SpfDead) -> bool:
    """Whether the term would match somebody, were it not for a fault that a finding names."""
    match dead.reason:
        case SpfDeadReason.AFTER_ALL:
            return term.name != "all"
        case SpfDeadReason.BESIDE_ALL:
            return True
        case SpfDeadReason.NO_ADDRESS if dead.family is None:
            return await _is_host(resolver, domain, term) or await _is_misspelt(resolver, domain, term)
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


async def _is_misspelt(resolver: Resolver, domain: str, term: Term) -> bool:
    """Whether a host that the term leads to, or the alias that it is, lacks its final dot in the zone file."""
    name = domain if term.target is None else term.name_literal
    if term.name not in ("a", "mx") or name is None or not can_be_asked(name):
        return False
    found = await resolver.lookup(Question(name, "MX" if term.name == "mx" else "A"))
    if found.cname is not None and found.is_void:
        return without_zone(found.cname, found.name) is not None
    hosts = mx_set(found).names[:MAX_MX_HOSTS] if term.name == "mx" else ()
    return any([(await meant_host(resolver, host, name, ()))[0] is not None for host in hosts])


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
