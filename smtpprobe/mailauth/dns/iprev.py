"""Reverse DNS of the client IP (RFC 8601 §3), and the HELO name against DNS."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence

from smtpprobe.mailauth.dns.final_dot import REVERSE_ZONES, without_zone
from smtpprobe.mailauth.dns.ptr_names import can_be_looked_up, ptr_fault_text, ptr_faults
from smtpprobe.mailauth.dns.registered_domain import registered_domain
from smtpprobe.mailauth.dns.rewriting import rewriting
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver
from smtpprobe.model.evidence import IprevEvidence
from smtpprobe.model.evidence.iprev import HeloName, HeloStatus, PtrFault
from smtpprobe.model.names import a_labels, by_number, ip_address, is_domain, literal_address, reverse_name
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.words import AuthResult

# RFC 8601 §3: receivers limit the number of names; RFC 7208 §4.6.4 chose ten.
MAX_NAMES = 10
MAX_ASKED = 30  # names that are looked at here, to tell what receivers see that take any ten of them

_END_USER_WORDS = frozenset(
    (
        "adsl", "broadband", "cable", "cablemodem", "catv", "cgn", "cgnat", "cpe", "dhcp", "dial", "dialin", "dialup",
        "dsl", "dyn", "dynamic", "dynamicip", "dynip", "ftth", "hsd", "hsia", "pool", "pools", "ppp", "pppoe", "resnet",
        "sdsl", "unassigned", "unused", "vdsl", "xdsl",
    )
)  # fmt: skip
_DIGITS = re.compile(r"\d+")
_WORDS = re.compile(r"[a-z]+")
_HEX = re.compile(r"[^0-9a-f]+")
_SHOWN_NAMES = 3
# What these are says nothing of the line.
_NO_NAMES = (PtrFault.ROOT, PtrFault.ADDRESS, PtrFault.ZONE_NAME)


async def evaluate(resolver: Resolver, client_ip: str, helo: str | None) -> IprevEvidence:
    """iprev for the client IP: pass, fail, temperror or permerror; beside it the HELO name, where one is given.

    Receivers follow ten PTR names at most, and nobody knows which: the result is pass only if any ten of the names have
    one among them that leads back, so that it is the same in every order of the answer.
    """
    ip = ip_address(client_ip)
    helo_questions = _helo_questions(helo)
    for question in helo_questions:
        resolver.ahead(resolver.lookup(question))
    if helo_questions:
        resolver.ahead(rewriting(resolver))
    pointer = await resolver.lookup(Question(reverse_name(ip), "PTR"))
    names = _names(pointer)
    unfit = ptr_faults(names[:MAX_ASKED], _owners(pointer))
    asked_names = [name for name in names[:MAX_ASKED] if can_be_looked_up(name)]
    questions = [Question(name, "AAAA" if ":" in ip else "A") for name in asked_names]
    for question in questions:
        if question not in helo_questions:
            resolver.ahead(resolver.lookup(question))
    if questions:
        # Beside the first addresses, so that a name that leads back is known to exist without another round.
        resolver.ahead(rewriting(resolver))
    forward = [await resolver.lookup(question) for question in questions]
    confirmed = tuple(lookup.name for lookup in forward if ip in _addresses([lookup]))
    result, problem = _result(ip, pointer, names, forward, confirmed, unfit)
    helo_name, helo_lookups = await _helo(resolver, helo, ip, pointer, names) if helo else (None, ())
    made_up, asked = await _made_up(resolver, forward, helo_name)
    return IprevEvidence(
        client_ip=ip,
        result=result,
        names=names,
        confirmed=confirmed,
        problem=problem,
        generic=_generic([name for name in names[:MAX_ASKED] if unfit.get(name) not in _NO_NAMES], ip),
        helo=helo_name,
        lookups=tuple(dict.fromkeys(lookup.index for lookup in (pointer, *forward, *helo_lookups, *asked))),
        alias=pointer.cname,
        extended=_extended(pointer, names),
        made_up=made_up,
        unfit=unfit,
        aliases={lookup.name: lookup.cname for lookup in forward if lookup.cname},
        unanswered=tuple(lookup.failure_text for lookup in forward if lookup.failed)
        if result is not AuthResult.TEMPERROR
        else (),
    )


def _generic(names: Sequence[str], ip: str) -> bool:
    return bool(names) and all(looks_generic(name, ip) for name in names)


def looks_generic(name: str, ip: str) -> bool:
    """Whether the name holds the address or a word for end-user lines; a guess, such as receivers make."""
    name = name.lower().rstrip(".")
    # What stands in the registered domain is its owner's name; a name that is no more than that is all there is.
    host = name.removesuffix(registered_domain(name)).rstrip(".") or name.partition(".")[0]
    address = ipaddress.ip_address(ip)
    if any(word in _END_USER_WORDS for word in _WORDS.findall(host)):
        return True
    if isinstance(address, ipaddress.IPv6Address):
        squeezed = _HEX.sub("", host)
        digits = address.exploded.replace(":", "")
        return digits[16:] in squeezed or digits[::-1][:16] in squeezed
    octets = [str(octet) for octet in address.packed]
    numbers = [str(int(number)) for number in _DIGITS.findall(host) if len(number) <= 3]
    if _holds(numbers, octets) or _holds(numbers, octets[::-1]):
        return True
    padded = "".join(octet.zfill(3) for octet in octets)
    return padded in host or address.packed.hex() in _HEX.sub(".", host).split(".")


def _holds(numbers: Sequence[str], octets: Sequence[str]) -> bool:
    return any(list(numbers[start : start + 4]) == list(octets) for start in range(len(numbers) - 3))


def _names(pointer: DnsLookup) -> tuple[str, ...]:
    """The PTR names, each once and in an order that the answer's does not change."""
    if pointer.status is not DnsStatus.ANSWER:
        return ()
    return tuple(sorted(set(pointer.records), key=by_number))


def _owners(pointer: DnsLookup) -> tuple[str, ...]:
    """The reverse name, and the one that it is an alias of."""
    return (pointer.name, *((pointer.cname,) if pointer.cname else ()))


def _extended(pointer: DnsLookup, names: Sequence[str]) -> dict[str, str]:
    """The names that look as though the reverse zone were appended to them, each with the one that was meant."""
    owners = _owners(pointer)
    found = {name: meant for name in names[:MAX_ASKED] for owner in owners if (meant := without_zone(name, owner))}
    return {name: meant for name, meant in found.items() if not meant.endswith(REVERSE_ZONES)}


async def _made_up(
    resolver: Resolver, forward: Sequence[DnsLookup], helo: HeloName | None
) -> tuple[tuple[str, ...], tuple[DnsLookup, ...]]:
    """The names whose addresses are those that the resolver gives for any name, be it the client's own."""
    addresses = {lookup.name: _addresses([lookup]) for lookup in forward}
    if helo is not None and helo.status is HeloStatus.ANSWER:
        addresses[a_labels(helo.name)] = helo.addresses
    if not any(addresses.values()):
        return (), ()
    found = await rewriting(resolver)
    return tuple(name for name, given in addresses.items() if found.made_up(given)), found.lookups


def _addresses(lookups: Iterable[DnsLookup]) -> tuple[str, ...]:
    """The addresses in the answers, each once and in an order that the answers' does not change."""
    found: dict[str, None] = {}
    for lookup in lookups:
        for record in lookup.records if lookup.status is DnsStatus.ANSWER else ():
            try:
                found[str(ipaddress.ip_address(record))] = None
            except ValueError:
                continue
    return tuple(sorted(found, key=lambda each: (":" in each, int(ipaddress.ip_address(each)))))


def _result(
    ip: str,
    pointer: DnsLookup,
    names: Sequence[str],
    forward: Sequence[DnsLookup],
    confirmed: Sequence[str],
    unfit: Mapping[str, PtrFault],
) -> tuple[AuthResult, str | None]:
    """The result and, for all but pass, what is wrong (RFC 8601 §2.7.3)."""
    if confirmed and (len(names) <= MAX_NAMES or len(names) - len(confirmed) < MAX_NAMES):
        return AuthResult.PASS, None
    failed = next((lookup for lookup in forward if lookup.failed), None)
    if (
        confirmed
        and failed is not None
        and len(names) - len(confirmed) - sum(each.failed for each in forward) < MAX_NAMES
    ):
        return AuthResult.TEMPERROR, failed.failure_text
    if confirmed:
        # A receiver may take ten that have none of them.
        return AuthResult.FAIL, say(
            "{some} of {count} names lead back to {ip}, and receivers look at {most}: the result depends on which they take",
            some=say("at least {some}", some=len(confirmed)) if len(names) > MAX_ASKED else len(confirmed),
            count=len(names),
            ip=ip,
            most=MAX_NAMES,
        )
    if pointer.failed:
        return AuthResult.TEMPERROR, pointer.failure_text
    if not names:
        missing = say("{name} has no {type} record", name=pointer.name, type=pointer.type)
        return AuthResult.PERMERROR, pointer.void_text(pointer.name) if pointer.cname else missing
    if failed is not None:
        return AuthResult.TEMPERROR, failed.failure_text
    by_name = {lookup.name: lookup for lookup in forward}
    told = [
        ptr_fault_text(name, unfit[name]) if name in unfit else _leads_to(by_name[name])
        for name in names[:_SHOWN_NAMES]
    ]
    unseen = min(len(names), MAX_ASKED) - _SHOWN_NAMES
    more = say_counted(", and {count} more name", ", and {count} more names", unseen) if unseen > 0 else ""
    if len(names) > MAX_ASKED:
        words = mark(
            "{told}{more}: none of these leads back to {ip}, and the other {left} of {count} names were not looked up"
        )
        left = len(names) - MAX_ASKED
        return AuthResult.FAIL, say(words, told="; ".join(told), more=more, ip=ip, left=left, count=len(names))
    return AuthResult.FAIL, say("{told}{more}: none leads back to {ip}", told="; ".join(told), more=more, ip=ip)


def _leads_to(lookup: DnsLookup) -> str:
    addresses = _addresses([lookup])
    if addresses:
        return say("{name} has {addresses}", name=lookup.name, addresses=", ".join(addresses[:_SHOWN_NAMES]))
    return lookup.void_text(lookup.name)


def _helo_questions(helo: str | None) -> tuple[Question, ...]:
    """The address questions for a HELO name; none for an address literal, nor for what can be no host name."""
    name = a_labels(helo or "")
    return tuple(Question(name, rdtype) for rdtype in ("A", "AAAA")) if is_domain(name) else ()


async def _helo(
    resolver: Resolver, helo: str, ip: str, pointer: DnsLookup, names: Sequence[str]
) -> tuple[HeloName, tuple[DnsLookup, ...]]:
    lookups = tuple([await resolver.lookup(question) for question in _helo_questions(helo)])
    if not lookups:
        literal = literal_address(helo)
        return HeloName(
            name=helo,
            status=HeloStatus.LITERAL if helo.startswith("[") else HeloStatus.NOT_A_NAME,
            addresses=(literal,) if literal else (),
            matches_ip=literal == ip if helo.startswith("[") else None,
            matches_ptr=None,
        ), ()
    addresses = _addresses(lookups)
    status = HeloStatus(_status(lookups).value)
    unknown = ip not in addresses and any(lookup.failed for lookup in lookups)
    name = HeloName(
        name=helo,
        status=status,
        addresses=addresses,
        matches_ip=None if unknown else ip in addresses,
        matches_ptr=None if pointer.failed else lookups[0].name in names,
        alias=next((lookup.cname for lookup in lookups if lookup.cname), None),
        unanswered=None if addresses else next((lookup.failure_text for lookup in lookups if lookup.failed), None),
    )
    return name, lookups


def _status(lookups: Sequence[DnsLookup]) -> DnsStatus:
    """The status of both address questions together: an answer, else a failure, else that there is none."""
    for lookup in lookups:
        if lookup.status is DnsStatus.ANSWER:
            return lookup.status
    return next((lookup.status for lookup in lookups if lookup.failed), lookups[0].status)
