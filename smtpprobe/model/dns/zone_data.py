"""Record sets and faults of some names as data, and what a name server that has nothing else answers from them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, endless

MAX_CHAIN = 8  # aliases in a row
ALL_TYPES = "*"
ASSUMED = "assumed"  # the server that is named for what is assumed, not asked


class ZoneData:
    """DNS data by owner name and type. Wildcards and CNAME are followed; names outside it do not exist.

    Each of `lookups` is a record set (status `answer`), or a fault: the status with which questions of that name and
    type, or of all types (`*`), are answered. Sets of one name and type are put together. `authentic` are names whose
    answers have the AD bit, `*.name` for all below; `server` is what the answers name as theirs.
    """

    def __init__(self, lookups: Iterable[DnsLookup], *, authentic: Iterable[str] = (), server: str = "zone") -> None:
        self.lookups = tuple(lookups)
        self.authentic = frozenset(authentic)
        self.server = server
        self._faults: dict[tuple[str, str], DnsStatus] = {}
        together: dict[tuple[str, str], dict[str, None]] = {}
        last: dict[tuple[str, str], DnsLookup] = {}
        for each in self.lookups:
            key = each.name.removesuffix(".").lower(), each.type
            if each.status is not DnsStatus.ANSWER:
                self._faults[key] = each.status
                continue
            last[key] = each
            # RFC 1034 §3.6.2: a name has one CNAME; the last that is given counts.
            if key not in together or each.type == "CNAME":
                together[key] = {}
            together[key].update(dict.fromkeys(each.records))
        self._sets = {
            (name, rdtype): DnsLookup(
                name=name, type=rdtype, status=DnsStatus.ANSWER, records=tuple(records), ttl_s=last[name, rdtype].ttl_s
            )
            for (name, rdtype), records in together.items()
        }
        self._places = sorted(_place(name) for name, _ in self._sets)

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing at all."""
        return not (self._sets or self._faults)

    def holds(self, question: Question) -> bool:
        """Whether it says anything of this name and type: a record, an alias, or a fault."""
        return any(
            (question.name, rdtype) in known
            for known in (self._sets, self._faults)
            for rdtype in (question.type, "CNAME", ALL_TYPES)
        )

    def answer(self, question: Question) -> DnsLookup:
        """The answer to one question. Its name is in lower case, as everywhere."""
        name, canonical = question.name, None
        names = [name]
        for _ in range(MAX_CHAIN):
            found = self._at(name, question.type)
            if isinstance(found, DnsStatus):
                return self._lookup(question, found, cname=canonical)
            if found.type == question.type:
                return self._lookup(question, found.status, found.records, found.ttl_s, canonical)
            name = canonical = found.records[0]
            names.append(name)
            if name in names[:-1]:
                break
        return DnsLookup(
            name=question.name,
            type=question.type,
            status=DnsStatus.ALIAS_LOOP,
            server=self.server,
            detail=endless(names, MAX_CHAIN),
        )

    def _lookup(
        self,
        question: Question,
        status: DnsStatus,
        records: tuple[str, ...] = (),
        ttl_s: int | None = None,
        cname: str | None = None,
    ) -> DnsLookup:
        return DnsLookup(
            name=question.name,
            type=question.type,
            status=status,
            records=records,
            ttl_s=ttl_s,
            authentic=self._is_authentic(question.name),
            server=self.server,
            cname=cname,
        )

    def _at(self, name: str, rdtype: str) -> DnsStatus | DnsLookup:
        """The fault, the record set or the alias at a name."""
        fault = self._faults.get((name, rdtype)) or self._faults.get((name, ALL_TYPES))
        if fault:
            return fault
        owner = name if self._exists(name) else self._wildcard(name)
        if owner is None:
            return DnsStatus.NXDOMAIN
        return self._sets.get((owner, rdtype)) or self._sets.get((owner, "CNAME")) or DnsStatus.NODATA

    def _is_authentic(self, name: str) -> bool:
        labels = name.split(".")
        above = {".".join(["*", *labels[start:]]) for start in range(1, len(labels))}
        return name in self.authentic or bool(above & self.authentic)

    def _wildcard(self, name: str) -> str | None:
        """The wildcard that covers a name that does not exist (RFC 4592 §3.3.1: at the closest encloser only)."""
        while "." in name:
            name = name.split(".", 1)[1]
            if self._exists(name):
                return f"*.{name}" if self._exists(f"*.{name}") else None
        return None

    def _exists(self, name: str) -> bool:
        """Whether there are records at the name or below it (RFC 4592 §2.2.2)."""
        place = _place(name)
        at = bisect_left(self._places, place)
        return at < len(self._places) and self._places[at].startswith(place)


def _place(name: str) -> str:
    """The name with its labels from the right, each with its dot: what is below a name begins with it."""
    return ".".join(reversed(name.split("."))) + "."


def merged(zones: Iterable[ZoneData]) -> ZoneData:
    """The data of several together; the server is that of the first. There must be one at least."""
    first, *others = zones
    every = (first, *others)
    return ZoneData(
        (lookup for zone in every for lookup in zone.lookups),
        authentic=(name for zone in every for name in zone.authentic),
        server=first.server,
    )
