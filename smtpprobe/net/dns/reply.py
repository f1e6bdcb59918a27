"""A name server's reply as a lookup: its code, its records, its aliases, and what it says beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

MAX_ALIASES = 16  # as dnspython follows them
_SHOWN_ERRORS = 3
_ERROR_OCTETS = 100


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
    found = DnsLookup(
        name=question.name,
        type=question.type,
        status=status,
        authentic=bool(reply.flags & dns.flags.AD),
        server=server,
        detail="; ".join([*code, *errors]) or None,
        # RFC 2308 §2.1: the code is that of the last name in the chain, the aliases before it stand in the answer.
        cname=_last_alias(reply),
    )
    return _with_answer(found, reply) if found.status is DnsStatus.ANSWER else found


def _with_answer(found: DnsLookup, reply: dns.message.Message) -> DnsLookup:
    """The lookup with the records that the reply has for its question, and the alias that leads to them or nowhere."""
    import dns.exception
    import dns.flags
    import dns.message

    replace = msgspec.structs.replace
    try:
        chain = reply.resolve_chaining()  # type: ignore[attr-defined]
    except dns.message.ChainTooLong:
        return replace(found, status=DnsStatus.ALIAS_LOOP, cname=None, detail=endless(_aliases(reply), MAX_ALIASES))
    except dns.exception.DNSException:
        return replace(found, status=DnsStatus.MALFORMED, detail=say("it does not answer the question"))
    if chain.answer is not None:
        return replace(found, records=presentation(chain.answer), ttl_s=chain.minimum_ttl)
    if found.cname:
        # RFC 2308 §2.2: who knows that the target has no such record has its zone's SOA beside it.
        followed = _has_soa(reply, found.cname)
        return replace(
            found,
            status=DnsStatus.NODATA if followed else DnsStatus.REFERRAL,
            ttl_s=None if followed else chain.minimum_ttl,
        )
    elsewhere = _referral(reply)
    if elsewhere is not None:
        return replace(found, status=DnsStatus.REFERRAL, detail=say("to those of {zone}", zone=elsewhere))
    # RFC 1035 §4.1.1: neither an authority, nor one who asks on: that nothing stands there says nothing.
    knows = reply.flags & (dns.flags.RA | dns.flags.AA) or any(map(_is_soa, reply.authority))
    return replace(found, status=DnsStatus.NODATA if knows else DnsStatus.NO_RECURSION)


def _is_soa(records: dns.rrset.RRset) -> bool:
    import dns.rdatatype

    return records.rdtype == dns.rdatatype.SOA


def _has_soa(reply: dns.message.Message, name: str) -> bool:
    """Whether the reply shows that it speaks for the zone of the name."""
    return any(_is_soa(each) and is_at_or_below(name, _shown(each.name)) for each in reply.authority)


def _referral(reply: dns.message.Message) -> str | None:
    """The zone whose name servers stand where an answer, or that there is none, belongs (RFC 2308 §2.1, §2.2)."""
    import dns.rdatatype

    servers = next((each for each in reply.authority if each.rdtype == dns.rdatatype.NS), None)
    if servers is None or any(map(_is_soa, reply.authority)):
        return None
    return _shown(servers.name) or "."


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


def _last_alias(reply: dns.message.Message) -> str | None:
    """Where the aliases in a reply lead, from the name that was asked; None where there is none, or they have no end."""
    names = _aliases(reply)
    return names[-1] if len(names) > 1 and names[-1] not in names[:-1] else None


def _aliases(reply: dns.message.Message) -> list[str]:
    """The name that was asked and those that its aliases lead to; a circle ends at the name that it comes back to."""
    import dns.rdataclass
    import dns.rdatatype

    if not reply.question:
        return []
    # As names, and not as texts: a name has more than one spelling (RFC 1035 §5.1).
    names = [reply.question[0].name]
    kind = reply.question[0].rdtype
    while kind != dns.rdatatype.CNAME and names[-1] not in names[:-1]:
        alias = reply.get_rrset(reply.answer, names[-1], dns.rdataclass.IN, dns.rdatatype.CNAME)
        if not alias:
            break
        names.append(alias[0].target)
    return [_shown(name) for name in names]


def _shown(name: dns.name.Name) -> str:
    return str(name.to_text(omit_final_dot=True)).lower()
