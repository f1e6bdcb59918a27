"""What of a handshake only its messages show: the ssl module says nothing of it afterwards."""

from __future__ import annotations

import ssl

_SERVER_HELLO, _CERTIFICATE, _SERVER_KEY_EXCHANGE, _CERTIFICATE_REQUEST = 2, 11, 12, 13
_EMPTY_LIST = 4  # octets of a Certificate message without a certificate: of TLS 1.3, one more than before
_RENEGOTIATION_INFO = b"\xff\x01"
_NAMED_CURVE = 3


class HandshakeMessages:
    """What the messages said so far; each is None while, or where, nothing tells.

    `dh_bits` is the length of the prime of finite-field Diffie-Hellman up to TLS 1.2, `secure_renegotiation` whether the
    server knows RFC 5746, which TLS 1.3 has no need of, `client_certificate_asked` whether it asked for one,
    `client_certificate_shown` whether we sent one, known also if there was one to send (`has_certificate`).
    """

    def __init__(self, *, has_certificate: bool = False) -> None:
        self.dh_bits: int | None = None
        self.secure_renegotiation: bool | None = None
        self.client_certificate_asked: bool | None = None
        self.client_certificate_shown: bool | None = False if has_certificate else None

    def watch(self, context: ssl.SSLContext) -> None:
        """Be told of the messages of the context's handshakes. Python's hook is not public: without it nothing tells."""
        if hasattr(context, "_msg_callback"):
            context._msg_callback = self._seen

    def _seen(
        self, connection: object, direction: str, version: object, content_type: object, kind: object, octets: bytes
    ) -> None:
        if getattr(content_type, "name", "") != "HANDSHAKE" or len(octets) < 4:
            return
        body = octets[4:]  # behind type and length (RFC 5246 §7.4)
        if direction == "write":
            # RFC 5246 §7.4.6, RFC 8446 §4.4.2: without a suitable certificate a client sends an empty list.
            if octets[0] == _CERTIFICATE:
                self.client_certificate_shown = len(body) > _EMPTY_LIST
        elif octets[0] == _SERVER_HELLO:
            self._server_hello(body)
            self.client_certificate_asked = False
        elif octets[0] == _SERVER_KEY_EXCHANGE and body[:1] != bytes([_NAMED_CURVE]):
            # RFC 5246 §7.4.3: the prime with its length before it.
            length = int.from_bytes(body[:2], "big")
            self.dh_bits = int.from_bytes(body[2 : 2 + length], "big").bit_length()
        elif octets[0] == _CERTIFICATE_REQUEST:
            self.client_certificate_asked, self.client_certificate_shown = True, False

    def _server_hello(self, body: bytes) -> None:
        """RFC 5246 §7.4.1.3: version, random, session, cipher suite, compression, extensions."""
        at = 2 + 32
        at += 1 + (body[at] if at < len(body) else 0) + 2 + 1
        extensions = _extensions(body[at + 2 :])
        if b"\x00\x2b" in extensions:  # supported_versions: TLS 1.3 (RFC 8446 §4.2.1)
            self.secure_renegotiation = None
        else:
            self.secure_renegotiation = _RENEGOTIATION_INFO in extensions


def _extensions(octets: bytes) -> set[bytes]:
    """The types of the extensions in a list of them."""
    found: set[bytes] = set()
    at = 0
    while at + 4 <= len(octets):
        found.add(octets[at : at + 2])
        at += 4 + int.from_bytes(octets[at + 2 : at + 4], "big")
    return found
