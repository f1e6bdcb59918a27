"""The SASL mechanisms that aiosmtpd lacks, as its hooks: the server's side of each (RFC 4422, RFC 4954)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any

from aiosmtpd.smtp import MISSING, SMTP, AuthResult

_CHALLENGE = b"<1896.697170952@mx.example.com>"
_SALT, _ROUNDS, _NONCE = b"salt of mx", 4096, "3rfcNHYJY1ZVvWVs7j"
_DIGEST_CHALLENGE = f'realm="mx.example.com",nonce="{_NONCE}",qop="auth",charset=utf-8,algorithm=md5-sess'
_DIRECTIVE = re.compile(r'(?<![a-z-])([a-z-]+)=(?:"([^"]*)"|([^",]+))')
_BEARER_ERROR = b'{"status":"401","schemes":"bearer"}'


class Mechanisms:
    """Hooks for a handler of aiosmtpd, which decides about each login in `judge`.

    `offers_plus`: whether it offers a mechanism that is bound to TLS.
    """

    offers_plus = False

    def bindings(self, server: SMTP) -> Mapping[str, bytes]:
        """What binds to the client's TLS channel, by type."""
        raise NotImplementedError

    def judge(self, server: SMTP, user: str, is_right: Callable[[str], bool]) -> AuthResult:
        """Whether the user may log in; `is_right` says whether a password fits what the client sent."""
        raise NotImplementedError

    async def auth_CRAM__MD5(self, server: SMTP, args: list[str]) -> AuthResult:
        """RFC 2195 §2."""
        response = await server.challenge_auth(_CHALLENGE)
        if not isinstance(response, bytes):
            return AuthResult(success=False)
        user, _, digest = response.decode().rpartition(" ")
        return self.judge(
            server, user, lambda secret: digest == hmac.new(secret.encode(), _CHALLENGE, "md5").hexdigest()
        )

    async def auth_DIGEST__MD5(self, server: SMTP, args: list[str]) -> AuthResult:
        """RFC 2831, with the prefix `smtp/` in front of any host."""
        response = await server.challenge_auth(_DIGEST_CHALLENGE)
        if not isinstance(response, bytes):
            return AuthResult(success=False)
        given = {name: quoted or bare for name, quoted, bare in _DIRECTIVE.findall(response.decode())}
        proofs: list[str] = []

        def is_right(secret: str) -> bool:
            begin = hashlib.md5(":".join((given["username"], given["realm"], secret)).encode()).digest()
            session = hashlib.md5(begin + f":{_NONCE}:{given['cnonce']}".encode()).hexdigest()
            middle = f"{session}:{_NONCE}:{given['nc']}:{given['cnonce']}:{given['qop']}"
            expected, proof = (
                hashlib.md5(f"{middle}:{hashlib.md5(method.encode()).hexdigest()}".encode()).hexdigest()
                for method in (f"AUTHENTICATE:{given['digest-uri']}", f":{given['digest-uri']}")
            )
            proofs.append(proof)
            return (given["response"], given["nonce"], given["digest-uri"][:5]) == (expected, _NONCE, "smtp/")

        result = self.judge(server, given["username"], is_right)
        if result.success and await server.challenge_auth(f"rspauth={proofs[-1]}") is MISSING:
            return AuthResult(success=False)
        return result

    async def auth_SCRAM__SHA__256(self, server: SMTP, args: list[str]) -> AuthResult:
        """RFC 7677."""
        return await self._scram(server, args, "sha256")

    async def auth_SCRAM__SHA__1(self, server: SMTP, args: list[str]) -> AuthResult:
        """RFC 5802."""
        return await self._scram(server, args, "sha1")

    async def auth_SCRAM__SHA__256__PLUS(self, server: SMTP, args: list[str]) -> AuthResult:
        """RFC 7677, bound to TLS."""
        return await self._scram(server, args, "sha256", self.bindings(server))

    async def auth_SCRAM__SHA__1__PLUS(self, server: SMTP, args: list[str]) -> AuthResult:
        """RFC 5802, bound to TLS."""
        return await self._scram(server, args, "sha1", self.bindings(server))

    async def _scram(
        self, server: SMTP, args: list[str], hash_name: str, bindings: Mapping[str, bytes] | None = None
    ) -> AuthResult:
        first = await _initial_response(server, args)
        if first is None:
            return AuthResult(success=False)
        header, client_first = first.decode().split(",,", 1)
        given = dict(part.split("=", 1) for part in client_first.split(","))
        bound, error = self._bound(header, bindings)
        if error is not None:
            return await self._failed(server, _unescaped(given["n"]), error)
        server_first = f"r={given['r']}{_NONCE},s={base64.b64encode(_SALT).decode()},i={_ROUNDS}"
        response = await server.challenge_auth(server_first)
        if not isinstance(response, bytes):
            return AuthResult(success=False)
        without_proof, _, proof = response.decode().rpartition(",p=")
        # RFC 5802 §6: what the client says again, and bound to, has to be what came, and what this side is bound to.
        if base64.b64decode(without_proof.split(",")[0].removeprefix("c=")) != f"{header},,".encode() + bound:
            return await self._failed(server, _unescaped(given["n"]), "channel-bindings-dont-match")
        message = ",".join((client_first, server_first, without_proof)).encode()
        signatures: list[bytes] = []

        def is_right(secret: str) -> bool:
            salted = hashlib.pbkdf2_hmac(hash_name, secret.encode(), _SALT, _ROUNDS)
            client_key = hmac.digest(salted, b"Client Key", hash_name)
            signature = hmac.digest(hashlib.new(hash_name, client_key).digest(), message, hash_name)
            signatures.append(hmac.digest(hmac.digest(salted, b"Server Key", hash_name), message, hash_name))
            return base64.b64decode(proof) == bytes(a ^ b for a, b in zip(client_key, signature, strict=True))

        result = self.judge(server, _unescaped(given["n"]), is_right)
        # RFC 5802 §3: the server proves in its last message that it knows the password too.
        if result.success and await server.challenge_auth(b"v=" + base64.b64encode(signatures[-1])) is MISSING:
            return AuthResult(success=False)
        return result

    def _bound(self, header: str, bindings: Mapping[str, bytes] | None) -> tuple[bytes, str | None]:
        """What the client bound the login to, and why that cannot be."""
        name = header.removeprefix("p=") if header.startswith("p=") else None
        if bindings is None:
            refused = "channel-binding-not-supported" if name is not None else None
            # RFC 5802 §6: the client was told that this side cannot, and this side can.
            return b"", "server-does-support-channel-binding" if header == "y" and self.offers_plus else refused
        if name is None or name not in bindings:
            return b"", "unsupported-channel-binding-type"
        return bindings[name], None

    async def _failed(self, server: SMTP, user: str, error: str) -> AuthResult:
        # RFC 5802 §7: the error comes in a message, which the client answers before it is refused.
        if await server.challenge_auth(f"e={error}") is MISSING:
            return AuthResult(success=False)
        return self.judge(server, user, lambda secret: False)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        """Google's and Microsoft's bearer-token form."""
        response = await _initial_response(server, args)
        if response is None:
            return AuthResult(success=False)
        user, _, token = response.decode().strip("\x01").removeprefix("user=").partition("\x01auth=Bearer ")
        return await self._bearer(server, user, token)

    async def auth_OAUTHBEARER(self, server: SMTP, args: list[str]) -> AuthResult:
        """RFC 7628 §3.1."""
        response = await _initial_response(server, args)
        if response is None:
            return AuthResult(success=False)
        header, *pairs = response.decode().strip("\x01").split("\x01")
        given = dict(pair.split("=", 1) for pair in pairs)
        user = _unescaped(header.split(",")[1].removeprefix("a="))
        return await self._bearer(server, user, given["auth"].removeprefix("Bearer "))

    async def _bearer(self, server: SMTP, user: str, token: str) -> AuthResult:
        result = self.judge(server, user, lambda secret: secret == token)
        # RFC 7628 §3.2.2: the error comes as a challenge, which the client answers before it is refused.
        if not result.success and await server.challenge_auth(_BEARER_ERROR) is MISSING:
            return AuthResult(success=False)
        return result

    async def auth_EXTERNAL(self, server: SMTP, args: list[str]) -> AuthResult:
        """RFC 4422 appendix A; any account that exists counts as the certificate's."""
        response = await _initial_response(server, args)
        if response is None:
            return AuthResult(success=False)
        return self.judge(server, response.decode(), lambda secret: True)

    async def auth_ANONYMOUS(self, server: SMTP, args: list[str]) -> AuthResult:
        """RFC 4505 §2; the trace information has to be an account's name."""
        return await self.auth_EXTERNAL(server, args)


async def _initial_response(server: SMTP, args: list[str]) -> bytes | None:
    """The initial response, or the answer to an empty challenge; None where the client was told that it is over."""
    if len(args) == 1:
        response: Any = await server.challenge_auth("")
        return response if isinstance(response, bytes) else None
    # RFC 4954 §4: "=" is the empty initial response.
    if args[1] == "=":
        return b""
    try:
        return base64.b64decode(args[1], validate=True)
    except (binascii.Error, ValueError):
        await server.push("501 5.5.2 Cannot decode the initial response")
        return None


def _unescaped(user: str) -> str:
    """The user name as it was before RFC 5802 §5.1 escaped it."""
    return user.replace("=2C", ",").replace("=3D", "=")
