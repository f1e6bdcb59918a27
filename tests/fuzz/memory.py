"""A server of octets without a socket, on a loop whose clock stands still: what makes a session cheap enough to fuzz."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any

from tests.virtual_time import VirtualLoop

_REPLIES = re.compile(rb"(?:[^\n]*\n)*?[0-9]{3}(?!-)[^\n]*(?:\n|\Z)|[^\n]*(?:\n|\Z)")


class Server(asyncio.Transport):
    """Says the next segment when it is connected to and at each line, and closes behind the last. It keeps what it hears."""

    def __init__(self, segments: list[bytes]) -> None:
        super().__init__({"sockname": ("192.0.2.1", 40000)})
        self.heard: list[bytes] = []
        self._segments = deque(segments)
        self._protocol: Any = None
        self._closing = False

    def connect(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol
        self._protocol.connection_made(self)
        self._say()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing ever waits to be sent."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.heard.append(bytes(data))
        for _ in range(max(1, bytes(data).count(b"\n"))):
            self._say()

    def _say(self) -> None:
        asyncio.get_running_loop().call_soon(self._saying)

    def _saying(self) -> None:
        if self._closing:
            return
        if self._segments:
            self._protocol.data_received(self._segments.popleft())
        else:
            self._protocol.eof_received()
            self.close()

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()

    def is_closing(self) -> bool:
        return self._closing

    def get_write_buffer_size(self) -> int:
        return 0


class Loop(VirtualLoop):
    """Every connection leads to the server; no handshake comes about, as with octets that are no TLS."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server

    async def sock_connect(self, *_: Any) -> None:  # type: ignore[override]
        return

    async def create_connection(self, factory: Callable[[], Any], *, sock: socket.socket) -> Any:  # type: ignore[override]
        sock.close()
        protocol = factory()
        self._server.connect(protocol)
        return self._server, protocol

    async def start_tls(self, *_: Any, **__: Any) -> Any:
        raise ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")


def by_reply(stream: bytes) -> list[bytes]:
    """The stream cut behind each whole reply, as a server sends it that waits for commands."""
    return [segment for segment in _REPLIES.findall(stream) if segment]


def by_length(stream: bytes, length: int) -> list[bytes]:
    """The stream cut every so many octets."""
    return [stream[at : at + length] for at in range(0, len(stream), length)]
