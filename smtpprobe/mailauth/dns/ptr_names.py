"""PTR names that can be no mail host's: what each of them is instead (RFC 1123 §2.1, RFC 5321 §2.3.5)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from smtpprobe.mailauth.dns.final_dot import REVERSE_ZONES, without_zone
from smtpprobe.model.evidence.iprev import PtrFault
from smtpprobe.model.names import is_at_or_below, is_ip_address
from smtpprobe.model.texts.language import mark, say

ROOT = "."

# RFC 952, RFC 1123 §2.1: letters, digits and hyphens, no hyphen at either end.
_HOST_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_WORDS = {
    PtrFault.ROOT: mark("the root of DNS, written as a single dot"),
    PtrFault.ADDRESS: mark("an address, written as a name"),
    PtrFault.ZONE_NAME: mark("a name of the reverse zone itself"),
    PtrFault.SINGLE_LABEL: mark("a single label, without a domain"),
    PtrFault.NOT_A_HOST_NAME: mark("not a host name: letters, digits and hyphens between dots"),
}


def ptr_fault(name: str, owners: Collection[str]) -> PtrFault | None:
    """Why a name in a PTR record of one of the `owners` can be no host's; None where it may be one.

    A name that the zone's was appended to counts by what was meant where that is an address; where it is a name there is
    nothing wrong with it but that.
    """
    if name == ROOT:
        return PtrFault.ROOT
    if is_ip_address(name) or name in owners or is_ip_address(_before_zone(name)):
        return PtrFault.ADDRESS
    if any(is_at_or_below(name, zone) for zone in REVERSE_ZONES):
        meant = [without_zone(name, owner) for owner in owners]
        return None if any(each and not each.endswith(REVERSE_ZONES) for each in meant) else PtrFault.ZONE_NAME
    if not all(map(_HOST_LABEL.match, name.split("."))):
        return PtrFault.NOT_A_HOST_NAME
    return None if "." in name else PtrFault.SINGLE_LABEL


def can_be_looked_up(name: str) -> bool:
    """Whether a lookup can tell anything of the name: the root has no address, and escapes stand for other octets."""
    return name != ROOT and "\\" not in name


def ptr_fault_text(name: str, fault: PtrFault) -> str:
    """What the name is instead of a host's: `192.0.2.1 is an address, written as a name`."""
    return say("{name} is {what}", name=name, what=say(_WORDS.get(fault, _WORDS[PtrFault.NOT_A_HOST_NAME])))


def ptr_faults(names: Iterable[str], owners: Collection[str]) -> dict[str, PtrFault]:
    """The names that can be no host's, each with why."""
    return {name: fault for name in names if (fault := ptr_fault(name, owners))}


def _before_zone(name: str) -> str:
    """What stands before as many labels of a reverse zone as leave four: `192.0.2.1` of `192.0.2.1.2.0.192.in-addr.arpa`."""
    return ".".join(name.split(".")[:4]) if is_at_or_below(name, REVERSE_ZONES[0]) and name.count(".") > 5 else ""
