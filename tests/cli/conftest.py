"""Runs the command line against servers in a thread, and a name server that knows nothing."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import pytest

from smtpprobe.catalogue import language
from smtpprobe.cli import app
from smtpprobe.testing.aiosmtpd_server import AiosmtpdServer, Behaviour
from smtpprobe.testing.server import ScriptedServer
from tests import decisions

LANGUAGE_VARIABLES = ("SMTPPROBE_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


@pytest.fixture(scope="session")
def nothing_known() -> Iterator[str]:
    """The address of a name server that answers NXDOMAIN to every question."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            octets, peer = server.recvfrom(65535)
            if octets == b"stop":
                return
            answer = dns.message.make_response(dns.message.from_wire(octets))
            answer.flags |= dns.flags.RA
            answer.set_rcode(dns.rcode.NXDOMAIN)
            server.sendto(answer.to_wire(), peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.getsockname()[1]}"
    server.sendto(b"stop", server.getsockname())
    thread.join()
    server.close()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, nothing_known: str) -> Iterator[None]:
    ours = [name for name in os.environ if name.startswith("SMTPPROBE_") and name != decisions.NOTES]
    for name in (*ours, "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", *LANGUAGE_VARIABLES):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SMTPPROBE_RESOLVER", nothing_known)
    yield
    language.choose(language.SOURCE)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Callable[..., Ran]:
    """Runs the command line in this process; notes what was decided where tests/test_pseudo_locale.py asks for it."""

    def run(*arguments: str) -> Ran:
        capsys.readouterr()
        code = app.run(list(arguments))
        captured = capsys.readouterr()
        decisions.note(request.node.nodeid, code, captured.out)
        return Ran(code, captured.out, captured.err)

    return run


@contextmanager
def served(behaviour: str | Behaviour) -> Iterator[str]:
    """HOST:PORT of a server in a thread of its own: aiosmtpd that behaves so, or one that plays a script."""
    scripted = isinstance(behaviour, str)
    with ScriptedServer(behaviour, strict=False) if scripted else AiosmtpdServer(behaviour) as server:
        yield f"127.0.0.1:{server.port}"


@pytest.fixture
def closed_port() -> str:
    """HOST:PORT where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"
