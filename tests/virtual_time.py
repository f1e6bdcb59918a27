"""An event loop whose clock jumps to the next timer as soon as nothing else is left to do."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")
_STUCK_S = 10.0
SETTLE_S = 0.02  # in which what was written to a socket has come to its other end, and nearly always at once


class _Selector(selectors.DefaultSelector):
    """Where nothing is ready now, nor in `settle_s` of the world's time, the time that would be waited has passed."""

    def __init__(self, settle_s: float) -> None:
        super().__init__()
        self.now = 1000.0
        self._settle_s = settle_s

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0 if timeout == 0 else self._settle_s)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            ready = super().select(_STUCK_S)
            assert ready, "the loop waits for something that no timer will bring"
            return ready
        self.now += max(0.0, timeout - self._settle_s)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """`settle_s`: how long to look, in the world's time, for what may be on its way between two sockets of the loop.

    With it the clock goes on between the jumps, too, so that one thing comes after another.
    """

    def __init__(self, settle_s: float = 0.0) -> None:
        self._virtual = _Selector(settle_s)
        self._world_s = time.monotonic if settle_s else float
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now + self._world_s()


def run(work: Coroutine[Any, Any, Result], settle_s: float = 0.0) -> Result:
    """The coroutine's result on a loop of its own."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(settle_s)) as runner:
        return runner.run(work)
