"""A server that plays a script (`smtpprobe.wire.script`) over real TCP, in the loop of the test."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from types import TracebackType
from typing import Self, cast

from smtpprobe.testing.certificates import ServerCertificate, server_certificate
from smtpprobe.wire import script as notation

_LINGER_RESET = struct.pack("ii", 1, 0)
_REPEAT_SEGMENT = 4096


class ScriptMismatch(AssertionError):
    """The client did something else than the script says."""


class Session:
    """What one connection brought. `lines` are the client's lines without CRLF, `octets` everything as received.

    `over_tls` says of each line whether it came encrypted. `finished`: the script was played to its last step.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.over_tls: list[bool] = []
        self.octets = b""
        self.finished = False
        self.mismatch: str | None = None
        self.handshake_error: str | None = None
        self.closed = asyncio.Event()


class ScriptedServer:
    """Serves one script for each connection in turn, the last for all that follow; an async context manager.

    `segment` splits everything the server says into segments of so many octets, which a client in the same loop
    reads one by one (elsewhere TCP may join them). Leaving the context raises
    ScriptMismatch where a client departed from its script, unless `strict` is False; a client that goes away early
    does not. `certificate` is a throw-away one where none is given and a script has a handshake.
    """

    def __init__(
        self,
        *scripts: str,
        certificate: ServerCertificate | None = None,
        segment: int | None = None,
        host: str = "127.0.0.1",
        strict: bool = True,
    ) -> None:
        self._scripts = [notation.parse(script) for script in scripts]
        if not self._scripts:
            raise ValueError("no script to play: expected at least one")
        if segment is not None and segment < 1:
            raise ValueError(f"{segment} is no length of a segment: expected at least 1")
        has_tls = any(isinstance(step, notation.TlsHandshake) for steps in self._scripts for step in steps)
        self.certificate = certificate or (server_certificate() if has_tls else None)
        self._tls = self.certificate.server_context() if self.certificate else None
        self._segment = segment
        self._strict = strict
        self._server: asyncio.Server | None = None
        self._players: list[_Player] = []
        self.host = host
        self.port = 0
        self.sessions: list[Session] = []

    @property
    def received(self) -> list[str]:
        """The client's lines of all sessions, in order of the sessions."""
        return [line for session in self.sessions for line in session.lines]

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._player, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for player in self._players:
            await player.stop()
        await self._server.wait_closed()
        failures = [player.error for player in self._players if player.error]
        if self._strict:
            failures += [ScriptMismatch(session.mismatch) for session in self.sessions if session.mismatch]
        if failures and error is None:
            raise failures[0]

    def _player(self) -> _Player:
        steps = self._scripts[min(len(self.sessions), len(self._scripts) - 1)]
        self.sessions.append(Session())
        self._players.append(_Player(steps, self.sessions[-1], self._tls, self._segment))
        return self._players[-1]


class _Player(asyncio.Protocol):
    """One connection: what arrives is kept in a buffer, from which the steps of the script take."""

    def __init__(
        self, steps: tuple[notation.ScriptStep, ...], session: Session, tls: ssl.SSLContext | None, segment: int | None
    ) -> None:
        self._steps = steps
        self._session = session
        self._tls = tls
        self._segment = segment
        self._transport: asyncio.Transport | None = None
        self._connection: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None
        self._buffer = bytearray()
        self._pending = bytearray()
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._encrypted = False
        self._gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = self._connection = cast(asyncio.Transport, transport)
        if self._task is None:
            if _handshake_comes_next(self._steps):
                self._transport.pause_reading()
            self._task = asyncio.get_running_loop().create_task(self._play())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._session.octets += data
        self._arrived.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone = True
        self._arrived.set()
        self._writable.set()
        self._session.closed.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    async def stop(self) -> None:
        """Ends the connection, whatever the script is at."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._connection is not None and not self._gone:
            self._connection.abort()
            await self._session.closed.wait()

    @property
    def error(self) -> BaseException | None:
        """What went wrong in the player itself."""
        if self._task is None or not self._task.done() or self._task.cancelled():
            return None
        return self._task.exception()

    async def _play(self) -> None:
        assert self._transport is not None
        try:
            for position, step in enumerate(self._steps):
                await self._do(step, self._steps[position + 1 :])
            self._session.finished = True
            while not self._gone:
                await self._line(None)
        except ConnectionError:
            pass
        except ScriptMismatch as mismatch:
            self._session.mismatch = str(mismatch)
            self._transport.close()

    async def _do(self, step: notation.ScriptStep, following: tuple[notation.ScriptStep, ...]) -> None:
        assert self._transport is not None
        match step:
            case notation.ServerSays(octets=octets):
                await self._say(octets, following)
            case notation.ServerRepeats(octets=octets):
                await self._repeat(octets)
            case notation.ClientSays(line=number, pattern=pattern):
                line = await self._line(number)
                if not notation.matches(pattern, line):
                    raise ScriptMismatch(f"line {number}: expected {pattern!r}, the client said {line!r}")
            case notation.ClientSends(line=number, octets=octets):
                found = await self._exactly(len(octets))
                if found != octets:
                    raise ScriptMismatch(f"line {number}: expected {octets!r}, the client sent {found!r}")
            case notation.ClientMessage(line=number):
                while await self._line(number) != ".":
                    pass
            case notation.TlsHandshake():
                await self._handshake()
            case notation.Wait(seconds=seconds):
                await asyncio.sleep(seconds)
            case notation.ServerCloses(reset=reset):
                self._session.finished = True
                self._close(reset)

    async def _say(self, octets: bytes, following: tuple[notation.ScriptStep, ...]) -> None:
        """Sends the octets, together with those of the step that follows where that is the server's too."""
        assert self._transport is not None
        self._check_open()
        self._pending += octets
        if following and isinstance(following[0], notation.ServerSays):
            return
        # The handshake's first octets must not reach the buffer of lines.
        if _handshake_comes_next(following):
            self._transport.pause_reading()
        sending, length = bytes(self._pending), self._segment or len(self._pending)
        self._pending.clear()
        for start in range(0, len(sending), length):
            self._transport.write(sending[start : start + length])
            # Two turns of the loop: a client in the same loop reads in the second.
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    async def _repeat(self, octets: bytes) -> None:
        assert self._transport is not None
        segment = octets * max(1, _REPEAT_SEGMENT // len(octets))
        while not self._gone:
            self._transport.write(segment)
            await asyncio.sleep(0)
            await self._writable.wait()

    async def _handshake(self) -> None:
        assert self._transport is not None
        assert self._tls is not None
        self._check_open()
        loop = asyncio.get_running_loop()
        try:
            upgraded = await loop.start_tls(self._transport, self, self._tls, server_side=True)
        except BaseException as error:
            # asyncio does not tell the protocol when a connection ends during its handshake.
            self.connection_lost(None)
            if not isinstance(error, OSError):
                raise
            self._session.handshake_error = str(error) or type(error).__name__
            raise ConnectionError from error
        if upgraded is None:
            self.connection_lost(None)
            raise ConnectionError("closed during the handshake")
        self._transport = upgraded
        self._encrypted = True

    async def _line(self, number: int | None) -> str:
        """The client's next line; it is recorded. Raises ConnectionError when the client has gone."""
        while (end := self._buffer.find(b"\n")) < 0:
            await self._more()
        line = bytes(self._buffer[:end]).removesuffix(b"\r").decode("utf-8", "backslashreplace")
        del self._buffer[: end + 1]
        self._session.lines.append(line)
        self._session.over_tls.append(self._encrypted)
        return line

    async def _exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            await self._more()
        octets = bytes(self._buffer[:count])
        del self._buffer[:count]
        return octets

    async def _more(self) -> None:
        self._check_open()
        self._arrived.clear()
        await self._arrived.wait()

    def _check_open(self) -> None:
        if self._gone:
            raise ConnectionError("the client has gone")

    def _close(self, reset: bool) -> None:
        assert self._transport is not None
        if not reset:
            self._transport.close()
            return
        connection = self._transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
        self._transport.abort()


def _handshake_comes_next(steps: tuple[notation.ScriptStep, ...]) -> bool:
    """Whether the handshake is the next thing that needs the client."""
    for step in steps:
        if not isinstance(step, notation.ServerSays | notation.Wait):
            return isinstance(step, notation.TlsHandshake)
    return False
