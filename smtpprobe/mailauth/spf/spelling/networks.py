"""Addresses and networks in the many ways in which people write them, as the terms that were meant (RFC 7208 §5.6)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

SHORTEST4, SHORTEST6 = 8, 16  # prefix lengths of the largest networks that anybody has
MAX_TERMS = 8  # that one range becomes; one that needs more was hardly meant

_OCTET = r"[0-9]{1,3}"
_WILDCARD = re.compile(rf"({_OCTET}(?:\.{_OCTET}){{0,2}})((?:\.[*xX]){{1,3}})(?:/([0-9]{{1,2}}))?")
_FIRST_OCTETS = re.compile(rf"({_OCTET}(?:\.{_OCTET}){{0,2}})(?:/([0-9]{{1,2}}))?")
# The first group whole, so that no name of a mechanism is taken for one.
_FIRST_GROUPS = re.compile(r"([0-9A-Fa-f]{4}(?::[0-9A-Fa-f]{1,4}){1,6})(:|(?::[*xX]){0,6})(?:/([0-9]{1,3}))?")
_LETTERS_FOR_DIGITS = re.compile(r"[0-9OoIl]{1,3}(?:\.[0-9OoIl]{1,3}){3}(?:/[0-9]{1,2})?")
_FROM_LETTERS = str.maketrans("OoIl", "0011")
_PADDED = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_DOTTED = re.compile(rf"(?<![0-9A-Za-z.]){_OCTET}(?:\.{_OCTET}){{1,3}}(?!\.?[0-9A-Za-z])")
_RANGE = re.compile(r"([0-9A-Fa-f.:]{2,45})(?:-|\.\.|--)([0-9A-Fa-f.:]{1,45})")
_PORT = re.compile(rf"({_OCTET}(?:\.{_OCTET}){{3}}):([0-9]{{1,5}})")
_PORT6 = re.compile(r"\[([^\[\]]*)\]:[0-9]{1,5}")
_PLAIN = re.compile(r"[0-9A-Fa-f.:]+(?:/[0-9]{1,3})?")
_TWICE = re.compile(r"(/[0-9]{1,3})\1{1,8}\Z")
_CLOSED = re.compile(r"\[([^\[\]]*)\]|\(([^()]*)\)|<([^<>]*)>")


def networks(text: str, *, passes: bool = True) -> tuple[str, ...]:
    """The ip4 and ip6 terms for what is written; none where it is no address, or not certain which.

    So large a network as nobody has is none that was meant to pass, nor is one that begins inside, where its length is a guess.
    """
    made = _networks(text)
    is_guess = _PLAIN.fullmatch(text) is None
    return () if passes and any(_is_too_large(term, is_guess=is_guess) for term in made) else made


def _is_too_large(term: str, *, is_guess: bool) -> bool:
    network = ipaddress.ip_network(term.partition(":")[2], strict=False)
    is_ip4 = network.version == 4
    if network.prefixlen < (SHORTEST4 if is_ip4 else SHORTEST6):
        return True
    begins_inside = f"ip{network.version}:{network}" != term and network.prefixlen < (24 if is_ip4 else 64)
    return is_guess and begins_inside


def _networks(text: str) -> tuple[str, ...]:
    text = _CLOSED.sub(_inside, _PORT6.sub(r"\1", text)).replace("\\", "/").strip("/.,;").replace("//", "/")
    text = _TWICE.sub(r"\1", re.sub(":{3,}", "::", text))
    if "." in text:
        text = text.rstrip(":")
    if _LETTERS_FOR_DIGITS.fullmatch(text):
        text = text.translate(_FROM_LETTERS)
    if _RANGE.fullmatch(text):
        made = _range(text)
        if made:
            return made
    text = re.sub(r"\.{2,}", ".", text)
    wildcard = _WILDCARD.fullmatch(text)
    if wildcard:
        octets = wildcard.group(1).split(".")
        if len(octets) + len(wildcard.group(2)) // 2 != 4:
            return ()
        return _network(_filled(octets), wildcard.group(3) or str(8 * len(octets)))
    part = _of_part(text)
    if part:
        return part
    port = _PORT.fullmatch(text)
    if port:
        address, number = port.groups()
        # A length, where the network begins at the address; else the port of a server.
        return _network(address, number if _begins(address, number) else None)
    address, slash, prefix = text.partition("/")
    return _network(address, prefix if slash else None)


def _of_part(text: str) -> tuple[str, ...]:
    """The network for the first part of an address; without a length, only if that part can be nothing else."""
    octets = _FIRST_OCTETS.fullmatch(text)
    if octets:
        given = octets.group(1).split(".")
        if octets.group(2) is None and len(given) < 3:
            return ()
        return _network(_filled(given), octets.group(2) or "24")
    groups = _FIRST_GROUPS.fullmatch(text)
    if groups is None:
        return ()
    first, rest, prefix = groups.groups()
    count, stars = first.count(":") + 1, sum(char in "*xX" for char in rest)
    if not (rest or prefix) or (stars > 1 and count + stars != 8):
        return ()
    return _network(f"{first}::", prefix or str(16 * count))


def _filled(octets: Sequence[str]) -> str:
    return ".".join([*octets, *["0"] * (4 - len(octets))])


def _begins(address: str, prefix: str) -> bool:
    """Whether a network of the length begins at the address."""
    try:
        return int(prefix) > 0 and ipaddress.IPv4Network(f"{address}/{prefix}").prefixlen < 32
    except ValueError:
        return False


def _inside(found: re.Match[str]) -> str:
    return next((group for group in found.groups() if group is not None), "")


def _network(address: str, prefix: str | None) -> tuple[str, ...]:
    parsed = _address(address)
    if parsed is None:
        return ()
    written = str(parsed) if _PADDED.fullmatch(address) else address
    digits = None if prefix is None else _prefix(prefix)
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    if mapped is not None and (prefix is None or (digits is not None and 96 <= digits <= 128)):
        # Whoever comes from such an address counts as IPv4 (RFC 7208 §5).
        parsed, written, digits = mapped, str(mapped), None if digits is None else digits - 96
    if prefix is None:
        return (f"ip{parsed.version}:{written}",)
    if digits is not None and digits > parsed.max_prefixlen and int(parsed) & 0xFF:
        return (f"ip{parsed.version}:{written}",)  # so long a length leaves one address, which begins no network
    if digits is None or digits > parsed.max_prefixlen:
        return ()
    return (f"ip{parsed.version}:{written}/{digits}",)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if "%" in text:
        return None
    if _PADDED.fullmatch(text):
        text = _without_zeros(text)
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _without_zeros(text: str) -> str:
    return ".".join([str(int(octet)) for octet in text.split(".")])


def in_octal(text: str) -> str | None:
    """The text with the octets of its addresses as those read them to whom a leading zero says octal (inet_aton).

    None where that makes no difference, or no such number has a leading zero.
    """
    padded = [
        each for dotted in _DOTTED.findall(text) for each in dotted.split(".") if len(each) > 1 and each[0] == "0"
    ]
    if any(digit in each for each in padded for digit in "89"):
        return None
    read = _DOTTED.sub(lambda found: ".".join(_octal(each) for each in found.group().split(".")), text)
    return read if any(int(each) > 7 for each in padded) else None


def _octal(octet: str) -> str:
    return str(int(octet, 8)) if octet[0] == "0" else octet


def _prefix(text: str) -> int | None:
    """The length that a prefix or a netmask stands for."""
    if text.isascii() and text.isdigit() and len(text) <= 4:
        return int(text)
    if not _PADDED.fullmatch(text):
        return None
    try:
        return ipaddress.IPv4Network((0, _without_zeros(text))).prefixlen
    except ValueError:
        return None


def _range(text: str) -> tuple[str, ...]:
    found = _RANGE.fullmatch(text)
    assert found is not None
    first, last = _address(found.group(1)), _address(_last(*found.groups()))
    if first is None or last is None or first.version != last.version:
        return ()
    if int(first) > int(last):
        first, last = last, first
        if first.version != 4 or int(first) >> 8 != int(last) >> 8:
            return ()
    elif _begins(*found.groups()):
        return ()  # of 192.0.2.0-24 the second may be a length
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
