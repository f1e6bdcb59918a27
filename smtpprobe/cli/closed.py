"""Standard streams that the caller has closed: what is read or written fails as it does elsewhere, with an OSError."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import BinaryIO, NoReturn, TextIO, cast

from smtpprobe.model.texts.language import mark, say

_STDIN = mark("standard input")


def replace_closed() -> None:
    """Put something in the place of each stream that Python has left out."""
    if sys.stdin is None:
        sys.stdin = cast(TextIO, _NoInput())
    if sys.stdout is None:
        sys.stdout = cast(TextIO, _NoOutput())
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


class _NoOutput(io.TextIOBase):
    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> NoReturn:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


class _NoOctets(io.RawIOBase):
    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> NoReturn:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), say(_STDIN))


class _NoInput(io.TextIOBase):
    def __init__(self) -> None:
        self.buffer = cast(BinaryIO, _NoOctets())

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> NoReturn:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), say(_STDIN))

    def readline(self, size: int = -1, /) -> NoReturn:  # type: ignore[override]
        self.read(size)
