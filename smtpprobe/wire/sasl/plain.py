"""The mechanisms that send the password as it is: PLAIN and LOGIN.

As it was typed: for PLAIN preparation is the server's (RFC 4616 §2), and many servers compare octets.
"""

from __future__ import annotations

from smtpprobe.model.request import Credentials
from smtpprobe.wire.sasl.mechanism import Peer, Response


def plain(credentials: Credentials, peer: Peer) -> Response:
    """RFC 4616."""
    yield b"\0" + credentials.user.encode() + b"\0" + credentials.reveal().encode()


def login(credentials: Credentials, peer: Peer) -> Response:
    """The user name, then the password; what the challenges say is not looked at (draft-murchison-sasl-login)."""
    yield None
    yield credentials.user.encode()
    yield credentials.reveal().encode()


def login_initial(credentials: Credentials, peer: Peer) -> Response:
    """LOGIN with the user name as its initial response, which saves a round trip, and which not every server takes."""
    yield credentials.user.encode()
    yield credentials.reveal().encode()
