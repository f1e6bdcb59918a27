"""A record without the terms that change nobody's result, proved over every address of both families."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from smtpprobe.mailauth.spf.alias import End, alias_of
from smtpprobe.mailauth.spf.edit.dead import was_meant
from smtpprobe.mailauth.spf.edit.repair import strings
from smtpprobe.mailauth.spf.edit.too_late import excluded_by, overtaken_by
from smtpprobe.mailauth.spf.everybody.effect import Identity, effect
from smtpprobe.mailauth.spf.everybody.matched import Matched, Place, Ranges, covers, matched, union, words
from smtpprobe.mailauth.spf.everybody.reach import domains_read
from smtpprobe.mailauth.spf.lint.terms import octets
from smtpprobe.mailauth.spf.lint.walk import lint
from smtpprobe.mailauth.spf.published import ERRORS, FAMILIES, published
from smtpprobe.mailauth.spf.record import QUERYING, Record, Term, is_spf_record, parse_record
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.spf import SpfFault, SpfRewrite, SpfTxt
from smtpprobe.model.evidence.spf_dead import SpfDead, SpfDeadReason
from smtpprobe.model.texts.language import mark, say

_MAX_TERMS = 300  # of a record that is looked at
_MAX_RANGES = 5000  # of all terms, among which those are looked for that cover others
_MAX_QUERYING = 60  # of them, that need a lookup
_MAX_TOLD = 3  # terms that cover another
# Addresses that a record names and that its own limits keep out: they may begin to pass.
KEEPS_OUT = (
    SpfFault.TOO_MANY_LOOKUPS, SpfFault.TOO_MANY_VOID_LOOKUPS, SpfFault.TOO_MANY_MX, SpfFault.INCLUDE_LOOP,
    SpfFault.REDIRECT_LOOP,
)  # fmt: skip
# Another answer of DNS would make these live.
AS_DNS_IS = (SpfDeadReason.NO_ADDRESS, SpfDeadReason.PASSES_NOBODY, SpfDeadReason.COVERED)
_WHY_DEAD = {
    SpfDeadReason.AFTER_ALL: mark("never evaluated, after {by}"),
    SpfDeadReason.BESIDE_ALL: mark("ignored beside all"),
    SpfDeadReason.NO_ADDRESS: mark("no address"),
    SpfDeadReason.PASSES_NOBODY: mark("lets nobody pass"),
    SpfDeadReason.COVERED: mark("covered by {by}"),
}
_CANNOT_BE_COMPARED = mark("the record has too many networks to compare all of them")


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """A record whose terms were looked at one by one; `terms` has what each directive matches, by position."""

    place: Place
    record: Record
    terms: dict[int, Matched]
    dead: tuple[SpfDead, ...]
    shorter: SpfRewrite | None


async def audit(
    resolver: Resolver, domain: str, fault: SpfFault | None, *, shortens: bool = True, may_fail: bool = False
) -> Audited | None:
    """The domain's one record, term by term. None where it has none that can be read, or too many terms.

    `fault` is what an evaluation of the record ends in, if it does. `shortens`: a shorter one is looked for, which
    `may_fail` still.
    """
    domain = domain.removesuffix(".").lower()
    found = await resolver.lookup(Question(domain, "TXT"))
    records = [text for text in found.records if is_spf_record(text)]
    if found.failed or len(records) != 1:
        return None
    record = parse_record(records[0])
    querying = sum(term.name in QUERYING for term in record.terms)
    if record.faulty is not None or len(record.terms) > _MAX_TERMS or querying > _MAX_QUERYING:
        return None
    alias = alias_of(found)
    others = tuple(text for text in found.records if not is_spf_record(text))
    is_anothers = alias is not None and alias.end is End.ANOTHERS
    place = Place(domain=domain, owner=found.cname or domain, others=others, is_anothers=is_anothers)
    terms = {term.position: await matched(resolver, place, term) for term in record.directives}
    found_dead = sorted((*_unreached(record), *_useless(terms)), key=lambda each: each.position)
    dead = tuple([await _judged(resolver, place, record, each) for each in found_dead])
    audited = Audited(place=place, record=record, terms=terms, dead=dead, shorter=None)
    shorter = await _shorter(resolver, audited, fault, may_fail=may_fail) if shortens else None
    return msgspec.structs.replace(audited, shorter=shorter)


async def proved(
    resolver: Resolver,
    place: Place,
    records: Sequence[tuple[str, str]],
    fault: SpfFault | None,
    *,
    may_fail: bool = False,
) -> SpfRewrite | None:
    """The records as a proposal, None where an address would get another result; the reason where nothing is proved.

    Those that only a limit keeps from passing may begin to. A record that would still end in an error is none, unless it
    `may_fail`.
    """
    proposed = tuple(
        SpfTxt(owner=owner, record=text, octets=octets(text), strings=strings(text)) for owner, text in records
    )
    after = place.with_proposed(resolver, proposed)
    identity = Identity(place.domain, f"postmaster@{place.domain}", place.domain)
    changed = await effect(resolver, after, place.owner, identity)
    if not changed.is_whole:
        return SpfRewrite(reason=say(_CANNOT_BE_COMPARED))
    if changed.stops or (changed.begins and fault not in KEEPS_OUT):
        return None
    nobody = await published(after, place.domain)
    if nobody.result in ERRORS and not may_fail:
        still = say("it would still end in {result}: {problem}", result=nobody.result, problem=nobody.problem)
        return SpfRewrite(reason=still)
    return SpfRewrite(
        records=proposed,
        lookups_needed=(await lint(after, place.domain)).lookups_needed or 0,
        begins=changed.begins,
        not_compared=changed.not_followed,
        nobody=nobody.result,
    )


async def _judged(resolver: Resolver, place: Place, record: Record, dead: SpfDead) -> SpfDead:
    """The dead term, with whether it was meant to send."""
    meant = await was_meant(resolver, place.domain, record.terms[dead.position], dead)
    return msgspec.structs.replace(dead, was_meant=True) if meant else dead


def _unreached(record: Record) -> list[SpfDead]:
    last = record.directives[-1] if record.directives else None
    made = []
    for term in record.terms:
        if term.qualifier and last is not None and last.name == "all" and term.position > last.position:
            made.append(
                SpfDead(term=term.text, position=term.position, reason=SpfDeadReason.AFTER_ALL, by=(last.text,))
            )
    if record.ignored_redirect is not None:
        term = record.ignored_redirect
        made.append(SpfDead(term=term.text, position=term.position, reason=SpfDeadReason.BESIDE_ALL))
    return made


def _useless(terms: dict[int, Matched]) -> list[SpfDead]:
    """Terms that match nobody, in one family or both, and those whose addresses others decide in the same way."""
    made = [dead for each in terms.values() if each.is_listed and (dead := _empty(each)) is not None]
    late: set[int] = set()
    left = {at: each for at, each in terms.items() if not (each.is_listed and each.is_empty)}
    if sum(len(each.ip4) + len(each.ip6) for each in left.values()) > _MAX_RANGES:
        return made
    for each in sorted(left.values(), key=_first_to_go):
        if not each.is_listed or each.term.name == "all":
            continue
        coverers = _coverers(each, {at: one for at, one in left.items() if at not in late or at > each.term.position})
        if covers(union(span for one in coverers for span in one.ip4), each.ip4) and covers(
            union(span for one in coverers for span in one.ip6), each.ip6
        ):
            made = [dead for dead in made if dead.position != each.term.position]
            made.append(_covered(each, [one for one in coverers if _meet(one, each)], terms))
            # What comes too late stays where it is.
            if made[-1].was_meant:
                late.add(each.term.position)
            else:
                del left[each.term.position]
    return made


def _covered(each: Matched, coverers: Sequence[Matched], terms: dict[int, Matched]) -> SpfDead:
    earlier = [one for at, one in sorted(terms.items()) if at < each.term.position]
    before = overtaken_by(each, earlier) or excluded_by(each, earlier)
    return SpfDead(
        term=each.term.text,
        position=each.term.position,
        reason=SpfDeadReason.COVERED,
        by=tuple(one.term.text for one in coverers),
        was_meant=before is not None,
        before=before,
    )


def _empty(each: Matched) -> SpfDead | None:
    if (each.ip4 and each.ip6) or each.term.name not in ("a", "mx", "include", "exists"):
        return None
    is_include = each.term.name == "include"
    if is_include and not each.is_empty:
        return None  # a provider without IPv6 is nothing that the domain could change
    return SpfDead(
        term=each.term.text,
        position=each.term.position,
        reason=SpfDeadReason.PASSES_NOBODY if is_include else SpfDeadReason.NO_ADDRESS,
        family=None if each.is_empty else FAMILIES[bool(each.ip4)],
    )


def _first_to_go(each: Matched) -> tuple[bool, int, int]:
    """What costs lookups goes first, then what matches fewest, then what comes last."""
    return each.term.name not in QUERYING, _size(each.ip4) + _size(each.ip6), -each.term.position


def _coverers(each: Matched, left: dict[int, Matched]) -> list[Matched]:
    """The terms that decide before this one, and those that would decide the same after it."""
    made = [one for at, one in left.items() if at < each.term.position and one.is_listed]
    for at, one in sorted(left.items()):
        if at <= each.term.position:
            continue
        # What cannot be listed may end in an error.
        if not one.is_listed or one.term.qualifier != each.term.qualifier:
            break
        # That everybody passes is no reason to name nobody.
        if one.term.qualifier != "+" or not one.is_everybody:
            made.append(one)
    return made


def _meet(one: Matched, other: Matched) -> bool:
    """Whether an address is in both: then the ranges of both together are fewer than those of each."""
    pairs = ((one.ip4, other.ip4), (one.ip6, other.ip6))
    return any(_size(union((*left, *right))) < _size(left) + _size(right) for left, right in pairs)


def _size(ranges: Ranges) -> int:
    return sum(last - first + 1 for first, last in ranges)


async def _shorter(
    resolver: Resolver, audited: Audited, fault: SpfFault | None, *, may_fail: bool
) -> SpfRewrite | None:
    """The record without what is dead, adjacent networks together; else without what is never evaluated."""
    gone = [each for each in audited.dead if each.family is None and not each.was_meant]
    certain = [each for each in gone if each.reason in (SpfDeadReason.AFTER_ALL, SpfDeadReason.BESIDE_ALL)]
    published = " ".join(("v=spf1", *(term.text for term in audited.record.terms)))
    for each in (gone, certain):
        places = {dead.position for dead in each}
        kept = {term.position: term.text for term in audited.record.terms if term.position not in places}
        merged = _merged(audited, kept) if each is gone else []
        text = " ".join(("v=spf1", *(kept[at] for at in sorted(kept))))
        if text == published:
            continue
        if audited.place.is_anothers:
            return SpfRewrite(reason=of_another(audited.place))
        proposal = await proved(resolver, audited.place, [(audited.place.owner, text)], fault, may_fail=may_fail)
        if proposal is not None and not proposal.records:
            return proposal
        if proposal is not None:
            return msgspec.structs.replace(
                proposal,
                octets_saved=octets(audited.record.text) - octets(text),
                as_dns_is=await _as_dns_is(resolver, audited, proposal, each),
                changes=(*(say("{term} removed: {why}", term=dead.term, why=why_dead(dead)) for dead in each), *merged),
            )
    return None


async def _as_dns_is(
    resolver: Resolver, audited: Audited, proposal: SpfRewrite, gone: Sequence[SpfDead]
) -> tuple[str, ...]:
    """The terms left out whose names the record led to, and leads to no more."""
    place = audited.place
    after = place.with_proposed(resolver, proposal.records)
    read = await domains_read(after, place.domain, f"postmaster@{place.domain}", place.domain)
    kept = {_unqualified(word) for word in proposal.records[0].record.split()}
    named = []
    for dead in gone:
        term = audited.record.terms[dead.position]
        if dead.reason not in AS_DNS_IS or term.name not in QUERYING or _unqualified(term.text) in kept:
            continue
        if term.name == "include" and term.name_literal in read:
            continue
        named.append(dead.term)
    return tuple(dict.fromkeys(named))


def _unqualified(word: str) -> str:
    return word.lower().removeprefix("+")


def of_another(place: Place) -> str:
    """Why no record is proposed for an alias of another domain's name."""
    return say(
        "{domain} is an alias of {owner}, whose record is another domain's", domain=place.domain, owner=place.owner
    )


def why_dead(dead: SpfDead) -> str:
    """Why a term changes nothing, in words."""
    told = ", ".join(dead.by[:_MAX_TOLD]) + (" …" if len(dead.by) > _MAX_TOLD else "")
    return say(_WHY_DEAD.get(dead.reason, dead.reason), by=told)


def _merged(audited: Audited, kept: dict[int, str]) -> list[str]:
    """Puts networks together that need fewer terms so, in `kept`; what was done, in words."""
    told = []
    for run in _runs(audited, kept):
        by_place = {at: audited.terms[at] for at in run}
        networks = {
            "ip4": union(span for each in by_place.values() for span in each.ip4),
            "ip6": union(span for each in by_place.values() for span in each.ip6),
        }
        for name, ranges in networks.items():
            for first, last in ranges:
                places = [at for at, each in by_place.items() if _is_in(each, name, first, last)]
                terms = list(words(((first, last),), ()) if name == "ip4" else words((), ((first, last),)))
                if len(terms) >= len(places):
                    continue
                qualifier = "" if by_place[places[0]].term.qualifier == "+" else by_place[places[0]].term.qualifier
                new = " ".join(f"{qualifier}{word}" for word in terms)
                told.append(say("{terms} become {new}", terms=", ".join(kept[at] for at in places), new=new))
                for at in places:
                    del kept[at]
                kept[places[0]] = new
    return told


def _is_in(each: Matched, name: str, first: int, last: int) -> bool:
    ranges = each.ip4 if name == "ip4" else each.ip6
    return bool(ranges) and first <= ranges[0][0] and ranges[0][1] <= last


def _runs(audited: Audited, kept: dict[int, str]) -> list[list[int]]:
    """The places of networks between which nothing has another qualifier or cannot be listed."""
    runs: list[list[int]] = [[]]
    before: Term | None = None
    for at in sorted(at for at in kept if at in audited.terms):
        each = audited.terms[at]
        if not each.is_listed or (before is not None and before.qualifier != each.term.qualifier):
            runs.append([])
        before = each.term
        if each.term.name in ("ip4", "ip6"):
            runs[-1].append(at)
    return [run for run in runs if len(run) > 1]
