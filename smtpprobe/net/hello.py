"""What of a handshake only its messages show: the ssl module says nothing of it afterwards."""

from __future__ import annotations

import ssl

_SERVER_HELLO, _CERTIFICATE, _SERVER_KEY_EXCHANGE, _CERTIFICATE_REQUEST = 2, 11, 12, 13
_KEY_SHARE, _SUPPORTED_VERSIONS = b"\x00\x33", b"\x00\x2b"
# The registry "TLS Supported Groups" of IANA, as far as servers choose from it.
GROUPS = {
    23: "secp256r1", 24: "secp384r1", 25: "secp521r1", 29: "x25519", 30: "x448", 31: "brainpoolP256r1tls13",
    32: "brainpoolP384r1tls13", 33: "brainpoolP512r1tls13", 256: "ffdhe2048", 257: "ffdhe3072", 258: "ffdhe4096",
    259: "ffdhe6144", 260: "ffdhe8192", 512: "MLKEM512", 513: "MLKEM768", 514: "MLKEM1024", 4587: "SecP256r1MLKEM768",
    4588: "X25519MLKEM768", 4589: "SecP384r1MLKEM1024", 25497: "X25519Kyber768Draft00",
}  # fmt: skip
_EMPTY_LIST = 4  # octets of a Certificate message without a certificate: of TLS 1.3, one more than before
_RENEGOTIATION_INFO = b"\xff\x01"
_NAMED_CURVE = 3


class HandshakeMessages:
    """What the messages said so far; each is None while, or where, nothing tells.

    `dh_bits` is the length of the prime of finite-field Diffie-Hellman up to TLS 1.2, `secure_renegotiation` whether the
    server knows RFC 5746, which TLS 1.3 has no need of, `client_certificate_asked` whether it asked for one,
    `client_certificate_shown` whether we sent one, known also if there was one to send (`has_certificate`). `group` is the
    group of the key exchange: of another kind than ephemeral Diffie-Hellman there is none.
    """

    def __init__(self, *, has_certificate: bool = False) -> None:
        self.dh_bits: int | None = None
        self.group: str | None = None
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
        elif octets[0] == _SERVER_KEY_EXCHANGE and body[:1] == bytes([_NAMED_CURVE]):
            self.group = _group(body[1:3])  # RFC 8422 §5.4
        elif octets[0] == _SERVER_KEY_EXCHANGE:
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
        if _SUPPORTED_VERSIONS in extensions:  # TLS 1.3 (RFC 8446 §4.2.1)
            self.secure_renegotiation = None
            # RFC 8446 §4.2.8: the server's share begins with its group.
            self.group = _group(extensions.get(_KEY_SHARE, b"")[:2])
        else:
            self.secure_renegotiation = _RENEGOTIATION_INFO in extensions


def _group(octets: bytes) -> str | None:
    """The group of that number; one that has no name here by its number."""
    if len(octets) != 2:
        return None
    number = int.from_bytes(octets, "big")
    return GROUPS.get(number, f"0x{number:04x}")


def _extensions(octets: bytes) -> dict[bytes, bytes]:
    """The extensions in a list of them, by their types."""
    found: dict[bytes, bytes] = {}
    at = 0
    while at + 4 <= len(octets):
        length = int.from_bytes(octets[at + 2 : at + 4], "big")
        found[octets[at : at + 2]] = octets[at + 4 : at + 4 + length]
        at += 4 + length
    return found
