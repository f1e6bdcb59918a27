"""What is told of a run while it goes on, as values: for whoever shows it as it happens."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from smtpprobe.model.transcript import Exchange, Phase, Transcript


class Connecting(msgspec.Struct, frozen=True):
    """A connection is asked for; it has so many seconds."""

    address: str
    port: int | None
    wait_s: float


class Connected(msgspec.Struct, frozen=True):
    """A connection is there; the greeting comes next."""

    address: str
    port: int | None
    local_address: str | None


class Waiting(msgspec.Struct, frozen=True):
    """A reply, or a handshake, is waited for: to what was sent, for so many seconds without progress."""

    phase: Phase
    sent: str | None
    wait_s: float


class Ended(msgspec.Struct, frozen=True):
    """An attempt is over, whether or not a connection came about."""

    transcript: Transcript


class Checking(msgspec.Struct, frozen=True):
    """The session is over, and what can be looked up is looked up, for so many seconds."""

    wait_s: float


Event = Connecting | Connected | Waiting | Exchange | Ended | Checking
"""An exchange is a finished one, with its annotation."""

Progress = Callable[[Event], None]
