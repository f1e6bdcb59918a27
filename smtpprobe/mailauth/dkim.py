"""DKIM of a domain: key records asked for by selector, and the signatures of a message (RFC 6376)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from smtpprobe.mailauth import dkim_selectors
from smtpprobe.mailauth.dkim_key import MIN_KEY_BITS, a_labels, failure, is_key_like, key_question, key_records, unfit
from smtpprobe.mailauth.dkim_verify import verify
from smtpprobe.model.evidence import DkimEvidence, DkimKey, DkimSignature
from smtpprobe.model.lookup import DnsLookup, DnsStatus, Question, Resolver

__all__ = ["gather", "key_at", "verify"]


async def key_at(
    resolver: Resolver, selector: str, domain: str, *, origin: str = "given", min_key_bits: int = MIN_KEY_BITS
) -> DkimKey:
    """The key record at one selector, judged. Of several records one that can be used counts."""
    question = key_question(selector, domain)
    if question is None:
        return DkimKey(selector, domain, "missing", origin, problem="no such name can exist in DNS")
    found = await resolver.lookup(question)
    return _key(found, selector, domain, origin, min_key_bits)


def _key(found: DnsLookup, selector: str, domain: str, origin: str, min_key_bits: int) -> DkimKey:
    lookups = (found.index,)
    if found.failed:
        return DkimKey(selector, domain, "temperror", origin, problem=failure(found), lookups=lookups)
    records = key_records(found, min_key_bits)
    if not records:
        absent = "the name does not exist" if found.status is DnsStatus.NXDOMAIN else "the name has no TXT record"
        return DkimKey(selector, domain, "missing", origin, problem=absent, lookups=lookups)
    best = min(records, key=lambda record: _STATUSES.index(record.status))
    unfitness = unfit(best) if best.status == "usable" else None
    status, problem = "broken" if unfitness else best.status, unfitness or best.problem
    if len(records) > 1:
        # RFC 6376 §3.6.2.2: with several records the results are undefined.
        several = f"{len(records)} records at one name: verifiers take whichever comes first"
        problem = f"{several}; {problem}" if problem else several
    return DkimKey(
        selector, domain, status, origin, record=best.text, key_type=best.key_type, key_bits=best.key_bits,
        hashes=best.hashes, services=best.services, flags=best.flags, problem=problem, notes=best.notes,
        records=len(records), lookups=lookups,
    )  # fmt: skip


_STATUSES = ("usable", "weak", "revoked", "broken")


async def gather(
    resolver: Resolver,
    domain: str | None,
    selectors: Iterable[str],
    message: bytes | None = None,
    *,
    now: datetime,
    min_key_bits: int = MIN_KEY_BITS,
) -> DkimEvidence:
    """The message's signatures, and the key records of the selectors named, read from it, or else guessed.

    Of guessed selectors only those with a record enter `keys`; `tried` names them all, and `unanswered` those without
    an answer. Guesses alone never show that a domain does not use DKIM.
    """
    wanted = {(selector, domain): "given" for selector in selectors} if domain else {}
    node = Question(f"_domainkey.{a_labels(domain)}", "TXT") if domain else None
    _ask_ahead(resolver, [node, *(key_question(*pair) for pair in wanted)])
    signatures = await verify(resolver, message, now=now, min_key_bits=min_key_bits) if message is not None else ()
    lookups = [index for signature in signatures for index in signature.lookups]
    for pair in _pairs(signatures):
        wanted.setdefault(pair, "message")
    _ask_ahead(resolver, [key_question(s.selector or "", s.domain or "") for s in signatures if not s.lookups])
    if domain and not wanted:
        guesses, seen = await _guesses(resolver, domain)
        lookups += seen
        wanted = {(selector, domain): "guessed" for selector in guesses}
    keys = [await key_at(resolver, *pair, origin=origin, min_key_bits=min_key_bits) for pair, origin in wanted.items()]
    lookups += [index for key in keys for index in key.lookups]
    exists = None
    if node is not None:
        at_node = await resolver.lookup(node)
        lookups.append(at_node.index)
        exists = _node_exists(at_node, [key for key in keys if key.domain == domain])
    return DkimEvidence(
        domain,
        signatures,
        tuple(key for key in keys if key.origin != "guessed" or _is_found(key)),
        tuple(selector for selector, _ in wanted),
        exists,
        tuple(dict.fromkeys(index for index in lookups if index >= 0)),
        unanswered=tuple(key.selector for key in keys if key.status == "temperror"),
    )


def _pairs(signatures: Iterable[DkimSignature]) -> list[tuple[str, str]]:
    """Selector and signing domain of each signature that has both."""
    named = [(signature.selector, signature.domain) for signature in signatures]
    return [(selector, domain) for selector, domain in named if selector and domain and key_question(selector, domain)]


def _ask_ahead(resolver: Resolver, questions: Iterable[Question | None]) -> None:
    for question in questions:
        if question is not None:
            resolver.ahead(resolver.lookup(question))


def _is_found(key: DkimKey) -> bool:
    """Whether the selector holds a key record, not what a wildcard answers for any name."""
    return key.status not in ("missing", "temperror") and is_key_like(key.record or "") and bool(key.record)


def _node_exists(at_node: DnsLookup, keys: list[DkimKey]) -> bool | None:
    """Whether anything lies below _domainkey: without the node nothing does (RFC 8020), but some servers err there."""
    if any(_is_found(key) for key in keys):
        return True
    if at_node.failed:
        return None
    return at_node.status is not DnsStatus.NXDOMAIN


async def _guesses(resolver: Resolver, domain: str) -> tuple[list[str], list[int]]:
    """Selectors worth asking for, the lookups already under way, and the indexes of what they were guessed from."""
    name = a_labels(domain)
    questions = (Question(name, "MX"), Question(name, "TXT"))
    _ask_ahead(resolver, (*questions, *(key_question(selector, domain) for selector in dkim_selectors.COMMON)))
    mx, txt = [await resolver.lookup(question) for question in questions]
    names = [record.split()[-1] for record in mx.records if record.strip()]
    for record in txt.records:
        if record.lower().startswith("v=spf1"):
            names += [term[8:] for term in record.lower().split() if term.startswith("include:")]
    of_providers = dkim_selectors.of_providers(names)
    _ask_ahead(resolver, [key_question(guess, domain) for guess in of_providers if guess not in dkim_selectors.COMMON])
    return list(dict.fromkeys((*of_providers, *dkim_selectors.COMMON))), [mx.index, txt.index]
