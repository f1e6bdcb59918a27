"""DNS from a master file, in this process: what fixtures, the demo and `--assume-zone` answer from.

Faults stand in comments that a name server would pass over: `;! SERVFAIL name TYPE` (or REFUSED, TIMEOUT, NODATA, NXDOMAIN;
TYPE `*` for all), `;! AUTHENTIC name` (`*.name` for all below it), and `;! DELAY name seconds`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from smtpprobe.model.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.quoting import quoted
from smtpprobe.net.records import presentation
from smtpprobe.net.resolver import Answer

if TYPE_CHECKING:
    from dns.rdataset import Rdataset
    from dns.rrset import RRset

ASSUMED = "assumed"  # the server that answers for an assumption

_FAULTS = {
    "SERVFAIL": DnsStatus.SERVFAIL, "REFUSED": DnsStatus.REFUSED, "TIMEOUT": DnsStatus.TIMEOUT,
    "NODATA": DnsStatus.NODATA, "NXDOMAIN": DnsStatus.NXDOMAIN,
}  # fmt: skip
_CHAIN_LIMIT = 8


class ZoneAnswerer:
    """Answers from master-file text (RFC 1035 §5). Wildcards and CNAME are followed; names outside it do not exist."""

    def __init__(self, text: str, *, delay_s: float = 0.0, name: str = "zone") -> None:
        import dns.rdatatype

        self._delay_s = delay_s
        self._name = name
        self._sets: dict[tuple[str, str], Rdataset] = {}
        self._faults: dict[tuple[str, str], DnsStatus] = {}
        self._delays: dict[str, float] = {}
        self._authentic: set[str] = set()
        self._names: set[str] = set()
        for rrset in _rrsets(text):
            owner = rrset.name.to_text(omit_final_dot=True).lower()
            self._sets[owner, dns.rdatatype.to_text(rrset.rdtype)] = rrset.to_rdataset()
            labels = owner.split(".")
            self._names.update(".".join(labels[start:]) for start in range(len(labels)))
        for line in text.splitlines():
            if line.startswith(";!"):
                self._directive(line[2:].split())

    def _directive(self, words: list[str]) -> None:
        match words:
            case [fault, owner, rdtype] if fault.upper() in _FAULTS:
                self._faults[owner.rstrip(".").lower(), rdtype.upper()] = _FAULTS[fault.upper()]
            case ["AUTHENTIC", owner]:
                self._authentic.add(owner.rstrip(".").lower())
            case ["DELAY", owner, seconds]:
                self._delays[owner.rstrip(".").lower()] = float(seconds)
            case _:
                raise ValueError(
                    f"';! {' '.join(words)}' is no zone directive: expected ';! SERVFAIL name TYPE' and the like"
                )

    async def answer(self, question: Question) -> DnsLookup:
        """The answer to one question, after the zone's delay."""
        delay_s = self._delays.get(question.name, self._delay_s)
        if delay_s:
            await asyncio.sleep(delay_s)
        return self.at_once(question)

    def at_once(self, question: Question) -> DnsLookup:
        """The answer to one question, without the zone's delay."""
        name, canonical = question.name, None
        for _ in range(_CHAIN_LIMIT):
            found = self._at(name, question.type)
            if isinstance(found, DnsStatus):
                return DnsLookup(
                    name=question.name, type=question.type, status=found, authentic=self._is_authentic(question.name),
                    server=self._name, cname=canonical,
                )  # fmt: skip
            rdtype, rdataset = found
            records = presentation(rdataset)
            if rdtype == question.type:
                return DnsLookup(
                    name=question.name, type=question.type, status=DnsStatus.ANSWER, records=records, ttl_s=rdataset.ttl,
                    authentic=self._is_authentic(question.name), server=self._name, cname=canonical,
                )  # fmt: skip
            name = canonical = records[0]
        return DnsLookup(
            name=question.name,
            type=question.type,
            status=DnsStatus.SERVFAIL,
            server=self._name,
            detail="CNAME chain too long",
        )

    def _at(self, name: str, rdtype: str) -> DnsStatus | tuple[str, Rdataset]:
        fault = self._faults.get((name, rdtype)) or self._faults.get((name, "*"))
        if fault:
            return fault
        owner: str | None = name if name in self._names else self._wildcard(name)
        if owner is None:
            return DnsStatus.NXDOMAIN
        for wanted in (rdtype, "CNAME"):
            rdataset = self._sets.get((owner, wanted))
            if rdataset is not None:
                return wanted, rdataset
        return DnsStatus.NODATA

    def _is_authentic(self, name: str) -> bool:
        labels = name.split(".")
        above = {".".join(["*", *labels[start:]]) for start in range(1, len(labels))}
        return name in self._authentic or bool(above & self._authentic)

    def _wildcard(self, name: str) -> str | None:
        """The wildcard that covers a name that does not exist (RFC 4592 §3.3.1: at the closest encloser only)."""
        while "." in name:
            name = name.split(".", 1)[1]
            if name in self._names:
                return f"*.{name}" if f"*.{name}" in self._names else None
        return None

    @property
    def is_empty(self) -> bool:
        """Whether the text says nothing at all."""
        return not (self._sets or self._faults)

    def holds(self, question: Question) -> bool:
        """Whether the text says anything of this name and type: a record, an alias, or a fault."""
        return any(
            (question.name, rdtype) in known
            for known in (self._sets, self._faults)
            for rdtype in (question.type, "CNAME", "*")
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


def assumed(text: str, answer: Answer) -> Answer:
    """Answers from master-file text where it says anything of the name and type, else from `answer`.

    A record set of the text replaces the published one of that name and type; other types fall through, and so do names
    that it does not hold. A wildcard of the text answers for names that do not exist. Raises ValueError for text that is
    no master file.
    """
    zone = check_assumption(text)

    async def answer_assumed(question: Question) -> DnsLookup:
        if zone.holds(question):
            found = zone.at_once(question)
            if found.cname is None or zone.holds(Question(found.cname, question.type)):
                return found
            # The alias is assumed, its target is published.
            beyond = await answer(Question(found.cname, question.type, question.server))
            return msgspec.structs.replace(
                beyond, name=question.name, cname=beyond.cname or found.cname, index=-1, server=ASSUMED
            )
        found = await answer(question)
        if found.status is not DnsStatus.NXDOMAIN:
            return found
        guessed = zone.at_once(question)
        return found if guessed.status is DnsStatus.NXDOMAIN else guessed

    return answer_assumed


def check_assumption(text: str) -> ZoneAnswerer:
    """The zone that the text stands for. Raises ValueError where it is no master file, or says nothing."""
    import dns.exception

    try:
        zone = ZoneAnswerer(text, name=ASSUMED)
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
