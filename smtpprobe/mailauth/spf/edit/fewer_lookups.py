"""A record that keeps to ten lookups: as few of its names as can be become networks, the owner's own first."""

from __future__ import annotations

import msgspec

from smtpprobe.mailauth.dns.registered_domain import registered_domain
from smtpprobe.mailauth.spf.edit.flat import QUALIFIERS
from smtpprobe.mailauth.spf.edit.repair import Change, Draft
from smtpprobe.mailauth.spf.edit.shorter import Audited
from smtpprobe.mailauth.spf.everybody.matched import Matched, Place, matched, words
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS
from smtpprobe.mailauth.spf.lint.terms import MAX_RECORD, octets
from smtpprobe.mailauth.spf.lint.walk import lint
from smtpprobe.mailauth.spf.of_domain import of_domain
from smtpprobe.mailauth.spf.record import QUERYING
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.texts.language import say


class _Costly(msgspec.Struct, frozen=True, kw_only=True):
    """A term that costs lookups, and the networks that can stand in its place."""

    position: int
    cost: int
    rank: int  # those of the lowest go first
    networks: tuple[str, ...]


async def fewer_lookups(resolver: Resolver, audited: Audited, draft: Draft) -> Draft | None:
    """The draft, whose record was audited, with networks in the place of as few names as ten lookups allow.

    None where that is not enough, or where the record would become longer than is recommended (RFC 7208 §3.4).
    """
    needed = (await lint(resolver, audited.place.domain)).lookups_needed or 0
    costly = [await _costly(resolver, audited.place, each) for each in await _replaceable(resolver, audited)]
    chosen = _chosen(costly, needed - MAX_LOOKUPS)
    if not chosen:
        return None
    networks = {each.position: each.networks for each in chosen}
    changed = [each for place, word in enumerate(draft.words) for each in networks.get(place, (word,))]
    made = draft.with_words(changed, *_told(draft, chosen))
    return made if octets(made.record) <= MAX_RECORD else None


async def _replaceable(resolver: Resolver, audited: Audited) -> list[Matched]:
    """The terms that cost lookups and whose addresses can all be listed."""
    found = list(audited.terms.values())
    if audited.record.redirect is not None:
        found.append(await matched(resolver, audited.place, audited.record.redirect))
    return [each for each in found if each.is_listed and each.term.name in QUERYING]


async def _costly(resolver: Resolver, place: Place, each: Matched) -> _Costly:
    alone = place.with_records(resolver, [(place.owner, f"v=spf1 {each.term.text}")])
    name = place.domain if each.term.target is None else of_domain(each.term, place.domain)
    is_own = name is not None and registered_domain(name) == registered_domain(place.domain)
    qualifier = each.term.qualifier.removeprefix("+")
    networks = [f"{qualifier}{word}" for word in words(each.ip4, each.ip6)]
    if each.term.name == "redirect":
        networks.append(f"{QUALIFIERS[each.otherwise]}all")
    return _Costly(
        position=each.term.position,
        cost=(await lint(alone, place.domain)).lookups_needed or 0,
        # What a list bars, changes: networks in its place would go on letting pass what it bars later.
        rank=2 if qualifier else 0 if is_own else 1,
        networks=tuple(networks),
    )


def _chosen(costly: list[_Costly], surplus: int) -> list[_Costly]:
    """Terms that save the surplus between them: the owner's own before others', as few as can be, the smallest that do."""
    made: list[_Costly] = []
    left = list(costly)
    while surplus > 0 and left:
        of_kind = [each for each in left if each.rank == min(one.rank for one in left)]
        enough = [each for each in of_kind if each.cost >= surplus]
        best = (
            min(enough, key=lambda each: (each.cost, len(each.networks)))
            if enough
            else max(of_kind, key=lambda each: (each.cost, -len(each.networks)))
        )
        made.append(best)
        left.remove(best)
        surplus -= best.cost
    return made if surplus <= 0 else []


def _told(draft: Draft, chosen: list[_Costly]) -> list[Change]:
    """What was replaced, and what goes without anything in its place, each by its name."""
    places = sorted(chosen, key=lambda each: each.position)
    replaced = [draft.words[each.position] for each in places if each.networks]
    gone = [draft.words[each.position] for each in places if not each.networks]
    told = []
    if replaced:
        told.append(Change(say("{names} replaced with the networks behind them", names=", ".join(replaced))))
    if gone:
        told.append(Change(say("{names} removed: no address today", names=", ".join(gone))))
    return told
