"""One connection of a scripted server: what arrives is played against the script, and kept."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from typing import cast

from smtpprobe.wire import script as notation

_LINGER_RESET = struct.pack("ii", 1, 0)
_REPEAT_SEGMENT = 4096


class ScriptMismatch(AssertionError):
    """The client did something else than the script says."""


class Session:
    """What one connection brought. `lines` are the client's lines without CRLF, `octets` everything as received.

    `over_tls` says of each line whether it came encrypted, `messages` are the messages as octets, their dots unstuffed
    (RFC 5321 §4.5.2). `finished`: the script was played to its last step; until then `line` is the script's line that the
    client has to satisfy next, None before the first.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.over_tls: list[bool] = []
        self.octets = b""
        self.messages: list[bytes] = []
        self.line: int | None = None
        self.finished = False
        self.mismatch: str | None = None
        self.handshake_error: str | None = None
        self.closed = asyncio.Event()


class Player(asyncio.Protocol):
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
                if isinstance(step, notation.ClientSays | notation.ClientSends | notation.ClientMessage):
                    self._session.line = step.line
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
                await self._message(number)
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
        if self._tls.verify_mode is ssl.CERT_REQUIRED:
            await self._handshake_with_alert(self._tls)
            return
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

    async def _handshake_with_alert(self, context: ssl.SSLContext) -> None:
        """The handshake with a client that owes a certificate: asyncio's would close without the alert that says so."""
        assert self._transport is not None
        arriving, leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(arriving, leaving, server_side=True)
        self._transport.resume_reading()
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                self._transport.write(leaving.read())
                await self._more()
                arriving.write(bytes(self._buffer))
                self._buffer.clear()
            except ssl.SSLError as error:
                self._session.handshake_error = str(error)
                self._transport.write(leaving.read())
                self._transport.close()
                return
            else:
                raise ScriptMismatch("the client showed a certificate")

    async def _message(self, number: int) -> None:
        """Takes a message through its lone dot."""
        octets = b""
        while True:
            line = await self._octets_of_line(number)
            if line == b".":
                break
            octets += line.removeprefix(b".") + b"\r\n"
        self._session.messages.append(octets)

    async def _line(self, number: int | None) -> str:
        """The client's next line; it is recorded. Raises ConnectionError when the client has gone."""
        return (await self._octets_of_line(number)).decode("utf-8", "backslashreplace")

    async def _octets_of_line(self, number: int | None) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            await self._more()
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        self._session.lines.append(line.decode("utf-8", "backslashreplace"))
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
