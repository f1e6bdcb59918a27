"""A Resolver over a Resolver: what is assumed is answered from the assumption, all else by the DNS beneath."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from typing import Any

from smtpprobe.model.lookup import DnsLookup, DnsStatus, Question, Resolver

SERVER = "assumed"


class Overlay:
    """Answers the assumed questions itself, whichever server they name; other types of the same name fall through.

    A name that is assumed to have records exists: NXDOMAIN from beneath is NODATA for it, and for the names above it.
    The lookups that it makes up have no index, since they stand in no report.
    """

    def __init__(self, resolver: Resolver, assumed: Iterable[DnsLookup]) -> None:
        self._resolver = resolver
        self._assumed: dict[tuple[str, str], DnsLookup] = {}
        self._names: set[str] = set()
        for found in assumed:
            name = found.name.removesuffix(".").lower()
            self._assumed[name, found.type] = DnsLookup(
                name=name,
                type=found.type,
                status=found.status,
                records=found.records,
                ttl_s=found.ttl_s,
                server=SERVER,
                cname=found.cname,
            )
            if found.status is DnsStatus.ANSWER:
                labels = name.split(".")
                self._names.update(".".join(labels[start:]) for start in range(len(labels)))

    async def lookup(self, question: Question) -> DnsLookup:
        """The assumed answer, else the one from beneath."""
        name = question.name.lower()
        assumed = self._assumed.get((name, question.type))
        if assumed is not None:
            return assumed
        found = await self._resolver.lookup(question)
        if found.status is DnsStatus.NXDOMAIN and name in self._names:
            return DnsLookup(name=question.name, type=question.type, status=DnsStatus.NODATA, server=SERVER)
        return found

    def ahead(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start the work now, in the Resolver beneath."""
        self._resolver.ahead(work)
