"""Tokens for tests: right ones, and some that are each wrong in one way. No signature is right, and nobody's name is real."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from smtpprobe.model.login.doubt import DoubtKind
from smtpprobe.testing.cases import unsigned

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
USER = "alice@example.org"
MICROSOFT, GOOGLE, OWN = "smtp.office365.com", "smtp.gmail.com", "mail.example.com"
GRAPH = "00000003-0000-0000-c000-000000000000"
EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
CLIENT = "6731de76-14a6-49ae-97bc-6eba6914391e"
TENANT = "6fd4b0f4-9a5a-4b0e-8b8c-2f7c6e0d6a1b"


def at(**before: int) -> int:
    """The seconds of a moment so long before the time that these tests take for now."""
    return int((NOW - timedelta(**before)).timestamp())


GOOD: dict[str, Any] = {
    "aud": "https://outlook.office.com",
    "iss": f"https://sts.windows.net/{TENANT}/",
    "iat": at(minutes=5),
    "nbf": at(minutes=5),
    "exp": at(minutes=-55),
    "appid": CLIENT,
    "scp": "IMAP.AccessAsUser.All SMTP.Send",
    "upn": USER,
    "tid": TENANT,
    "name": "Alice Liddell",
    "ipaddr": "198.51.100.7",
}


def jwt(*without: str, **changes: Any) -> str:
    """A delegated token of Microsoft's with these claims changed, and those left out."""
    return unsigned({name: value for name, value in (GOOD | changes).items() if name not in without})


def application(**changes: Any) -> str:
    return jwt("scp", "upn", "name", **{"roles": ["SMTP.SendAsApp"], "aud": EXCHANGE, "idtyp": "app"} | changes)


def jwe() -> str:
    header = base64.urlsafe_b64encode(msgspec.json.encode({"alg": "RSA-OAEP", "enc": "A256GCM"})).rstrip(b"=").decode()
    return f"{header}.a2V5LWVuY3J5cHRlZA.aXYtaXYtaXY.Y2lwaGVydGV4dC1oZXJl.dGFnLXRhZw"


XOAUTH2 = f"user={USER}\x01auth=Bearer {jwt()}\x01\x01"
YA29 = "ya29.a0AfH6SMBx-not-a-real-token_0123456789"
ID_TOKEN = jwt("scp", "appid", aud=CLIENT, nonce="n-0S6_WzA2Mj", iss=f"https://login.microsoftonline.com/{TENANT}/v2.0")

# What is wrong with it, the host, the token, and what is said.
WRONG: tuple[tuple[str, str, str, DoubtKind, str], ...] = (
    ("expired", OWN, jwt("iss", exp=at(days=3)), DoubtKind.TOKEN_EXPIRED, "the token expired 3 days ago"),
    (
        "not valid yet", OWN, jwt("iss", nbf=at(hours=-5), exp=at(hours=-9)), DoubtKind.TOKEN_NOT_YET,
        "the token is not valid for another 5 hours: one of the clocks may be wrong",
    ),
    (
        "for Microsoft Graph", MICROSOFT, jwt(aud=GRAPH, scp="Mail.Send"), DoubtKind.TOKEN_AUDIENCE,
        "the token was made for Microsoft Graph; SMTP wants https://outlook.office.com/SMTP.Send",
    ),
    (
        "for an application of one's own", MICROSOFT, jwt(aud=f"api://{CLIENT}"), DoubtKind.TOKEN_AUDIENCE,
        "the token was made for another service; SMTP wants https://outlook.office.com/SMTP.Send",
    ),
    (
        "without the scope", MICROSOFT, jwt(scp="IMAP.AccessAsUser.All"), DoubtKind.TOKEN_SCOPE,
        "the token does not allow sending mail over SMTP: that wants https://outlook.office.com/SMTP.Send, "
        "or for an application the role SMTP.SendAsApp",
    ),
    (
        "without the role", MICROSOFT, application(roles=["IMAP.AccessAsApp"]), DoubtKind.TOKEN_SCOPE,
        "the token does not allow sending mail over SMTP",
    ),
    (
        "another provider's", MICROSOFT, YA29, DoubtKind.TOKEN_ISSUER,
        "the token was made by Google (Gmail, Workspace), and the server is one of Microsoft",
    ),
    (
        "a refresh token", OWN, "1//0dNotARealRefreshToken-0123456789", DoubtKind.TOKEN_KIND,
        "a refresh token was given in place of an access token",
    ),
    ("an id_token", MICROSOFT, ID_TOKEN, DoubtKind.TOKEN_KIND, "an id_token was given in place of an access token"),
    (
        "a client secret", GOOGLE, "GOCSPX-NotARealClientSecret0123", DoubtKind.TOKEN_KIND,
        "an application's client secret was given in place of an access token",
    ),
    (
        "an authorization code", GOOGLE, "4/0AX4XfWh-not-a-real-code-0123456789", DoubtKind.TOKEN_KIND,
        "an authorization code was given in place of an access token",
    ),
    (
        "the string of XOAUTH2", OWN, XOAUTH2, DoubtKind.TOKEN_FORM,
        "the token is given within the string that XOAUTH2 makes of it",
    ),
    (
        "that string in base64", OWN, base64.b64encode(XOAUTH2.encode()).decode(), DoubtKind.TOKEN_FORM,
        "the token is given within the string that XOAUTH2 makes of it",
    ),
    ("with Bearer", OWN, f"Bearer {jwt()}", DoubtKind.TOKEN_FORM, "the word Bearer is in front of the token"),
    ("in quotation marks", OWN, f'"{jwt()}"', DoubtKind.TOKEN_FORM, "the token is in quotation marks"),
    (
        "a token endpoint's reply", OWN, msgspec.json.encode({"access_token": jwt(), "expires_in": 3599}).decode(),
        DoubtKind.TOKEN_FORM, "the token is given within a token endpoint's reply",
    ),
    (
        "its refusal", OWN, '{"error":"invalid_grant","error_description":"AADSTS70000"}', DoubtKind.TOKEN_KIND,
        "a token endpoint's refusal was given in place of an access token",
    ),
    ("two tokens", OWN, f"{jwt()} {jwt(exp=1)}", DoubtKind.TOKEN_FORM, "or is more than one: expected one"),
    ("cut off", OWN, jwt()[:200].rpartition(".")[0] + ".eyJ", DoubtKind.TOKEN_FORM, "a part may be missing"),
    ("empty", OWN, "", DoubtKind.TOKEN_UNFILLED, "the token is empty"),
    (
        "an unexpanded variable", OWN, "$TOKEN", DoubtKind.TOKEN_UNFILLED,
        "the token is a variable or a placeholder that was never filled in",
    ),
    (
        "masked", OWN, "***", DoubtKind.TOKEN_UNFILLED,
        "the token is a variable or a placeholder that was never filled in",
    ),
)  # fmt: skip

# Nothing speaks surely against these: what, the host, the token, and what is doubted all the same.
RIGHT: tuple[tuple[str, str, str, tuple[DoubtKind, ...]], ...] = (
    ("delegated", MICROSOFT, jwt(), ()),
    ("by the service's number", MICROSOFT, jwt(aud=EXCHANGE), ()),
    ("an address with a slash", MICROSOFT, jwt(aud="https://outlook.office365.com/"), ()),
    ("an application's", MICROSOFT, application(), ()),
    ("for several services", MICROSOFT, jwt(aud=[GRAPH, EXCHANGE]), ()),
    ("within the clocks' difference", MICROSOFT, jwt(exp=at(minutes=2)), (DoubtKind.TOKEN_EXPIRED,)),
    ("soon valid", MICROSOFT, jwt(nbf=at(minutes=-2)), (DoubtKind.TOKEN_NOT_YET,)),
    ("another user's", MICROSOFT, jwt(upn="bob@example.org"), (DoubtKind.TOKEN_USER,)),
    ("a user in other letters", MICROSOFT, jwt(upn="ALICE@Example.org"), ()),
    ("for Graph, at a server that may ask Graph", OWN, jwt(aud=GRAPH), (DoubtKind.TOKEN_AUDIENCE,)),
    ("an id_token, at a server that may take it", OWN, ID_TOKEN, (DoubtKind.TOKEN_KIND,)),
    ("somebody's own", OWN, jwt(iss="https://sso.example.com/realms/mail", aud="mail", scp="openid"), ()),
    ("with a line break behind it", MICROSOFT, jwt() + "\r", (DoubtKind.TOKEN_FORM,)),
    ("Google's", GOOGLE, YA29, (DoubtKind.TOKEN_UNREADABLE,)),
    ("Microsoft's for persons", MICROSOFT, "EwB" + "4A8l6BAAU" * 20, (DoubtKind.TOKEN_UNREADABLE,)),
    ("encrypted", MICROSOFT, jwe(), (DoubtKind.TOKEN_UNREADABLE,)),
    ("opaque", OWN, "d6c0f3e2-opaque.2Fh", (DoubtKind.TOKEN_UNREADABLE,)),
)
