"""A private key read from the octets of a file. No message of ours holds anything of it."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

from smtpprobe.model.texts.language import mark, say

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

MIN_BITS = 1024  # RFC 8301 §3.2
_SEED = 32  # octets of an Ed25519 key (RFC 8032 §5.1.5)
_ENCRYPTED = mark("the key is encrypted: expected one without a passphrase")
_NOT_A_KEY = mark("not a private key: expected RSA or Ed25519 in PEM form, or an Ed25519 key in base64")
_OTHER_KIND = mark("a key of another kind: DKIM has RSA and Ed25519")


class SigningKey:
    """A private key that DKIM can sign with. Not a Struct: it must never reach an encoder, and its repr hides it."""

    __slots__ = ("_key", "algorithm")

    def __init__(self, key: RSAPrivateKey | Ed25519PrivateKey, algorithm: str) -> None:
        self._key = key
        self.algorithm = algorithm

    def sign(self, octets: bytes) -> bytes:
        """The signature over the octets."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        if isinstance(self._key, Ed25519PrivateKey):
            # RFC 8463 §3: what Ed25519 signs is the SHA-256 hash of the octets.
            return self._key.sign(hashlib.sha256(octets).digest())
        return self._key.sign(octets, PKCS1v15(), SHA256())

    def __repr__(self) -> str:
        return f"SigningKey({self.algorithm}, <hidden>)"

    def __reduce__(self) -> str:
        raise TypeError("a private key must not be copied or pickled")


def signing_key(octets: bytes) -> SigningKey:
    """The key in a file: RSA or Ed25519 in PEM form, or the 32 octets of an Ed25519 key in base64. Raises ValueError."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if b"-----BEGIN" not in octets:
        return SigningKey(Ed25519PrivateKey.from_private_bytes(_seed(octets)), "ed25519-sha256")
    try:
        key = load_pem_private_key(octets, None)
    except TypeError:
        raise ValueError(say(_ENCRYPTED)) from None
    except (ValueError, UnsupportedAlgorithm):
        # The library's words may quote what it read.
        raise ValueError(say(_NOT_A_KEY)) from None
    if isinstance(key, Ed25519PrivateKey):
        return SigningKey(key, "ed25519-sha256")
    if not isinstance(key, RSAPrivateKey):
        raise ValueError(say(_OTHER_KIND))
    if key.key_size < MIN_BITS:
        words = mark("an RSA key of {bits} bits: signers use at least {least} (RFC 8301 §3.2)")
        raise ValueError(say(words, bits=key.key_size, least=MIN_BITS))
    return SigningKey(key, "rsa-sha256")


def _seed(octets: bytes) -> bytes:
    try:
        seed = base64.b64decode(octets.strip(), validate=True)
    except (binascii.Error, ValueError):
        seed = b""
    if len(seed) != _SEED:
        raise ValueError(say(_NOT_A_KEY))
    return seed
