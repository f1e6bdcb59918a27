"""Files without an end, of another kind, or larger than anything honest: one line, exit 2, and nothing held beyond the limit."""

from __future__ import annotations

import ast
import io
import lzma
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from smtpprobe.cli import reading
from smtpprobe.model import limits
from smtpprobe.model.limits import Limit
from tests.cli.conftest import Ran

CLI = Path(reading.__file__).parent
HOST = "127.0.0.1:1"
SPF = ("spf", "example.org", "--ip", "192.0.2.1")

# The arguments before the file's name, and the limit that holds for it.
FILES = {
    "replay": (("replay",), "REPORT"),
    "dkim --message": (("dkim", "--message"), "MESSAGE"),
    "dmarc --message": (("dmarc", "--message"), "MESSAGE"),
    "check --message": (("check", HOST, "--message"), "MESSAGE"),
    "--assume-zone": ((*SPF, "--assume-zone"), "ZONE"),
    "--password-file": (("check", HOST, "--user", "a", "--password-file"), "PASSWORD_LINE"),
    "--ca-file": (("check", HOST, "--ca-file"), "CERTIFICATES"),
    "--client-cert": (("check", HOST, "--client-cert"), "CERTIFICATES"),
    "--jsonl": (("explain", "--jsonl"), "REPLY_LINE"),
}
each_file = pytest.mark.parametrize(("arguments", "limit"), FILES.values(), ids=FILES.keys())


def is_refused(ran: Ran, path: object) -> None:
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert repr(str(path)) in ran.err or f"{path}: line 1 " in ran.err


@each_file
def test_a_file_larger_than_its_limit(
    cli: Callable[..., Ran], tmp_path: Path, arguments: tuple[str, ...], limit: str
) -> None:
    octets: int = getattr(limits, limit).octets
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(octets + 1)
    path.chmod(0o600)
    ran = cli(*arguments, str(path))
    is_refused(ran, path)
    assert getattr(limits, limit).size in ran.err


@each_file
def test_a_device_without_an_end(cli: Callable[..., Ran], arguments: tuple[str, ...], limit: str) -> None:
    is_refused(cli(*arguments, "/dev/zero"), "/dev/zero")


@each_file
def test_a_directory(cli: Callable[..., Ran], tmp_path: Path, arguments: tuple[str, ...], limit: str) -> None:
    is_refused(cli(*arguments, str(tmp_path)), tmp_path)


@pytest.mark.parametrize("option", ["--ca-file", "--client-cert", "--client-key"])
def test_certificates_are_in_a_file(cli: Callable[..., Ran], tmp_path: Path, option: str) -> None:
    """A pipe is read once and a device has no end; OpenSSL opens by name, more than once."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    ran = cli("check", HOST, option, str(path))
    is_refused(ran, path)
    assert "is a pipe or a device: expected a file with certificates in PEM form" in ran.err


@pytest.mark.parametrize("line", ["", 'example.org. TXT "x"', ";! AUTHENTIC example.org"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_master_file_of_more_lines_than_its_limit(
    cli: Callable[..., Ran], tmp_path: Path, line: str, end: str
) -> None:
    path = tmp_path / "zone"
    path.write_bytes(f"{line}{end}".encode() * (limits.MAX_ZONE_LINES + 1))
    ran = cli(*SPF, "--assume-zone", str(path))
    is_refused(ran, path)
    assert "has more than 200,000 lines: expected a smaller master file" in ran.err


def test_a_master_file_of_as_many_lines_as_its_limit(
    cli: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "zone"
    path.write_text('example.org. TXT "v=spf1 +all"\n' * 3)
    for lines, code in ((3, 0), (2, 2)):
        monkeypatch.setattr(limits, "MAX_ZONE_LINES", lines)
        assert ("more than" in cli(*SPF, "--resolver", "127.0.0.1:1", "--assume-zone", str(path)).err) is (code == 2)


@pytest.mark.parametrize(
    ("limit", "value"), [("MAX_ZONE_LINES", 5), ("ZONE", limits.Limit(100, "a master file"))], ids=["lines", "octets"]
)
def test_master_files_are_bounded_together(
    cli: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: object
) -> None:
    record = 'example.org. TXT "v=spf1 +all"\n'
    first, second = (tmp_path / name for name in ("first", "second"))
    first.write_text(record * 3)
    second.write_text(record * 2)
    both = (*SPF, "--resolver", "127.0.0.1:1", "--assume-zone", str(first), "--assume-zone", str(second))
    assert cli(*both).code != 2
    second.write_text(record * 3)
    monkeypatch.setattr(limits, limit, value)
    is_refused(cli(*both), second)
    # Each run begins anew.
    assert cli(*both[:-2]).code != 2


HEADERS = {"fields": b"A: b\n" * (limits.MAX_FIELDS + 1), "octets": b"A: " + b"b" * limits.MAX_HEADER}


@pytest.mark.parametrize("arguments", [("dkim", "--message"), ("check", HOST, "--message")])
@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_a_header_larger_than_its_limits(
    cli: Callable[..., Ran], tmp_path: Path, arguments: tuple[str, ...], header: bytes
) -> None:
    path = tmp_path / "message"
    path.write_bytes(header + b"\n\nbody\n")
    ran = cli(*arguments, str(path))
    is_refused(ran, path)
    assert f"the header of {str(path)!r} has more than 200,000 fields, or is larger than 48 MiB" in ran.err


@pytest.mark.parametrize("arguments", [("replay", "-"), ("dkim", "--message", "-"), ("explain", "--jsonl", "-")])
def test_standard_input_without_an_end(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    with open("/dev/zero", encoding="ascii") as endless:
        monkeypatch.setattr(sys, "stdin", endless)
        ran = cli(*arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_a_report_as_large_as_the_limit_is_read(
    cli: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    path.write_text(cli("demo", "accepted", "--format", "json").out)
    size = path.stat().st_size
    for octets, code in ((size, 0), (size - 1, 2)):
        monkeypatch.setattr(limits, "REPORT", Limit(octets, limits.REPORT.expected))
        assert cli("replay", str(path)).code == code


def test_the_first_line_of_a_longer_password_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    path.write_bytes(b"wonderland\n" + b"\0" * (1 << 20))
    assert reading.first_line(str(path), limits.PASSWORD_LINE) == b"wonderland"


class Counted(io.RawIOBase):
    """A stream without an end that counts what is taken of it."""

    taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self.taken += len(buffer)
        buffer[:] = bytes(len(buffer))
        return len(buffer)


def test_no_more_than_a_line_is_taken_of_one_without_an_end() -> None:
    counted = Counted()
    limit = Limit(1 << 20, "a line")
    with pytest.raises(ValueError, match=r"^input: line 1 contains more than 1 MiB: expected a line$"):
        list(reading.lines(io.BufferedReader(counted), "input", limit))
    assert counted.taken <= limit.octets + (1 << 18)


def test_no_more_than_its_limit_is_taken_of_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(counted)))
    with pytest.raises(ValueError, match=r"^standard input contains more than 64 KiB"):
        reading.read("-", limits.PASSWORD_LINE)
    assert counted.taken <= limits.PASSWORD_LINE.octets + (1 << 18)


def test_lines_before_one_without_an_end_have_their_items(cli: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    with path.open("wb") as file:
        file.write(b'{"reply": "550 5.1.1 no such user"}\n')
        file.truncate(limits.REPLY_LINE.octets + 100)
    ran = cli("explain", "--jsonl", str(path))
    assert (ran.code, len(ran.out.splitlines())) == (2, 1)
    assert "line 2 contains more than 16 MiB" in ran.err


REFUSED = b"550 5.1.1 <bob@example.org>: no such user\n"


def xz(text: bytes, dictionary: int) -> bytes:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": dictionary}]
    return lzma.compress(text, filters=filters)


PADDING = b"\0" * 8
XZ = {
    "as xz -9 packs": (xz(REFUSED, 64 << 20), 0, ""),
    "a dictionary of 1 GiB": (xz(REFUSED, 1 << 30), 2, "more than 128 MiB of memory"),
    "two streams": (xz(REFUSED, 1 << 20) + xz(b"more\n", 1 << 20), 0, ""),
    "two streams with padding": (xz(b"first\n", 1 << 20) + PADDING + xz(REFUSED, 1 << 20) + PADDING, 0, ""),
    "something after it": (xz(REFUSED, 1 << 20) + b"no stream " * 9, 0, ""),
    "a second stream of 1 GiB": (xz(REFUSED, 1 << 20) + xz(REFUSED, 1 << 30), 0, "more than 128 MiB of memory"),
    "cut off": (xz(REFUSED * 100, 1 << 20)[:-20], 0, "before its end-of-stream marker"),
    "damaged": (xz(REFUSED, 1 << 20)[:12] + b"\xff" * 60, 2, "cannot be read"),
}


@pytest.mark.parametrize(("octets", "code", "words"), XZ.values(), ids=XZ.keys())
def test_xz_is_unpacked_within_its_memory(
    cli: Callable[..., Ran], tmp_path: Path, octets: bytes, code: int, words: str
) -> None:
    path = tmp_path / "log.xz"
    path.write_bytes(octets)
    ran = cli("explain", str(path))
    assert ran.code == code
    assert ("550 5.1.1" in ran.out) is (code == 0)
    assert words in ran.err if words else ran.err == ""


def unlimited_reads(source: str) -> list[int]:
    """The lines that read a whole file, however large it is."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            whole = node.func.attr in ("read_bytes", "read_text", "readlines", "readall")
            if whole or (node.func.attr in ("read", "readline") and not node.args):
                found.append(node.lineno)
    return found


@pytest.mark.parametrize("path", sorted(CLI.glob("*.py")), ids=lambda path: path.name)
def test_no_command_reads_a_file_without_a_limit(path: Path) -> None:
    assert unlimited_reads(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source", ["file.read()", "Path(name).read_bytes()", "sys.stdin.buffer.read()", "file.readline()"]
)
def test_a_read_without_a_limit_is_noticed(source: str) -> None:
    assert unlimited_reads(source) == [1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("replay", "{}"),
        ("--config", "{}", "explain", "554"),
        ("explain", "--jsonl", "{}"),
        ("explain", "{}"),
        ("check", "127.0.0.1:1", "--user", "alice", "--password-file", "{}"),
        ("dkim", "--message", "{}"),
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_a_file_that_cannot_be_read_is_named(cli: Callable[..., Ran], arguments: tuple[str, ...]) -> None:
    # It opens, and its first octet cannot be read.
    unreadable = "/proc/self/mem"
    if not os.path.exists(unreadable):
        pytest.skip(f"no {unreadable}: a file that opens and cannot be read")
    ran = cli(*(each.format(unreadable) for each in arguments))
    assert ran.code == 2
    assert repr(unreadable) in ran.err
    assert "cannot be written" not in ran.err
    assert ran.err.count("\n") == 1
