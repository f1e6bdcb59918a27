"""What a mechanism is: responses to challenges (RFC 4422 §3)."""

from __future__ import annotations

from collections.abc import Generator


class SaslError(Exception):
    """The server's part of the exchange cannot be right: the exchange is to be cancelled with `*` (RFC 4954 §4)."""


Response = Generator[bytes | None, bytes, None]
"""Yields responses (None first: wait for a challenge before anything is sent), is sent challenges."""
