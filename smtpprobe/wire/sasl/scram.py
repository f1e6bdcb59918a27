"""SCRAM: both sides prove that they know the password (RFC 5802, RFC 7677)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable

from smtpprobe.model.quoting import quoted
from smtpprobe.model.request import Credentials
from smtpprobe.model.texts.language import say
from smtpprobe.wire.sasl.mechanism import Derived, Peer, Response, SaslError
from smtpprobe.wire.sasl.preparation import prepared

MAX_ITERATIONS = 600_000  # a fraction of a second, during which nothing else can run
_EXPORTER, _UNIQUE = "tls-exporter", "tls-unique"


def scram(
    hash_name: str, new_nonce: Callable[[], str] = secrets.token_urlsafe, *, plus: bool = False
) -> Callable[[Credentials, Peer], Response]:
    """SCRAM with a hash that hashlib knows (RFC 5802, RFC 7677). `plus`: bound to the TLS channel."""

    def mechanism(credentials: Credentials, peer: Peer) -> Response:
        nonce = new_nonce()
        header, bound = _binding(peer) if plus else (_unbound(peer), b"")
        # RFC 5802 §5.1: "=" and "," are escaped in the user name.
        user = prepared(credentials.user, say("the user name")).replace("=", "=3D").replace(",", "=2C")
        secret = prepared(credentials.reveal(), say("the password")).encode()
        yield Derived(secret, typed=True)
        client_first = f"n={user},r={nonce}"
        server_first = yield header + client_first.encode()
        attributes = _attributes(server_first)
        if "e" not in attributes:
            server_nonce, salt = _nonce(attributes, nonce), _decode(attributes.get("s", ""))
            salted = hashlib.pbkdf2_hmac(hash_name, secret, salt, _iterations(attributes.get("i", "")))
            without_proof = f"c={_encode(header + bound)},r={server_nonce}"
            message = ",".join((client_first, server_first.decode("utf-8", "replace"), without_proof)).encode()
            proof, signature = _signed(hash_name, salted, message)
            yield Derived(_encode(proof).encode())
            yield Derived(_encode(signature).encode())
            attributes = _attributes((yield f"{without_proof},p={_encode(proof)}".encode()))
            # RFC 5802 §9: a server that cannot prove it knows the password is not the server.
            if "e" not in attributes and not hmac.compare_digest(signature, _decode(attributes.get("v", ""))):
                raise SaslError(say("the server's signature is wrong: it does not know this password"))
        # RFC 5802 §7: with e= the server refuses, in the reply that follows the answer to it.
        yield b""

    return mechanism


scram_sha_256 = scram("sha256")
scram_sha_1 = scram("sha1")
scram_sha_256_plus = scram("sha256", plus=True)
scram_sha_1_plus = scram("sha1", plus=True)


def _unbound(peer: Peer) -> bytes:
    """The GS2 header without channel binding."""
    # RFC 5802 §6: "y" says that this side could, and takes the server for one that cannot: one that can and whose offer
    # was taken out of the EHLO reply on the way then refuses.
    could = _type(peer) in peer.bindings
    return b"y,," if could and not any(each.endswith("-PLUS") for each in peer.offered) else b"n,,"


def _type(peer: Peer) -> str:
    """The channel binding to use. RFC 5802 §6.1 has tls-unique, which TLS 1.3 has not: tls-exporter there (RFC 9266 §3)."""
    return peer.binding or (_EXPORTER if peer.tls_version == "TLSv1.3" else _UNIQUE)


def _binding(peer: Peer) -> tuple[bytes, bytes]:
    """The GS2 header that names the channel binding, and what it binds to."""
    if peer.tls_version is None:
        raise SaslError(say("it is bound to TLS, and the connection has none"))
    name = _type(peer)
    if name not in peer.bindings:
        others = ", ".join(sorted(peer.bindings))
        reason = say(
            "{name} over {version} cannot be computed here, so it is not testable",
            name=name,
            version=peer.tls_version.replace("TLSv", "TLS "),
        )
        if not others:
            raise SaslError(reason)
        raise SaslError(
            say("{reason}; some servers take {others} instead", reason=reason, others=others), needs="channel_binding"
        )
    return f"p={name},,".encode(), peer.bindings[name]


def _signed(hash_name: str, salted: bytes, message: bytes) -> tuple[bytes, bytes]:
    """The client's proof and the server's signature (RFC 5802 §3)."""
    client_key = hmac.digest(salted, b"Client Key", hash_name)
    stored_key = hashlib.new(hash_name, client_key).digest()
    signature = hmac.digest(stored_key, message, hash_name)
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    return proof, hmac.digest(hmac.digest(salted, b"Server Key", hash_name), message, hash_name)


def _nonce(attributes: dict[str, str], nonce: str) -> str:
    """The nonce of both sides."""
    # RFC 5802 §5.1: an extension that is not known here, and mandatory, ends the exchange.
    if "m" in attributes:
        raise SaslError(
            say("the server wants the extension {m}, which is not known here", m=quoted(attributes["m"], 40))
        )
    server_nonce = attributes.get("r", "")
    if not server_nonce.startswith(nonce) or server_nonce == nonce:
        raise SaslError(say("the server's nonce does not start with the client's"))
    return server_nonce


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


def _encode(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
