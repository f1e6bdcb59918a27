"""TARGET as a user writes it, into a Target (RFC 5321 §5.1 for what is looked up; RFC 3986 for URLs)."""

from __future__ import annotations

import re

from smtpprobe.model import names, ports
from smtpprobe.model.request import Protocol, Target

_SCHEMES = {
    "smtp": (ports.SMTP, Protocol.ESMTP),
    "smtps": (ports.SUBMISSIONS, Protocol.ESMTP),
    "lmtp": (ports.LMTP, Protocol.LMTP),
}
_EXPECTED = "expected HOST, HOST:PORT, [v6]:PORT, smtp://…, smtps://…, lmtp://…, a socket's path or user@domain"


def parse_target(given: str, *, literal: bool = False) -> Target:
    """The target that a user types: HOST, HOST:PORT, [v6]:PORT, a URL, a socket's path or user@domain.

    A bare name without a port is a domain, whose MX is looked up (RFC 5321 §5.1); `literal`: it too is the host itself.
    Ports are 1 to 65535, and 465 means implicit TLS (RFC 8314 §7.3). Raises ValueError naming what is wrong with which
    part.
    """
    text = given.strip()
    scheme, separator, rest = text.partition("://")
    if separator and "@" in rest:
        # What stands before the last "@" may be a password: it is not repeated.
        shown = f"{scheme}://…@{rest.rpartition('@')[2]}"
        raise ValueError(f"{shown!r}: a user name in a URL is not read: give --user, and the password as --help says")
    if not text or re.search(r"[\x00-\x20\x7f]", text):
        raise ValueError(f"{given!r} is no target: {_EXPECTED}")
    if text.startswith(("/", "./", "unix:")):
        path = text.removeprefix("unix:")
        protocol = Protocol.LMTP if "lmtp" in path else Protocol.ESMTP
        return Target(given=given, host="localhost", protocol=protocol, literal=True, socket=path)
    if separator:
        return _url(given, scheme.lower(), rest)
    if "@" in text:
        mailbox = names.mailbox(text)
        host = names.domain_of(mailbox)
        if host is None:
            raise ValueError(
                f"{given!r} has no domain whose mail servers could be looked up: expected user@example.com"
            )
        return Target(given=given, host=host, mailbox=mailbox, literal=literal)
    host, port = _host_port(given, text)
    literal = literal or port is not None or names.is_ip_address(host)
    return Target(given=given, host=host, port=port, literal=literal, implicit_tls=ports.is_implicit_tls(port))


def _url(given: str, scheme: str, rest: str) -> Target:
    if scheme not in _SCHEMES:
        raise ValueError(f"{given!r} is no target: the scheme is {scheme!r}, expected smtp, smtps or lmtp")
    default, protocol = _SCHEMES[scheme]
    if rest.startswith("/"):
        return Target(given=given, host="localhost", protocol=protocol, literal=True, socket=rest)
    host, port = _host_port(given, rest.rstrip("/"))
    port = port or default
    implicit = scheme == "smtps" or ports.is_implicit_tls(port)
    return Target(given=given, host=host, port=port, protocol=protocol, literal=True, implicit_tls=implicit)


def _host_port(given: str, text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        inner, bracket, rest = text[1:].partition("]")
        address = inner[5:] if inner[:5].lower() == "ipv6:" else inner
        if not bracket or not names.is_ip_address(address) or (rest and not rest.startswith(":")):
            raise ValueError(f"{given!r} is no target: {_EXPECTED}")
        return names.ip_address(address), port_number(rest[1:]) if rest else None
    if text.count(":") > 1 and names.is_ip_address(text):
        return names.ip_address(text), None
    host, colon, port = text.partition(":")
    host = names.ip_address(host) if names.is_ip_address(host) else names.domain(host)
    return host, port_number(port) if colon else None


def port_number(text: str) -> int:
    """The port. Raises ValueError."""
    if not text.isdecimal() or len(text) > 5 or not 0 < int(text) < 65536:
        raise ValueError(f"{text!r} is no port: expected a number from 1 to 65535")
    return int(text)
