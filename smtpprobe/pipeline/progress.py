"""What is told of a run while it goes on, as values: for whoever shows it as it happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from smtpprobe.model.request import Request
from smtpprobe.model.transcript import Exchange, Phase, Transcript
from smtpprobe.pipeline.keys import servers_zones, without_dnsbl_keys


class LookingUp(msgspec.Struct, frozen=True):
    """DNS is asked where the target is."""

    host: str


class Connecting(msgspec.Struct, frozen=True):
    """A connection is asked for; it has so many seconds."""

    address: str
    port: int | None
    wait_s: float


class Connected(msgspec.Struct, frozen=True, kw_only=True):
    """A connection is there; the greeting comes next."""

    address: str
    port: int | None
    local_address: str | None
    started_at: datetime
    via: str | None = None


class Waiting(msgspec.Struct, frozen=True):
    """A reply, or a handshake, is waited for: to what was sent, for so many seconds without progress."""

    phase: Phase
    sent: str | None
    wait_s: float


class Several(msgspec.Struct, frozen=True):
    """Sessions with so many addresses go on at the same time, and so many have ended; each by itself is not told."""

    count: int
    ended: int


class Ended(msgspec.Struct, frozen=True):
    """An attempt is over, whether or not a connection came about."""

    transcript: Transcript


class Checking(msgspec.Struct, frozen=True):
    """The session is over, and what can be looked up is looked up, for so many seconds."""

    wait_s: float


Event = LookingUp | Connecting | Connected | Waiting | Exchange | Several | Ended | Checking
"""An exchange is a finished one, with its annotation."""

Progress = Callable[[Event], None]


def without_keys(request: Request, progress: Progress | None) -> Progress | None:
    """The same, told without keys of DNSBL zones: the customer's, that the request names, and those that a server names."""
    if progress is None:
        return None
    named = [*request.dnsbl_zones, *request.only_dnsbl]

    def tell(event: Event) -> None:
        if isinstance(event, Exchange):
            named.extend(servers_zones([event]))
        progress(without_dnsbl_keys(named)(event) if named else event)

    return tell
