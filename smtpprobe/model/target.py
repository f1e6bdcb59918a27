"""TARGET as a user writes it, into a Target (RFC 5321 §5.1 for what is looked up; RFC 3986 for URLs)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from smtpprobe.model import names, ports
from smtpprobe.model.request import Protocol, Target
from smtpprobe.model.texts.language import mark, say

_Value = TypeVar("_Value")

_SCHEMES = {
    "smtp": (ports.SMTP, Protocol.ESMTP),
    "smtps": (ports.SUBMISSIONS, Protocol.ESMTP),
    "lmtp": (ports.LMTP, Protocol.LMTP),
}
# What may be repeated of a port that is none: digits, and the names of services. Anything else may be a password.
_LIKE_A_PORT = re.compile(r"[0-9:]*|smtps?|ssmtp|submissions?|lmtp")
_AT = re.compile(r"@|%40|\uff20|\ufe6b")  # and what stands for it: percent-encoded, and of full width
_EXPECTED = mark("expected HOST, HOST:PORT, [v6]:PORT, smtp://…, smtps://…, lmtp://…, a socket's path or user@domain")


class TargetError(ValueError):
    """Why a text is not a target. `needs` names the request's field that takes what does not belong in it."""

    def __init__(self, message: str, needs: str | None = None) -> None:
        super().__init__(message)
        self.needs = needs


def shown(given: str) -> str:
    """The target as a message may repeat it: without what may be a password, wherever in it that stands."""
    scheme, separator, rest = given.rpartition("://") if "://" in given else ("", "", given)
    before, at, behind = _around_the_last_at(given)
    if at and _is_userinfo(before):
        scheme, rest = given.partition("://")[0] if separator else "", f"…@{behind}"
    if separator:
        rest = re.sub(r"[/?#%].+", "…", rest, flags=re.DOTALL)
    end = rest.find("]") + 1 if rest.startswith("[") else 0
    host, colon, port = rest[end:].partition(":")
    if colon and not names.is_ip_address(rest.lstrip("[")) and not _LIKE_A_PORT.fullmatch(port):
        rest = f"{rest[:end]}{host}:…"
    return f"{scheme}{separator}{rest}"


def _around_the_last_at(text: str) -> tuple[str, str, str]:
    found = list(_AT.finditer(text))
    return (text[: found[-1].start()], "@", text[found[-1].end() :]) if found else (text, "", "")


def _is_userinfo(before: str) -> bool:
    """Whether what stands before an @ is a URL's or a user's with a password, and no local-part."""
    # A colon stands in a mailbox only in a quoted local-part (RFC 5321 §4.1.2).
    return "://" in before or (":" in before and not before.startswith('"'))


def parse_target(given: str, *, literal: bool = False) -> Target:
    """The target that a user types: HOST, HOST:PORT, [v6]:PORT, a URL, a socket's path or user@domain.

    A bare name without a port is a domain, whose MX is looked up (RFC 5321 §5.1); `literal`: it too is the host itself.
    Ports are 1 to 65535, and 465 means implicit TLS (RFC 8314 §7.3). Raises TargetError, a ValueError, that names the
    text and what is wrong with which part.
    """
    if not isinstance(given, str):
        raise TargetError(
            say(
                "{words} is not a target: {expected}",
                words="None" if given is None else say("a value that is not a text"),
                expected=_EXPECTED,
            )
        )
    text = given.strip()
    scheme, separator, rest = text.partition("://")
    before, at, _ = _around_the_last_at(text)
    if at and _is_userinfo(before):
        raise TargetError(
            say("{shown}: a user name is not read from a target, nor a password", shown=repr(shown(given))),
            needs="user",
        )
    if not text or re.search(r"[\x00-\x20\x7f]", text):
        raise TargetError(say("{shown} is not a target: {expected}", shown=repr(shown(given)), expected=say(_EXPECTED)))
    if text.startswith(("/", "./", "unix:")):
        path = text.removeprefix("unix:")
        protocol = Protocol.LMTP if "lmtp" in path else Protocol.ESMTP
        return Target(given=given, host="localhost", protocol=protocol, literal=True, socket=path)
    if separator:
        return _url(given, scheme.lower(), rest)
    if "@" in text:
        mailbox = _part(given, text, names.mailbox)
        host = names.domain_of(mailbox)
        if host is None:
            raise TargetError(
                say(
                    "{given} has no domain whose mail servers could be looked up: expected user@example.com",
                    given=repr(given),
                )
            )
        return Target(given=given, host=host, mailbox=mailbox, literal=literal)
    host, port = _host_port(given, text)
    literal = literal or port is not None or names.is_ip_address(host)
    return Target(given=given, host=host, port=port, literal=literal, implicit_tls=ports.is_implicit_tls(port))


def with_port(given: str, port: int) -> str:
    """The target of a host and a port that are given apart. Raises TargetError where it has a port, or takes none."""
    target = parse_target(given)
    if target.socket is not None or target.mailbox is not None:
        what = (
            say("a socket")
            if target.socket is not None
            else say("an address, whose mail servers have a port of their own")
        )
        raise TargetError(say("{given} is {what}: it takes no port {port}", given=repr(given), what=what, port=port))
    before, separator, behind = given.strip().rpartition("://")
    host, found = _host_port(given, behind.rstrip("/"))
    if found is not None:
        raise TargetError(
            say("{shown} has a port already: expected that or {port}", shown=repr(shown(given)), port=port)
        )
    return f"{before}{separator}{f'[{host}]' if ':' in host else behind.rstrip('/')}:{port}"


def _url(given: str, scheme: str, rest: str) -> Target:
    if scheme not in _SCHEMES:
        raise TargetError(
            say(
                "{shown} is not a target: the scheme is {scheme}, expected smtp, smtps or lmtp",
                shown=repr(shown(given)),
                scheme=repr(scheme),
            )
        )
    default, protocol = _SCHEMES[scheme]
    if rest.startswith("/"):
        return Target(given=given, host="localhost", protocol=protocol, literal=True, socket=rest)
    rest = rest.rstrip("/")
    if re.search(r"[/?#%]", rest):
        raise TargetError(
            say("{shown} is not a target: only host and port are read from a URL", shown=repr(shown(given)))
        )
    host, port = _host_port(given, rest)
    port = port or default
    implicit = scheme == "smtps" or ports.is_implicit_tls(port)
    return Target(given=given, host=host, port=port, protocol=protocol, literal=True, implicit_tls=implicit)


def _host_port(given: str, text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        inner, bracket, rest = text[1:].partition("]")
        address = inner[5:] if inner[:5].lower() == "ipv6:" else inner
        if not bracket or not names.is_ip_address(address) or (rest and not rest.startswith(":")):
            raise TargetError(
                say("{shown} is not a target: {expected}", shown=repr(shown(given)), expected=say(_EXPECTED))
            )
        return names.ip_address(address), _part(given, rest[1:], port_number) if rest else None
    if text.count(":") > 1 and names.is_ip_address(text):
        return names.ip_address(text), None
    host, colon, port = text.partition(":")
    host = names.ip_address(host) if names.is_ip_address(host) else _part(given, host, names.domain)
    return host, _part(given, port, port_number) if colon else None


def _part(given: str, text: str, read: Callable[[str], _Value]) -> _Value:
    """What a part of the target is read as. Raises TargetError that names the whole too."""
    try:
        return read(text)
    except ValueError as error:
        raise TargetError(str(error) if text == given else f"{shown(given)!r}: {error}") from None


def port_number(text: str) -> int:
    """The port. Raises ValueError."""
    if not text.isdecimal() or len(text) > 5 or not 0 < int(text) < 65536:
        said = (
            say("{text} is not a port", text=repr(text))
            if _LIKE_A_PORT.fullmatch(text)
            else say("the port is not a number")
        )
        raise ValueError(say("{said}: expected a number from 1 to 65535", said=said))
    return int(text)
