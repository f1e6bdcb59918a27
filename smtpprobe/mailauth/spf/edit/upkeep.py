"""Whose names networks stand for in a flattened record: the owner's own, or another's, whose addresses change unannounced."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from smtpprobe.mailauth.dns.registered_domain import registered_domain
from smtpprobe.mailauth.spf.macro import can_be_asked
from smtpprobe.mailauth.spf.of_domain import of_domain
from smtpprobe.mailauth.spf.prefetch import mx_hosts
from smtpprobe.mailauth.spf.record import QUERYING, Term, is_spf_record, parse_record
from smtpprobe.model.dns.lookup import Question, Resolver

_MAX_TERMS = 60  # that are looked at
_TYPES = {"include": "TXT", "redirect": "TXT", "mx": "MX"}


class Upkeep(msgspec.Struct, frozen=True):
    """The terms that lead to names of the same registered domain, and those that lead to others."""

    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


async def upkeep(resolver: Resolver, domain: str, terms: Iterable[Term]) -> Upkeep:
    """What the terms of the domain's record lead to, and those of the owner's own records below it."""
    of_owner = registered_domain(domain)
    waiting = [(term, domain) for term in terms]
    own: list[str] = []
    others: list[str] = []
    seen: set[tuple[str, str]] = set()
    while waiting and len(seen) < _MAX_TERMS:
        term, record_of = waiting.pop(0)
        name = record_of if term.target is None else of_domain(term, record_of)
        if name is None or not can_be_asked(name) or (term.text, name) in seen:
            continue
        seen.add((term.text, name))
        names, texts = await _led_to(resolver, term, name)
        if any(registered_domain(each) != of_owner for each in names):
            others.append(term.text)
            continue
        own.append(term.text)
        below = [(each, name) for text in texts for each in parse_record(text).terms if each.name in QUERYING]
        waiting = [*below, *waiting]
    return Upkeep(tuple(dict.fromkeys(own)), tuple(dict.fromkeys(others)))


async def _led_to(resolver: Resolver, term: Term, name: str) -> tuple[list[str], list[str]]:
    """The names that decide which addresses the term comes to, its aliases and mail hosts among them; its SPF records."""
    found = await resolver.lookup(Question(name, _TYPES.get(term.name, "A")))
    names = [name.lower(), *([found.cname.removesuffix(".").lower()] if found.cname else ())]
    if term.name == "mx":
        for host in mx_hosts(found):
            names.append(host.lower())
            if can_be_asked(host) and (alias := (await resolver.lookup(Question(host, "A"))).cname):
                names.append(alias.removesuffix(".").lower())
    return names, [text for text in found.records if term.name in ("include", "redirect") and is_spf_record(text)]
