"""DNS from a master file, in this process: what fixtures, the demo and `--assume-zone` answer from.

Faults stand in comments that a name server would pass over: `;! SERVFAIL name TYPE` (or REFUSED, TIMEOUT, NODATA, NXDOMAIN;
TYPE `*` for all), `;! AUTHENTIC name` (`*.name` for all below it), and `;! DELAY name seconds`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.dns.zone_data import ASSUMED, ZoneData
from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import say
from smtpprobe.net.records import presentation_of

if TYPE_CHECKING:
    from dns.name import Name
    from dns.node import NodeKind
    from dns.rdata import Rdata
    from dns.rdatatype import RdataType
    from dns.transaction import Transaction


_FAULTS = {
    "SERVFAIL": DnsStatus.SERVFAIL, "REFUSED": DnsStatus.REFUSED, "TIMEOUT": DnsStatus.TIMEOUT,
    "TRUNCATED": DnsStatus.TRUNCATED, "UNREACHABLE": DnsStatus.UNREACHABLE, "MALFORMED": DnsStatus.MALFORMED,
    "NODATA": DnsStatus.NODATA, "NXDOMAIN": DnsStatus.NXDOMAIN,
}  # fmt: skip


class ZoneAnswerer:
    """Answers from master-file text (RFC 1035 §5). Wildcards and CNAME are followed; names outside it do not exist."""

    def __init__(self, text: str, *, delay_s: float = 0.0, name: str = "zone") -> None:
        directives = _Directives(text)
        self._delay_s = delay_s
        self._delays = directives.delays_s
        self.data = ZoneData((*_record_sets(text), *directives.faults), authentic=directives.authentic, server=name)

    async def answer(self, question: Question) -> DnsLookup:
        """The answer to one question, after the zone's delay."""
        delay_s = self._delays.get(question.name, self._delay_s)
        if delay_s:
            await asyncio.sleep(delay_s)
        return self.data.answer(question)

    def at_once(self, question: Question) -> DnsLookup:
        """The answer to one question, without the zone's delay."""
        return self.data.answer(question)


class _Directives:
    """What the comments that begin with `;!` say. Raises ValueError for one that says nothing known."""

    def __init__(self, text: str) -> None:
        self.faults: list[DnsLookup] = []
        self.delays_s: dict[str, float] = {}
        self.authentic: set[str] = set()
        for line in text.splitlines():
            if line.startswith(";!"):
                self._read(line[2:].split())

    def _read(self, words: list[str]) -> None:
        match words:
            case [fault, owner, rdtype] if fault.upper() in _FAULTS:
                name = owner.rstrip(".").lower()
                self.faults.append(DnsLookup(name=name, type=rdtype.upper(), status=_FAULTS[fault.upper()]))
            case ["AUTHENTIC", owner]:
                self.authentic.add(owner.rstrip(".").lower())
            case ["DELAY", owner, seconds]:
                self.delays_s[owner.rstrip(".").lower()] = float(seconds)
            case _:
                raise ValueError(
                    say(
                        "';! {words}' is not a zone directive: expected ';! SERVFAIL name TYPE' and the like",
                        words=" ".join(words),
                    )
                )


def _record_sets(text: str) -> Iterator[DnsLookup]:
    """The record sets of a master file. Names are absolute where no $ORIGIN says otherwise; $INCLUDE is refused."""
    import dns.name
    import dns.rdataclass
    import dns.rdatatype
    import dns.tokenizer
    import dns.zonefile

    sets = _RecordSets(dns.name.root)
    reader = dns.zonefile.Reader(
        dns.tokenizer.Tokenizer(text, "<input>"),
        dns.rdataclass.IN,
        cast("Transaction", sets),
        allow_directives={"$ORIGIN", "$TTL"},
        default_ttl=300,
    )
    reader.read()
    for (name, rdtype, _), records in sets.records.items():
        yield DnsLookup(
            name=name.to_text(omit_final_dot=True).lower(),
            type=dns.rdatatype.to_text(rdtype),
            status=DnsStatus.ANSWER,
            records=tuple(records),
            ttl_s=sets.ttls_s[name, rdtype],
        )


class _RecordSets:
    """What dnspython's reader of master files puts records into, as far as it asks.

    Its own transactions look through all sets for every record, and copy the set that one is added to; its own sets
    compare records as octets, which costs the square of a name's labels.
    """

    def __init__(self, origin: Name) -> None:
        self.manager = self
        self.records: dict[tuple[Name, RdataType, RdataType], dict[str, None]] = {}
        self.ttls_s: dict[tuple[Name, RdataType], int] = {}
        self._origin = origin
        self._kinds: dict[Name, NodeKind] = {}

    def origin_information(self) -> tuple[Name, bool, Name]:
        """Where relative names begin, and that they become absolute."""
        return self._origin, False, self._origin

    def check_put_rdataset(self, check: object) -> None:
        """Nothing: `add` checks what the reader would."""

    def add(self, name: Name, ttl: int, record: Rdata) -> None:
        """Add one record to the set of its name and type. Raises SyntaxError for an alias beside other data."""
        import dns.exception
        import dns.node
        import dns.rdatatype

        covers = record.covers()
        kind = dns.node.NodeKind.classify(record.rdtype, covers)
        if kind is not dns.node.NodeKind.NEUTRAL and self._kinds.setdefault(name, kind) is not kind:
            # RFC 1034 §3.6.2, RFC 2181 §10.1.
            raise dns.exception.SyntaxError(  # type: ignore[no-untyped-call]
                say("{name} has a CNAME, so it cannot have other records", name=name)
            )
        key = name, record.rdtype, covers
        if dns.rdatatype.is_singleton(record.rdtype):
            self.records.pop(key, None)  # of these the last counts
        self.records.setdefault(key, {})[presentation_of(record)] = None
        self.ttls_s[key[:2]] = min(ttl, self.ttls_s.get(key[:2], ttl))  # RFC 2181 §5.2

    def _set_origin(self, origin: Name) -> None:
        """Nothing: the reader makes names absolute itself."""


def read_assumption(text: str) -> ZoneData:
    """The DNS data that the text stands for. Raises ValueError where it is no master file, or says nothing."""
    import dns.exception

    try:
        zone = ZoneAnswerer(text, name=ASSUMED).data
    except (dns.exception.DNSException, ValueError) as error:
        problem = str(error).removeprefix("<input>:")
        if "string too long" in problem:
            problem += say(" (a string has at most 255 octets: write several, each in quotation marks)")
        line = "" if problem.startswith("';!") else say("line ")
        raise ValueError(
            say(
                "{text} is not a record in master-file form: {line}{problem}",
                text=quoted(text.strip(), 60),
                line=line,
                problem=problem,
            )
        ) from None
    if zone.is_empty:
        raise ValueError(
            say(
                "{text} assumes nothing: expected 'example.org. TXT \"v=spf1 -all\"' and the like",
                text=quoted(text.strip(), 60),
            )
        )
    return zone
