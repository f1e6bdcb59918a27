"""The mathematics of a signature: whether it is a key's over some octets, and the hash that RSA shows (RFC 6376 §6.1.3)."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from smtpprobe.mailauth.dkim.key import KeyRecord, public_key
from smtpprobe.mailauth.dkim.signature import ALGORITHMS, SignatureTags
from smtpprobe.model.texts.language import mark, say

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import HashAlgorithm


class _Mathematics(NamedTuple):
    """What is needed of cryptography; importing it takes long, so that it waits for the first signature."""

    failures: tuple[type[Exception], ...]
    invalid: type[Exception]
    padding: PKCS1v15
    digests: dict[str, HashAlgorithm]


@cache
def _mathematics() -> _Mathematics:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256

    digests: dict[str, HashAlgorithm] = {"sha1": SHA1(), "sha256": SHA256()}  # noqa: S303
    return _Mathematics((UnsupportedAlgorithm, ValueError), InvalidSignature, PKCS1v15(), digests)


def verifies(record: KeyRecord, read: SignatureTags, octets: bytes) -> bool | None:
    """Whether the signature is the key's over these octets; None where the mathematics cannot be done here."""
    key_type, hash_name = ALGORITHMS[read.algorithm or ""]
    key = public_key(key_type, record.octets) if record.key_type == key_type else None
    if key is None:
        return None
    known = _mathematics()
    try:
        if key_type == "rsa":
            key.verify(read.signature, octets, known.padding, known.digests[hash_name])  # type: ignore[call-arg]
        else:
            # RFC 8463 §3: what Ed25519 signs is the SHA-256 hash of the octets.
            key.verify(read.signature, hashlib.sha256(octets).digest())  # type: ignore[call-arg]
    except known.invalid:
        return False
    except known.failures:
        return None
    return True


def length_fault(record: KeyRecord, read: SignatureTags) -> str | None:
    """What is wrong with the length of b=, where no signature of the key has it; None where some have."""
    key_type, _ = ALGORITHMS[read.algorithm or ""]
    if record.key_type != key_type or not record.key_bits:
        return None
    # RFC 8017 §8.2.1: a signature is as long as the modulus; RFC 8032 §5.1.6: it has 64 octets.
    expected = (record.key_bits + 7) // 8 if key_type == "rsa" else 64
    count = len(read.signature)
    if count == expected:
        return None
    words = mark("b= has {count} octets, an Ed25519 signature has {expected}: {why}")
    if key_type == "rsa":
        words = mark("b= has {count} octets, a signature of this {bits}-bit key has {expected}: {why}")
    why = say("it was cut") if count < expected else say("something was added to it")
    if key_type == "rsa" and count in _RSA_SIGNATURES:
        why = say("a key of {other_bits} bits made it", other_bits=count * 8)
        if count < expected:
            why = say("a key of {other_bits} bits made it, or it was cut", other_bits=count * 8)
    return say(words, count=count, bits=record.key_bits, expected=expected, why=why)


_RSA_SIGNATURES = (64, 96, 128, 192, 256, 384, 512)  # octets, of keys as they are made


def signed_digest(record: KeyRecord, read: SignatureTags) -> bytes | None:
    """The hash that an RSA signature holds; None where this key did not make it, or another hash is in it."""
    key_type, hash_name = ALGORITHMS[read.algorithm or ""]
    key, known = public_key(key_type, record.octets), _mathematics()
    # An Ed25519 signature shows no hash.
    if key is None or key_type != "rsa":
        return None
    try:
        return key.recover_data_from_signature(  # type: ignore[union-attr]
            read.signature, known.padding, known.digests[hash_name]
        )
    except (known.invalid, *known.failures):
        return None
