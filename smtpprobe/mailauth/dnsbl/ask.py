"""DNSBL questions (RFC 5782): subject, reason after a hit, and test points, all in flight at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from smtpprobe.mailauth.dns.rewriting import rewriting
from smtpprobe.mailauth.dnsbl.judge import (
    Answers,
    is_return_code,
    judge,
    query_name,
    return_codes,
    subject_kind,
    test_points,
)
from smtpprobe.mailauth.dnsbl.keys import key_redactor
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver
from smtpprobe.model.evidence import DnsblEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus, DnsblZone, ZoneOrigin
from smtpprobe.model.known.dnsbl_zone import Zone

MAX_TEXT = 1000  # characters of a TXT record that are kept in evidence
_URL = re.compile(r"https?://[^\s<>\"'|;,]{3,300}")


async def ask(resolver: Resolver, zone: Zone, subject: str) -> DnsblZone:
    """What one zone says about an IP address or a domain.

    TXT is asked only after an A record in 127.0.0.0/8. A key in the zone's name is in no field of the result.
    """
    _start_test_points(resolver, zone, subject)
    return await _ask(resolver, zone, subject)


async def ask_all(resolver: Resolver, questions: Sequence[tuple[Zone, str, ZoneOrigin]]) -> DnsblEvidence:
    """What each zone says about its subject, in order; each question is a zone, a subject and its origin."""
    for zone, subject, _ in questions:
        resolver.ahead(_entry(resolver, zone, subject))
    for zone, subject, _ in questions:
        _start_test_points(resolver, zone, subject)
    zones = [
        msgspec.structs.replace(await _ask(resolver, zone, subject), origin=origin)
        for zone, subject, origin in questions
    ]
    return evidence(zones)


def _start_test_points(resolver: Resolver, zone: Zone, subject: str) -> None:
    listed, unlisted = test_points(zone, subject_kind(subject))
    for point in (*listed, *unlisted):
        resolver.ahead(resolver.lookup(Question(point, "A")))


async def _entry(resolver: Resolver, zone: Zone, subject: str) -> tuple[DnsLookup, DnsLookup | None]:
    """The subject's A records, and its TXT records where there are return codes among them."""
    name = query_name(zone, subject)
    found = await resolver.lookup(Question(name, "A"))
    if not any(is_return_code(code) for code in return_codes(found)):
        return found, None
    return found, await resolver.lookup(Question(name, "TXT"))


async def _ask(resolver: Resolver, zone: Zone, subject: str) -> DnsblZone:
    found, reason = await _entry(resolver, zone, subject)
    text = _text(zone, reason) if reason else None
    listed, unlisted = test_points(zone, subject_kind(subject))
    answers = Answers(
        subject=found,
        text=text,
        text_failure=reason.failure_reason if reason is not None and reason.failed else None,
        listed=tuple([await resolver.lookup(Question(point, "A")) for point in listed]),
        unlisted=tuple([await resolver.lookup(Question(point, "A")) for point in unlisted]),
    )
    consumed = [found, *((reason,) if reason else ()), *answers.listed, *answers.unlisted]
    codes = [code for lookup in (found, *answers.listed, *answers.unlisted) for code in return_codes(lookup)]
    if not all(map(is_return_code, codes)) or any(map(return_codes, answers.unlisted)):
        # Only now does it matter what the resolver does with names that do not exist.
        made_up = await rewriting(resolver)
        answers = msgspec.structs.replace(answers, made_up=made_up.addresses)
        consumed += made_up.lookups
    judgement = judge(zone, answers)
    return DnsblZone(
        zone=zone.zone,
        name=zone.name,
        kind=zone.kind,
        tier=zone.tier,
        subject=subject,
        status=judgement.status,
        codes=judgement.codes,
        meanings=judgement.meanings,
        only_listed=judgement.only_listed,
        text=text,
        url=_page(zone.lookup or zone.removal, subject) or _url_in(text),
        reason=judgement.reason,
        test_failed=judgement.test_failed,
        lookups=_indexes(consumed),
        removal=_page(zone.removal, subject),
        server=found.server,
        alias=key_redactor([zone]).text(found.cname) if found.cname else None,
    )


def not_asked(zone: Zone, subject: str, reason: str, origin: ZoneOrigin) -> DnsblZone:
    """The entry for a zone that is known to be dead and therefore was not asked."""
    return DnsblZone(
        zone=zone.zone, name=zone.name, kind=zone.kind, tier=zone.tier, subject=subject, status=DnsblStatus.BROKEN_ZONE,
        reason=reason, origin=origin, dead=True,
    )  # fmt: skip


def wrong_kind(zone: Zone, subject: str, reason: str, instead: str | None) -> DnsblZone:
    """The entry for a zone that lists other things than the subject, and therefore was not asked."""
    return DnsblZone(
        zone=zone.zone, name=zone.name, kind=zone.kind, tier=zone.tier, subject=subject, status=DnsblStatus.WRONG_KIND,
        reason=reason, origin=ZoneOrigin.OPTION, instead=instead,
    )  # fmt: skip


def evidence(zones: Iterable[DnsblZone]) -> DnsblEvidence:
    """The zones together, with every lookup once."""
    entries = tuple(zones)
    return DnsblEvidence(entries, tuple(dict.fromkeys(index for entry in entries for index in entry.lookups)))


def _indexes(lookups: Iterable[DnsLookup]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(lookup.index for lookup in lookups))


def _text(zone: Zone, lookup: DnsLookup) -> str | None:
    if lookup.status is not DnsStatus.ANSWER:
        return None
    # Hidden before it is cut, so that no part of a key is left at the end.
    text = key_redactor([zone]).text(" ".join(sorted(filter(None, lookup.records))))[:MAX_TEXT]
    return text or None


def _page(page: str | None, subject: str) -> str | None:
    return page.replace("{ip}", subject) if page else None


def _url_in(text: str | None) -> str | None:
    found = _URL.search(text) if text else None
    return found.group().rstrip(".)]") if found else None
