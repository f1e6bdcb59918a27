"""A file that grows, read as it grows: through its rotation (a new file of its name) and when it is made empty."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Protocol

from smtpprobe.cli.reading import named

BLOCK = 1 << 20
EVERY_S = 0.5  # between two looks at a file that had nothing new


class Waiting(Protocol):
    """What decides when to look again, and when to end."""

    def wait(self) -> bool:
        """Whether to look again, after a while."""

    @property
    def ended(self) -> bool:
        """Whether to end at once."""


class UntilStopped:
    """Waits for a moment at a time, until it is stopped, as by Ctrl-C."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def stop(self) -> None:
        """No more waiting: what was read is all."""
        self._stopped.set()

    def wait(self) -> bool:
        """Whether to look again."""
        return not self._stopped.wait(EVERY_S)

    @property
    def ended(self) -> bool:
        """Whether it was stopped."""
        return self._stopped.is_set()


class Following:
    """The blocks of a file from its beginning on; `has_caught_up` once everything that it held at first was read.

    Raises OSError as `open` does if there is no such file at first; later it is waited for.
    """

    def __init__(self, path: str, waiting: Waiting) -> None:
        self._path = path
        self._waiting = waiting
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115
        self.has_caught_up = False

    def blocks(self) -> Iterator[bytes]:
        """What the file holds, and what is appended to it, until waiting ends."""
        last = b"\n"
        while not self._waiting.ended:
            with named(self._path):
                block = self._file.read(BLOCK)
            if block:
                last = block[-1:]
                yield block
                continue
            self.has_caught_up = True
            if not self._begins_anew():
                if not self._waiting.wait():
                    return
            elif last != b"\n":
                # What follows is no part of the last line.
                last = b"\n"
                yield b"\n"

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _begins_anew(self) -> bool:
        """Whether there is something to read from a beginning: another file of the name, or this one made shorter."""
        ours = os.fstat(self._file.fileno())
        if ours.st_size < self._file.tell():
            self._file.seek(0)
            return True
        try:
            theirs = os.stat(self._path)
            if os.path.samestat(ours, theirs):
                return False
            following = open(self._path, "rb", buffering=0)  # noqa: SIM115
        except OSError:
            return False
        if os.fstat(self._file.fileno()).st_size > self._file.tell():
            # The old one has grown in the meantime.
            following.close()
            return False
        self._file.close()
        self._file = following
        return True
