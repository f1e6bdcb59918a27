"""DKIM of a domain: key records asked for by selector, and the signatures of a message (RFC 6376)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from smtpprobe.mailauth.dkim import wildcard
from smtpprobe.mailauth.dkim.key import MIN_KEY_BITS, is_key_like, key_question
from smtpprobe.mailauth.dkim.key_at import key_at, wildcard_key
from smtpprobe.mailauth.dkim.misplaced import looked_further
from smtpprobe.mailauth.dkim.outweighed import verified_records
from smtpprobe.mailauth.dkim.selectors import asked, spf_targets, unanswered
from smtpprobe.mailauth.dns.nameservers import ask_all
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver, mx_records
from smtpprobe.model.evidence.dkim import DkimDomain, DkimEvidence, DkimKey, DkimSignature, KeyOrigin, KeyStatus
from smtpprobe.model.known.mail_services import KnownSelectors, MailService
from smtpprobe.model.names import a_labels
from smtpprobe.model.texts.language import say

MAX_DOMAINS = 20
MAX_KEYS_AT_ALL = 10  # keys that are asked at every name server


async def gather(
    resolver: Resolver,
    domain: str | Sequence[str] | None,
    selectors: Iterable[str],
    message: bytes | None = None,
    *,
    now: datetime,
    known: KnownSelectors,
    min_key_bits: int = MIN_KEY_BITS,
    all_nameservers: bool = False,
) -> DkimEvidence:
    """The message's signatures, and the key records of the selectors named, read from it, or else guessed.

    Several domains are each asked for every selector named, and a key record's name stands for itself alone.
    Guesses come from `known`; only those with a record enter `keys`, `tried` names them all, and `unanswered` those
    without an answer. Guesses alone never show that a domain does not use DKIM. `all_nameservers`: key records are
    asked at every authoritative name server too.
    """
    wanted_of = asked(domain, selectors)
    domains = wanted_of.domains[:MAX_DOMAINS]
    named = {each: wanted_of.selectors(each) for each in domains}
    keys_named = [key_question(selector, each) for each in domains for selector in named[each]]
    _ask_ahead(resolver, [*(_node(each) for each in domains), *keys_named])
    if message is None:
        unnamed = [each for each in domains if not named[each]]
        _ask_ahead(resolver, [Question(a_labels(each), rdtype) for each in unnamed for rdtype in ("MX", "TXT")])
    signatures: tuple[DkimSignature, ...] = ()
    if message is not None:
        from smtpprobe.mailauth.dkim.verification import verify_once

        signatures = await verify_once(resolver, message, now=now, min_key_bits=min_key_bits)
    in_message, lookups = _pairs(signatures), [index for signature in signatures for index in signature.lookups]
    _ask_ahead(resolver, [key_question(s.selector or "", s.domain or "") for s in signatures if not s.lookups])
    wanted, guesses = await _wanted(resolver, named, in_message, known)
    lookups += [index for each in guesses.values() for index in each.lookups]
    keys = await _keys(resolver, wanted, min_key_bits, signatures)
    keys = [_with_provider(key, guesses.get(key.domain), known) for key in await _all_looked_further(resolver, keys)]
    lookups += [index for key in keys for index in key.lookups]
    tried = [await _domain(resolver, each, keys, guesses.get(each), lookups) for each in domains]
    wild = [await wildcard_key(resolver, each, min_key_bits) for each in guesses]
    lookups += [index for key in wild for index in key.lookups]
    keys = [wanted_of.as_given(key) for key in wildcard.once(keys, wild)]
    shown = [key for key in keys if key.origin is not KeyOrigin.GUESSED or _is_found(key)]
    if all_nameservers:
        shown = await _at_all_nameservers(resolver, shown)
        lookups += [index for key in shown if key.servers for index in key.servers.lookups]
    return DkimEvidence(
        domain=domains[0] if domains else None,
        signatures=signatures,
        keys=tuple(shown),
        tried=tuple(dict.fromkeys(selector for selector, _ in wanted)),
        has_domainkey_node=tried[0].has_domainkey_node if tried else None,
        lookups=tuple(dict.fromkeys(index for index in lookups if index >= 0)),
        unanswered=tuple(dict.fromkeys(key.selector for key in keys if key.status is KeyStatus.TEMPERROR)),
        domains=tuple(tried),
    )


async def _wanted(
    resolver: Resolver,
    named: Mapping[str, Sequence[str]],
    in_message: Sequence[tuple[str, str]],
    known: KnownSelectors,
) -> tuple[dict[tuple[str, str], KeyOrigin], dict[str, _Guesses]]:
    """The selectors and domains to look at, each pair with where it is from, and what was guessed for which domain."""
    wanted: dict[tuple[str, str], KeyOrigin] = {}
    guesses: dict[str, _Guesses] = {}
    for domain, selectors in named.items():
        wanted |= {(selector, domain): KeyOrigin.GIVEN for selector in selectors}
        # A domain whose selectors the message shows needs no guessing, nor does one beside which the message has others.
        shown = in_message if len(named) == 1 else [pair for pair in in_message if pair[1] == domain]
        if not selectors and not shown:
            guesses[domain] = await _guesses(resolver, domain, known)
            wanted |= {(selector, domain): KeyOrigin.GUESSED for selector in guesses[domain].selectors}
    for pair in in_message:
        wanted.setdefault(pair, KeyOrigin.MESSAGE)
    return wanted, guesses


async def _keys(
    resolver: Resolver,
    wanted: Mapping[tuple[str, str], KeyOrigin],
    min_key_bits: int,
    signatures: Iterable[DkimSignature],
) -> list[DkimKey]:
    verified = verified_records(signatures)
    # What a key's answer leads to is asked for at the same time for all of them.
    for pair, origin in wanted.items():
        if origin is not KeyOrigin.GUESSED:
            resolver.ahead(key_at(resolver, *pair, origin=origin, min_key_bits=min_key_bits, verified=verified))
    return [
        await key_at(resolver, *pair, origin=origin, min_key_bits=min_key_bits, verified=verified)
        for pair, origin in wanted.items()
    ]


async def _all_looked_further(resolver: Resolver, keys: Sequence[DkimKey]) -> list[DkimKey]:
    for key in keys:
        resolver.ahead(looked_further(resolver, key))
    return [await looked_further(resolver, key) for key in keys]


class _Guesses(NamedTuple):
    """Selectors worth asking for, the services that they were guessed from, and the lookups that showed those."""

    selectors: tuple[str, ...]
    services: tuple[MailService, ...]
    lookups: tuple[int, ...]
    exists: bool | None


def _node(domain: str) -> Question:
    return Question(f"_domainkey.{a_labels(domain)}", "TXT")


async def _domain(
    resolver: Resolver, domain: str, keys: Sequence[DkimKey], guesses: _Guesses | None, lookups: list[int]
) -> DkimDomain:
    """What was tried for one domain; its lookups are added to those given."""
    at_node = await resolver.lookup(_node(domain))
    lookups.append(at_node.index)
    own = [key for key in keys if key.domain == domain]
    services = guesses.services if guesses else ()
    return DkimDomain(
        domain=domain,
        tried=tuple(key.selector for key in own),
        guessed=guesses is not None,
        # An answer at the node itself is a wildcard's, or of no use; it shows nothing about what is below.
        has_domainkey_node=None if at_node.records and not any(map(_is_found, own)) else _node_exists(at_node, own),
        unanswered=tuple(key.selector for key in own if key.status is KeyStatus.TEMPERROR),
        unanswered_because=await unanswered(resolver, own),
        providers=tuple(service.name for service in services),
        exists=guesses.exists if guesses else None,
        node_text=await wildcard.own_text(resolver, domain, at_node) if guesses else None,
        wildcard_text=await wildcard.other_text(resolver, domain) if guesses else None,
        unguessable=tuple(f"{service.name}: {say(service.unguessable)}" for service in services if service.unguessable),
    )


async def _at_all_nameservers(resolver: Resolver, keys: Sequence[DkimKey]) -> list[DkimKey]:
    """The keys with what every authoritative name server says of them; at most ten are asked."""
    names = {key: key_question(key.selector, key.domain) for key in keys}
    asked = [key for key in keys if names[key] is not None][:MAX_KEYS_AT_ALL]
    for key in asked:
        resolver.ahead(ask_all(resolver, names[key].name))  # type: ignore[union-attr]
    answered = {key: await ask_all(resolver, names[key].name) for key in asked}  # type: ignore[union-attr]
    return [msgspec.structs.replace(key, servers=answered.get(key)) for key in keys]


def _with_provider(key: DkimKey, guesses: _Guesses | None, known: KnownSelectors) -> DkimKey:
    """The key with the service that its alias leads to, else that of those behind the domain which has the selector.

    A selector that several services have shows none of them.
    """
    services = known.services_behind([key.cname]) if key.cname else ()
    if not services and guesses is not None:
        services = tuple(each for each in guesses.services if key.selector in each.selectors)
    return msgspec.structs.replace(key, provider=services[0].name) if len(services) == 1 else key


def _pairs(signatures: Iterable[DkimSignature]) -> list[tuple[str, str]]:
    """Selector and signing domain of each signature that has both."""
    named = [(signature.selector, signature.domain) for signature in signatures]
    return [(selector, domain) for selector, domain in named if selector and domain and key_question(selector, domain)]


def _ask_ahead(resolver: Resolver, questions: Iterable[Question | None]) -> None:
    for question in questions:
        if question is not None:
            resolver.ahead(resolver.lookup(question))


def _is_found(key: DkimKey) -> bool:
    """Whether the selector holds a key record, or an alias of one that is gone; not another text."""
    if key.status is KeyStatus.MISSING and key.cname:
        return True
    return (
        key.status not in (KeyStatus.MISSING, KeyStatus.TEMPERROR)
        and is_key_like(key.record or "")
        and bool(key.record)
    )


def _node_exists(at_node: DnsLookup, keys: list[DkimKey]) -> bool | None:
    """Whether anything lies below _domainkey: without the node nothing does (RFC 8020), but some servers err there."""
    if any(_is_found(key) for key in keys):
        return True
    if at_node.failed:
        return None
    return at_node.status is not DnsStatus.NXDOMAIN


async def _guesses(resolver: Resolver, domain: str, known: KnownSelectors) -> _Guesses:
    """Selectors to try; the lookups for them are already under way."""
    name = a_labels(domain)
    questions = (Question(name, "MX"), Question(name, "TXT"))
    _ask_ahead(
        resolver,
        (*questions, wildcard.question(domain), *(key_question(selector, domain) for selector in known.common)),
    )
    mx, txt = [await resolver.lookup(question) for question in questions]
    names = [exchange for _, exchange in mx_records(mx)]
    names += [target for record in txt.records for target in spf_targets(record)]
    services = known.services_behind(names)
    selectors = dict.fromkeys(selector for service in services for selector in service.selectors)
    _ask_ahead(resolver, [key_question(guess, domain) for guess in selectors if guess not in known.common])
    return _Guesses(
        tuple(dict.fromkeys((*selectors, *known.common))), services, (mx.index, txt.index), _exists(mx, txt)
    )


def _exists(*lookups: DnsLookup) -> bool | None:
    """Whether the name exists; None where DNS gave no answer (RFC 8020: one NXDOMAIN is enough)."""
    if any(each.status is DnsStatus.NXDOMAIN and not each.cname for each in lookups):
        return False
    return None if all(each.failed for each in lookups) else True
