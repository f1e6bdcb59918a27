"""DNS from a master file, in this process: what fixtures, the demo and `--assume-zone` answer from.

Faults stand in comments that a name server would pass over: `;! SERVFAIL name TYPE` (or REFUSED, TIMEOUT, NODATA, NXDOMAIN;
TYPE `*` for all), `;! AUTHENTIC name` (`*.name` for all below it), and `;! DELAY name seconds`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from smtpprobe.model.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.quoting import quoted
from smtpprobe.model.zone_data import ASSUMED, ZoneData
from smtpprobe.net.records import presentation

if TYPE_CHECKING:
    from dns.rrset import RRset


_FAULTS = {
    "SERVFAIL": DnsStatus.SERVFAIL, "REFUSED": DnsStatus.REFUSED, "TIMEOUT": DnsStatus.TIMEOUT,
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
                    f"';! {' '.join(words)}' is no zone directive: expected ';! SERVFAIL name TYPE' and the like"
                )


def _record_sets(text: str) -> Iterator[DnsLookup]:
    import dns.rdatatype

    for rrset in _rrsets(text):
        yield DnsLookup(
            name=rrset.name.to_text(omit_final_dot=True).lower(),
            type=dns.rdatatype.to_text(rrset.rdtype),
            status=DnsStatus.ANSWER,
            records=presentation(rrset),
            ttl_s=rrset.ttl,
        )


def _rrsets(text: str) -> list[RRset]:
    """The record sets of a master file. Names are absolute where no $ORIGIN says otherwise; $INCLUDE is refused."""
    import dns.name
    import dns.rdataclass
    import dns.tokenizer
    import dns.zonefile

    manager = dns.zonefile.RRSetsReaderManager(dns.name.root, False, dns.rdataclass.IN)
    with manager.writer(True) as transaction:  # type: ignore[no-untyped-call]
        tokens = dns.tokenizer.Tokenizer(text, "<input>")
        directives = {"$ORIGIN", "$TTL"}
        reader = dns.zonefile.Reader(
            tokens, dns.rdataclass.IN, transaction, allow_directives=directives, default_ttl=300
        )
        reader.read()
    rrsets: list[RRset] = manager.rrsets
    return rrsets


def read_assumption(text: str) -> ZoneData:
    """The DNS data that the text stands for. Raises ValueError where it is no master file, or says nothing."""
    import dns.exception

    try:
        zone = ZoneAnswerer(text, name=ASSUMED).data
    except (dns.exception.DNSException, ValueError) as error:
        problem = str(error).removeprefix("<input>:")
        if "string too long" in problem:
            problem += " (a string has at most 255 octets: write several, each in quotation marks)"
        where = "" if problem.startswith("';!") else "line "
        raise ValueError(f"{quoted(text.strip(), 60)} is no record in master-file form: {where}{problem}") from None
    if zone.is_empty:
        raise ValueError(
            f"{quoted(text.strip(), 60)} assumes nothing: expected 'example.org. TXT \"v=spf1 -all\"' and the like"
        )
    return zone
