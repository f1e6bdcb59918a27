"""The mechanisms against other people's servers in this process: scramp, GNU SASL and pyspnego, those that are installed."""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from smtpprobe.model.request import Credentials
from smtpprobe.net.login import security_context
from smtpprobe.wire import sasl
from smtpprobe.wire.sasl.preparation import prepared
from tests.wire.sasl.test_mechanisms import said

HOST = "mx.example.com"
PASSWORDS = ["pencil", "I\xadX \u2168 pässwörd", "cärol-пароль", 'with"quote\\back']
UNIQUE = sasl.Peer(host=HOST, tls_version="TLSv1.2", bindings={"tls-unique": b"finished message"})
SCRAM = ["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"]


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("name", SCRAM)
def test_scramp_accepts_what_it_should(name: str, password: str) -> None:
    scramp = pytest.importorskip("scramp")
    stored = scramp.ScramMechanism(name).make_auth_info(password, iteration_count=4096)
    server = scramp.ScramMechanism(name).make_server(
        lambda user: {"a,b=c": stored}[user], channel_binding=("tls-unique", b"finished message")
    )
    responses = sasl.responses(name, Credentials("a,b=c", password), offering(name))
    server.set_client_first(text(said(responses)))
    server.set_client_final(text(said(responses, server.get_server_first().encode())))
    assert said(responses, server.get_server_final().encode()) == b""


def offering(name: str) -> sasl.Peer:
    """What a server that can bind says: without its -PLUS form nobody would."""
    return sasl.Peer(host=HOST, tls_version="TLSv1.2", bindings=UNIQUE.bindings, offered=(name, f"{name}-PLUS"))


def text(response: bytes | None) -> str:
    assert response is not None
    return response.decode()


# Of gsasl.h.
_OK, _NEEDS_MORE, _NO_CALLBACK = 0, 1, 51
_PASSWORD, _REALM, _UNIQUE = 3, 11, 18
_AUTHENTICATION_ERROR = 31


class Gsasl:
    """A server of GNU SASL, which knows one password."""

    def __init__(self, library: Any, mechanism: str, password: str, unique: bytes | None = None) -> None:
        self._library = library
        self._context, self._session = ctypes.c_void_p(), ctypes.c_void_p()
        assert library.gsasl_init(ctypes.byref(self._context)) == _OK
        properties = {_PASSWORD: password.encode(), _REALM: HOST.encode(), _UNIQUE: unique}

        def answer(_: Any, session: Any, wanted: int) -> int:
            if properties.get(wanted) is None:
                return _NO_CALLBACK
            library.gsasl_property_set(ctypes.c_void_p(session), wanted, properties[wanted])
            return _OK

        self._callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)(answer)
        library.gsasl_callback_set(self._context, self._callback)
        started = library.gsasl_server_start(self._context, mechanism.encode(), ctypes.byref(self._session))
        if started != _OK:
            pytest.skip(f"this GNU SASL has no {mechanism}")

    def step(self, response: bytes) -> tuple[int, bytes]:
        """The result, and the challenge that follows."""
        challenge, length = ctypes.c_void_p(), ctypes.c_size_t()
        result = self._library.gsasl_step(
            self._session, response, ctypes.c_size_t(len(response)), ctypes.byref(challenge), ctypes.byref(length)
        )
        return result, ctypes.string_at(challenge, length.value) if challenge.value else b""

    def close(self) -> None:
        self._library.gsasl_finish(self._session)
        self._library.gsasl_done(self._context)


@pytest.fixture
def gsasl() -> Iterator[Callable[..., Gsasl]]:
    path = ctypes.util.find_library("gsasl")
    if path is None:
        pytest.skip("GNU SASL is not installed")
    library, made = ctypes.CDLL(path), []

    def start(*given: Any) -> Gsasl:
        made.append(Gsasl(library, *given))
        return made[-1]

    yield start
    for each in made:
        each.close()


def talked(server: Gsasl, name: str, password: str, peer: sasl.Peer) -> int:
    """The server's last result; the client stops where it has nothing more to say."""
    responses = sasl.responses(name, Credentials("tim", password), peer)
    response = said(responses)
    result, challenge = server.step(response or b"")
    while result == _NEEDS_MORE or (result == _OK and challenge):
        response = said(responses, challenge)
        if result == _OK:
            return _OK  # the client has judged the server's proof
        result, challenge = server.step(response or b"")
    return result


GSASL = ["CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"]


@pytest.mark.parametrize("password", PASSWORDS[:1] + PASSWORDS[2:])
@pytest.mark.parametrize("name", GSASL)
def test_gnu_sasl_accepts_what_it_should(gsasl: Callable[..., Gsasl], name: str, password: str) -> None:
    bound = name.endswith("-PLUS")
    server = gsasl(name, password, _encoded(UNIQUE.bindings["tls-unique"]) if bound else None)
    assert talked(server, name, password, offering(name) if bound else sasl.Peer(host=HOST)) == _OK


@pytest.mark.parametrize("name", GSASL)
def test_gnu_sasl_refuses_what_it_should(gsasl: Callable[..., Gsasl], name: str) -> None:
    bound = name.endswith("-PLUS")
    server = gsasl(name, "pencil", _encoded(UNIQUE.bindings["tls-unique"]) if bound else None)
    assert talked(server, name, "eraser", offering(name) if bound else sasl.Peer(host=HOST)) not in (_OK, _NEEDS_MORE)


@pytest.mark.parametrize("name", GSASL[-2:])
def test_gnu_sasl_refuses_a_login_of_another_channel(gsasl: Callable[..., Gsasl], name: str) -> None:
    server = gsasl(name, "pencil", _encoded(b"of another"))
    assert talked(server, name, "pencil", offering(name)) not in (_OK, _NEEDS_MORE)


def _encoded(octets: bytes) -> bytes:
    import base64

    return base64.b64encode(octets)


@pytest.mark.parametrize(("password", "accepted"), [("pässwörd", True), ("another", False)])
def test_pyspnego_takes_ntlm(password: str, accepted: bool, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    spnego = pytest.importorskip("spnego")
    users = tmp_path / "users"
    users.write_text("EXAMPLE:tim:pässwörd\n", "utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(users))
    server = spnego.server(protocol="ntlm")
    peer = sasl.Peer(host=HOST, security_context=security_context.begin)
    responses = sasl.responses("NTLM", Credentials("EXAMPLE\\tim", password), peer)
    assert said(responses) is None
    negotiate = said(responses, b"ntlm supported")
    authenticate = said(responses, server.step(negotiate))
    if accepted:
        server.step(authenticate)
        assert server.complete
    else:
        with pytest.raises(spnego.exceptions.SpnegoError):
            server.step(authenticate)


def test_without_the_package_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "spnego", None)
    peer = sasl.Peer(host=HOST, security_context=security_context.begin)
    for name, extra in (("NTLM", "ntlm"), ("GSSAPI", "kerberos")):
        with pytest.raises(sasl.SaslError, match=rf"package that is not installed: pip install 'smtpprobe\[{extra}\]'"):
            said(sasl.responses(name, Credentials("tim", "pencil"), peer))


class Context:
    """A security context that is established after one token of the server's, and wraps in brackets."""

    def __init__(self) -> None:
        self.complete = False

    def step(self, token: bytes | None) -> bytes:
        self.complete = token is not None
        return b"" if token else b"ticket"

    def wrap(self, octets: bytes) -> bytes:
        return b"[" + octets + b"]"

    def unwrap(self, octets: bytes) -> bytes:
        return octets[1:-1]


WITH_CONTEXT = sasl.Peer(host=HOST, security_context=lambda *_: Context())


def test_gssapi_agrees_on_no_security_layer() -> None:
    """RFC 4752 §3.1."""
    responses = sasl.responses("GSSAPI", Credentials("tim", ""), WITH_CONTEXT)
    assert said(responses) == b"ticket"
    assert said(responses, b"reply") == b""
    assert said(responses, b"[\x07\x00\x10\x00]") == b"[\x01\x00\x00\x00]"


@pytest.mark.parametrize(
    ("offer", "complaint"),
    [(b"[\x06\x00\x10\x00]", "wants a security layer"), (b"[\x07]", "is not four octets"), (b"", "is not four octets")],
)
def test_a_security_layer_is_refused(offer: bytes, complaint: str) -> None:
    responses = sasl.responses("GSSAPI", Credentials("tim", ""), WITH_CONTEXT)
    said(responses), said(responses, b"reply")
    with pytest.raises(sasl.SaslError, match=complaint):
        said(responses, offer)


def test_a_challenge_that_is_not_ntlm_is_not_answered() -> None:
    responses = sasl.responses("NTLM", Credentials("tim", "pencil"), WITH_CONTEXT)
    said(responses), said(responses, b"")
    with pytest.raises(sasl.SaslError, match="the server's NTLM challenge is not one"):
        said(responses, b"hello")


def test_the_password_is_prepared_as_scramp_does() -> None:
    core = pytest.importorskip("scramp.core")
    for each in PASSWORDS:
        assert prepared(each, "the password") == core.saslprep(each)
