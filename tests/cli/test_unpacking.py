"""Compressed inputs of `smtpprobe explain`: bzip2, and zstd where something that is installed reads it."""

from __future__ import annotations

import bz2
import gzip
import importlib
import lzma
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smtpprobe.cli import explain_input, unpacking
from tests.cli.conftest import Ran

REFUSED = b"550 5.1.1 <bob@example.org>: no such user\n"
# A frame of one block as it is: magic number, no checksum, size in one octet, last block.
STORED = b"\x28\xb5\x2f\xfd\x20" + bytes([len(REFUSED)]) + (len(REFUSED) << 3 | 1).to_bytes(3, "little") + REFUSED
TOO_LARGE = b"\x28\xb5\x2f\xfd\x00\xa8" + (len(REFUSED) << 3 | 1).to_bytes(3, "little") + REFUSED  # a window of 2 GiB


def reads_zstd() -> bool:
    return any(unpacking._module(name) for name in ("compression.zstd", "backports.zstd", "zstandard"))


needs_zstd = pytest.mark.skipif(not reads_zstd(), reason="no module that reads zstd is installed")


@needs_zstd
def test_zstd(cli: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / "log.zst"
    path.write_bytes(STORED)
    ran = cli("explain", str(path))
    assert (ran.code, ran.err) == (0, "")
    assert "550 5.1.1" in ran.out


@needs_zstd
@pytest.mark.parametrize("octets", [TOO_LARGE, STORED[:8], b"\x28\xb5\x2f\xfd" + b"\xff" * 40])
def test_zstd_that_cannot_be_read(cli: Callable[..., Ran], tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "log.zst"
    path.write_bytes(octets)
    ran = cli("explain", str(path))
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert "the zstd data cannot be read to its end" in ran.err


def test_without_zstd_one_line_says_what_to_do(
    cli: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(unpacking, "import_module", missing)
    path = tmp_path / "log.zst"
    path.write_bytes(STORED)
    ran = cli("explain", str(path))
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert "this Python does not read zstd: unpack the file first" in ran.err
    assert importlib.import_module("bz2") is bz2


def _gzip(lines: int) -> bytes:
    return gzip.compress(REFUSED * lines, mtime=0)


_OURS = "{} data cannot be read to its end: {}"


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (_gzip(9)[:-20], _OURS.format("gzip", "it ends before its end-of-stream marker")),
        (_gzip(9)[:-8] + bytes(8), _OURS.format("gzip", "its checksum does not fit")),
        (_gzip(9) + b"20 more", _OURS.format("gzip", "what follows its end is no more of it")),
        (_gzip(9)[:10] + b"\xff" * 40, _OURS.format("gzip", "it is damaged")),
        (bz2.compress(REFUSED)[:20] + b"\xff" * 40, _OURS.format("bzip2", "it is damaged")),
        (bz2.compress(REFUSED)[:-9], _OURS.format("bzip2", "it ends before its end-of-stream marker")),
        (lzma.compress(REFUSED)[:30] + b"\xff" * 400, _OURS.format("xz", "it is damaged")),
    ],
)
def test_damage_is_told_in_words_of_ours(cli: Callable[..., Ran], tmp_path: Path, octets: bytes, words: str) -> None:
    path = tmp_path / "log"
    path.write_bytes(octets)
    ran = cli("explain", str(path))
    assert ran.err.count("\n") == 1
    assert words in ran.err


def test_what_stands_before_the_damage_is_read(cli: Callable[..., Ran], tmp_path: Path) -> None:
    log = b"".join(
        b"550 5.1.1 <user%d@example.org>: no such user %s\n" % (at, os.urandom(9).hex().encode()) for at in range(100)
    )
    packed = bytearray(gzip.compress(log))
    packed[len(packed) // 2 :] = os.urandom(len(packed) // 2 + 1)
    path = tmp_path / "log.gz"
    path.write_bytes(bytes(packed))
    ran = cli("explain", str(path), "--format", "json")
    assert ran.code == 0
    assert ran.report["summary"]["refusals"] > 40


@pytest.mark.parametrize(
    "octets",
    [_gzip(3) * 3, _gzip(9) + bytes(2000), gzip.compress(REFUSED) * 9, gzip.compress(b"") + _gzip(9)],
    ids=range(4),
)
def test_members_in_a_row(cli: Callable[..., Ran], tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "log.gz"
    path.write_bytes(octets)
    ran = cli("explain", str(path), "--format", "json")
    assert (ran.code, ran.err, ran.report["summary"]["refusals"]) == (0, "", 9)


@pytest.mark.parametrize("compress", [bz2.compress, gzip.compress])
def test_what_unpacks_to_much_is_never_whole_in_memory(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "log"
    path.write_bytes(compress(REFUSED + bytes(64 << 20)))
    given = explain_input.Input(str(path))
    tracemalloc.start()
    try:
        size = sum(map(len, given.blocks()))
        assert size == len(REFUSED) + (64 << 20)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
        given.close()
