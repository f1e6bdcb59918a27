"""What `explain` is given: files, standard input, compressed ones among them, read block by block."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, cast

from smtpprobe.cli.reading import STDIN, named
from smtpprobe.model.texts.language import say

if TYPE_CHECKING:
    from smtpprobe.intake.recognise import Packed

BLOCK = 1 << 20
_EVERY_S = 0.1


class Input:
    """One file, or standard input as `-`. `damage` says after the reading what could not be read, None if all could."""

    def __init__(self, path: str, shown: str | None = None) -> None:
        self.path = path
        self.name = shown or (say("standard input") if path == STDIN else path)
        self.damage: str | None = None
        self.head = b""
        self._width = 0  # of the progress that a terminal shows
        self._raw: BinaryIO = sys.stdin.buffer if path == STDIN else open(path, "rb")  # noqa: SIM115
        self._size = 0 if path == STDIN else os.fstat(self._raw.fileno()).st_size

    def blocks(self) -> Iterator[bytes]:
        """The octets in blocks, decompressed, in UTF-8; `head` holds the first block as soon as this returns."""
        from smtpprobe.intake.blocks import in_utf8
        from smtpprobe.intake.recognise import compression

        with named(self.path):
            first = self._raw.read(BLOCK)
        packed = compression(first)
        blocks = in_utf8(self._plain(first) if packed is None else self._unpacked(packed, first))
        self.head = next(blocks, b"")
        return self._with_progress(blocks)

    def stream(self) -> BinaryIO:
        """The octets to be read as they come, decompressed."""
        from smtpprobe.intake.recognise import compression

        if not hasattr(self._raw, "peek"):
            self._raw = io.BufferedReader(cast(io.RawIOBase, self._raw))
        with named(self.path):
            packed = compression(self._raw.peek(8))
        if packed is None:
            return self._raw
        return cast(BinaryIO, io.BufferedReader(_Blocks(self._unpacked(packed, b"")), BLOCK))

    def close(self) -> None:
        """Close a file; standard input stays open."""
        self._erase()
        if self.path != STDIN:
            self._raw.close()

    def _plain(self, first: bytes) -> Iterator[bytes]:
        block = first
        while block:
            yield block
            try:
                block = self._raw.read(BLOCK)
            except OSError as error:
                self.damage = error.strerror or str(error)
                return

    def _unpacked(self, packed: Packed, first: bytes) -> Iterator[bytes]:
        from smtpprobe.cli.unpacking import Unpacked

        unpacked = Unpacked(packed, first, self._raw, BLOCK)
        for block in unpacked:
            self.damage = unpacked.damage
            yield block
        self.damage = unpacked.damage

    def _with_progress(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The blocks from the first on; a terminal's stderr shows meanwhile how far the reading is."""
        shown = time.monotonic()
        live = sys.stderr.isatty()
        block = self.head
        while block:
            if live and time.monotonic() - shown > _EVERY_S:
                shown = time.monotonic()
                words = self._progress()
                sys.stderr.write(f"\r{words:<{self._width}}")
                sys.stderr.flush()
                self._width = len(words)
            yield block
            block = next(blocks, b"")
        self._erase()

    def _erase(self) -> None:
        """Take the progress from the terminal; who reads needs not have come to the end."""
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
            self._width = 0

    def _progress(self) -> str:
        try:
            at = self._raw.tell()
        except OSError:
            at = 0
        if not self._size:
            return say("reading: {at} MiB", at=at >> 20)
        done = min(at / self._size, 1.0)
        return f"reading [{'#' * int(done * 30):<30}] {done:4.0%}"


class _Blocks(io.RawIOBase):
    """Blocks of octets as a stream."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        octets = self._rest or next(self._blocks, b"")
        self._rest = octets[len(buffer) :]
        octets = octets[: len(buffer)]
        buffer[: len(octets)] = octets
        return len(octets)
