"""What was given for a token, by its form alone; whatever it is, nothing is raised, and the secret in it is known."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.model.login.secret import TokenForm
from smtpprobe.testing.cases import unsigned
from smtpprobe.wire.secret.claims import MAX_TOKEN, read_claims
from smtpprobe.wire.secret.token import looks_like_token, parts_of, read_token
from tests.tokens import USER, XOAUTH2, jwe, jwt

TOKEN = jwt()


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (TOKEN, TokenForm.JWT),
        (f"{TOKEN}\n", TokenForm.JWT),
        (jwe(), TokenForm.JWE),
        ("ya29.x", TokenForm.OPAQUE),
        ("a.b.c", TokenForm.OPAQUE),
        ("", TokenForm.EMPTY),
        (" \n", TokenForm.EMPTY),
        ("$ACCESS_TOKEN", TokenForm.UNFILLED),
        ("${{ secrets.TOKEN }}", TokenForm.UNFILLED),
        ("<access token>", TokenForm.UNFILLED),
        (XOAUTH2, TokenForm.XOAUTH2),
        (f"user={USER}^Aauth=Bearer {TOKEN}^A^A", TokenForm.XOAUTH2),
        (f"n,a={USER},\x01host=h\x01auth=Bearer {TOKEN}\x01\x01", TokenForm.XOAUTH2),
        (base64.b64encode(XOAUTH2.encode()).decode(), TokenForm.XOAUTH2),
        (f"Bearer {TOKEN}", TokenForm.BEARER),
        (f"bearer\t{TOKEN}", TokenForm.BEARER),
        (f"Authorization: Bearer {TOKEN}", TokenForm.BEARER),
        (f"'Bearer {TOKEN}'", TokenForm.BEARER),
        (f"'{TOKEN}'", TokenForm.QUOTED),
        ("{", TokenForm.JSON),
        (json.dumps({"access_token": TOKEN}), TokenForm.JSON),
        (json.dumps({"error": "invalid_grant"}), TokenForm.ERROR),
        (f"{TOKEN} {TOKEN}", TokenForm.SEVERAL),
        (f"{TOKEN}\n{TOKEN}", TokenForm.SEVERAL),
        ("tökén", TokenForm.NOT_ASCII),
        (TOKEN.rpartition(".")[0], TokenForm.CUT_OFF),
        (TOKEN + "." + TOKEN, TokenForm.CUT_OFF),
    ],
)
def test_the_form(text, form):
    assert read_token(text).form is form


@pytest.mark.parametrize(
    ("claims", "field", "value"),
    [
        ({"exp": 1700000000}, "expires_at", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ({"exp": 1700000000.9}, "expires_at", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ({"exp": "soon"}, "expires_at", None),
        ({"exp": True}, "expires_at", None),
        ({"exp": 10**30}, "expires_at", None),
        ({"nbf": -(10**30)}, "not_before", None),
        ({"aud": "a"}, "audience", ("a",)),
        ({"aud": ["a", 5, None, "b"]}, "audience", ("a", "b")),
        ({"aud": {"a": 1}}, "audience", ()),
        ({"aud": ["a"] * 1000}, "audience", ("a",) * 200),
        ({"scp": "a b"}, "scopes", ("a", "b")),
        ({"scope": ["a", "b c"]}, "scopes", ("a", "b", "c")),
        ({"roles": ["a b"]}, "roles", ("a b",)),
        ({"upn": "a", "email": "b"}, "users", ("a", "b")),
        ({"iss": "x" * 5000}, "issuer", ""),
    ],
)
def test_claims_are_read_as_they_should_be_and_no_further(claims, field, value):
    found = read_claims(unsigned(claims))
    assert getattr(found, field) == value


def part(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "text",
    [
        "..", "...", "a.b.c", f"{part(b'{}')}.{part(b'{}')}.", f"{part(b'[]')}.{part(b'{}')}.x",
        f"{part(b'{')}.{part(b'{}')}.x", f"{part(b'{}')}.{part(b'[' * 100_000)}.x", f"{part(b'{}')}.!.x",
        part(b'{"alg":"none"}') + "." + part(b'{"a":' * 9_000 + b"1" + b"}" * 9_000) + ".x",
        part(b'{"alg":"none"}') + "." + part(b'{"a":"' + b"x" * MAX_TOKEN + b'"}') + ".x",
        part(b'{"alg":"none"}') + "." + part(b'{"a":"\xff"}') + ".x", part(b'{"alg":"none"}') + ".ä.x",
    ],
)  # fmt: skip
def test_what_is_no_jwt_is_none(text):
    assert read_claims(text) is None
    read_token(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(("iss", "aud", "exp", "nbf", "scp", "scope", "roles", "upn", "email", "appid", "nonce", "x"))


@given(claims=st.dictionaries(NAMES, JSON), header=st.dictionaries(st.sampled_from(("typ", "kid", "enc")), JSON))
def test_any_claims_are_read(claims, header):
    encoded = (part(json.dumps(each).encode("utf-8", "surrogatepass")) for each in ({"alg": "x"} | header, claims))
    found = read_token(".".join((*encoded, "c2ln")))
    assert found.form is TokenForm.JWT


@given(text=st.text(alphabet=st.characters(codec="utf-8")) | st.text(alphabet='{}".:eyJ0=\x01 \n$*'))
def test_any_text_has_a_form(text):
    found = read_token(text)
    assert (found.claims is not None) is (found.form is TokenForm.JWT)
    assert next(parts_of(text)) == text
    looks_like_token(text)


@pytest.mark.parametrize(
    "given",
    [
        f"Bearer {TOKEN}", f'"{TOKEN}"', f'"Bearer {TOKEN}"', XOAUTH2, base64.b64encode(XOAUTH2.encode()).decode(),
        f"user={USER}^Aauth=Bearer {TOKEN}^A^A", json.dumps({"access_token": TOKEN}), f"{TOKEN} {TOKEN}x", f" {TOKEN}\n",
    ],
)  # fmt: skip
def test_the_token_is_a_secret_without_what_is_around_it(given):
    found = set(parts_of(given))
    assert {given, TOKEN} <= found


def test_so_is_the_signature_which_makes_it_one():
    assert TOKEN.rpartition(".")[2] in set(parts_of(TOKEN))


def test_a_password_is_one_secret():
    assert list(parts_of("correct")) == ["correct"]
