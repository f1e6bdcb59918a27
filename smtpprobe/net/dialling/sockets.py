"""Connected sockets, from the address and port that are wanted."""

from __future__ import annotations

import asyncio
import importlib
import socket
from typing import Any

from smtpprobe.model.transcript import Breakage


class ConnectFailure(Exception):
    """No connection came about. `breakage` and `detail` say why; nothing was received."""

    def __init__(self, breakage: Breakage, detail: str) -> None:
        super().__init__(detail)
        self.breakage = breakage
        self.detail = detail


async def connected(
    host: str, port: int | None, source_ip: str | None = None, source_port: int | None = None
) -> socket.socket:
    """A connected socket: to an IP address, or to a unix socket if `port` is None. Raises OSError."""
    loop = asyncio.get_running_loop()
    family, address = _address(host, port)
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        if source_ip or (source_port and port is not None):
            if source_port:
                # The same port may be in use for another address, or was until now.
                made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(_address(source_ip, source_port or 0)[1] if source_ip else ("", source_port))
        connecting = asyncio.ensure_future(loop.sock_connect(made, address))
        try:
            # What reads the replies is imported while the answer is on its way.
            await asyncio.sleep(0)
            importlib.import_module("smtpprobe.net.protocol")
            await connecting
        finally:
            connecting.cancel()
            # The loop has to forget the socket before its number can be another's.
            await asyncio.wait((connecting,))
    except BaseException:
        made.close()
        raise
    return made


def _address(host: str, port: int | None) -> tuple[int, Any]:
    """The family and the address of an IP address, with its zone if it has one, or of a unix socket."""
    if port is None:
        return socket.AF_UNIX, host
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)[0]
    return family, address


def has_route(ip: str) -> bool:
    """Whether this host knows a way to the address. Nothing is sent."""
    family, address = _address(ip, 9)
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect(address)
    except OSError:
        return False
    return True


def is_own_address(ip: str) -> bool:
    """Whether the address is one of this host's, so that a connection can begin there."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        ip, 0, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
    )[0]
    try:
        with socket.socket(family, kind, protocol) as own:
            own.bind(address)
    except OSError:
        return False
    return True
