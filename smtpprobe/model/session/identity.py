"""Who the server thinks the client is."""

from __future__ import annotations

import msgspec

from smtpprobe.model.words import Word


class IpSource(Word):
    """Where the client IP was learnt."""

    OPTION = "option"
    XCLIENT = "xclient"
    PROXY = "proxy"
    REPLY = "reply"
    EHLO = "ehlo"
    SOCKET = "socket"
    UNKNOWN = "unknown"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who the server thinks we are, None where it cannot be known. `needs`: the field that `warnings` say is missing."""

    client_ip: str | None
    client_ip_source: IpSource
    helo: str | None
    warnings: tuple[str, ...] = ()
    needs: str | None = None
