"""Ctrl-C, SIGTERM and SIGHUP: what a signal does, from the moment when something is to be kept.

Before, while the program starts, `smtpprobe.__main__` ends it at once.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

from smtpprobe.model.exit_code import INTERRUPTED

if TYPE_CHECKING:
    import asyncio

LINE = "smtpprobe: interrupted\n"
# A terminal that is closed, or a session that ends, sends SIGHUP; not every system has it.
_ENDINGS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
_SIGNALS = (signal.SIGINT, *_ENDINGS)
Handler = Callable[[int, FrameType | None], Any]


def keep() -> None:
    """From here on a signal raises KeyboardInterrupt, so that files and the terminal are put in order."""
    sys.unraisablehook = _end_where_it_is_lost
    _handle(signal.default_int_handler)


def pass_over_one() -> None:
    """While the report of an interrupted run is written: one more signal is passed over.

    A terminal and whoever passes signals on may both send one; the next raises KeyboardInterrupt.
    """
    _handle(lambda number, frame: keep())


def end_at_first(stop: Callable[[], object]) -> None:
    """The first signal calls `stop` and nothing else; the next raises KeyboardInterrupt."""

    def first(number: int, frame: FrameType | None) -> None:
        keep()
        stop()

    _handle(first)


@contextmanager
def terminated(task: asyncio.Task[Any]) -> Iterator[None]:
    """While the block runs SIGTERM and SIGHUP cancel the task, as asyncio has SIGINT do."""
    import asyncio

    loop = asyncio.get_running_loop()

    def cancel(number: int, frame: FrameType | None) -> None:
        task.cancel()
        loop.call_soon_threadsafe(lambda: None)  # so that the loop looks at it now

    # What is switched off, as `nohup` leaves it, stays so.
    before = {number: signal.getsignal(number) for number in _ENDINGS if callable(signal.getsignal(number))}
    try:
        for number in before:
            signal.signal(number, cancel)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _handle(handler: Handler) -> None:
    """Set the handler where there is one already: in a program of somebody else's signals stay theirs."""
    with suppress(ValueError):  # not in the main thread
        for number in _SIGNALS:
            if callable(signal.getsignal(number)):
                signal.signal(number, handler)


def _end_where_it_is_lost(unraisable: sys.UnraisableHookArgs) -> None:
    """What Python would print of an exception in a callback of its own; an interrupt there ends the program."""
    if unraisable.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(unraisable)
        return
    os.write(2, LINE.encode())
    os._exit(INTERRUPTED)
