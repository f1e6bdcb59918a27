"""The key record at one selector, judged, with what else stands there (RFC 6376 §3.6.2)."""

from __future__ import annotations

from collections.abc import Container

import msgspec

from smtpprobe.mailauth.dkim import wildcard
from smtpprobe.mailauth.dkim.beside_key import as_key, beside, by_use, put_together
from smtpprobe.mailauth.dkim.key import MIN_KEY_BITS, KeyRecord, key_question, key_records, unfit
from smtpprobe.mailauth.dns.final_dot import final_dot_hint
from smtpprobe.model.dns.lookup import DnsLookup, Resolver
from smtpprobe.model.evidence.dkim import DkimKey, KeyOrigin, KeyStatus
from smtpprobe.model.texts.language import mark, say


async def key_at(
    resolver: Resolver,
    selector: str,
    domain: str,
    *,
    origin: KeyOrigin = KeyOrigin.GIVEN,
    min_key_bits: int = MIN_KEY_BITS,
    verified: Container[str] = (),
) -> DkimKey:
    """The key record at one selector, judged. Of several records one that can be used counts.

    One of those counts first that a signature was `verified` with.
    """
    question = key_question(selector, domain)
    if question is None:
        return DkimKey(
            selector=selector,
            domain=domain,
            status=KeyStatus.MISSING,
            origin=origin,
            problem=say("no such name can exist in DNS"),
        )
    found = await resolver.lookup(question)
    key = _key(found, selector, domain, origin, min_key_bits, verified)
    if origin is not KeyOrigin.GUESSED:
        key = await wildcard.said_of_wildcard(resolver, key, found)
    return msgspec.structs.replace(key, cname=found.cname) if found.cname else key


async def wildcard_key(resolver: Resolver, domain: str, min_key_bits: int) -> DkimKey:
    """What a wildcard below _domainkey gives for every selector; it is missing where there is none."""
    found = await resolver.lookup(wildcard.question(domain))
    key = wildcard.of_wildcard(_key(found, wildcard.SELECTOR, domain, KeyOrigin.GUESSED, min_key_bits))
    return msgspec.structs.replace(key, cname=found.cname)


def _key(
    found: DnsLookup,
    selector: str,
    domain: str,
    origin: KeyOrigin,
    min_key_bits: int,
    verified: Container[str] = (),
) -> DkimKey:
    lookups = (found.index,)
    records = () if found.failed else key_records(found, min_key_bits)
    if not records:
        return DkimKey(
            selector=selector,
            domain=domain,
            status=KeyStatus.TEMPERROR if found.failed else KeyStatus.MISSING,
            origin=origin,
            problem=found.failure_text if found.failed else found.void_text(say("the name")) + final_dot_hint(found),
            lookups=lookups,
        )
    best = as_key(by_use(records, verified)[0])
    unfitness = unfit(best) if best.status is KeyStatus.USABLE else None
    status, problem = KeyStatus.BROKEN if unfitness else best.status, unfitness or best.problem
    problem, meant = _as_meant(best, status, problem, min_key_bits)
    others = tuple(beside(best, sorted(found.records))) if len(found.records) > 1 else ()
    whole = put_together(best, found.records, min_key_bits) if others else None
    if whole is not None:
        size = say("{key_type} key of {key_bits} bits", key_type=whole.key_type, key_bits=whole.key_bits)
        problem = say(
            "{problem}; together the records are a usable {size}: {one_record}",
            problem=problem,
            size=size,
            one_record=say(_ONE_RECORD),
        )
    if others:
        # RFC 6376 §3.6.2.2: with several records the results are undefined.
        several = say(
            "{count} TXT records at one name: verifiers take whichever comes first, or none", count=len(found.records)
        )
        problem = f"{several}; {problem}" if problem else several
    return DkimKey(
        selector=selector,
        domain=domain,
        status=status,
        origin=origin,
        record=best.text,
        key_type=best.key_type,
        key_bits=best.key_bits,
        hashes=best.hashes,
        services=best.services,
        flags=best.flags,
        problem=problem,
        notes=best.notes,
        records=len(records),
        beside=others,
        meant=whole.text if whole is not None else meant,
        lookups=lookups,
    )


def _as_meant(
    best: KeyRecord, status: KeyStatus, problem: str | None, min_key_bits: int
) -> tuple[str | None, str | None]:
    """The problem of a record with what is wrong with its spelling, and the record that was meant, if one can be told."""
    if status is not KeyStatus.BROKEN:
        return problem, None
    from smtpprobe.mailauth.dkim.spelling import respelled

    found = respelled(best.text, min_key_bits)
    if found is None or unfit(found.record) is not None:
        return problem, None
    return "; ".join(dict.fromkeys(filter(None, (problem, *found.faults)))), found.record.text


_ONE_RECORD = mark("publish them as one TXT record of several strings")
