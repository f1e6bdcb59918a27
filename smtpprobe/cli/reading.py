"""Files that the user names, none read further than its limit: devices have no end, and sparse files fit no memory."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from smtpprobe.model.limits import Limit
from smtpprobe.model.texts.language import say

STDIN = "-"


def read(path: str, limit: Limit) -> bytes:
    """The file's octets; `-` is standard input. Raises ValueError where there are more, OSError as `open` does."""
    if path == STDIN:
        return limit.read(sys.stdin.buffer, say("standard input"))
    with named(path), open(path, "rb") as file:
        _refuse_large(file, path, limit)
        return limit.read(file, repr(path))


@contextmanager
def named(path: str) -> Iterator[None]:
    """An OSError inside the block names the file: reading, unlike opening, raises one that does not."""
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, path) from None


def first_line(path: str, limit: Limit) -> bytes:
    """The file's first line without its line feed; what follows is not read. Raises as `read` does."""
    with named(path), open(path, "rb") as file:
        line = file.readline(limit.octets + 1)
    if len(line) > limit.octets:
        raise limit.refusal(repr(path))
    return line.removesuffix(b"\n")


def lines(source: BinaryIO, name: str, limit: Limit) -> Iterator[bytes]:
    """Every line with its line feed. Raises ValueError at one that is longer: nothing is read from there on."""
    number = 0
    while True:
        with named(name):
            line = source.readline(limit.octets + 1)
        if not line:
            return
        number += 1
        if len(line) > limit.octets:
            raise limit.refusal(say("{name}: line {number}", name=name, number=number))
        yield line


def check_size(path: str, limit: Limit) -> str:
    """The path of a file that can be read and is not too large, for others to read: each opens it anew, by its name.

    Raises ValueError for what is no file, such as a pipe: what one has read of it the next would miss.
    """
    # Nothing is opened before: a pipe may have no writer, and a terminal wait for its user.
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise ValueError(
            say(
                "{path} is a pipe or a device: expected a file with {expected}",
                path=repr(path),
                expected=say(limit.expected),
            )
        )
    with open(path, "rb") as file:
        _refuse_large(file, path, limit)
        file.read(1)
    return path


def _refuse_large(file: BinaryIO, path: str, limit: Limit) -> None:
    if os.fstat(file.fileno()).st_size > limit.octets:
        raise limit.refusal(repr(path))
