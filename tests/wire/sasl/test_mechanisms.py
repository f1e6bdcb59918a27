"""The mechanisms against the examples of their RFCs."""

from __future__ import annotations

import base64
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.model.request import Credentials
from smtpprobe.wire import sasl
from smtpprobe.wire.sasl.scram import scram

HOST = "server.example.com"
TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="


def exchange(mechanism, credentials: Credentials, challenges: list[bytes]) -> list[bytes | None]:
    """What the client says, challenge by challenge, the initial response first."""
    responses = mechanism(credentials, HOST)
    return [next(responses), *(responses.send(challenge) for challenge in challenges)]


# Mechanism, user name, secret, the server's challenges, the client's responses (None: no initial response).
EXAMPLES = [
    ("PLAIN", "tim", "tanstaaftanstaaf", [], [b"\0tim\0tanstaaftanstaaf"]),  # RFC 4616 §4
    ("PLAIN", "grün", "pä\0ss", [], ["\0grün\0pä\0ss".encode()]),
    ("LOGIN", "tim", "secret", [b"Username:", b"anything"], [None, b"tim", b"secret"]),
    (
        "CRAM-MD5",  # RFC 2195 §2
        "tim",
        "tanstaaftanstaaf",
        [b"<1896.697170952@postoffice.reston.mci.net>"],
        [None, b"tim b913a602c7eda7a495b4e6e7334d3890"],
    ),
    (
        "OAUTHBEARER",  # RFC 7628 §4.1, without the optional port
        "user@example.com",
        TOKEN,
        [b'{"status":"invalid_token"}'],
        [b"n,a=user@example.com,\x01host=server.example.com\x01auth=Bearer " + TOKEN.encode() + b"\x01\x01", b"\x01"],
    ),
    ("OAUTHBEARER", "a,b=c", "t", [], [b"n,a=a=2Cb=3Dc,\x01host=server.example.com\x01auth=Bearer t\x01\x01"]),
    ("XOAUTH2", "a@example.com", "t", [b"{}"], [b"user=a@example.com\x01auth=Bearer t\x01\x01", b""]),
    ("EXTERNAL", "", "", [], [b""]),
    ("EXTERNAL", "fred@example.com", "", [], [b"fred@example.com"]),
    ("ANONYMOUS", "sirhc", "", [], [b"sirhc"]),  # RFC 4505 §4
]


@pytest.mark.parametrize(("name", "user", "secret", "challenges", "responses"), EXAMPLES)
def test_a_mechanism_says_what_its_standard_says(name, user, secret, challenges, responses):
    assert exchange(partial(sasl.responses, name), Credentials(user, secret), challenges) == responses


SCRAM = [
    # RFC 5802 §5
    (
        "sha1",
        "fyko+d2lbbFgONRv9qkxdawL",
        "3rfcNHYJY1ZVvWVs7j",
        "QSXCR+Q6sek8bf92",
        "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        "rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    ),
    # RFC 7677 §3
    (
        "sha256",
        "rOprNGfwEbeRWgbNEkqO",
        "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
        "W22ZaJ0SNY7soEsUEjb6gQ==",
        "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    ),
]


@pytest.mark.parametrize(("hash_name", "nonce", "more", "salt", "proof", "signature"), SCRAM)
def test_scram_proves_the_password_and_checks_the_server(hash_name, nonce, more, salt, proof, signature):
    mechanism = scram(hash_name, lambda: nonce)
    challenges = [f"r={nonce}{more},s={salt},i=4096".encode(), f"v={signature}".encode()]
    assert exchange(mechanism, Credentials("user", "pencil"), challenges) == [
        f"n,,n=user,r={nonce}".encode(),
        f"c=biws,r={nonce}{more},p={proof}".encode(),
        b"",
    ]


def test_every_mechanism_has_an_example():
    scram_names = {f"SCRAM-{hash_name.upper().replace('SHA', 'SHA-')}" for hash_name, *_ in SCRAM}
    assert {name for name, *_ in EXAMPLES} | scram_names == set(sasl.MECHANISMS)


def test_scram_escapes_the_user_name_and_makes_a_new_nonce_each_time():
    first, second = (next(scram("sha256")(Credentials("a,b=c", "x"), HOST)) for _ in range(2))
    assert first.startswith(b"n,,n=a=2Cb=3Dc,r=")
    assert first != second
    assert len(first.partition(b",r=")[2]) >= 24


# RFC 4013 §3, and a no-break space.
@pytest.mark.parametrize(
    ("user", "prepared"),
    [("I\xadX", "IX"), ("user", "user"), ("\u2168", "IX"), ("\xaa", "a"), ("a\xa0b", "a b"), ("a\u1680b", "a b")],
)
def test_scram_prepares_the_user_name(user, prepared):
    initial = next(scram("sha1", lambda: "nonce")(Credentials(user, "x"), HOST))
    assert initial == f"n,,n={prepared},r=nonce".encode()


NONCE = "fyko+d2lbbFgONRv9qkxdawL"
SIGNATURE = "^the server's signature is wrong: it does not know this password$"


@pytest.mark.parametrize(
    ("challenges", "complaint"),
    [
        ([b""], "nonce"),
        ([b"garbage \xff\xfe"], "nonce"),
        ([b"r=another,s=QSXCR+Q6sek8bf92,i=4096"], "^the server's nonce does not start with the client's$"),
        ([f"r={NONCE},s=QSXCR+Q6sek8bf92,i=4096".encode()], "nonce"),
        ([f"r={NONCE}x,s=QSXCR+Q6sek8bf92,i=0".encode()], "iteration count"),
        ([f"r={NONCE}x,s=QSXCR+Q6sek8bf92,i=999999999".encode()], "more than the 600000"),
        ([f"r={NONCE}x,s=QSXCR+Q6sek8bf92,i=1000000000".encode()], "not a usable number"),
        ([f"r={NONCE}x,s=QSXCR+Q6sek8bf92,i={'1' * 21}".encode()], "count '1{19}…' is not a usable number"),
        ([f"r={NONCE}x,s=QSXCR+Q6sek8bf92,i=600001".encode()], "more than the 600000"),
        ([f"r={NONCE}x,s=QSXCR+Q6sek8bf92,i=٤٠٩٦".encode()], "not a usable number"),
        ([f"m=odd,r={NONCE}x,s=QSXCR+Q6sek8bf92,i=4096".encode()], "extension 'odd'"),
        ([f"m={'o' * 41},r={NONCE}x".encode()], "extension 'o{39}…'"),
        ([f"r={NONCE}x,s=QSXCR+Q6sek8bf92".encode()], "iteration count"),
        ([f"r={NONCE}x,s=QSXCR+Q6sek8bf92,i={'9' * 5000}".encode()], "iteration count"),
        ([f"r={NONCE}x,s=****,i=4096".encode()], "not base64"),
        ([f"r={NONCE}x,s={'*' * 41}".encode()], r"^'\*{39}…' is not base64"),
        ([f"r={NONCE}x,s=QSXCR+Q6sek8bf92,i=4096".encode(), b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ="], SIGNATURE),
        ([f"r={NONCE}x,s=QSXCR+Q6sek8bf92,i=4096".encode(), b""], SIGNATURE),
        ([f"r={NONCE}x,s=QSXCR+Q6sek8bf92,i=4096".encode(), b"e=invalid-proof"], "'invalid-proof'"),
        ([f"r={NONCE}x,s=QSXCR+Q6sek8bf92,i=4096".encode(), b"e=" + b"x" * 41], "says 'x{39}…'"),
    ],
)
def test_scram_trusts_no_server_that_is_wrong(challenges, complaint):
    with pytest.raises(sasl.SaslError, match=complaint):
        exchange(scram("sha1", lambda: NONCE), Credentials("user", "pencil"), challenges)


@pytest.mark.parametrize("rest", [b"i=1", b"i=4096", b"i=1,x=\xff"])
def test_scram_answers_what_it_can_compute(rest, monkeypatch):
    monkeypatch.setattr("smtpprobe.wire.sasl.scram.MAX_ITERATIONS", 4096)
    challenge = f"r={NONCE}x,s=QSXCR+Q6sek8bf92,".encode() + rest
    _, response = exchange(scram("sha1", lambda: NONCE), Credentials("user", "pencil"), [challenge])
    assert response.startswith(f"c=biws,r={NONCE}x,p=".encode())


@pytest.mark.parametrize("name", sasl.MECHANISMS)
@given(challenges=st.lists(st.binary(max_size=60), max_size=5))
def test_any_challenges_end_in_a_response_an_error_or_the_end(name, challenges):
    responses = sasl.responses(name, Credentials("user", "pencil"), HOST)
    next(responses)
    for challenge in challenges:
        try:
            assert isinstance(responses.send(challenge), bytes)
        except (sasl.SaslError, StopIteration):
            return
    assert len(challenges) < 3


@pytest.mark.parametrize(
    ("offered", "secure", "chosen"),
    [
        (("CRAM-MD5", "PLAIN", "LOGIN"), True, "PLAIN"),
        (("CRAM-MD5", "PLAIN", "LOGIN"), False, "CRAM-MD5"),
        (("PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"), False, "SCRAM-SHA-256"),
        (("LOGIN",), False, "LOGIN"),
        (("XOAUTH2", "EXTERNAL", "GSSAPI"), True, None),
        ((), True, None),
    ],
)
def test_one_mechanism_is_chosen(offered, secure, chosen):
    assert sasl.choose(offered, secure=secure) == chosen


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (("PLAIN", "OAUTHBEARER", "XOAUTH2"), "XOAUTH2"),
        (("PLAIN", "OAUTHBEARER"), "OAUTHBEARER"),
        (("PLAIN", "LOGIN"), None),
        ((), None),
    ],
)
def test_a_token_has_mechanisms_of_its_own(offered, chosen):
    assert sasl.choose_for_token(offered) == chosen


def test_every_response_can_be_sent_as_base64():
    for name in sasl.MECHANISMS:
        initial = next(sasl.responses(name, Credentials("grün@example.org", "pä ss"), HOST))
        assert initial is None or base64.b64encode(initial), name
