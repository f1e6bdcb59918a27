"""The SMTP client that an evaluation of SPF is about (RFC 7208 §5)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

from smtpprobe.mailauth.spf.record import Term

_OF_FAMILY = frozenset("dov")  # macros that hold nothing of the client but its family (RFC 7208 §7.2)


class Client:
    """The SMTP client's address as the mechanisms compare it (RFC 7208 §5)."""

    __slots__ = ("address_type", "ip", "is_ip4", "network_name", "value")
    expects_the_worst = False  # whether a term that is not followed costs what it can cost at most

    def __init__(self, ip: str) -> None:
        address = ipaddress.ip_address(ip)
        self.ip = ip
        self.value = int(address)
        self.is_ip4 = address.version == 4
        self.network_name = "ip4" if self.is_ip4 else "ip6"
        self.address_type = "A" if self.is_ip4 else "AAAA"

    @property
    def dotted(self) -> str:
        """What %{i} says: the address, or the nibbles of an IPv6 address between dots (RFC 7208 §7.3)."""
        return self.ip if self.is_ip4 else ".".join(f"{self.value:032X}")

    def decides(self, term: Term) -> bool | None:
        """Whether a mechanism without lookups matches; None for the others."""
        if term.name == self.network_name:
            return self.value >> term.shift == term.network
        if term.name == "all":
            return True
        return False if term.name in ("ip4", "ip6") else None

    def can_follow(self, term: Term) -> bool:
        """Whether enough is known of the client to ask what the term asks."""
        return True

    def is_among(self, addresses: Iterable[str], prefix4: int = 32, prefix6: int = 128) -> bool:
        """Whether one of the addresses is the client's, in the leading bits that count."""
        shift = 32 - prefix4 if self.is_ip4 else 128 - prefix6
        value = self.value >> shift
        for text in addresses:
            address = address_value(text)
            if address is not None and address >> shift == value:
                return True
        return False


class Nobody(Client):
    """A client that no address in a record is: for it a record costs what it can cost at most.

    Only what contains every address of its family contains it. Terms that hang on the client's address or name are
    counted and not followed.
    """

    __slots__ = ()

    def __init__(self, *, is_ip4: bool) -> None:
        super().__init__("0.0.0.0" if is_ip4 else "::")  # noqa: S104 (no address that anything is bound to)

    def decides(self, term: Term) -> bool | None:
        if term.name == self.network_name:
            return term.shift == (32 if self.is_ip4 else 128)
        return False if term.name in ("ip4", "ip6") else super().decides(term)

    def can_follow(self, term: Term) -> bool:
        return term.name != "ptr" and term.letters <= _OF_FAMILY

    def is_among(self, addresses: Iterable[str], prefix4: int = 32, prefix6: int = 128) -> bool:
        return not (prefix4 if self.is_ip4 else prefix6) and super().is_among(addresses, prefix4, prefix6)


def macro_values(client: Client, sender: str, helo: str, receiver: str = "unknown", seconds: int = 0) -> dict[str, str]:
    """The values of the macros by letter, without %{d} and %{p} (RFC 7208 §7.2)."""
    local, _, host = sender.rpartition("@")
    return {
        "s": sender, "l": local, "o": host, "h": helo, "r": receiver, "t": str(seconds),
        "c": client.ip, "i": client.dotted, "v": "in-addr" if client.is_ip4 else "ip6",
    }  # fmt: skip


@lru_cache(maxsize=4096)
def address_value(text: str) -> int | None:
    """The address as a number, None where the text is none."""
    try:
        return int(ipaddress.ip_address(text))
    except ValueError:
        return None
