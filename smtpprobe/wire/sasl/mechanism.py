"""What a mechanism is: responses to challenges (RFC 4422 §3), and what it is told of the connection."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Protocol

import msgspec

from smtpprobe.model.request import Credentials


class SaslError(Exception):
    """The exchange cannot go on. Before the first message nothing is sent, later it is cancelled with `*` (RFC 4954 §4).

    `needs` names the request's field that may settle it.
    """

    def __init__(self, reason: str = "", needs: str | None = None) -> None:
        super().__init__(reason)
        self.needs = needs


class Derived(msgspec.Struct, frozen=True):
    """Octets that follow from the secret, so that whoever has them can try passwords: they are hidden from here on.

    `typed`: they are the secret in another form, not computed with it.
    """

    octets: bytes
    typed: bool = False


class SecurityContext(Protocol):
    """One side of a GSS-API security context (RFC 2743), or of NTLM. What goes wrong in it raises SaslError."""

    @property
    def complete(self) -> bool:
        """Whether it is established."""

    def step(self, token: bytes | None) -> bytes:
        """The answer to the peer's token; to None the first token."""

    def wrap(self, octets: bytes) -> bytes:
        """The octets with proof of their integrity, not encrypted."""

    def unwrap(self, octets: bytes) -> bytes:
        """What the peer has wrapped."""


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """The server, and the channel to it.

    `bindings` are what ties a login to this TLS channel, by the registered name of their type (RFC 5056), those alone that
    can be computed here; `binding` names the one to use, None: the one that the version of TLS has for itself.
    """

    host: str
    service: str = "smtp"  # RFC 4954 §8: the GSSAPI service name
    offered: tuple[str, ...] = ()
    tls_version: str | None = None
    bindings: Mapping[str, bytes] = {}
    binding: str | None = None
    security_context: Callable[[str, Credentials, Peer], SecurityContext] | None = None


Response = Generator[bytes | Derived | None, bytes, None]
"""Yields responses (None first: wait for a challenge before anything is sent), is sent challenges.

What follows from the secret is yielded as Derived before the response that holds it, or that the server answers with it.
"""
