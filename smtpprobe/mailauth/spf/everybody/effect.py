"""What an edit changes for everybody: who stops passing, who begins to pass."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence

import msgspec

from smtpprobe.mailauth.spf.everybody.reach import Reach, domains_read, reach
from smtpprobe.mailauth.spf.macro import domain_problem
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.spf import SpfShift
from smtpprobe.model.texts.language import say
from smtpprobe.model.words import AuthResult

MAX_TOLD = 12  # that are told one by one
_OTHER_LOCAL_PART = "someone-else"  # stands for any local part that no record names


class Identity(msgspec.Struct, frozen=True):
    """Whose mail is evaluated: check_host()'s domain, sender and HELO name (RFC 7208 §4.1)."""

    domain: str
    sender: str
    helo: str


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Who stops passing and who begins to, over every address; `is_whole` is false where there were too many to look at.

    `by_local_part`: a record hangs on the local part. `not_followed` are the terms that could not be listed: whom they
    let pass was not compared.
    """

    stops: tuple[SpfShift, ...]
    begins: tuple[SpfShift, ...]
    is_whole: bool
    by_local_part: bool
    not_followed: tuple[str, ...]


async def effect(before: Resolver, after: Resolver, edited: str, identity: Identity) -> Effect:
    """What changes between two states of DNS that differ in the record of `edited` alone.

    Compared are the identity, for other local parts where a record hangs on them, and that of the HELO name where its
    record includes the edited one.
    """
    first = [await _compared(before, after, identity, is_ip4=is_ip4) for is_ip4 in (True, False)]
    reaches = [each for pair in first for each in pair[:2]]
    by_sender: list[tuple[str | None, list[SpfShift]]] = [(None, [shift for _, _, shifts in first for shift in shifts])]
    if any(each.by_local_part for each in reaches):
        by_sender = [(identity.sender, by_sender[0][1])]
        for sender in _other_senders(identity):
            other = msgspec.structs.replace(identity, sender=sender)
            by_sender.append((sender, await _shifts(before, after, other, reaches)))
        if all(shifts == by_sender[0][1] for _, shifts in by_sender):
            by_sender = [(None, by_sender[0][1])]
    if await _hangs_on(before, after, edited, identity):
        helo = Identity(identity.helo, f"postmaster@{identity.helo}", identity.helo)
        by_sender.append((helo.sender, await _shifts(before, after, helo, reaches)))
    shifts = [msgspec.structs.replace(shift, sender=sender) for sender, each in by_sender for shift in each]
    return Effect(
        stops=tuple(shift for shift in shifts if shift.before is AuthResult.PASS),
        begins=tuple(shift for shift in shifts if shift.after is AuthResult.PASS),
        is_whole=all(each.is_whole for each in reaches),
        by_local_part=any(each.by_local_part for each in reaches),
        not_followed=tuple(dict.fromkeys(term for each in reaches for term in each.not_followed)),
    )


async def _shifts(before: Resolver, after: Resolver, identity: Identity, reaches: list[Reach]) -> list[SpfShift]:
    made: list[SpfShift] = []
    for is_ip4 in (True, False):
        one, two, shifts = await _compared(before, after, identity, is_ip4=is_ip4)
        reaches += (one, two)
        made += shifts
    return made


async def _compared(
    before: Resolver, after: Resolver, identity: Identity, *, is_ip4: bool
) -> tuple[Reach, Reach, list[SpfShift]]:
    one, two = await _reaches(before, after, identity, is_ip4=is_ip4, expects_the_worst=False)
    shifts = list(_differences(one, two, is_ip4=is_ip4))
    if any(each.not_followed or each.by_helo for each in (one, two)):
        # Whom such a term does not match may be brought to an error by it: who stops passing then, stops.
        worst = await _reaches(before, after, identity, is_ip4=is_ip4, expects_the_worst=True)
        stops = [each for each in _differences(*worst, is_ip4=is_ip4) if each.before is AuthResult.PASS]
        shifts += [each for each in stops if each not in shifts]
    return one, two, [each for each in shifts if not _is_mapped(each)]


async def _reaches(
    before: Resolver, after: Resolver, identity: Identity, *, is_ip4: bool, expects_the_worst: bool
) -> tuple[Reach, Reach]:
    domain, sender, helo = identity.domain, identity.sender, identity.helo
    one = await reach(before, domain, sender, helo, is_ip4=is_ip4, expects_the_worst=expects_the_worst)
    return one, await reach(after, domain, sender, helo, is_ip4=is_ip4, expects_the_worst=expects_the_worst)


def _is_mapped(shift: SpfShift) -> bool:
    """Whether the addresses are IPv4 ones in IPv6 form: nobody comes from one, since he counts as IPv4 (RFC 7208 §5)."""
    ends = ipaddress.ip_address(shift.first), ipaddress.ip_address(shift.last)
    return all(isinstance(each, ipaddress.IPv6Address) and each.ipv4_mapped is not None for each in ends)


def _differences(before: Reach, after: Reach, *, is_ip4: bool) -> Iterator[SpfShift]:
    """The spans that pass in one and not in the other, side by side ones of the same results together."""
    address = ipaddress.IPv4Address if is_ip4 else ipaddress.IPv6Address
    ones, twos = list(before.spans), list(after.spans)
    open_: tuple[int, int, AuthResult, AuthResult] | None = None
    at = one = two = 0
    while one < len(ones) and two < len(twos):
        last = min(ones[one].last, twos[two].last)
        results = ones[one].result, twos[two].result
        if open_ is not None and open_[2:] == results:
            open_ = (open_[0], last, *results)
        else:
            if open_ is not None:
                yield SpfShift(
                    first=str(address(open_[0])), last=str(address(open_[1])), before=open_[2], after=open_[3]
                )
            is_shift = (results[0] is AuthResult.PASS) is not (results[1] is AuthResult.PASS)
            open_ = (at, last, *results) if is_shift else None
        at = last + 1
        one += ones[one].last == last
        two += twos[two].last == last
    if open_ is not None:
        yield SpfShift(first=str(address(open_[0])), last=str(address(open_[1])), before=open_[2], after=open_[3])


def _other_senders(identity: Identity) -> list[str]:
    host = identity.sender.rpartition("@")[2]
    senders = [f"postmaster@{host}", f"{_OTHER_LOCAL_PART}@{host}"]
    return [each for each in senders if each != identity.sender]


async def _hangs_on(before: Resolver, after: Resolver, edited: str, identity: Identity) -> bool:
    """Whether the HELO identity is another one whose record leads to the edited one."""
    helo = identity.helo.removesuffix(".").lower()
    if helo == identity.domain.lower() or domain_problem(helo):
        return False
    for each in (before, after):
        read = await domains_read(each, helo, f"postmaster@{helo}", helo)
        if edited.lower() in read or identity.domain.lower() in read:
            return True
    return False


def contains(shift: SpfShift, ip: str) -> bool:
    """Whether an address is among those that a shift is about."""
    first, address, last = map(ipaddress.ip_address, (shift.first, ip, shift.last))
    return first.version == address.version and int(first) <= int(address) <= int(last)


def _of_sender(addresses: str, sender: str) -> str:
    if sender.startswith(f"{_OTHER_LOCAL_PART}@"):
        return say("{addresses} (for any other local part)", addresses=addresses)
    return say("{addresses} (for {sender})", addresses=addresses, sender=sender)


def in_words(shifts: Sequence[SpfShift]) -> str:
    """The addresses of shifts, as networks where they are some, and for whom; the first MAX_TOLD of them."""
    by_sender: dict[str | None, list[str]] = {}
    for shift in shifts[:MAX_TOLD]:
        by_sender.setdefault(shift.sender, []).append(shift.addresses)
    told = [
        ", ".join(each) if sender is None else _of_sender(", ".join(each), sender) for sender, each in by_sender.items()
    ]
    more = say(" and {more} more", more=len(shifts) - MAX_TOLD) if len(shifts) > MAX_TOLD else ""
    return "; ".join(told) + more
