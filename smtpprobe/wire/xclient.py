"""Attributes of XCLIENT, by which a server that trusts us takes us for another client, and of XFORWARD, which it logs.

Postfix's XCLIENT_README and XFORWARD_README.
"""

from __future__ import annotations

import re

from smtpprobe.model import names
from smtpprobe.model.texts.language import say

XCLIENT, XFORWARD = "XCLIENT", "XFORWARD"
ATTRIBUTES = {
    XCLIENT: ("NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT", "REVERSE_NAME"),
    XFORWARD: ("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE"),
}
_UNKNOWN = ("[UNAVAILABLE]", "[TEMPUNAVAIL]")
_VALUE = re.compile(r"[!-~]{1,255}\Z")  # xtext (RFC 3461 §4): printable ASCII without blanks
_IPV6 = "IPV6:"


def attributes(text: str, command: str = XCLIENT) -> str:
    """The command's attributes as they are sent, names in upper case, blanks single. Raises ValueError for what is none."""
    parts = text.split()
    pairs = [part.partition("=") for part in parts]
    for part, (name, equals, value) in zip(parts, pairs, strict=True):
        if name.upper() not in ATTRIBUTES[command] or not equals:
            raise ValueError(
                say(
                    "{part} is not an attribute of {command}: expected NAME=VALUE, with one of {names}",
                    part=repr(part),
                    command=command,
                    names=", ".join(ATTRIBUTES[command]),
                )
            )
        if not _VALUE.match(value):
            raise ValueError(
                say(
                    "{part}: expected a value of printable ASCII without blanks, such as [UNAVAILABLE]", part=repr(part)
                )
            )
        if name.upper() == "ADDR" and value not in _UNKNOWN and not names.is_ip_address(_bare(value)):
            raise ValueError(
                say("{part}: expected an IP address, such as ADDR=192.0.2.1 or ADDR=IPV6:2001:db8::1", part=repr(part))
            )
    if not parts:
        raise ValueError(
            say("no attribute of {command} is given: expected ADDR=192.0.2.1, for example", command=command)
        )
    return " ".join(f"{name.upper()}={value}" for name, _, value in pairs)


def client_ip(text: str) -> str | None:
    """The address that the attributes give the client, in its shortest form; None without one."""
    values = dict(part.split("=", 1) for part in text.split() if "=" in part)
    address = _bare(values.get("ADDR", ""))
    return names.ip_address(address) if names.is_ip_address(address) else None


def _bare(value: str) -> str:
    return value[len(_IPV6) :] if value[: len(_IPV6)].upper() == _IPV6 else value
