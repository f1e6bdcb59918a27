"""The octets of key data: what is wrong with their shape, before any cryptography (RFC 6376 §3.6.1, RFC 8463 §4)."""

from __future__ import annotations

import re

from smtpprobe.model.texts.language import say, say_counted

MAX_KEY_OCTETS = 8192  # of key data; the longest that anybody publishes are RSA keys of 8192 bits
# RFC 5208 §5, RFC 8017 appendix A.1.2: a sequence that begins with a version of 0; public keys hold none.
_PRIVATE = re.compile(rb"\x30(?:[\x00-\x7f]|\x81.|\x82..|\x83...)\x02\x01\x00", re.DOTALL)
_BARE_RSA = re.compile(rb"\x30(?:[\x00-\x7f]|\x81.|\x82..|\x83...)\x02", re.DOTALL)
_LAST_INTEGER = re.compile(rb"\x02(?:\x01(?=.\Z)|\x02(?=..\Z)|\x03(?=...\Z))(.{1,3})\Z", re.DOTALL)
SPKI_PREFIX_ED25519 = bytes.fromhex("302a300506032b6570032100")


def data_problem(key_type: str | None, octets: bytes) -> str | None:
    """What is wrong with the shape of the key data, before any cryptography; None if nothing is."""
    if len(octets) > MAX_KEY_OCTETS:
        return say("p= contains {count} octets, more than any key has", count=len(octets))
    if key_type == "ed25519":
        if octets.startswith(SPKI_PREFIX_ED25519) and len(octets) == 44:
            # RFC 8463 §4: the key itself, not a SubjectPublicKeyInfo around it.
            return say("p= contains the key wrapped as SubjectPublicKeyInfo (44 octets), not its 32 octets alone")
        return (
            None
            if len(octets) == 32
            else say_counted(
                "p= contains {count} octet, an Ed25519 key has 32",
                "p= contains {count} octets, an Ed25519 key has 32",
                len(octets),
            )
        )
    if len(octets) == 32:
        return say("p= contains 32 octets, as Ed25519 keys have, and the record does not say k=ed25519")
    if _PRIVATE.match(octets):
        return say(
            "p= contains a private key: anyone can sign with it now; make a new pair, and publish the public key"
        )
    wanted = _der_length(octets)
    if wanted is not None and wanted > len(octets):
        return say(
            "p= is cut short: the key says {wanted} octets, {count} are there (a TXT string ends at 255 "
            "octets; a longer record is published as several strings)",
            wanted=wanted,
            count=len(octets),
        )
    if wanted is not None and wanted < len(octets):
        return say(
            "p= goes on behind the key, which ends after {wanted} of {count} octets: something was added to it",
            wanted=wanted,
            count=len(octets),
        )
    return None


def shape_note(octets: bytes) -> str | None:
    """What verifiers differ about in the shape of an RSA key that can be read; None where there is nothing."""
    if not _BARE_RSA.match(octets):
        return None
    return say(
        "p= contains an RSAPublicKey (PKCS #1), as RFC 6376 §3.6.1 says; its examples and practice have "
        "SubjectPublicKeyInfo, and some verifiers read that alone"
    )


def exponent_problem(octets: bytes) -> str | None:
    """What is wrong with the exponent of an RSA key that is no valid one; None where that is not why."""
    # RFC 8017 §3.1: the exponent is odd and at least 3; it is the last integer in either form of the key.
    found = _LAST_INTEGER.search(octets)
    exponent = int.from_bytes(found.group(1), "big") if found else 3
    if exponent >= 3 and exponent % 2:
        return None
    return say("the exponent of the RSA key in p= is {exponent}, which no key has: expected 65537", exponent=exponent)


def _der_length(octets: bytes) -> int | None:
    """The length that a DER sequence says it has, with its header; None where it is none."""
    if len(octets) < 2 or octets[0] != 0x30:
        return None
    if octets[1] < 0x80:
        return 2 + octets[1]
    size = octets[1] & 0x7F
    if not 1 <= size <= 3 or len(octets) < 2 + size:
        return None
    return 2 + size + int.from_bytes(octets[2 : 2 + size], "big")
