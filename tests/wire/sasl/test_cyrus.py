"""The mechanisms against a server of Cyrus SASL in a process of its own, if the library is installed."""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from smtpprobe.model.request import Credentials
from smtpprobe.wire import sasl
from tests.wire.sasl.test_mechanisms import said

HOST, BOUND = "mx.example.com", b"finished"
# The names of users, and their passwords.
USERS = {"tim": "pencil", "uma": "cärol-пароль", "lars": "pässwörd"}
NAMES = [
    "PLAIN",
    "LOGIN",
    "CRAM-MD5",
    "DIGEST-MD5",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256-PLUS",
]
# Of sasl.h.
_OK, _CONTINUE, _NO_MECHANISM = 0, 1, -4
_GET_OPTION, _CREATE, _CHANNEL_BINDING = 1, 1, 21


class Callback(ctypes.Structure):
    _fields_ = (("kind", ctypes.c_ulong), ("function", ctypes.c_void_p), ("context", ctypes.c_void_p))


class Binding(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p), ("critical", ctypes.c_int), ("length", ctypes.c_ulong), ("data", ctypes.c_char_p),
    )  # fmt: skip


class Cyrus:
    """The library with the users in a database of this directory."""

    def __init__(self, path: str, directory: str) -> None:
        self._library = ctypes.CDLL(path)
        options = {
            b"sasldb_path": f"{directory}/users".encode(), b"auxprop_plugin": b"sasldb", b"pwcheck_method": b"auxprop",
        }  # fmt: skip

        def option(_: Any, __: Any, name: bytes, found: Any, length: Any) -> int:
            if name not in options:
                return -1
            found[0] = options[name]
            if length:
                length[0] = len(options[name])
            return _OK

        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_char_p),
            ctypes.POINTER(ctypes.c_uint),
        )  # fmt: skip
        self._option = kind(option)
        self._callbacks = (Callback * 2)(Callback(_GET_OPTION, ctypes.cast(self._option, ctypes.c_void_p), None))
        assert self._library.sasl_server_init(self._callbacks, b"smtpprobe-tests") == _OK
        for user, password in USERS.items():
            octets = password.encode()
            assert (
                self._library.sasl_setpass(self._connection(), user.encode(), octets, len(octets), None, 0, _CREATE)
                == _OK
            )

    def _connection(self) -> ctypes.c_void_p:
        made, host = ctypes.c_void_p(), HOST.encode()
        begun = self._library.sasl_server_new(b"smtp", host, host, None, None, self._callbacks, 0, ctypes.byref(made))
        assert begun == _OK
        return made

    def talk(self, name: str, user: str, password: str, bound: bytes = BOUND) -> int:
        """The server's last result."""
        connection, binding = self._connection(), Binding(b"tls-unique", 0, len(BOUND), BOUND)
        plus = name.endswith("-PLUS")
        if plus:
            self._library.sasl_setprop(connection, _CHANNEL_BINDING, ctypes.byref(binding))
        peer = sasl.Peer(
            host=HOST, tls_version="TLSv1.2" if plus else None, bindings={"tls-unique": bound} if plus else {},
            offered=(name,),
        )  # fmt: skip
        responses = sasl.responses(name, Credentials(user, password), peer)
        challenge, length = ctypes.c_void_p(), ctypes.c_uint()
        response = said(responses)
        result = self._library.sasl_server_start(
            connection, name.encode(), response, len(response or b""), ctypes.byref(challenge), ctypes.byref(length)
        )
        while result == _CONTINUE:
            response = said(responses, ctypes.string_at(challenge, length.value) if challenge.value else b"")
            assert response is not None
            result = self._library.sasl_server_step(
                connection, response, len(response), ctypes.byref(challenge), ctypes.byref(length)
            )
        return int(result)


def main(path: str, directory: str) -> None:
    """Prints the result of each mechanism with each user, with a wrong password, and bound to another channel."""
    cyrus = Cyrus(path, directory)
    found = {f"{name} {user}": cyrus.talk(name, user, USERS[user]) for name in NAMES for user in USERS}
    found |= {f"{name} wrong": cyrus.talk(name, "tim", "eraser") for name in NAMES}
    found |= {f"{name} elsewhere": cyrus.talk(name, "tim", "pencil", b"of another") for name in NAMES[-2:]}
    print(json.dumps(found))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    path = ctypes.util.find_library("sasl2")
    if path is None:
        pytest.skip("Cyrus SASL is not installed")
    # The library keeps its options for as long as its process lives.
    command = [sys.executable, "-m", __name__, path, str(tmp_path_factory.mktemp("cyrus"))]
    root = Path(__file__).resolve().parents[3]
    ran = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    if not ran.stdout:
        pytest.skip(f"Cyrus SASL keeps no users here: {ran.stderr[-200:]}")
    found: dict[str, int] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_cyrus_accepts_what_it_should(results: dict[str, int], name: str) -> None:
    if results[f"{name} tim"] == _NO_MECHANISM:
        pytest.skip(f"this Cyrus SASL has no {name}")
    assert {user: results[f"{name} {user}"] for user in USERS} == dict.fromkeys(USERS, _OK)
    assert results[f"{name} wrong"] < _OK


@pytest.mark.parametrize("name", NAMES[-2:])
def test_cyrus_refuses_a_login_of_another_channel(results: dict[str, int], name: str) -> None:
    assert results[f"{name} elsewhere"] < _OK


if __name__ == "__main__":
    main(*sys.argv[1:])
