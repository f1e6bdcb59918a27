"""The event loop in a thread of its own in which a server serves a program that has none: a test of smtplib or Django."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self


class SyncContext:
    """Makes an asynchronous context manager one for `with` as well; its loop then runs in a thread until the context ends."""

    _thread: _LoopThread | None = None

    async def __aenter__(self) -> Self:
        raise NotImplementedError

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread = _LoopThread()
        try:
            self._thread.run(self.__aenter__())
        except BaseException:
            self._thread.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._thread is not None
        try:
            self._thread.run(self.__aexit__(kind, error, traceback))
        finally:
            self._thread.stop()


class _LoopThread:
    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtpprobe.testing", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, object]) -> None:
        """Wait until the loop has done the work; what it raises is raised here."""
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
