"""A name server's reply as a lookup: its code, its records, its aliases, and what it says beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from smtpprobe.model.dns.lookup import ANSWERS, DnsLookup, DnsStatus, Question, endless
from smtpprobe.model.names import is_at_or_below
from smtpprobe.model.quoting import printable
from smtpprobe.model.texts.language import say
from smtpprobe.net.records import presentation

if TYPE_CHECKING:
    import dns.message
    import dns.name
    import dns.rrset

MAX_ALIASES = 16
_SHOWN_ERRORS = 3
_ERROR_OCTETS = 100


class _Chain(NamedTuple):
    """The name that was asked and those that its aliases lead to, with the least TTL of these aliases.

    A circle ends at the name that it comes back to, and a chain that is longer than any that is followed at the first
    name beyond.
    """

    names: tuple[dns.name.Name, ...]
    ttl_s: int | None

    @property
    def is_endless(self) -> bool:
        """Whether it is a circle or too long."""
        return len(self.names) > MAX_ALIASES + 1 or self.names[-1] in self.names[:-1]


def read_reply(question: Question, reply: dns.message.Message, server: str) -> DnsLookup:
    """A name server's reply as a lookup."""
    import dns.flags
    import dns.rcode

    rcode = reply.rcode()
    status = {
        dns.rcode.NOERROR: DnsStatus.ANSWER,
        dns.rcode.NXDOMAIN: DnsStatus.NXDOMAIN,
        dns.rcode.SERVFAIL: DnsStatus.SERVFAIL,
        dns.rcode.REFUSED: DnsStatus.REFUSED,
    }.get(rcode, DnsStatus.OTHER_RCODE)
    errors = _extended_errors(reply, failed=status not in ANSWERS)
    code = [dns.rcode.to_text(rcode)] if status is DnsStatus.OTHER_RCODE else []
    chain = _chain(reply) if reply.question else None
    found = DnsLookup(
        name=question.name,
        type=question.type,
        status=status,
        authentic=bool(reply.flags & dns.flags.AD),
        server=server,
        detail="; ".join([*code, *errors]) or None,
        # RFC 2308 §2.1: the code is that of the last name in the chain, the aliases before it stand in the answer.
        cname=shown(chain.names[-1]) if chain and len(chain.names) > 1 and not chain.is_endless else None,
    )
    if status is not DnsStatus.ANSWER:
        return found
    if chain is None:
        return msgspec.structs.replace(found, status=DnsStatus.MALFORMED, detail=say("it does not answer the question"))
    return _with_answer(found, reply, chain)


def _with_answer(found: DnsLookup, reply: dns.message.Message, chain: _Chain) -> DnsLookup:
    """The lookup with the records that the reply has for its question, and the alias that leads to them or nowhere."""
    import dns.flags

    replace = msgspec.structs.replace
    if chain.is_endless:
        names = [shown(name) for name in chain.names]
        return replace(found, status=DnsStatus.ALIAS_LOOP, detail=endless(names, MAX_ALIASES))
    asked = reply.question[0]
    records = reply.get_rrset(reply.answer, chain.names[-1], asked.rdclass, asked.rdtype)
    if records:
        ttl_s = records.ttl if chain.ttl_s is None else min(records.ttl, chain.ttl_s)
        return replace(found, records=presentation(records), ttl_s=ttl_s)
    if found.cname:
        # RFC 2308 §2.2: who knows that the target has no such record has its zone's SOA beside it.
        followed = _has_soa(reply, found.cname)
        return replace(
            found,
            status=DnsStatus.NODATA if followed else DnsStatus.REFERRAL,
            ttl_s=None if followed else chain.ttl_s,
        )
    elsewhere = _referral(reply)
    if elsewhere is not None:
        return replace(found, status=DnsStatus.REFERRAL, detail=say("to those of {zone}", zone=elsewhere))
    # RFC 1035 §4.1.1: neither an authority, nor one who asks on: that nothing stands there says nothing.
    knows = reply.flags & (dns.flags.RA | dns.flags.AA) or any(map(_is_soa, reply.authority))
    return replace(found, status=DnsStatus.NODATA if knows else DnsStatus.NO_RECURSION)


def _chain(reply: dns.message.Message) -> _Chain:
    import dns.rdatatype

    asked = reply.question[0]
    # As names, and not as texts: a name has more than one spelling (RFC 1035 §5.1).
    names, ttls = [asked.name], []
    while asked.rdtype != dns.rdatatype.CNAME and names[-1] not in names[:-1] and len(names) < MAX_ALIASES + 2:
        if reply.get_rrset(reply.answer, names[-1], asked.rdclass, asked.rdtype):
            break
        alias = reply.get_rrset(reply.answer, names[-1], asked.rdclass, dns.rdatatype.CNAME)
        if not alias:
            break
        names.append(alias[0].target)
        ttls.append(alias.ttl)
    return _Chain(tuple(names), min(ttls, default=None))


def _is_soa(records: dns.rrset.RRset) -> bool:
    import dns.rdatatype

    return records.rdtype == dns.rdatatype.SOA


def _has_soa(reply: dns.message.Message, name: str) -> bool:
    """Whether the reply shows that it speaks for the zone of the name."""
    return any(_is_soa(each) and is_at_or_below(name, shown(each.name)) for each in reply.authority)


def _referral(reply: dns.message.Message) -> str | None:
    """The zone whose name servers stand where an answer, or that there is none, belongs (RFC 2308 §2.1, §2.2)."""
    import dns.rdatatype

    servers = next((each for each in reply.authority if each.rdtype == dns.rdatatype.NS), None)
    if servers is None or any(map(_is_soa, reply.authority)):
        return None
    return shown(servers.name) or "."


def _extended_errors(reply: dns.message.Message, *, failed: bool) -> list[str]:
    """What a name server says of its answer beside the code (RFC 8914), with what cannot be printed escaped.

    Beside an answer only what says that it is another than the zone's.
    """
    import dns.edns

    code = dns.edns.EDECode
    others = (code.FORGED_ANSWER, code.BLOCKED, code.CENSORED, code.FILTERED, code.PROHIBITED)
    errors = [option for option in reply.options if isinstance(option, dns.edns.EDEOption)]
    told = []
    for each in errors[:_SHOWN_ERRORS]:
        if failed or each.code in others:
            words = f": {printable(each.text, _ERROR_OCTETS)}" if each.text else ""
            told.append(dns.edns.EDEOption(each.code).to_text() + words)
    return told


def shown(name: dns.name.Name) -> str:
    """The name as lookups have it: lower case, without trailing dot, with what is not a host's name escaped."""
    return str(name.to_text(omit_final_dot=True)).lower()
