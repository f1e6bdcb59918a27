"""What the catalogue knows of access tokens: who makes them, for whom, and what is no access token."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import msgspec

from smtpprobe.catalogue import load
from smtpprobe.model.login.secret import PasswordSource, TokenForm, TokenRecord, TokenScope
from smtpprobe.wire.secret.claims import Claims
from smtpprobe.wire.secret.token import read_token

OTHER = "other"
_LONGEST = 8192  # characters of what has a form of its own
_HASHES = {"at_hash", "c_hash", "s_hash"}  # of an id_token alone (OpenID Connect Core §3.1.3.6)


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider's SMTP servers want of a token: see data/tokens.toml."""

    issuers: tuple[str, ...]
    audiences: tuple[str, ...]
    delegated: tuple[str, ...]
    application: tuple[str, ...]
    scope: str
    application_scope: str | None = None
    pages: tuple[str, ...] = ()


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A form that is told by its letters."""

    pattern: str
    form: TokenForm
    provider: str
    sure: bool = False


def token_provider(name: str | None) -> Provider | None:
    """What the provider wants; None for one of which nothing is known."""
    return _providers().get(name or "")


def audience_name(audience: str) -> str | None:
    """The name of a service that tokens are made for."""
    found = _table()["audience"].get(audience)
    return found["name"] if found else None


def is_sure(form: TokenForm, provider: str | None) -> bool:
    """Whether what has this form is never an access token, wherever it is used."""
    return any(each.sure for each in _texts() if each.form is form and each.provider == provider)


def token_record(secret: str, user: str, source: PasswordSource = PasswordSource.UNKNOWN) -> TokenRecord:
    """What may be said of what was given for a token. Nothing of it, and nothing that it claims of somebody, is in it."""
    reading, bare = read_token(secret), secret.strip()
    record = TokenRecord(source=source, form=reading.form, blank_at_end=bare != secret and bool(bare))
    if reading.claims is not None:
        return _of_claims(record, reading.claims, user)
    # What stands around a token hides which one it is.
    if reading.form is TokenForm.OPAQUE and len(bare) <= _LONGEST:
        for each in _texts():
            if re.fullmatch(each.pattern, bare, re.ASCII):
                return msgspec.structs.replace(record, form=each.form, provider=each.provider)
    return record


def _of_claims(record: TokenRecord, claims: Claims, user: str) -> TokenRecord:
    provider = _issuer(claims.issuer)
    audience = _audience(claims.audience)
    return msgspec.structs.replace(
        record,
        form=_form(claims, provider),
        expires_at=claims.expires_at,
        not_before=claims.not_before,
        provider=provider,
        audience=audience,
        scope=_scope(claims, provider),
        same_user=_same_user(claims, user),
        user_is_client=user.lower() in (each.lower() for each in claims.clients),
    )


def _issuer(issuer: str) -> str | None:
    if not issuer:
        return None
    for name, provider in _providers().items():
        if any(issuer == each or (each.endswith("/") and issuer.startswith(each)) for each in provider.issuers):
            return name
    return "google" if issuer.endswith(".gserviceaccount.com") else OTHER


def _audience(audience: tuple[str, ...]) -> str | None:
    given = {each.lower().rstrip("/") for each in audience}
    known = [name for name, each in _table()["audience"].items() if given & set(each["values"])]
    return known[0] if known else OTHER if audience else None


def _form(claims: Claims, provider: str | None) -> TokenForm:
    if claims.issuer.endswith(".gserviceaccount.com"):
        return TokenForm.ASSERTION
    permits = claims.scopes or claims.roles
    # RFC 9068 §2.1: an access token says so. The nonce is the one that the program asked for.
    is_access = claims.kind.removeprefix("application/") == "at+jwt"
    is_id = bool(_HASHES & claims.names) or ("nonce" in claims.names and not permits)
    is_id = is_id or any(each.endswith(".apps.googleusercontent.com") for each in claims.audience)
    # Entra ID: an access token names the application that it was given to, an id_token is made for it.
    made_for_client = provider == "microsoft" and not permits and not claims.clients and "appidacr" not in claims.names
    is_id = is_id or (made_for_client and bool(claims.users) and _audience(claims.audience) == OTHER)
    return TokenForm.ID_TOKEN if is_id and not is_access else TokenForm.JWT


def _scope(claims: Claims, provider: str | None) -> TokenScope:
    wanted = token_provider(provider)
    if wanted is None or not wanted.audiences:
        return TokenScope.UNKNOWN
    if {each.lower() for each in claims.scopes} & set(wanted.delegated):
        return TokenScope.DELEGATED
    if {each.lower() for each in claims.roles} & set(wanted.application):
        return TokenScope.APPLICATION
    return TokenScope.OTHER if claims.scopes or claims.roles else TokenScope.NONE


def _same_user(claims: Claims, user: str) -> bool | None:
    """Whether the token names the user; None where it names nobody."""
    return user.lower() in (each.lower() for each in claims.users) if claims.users else None


def _table() -> Any:
    return load.table("tokens")


@cache
def _providers() -> dict[str, Provider]:
    return msgspec.convert(_table()["provider"], dict[str, Provider])


@cache
def _texts() -> tuple[Text, ...]:
    return msgspec.convert(_table()["text"], tuple[Text, ...])
