"""What speaks against a login before it is tried."""

from __future__ import annotations

import msgspec

from smtpprobe.model.words import Word


class DoubtKind(Word):
    """What is wrong with a user name, a password or a token, or looks like it."""

    USER_UNFILLED = "user-unfilled"
    USER_BLANK = "user-blank"
    USER_NOT_ASCII = "user-not-ascii"
    USER_WITHOUT_DOMAIN = "user-without-domain"
    PASSWORD_EMPTY = "password-empty"
    PASSWORD_UNFILLED = "password-unfilled"
    PASSWORD_LINE_BREAK = "password-line-break"
    PASSWORD_BLANK = "password-blank"
    PASSWORD_NOT_ASCII = "password-not-ascii"
    PASSWORD_IN_GROUPS = "password-in-groups"
    PASSWORD_QUOTED = "password-quoted"
    PASSWORD_VARIABLE = "password-variable"
    PASSWORD_IS_TOKEN = "password-is-token"
    TOKEN_UNFILLED = "token-unfilled"
    TOKEN_FORM = "token-form"  # something stands around the token, or it is not whole
    TOKEN_KIND = "token-kind"  # it is no access token
    TOKEN_EXPIRED = "token-expired"
    TOKEN_NOT_YET = "token-not-yet"
    TOKEN_ISSUER = "token-issuer"
    TOKEN_AUDIENCE = "token-audience"
    TOKEN_SCOPE = "token-scope"
    TOKEN_USER = "token-user"
    TOKEN_UNREADABLE = "token-unreadable"
    UNKNOWN = "unknown"


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """One of them, in words without the secret. `sure`: the login cannot succeed; else it may.

    `wants` is the scope to ask the provider for, where that would help.
    """

    kind: DoubtKind
    sure: bool
    text: str
    wants: str | None = None
