"""The mechanisms against the examples of their RFCs."""

from __future__ import annotations

import base64
from functools import partial

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.model.request import Credentials
from smtpprobe.wire import sasl
from smtpprobe.wire.sasl.scram import scram

PEER = sasl.Peer(host="server.example.com")
TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="


def said(responses, challenge: bytes | None = None) -> bytes | None:
    """The next response, behind what is to be hidden."""
    found = next(responses) if challenge is None else responses.send(challenge)
    while isinstance(found, sasl.Derived):
        found = next(responses)
    return found


def exchange(
    mechanism, credentials: Credentials, challenges: list[bytes], peer: sasl.Peer = PEER
) -> list[bytes | None]:
    """What the client says, challenge by challenge, the initial response first."""
    responses = mechanism(credentials, peer)
    return [said(responses), *(said(responses, challenge) for challenge in challenges)]


# Mechanism, user name, secret, the server's challenges, the client's responses (None: no initial response).
EXAMPLES = [
    ("PLAIN", "tim", "tanstaaftanstaaf", [], [b"\0tim\0tanstaaftanstaaf"]),  # RFC 4616 §4
    ("PLAIN", "grün", "pä\0ss", [], ["\0grün\0pä\0ss".encode()]),
    ("LOGIN", "tim", "secret", [b"Username:", b"anything"], [None, b"tim", b"secret"]),
    ("LOGIN-INITIAL", "tim", "secret", [b"anything"], [b"tim", b"secret"]),
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
    # The others have tables, or a file, of their own.
    elsewhere = {"DIGEST-MD5", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "NTLM", "GSSAPI"}
    assert {name for name, *_ in EXAMPLES} | scram_names | elsewhere == set(sasl.MECHANISMS)


def test_scram_escapes_the_user_name_and_makes_a_new_nonce_each_time():
    first, second = (said(scram("sha256")(Credentials("a,b=c", "x"), PEER)) for _ in range(2))
    assert first.startswith(b"n,,n=a=2Cb=3Dc,r=")
    assert first != second
    assert len(first.partition(b",r=")[2]) >= 24


# RFC 4013 §3, and a no-break space.
@pytest.mark.parametrize(
    ("user", "prepared"),
    [("I\xadX", "IX"), ("user", "user"), ("\u2168", "IX"), ("\xaa", "a"), ("a\xa0b", "a b"), ("a\u1680b", "a b")],
)
def test_scram_prepares_the_user_name(user, prepared):
    initial = said(scram("sha1", lambda: "nonce")(Credentials(user, "x"), PEER))
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


@pytest.mark.parametrize("challenges", [[b"e=other-error"], [f"r={NONCE}x,s=QSXCR+Q6sek8bf92,i=4096".encode(), b"e=x"]])
def test_an_error_that_scram_is_told_is_acknowledged(challenges):
    """RFC 5802 §7; the reply behind it says whether the password was wrong."""
    assert exchange(scram("sha1", lambda: NONCE), Credentials("user", "pencil"), challenges)[-1] == b""


BINDINGS = {"tls-unique": b"finished", "tls-server-end-point": b"certificate"}
TLS_12 = sasl.Peer(host="mx.example.com", tls_version="TLSv1.2", bindings=BINDINGS)
TLS_13 = sasl.Peer(host="mx.example.com", tls_version="TLSv1.3", bindings={"tls-exporter": b"exported"})
OFFERED = msgspec.structs.replace(TLS_12, offered=("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"))


@pytest.mark.parametrize(
    ("plus", "peer", "header", "bound"),
    [
        (False, PEER, b"n,,", b""),  # in clear nothing can be bound
        (False, TLS_12, b"y,,", b""),
        (False, TLS_13, b"y,,", b""),
        (False, msgspec.structs.replace(TLS_13, bindings={"tls-server-end-point": b"x"}), b"n,,", b""),
        (False, OFFERED, b"n,,", b""),
        (True, OFFERED, b"p=tls-unique,,", b"finished"),
        (True, TLS_13, b"p=tls-exporter,,", b"exported"),
        (
            True,
            msgspec.structs.replace(TLS_12, binding="tls-server-end-point"),
            b"p=tls-server-end-point,,",
            b"certificate",
        ),
    ],
)
def test_scram_says_whether_it_is_bound_to_the_channel(plus, peer, header, bound):
    challenge = f"r={NONCE}x,s=QSXCR+Q6sek8bf92,i=4096".encode()
    first, final = exchange(scram("sha1", lambda: NONCE, plus=plus), Credentials("user", "pencil"), [challenge], peer)
    assert first.startswith(header + b"n=user,r=")
    assert final.startswith(b"c=" + base64.b64encode(header + bound) + b",r=")


@pytest.mark.parametrize(
    ("peer", "complaint", "needs"),
    [
        (PEER, "^it is bound to TLS, and the connection has none$", None),
        (
            msgspec.structs.replace(TLS_13, bindings=BINDINGS),
            "^tls-exporter over TLS 1.3 cannot be computed here, so it is not testable; "
            "some servers take tls-server-end-point, tls-unique instead$",
            "channel_binding",
        ),
        (
            msgspec.structs.replace(TLS_12, bindings={}),
            "^tls-unique over TLS 1.2 cannot be computed here, so it is not testable$",
            None,
        ),
    ],
)
def test_what_cannot_be_bound_is_not_sent(peer, complaint, needs):
    with pytest.raises(sasl.SaslError, match=complaint) as caught:
        said(sasl.responses("SCRAM-SHA-256-PLUS", Credentials("user", "pencil"), peer))
    assert caught.value.needs == needs


@pytest.mark.parametrize("name", sorted(set(sasl.MECHANISMS) - {"NTLM", "GSSAPI"}))
@given(challenges=st.lists(st.binary(max_size=60), max_size=5))
def test_any_challenges_end_in_a_response_an_error_or_the_end(name, challenges):
    responses = sasl.responses(name, Credentials("user", "pencil"), OFFERED)
    said(responses)
    for challenge in challenges:
        try:
            assert isinstance(said(responses, challenge), bytes)
        except (sasl.SaslError, StopIteration):
            return
    assert len(challenges) < 3


@pytest.mark.parametrize(
    ("offered", "secure", "chosen"),
    [
        (("CRAM-MD5", "LOGIN", "PLAIN"), True, "PLAIN"),
        (("SCRAM-SHA-256", "CRAM-MD5", "LOGIN"), True, "LOGIN"),
        (("CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"), True, "SCRAM-SHA-256"),
        (("CRAM-MD5", "DIGEST-MD5"), True, None),
        (("PLAIN", "LOGIN", "CRAM-MD5"), False, None),
        (("PLAIN", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "SCRAM-SHA-256"), False, "SCRAM-SHA-256"),
        (("PLAIN", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"), False, "SCRAM-SHA-1"),
        (("PLAIN", "SCRAM-SHA-1-PLUS"), False, "SCRAM-SHA-1-PLUS"),
        (("XOAUTH2", "EXTERNAL", "GSSAPI", "NTLM", "LOGIN-INITIAL"), True, None),
        ((), True, None),
    ],
)
def test_one_mechanism_is_chosen(offered, secure, chosen):
    assert sasl.choose(offered, secure=secure) == chosen


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (("CRAM-MD5", "PLAIN"), "PLAIN"),
        (("DIGEST-MD5", "CRAM-MD5"), "CRAM-MD5"),
        (("NTLM", "SCRAM-SHA-1"), "SCRAM-SHA-1"),
    ],
)
def test_if_each_is_asked_for_the_channel_does_not_matter(offered, chosen):
    assert sasl.choose(offered, secure=False, every=True) == chosen


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
    for name in set(sasl.MECHANISMS) - {"NTLM", "GSSAPI"}:
        initial = said(sasl.responses(name, Credentials("grün@example.org", "pä ss"), OFFERED))
        assert initial is None or base64.b64encode(initial), name
