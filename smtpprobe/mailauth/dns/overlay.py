"""A Resolver over a Resolver: what is assumed is answered from the assumption, all else by the DNS beneath."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable
from typing import Any

import msgspec

from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver, Result
from smtpprobe.model.dns.zone_data import MAX_CHAIN, ZoneData


class Overlay:
    """Answers what is assumed itself, whichever server a question names.

    A record set that is assumed replaces the published one of its name and type, an assumed alias all types of its
    name; other types, and names that are not assumed, fall through. An alias may lead from one side to the other.
    Where a name does not exist beneath, the assumption decides whether it does (RFC 8020), and its wildcards apply.
    Answers that are made up have no index, since they are in no report.
    """

    def __init__(self, resolver: Resolver, assumed: ZoneData) -> None:
        self._resolver = resolver
        self._assumed = assumed

    async def lookup(self, question: Question) -> DnsLookup:
        """The assumed answer, else the one from beneath."""
        found = await self._lookup(Question(question.name.lower(), question.type, question.server), MAX_CHAIN)
        return found if found.name == question.name else msgspec.structs.replace(found, name=question.name)

    def ahead(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start the work now, in the Resolver beneath."""
        self._resolver.ahead(work)

    async def once(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """What the work comes to, done anew: beneath the same key stands for DNS without the assumption."""
        return await work()

    async def _lookup(self, question: Question, aliases_left: int) -> DnsLookup:
        assumed = self._assumed
        if assumed.holds(question):
            found = assumed.answer(question)
            leads_out = found.cname is not None and not assumed.holds(self._target(question, found))
        else:
            found = await self._resolver.lookup(question)
            leads_out = found.cname is not None and assumed.holds(self._target(question, found))
            if found.status is DnsStatus.NXDOMAIN and not leads_out:
                # An alias exists itself: what does not is its target.
                made_up = assumed.answer(self._target(question, found))
                if made_up.status is DnsStatus.NXDOMAIN and made_up.cname is None:
                    return found
                if found.cname is None:
                    found = made_up
                    leads_out = found.cname is not None and not assumed.holds(self._target(question, found))
                else:
                    leads_out = True
        if not leads_out:
            return found
        if not aliases_left:
            return DnsLookup(
                name=question.name,
                type=question.type,
                status=DnsStatus.ALIAS_LOOP,
                server=assumed.server,
            )
        beyond = await self._lookup(self._target(question, found), aliases_left - 1)
        return msgspec.structs.replace(
            beyond, name=question.name, cname=beyond.cname or found.cname, index=-1, server=assumed.server
        )

    @staticmethod
    def _target(question: Question, found: DnsLookup) -> Question:
        return Question(found.cname or found.name, question.type, question.server)
