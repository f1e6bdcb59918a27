"""SCRAM: both sides prove that they know the password (RFC 5802, RFC 7677)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import stringprep
import unicodedata
from collections.abc import Callable

from smtpprobe.model.quoting import quoted
from smtpprobe.model.request import Credentials
from smtpprobe.model.texts.language import say
from smtpprobe.wire.sasl.mechanism import Response, SaslError

MAX_ITERATIONS = 600_000  # a fraction of a second, during which nothing else can run


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
            raise SaslError(
                say("the server wants the extension {m}, which is not known here", m=quoted(attributes["m"], 40))
            )
        if not server_nonce.startswith(nonce) or server_nonce == nonce:
            raise SaslError(say("the server's nonce does not start with the client's"))
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
            raise SaslError(say("the server says {e}", e=quoted(server_final["e"], 40)))
        server_key = hmac.digest(salted, b"Server Key", hash_name)
        # RFC 5802 §9: a server that cannot prove it knows the password is not the server.
        if not hmac.compare_digest(hmac.digest(server_key, message, hash_name), _decode(server_final.get("v", ""))):
            raise SaslError(say("the server's signature is wrong: it does not know this password"))
        yield b""

    return mechanism


scram_sha_256 = scram("sha256")
scram_sha_1 = scram("sha1")


def _prepared(text: str) -> str:
    """The text as SASLprep makes it (RFC 4013 §2.1, §2.2); what §2.3 prohibits is left for the server to judge."""
    kept = (" " if stringprep.in_table_c12(each) else each for each in text if not stringprep.in_table_b1(each))
    return unicodedata.normalize("NFKC", "".join(kept))


def _iterations(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) > 0):
        raise SaslError(say("the iteration count {text} is not a usable number", text=quoted(text, 20)))
    if int(text) > MAX_ITERATIONS:
        raise SaslError(
            say(
                "the iteration count {text} is more than the {max_iterations} that are computed here",
                text=text,
                max_iterations=MAX_ITERATIONS,
            )
        )
    return int(text)


def _attributes(message: bytes) -> dict[str, str]:
    parts = message.decode("utf-8", "replace").split(",")
    return {part[0]: part[2:] for part in parts if part[1:2] == "="}


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SaslError(say("{text} is not base64", text=quoted(text, 40))) from None
