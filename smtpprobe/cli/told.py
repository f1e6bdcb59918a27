"""Names and paths that a server can have been told, be they a host name or a mailbox or not (RFC 5321 §2.3.5, §4.1.2)."""

from __future__ import annotations

import re

from smtpprobe.cli.values import Value
from smtpprobe.model import names
from smtpprobe.model.texts.language import say

_AT = re.compile(r"@|%40|\uff20|\ufe6b")  # and what stands for it
_ENDS_THE_COMMAND = re.compile(r"[\r\n\0]")


def domain(text: str) -> str:
    """The domain as lower-case A-labels where it is one; else as it was written, for which there is no record."""
    if not text.strip():
        raise ValueError(say("{text} is not a domain name: expected for example example.com", text=repr(text)))
    return _as_domain(text)


def helo(text: str) -> str:
    """The HELO name: a domain, an address literal, or whatever else was said."""
    return _as_domain(text) if text.strip() else _sayable(text)


def reverse_path(text: str) -> str:
    """What stands between the brackets of MAIL FROM, its domain as A-labels where it is one; empty for `<>`."""
    given = _sayable(text).strip()
    if given.startswith("<") and given.endswith(">"):
        given = given[1:-1]
    try:
        return names.mailbox(given) if given else ""
    except ValueError:
        # RFC 7208 §4.3: one without a local part is postmaster's, and what is malformed has the result none.
        local, at, host = given.rpartition("@")
        return f"{local}{at}{_as_domain(host)}" if at else given


def _as_domain(text: str) -> str:
    try:
        return names.domain(text)
    except ValueError:
        return _sayable(text)


def _sayable(text: str) -> str:
    """The text. Raises ValueError for what no command can hold."""
    if _ENDS_THE_COMMAND.search(text):
        raise ValueError(
            say("{text} cannot have been said: a carriage return, a line feed or NUL ends a command", text=repr(text))
        )
    if "://" in text or _may_hold_a_password(text):
        # A report would show it, and it may be one of a URL or of what somebody took for a target.
        raise ValueError(
            say("what looks like a URL or a login is not read here: expected a domain, a HELO name or an address")
        )
    # Octets that are no UTF-8 are shown: no domain holds a backslash.
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _may_hold_a_password(text: str) -> bool:
    """Whether there is a colon before the last @; in a path only a quoted local part or a source route has one."""
    found = list(_AT.finditer(text))
    before = text[: found[-1].start()] if found else ""
    # RFC 5321 appendix C: a source route begins with @.
    return ":" in before and not before.lstrip(" <").startswith(('"', "@"))


DOMAIN = Value("domain", domain, has_blanks=True)
HELO = Value("name", helo, has_blanks=True)
REVERSE_PATH = Value("mailbox", reverse_path, has_blanks=True)
