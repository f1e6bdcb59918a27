"""Whom a record lets pass: everybody, somebody or nobody, whatever the record looks like."""

from __future__ import annotations

import msgspec

from smtpprobe.mailauth.spf.everybody.reach import reach
from smtpprobe.mailauth.spf.lint.families import OPEN, lint_for_everyone
from smtpprobe.mailauth.spf.lint.walk import Linted
from smtpprobe.mailauth.spf.published import published
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.dmarc import SpfLets
from smtpprobe.model.words import AuthResult


class Letting(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a record lets pass; `ways` say by which terms everybody does, `lookups` are the indexes of what was asked."""

    lets: SpfLets
    ways: tuple[str, ...] = ()
    lookups: tuple[int, ...] = ()


async def letting(resolver: Resolver, domain: str) -> Letting:
    """Whom the domain's record lets pass with a reverse-path in the domain, worked out once a run."""
    domain = domain.removesuffix(".").lower()
    return await resolver.once(("spf-letting", domain), lambda: _letting(resolver, domain))


async def _letting(resolver: Resolver, domain: str) -> Letting:
    resolver.ahead(_linted(resolver, domain))
    evidence = await published(resolver, domain)
    if evidence.record is None:
        lets = SpfLets.UNKNOWN if evidence.result is AuthResult.TEMPERROR else SpfLets.NOBODY
        return Letting(lets=lets, lookups=evidence.lookups)
    linted = await _linted(resolver, domain)
    lookups = tuple(dict.fromkeys((*evidence.lookups, *linted.lookups)))
    if linted.is_open:
        ways = tuple(each.message for each in linted.lint if each.id in OPEN)
        return Letting(lets=SpfLets.EVERYBODY, ways=ways, lookups=lookups)
    if evidence.result is AuthResult.TEMPERROR:
        return Letting(lets=SpfLets.UNKNOWN, lookups=lookups)
    return Letting(lets=await _some(resolver, domain), lookups=lookups)


async def _linted(resolver: Resolver, domain: str) -> Linted:
    """The lint of the domain's record, shared with the SPF check."""
    return await resolver.once(("spf-lint", domain), lambda: lint_for_everyone(resolver, domain))


async def _some(resolver: Resolver, domain: str) -> SpfLets:
    """Whether an address passes, or may by a term that cannot be listed or hangs on more than the address."""
    for is_ip4 in (True, False):
        found = await reach(resolver, domain, f"postmaster@{domain}", domain, is_ip4=is_ip4)
        hangs_on_more = found.not_followed or found.by_local_part or found.by_helo or not found.is_whole
        if hangs_on_more or any(span.result is AuthResult.PASS for span in found.spans):
            return SpfLets.SOMEBODY
    return SpfLets.NOBODY
