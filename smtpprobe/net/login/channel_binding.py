"""What ties a login to a TLS channel, so that a proof that passes through another channel is worth nothing (RFC 5056)."""

from __future__ import annotations

import hashlib
import ssl

from smtpprobe.net import x509

_WITH_UNIQUE = ("TLSv1", "TLSv1.1", "TLSv1.2")  # RFC 9266 §1: for TLS 1.3 tls-unique is not defined
_EXPORTER = "tls-exporter"


def bindings(connection: ssl.SSLObject) -> dict[str, bytes]:
    """What binds to this channel, by the registered name of the type, as far as it can be computed here."""
    found: dict[str, bytes | None] = {}
    if _EXPORTER in ssl.CHANNEL_BINDING_TYPES:  # no Python has it yet
        found[_EXPORTER] = connection.get_channel_binding(_EXPORTER)
    if connection.version() in _WITH_UNIQUE and "tls-unique" in ssl.CHANNEL_BINDING_TYPES:
        found["tls-unique"] = connection.get_channel_binding("tls-unique")
    found["tls-server-end-point"] = end_point(connection.getpeercert(binary_form=True))
    return {name: octets for name, octets in found.items() if octets}


def end_point(der: bytes | None) -> bytes | None:
    """The hash of the server's certificate; None where its signature has no hash of its own, as Ed25519 (RFC 5929 §4.1)."""
    certificate = x509.load(der) if der else None
    name = x509.signature_hash(certificate) if certificate is not None else None
    if der is None or name is None:
        return None
    # RFC 5929 §4.1: in place of MD5 and SHA-1, SHA-256.
    return hashlib.new("sha256" if name in ("md5", "sha1") else name, der).digest()
