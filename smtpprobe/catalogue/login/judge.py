"""What speaks against a login before it is tried, and whether that is sure: then it costs an attempt and tells nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from smtpprobe.catalogue.login import tokens
from smtpprobe.catalogue.providers import host_provider, provider_name
from smtpprobe.model.login.doubt import Doubt, DoubtKind
from smtpprobe.model.login.secret import LoginRecord, PasswordRecord, TokenForm, TokenRecord, TokenScope
from smtpprobe.model.texts.amounts import span
from smtpprobe.model.texts.language import mark, say
from smtpprobe.wire.secret.unfilled import is_unfilled

SKEW_S = 300  # RFC 7519 §4.1.4: "a few minutes" are left to clocks that differ

# What was given in place of an access token.
_KINDS = {
    TokenForm.ID_TOKEN: mark(
        "an id_token was given in place of an access token: it tells a program who somebody is, and opens nothing"
    ),
    TokenForm.REFRESH_TOKEN: mark("a refresh token was given in place of an access token: it only gets one"),
    TokenForm.AUTHORIZATION_CODE: mark("an authorization code was given in place of an access token: it only gets one"),
    TokenForm.GRANT: mark("a refresh token or an authorization code was given in place of an access token: it only gets one"),
    TokenForm.CLIENT_SECRET: mark("an application's client secret was given in place of an access token"),
    TokenForm.CLIENT_ID: mark("what was given for an access token has the form of an application's id"),
    TokenForm.API_KEY: mark("an API key was given in place of an access token"),
    TokenForm.ASSERTION: mark("a service account's assertion was given in place of an access token: it only gets one"),
    TokenForm.APP_PASSWORD: mark(
        "what was given for an access token has the form of an app password, which is for PLAIN and LOGIN"
    ),
    TokenForm.ERROR: mark("a token endpoint's refusal was given in place of an access token"),
}  # fmt: skip
# What stands around a token, or what of it is not there.
_FORMS = {
    TokenForm.XOAUTH2: mark("the token is given within the string that XOAUTH2 makes of it: expected the token alone"),
    TokenForm.BEARER: mark("the word Bearer is in front of the token: expected the token alone"),
    TokenForm.QUOTED: mark("the token is in quotation marks: expected the token alone"),
    TokenForm.JSON: mark(
        "the token is given within a token endpoint's reply: expected the value of access_token alone"
    ),
    TokenForm.SEVERAL: mark("the token has a blank or a line break in it, or is more than one: expected one"),
    TokenForm.NOT_ASCII: mark("the token has characters outside ASCII, which no token has"),
    TokenForm.CUT_OFF: mark("the token begins like a JWT and does not go on like one: a part may be missing"),
}
_SURE_AT_HOME = frozenset({TokenForm.ID_TOKEN, TokenForm.ASSERTION, TokenForm.GRANT, TokenForm.CLIENT_ID})


def doubts(login: LoginRecord | None, host: str | None, at: datetime) -> tuple[Doubt, ...]:
    """What speaks against the login at the host, what is sure first; nothing where nobody logs in."""
    if login is None:
        return ()
    found = [*_of_user(login.user)]
    if login.password is not None:
        found += _of_password(login.password)
    if login.token is not None:
        found += _of_token(login.token, host_provider(host), at)
    return tuple(sorted(found, key=lambda each: not each.sure))


def _sure(kind: DoubtKind, text: str, wants: str | None = None) -> Doubt:
    return Doubt(kind=kind, sure=True, text=text, wants=wants)


def _unsure(kind: DoubtKind, text: str) -> Doubt:
    return Doubt(kind=kind, sure=False, text=text)


def _of_user(user: str) -> Iterator[Doubt]:
    if is_unfilled(user):
        yield _sure(
            DoubtKind.USER_UNFILLED, say("the user name is a variable or a placeholder that was never filled in")
        )
        return
    if user != user.strip() or "\n" in user or "\r" in user:
        yield _unsure(DoubtKind.USER_BLANK, say("the user name has a blank or a line break at an end"))
    if not user.isascii():
        yield _unsure(DoubtKind.USER_NOT_ASCII, say("the user name has characters outside ASCII"))
    if "@" not in user.strip("@"):
        yield _unsure(
            DoubtKind.USER_WITHOUT_DOMAIN, say("the user name has no domain: many servers want the whole address")
        )


def _of_password(password: PasswordRecord) -> Iterator[Doubt]:
    if password.empty:
        yield _sure(DoubtKind.PASSWORD_EMPTY, say("the password is empty"))
    if password.unfilled:
        yield _sure(
            DoubtKind.PASSWORD_UNFILLED, say("the password is a variable or a placeholder that was never filled in")
        )
        return
    if password.line_break:
        yield _unsure(DoubtKind.PASSWORD_LINE_BREAK, say("the password has a line break in it or at an end"))
    elif password.blank_at_end:
        yield _unsure(DoubtKind.PASSWORD_BLANK, say("the password has a blank at an end"))
    if password.in_groups:
        words = say(
            "the password is in four groups, as app passwords are shown: some servers want it without the blanks"
        )
        yield _unsure(DoubtKind.PASSWORD_IN_GROUPS, words)
    if password.quoted:
        yield _unsure(DoubtKind.PASSWORD_QUOTED, say("the password is in quotation marks"))
    if password.names_variable:
        yield _unsure(DoubtKind.PASSWORD_VARIABLE, say("the password has the form of a variable ($NAME)"))
    if not password.ascii:
        yield _unsure(DoubtKind.PASSWORD_NOT_ASCII, say("the password has characters outside ASCII"))
    if password.is_token:
        words = say("the password is a JWT: an access token wants the mechanism XOAUTH2 or OAUTHBEARER")
        yield _unsure(DoubtKind.PASSWORD_IS_TOKEN, words)


def _of_token(token: TokenRecord, at_provider: str | None, at: datetime) -> Iterator[Doubt]:
    if token.form is TokenForm.EMPTY:
        yield _sure(DoubtKind.TOKEN_UNFILLED, say("the token is empty"))
    elif token.form is TokenForm.UNFILLED:
        yield _sure(DoubtKind.TOKEN_UNFILLED, say("the token is a variable or a placeholder that was never filled in"))
    elif token.form in _FORMS:
        yield _sure(DoubtKind.TOKEN_FORM, say(_FORMS[token.form]))
    elif token.form in _KINDS:
        yield _kind(token, at_provider)
    elif token.form is not TokenForm.JWT:
        yield _unsure(DoubtKind.TOKEN_UNREADABLE, _unreadable(token))
    if token.blank_at_end:
        yield _unsure(DoubtKind.TOKEN_FORM, say("the token has a blank or a line break at an end"))
    yield from _of_time(token, at)
    yield from _of_claims(token, at_provider)


def _kind(token: TokenRecord, at_provider: str | None) -> Doubt:
    always = token.form is TokenForm.ERROR or tokens.is_sure(token.form, token.provider)
    at_home = token.form in _SURE_AT_HOME and tokens.token_provider(at_provider) is not None
    wanted = tokens.token_provider(at_provider)
    return Doubt(
        kind=DoubtKind.TOKEN_KIND,
        sure=always or at_home,
        text=say(_KINDS[token.form]),
        wants=wanted.scope if wanted else None,
    )


def _unreadable(token: TokenRecord) -> str:
    if token.form is TokenForm.JWE:
        return say(
            "the token is encrypted (JWE): what it allows, and until when, can be read by nobody but its service"
        )
    made = provider_name(token.provider)
    if made is not None:
        return say(
            "the token is an opaque one of {provider}: what it allows, and until when, cannot be read", provider=made
        )
    return say("the token is opaque: what it allows, and until when, cannot be read")


def _of_time(token: TokenRecord, at: datetime) -> Iterator[Doubt]:
    """RFC 7519 §4.1.4, §4.1.5."""
    if token.expires_at is not None and token.expires_at <= at:
        ago = int((at - token.expires_at).total_seconds())
        words = say("the token expired {span} ago", span=span(ago))
        yield Doubt(kind=DoubtKind.TOKEN_EXPIRED, sure=ago > SKEW_S, text=words)
    if token.not_before is not None and token.not_before > at:
        ahead = int((token.not_before - at).total_seconds())
        words = say("the token is not valid for another {span}: one of the clocks may be wrong", span=span(ahead))
        yield Doubt(kind=DoubtKind.TOKEN_NOT_YET, sure=ahead > SKEW_S, text=words)


def _of_claims(token: TokenRecord, at_provider: str | None) -> Iterator[Doubt]:
    wanted = tokens.token_provider(at_provider)
    if wanted is not None and token.provider not in (None, at_provider):
        maker, here = provider_name(token.provider), provider_name(at_provider)
        words = (
            say("the token was made by {maker}, and the server is one of {here}", maker=maker, here=here)
            if maker is not None
            else say("the token was not made by {here}, whose server this is", here=here)
        )
        yield Doubt(kind=DoubtKind.TOKEN_ISSUER, sure=maker is not None, text=words, wants=wanted.scope)
    elif token.form is TokenForm.JWT:
        yield from _of_service(token, at_provider)
    if token.user_is_client:
        words = say("the user name is the id of the token's application: SMTP wants the mailbox")
        yield _unsure(DoubtKind.TOKEN_USER, words)
    elif token.same_user is False:
        yield _unsure(DoubtKind.TOKEN_USER, say("the token names another user than the one who logs in"))


def _of_service(token: TokenRecord, at_provider: str | None) -> Iterator[Doubt]:
    """Whom a readable token was made for, and what it allows there."""
    # A server of one's own may take a token that was made for another service, and ask that about it.
    home = tokens.token_provider(token.provider)
    if home is None:
        return
    sure = at_provider == token.provider
    if not home.audiences:
        maker = provider_name(token.provider)
        words = say("the token is a JWT, which access tokens of {maker} never are", maker=maker)
        yield Doubt(kind=DoubtKind.TOKEN_KIND, sure=sure, text=words, wants=home.scope)
    elif token.audience is not None and token.audience not in home.audiences:
        service = tokens.audience_name(token.audience) or say("another service")
        words = say("the token was made for {service}; SMTP wants {scope}", service=service, scope=home.scope)
        yield Doubt(kind=DoubtKind.TOKEN_AUDIENCE, sure=sure, text=words, wants=home.scope)
    elif token.scope in (TokenScope.OTHER, TokenScope.NONE):
        words = say("the token does not allow sending mail over SMTP: that wants {scope}", scope=home.scope)
        if home.application_scope is not None:
            words += say(", or for an application the role SMTP.SendAsApp")
        yield Doubt(kind=DoubtKind.TOKEN_SCOPE, sure=sure, text=words, wants=home.scope)
