"""Bearer tokens: XOAUTH2 and OAUTHBEARER (RFC 7628)."""

from __future__ import annotations

from smtpprobe.model.request import Credentials
from smtpprobe.wire.sasl.mechanism import Peer, Response


def xoauth2(credentials: Credentials, peer: Peer) -> Response:
    """Google's and Microsoft's bearer-token form; an error comes as a 334, which an empty response acknowledges."""
    yield f"user={credentials.user}\x01auth=Bearer {credentials.reveal()}\x01\x01".encode()
    yield b""


def oauthbearer(credentials: Credentials, peer: Peer) -> Response:
    """RFC 7628 §3.1; §3.2.3: an error challenge is acknowledged with a single 0x01."""
    user = credentials.user.replace("=", "=3D").replace(",", "=2C")
    yield f"n,a={user},\x01host={peer.host}\x01auth=Bearer {credentials.reveal()}\x01\x01".encode()
    yield b"\x01"
