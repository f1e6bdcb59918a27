"""What the restored body has to hash to, and how much may be spent on finding it."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from smtpprobe.model.texts.language import say

CANONICALIZATION = "canonicalization"  # the rewrite where not the message was changed, but the signer is at fault
OTHER_HASH = "other-hash"  # the same, where the signer took another hash than the one that a= names
# The same, of a body: bare LF that were hashed as they were, and l= beyond the body.
BARE_LF, BODY_LENGTH = "bare-lf", "body-length"
MAX_OCTETS = 64 << 20  # of bodies, and of headers: hashed for all signatures of one message together


class Wanted(NamedTuple):
    """What the signature says of the body."""

    canonicalization: str
    body_length: int | None
    hash_name: str
    body_hash: bytes

    def matches(self, octets: bytes) -> bool:
        """Whether these octets, cut at l=, are those that were hashed."""
        signed = octets if self.body_length is None else octets[: self.body_length]
        return hashlib.new(self.hash_name, signed, usedforsecurity=False).digest() == self.body_hash


class Budget:
    """How many octets may still be hashed."""

    def __init__(self, octets: int = MAX_OCTETS) -> None:
        self._left = octets

    def spend(self, octets: int) -> bool:
        """Whether so many more may be hashed; they are taken off."""
        self._left -= octets
        return not self.is_spent

    @property
    def is_spent(self) -> bool:
        """Whether more was hashed already."""
        return self._left < 0


def over_other_hash(hash_name: str, algorithm: str | None) -> str:
    """What completes `the header signature is right …`, where the signer took this hash and a= names the algorithm."""
    return say(
        "over {hash}, and a= says {algorithm}: the signer does not follow RFC 6376 §3.3",
        hash=hash_name.replace("sha", "SHA-").upper(),
        algorithm=algorithm,
    )
