"""Rows of the auth check: sessions that end after EHLO or with the login."""

from __future__ import annotations

import msgspec

from smtpprobe.catalogue.login.tokens import token_record
from smtpprobe.model.login.secret import LoginRecord
from smtpprobe.model.transcript import Exchange, Phase, Transcript
from smtpprobe.testing.cases import CaseRequest
from smtpprobe.wire.reply_reader import parse_reply
from smtpprobe.wire.secret.password import read_password
from tests import tokens
from tests.finding_cases.row import NOW, Given, Played, Row
from tests.tokens import GOOGLE, MICROSOFT, OWN, USER, at, jwt

OPENED = "S: 220 mx.example.com\nC: EHLO client.example.org\n"
QUIT = "C: QUIT\nS: 221 2.0.0 Bye\nEOF\n"
SHORT = CaseRequest(quit_after=Phase.EHLO)
LOGIN = CaseRequest(user="alice@example.org", password="correct horse", insecure_auth=True, quit_after=Phase.AUTH)


def offered(line: str) -> Played:
    """The reply to EHLO has this line, in clear."""
    return Played(OPENED + f"S: 250-mx.example.com\nS: 250 {line}\n" + QUIT, SHORT)


def login(offer: str, *steps: str) -> Played:
    """A login in clear, after an offer of these mechanisms."""
    asked = msgspec.structs.replace(LOGIN, mech=steps[0].split()[2] if steps else None)
    return Played(OPENED + f"S: 250-mx.example.com\nS: 250 {offer}\n" + "\n".join((*steps, QUIT)), asked)


def scram(*said: tuple[str, bytes]) -> Given:
    """A login over TLS: commands and replies."""
    hello = Exchange(
        index=0,
        phase=Phase.EHLO,
        sent="EHLO client.example.org",
        reply=parse_reply(b"250 mx\r\n"),
        over_tls=True,
    )
    attempts = [
        Exchange(index=index, phase=Phase.AUTH, sent=sent, reply=parse_reply(reply), over_tls=True)
        for index, (sent, reply) in enumerate(said, 1)
    ]
    exchanges = (hello, *attempts)
    return Given(
        transcript=Transcript(address="192.0.2.1", port=587, started_at=NOW, complete=True, exchanges=exchanges)
    )


def with_secret(user: str = USER, *, token: str | None = None, password: str | None = None, host: str = OWN) -> Given:
    """A session that offered AUTH over TLS and did not come to it, with this secret at hand."""
    hello = Exchange(
        index=0,
        phase=Phase.EHLO,
        sent="EHLO client.example.org",
        reply=parse_reply(b"250-mx\r\n250 AUTH PLAIN XOAUTH2\r\n"),
        over_tls=True,
    )
    return Given(
        transcript=Transcript(
            address="192.0.2.1", host=host, port=587, started_at=tokens.NOW, complete=True, exchanges=(hello,)
        ),
        login=LoginRecord(
            user=user,
            password=read_password(password) if password is not None else None,
            token=token_record(token, user) if token is not None else None,
        ),
    )


def with_token(token: str, host: str = MICROSOFT) -> Given:
    return with_secret(token=token, host=host)


FIRST = ("AUTH SCRAM-SHA-256 ‹credentials›", b"334 cj0=\r\n")

ROWS = (
    Row("auth-offered-in-clear", offered("AUTH PLAIN"), offered("AUTH CRAM-MD5")),
    Row("auth-offered-in-clear", offered("AUTH CRAM-MD5 LOGIN"), offered("X-AUTH LOGIN")),
    Row(
        "auth-refused",
        login("AUTH PLAIN", "C: AUTH PLAIN *", "S: 535 5.7.8 No"),
        login("AUTH PLAIN", "C: AUTH PLAIN *", "S: 235 2.7.0 Ok"),
        ("auth-offered-in-clear",),
    ),
    Row(
        "auth-not-offered",
        login("SIZE"),
        login("AUTH PLAIN", "C: AUTH PLAIN *", "S: 235 2.7.0 Ok"),
        ("auth-offered-in-clear",),
    ),
    Row(
        "auth-not-offered",
        login("SIZE"),
        Played(login("SIZE").session, msgspec.structs.replace(LOGIN, user=None, quit_after=Phase.EHLO)),
    ),
    Row("auth-not-filled-in", with_secret(password="***"), with_secret(password="**a")),
    Row("auth-not-filled-in", with_secret(password=""), with_secret(password="x")),
    Row("auth-not-filled-in", with_secret("%USER%", password="x"), with_secret(password="x")),
    Row("auth-not-filled-in", with_token("$TOKEN"), with_token(jwt())),
    Row("auth-user-suspicious", with_secret("alice", password="x"), with_secret(password="x")),
    Row("auth-user-suspicious", with_secret(f"{USER} ", password="x"), with_secret(password="x")),
    Row("auth-password-suspicious", with_secret(password="x "), with_secret(password="x y")),
    Row("auth-password-suspicious", with_secret(password="abcd efgh ijkl mnop"), with_secret(password="abcd efgh")),
    Row("auth-token-expired", with_token(jwt(exp=at(minutes=1))), with_token(jwt(exp=at(minutes=-1)))),
    Row("auth-token-not-yet-valid", with_token(jwt(nbf=at(minutes=-1))), with_token(jwt(nbf=at(minutes=1)))),
    Row("auth-token-for-another-service", with_token(jwt(aud=tokens.GRAPH)), with_token(jwt(aud=tokens.EXCHANGE))),
    Row(
        "auth-token-for-another-service",
        with_token(tokens.YA29),
        with_token(tokens.YA29, GOOGLE),
        ("auth-token-unreadable",),
    ),
    Row("auth-token-without-scope", with_token(jwt(scp="SMTP.Read")), with_token(jwt(scp="smtp.send"))),
    Row("auth-no-access-token", with_token(tokens.ID_TOKEN), with_token(jwt())),
    Row(
        "auth-no-access-token",
        with_token("1//0dNotARealRefreshToken", OWN),
        with_token("1/0dNotARealRefreshToken", OWN),
        ("auth-token-unreadable",),
    ),
    Row("auth-token-malformed", with_token(f"Bearer {jwt()}"), with_token(jwt())),
    Row("auth-token-malformed", with_token(f"{jwt()}\n"), with_token(jwt())),
    Row(
        "auth-token-for-another-user",
        with_token(jwt(upn="bob@example.org")),
        with_token(jwt(upn="Alice@Example.ORG")),
    ),
    Row("auth-token-unreadable", with_token(tokens.jwe()), with_token(jwt())),
    Row("auth-old-form", offered("AUTH=CRAM-MD5"), offered("AUTH CRAM-MD5")),
    Row(
        "auth-server-unproved",
        scram(FIRST, ("‹credentials›", b"235 Ok\r\n")),
        scram(FIRST, ("‹credentials›", b"334 dj0=\r\n"), ("", b"235 Ok\r\n")),
    ),
    Row(
        "auth-server-unproved",
        scram(FIRST, ("‹credentials›", b"334 ZT1vdGhlci1lcnJvcg==\r\n"), ("", b"235 Ok\r\n")),  # e=other-error
        scram(FIRST, ("‹credentials›", b"334 ZT1vdGhlci1lcnJvcg==\r\n"), ("", b"535 No\r\n")),
        ("auth-refused",),
    ),
    Row(
        "auth-server-unproved",
        scram(("AUTH DIGEST-MD5", b"334 bm9uY2U9\r\n"), ("‹credentials›", b"235 Ok\r\n")),
        scram(("AUTH DIGEST-MD5", b"334 bm9uY2U9\r\n"), ("‹credentials›", b"334 cnNw\r\n"), ("", b"235 Ok\r\n")),
    ),
    Row(
        "auth-server-unproved",
        login("AUTH SCRAM-SHA-256", "C: AUTH SCRAM-SHA-256 *", "S: 235 2.7.0 Ok"),
        login("AUTH CRAM-MD5", "C: AUTH CRAM-MD5", "S: 334 PDEuMkBteC5leGFtcGxlLmNvbT4=", "C: *", "S: 235 2.7.0 Ok"),
    ),
)
