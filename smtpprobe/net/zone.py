"""DNS from a master file, in this process: what fixtures, the demo and `--assume-zone` answer from.

Faults stand in comments that a name server would pass over: `;! SERVFAIL name TYPE` (or REFUSED, TIMEOUT; TYPE `*` for all),
`;! AUTHENTIC name`, and `;! DELAY name seconds`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from smtpprobe.model.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.net.records import presentation

if TYPE_CHECKING:
    from dns.rdataset import Rdataset

_FAULTS = {"SERVFAIL": DnsStatus.SERVFAIL, "REFUSED": DnsStatus.REFUSED, "TIMEOUT": DnsStatus.TIMEOUT}
_CHAIN_LIMIT = 8


class ZoneAnswerer:
    """Answers from master-file text (RFC 1035 §5). Wildcards and CNAME are followed; names outside it do not exist."""

    def __init__(self, text: str, *, delay_s: float = 0.0, name: str = "zone") -> None:
        import dns.zonefile

        self._delay_s = delay_s
        self._name = name
        self._sets: dict[tuple[str, str], Rdataset] = {}
        self._faults: dict[tuple[str, str], DnsStatus] = {}
        self._delays: dict[str, float] = {}
        self._authentic: set[str] = set()
        self._names: set[str] = set()
        for rrset in dns.zonefile.read_rrsets(text, default_ttl=300):
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
        name, canonical = question.name, None
        for _ in range(_CHAIN_LIMIT):
            found = self._at(name, question.type)
            if isinstance(found, DnsStatus):
                return DnsLookup(question.name, question.type, found, cname=canonical, server=self._name)
            rdtype, rdataset = found
            records = presentation(rdataset)
            if rdtype == question.type:
                return DnsLookup(
                    question.name, question.type, DnsStatus.ANSWER, records, rdataset.ttl,
                    authentic=question.name in self._authentic, server=self._name, cname=canonical,
                )  # fmt: skip
            name = canonical = records[0]
        return DnsLookup(
            question.name, question.type, DnsStatus.SERVFAIL, server=self._name, detail="CNAME chain too long"
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

    def _wildcard(self, name: str) -> str | None:
        """The wildcard that covers a name that does not exist (RFC 4592 §3.3.1: at the closest encloser only)."""
        while "." in name:
            name = name.split(".", 1)[1]
            if name in self._names:
                return f"*.{name}" if f"*.{name}" in self._names else None
        return None
