"""Why no record is advised, though the address does not pass."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from smtpprobe.mailauth.spf.record import parse_term
from smtpprobe.model.evidence.spf import SpfFault, SpfIdentity, SpfShift
from smtpprobe.model.names import ip_address, is_documentation
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult

_OF_LOCAL_PART = frozenset("sl")
_OF_HELO = frozenset("h")
_BY_LOCAL_PART = mark(
    "{term} leads each local part to a record of its own, and {given} has none at {name}: publish one there, or "
    "evaluate a reverse-path whose local part sends; other local parts keep theirs"
)
_BY_HELO = mark(
    "{term} leads each HELO name to a record of its own, and {given} has none at {name}: publish one there, or "
    "evaluate the HELO name that is sent; other names keep theirs"
)
_HALF = {4: 1 << 31, 6: 1 << 124}
_RELAY = mark("send through the relay or submission server of the provider that the record already includes")


def is_editable(ip: str) -> bool:
    """Whether a record may permit the address: it is global, or stands for one in documentation."""
    address = ipaddress.ip_address(ip_address(ip.partition("%")[0]))
    return (address.is_global and not address.is_multicast) or is_documentation(address)


def unproved(identity: SpfIdentity) -> str | None:
    """Why nothing can be said of what a change comes to."""
    if identity.result is AuthResult.TEMPERROR:
        return say("DNS did not answer, so nothing can be proved: {problem}", problem=identity.problem)
    return None


def why_not(client_ip: str, end_user: bool) -> str | None:
    """Why the address is none that a record should permit."""
    if not is_editable(client_ip):
        return say(
            "{client_ip} is not a global address, and means nothing in a public record; see which address the server saw",
            client_ip=client_ip,
        )
    if end_user:
        return say(
            "{client_ip} belongs to an end-user range: {relay}, rather than permit the address",
            client_ip=client_ip,
            relay=say(_RELAY),
        )
    return None


def chosen_by_sender(identity: SpfIdentity, helo: str) -> str | None:
    """Why no record is advised where the local part or the HELO name leads to one that is missing: others have theirs."""
    if identity.fault not in (SpfFault.INCLUDE_MISSING, SpfFault.REDIRECT_MISSING):
        return None
    step = next((step for step in identity.trace if step.decided), None)
    used = parse_term(step.term).letters if step is not None and not step.children else frozenset()
    if step is None or not used & (_OF_LOCAL_PART | _OF_HELO):
        return None
    if used & _OF_LOCAL_PART:
        return say(_BY_LOCAL_PART, term=step.term, given=(identity.sender or "").rpartition("@")[0], name=step.expanded)
    return say(_BY_HELO, term=step.term, given=helo, name=step.expanded)


def opens(begins: Iterable[SpfShift]) -> bool:
    """Whether half of all addresses of a family, or more, begin to pass; of IPv6, of those that are in use (2000::/3)."""
    sizes: dict[tuple[str | None, int], int] = {}
    for shift in begins:
        first, last = ipaddress.ip_address(shift.first), ipaddress.ip_address(shift.last)
        key = shift.sender, first.version
        sizes[key] = sizes.get(key, 0) + int(last) - int(first) + 1
    return any(size >= _HALF[version] for (_, version), size in sizes.items())
