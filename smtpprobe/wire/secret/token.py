"""What was given for an access token, by its form: a token, what stands around one, or something else."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

import msgspec

from smtpprobe.model.login.secret import TokenForm
from smtpprobe.wire.secret.claims import MAX_TOKEN, Claims, decoded, read_claims
from smtpprobe.wire.secret.unfilled import is_unfilled, names_variable, unquoted

_BEARER = re.compile(r"(?:authorization: *)?bearer[ \t]+(.*)", re.IGNORECASE | re.DOTALL)
_IN_XOAUTH2 = re.compile(r"auth=Bearer ([^\x01]*)", re.IGNORECASE)
_SECRETS = ("access_token", "refresh_token", "id_token", "client_secret", "code")
_SHORTEST = 8  # of a part that is hidden for itself


class TokenReading(msgspec.Struct, frozen=True):
    """The form of what was given, and what it claims where it is a JWT."""

    form: TokenForm
    claims: Claims | None = None


def read_token(secret: str) -> TokenReading:
    """What was given for a token. What only a provider's catalogue knows, a refresh token for one, is OPAQUE here."""
    bare = secret.strip()
    if (form := _around(bare)) is not None:
        return TokenReading(form)
    if len(bare.split()) > 1:
        return TokenReading(TokenForm.SEVERAL)
    if not bare.isascii():
        return TokenReading(TokenForm.NOT_ASCII)
    if (claims := read_claims(bare)) is not None:
        return TokenReading(TokenForm.JWT, claims)
    parts = bare.split(".") if len(bare) <= MAX_TOKEN else []
    header = decoded(parts[0]) if len(parts) > 1 else None
    if header is not None and "alg" in header:
        # RFC 7516 §3.1: five parts, of which the header alone is readable.
        whole = len(parts) == 5 and "enc" in header
        return TokenReading(TokenForm.JWE if whole else TokenForm.CUT_OFF)
    if _in_base64(bare) is not None:
        return TokenReading(TokenForm.XOAUTH2)
    return TokenReading(TokenForm.OPAQUE)


def looks_like_token(secret: str) -> bool:
    """Whether a password is a JWT, which nobody has for a password."""
    return secret.startswith("eyJ") and read_claims(secret) is not None


def parts_of(secret: str) -> Iterator[str]:
    """The secrets in what was given, of which a server may tell each by itself: the token without what is around it."""
    yield secret
    bare = secret.strip()
    inner = (*_inner(bare), *_inner(unquoted(bare)))
    for each in (bare, unquoted(bare), *bare.split(), *inner):
        if len(each) >= _SHORTEST and each != secret:
            yield each
    for each in (bare, *inner):
        # What makes a JWT a token is its signature.
        if read_claims(each) is not None and len(signature := each.rpartition(".")[2]) >= _SHORTEST:
            yield signature


def _inner(text: str) -> Iterator[str]:
    if (match := _BEARER.fullmatch(text)) is not None:
        yield unquoted(match[1].strip())
    for each in (text, _in_base64(text) or ""):
        if (match := _IN_XOAUTH2.search(each)) is not None:
            yield match[1].removesuffix("^A^A").strip()
    found = _object(text)
    for name in _SECRETS if found is not None else ():
        value = found.get(name) if found is not None else None
        if isinstance(value, str):
            yield value


def _around(bare: str) -> TokenForm | None:
    """What stands around a token, or in its place."""
    if not bare:
        return TokenForm.EMPTY
    # No token begins with the dollar of a variable.
    if is_unfilled(bare) or names_variable(bare):
        return TokenForm.UNFILLED
    if bare.startswith("{"):
        found = _object(bare)
        return TokenForm.ERROR if found is not None and "error" in found else TokenForm.JSON
    if _BEARER.fullmatch(unquoted(bare)) is not None:
        return TokenForm.BEARER
    if re.match(r"(?:user=|n,a=).*auth=Bearer ", bare, re.IGNORECASE | re.DOTALL):
        return TokenForm.XOAUTH2
    return TokenForm.QUOTED if unquoted(bare) != bare else None


def _object(text: str) -> dict[str, object] | None:
    if not text.startswith("{") or len(text) > MAX_TOKEN:
        return None
    try:
        found = msgspec.json.decode(text.encode())
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _in_base64(text: str) -> str | None:
    """The mechanism's string that the text stands for in base64; None where it stands for none."""
    if len(text) > 2 * MAX_TOKEN:
        return None
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return plain if re.match(r"(?:user=|n,)", plain) and "auth=Bearer " in plain else None
