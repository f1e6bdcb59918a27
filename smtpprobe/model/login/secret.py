"""What a report may say of a secret: how it came in and which form it has, and nothing that would be of use to a thief."""

from __future__ import annotations

import msgspec

from smtpprobe.model.clock import Time
from smtpprobe.model.words import Word


class PasswordSource(Word):
    """How the password, or the token, came in."""

    FILE = "file"
    COMMAND = "command"  # what it printed
    ENVIRONMENT = "environment"
    PROMPT = "prompt"
    NETRC = "netrc"
    KEYRING = "keyring"
    UNKNOWN = "unknown"


class PasswordRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What may be said of a password: how it came in, whether it is all ASCII, and whether a blank stands at an end.

    `names_variable`: whether it has the form of a variable that nothing replaced, `$MAIL_PASSWORD`, within quotation marks
    too; `quoted`: whether it is in such marks. `unfilled`: it is a place for a password that was never filled in, such as
    `${{ secrets.MAIL }}` or `***`. `line_break`: it holds one. `in_groups`: it is four groups of four letters, as app
    passwords are shown. `is_token`: it has the form of an access token.
    """

    source: PasswordSource
    ascii: bool
    blank_at_end: bool
    names_variable: bool = False
    quoted: bool = False
    empty: bool = False
    unfilled: bool = False
    line_break: bool = False
    in_groups: bool = False
    is_token: bool = False


class TokenForm(Word):
    """What was given for an access token, by its form alone."""

    JWT = "jwt"  # signed and readable (RFC 7519)
    JWE = "jwe"  # encrypted (RFC 7516)
    OPAQUE = "opaque"
    EMPTY = "empty"
    UNFILLED = "unfilled"  # a place for a token that was never filled in
    XOAUTH2 = "xoauth2"  # the string that the mechanism makes of user and token, or its base64
    BEARER = "bearer"  # `Bearer` stands before it
    QUOTED = "quoted"
    JSON = "json"  # the reply of a token endpoint (RFC 6749 §5.1)
    ERROR = "error"  # its refusal (RFC 6749 §5.2)
    SEVERAL = "several"  # more than one token, or one with a blank in it
    NOT_ASCII = "not-ascii"  # RFC 6750 §2.1: a token has letters, digits and -._~+/= alone
    CUT_OFF = "cut-off"  # the beginning of a JWT
    ID_TOKEN = "id-token"  # says who somebody is, to the program
    REFRESH_TOKEN = "refresh-token"
    AUTHORIZATION_CODE = "authorization-code"
    GRANT = "grant"  # a refresh token or an authorization code
    CLIENT_SECRET = "client-secret"
    CLIENT_ID = "client-id"
    API_KEY = "api-key"
    ASSERTION = "assertion"  # what a service account gets its token with (RFC 7523)
    APP_PASSWORD = "app-password"
    UNKNOWN = "unknown"


class TokenScope(Word):
    """What a token allows."""

    DELEGATED = "delegated"  # to send mail for the user who is signed in
    APPLICATION = "application"  # to send mail as an application
    OTHER = "other"  # something else
    NONE = "none"  # it says of nothing that it is allowed
    UNKNOWN = "unknown"


class TokenRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What may be said of a token, None where it does not say.

    `provider` is who made it, `audience` whom it was made for, both by the catalogue's ids, `other` for what that does not
    know. `same_user`: whether it names the user who logs in; `user_is_client`: the user name is its application's id.
    `blank_at_end`: a blank or a line break stands at an end.
    """

    source: PasswordSource
    form: TokenForm
    expires_at: Time | None = None
    not_before: Time | None = None
    provider: str | None = None
    audience: str | None = None
    scope: TokenScope = TokenScope.UNKNOWN
    same_user: bool | None = None
    user_is_client: bool = False
    blank_at_end: bool = False


class LoginRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Who logs in, and what is known of the secret: of a password or of a token, None where of neither."""

    user: str
    password: PasswordRecord | None = None
    token: TokenRecord | None = None
