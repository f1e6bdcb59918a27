"""Blocks of octets, as files give them, to lines: all of them, or only those that hold a marker."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from smtpprobe.intake.found import Counts

BLOCK = 65536  # octets that are worked through at once
MAX_LINE = 65536  # octets of a line that are kept
# UTF-32 stands first, since its mark in little-endian order begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def gathered(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same octets in blocks of a size to work with, as those are not that a file's lines make."""
    kept: list[bytes] = []
    size = 0
    for block in blocks:
        kept.append(block)
        size += len(block)
        if size >= BLOCK:
            yield b"".join(kept)
            kept, size = [], 0
    if kept:
        yield b"".join(kept)


def in_utf8(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same text in UTF-8 with LF, without a byte order mark.

    UTF-16 is known by its mark, or without one by the NUL in every other octet; any other text is left as it is.
    """
    return _with_line_feeds(_in_utf8(blocks))


def _with_line_feeds(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same with LF in place of CR where the first block has CR alone, as of old on a Macintosh."""
    remaining = iter(blocks)
    first = next(remaining, b"")
    alone = b"\r" in first and b"\n" not in first
    for block in chain((first,), remaining):
        yield block.replace(b"\r", b"\n") if alone else block


def _in_utf8(blocks: Iterable[bytes]) -> Iterator[bytes]:
    remaining = iter(blocks)
    block = next(remaining, b"")
    name = next((name for mark, name in _MARKS if block.startswith(mark)), None) or _utf_16_without_mark(block)
    if name is None:
        yield block.removeprefix(codecs.BOM_UTF8)
        yield from remaining
        return
    decoder = codecs.getincrementaldecoder(name)("backslashreplace")
    text = decoder.decode(block).removeprefix("\ufeff")
    while block or text:
        if text:
            yield text.encode()
        block = next(remaining, b"")
        text = decoder.decode(block, final=not block)


def _utf_16_without_mark(head: bytes) -> str | None:
    """The encoding of text in Latin letters in which every other octet is NUL, None for any other."""
    sample = head[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    most = len(sample) // 2
    if most < 4:
        return None
    if odd * 10 > most * 7 and not even:
        return "utf-16-le"
    return "utf-16-be" if even * 10 > most * 7 and not odd else None


def lines(blocks: Iterable[bytes], counts: Counts | None = None) -> Iterator[bytes]:
    """Every line without its line end; of a longer one the first MAX_LINE octets."""
    counts = counts or Counts()
    for whole in whole_lines(blocks, counts):
        for line in whole.removesuffix(b"\n").split(b"\n"):
            counts.lines += 1
            yield line.rstrip(b"\r")[:MAX_LINE]


def candidates(
    blocks: Iterable[bytes],
    markers: Sequence[bytes],
    counts: Counts,
    *,
    before: Callable[[bytes], None] | None = None,
) -> Iterator[tuple[int, bytes]]:
    """The lines that hold one of the markers, in order, with their numbers. Other lines are never cut out.

    `before` is given each block of whole lines first, and may add markers.
    """
    for whole in whole_lines(blocks, counts):
        if before is not None:
            before(whole)
        at = 0
        for start, stop in sorted(_spans(whole, markers).items()):
            counts.lines += whole.count(b"\n", at, start)
            at = start
            yield counts.lines + 1, whole[start : min(stop, start + MAX_LINE)].rstrip(b"\r")
        counts.lines += whole.count(b"\n", at) + (not whole.endswith(b"\n"))


def _spans(block: bytes, markers: Iterable[bytes]) -> dict[int, int]:
    """Starts of the lines that hold a marker, to their ends."""
    spans: dict[int, int] = {}
    find, rfind, size = block.find, block.rfind, len(block)
    for marker in markers:
        at = find(marker)
        while at >= 0:
            start = rfind(b"\n", 0, at) + 1
            stop = spans.get(start)
            if stop is None:
                stop = find(b"\n", at)
                spans[start] = stop = size if stop < 0 else stop
            at = find(marker, stop)
    return spans


def whole_lines(blocks: Iterable[bytes], counts: Counts) -> Iterator[bytes]:
    """The same octets in blocks that end where lines end; of a line without end the first MAX_LINE octets."""
    kept: list[bytes] = []
    size = 0
    for block in blocks:
        counts.octets += len(block)
        end = block.rfind(b"\n") + 1
        if end:
            yield b"".join((*kept, block[:end])) if kept else block[:end] if end < len(block) else block
            kept, size = [], 0
        rest = block[end:] if end else block
        if rest and size < MAX_LINE:
            kept.append(rest[: MAX_LINE - size])
            size += len(kept[-1])
    if kept:
        yield b"".join(kept)
