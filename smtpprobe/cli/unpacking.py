"""Compressed files unpacked block by block within bounds: gzip, bzip2, xz, and zstd where something can read it."""

from __future__ import annotations

import io
import lzma
import zlib
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import Any, BinaryIO, Protocol, cast

from smtpprobe.intake.recognise import Packed
from smtpprobe.model import limits
from smtpprobe.model.texts.language import mark, say

_PACKED = 1 << 13  # what is left of a block is copied at the end of each stream in it
_GZIP_WINDOW = 16 + zlib.MAX_WBITS  # with gzip's header and checksum
_WINDOW_LOG = limits.MAX_XZ_MEMORY.bit_length() - 1  # the power of two that a zstd window may have


class _Opened(Protocol):
    def read1(self, size: int, /) -> bytes: ...


class Unpacked:
    """The blocks of a compressed file; `damage` says afterwards why it could not be read to its end, None if it was."""

    def __init__(self, packed: Packed, first: bytes, raw: BinaryIO, block: int) -> None:
        self._packed = packed
        self._source = cast(BinaryIO, io.BufferedReader(_Again(first, raw), block))
        self._block = block
        self._errors: tuple[type[Exception], ...] = (OSError, EOFError, zlib.error, lzma.LZMAError, _Said)
        self.damage: str | None = None

    def __iter__(self) -> Iterator[bytes]:
        opened = self._open()
        if opened is None:
            self.damage = say(
                "this Python does not read zstd: unpack the file first (zstdcat FILE | smtpprobe explain -), or install "
                "backports.zstd"
            )
            return
        pieces: list[bytes] = []
        size = 0
        while True:
            try:
                piece = opened.read1(self._block)
            except self._errors as error:
                self.damage = say(
                    "the {packed} data cannot be read to its end: {error}",
                    packed=self._packed.value,
                    error=_in_our_words(error),
                )
                piece = b""
            pieces.append(piece)
            size += len(piece)
            if size >= self._block or not piece:
                if size:
                    yield b"".join(pieces)
                pieces, size = [], 0
            if not piece:
                return

    def _open(self) -> _Opened | None:
        """What unpacks the file, None if nothing that is installed does."""
        if self._packed is Packed.GZIP:
            return _Gzip(self._source)
        if self._packed is Packed.BZIP2:
            import bz2

            return bz2.BZ2File(self._source)
        if self._packed is Packed.ZSTD:
            opened, error = _zstd(self._source)
            self._errors = (*self._errors, error)
            return opened
        return _Xz(self._source)


_DAMAGED = mark("it is damaged")
_ENDS_EARLY = mark("it ends before its end-of-stream marker")
_CHECKSUM = mark("its checksum does not fit")
_TRAILING = mark("what follows its end is no more of it")


def _in_our_words(error: Exception) -> str:
    """What is wrong with the data; what the operating system says of a file stays as it is."""
    said = str(error)
    if isinstance(error, OSError) and error.errno is not None:
        return error.strerror or said
    if isinstance(error, _Said):
        return said
    if isinstance(error, EOFError):
        return say(_ENDS_EARLY)
    return say(_CHECKSUM) if "incorrect data check" in said or "incorrect length check" in said else say(_DAMAGED)


class _Said(Exception):
    """What is wrong, in words of our own."""


def _zstd(source: BinaryIO) -> tuple[_Opened | None, type[Exception]]:
    """What unpacks zstd within the memory of xz, None if there is nothing, and the error that it raises."""
    for name in ("compression.zstd", "backports.zstd"):
        if (module := _module(name)) is not None:
            window = {module.DecompressionParameter.window_log_max: _WINDOW_LOG}
            return module.ZstdFile(source, options=window), module.ZstdError
    if (module := _module("zstandard")) is not None:
        reader = module.ZstdDecompressor(max_window_size=1 << _WINDOW_LOG).stream_reader(
            source, read_across_frames=True
        )
        return _ReadOnce(reader), module.ZstdError
    return None, OSError


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None


class _ReadOnce:
    def __init__(self, reader: BinaryIO) -> None:
        self._reader = reader

    def read1(self, size: int, /) -> bytes:
        return self._reader.read(size)


class _Gzip:
    """Unpacks gzip (RFC 1952) up to the octet that is damaged, which GzipFile does not."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._stream = zlib.decompressobj(_GZIP_WINDOW)
        self._error: zlib.error | None = None

    def read1(self, size: int) -> bytes:
        """At most so many octets, none at the end; more where the data is damaged, up to there. Raises as zlib does."""
        octets = b""
        while not octets:
            if self._error is not None:
                raise self._error
            packed = self._stream.unconsumed_tail or self._stream.unused_data or self._source.read(_PACKED)
            if self._stream.eof:
                # Members may stand in a row (RFC 1952 §2.2), and zeros behind the last one, as on a tape.
                packed = packed.lstrip(b"\0")
                if not packed and not (packed := self._source.read(_PACKED).lstrip(b"\0")):
                    return b""
                if not packed.startswith(b"\x1f"):
                    raise _Said(say(_TRAILING))
                self._stream = zlib.decompressobj(_GZIP_WINDOW)
            if not packed:
                raise EOFError
            octets = self._unpacked(packed, size)
        return octets

    def _unpacked(self, packed: bytes, size: int) -> bytes:
        before = self._stream.copy()
        try:
            return self._stream.decompress(packed, size)
        except zlib.error as error:
            self._error = error
        found: list[bytes] = []
        try:
            for at in range(len(packed)):
                found.append(before.decompress(packed[at : at + 1]))
        except zlib.error:
            pass
        return b"".join(found)


class _Xz:
    """Unpacks xz within `limits.MAX_XZ_MEMORY`, for which LZMAFile has no parameter."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._open = partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, memlimit=limits.MAX_XZ_MEMORY)
        self._stream = self._open()

    def read1(self, size: int) -> bytes:
        """At most so many octets, none at the end. Raises LZMAError and EOFError as LZMAFile does."""
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
                    raise EOFError
            try:
                octets = self._stream.decompress(packed, size)
            except lzma.LZMAError as error:
                if "memory usage limit" in str(error).lower():
                    raise _Said(
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
