"""A record with its own faults put right, whoever asks: what is misspelt, what leads nowhere, what follows all."""

from __future__ import annotations

import msgspec

from smtpprobe.mailauth.spf.alias import End, alias_of
from smtpprobe.mailauth.spf.edit.ground import ground_below, ground_of, improved, listed
from smtpprobe.mailauth.spf.edit.not_advised import opens
from smtpprobe.mailauth.spf.edit.repair import Draft, is_closing, with_all_last
from smtpprobe.mailauth.spf.everybody.effect import Identity, in_words
from smtpprobe.mailauth.spf.lint.families import lint_for_everyone
from smtpprobe.mailauth.spf.published import ERRORS, published
from smtpprobe.mailauth.spf.record import parse_record
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.spf import SpfEdit, SpfFault, SpfRecordEvidence
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult

_OPENS = mark("it would let nearly everybody pass: {addresses}")
_OPEN = mark("everybody passes, whoever sends: first put right what lets them")
_NOBODY = mark("it lets nobody pass: if mail is sent for the domain, add what sends it")


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
    for start in dict.fromkeys((with_all_last(draft), draft)):
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
            names_somebody = any(term.qualifier == "+" for term in parse_record(better.record).directives)
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
    below = await ground_below(ground, await published(resolver, domain))
    if below is not None:
        draft, ground_of_below = below
        after = await published(ground_of_below.with_record(draft), domain)
        if after.result not in ERRORS:
            proposal = await ground_of_below.judged(draft, after, Identity(domain, f"postmaster@{domain}", domain))
            if not proposal.stops and not opens(proposal.begins):
                return proposal
    reason = say("no change of this record alone puts it right: {problem}", problem=problem)
    return SpfEdit(domain=domain, publish_at=ground.publish_at, reason=reason)
