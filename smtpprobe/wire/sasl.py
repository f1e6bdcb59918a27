"""SASL mechanisms as challenge → response (RFC 4422; RFC 4954 for the profile in SMTP)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import stringprep
import unicodedata
from collections.abc import Callable, Generator

from smtpprobe.model.request import Credentials

MAX_ITERATIONS = 600_000  # of SCRAM: a fraction of a second, during which nothing else can run


class SaslError(Exception):
    """The server's part of the exchange cannot be right: the exchange is to be cancelled with `*` (RFC 4954 §4)."""


Response = Generator[bytes | None, bytes, None]
"""Yields responses (None first: wait for a challenge before anything is sent), is sent challenges."""


def plain(credentials: Credentials, host: str) -> Response:
    """RFC 4616."""
    yield b"\0" + credentials.user.encode() + b"\0" + credentials.reveal().encode()


def login(credentials: Credentials, host: str) -> Response:
    """The user name, then the password; what the challenges say is not looked at (draft-murchison-sasl-login)."""
    yield None
    yield credentials.user.encode()
    yield credentials.reveal().encode()


def cram_md5(credentials: Credentials, host: str) -> Response:
    """RFC 2195 §2."""
    challenge = yield None
    digest = hmac.new(credentials.reveal().encode(), challenge, "md5").hexdigest()
    yield credentials.user.encode() + b" " + digest.encode()


def xoauth2(credentials: Credentials, host: str) -> Response:
    """Google's and Microsoft's bearer-token form; an error comes as a 334, which an empty response acknowledges."""
    yield f"user={credentials.user}\x01auth=Bearer {credentials.reveal()}\x01\x01".encode()
    yield b""


def oauthbearer(credentials: Credentials, host: str) -> Response:
    """RFC 7628 §3.1; §3.2.3: an error challenge is acknowledged with a single 0x01."""
    user = credentials.user.replace("=", "=3D").replace(",", "=2C")
    yield f"n,a={user},\x01host={host}\x01auth=Bearer {credentials.reveal()}\x01\x01".encode()
    yield b"\x01"


def external(credentials: Credentials, host: str) -> Response:
    """RFC 4422 appendix A: the identity comes from the client certificate."""
    yield credentials.user.encode()


def anonymous(credentials: Credentials, host: str) -> Response:
    """RFC 4505 §2: the trace information only."""
    yield credentials.user.encode()


def scram(
    hash_name: str, new_nonce: Callable[[], str] = secrets.token_urlsafe
) -> Callable[[Credentials, str], Response]:
    """SCRAM with a hash that hashlib knows, without channel binding (RFC 5802, RFC 7677)."""

    def mechanism(credentials: Credentials, host: str) -> Response:
        nonce = new_nonce()
        # RFC 5802 §5.1: "=" and "," are escaped in the user name.
        user = _prepared(credentials.user).replace("=", "=3D").replace(",", "=2C")
        client_first = f"n={user},r={nonce}"
        server_first = yield b"n,," + client_first.encode()
        attributes = _attributes(server_first)
        server_nonce, salt = attributes.get("r", ""), _decode(attributes.get("s", ""))
        # RFC 5802 §5.1: an extension that is not known here, and mandatory, ends the exchange.
        if "m" in attributes:
            raise SaslError(f"the server wants the extension {attributes['m'][:40]!r}, which is not known here")
        if not server_nonce.startswith(nonce) or server_nonce == nonce:
            raise SaslError("the server's nonce does not start with ours")
        rounds = _iterations(attributes.get("i", ""))
        salted = hashlib.pbkdf2_hmac(hash_name, _prepared(credentials.reveal()).encode(), salt, rounds)
        client_key = hmac.digest(salted, b"Client Key", hash_name)
        stored_key = hashlib.new(hash_name, client_key).digest()
        without_proof = f"c=biws,r={server_nonce}"
        message = ",".join((client_first, server_first.decode("utf-8", "replace"), without_proof)).encode()
        signature = hmac.digest(stored_key, message, hash_name)
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        server_final = _attributes((yield f"{without_proof},p={base64.b64encode(proof).decode()}".encode()))
        # RFC 5802 §7: with e= the server refuses the proof.
        if "e" in server_final:
            raise SaslError(f"the server says {server_final['e'][:40]!r}")
        server_key = hmac.digest(salted, b"Server Key", hash_name)
        # RFC 5802 §9: a server that cannot prove it knows the password is not the server.
        if not hmac.compare_digest(hmac.digest(server_key, message, hash_name), _decode(server_final.get("v", ""))):
            raise SaslError("the server's signature is wrong: it does not know this password")
        yield b""

    return mechanism


def _prepared(text: str) -> str:
    """The text as SASLprep makes it (RFC 4013 §2.1, §2.2); what §2.3 prohibits is left for the server to judge."""
    kept = (" " if stringprep.in_table_c12(each) else each for each in text if not stringprep.in_table_b1(each))
    return unicodedata.normalize("NFKC", "".join(kept))


def _iterations(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) > 0):
        raise SaslError(f"the iteration count {text[:20]!r} is no usable number")
    if int(text) > MAX_ITERATIONS:
        raise SaslError(f"the iteration count {text} is more than the {MAX_ITERATIONS} that are computed here")
    return int(text)


def _attributes(message: bytes) -> dict[str, str]:
    parts = message.decode("utf-8", "replace").split(",")
    return {part[0]: part[2:] for part in parts if part[1:2] == "="}


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SaslError(f"{text[:40]!r} is not base64") from None


MECHANISMS: dict[str, Callable[[Credentials, str], Response]] = {
    "PLAIN": plain,
    "LOGIN": login,
    "CRAM-MD5": cram_md5,
    "SCRAM-SHA-256": scram("sha256"),
    "SCRAM-SHA-1": scram("sha1"),
    "XOAUTH2": xoauth2,
    "OAUTHBEARER": oauthbearer,
    "EXTERNAL": external,
    "ANONYMOUS": anonymous,
}
"""Every mechanism that can be used, by its registered name."""

COMPUTED = frozenset({"CRAM-MD5", "SCRAM-SHA-256", "SCRAM-SHA-1"})
"""The mechanisms that compute with the challenge."""

# Over a verified channel PLAIN tells best whether the password is right: a mechanism that needs a stored
# secret can fail for an account whose password is fine.
_ORDER_SECURE = ("PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5")
_ORDER_INSECURE = ("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN")


def choose(offered: tuple[str, ...], *, secure: bool) -> str | None:
    """The one mechanism to try; None where none of the offered ones can be used with a password."""
    for name in _ORDER_SECURE if secure else _ORDER_INSECURE:
        if name in offered:
            return name
    return None
