"""A record with its own faults put right, whoever asks: what is misspelt, what leads nowhere, what follows all."""

from __future__ import annotations

import msgspec

from smtpprobe.mailauth.characters import visible
from smtpprobe.mailauth.spf.alias import End, alias_of
from smtpprobe.mailauth.spf.edit.ground import Ground, ground_below, ground_of, improved, listed
from smtpprobe.mailauth.spf.edit.not_advised import opens
from smtpprobe.mailauth.spf.edit.repair import Draft, LeftOut, is_closing, ways_of_redirect, with_all_last
from smtpprobe.mailauth.spf.everybody.effect import Identity, in_words
from smtpprobe.mailauth.spf.lint.families import lint_for_everyone
from smtpprobe.mailauth.spf.published import ERRORS, published
from smtpprobe.mailauth.spf.record import parse_record
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.spf import SpfEdit, SpfFault, SpfRecordEvidence
from smtpprobe.model.quoting import apart
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult

_OPENS = mark("it would let nearly everybody pass: {addresses}")
_OPEN = mark("everybody passes, whoever sends: first put right what lets them")
_REFUSES = mark(
    "nothing that permits is left of it ({terms}), and -all alone would have all mail refused: write these terms again, or "
    "publish v=spf1 -all if no mail is sent for the domain"
)
_MAX_TOLD = 3  # terms
_NOBODY = mark("it lets nobody pass: if mail is sent for the domain, add what sends it")


async def _starts(ground: Ground, draft: Draft) -> tuple[Draft, ...]:
    """What the search may begin with, the best first: what evaluates and was not meant so is put right, too."""
    meant = draft
    for term in parse_record(draft.record).directives:
        changed = await ground.with_meant(meant, term.position) if term.name == "mx" else None
        meant = changed or meant
    # What names somebody else may have forgotten its redirect=, and not its all.
    ways = [] if _names_somebody(draft) else list(ways_of_redirect(draft)[:1])
    ways = [way for way in ways if (await published(ground.with_record(way), ground.place.domain)).result not in ERRORS]
    return tuple(dict.fromkeys((*ways, with_all_last(meant), with_all_last(draft), draft)))


def _names_somebody(draft: Draft) -> bool:
    return any(term.qualifier == "+" for term in parse_record(draft.record).directives)


def _left_out(draft: Draft) -> list[str]:
    """The terms that were to permit somebody and had to go, in a record that refuses whom it does not name."""
    ends = [term for term in parse_record(draft.record).directives if term.name == "all"]
    if not ends or ends[0].qualifier != "-":
        return []
    return [apart(visible(term)) for change in draft.changes if isinstance(change, LeftOut) for term in change.terms]


async def mended(resolver: Resolver, domain: str) -> SpfEdit | None:
    """The domain's record as it was meant, proved to silence nobody; None where it has none, or it is as it should be.

    One that lets everybody pass is never proposed; an all that does so too early gives way to one that fails, and then
    whoever the record does not name stops passing: `closes`. `result` and the counts are those of an address that nothing
    in the record matches.
    """
    domain = domain.removesuffix(".").lower()
    found = await resolver.lookup(Question(domain, "TXT"))
    alias = alias_of(found)
    if found.failed or (alias is not None and alias.end is not End.OWN):
        return None
    draft, ground = await ground_of(resolver, domain, found)
    if draft is None:
        return None

    async def evaluated(draft: Draft) -> SpfRecordEvidence:
        return await published(ground.with_record(draft), ground.place.domain)

    problem: str | None = None
    for start in await _starts(ground, draft):
        better, after = await improved(start, evaluated, ground.without_fault)
        if after.fault is SpfFault.TOO_MANY_LOOKUPS and better.changes:
            # The record as it is can be listed by the audit, this one by nobody else.
            flat = await listed(ground, better)
            if isinstance(flat, Draft):
                better, after = flat, await evaluated(flat)
        if after.result is AuthResult.TEMPERROR:
            return None
        if after.result in ERRORS:
            problem = problem or after.problem
        elif better.changes:
            names_somebody = _names_somebody(better)
            if not names_somebody and (left_out := _left_out(better)):
                problem = problem or say(_REFUSES, terms=", ".join(left_out[:_MAX_TOLD]))
                continue
            if not names_somebody:
                better = better.noting(say(_NOBODY))
            proposal = await ground.judged(better, after, Identity(domain, f"postmaster@{domain}", domain))
            closes = names_somebody and is_closing(draft, better)
            if opens(proposal.begins):
                problem = problem or say(_OPENS, addresses=in_words(proposal.begins))
            elif proposal.stops and not closes:
                continue
            elif (await lint_for_everyone(ground.with_record(better), domain)).is_open:
                is_error = (await published(resolver, domain)).result in ERRORS
                problem = problem or (say(_OPEN) if is_error else None)
            else:
                return msgspec.structs.replace(proposal, closes=closes and bool(proposal.stops))
    if problem is None:
        return None
    below = await _below(resolver, ground)
    if below is not None:
        return below
    reason = say("no change of this record alone puts it right: {problem}", problem=problem)
    return SpfEdit(domain=domain, publish_at=ground.publish_at, reason=reason)


async def _below(resolver: Resolver, ground: Ground) -> SpfEdit | None:
    """The record below in which the fault is, put right; None where there is none, or that would do harm."""
    domain = ground.place.domain
    found = await ground_below(ground, await published(resolver, domain))
    if found is None:
        return None
    draft, place = found
    after = await published(place.with_record(draft), domain)
    if after.result in ERRORS:
        return None
    proposal = await place.judged(draft, after, Identity(domain, f"postmaster@{domain}", domain))
    return None if proposal.stops or opens(proposal.begins) else proposal
