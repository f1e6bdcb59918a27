"""The mechanisms that send the password as it is: PLAIN and LOGIN."""

from __future__ import annotations

from smtpprobe.model.request import Credentials
from smtpprobe.wire.sasl.mechanism import Response


def plain(credentials: Credentials, host: str) -> Response:
    """RFC 4616."""
    yield b"\0" + credentials.user.encode() + b"\0" + credentials.reveal().encode()


def login(credentials: Credentials, host: str) -> Response:
    """The user name, then the password; what the challenges say is not looked at (draft-murchison-sasl-login)."""
    yield None
    yield credentials.user.encode()
    yield credentials.reveal().encode()
