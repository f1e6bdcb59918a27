"""Whether, by all that it says of itself, another server answers than the one that was asked for."""

from __future__ import annotations

from smtpprobe.model.names import is_ip_address, wildcard_matches
from smtpprobe.model.reply import Reply
from smtpprobe.model.transcript import TlsFault, TlsSession


def named(reply: Reply | None) -> str | None:
    """The domain that a willing greeting or reply to EHLO begins with (RFC 5321 §4.2, §4.1.1.1); None if there is none."""
    words = reply.lines[0].split(maxsplit=1) if reply is not None and reply.digit == 2 and reply.lines else []
    name = words[0].lower().rstrip(".") if words else ""
    return name if "." in name.strip(".") and not name.startswith("[") else None


def other_host(greeting: Reply | None, ehlo: Reply | None, tls: TlsSession | None) -> str | None:
    """The other host's name if greeting, EHLO and certificate agree on it; None if any of them does not.

    Other than the name that the certificate was judged for, which need not be the target's. It may be the host that
    this name leads to after all, or one that a network on the way put in its place.
    """
    # Of an address nobody says by name that it is itself.
    if tls is None or TlsFault.NAME not in tls.faults or not tls.chain or is_ip_address(tls.name):
        return None
    name = named(greeting)
    if name is None or name == tls.name.lower().rstrip(".") or named(ehlo) != name:
        return None
    return name if any(wildcard_matches(each, name) for each in tls.chain[0].names) else None
