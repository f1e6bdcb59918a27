"""Addresses and networks in the many ways in which people write them, as the terms that were meant (RFC 7208 §5.6)."""

from __future__ import annotations

import ipaddress
import re
from itertools import islice
from typing import Any

MAX_TERMS = 8  # that one range becomes; one that needs more was hardly meant

_OCTET = r"[0-9]{1,3}"
_WILDCARD = re.compile(rf"({_OCTET}(?:\.{_OCTET}){{0,2}})((?:\.[*xX]){{1,3}})")
_PADDED = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_RANGE = re.compile(r"([0-9A-Fa-f.:]{2,45})(?:-|\.\.|--)([0-9A-Fa-f.:]{1,45})")
_PORT = re.compile(rf"({_OCTET}(?:\.{_OCTET}){{3}}):[0-9]{{1,5}}")
_CLOSED = re.compile(r"\[([^\[\]]*)\]|\(([^()]*)\)|<([^<>]*)>")


def networks(text: str) -> tuple[str, ...]:
    """The ip4 and ip6 terms for what is written; none where it is no address, or not certain which."""
    text = _CLOSED.sub(_inside, text).replace("\\", "/").strip("/.,;")
    if _RANGE.fullmatch(text):
        return _range(text)
    wildcard = _WILDCARD.fullmatch(text)
    if wildcard:
        octets = wildcard.group(1).split(".")
        missing = len(wildcard.group(2)) // 2
        if len(octets) + missing != 4:
            return ()
        return _network(".".join([*octets, *["0"] * missing]), str(8 * len(octets)))
    port = _PORT.fullmatch(text)
    if port:
        return _network(port.group(1), None)
    address, slash, prefix = text.partition("/")
    return _network(address, prefix if slash else None)


def _inside(found: re.Match[str]) -> str:
    return next((group for group in found.groups() if group is not None), "")


def _network(address: str, prefix: str | None) -> tuple[str, ...]:
    parsed = _address(address)
    if parsed is None:
        return ()
    written = str(parsed) if _PADDED.fullmatch(address) else address
    if prefix is None:
        return (f"ip{parsed.version}:{written}",)
    digits = _prefix(prefix)
    if digits is None or digits > parsed.max_prefixlen:
        return ()
    return (f"ip{parsed.version}:{written}/{digits}",)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if "%" in text:
        return None
    if _PADDED.fullmatch(text):
        octets = text.split(".")
        # 010 is ten to some and eight to others; 007 is seven to both.
        if any(len(each) > 1 and each[0] == "0" and not _is_seven_at_most(each) for each in octets):
            return None
        text = ".".join([str(int(each)) for each in octets])
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_seven_at_most(digits: str) -> bool:
    return int(digits) <= 7


def _prefix(text: str) -> int | None:
    """The length that a prefix or a netmask stands for."""
    if text.isascii() and text.isdigit() and len(text) <= 4:
        return int(text)
    if not _PADDED.fullmatch(text):
        return None
    try:
        return ipaddress.IPv4Network((0, text)).prefixlen
    except ValueError:
        return None


def _range(text: str) -> tuple[str, ...]:
    found = _RANGE.fullmatch(text)
    assert found is not None
    first, last = _address(found.group(1)), _address(_last(*found.groups()))
    if first is None or last is None or first.version != last.version or int(first) > int(last):
        return ()
    ends: tuple[Any, Any] = first, last
    made = tuple(islice(ipaddress.summarize_address_range(*ends), MAX_TERMS + 1))
    if len(made) > MAX_TERMS:
        return ()
    return tuple(f"ip{first.version}:{_as_term(each)}" for each in made)


def _last(first: str, last: str) -> str:
    """The last address whole: of 192.0.2.0-255 only its last octet is written."""
    return f"{first.rpartition('.')[0]}.{last}" if "." in first and last.isdigit() else last


def _as_term(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    is_host = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if is_host else str(network)
