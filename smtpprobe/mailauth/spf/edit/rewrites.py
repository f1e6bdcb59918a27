"""What can be left out of a record and of those below it, and the same record in networks; or why neither is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address

import msgspec

from smtpprobe.mailauth.dns.rewriting import rewriting
from smtpprobe.mailauth.spf.edit.below import Below, audit_below
from smtpprobe.mailauth.spf.edit.flat import flattened
from smtpprobe.mailauth.spf.edit.shorter import KEEPS_OUT, Audited, audit
from smtpprobe.mailauth.spf.everybody.matched import covers
from smtpprobe.mailauth.spf.lint.letting import letting
from smtpprobe.mailauth.spf.published import ERRORS
from smtpprobe.mailauth.spf.record import QUERYING
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.dmarc import SpfLets
from smtpprobe.model.evidence.spf import SpfEdit, SpfFault, SpfRecordEvidence, SpfRewrite
from smtpprobe.model.texts.language import mark, say

_MAX_TOLD = 3  # terms
_OPEN = mark("everybody passes, whoever sends: first put right what lets them")
_MENDED_FIRST = mark("publish the record that is put right first")
_BY_NETWORKS = mark("only networks in the place of names put it right: {problem}")
_MADE_UP = mark(
    "nothing can be proved through this resolver: the addresses of {terms} are those that it gives any name that does "
    "not exist"
)
_NOBODY = mark(
    "it lets nobody pass: first put right what it names ({terms}), or publish v=spf1 -all if no mail is sent for the domain"
)
_TOO_MANY = mark("the record has too many terms to look at each of them")
_NO_ANSWER = mark("DNS did not answer, so nothing can be proved: {problem}")


async def with_rewrites(
    resolver: Resolver,
    evidence: SpfRecordEvidence,
    mended: SpfEdit | None,
    *,
    is_open: bool,
    flatten_at: datetime | None,
) -> SpfRecordEvidence:
    """The evidence with dead terms, `mended`, and the records that could stand in the place of this one.

    A fault is put right before a record is made shorter or flat, which would make it last. `flatten_at` is the time at
    which names become networks, None where that is not asked for.
    """
    evidence = msgspec.structs.replace(evidence, mended=mended)
    fault = evidence.fault
    audited = await audit(resolver, evidence.domain, fault)
    is_mended = mended is not None and mended.record is not None
    if audited is None:
        if flatten_at is None:
            return evidence
        return msgspec.structs.replace(evidence, flattened=SpfRewrite(reason=_unread(evidence, is_mended=is_mended)))
    below = await audit_below(resolver, audited, fault)
    shorter = None if is_mended else audited.shorter
    made_up = await _made_up(resolver, audited)
    nobody = await _passing_nobody(resolver, audited, evidence)
    evidence = msgspec.structs.replace(evidence, made_up=made_up, passing_nobody=nobody)
    reason = say(_OPEN) if is_open else _unproved(nobody, made_up)
    if reason is not None and (shorter is not None or below.shorter or (nobody and not is_mended)):
        shorter, below = SpfRewrite(reason=reason), Below(below.dead)
    if fault is SpfFault.DNS_FAILURE:
        reason = say(_NO_ANSWER, problem=evidence.problem)
    elif is_mended and fault not in KEEPS_OUT:
        reason = say(_MENDED_FIRST)
    is_helpless = mended is not None and not is_mended
    flat = None
    if reason is not None:
        flat = SpfRewrite(reason=reason)
    elif flatten_at is not None or (is_helpless and fault in KEEPS_OUT and not _is_proposed(shorter)):
        flat = await flattened(resolver, audited, fault, flatten_at)
    if is_helpless and (_is_proposed(shorter) or (flatten_at is not None and _is_proposed(flat))):
        # One of these is the change that puts it right.
        evidence = msgspec.structs.replace(evidence, mended=None)
    elif mended is not None and is_helpless and _is_proposed(flat):
        by_networks = msgspec.structs.replace(mended, reason=say(_BY_NETWORKS, problem=evidence.problem))
        evidence = msgspec.structs.replace(evidence, mended=by_networks)
    flat = flat if flatten_at is not None else None
    return msgspec.structs.replace(
        evidence, dead=(*audited.dead, *below.dead), shorter=shorter, shorter_below=below.shorter, flattened=flat
    )


def _unread(evidence: SpfRecordEvidence, *, is_mended: bool) -> str:
    """Why names do not become networks in a record that cannot be read term by term."""
    if evidence.fault is SpfFault.DNS_FAILURE:
        return say(_NO_ANSWER, problem=evidence.problem)
    if is_mended:
        return say(_MENDED_FIRST)
    return evidence.problem or say(_TOO_MANY)


async def _made_up(resolver: Resolver, audited: Audited) -> tuple[str, ...]:
    """The terms that lead to an address which the resolver gives any name, and so may lead nowhere."""
    asked = await rewriting(resolver)
    if not asked.addresses:
        return ()
    points = {(int(each), int(each)) for each in map(ip_address, asked.addresses)}
    made = []
    for _, each in sorted(audited.terms.items()):
        if each.term.name not in QUERYING:
            continue
        if each.term.name == "exists" and each.term.name_literal:
            found = await resolver.lookup(Question(each.term.name_literal, "A"))
            leads = asked.made_up(found.records)
        else:
            leads = not each.is_everybody and any(
                covers(ranges, (one,)) for ranges in (each.ip4, each.ip6) for one in points
            )
        if leads:
            made.append(each.term.text)
    return tuple(dict.fromkeys(made))


async def _passing_nobody(resolver: Resolver, audited: Audited, evidence: SpfRecordEvidence) -> tuple[str, ...]:
    """The terms that were to let somebody pass, where nobody does, whoever sends; empty where there are none."""
    terms = [each.term.text for _, each in sorted(audited.terms.items()) if each.term.qualifier == "+"]
    if not terms or evidence.result in ERRORS:
        return ()
    return tuple(terms) if (await letting(resolver, evidence.domain)).lets is SpfLets.NOBODY else ()


def _unproved(nobody: Sequence[str], made_up: Sequence[str]) -> str | None:
    """Why no other record is proposed, though it would let the same addresses pass; None where nothing stands against it."""
    if made_up:
        return say(_MADE_UP, terms=", ".join(made_up[:_MAX_TOLD]))
    return say(_NOBODY, terms=", ".join(nobody[:_MAX_TOLD])) if nobody else None


def _is_proposed(rewrite: SpfRewrite | None) -> bool:
    return rewrite is not None and bool(rewrite.records)
