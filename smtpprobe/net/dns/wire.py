"""Messages as octets: what is wrong in one part costs that part, and not the whole answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import dns.message

_PRIVATE = 65280  # RFC 6895 §3.1: for private use, so that nobody looks into the data


def read_message(data: bytes) -> dns.message.Message:
    """The message in a datagram, or in what TCP brought without its length. Raises DNSException or ValueError."""
    import dns.exception
    import dns.message
    import dns.rdatatype

    try:
        return dns.message.from_wire(data, ignore_trailing=True)
    except dns.exception.DNSException:
        reply = dns.message.from_wire(data, ignore_trailing=True, continue_on_error=True)
        # An extended error whose words are not UTF-8 (RFC 8914 §2) costs itself, and not the answer.
        if all(isinstance(each.exception.__cause__, UnicodeDecodeError) for each in reply.errors):
            return reply
        if not reply.question or reply.question[0].rdtype != dns.rdatatype.TLSA:
            raise
    return _with_any_tlsa(data)


def _with_any_tlsa(data: bytes) -> dns.message.Message:
    """The message with its TLSA records as they are, also where a digest has another length than its type's.

    RFC 7672 §2.2: such a record is unusable, and the others count.
    """
    import dns.message
    import dns.rdata
    import dns.rdatatype

    reply = dns.message.from_wire(_renumbered(data), ignore_trailing=True)
    for found in [each for each in reply.answer if each.rdtype == _PRIVATE]:
        made = reply.find_rrset(reply.answer, found.name, found.rdclass, dns.rdatatype.TLSA, create=True)
        for each in found:
            assert isinstance(each, dns.rdata.GenericRdata)
            made.add(dns.rdata.GenericRdata(found.rdclass, dns.rdatatype.TLSA, each.data), found.ttl)
    return reply


def _renumbered(data: bytes) -> bytes:
    """The message with the private type for each TLSA record of the answer. Raises ValueError where it ends early."""
    import dns.rdatatype

    octets, number = bytearray(data), int.from_bytes
    try:
        at = 12
        for _ in range(number(data[4:6], "big")):
            at = _after_name(data, at) + 4
        for _ in range(number(data[6:8], "big")):
            at = _after_name(data, at)
            if number(data[at : at + 2], "big") == dns.rdatatype.TLSA:
                octets[at : at + 2] = _PRIVATE.to_bytes(2, "big")
            at += 10 + number(data[at + 8 : at + 10], "big")
    except IndexError:
        raise ValueError("the message ends early") from None
    return bytes(octets)


def _after_name(data: bytes, at: int) -> int:
    """Where the name that begins there ends (RFC 1035 §4.1.4)."""
    while data[at]:
        if data[at] >= 0xC0:
            return at + 2
        at += 1 + data[at]
    return at + 1
