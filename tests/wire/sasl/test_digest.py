"""DIGEST-MD5: the examples of RFC 2831, what the server's challenge may be, and what is not answered."""

from __future__ import annotations

import hashlib

import pytest

from smtpprobe.model.request import Credentials
from smtpprobe.wire import sasl
from smtpprobe.wire.sasl.digest import digest
from tests.wire.sasl.test_mechanisms import exchange

# RFC 2831 §4: service, host, nonce, the client's nonce, response, the server's.
EXAMPLES = [
    (
        "imap", "OA6MG9tEQGm2hh", "OA6MHXh6VqTrRk",
        "d388dad90d4bbd760a152321f2143af7", "ea40f60335c427b5527b84dbabcdfffd",
    ),
    (
        "acap", "OA9BSXrbuRhWay", "OA9BSuZWMSpW8m",
        "6084c6db3fede7352c551284490fd0fc", "2f0b3d7c3c2e486600ef710726aa2eae",
    ),
]  # fmt: skip
REALM = "elwood.innosoft.com"
MX = sasl.Peer(host="mx.example.com")
BEGIN = 'nonce="n",algorithm=md5-sess'


@pytest.mark.parametrize(("service", "nonce", "own", "response", "rspauth"), EXAMPLES)
def test_both_sides_prove_the_password(service, nonce, own, response, rspauth):
    challenge = f'realm="{REALM}",nonce="{nonce}",qop="auth",algorithm=md5-sess,charset=utf-8'
    peer = sasl.Peer(host=REALM, service=service)
    said = exchange(
        digest(lambda: own), Credentials("chris", "secret"), [challenge.encode(), f"rspauth={rspauth}".encode()], peer
    )
    assert said == [
        None,
        f'username="chris",nonce="{nonce}",cnonce="{own}",realm="{REALM}",digest-uri="{service}/{REALM}",'
        f"nc=00000001,qop=auth,response={response},charset=utf-8".encode(),
        b"",
    ]


def answered(challenge: str | bytes, user: str = "chris", secret: str = "secret") -> bytes:
    octets = challenge if isinstance(challenge, bytes) else challenge.encode()
    answer = exchange(digest(lambda: "own"), Credentials(user, secret), [octets], MX)[1]
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("more", "user", "said"),
    [
        ("", "chris", b"cnonce"),
        (',realm=""', "chris", b'realm=""'),
        (',realm="one.example",realm="two.example"', "chris", b'realm="one.example"'),
        (',realm="one.example",realm="TWO.example"', "chris@two.example", b'realm="TWO.example"'),
        (',realm="one.example",realm="mx.example.com"', "chris@three.example", b'realm="mx.example.com"'),
        (r',realm="a \"b\" \\ c"', "chris", rb'realm="a \"b\" \\ c"'),
        (" , ,realm = token ,", "chris", b'realm="token"'),
        (',qop="auth-int, auth"', "chris", b"qop=auth,"),
        (",stale=true", "chris", b'nonce="n"'),
        (",stale=FALSE,x=y,maxbuf=65536", "chris", b'nonce="n"'),
        ("", 'a"b\\c', rb'username="a\"b\\c"'),
        ("", "grün", b'username="gr\xfcn"'),
        (",charset=utf-8", "grün", 'username="grün"'.encode()),
    ],
)
def test_what_a_challenge_may_have_is_answered(more, user, said):
    answer = answered(BEGIN + more, user)
    assert said in answer
    assert (b"realm=" in answer) is ("realm" in more)
    assert (b"charset=utf-8" in answer) is ("charset" in more)


@pytest.mark.parametrize(
    ("challenge", "complaint"),
    [
        (b"", "^the challenge has no nonce$"),
        ("algorithm=md5-sess", "has no nonce"),
        ('nonce="",algorithm=md5-sess', "has no nonce"),
        ('nonce="n"', "^the challenge has no algorithm$"),
        ('nonce="n",algorithm=md5', "^the challenge has algorithm='md5'; only md5-sess is known$"),
        (BEGIN + ',nonce="m"', "^the challenge has nonce more than once$"),
        (BEGIN + ",stale=true,stale=true", "stale more than once"),
        (BEGIN + ",charset=utf-8,charset=utf-8", "charset more than once"),
        (BEGIN + ",charset=latin-1", "charset='latin-1'; only utf-8 is known"),
        (BEGIN + ",stale=perhaps", "stale='perhaps'"),
        (
            BEGIN + ',qop="auth-int,auth-conf"',
            "^the server offers qop='auth-int,auth-conf', and only auth is used here",
        ),
        (BEGIN + ",realm=", "not a list of directives: 'realm='"),
        (BEGIN + ',realm="open', "not a list of directives"),
        ("hello", "not a list of directives: 'hello'"),
        ("x" * 2049, "longer than 2048 octets"),
    ],
)
def test_what_cannot_be_right_is_not_answered(challenge, complaint):
    with pytest.raises(sasl.SaslError, match=complaint):
        answered(challenge)


@pytest.mark.parametrize(("user", "secret"), [("ключ", "secret"), ("chris", "ключ")])
def test_without_utf_8_a_name_of_other_letters_cannot_be_sent(user, secret):
    with pytest.raises(sasl.SaslError, match="has characters that ISO 8859-1 has not, and the server takes no others"):
        answered(BEGIN, user, secret)


@pytest.mark.parametrize(
    ("user", "secret", "hashed"),
    [
        ("grün", "pä", "grün::pä".encode("latin-1")),
        ("ключ", "pä", "ключ::".encode() + "pä".encode("latin-1")),
        ("chris", "Ω", "chris::Ω".encode()),
    ],
)
def test_what_iso_8859_1_holds_is_digested_in_it(user, secret, hashed):
    """RFC 2831 §2.1.2.1."""
    session = hashlib.md5(hashlib.md5(hashed).digest() + b":n:own").hexdigest()
    method = hashlib.md5(b"AUTHENTICATE:smtp/mx.example.com").hexdigest()
    expected = hashlib.md5(f"{session}:n:00000001:own:auth:{method}".encode()).hexdigest()
    assert f"response={expected}".encode() in answered(BEGIN + ",charset=utf-8", user, secret)


@pytest.mark.parametrize(
    ("final", "complaint"),
    [
        (b"rspauth=00000000000000000000000000000000", "signature is wrong: it does not know this password"),
        (b"", "signature is wrong"),
        (b'nonce="m",stale=true', "says that its challenge has grown old"),
        (b'nonce="m"', "^the server challenges again$"),
    ],
)
def test_a_server_has_to_prove_itself(final, complaint):
    with pytest.raises(sasl.SaslError, match=complaint):
        exchange(digest(lambda: "own"), Credentials("chris", "secret"), [BEGIN.encode(), final], MX)
