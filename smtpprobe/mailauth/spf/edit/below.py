"""What is dead in the records that a record leads to, and shorter ones for those that are the owner's own."""

from __future__ import annotations

import msgspec

from smtpprobe.mailauth.dns.registered_domain import registered_domain
from smtpprobe.mailauth.spf.edit.shorter import Audited, audit, proved
from smtpprobe.mailauth.spf.macro import can_be_asked
from smtpprobe.mailauth.spf.of_domain import of_domain
from smtpprobe.mailauth.spf.published import published
from smtpprobe.mailauth.spf.record import Record
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.spf import SpfFault, SpfRewrite
from smtpprobe.model.evidence.spf_dead import SpfDead

_MAX_RECORDS = 12  # that are looked at


class Below(msgspec.Struct, frozen=True):
    """The dead terms of the records below, and a shorter record for each that is of the same registered domain."""

    dead: tuple[SpfDead, ...] = ()
    shorter: tuple[SpfRewrite, ...] = ()


async def audit_below(resolver: Resolver, audited: Audited, fault: SpfFault | None) -> Below:
    """The records that a record includes or redirects to by name, each looked at by itself.

    A shorter one lets the same addresses pass as the record that it replaces, and so does the record above it.
    """
    own = registered_domain(audited.place.domain)
    dead: list[SpfDead] = []
    shorter: list[SpfRewrite] = []
    names = _names(audited.record, audited.place.domain)
    seen = {audited.place.domain}
    while names and len(seen) <= _MAX_RECORDS:
        name = names.pop(0)
        if name in seen:
            continue
        seen.add(name)
        is_own = registered_domain(name) == own
        below = await audit(resolver, name, (await published(resolver, name)).fault, shortens=is_own, may_fail=True)
        if below is None:
            continue
        names += _names(below.record, name)
        dead += [msgspec.structs.replace(each, domain=name, is_own=is_own) for each in below.dead]
        proposal = await _proved_above(resolver, audited, below.shorter, fault)
        if proposal is not None:
            shorter.append(proposal)
    if shorter and not await _keep_to_the_limits(resolver, audited, shorter, fault):
        shorter = []
    return Below(tuple(dead), tuple(shorter))


async def _keep_to_the_limits(
    resolver: Resolver, audited: Audited, shorter: list[SpfRewrite], fault: SpfFault | None
) -> bool:
    """Whether the record above ends in no error with all of the proposals published: one alone may not be enough."""
    records = [(each.owner, each.record) for one in shorter for each in one.records]
    above = await proved(resolver, audited.place, records, fault)
    return above is not None and bool(above.records)


async def _proved_above(
    resolver: Resolver, audited: Audited, shorter: SpfRewrite | None, fault: SpfFault | None
) -> SpfRewrite | None:
    """The proposal where the record above lets the same addresses pass with it."""
    if shorter is None or not shorter.records:
        return None
    records = [(each.owner, each.record) for each in shorter.records]
    above = await proved(resolver, audited.place, records, fault, may_fail=True)
    if above is None or not above.records:
        return None
    not_compared = tuple(dict.fromkeys(shorter.not_compared + above.not_compared))
    return msgspec.structs.replace(
        shorter, lookups_needed=above.lookups_needed, begins=above.begins, not_compared=not_compared
    )


def _names(record: Record, domain: str) -> list[str]:
    terms = (term for term in (*record.directives, record.redirect) if term is not None)
    names = (of_domain(term, domain) for term in terms if term.name in ("include", "redirect"))
    return [name for name in names if name is not None and can_be_asked(name)]
