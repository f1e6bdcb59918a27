"""A server that plays a script (`smtpprobe.wire.script`) over real TCP, in the test's loop or in a thread beside it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from smtpprobe.testing.certificates import ServerCertificate, server_certificate
from smtpprobe.testing.in_thread import SyncContext
from smtpprobe.testing.player import Player, ScriptMismatch, Session
from smtpprobe.wire import script as notation

__all__ = ["ScriptMismatch", "ScriptedServer", "Session"]

_TURNS = 5  # of the loop, in which it takes a connection and reads what has arrived on it
_MAX_ROUNDS = 1000


class ScriptedServer(SyncContext):
    """Serves one script for each connection in turn, the last for all that follow; for `async with`, and for `with`.

    It listens at `host` and `port`, 0 for a free one.

    `segment` splits everything the server says into segments of so many octets, which a client in the same loop
    reads one by one (elsewhere TCP may join them). Leaving the context raises ScriptMismatch if a client departed from
    its script, unless `strict` is False. A client that goes away early is no mismatch, nor is one that never comes:
    `assert_played()` raises for these. `certificate` is a throw-away one if none is given and a script has a handshake.
    `asks_certificate`: the server demands a certificate of the client, and ends the handshake with an alert without one.
    """

    def __init__(
        self,
        *scripts: str,
        certificate: ServerCertificate | None = None,
        segment: int | None = None,
        asks_certificate: bool = False,
        host: str = "127.0.0.1",
        port: int = 0,
        strict: bool = True,
    ) -> None:
        self._scripts = [notation.parse(script) for script in scripts]
        if not self._scripts:
            raise ValueError("no script to play: expected at least one")
        if segment is not None and segment < 1:
            raise ValueError(f"{segment} is not a segment length: expected at least 1")
        has_tls = any(isinstance(step, notation.TlsHandshake) for steps in self._scripts for step in steps)
        self.certificate = certificate or (server_certificate() if has_tls else None)
        self._tls = self.certificate.server_context() if self.certificate else None
        if self._tls is not None and asks_certificate:
            self._tls.verify_mode = ssl.CERT_REQUIRED
        self._segment = segment
        self._strict = strict
        self._server: asyncio.Server | None = None
        self._players: list[Player] = []
        self.host = host
        self.port = port
        self.sessions: list[Session] = []

    @property
    def received(self) -> list[str]:
        """The client's lines of all sessions, in order of the sessions."""
        return [line for session in self.sessions for line in session.lines]

    @property
    def messages(self) -> list[EmailMessage]:
        """The messages of all sessions, in order of the sessions."""
        octets = [message for session in self.sessions for message in session.messages]
        return [message_from_bytes(each.replace(b"\r\n", b"\n"), policy=policy.default) for each in octets]

    def assert_played(self) -> None:
        """Raises ScriptMismatch unless a session came for each script and each session played its script to the end."""
        if not self.sessions:
            raise ScriptMismatch(f"no client came: expected {_counted('session', self._scripts)}")
        if len(self.sessions) < len(self._scripts):
            raise ScriptMismatch(f"{_counted('script', self._scripts)}, and {_counted('session', self.sessions)}")
        for number, session in enumerate(self.sessions, start=1):
            if session.mismatch:
                raise ScriptMismatch(session.mismatch)
            if not session.finished:
                point = f"before line {session.line}" if session.line else "before the client said anything"
                raise ScriptMismatch(f"session {number} ended {point}")

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._player, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        if error is None:
            await self._settle()
        self._server.close()
        for player in self._players:
            await player.stop()
        await self._server.wait_closed()
        failures = [player.error for player in self._players if player.error]
        if self._strict:
            failures += [ScriptMismatch(session.mismatch) for session in self.sessions if session.mismatch]
        if failures and error is None:
            raise failures[0]

    async def _settle(self) -> None:
        """Returns when what clients have sent until now is played, as far as their scripts go."""
        before: list[object] = [None]
        for _ in range(_MAX_ROUNDS):
            now: list[object] = [(len(each.octets), each.line, each.closed.is_set()) for each in self.sessions]
            if now == before:
                return
            before = now
            for _ in range(_TURNS):
                await asyncio.sleep(0)

    def _player(self) -> Player:
        steps = self._scripts[min(len(self.sessions), len(self._scripts) - 1)]
        self.sessions.append(Session())
        self._players.append(Player(steps, self.sessions[-1], self._tls, self._segment))
        return self._players[-1]


def _counted(noun: str, things: Sequence[object]) -> str:
    return f"{len(things)} {noun}" + ("" if len(things) == 1 else "s")
