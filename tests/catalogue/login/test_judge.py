"""What is said of user names, passwords and tokens before they are sent, and what of it is sure."""

from __future__ import annotations

import pytest

from smtpprobe.catalogue.login.judge import doubts
from smtpprobe.catalogue.login.tokens import token_record
from smtpprobe.model.login.doubt import DoubtKind
from smtpprobe.model.login.secret import LoginRecord, PasswordSource
from smtpprobe.wire.secret.password import read_password
from tests.tokens import GOOGLE, MICROSOFT, NOW, OWN, RIGHT, USER, WRONG, jwt


def of_token(token: str, host: str, user: str = USER):
    return doubts(LoginRecord(user=user, token=token_record(token, user)), host, NOW)


def of_password(password: str, user: str = USER):
    return doubts(LoginRecord(user=user, password=read_password(password, PasswordSource.FILE)), OWN, NOW)


@pytest.mark.parametrize(("host", "token", "kind", "words"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_token_that_surely_cannot_work(host, token, kind, words):
    (found,) = [each for each in of_token(token, host) if each.sure]
    assert found.kind is kind
    assert words in found.text


@pytest.mark.parametrize(("host", "token", "kinds"), [row[1:] for row in RIGHT], ids=[row[0] for row in RIGHT])
def test_a_token_that_may_work(host, token, kinds):
    found = of_token(token, host)
    assert tuple(each.kind for each in found) == kinds
    assert not any(each.sure for each in found)


@pytest.mark.parametrize(
    ("host", "token", "kinds"),
    [
        (GOOGLE, jwt(), [DoubtKind.TOKEN_ISSUER]),
        (GOOGLE, jwt(iss="https://accounts.google.com", aud="https://mail.google.com/"), [DoubtKind.TOKEN_KIND]),
        (GOOGLE, jwt(iss="https://accounts.google.com", at_hash="x"), [DoubtKind.TOKEN_KIND]),
        (GOOGLE, jwt(iss="mail@project.iam.gserviceaccount.com"), [DoubtKind.TOKEN_KIND]),
        (GOOGLE, "123456789012-abc.apps.googleusercontent.com", [DoubtKind.TOKEN_KIND]),
        (MICROSOFT, "abc8Q~0123456789_0123456789.0123456789~0", [DoubtKind.TOKEN_KIND]),
        (MICROSOFT, "0.AXkAx0123456789abcdefghij.AgABAwEAAAA", [DoubtKind.TOKEN_KIND]),
        (MICROSOFT, "M.C507_BAY.0.U.-CqhV!0123456789abcdefghij", [DoubtKind.TOKEN_KIND]),
        (MICROSOFT, jwt("scp"), [DoubtKind.TOKEN_SCOPE]),
        (MICROSOFT, jwt(exp=1, scp="Mail.Send"), [DoubtKind.TOKEN_EXPIRED, DoubtKind.TOKEN_SCOPE]),
        (OWN, "abc8Q~0123456789_0123456789.0123456789~0", [DoubtKind.TOKEN_KIND]),
        (OWN, "0.AXkAx0123456789abcdefghij.AgABAwEAAAA", []),
        (OWN, "abcdefghijklmnop", []),
        (MICROSOFT, jwt(iss="https://sso.example.com/"), []),
    ],
)
def test_what_is_sure_depends_on_whose_server_it_is(host, token, kinds):
    assert [each.kind for each in of_token(token, host) if each.sure] == kinds


def test_the_application_s_id_is_no_mailbox():
    found = of_token(jwt(), MICROSOFT, user=jwt_client())
    assert "the user name is the id of the token's application: SMTP wants the mailbox" in [each.text for each in found]


def jwt_client() -> str:
    from tests.tokens import CLIENT

    return CLIENT


@pytest.mark.parametrize(
    ("user", "password", "kinds", "sure"),
    [
        (USER, "correct horse", [], False),
        (USER, "", [DoubtKind.PASSWORD_EMPTY], True),
        (USER, "***", [DoubtKind.PASSWORD_UNFILLED], True),
        (USER, "${{ secrets.SMTP }}", [DoubtKind.PASSWORD_UNFILLED], True),
        (USER, "${SMTP}", [DoubtKind.PASSWORD_UNFILLED], True),
        (USER, "%SMTP%", [DoubtKind.PASSWORD_UNFILLED], True),
        (USER, "$SMTP", [DoubtKind.PASSWORD_VARIABLE], False),
        (USER, "secret\n", [DoubtKind.PASSWORD_LINE_BREAK], False),
        (USER, "sec\rret", [DoubtKind.PASSWORD_LINE_BREAK], False),
        (USER, " secret", [DoubtKind.PASSWORD_BLANK], False),
        (USER, "pässword", [DoubtKind.PASSWORD_NOT_ASCII], False),
        (USER, "abcd efgh ijkl mnop", [DoubtKind.PASSWORD_IN_GROUPS], False),
        (USER, "abcd-efgh-ijkl-mnop", [], False),
        (USER, "'secret'", [DoubtKind.PASSWORD_QUOTED], False),
        (USER, jwt(), [DoubtKind.PASSWORD_IS_TOKEN], False),
        ("alice", "secret", [DoubtKind.USER_WITHOUT_DOMAIN], False),
        ("alice@example.org\n", "secret", [DoubtKind.USER_BLANK], False),
        (" alice@example.org", "secret", [DoubtKind.USER_BLANK], False),
        ("älice@example.org", "secret", [DoubtKind.USER_NOT_ASCII], False),
        ("${{ secrets.SMTP_USER }}", "secret", [DoubtKind.USER_UNFILLED], True),
        ("%SMTP_USER%", "secret", [DoubtKind.USER_UNFILLED], True),
        ("<your username>", "secret", [DoubtKind.USER_UNFILLED], True),
    ],
)
def test_what_is_said_of_user_and_password(user, password, kinds, sure):
    found = of_password(password, user)
    assert [each.kind for each in found] == kinds
    assert any(each.sure for each in found) is sure


def test_nobody_logs_in():
    assert doubts(None, OWN, NOW) == ()


@pytest.mark.parametrize("token", [row[2] for row in (*WRONG, *RIGHT)])
def test_no_token_and_nothing_that_it_claims_is_said(token):
    said = repr(of_token(token, MICROSOFT)) + repr(token_record(token, USER))
    for secret in (token, "Liddell", "198.51.100.7", "bob@example.org", "6731de76", "6fd4b0f4", "sso.example.com"):
        assert len(secret) < 4 or secret not in said
