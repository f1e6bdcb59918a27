"""A proxy that counts how often the talk turns, and may make each direction as slow as a distant network."""

from __future__ import annotations

import asyncio
import socket
from types import TracebackType


class Turns:
    """Listens on a free port of 127.0.0.1 while its context lasts, and passes everything on to a port there.

    `delay_s` is added to each direction, and three times to a connection's beginning, which takes a round trip and a half
    until the server can speak. `round_trips` counts those of the last connection: one to connect, and each time that the
    server spoke after the client.
    """

    def __init__(self, port: int, *, delay_s: float = 0.0) -> None:
        self._to = port
        self._delay_s = delay_s
        self._tasks: set[asyncio.Task[None]] = set()
        self.round_trips = 0
        self._servers_turn = False

    async def __aenter__(self) -> Turns:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.round_trips, self._servers_turn = 1, False
        await asyncio.sleep(3 * self._delay_s)
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._to)
        for writer in (to_client, to_server):
            writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await asyncio.gather(
                self._pump(from_client, to_server, of_server=False), self._pump(from_server, to_client, of_server=True)
            )
        except (ConnectionError, asyncio.CancelledError):
            pass  # either side may hang up with what it has not read
        finally:
            for writer in (to_client, to_server):
                writer.close()
            self._tasks.discard(task)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, of_server: bool) -> None:
        loop, line = asyncio.get_running_loop(), asyncio.Queue[tuple[float, bytes]]()

        async def deliver() -> None:
            while True:
                at, octets = await line.get()
                await asyncio.sleep(max(0.0, at - loop.time()))
                if not octets:
                    writer.write_eof() if writer.can_write_eof() else writer.close()
                    return
                writer.write(octets)

        delivering = asyncio.ensure_future(deliver())
        try:
            while octets := await reader.read(65536):
                if of_server and not self._servers_turn:
                    self.round_trips += 1
                self._servers_turn = of_server
                line.put_nowait((loop.time() + self._delay_s, octets))
            line.put_nowait((loop.time() + self._delay_s, b""))
            await delivering
        finally:
            delivering.cancel()
