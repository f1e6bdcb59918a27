"""What `explain` is given: files, standard input, gzip and xz among them, read block by block."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, cast

from smtpprobe.cli.reading import STDIN, named
from smtpprobe.model import limits
from smtpprobe.model.texts.language import say

BLOCK = 1 << 20
_PACKED = 1 << 13  # what is left of a block is copied at the end of each stream in it
_EVERY_S = 0.1


class Input:
    """One file, or standard input as `-`. `damage` says after the reading what could not be read, None if all could."""

    def __init__(self, path: str, shown: str | None = None) -> None:
        self.path = path
        self.name = shown or (say("standard input") if path == STDIN else path)
        self.damage: str | None = None
        self.head = b""
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

    def close(self) -> None:
        """Close a file; standard input stays open."""
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

    def _unpacked(self, packed: str, first: bytes) -> Iterator[bytes]:
        import gzip
        import lzma
        import zlib

        source = cast(BinaryIO, io.BufferedReader(_Again(first, self._raw), BLOCK))
        opened = gzip.GzipFile(fileobj=source) if packed == "gzip" else _Xz(source)
        pieces: list[bytes] = []
        size = 0
        while True:
            try:
                piece = opened.read1(BLOCK)
            except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
                self.damage = say("the {packed} data cannot be read to its end: {error}", packed=packed, error=error)
                piece = b""
            pieces.append(piece)
            size += len(piece)
            if size >= BLOCK or not piece:
                if size:
                    yield b"".join(pieces)
                pieces, size = [], 0
            if not piece:
                return

    def _with_progress(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The blocks from the first on; a terminal's stderr shows meanwhile how far the reading is."""
        shown = 0.0
        width = 0
        live = sys.stderr.isatty()
        block = self.head
        while block:
            if live and time.monotonic() - shown > _EVERY_S:
                shown = time.monotonic()
                words = self._progress()
                sys.stderr.write(f"\r{words:<{width}}")
                sys.stderr.flush()
                width = len(words)
            yield block
            block = next(blocks, b"")
        if width:
            sys.stderr.write("\r" + " " * width + "\r")
            sys.stderr.flush()

    def _progress(self) -> str:
        try:
            at = self._raw.tell()
        except OSError:
            at = 0
        if not self._size:
            return say("reading: {at} MiB", at=at >> 20)
        done = min(at / self._size, 1.0)
        return f"reading [{'#' * int(done * 30):<30}] {done:4.0%}"


class _Xz:
    """Unpacks xz within `limits.MAX_XZ_MEMORY`, for which LZMAFile has no parameter."""

    def __init__(self, source: BinaryIO) -> None:
        import lzma

        self._source = source
        self._open = partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, memlimit=limits.MAX_XZ_MEMORY)
        self._stream = self._open()

    def read1(self, size: int) -> bytes:
        """At most so many octets, none at the end. Raises LZMAError and EOFError as LZMAFile does."""
        import lzma

        octets = b""
        while not octets:
            begins, packed = self._stream.eof, b""
            if begins:
                # Streams may stand in a row, with NUL between them (xz file format §2.2).
                packed = (self._stream.unused_data.lstrip(b"\0") or self._source.read(_PACKED)).lstrip(b"\0")
                if not packed:
                    return b""
                self._stream = self._open()
            elif self._stream.needs_input:
                packed = self._source.read(_PACKED)
                if not packed:
                    raise EOFError(say("it ends before its end-of-stream marker"))
            try:
                octets = self._stream.decompress(packed, size)
            except lzma.LZMAError as error:
                if "memory usage limit" in str(error).lower():
                    raise lzma.LZMAError(
                        say("it takes more than {in_words} of memory", in_words=limits.in_words(limits.MAX_XZ_MEMORY))
                    ) from None
                if begins:
                    return b""  # no stream follows, and what does has never counted
                raise
        return octets


class _Again(io.RawIOBase):
    """A stream whose first octets were read already."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        self._first = first
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        octets = self._first[: len(buffer)]
        self._first = self._first[len(octets) :]
        octets = octets or self._rest.read(len(buffer))
        buffer[: len(octets)] = octets
        return len(octets)
