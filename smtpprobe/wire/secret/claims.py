"""A JWT read (RFC 7519), no signature checked: what it claims. What is in it comes from anybody, and is bounded."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

import msgspec

MAX_TOKEN = 64 << 10  # octets: no server takes a longer line
MAX_VALUES = 200  # of a claim that is a list
MAX_TEXT = 2048  # octets of a claim's text


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What a JWT says of itself, empty or None where it does not. It names a user: it goes into no report."""

    issuer: str = ""
    audience: tuple[str, ...] = ()
    expires_at: datetime | None = None
    not_before: datetime | None = None
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()  # of all claims
    kind: str = ""  # the header's `typ`


_USERS = ("upn", "preferred_username", "unique_name", "email")
_CLIENTS = ("appid", "azp", "client_id")


def read_claims(token: str) -> Claims | None:
    """The claims of a JWT in its compact form; None for what is none."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > MAX_TOKEN:
        return None
    header, payload = decoded(parts[0]), decoded(parts[1])
    if header is None or payload is None or "alg" not in header:
        return None
    return Claims(
        issuer=_text(payload.get("iss")),
        audience=_texts(payload.get("aud")),
        expires_at=_moment(payload.get("exp")),
        not_before=_moment(payload.get("nbf")),
        scopes=_words(payload.get("scp")) + _words(payload.get("scope")),
        roles=_texts(payload.get("roles")),
        users=tuple(found for name in _USERS if (found := _text(payload.get(name)))),
        clients=tuple(found for name in _CLIENTS if (found := _text(payload.get(name)))),
        names=frozenset(list(payload)[:MAX_VALUES]),
        kind=_text(header.get("typ")).lower(),
    )


def decoded(part: str) -> dict[str, object] | None:
    """The JSON object that a part stands for in base64url (RFC 7515 §2); None where it is none."""
    try:
        octets = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        found = msgspec.json.decode(octets)
    except (binascii.Error, ValueError, RecursionError):  # of msgspec, too
        return None
    return found if isinstance(found, dict) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= MAX_TEXT else ""


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(found for each in values[:MAX_VALUES] if (found := _text(each)))


def _words(value: object) -> tuple[str, ...]:
    """RFC 8693 §4.2: one text with blanks between them; some issuers give a list."""
    return tuple(word for each in _texts(value) for word in each.split())[:MAX_VALUES]


def _moment(value: object) -> datetime | None:
    """RFC 7519 §2: seconds since 1970, possibly with a fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (OverflowError, ValueError, OSError):
        return None
