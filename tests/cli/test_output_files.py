"""Output files: whole or not at all, for the user alone where they hold mail addresses, and never through a link."""

from __future__ import annotations

import errno
import ntpath
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from smtpprobe.cli import writing
from smtpprobe.cli.writing import OutputFile
from tests.cli.conftest import Ran

OLD = "what was there before"
REFUSED = "550 5.1.1 no such user"


@pytest.fixture
def umask() -> Iterator[Callable[[int], int]]:
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server at which nobody has knocked while `accept` would block."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def nothing_else(folder: Path, *names: str) -> bool:
    return sorted(path.name for path in folder.iterdir()) == sorted(names)


def no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def refused_beforehand(cli: Callable[..., Ran], listener: socket.socket, path: Path | str, *words: str) -> None:
    ran = cli("check", f"127.0.0.1:{listener.getsockname()[1]}", "--output", f"json:{path}")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    for word in (str(path), *words):
        assert word in ran.err
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize(
    ("module", "name"), [(os, "fsync"), (os, "replace")], ids=["found out at the end", "not put in place"]
)
def test_a_full_disk_leaves_the_old_file_and_is_named(
    cli: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, name: str
) -> None:
    path = tmp_path / "report.json"
    path.write_text(OLD)
    monkeypatch.setattr(module, name, no_space)
    ran = cli("demo", "accepted", "--output", str(path))
    assert ran.code == 2
    assert f"{str(path)!r}: cannot be written: No space left on device" in ran.err
    assert "✓ ACCEPTED" in ran.out
    assert path.read_text() == OLD
    assert nothing_else(tmp_path, "report.json")


def test_a_full_device_is_named(cli: Callable[..., Ran]) -> None:
    ran = cli("explain", "554", "--output", "json:/dev/full")
    assert ran.code == 2
    assert "'/dev/full': cannot be written: No space left on device" in ran.err


def test_a_report_is_for_the_user_alone(
    cli: Callable[..., Ran], tmp_path: Path, umask: Callable[[int], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("demo", "accepted", "--output", "report.json").code == 0
    assert cli("explain", REFUSED, "--output", "page.txt", "--output", "jsonl:items").code == 0
    assert cli("spf", "example.org", "--ip", "192.0.2.1", "--output", "check.txt").code == 0
    assert [mode(path) for path in sorted(tmp_path.iterdir())] == [0o600] * 4


def test_what_the_catalogue_says_has_the_users_umask(
    cli: Callable[..., Ran], tmp_path: Path, umask: Callable[[int], int]
) -> None:
    cli("explain", "554", "--output", str(tmp_path / "entry.json"))
    cli("compare", "554", "550", "--output", str(tmp_path / "comparison.json"))
    assert [mode(tmp_path / name) for name in ("entry.json", "comparison.json")] == [0o644] * 2


def test_a_stricter_umask_holds(tmp_path: Path, umask: Callable[[int], int]) -> None:
    umask(0o277)
    with OutputFile(str(tmp_path / "report"), private=True) as file:
        file.write("x")
    assert mode(tmp_path / "report") == 0o400


@pytest.mark.parametrize("given", [0o644, 0o640, 0o600])
def test_a_file_that_is_there_keeps_its_mode(
    cli: Callable[..., Ran], tmp_path: Path, umask: Callable[[int], int], given: int
) -> None:
    path = tmp_path / "report.json"
    path.write_text(OLD)
    path.chmod(given)
    assert cli("demo", "accepted", "--output", str(path)).code == 0
    assert mode(path) == given
    assert path.read_text().startswith("{")


def test_an_owner_that_cannot_be_had_leaves_it_private(
    tmp_path: Path, umask: Callable[[int], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    path = tmp_path / "report"
    path.write_text(OLD)
    path.chmod(0o666)
    monkeypatch.setattr(os, "fchown", refused)
    with OutputFile(str(path), private=True) as file:
        file.write("x")
    assert (mode(path), path.read_text()) == (0o600, "x")


def test_a_link_is_refused_before_the_session(
    cli: Callable[..., Ran], tmp_path: Path, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, link, dangling = tmp_path / "bashrc", tmp_path / "report.json", tmp_path / "dangling.json"
    target.write_text(OLD)
    link.symlink_to(target)
    dangling.symlink_to(tmp_path / "nothing")
    refused_beforehand(cli, listener, link, "symbolic link", "name the file that it leads to")
    refused_beforehand(cli, listener, dangling, "symbolic link")
    monkeypatch.chdir(tmp_path)
    refused_beforehand(cli, listener, "report.json", "symbolic link")
    assert target.read_text() == OLD
    assert nothing_else(tmp_path, "bashrc", "report.json", "dangling.json")


def test_a_link_that_is_planted_later_is_replaced(tmp_path: Path) -> None:
    target, path = tmp_path / "bashrc", tmp_path / "report"
    target.write_text(OLD)
    with OutputFile(str(path), private=True) as file:
        path.symlink_to(target)
        file.write("x")
    assert (path.read_text(), path.is_symlink(), target.read_text()) == ("x", False, OLD)


def test_a_way_up_from_a_link_is_refused(
    cli: Callable[..., Ran], listener: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sub/../../x` is meant to be beside the working directory; where `sub` is a link it is beside what that leads to."""
    here, elsewhere = tmp_path / "here", tmp_path / "far" / "away" / "elsewhere"
    here.mkdir()
    elsewhere.mkdir(parents=True)
    (here / "sub").symlink_to(elsewhere)
    (here / "own").mkdir()
    monkeypatch.chdir(here)
    refused_beforehand(cli, listener, "sub/../../x", "leads out of the working directory", str(tmp_path / "far"))
    assert cli("explain", "550", "--output", "own/../../x").code == 0
    assert (tmp_path / "x").exists()
    assert not (tmp_path / "far" / "x").exists()


def test_a_directory_that_leads_out_is_refused(
    cli: Callable[..., Ran], tmp_path: Path, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, outside = tmp_path / "project", tmp_path / "outside"
    for folder in (project / "build", outside / "below"):
        folder.mkdir(parents=True)
    (project / "reports").symlink_to(outside)
    (project / "inside").symlink_to("build")
    monkeypatch.chdir(project)
    for path in ("reports/x.json", "reports/below/x.json", "build/../reports/x.json", str(project / "reports/x.json")):
        refused_beforehand(cli, listener, path, "leads out of the working directory", str(outside))
    assert nothing_else(outside, "below")
    # A shell knows the directory by the name that led there, and $PWD is that.
    (tmp_path / "second").symlink_to(project)
    (project / "again").symlink_to(project)
    for path in (str(tmp_path / "second/reports/x.json"), "again/reports/x.json", "reports/../x.json"):
        refused_beforehand(cli, listener, path, "leads out of the working directory")
    assert nothing_else(outside, "below")
    assert not (tmp_path / "x.json").exists()
    assert cli("explain", "554", "--output", str(tmp_path / "second/y.json")).code == 0
    assert (project / "y.json").exists()
    assert cli("explain", "554", "--output", "inside/x.json").code == 0
    assert (project / "build" / "x.json").exists()
    # What the user names outside, by whatever way, nobody has planted here.
    (tmp_path / "link").symlink_to(outside)
    for path in ("../outside/x.json", str(tmp_path / "link" / "y.json")):
        assert cli("explain", "554", "--output", path).code == 0
    assert nothing_else(outside, "below", "x.json", "y.json")


def test_another_drive_is_not_below_the_working_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "commonpath", ntpath.commonpath)
    assert not writing._is_below(r"D:\reports", r"C:\project")
    assert writing._is_below(r"C:\project\reports", r"C:\project")


def test_a_file_is_closed_before_it_is_put_in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows renames no file that is open."""
    file = OutputFile(str(tmp_path / "x.txt"), private=False)
    were_open, replace = [], os.replace
    monkeypatch.setattr(os, "replace", lambda *paths: (were_open.append(file.is_open), replace(*paths)))
    file.write("x")
    file.commit()
    assert (were_open, (tmp_path / "x.txt").read_text()) == ([False], "x")


@pytest.mark.parametrize("path", ["{}/missing/x.json", "/dev/fd/987654", "/dev/stdin/x", "{}"])
def test_what_cannot_be_written_is_refused_before_the_session(
    cli: Callable[..., Ran], tmp_path: Path, listener: socket.socket, path: str
) -> None:
    refused_beforehand(cli, listener, path.format(tmp_path))


def test_a_descriptor_for_reading_is_refused_before_the_session(
    cli: Callable[..., Ran], listener: socket.socket
) -> None:
    reading = os.open(os.devnull, os.O_RDONLY)
    try:
        refused_beforehand(cli, listener, f"/dev/fd/{reading}", "Bad file descriptor")
    finally:
        os.close(reading)


def refuse_beside(path: str, mode: int) -> tuple[str, int]:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def test_a_directory_in_which_nothing_can_be_made(
    cli: Callable[..., Ran], tmp_path: Path, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_make_beside", refuse_beside)
    refused_beforehand(cli, listener, tmp_path / "new.json", "cannot be written: Permission denied")
    there = tmp_path / "there.json"
    there.write_text(OLD * 10000)
    assert cli("demo", "accepted", "--output", str(there)).code == 0
    assert there.read_text().startswith("{")
    assert OLD not in there.read_text()


def test_a_file_without_permission_is_not_replaced(
    cli: Callable[..., Ran], tmp_path: Path, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.json"
    path.write_text(OLD)
    monkeypatch.setattr(os, "access", lambda *_: False)  # whatever the user who runs the tests may do
    refused_beforehand(cli, listener, path, "cannot be written: Permission denied")
    assert path.read_text() == OLD


def test_a_mounted_file_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    path = tmp_path / "report"
    path.write_text(OLD)
    monkeypatch.setattr(os, "replace", busy)
    with OutputFile(str(path), private=True) as file:
        file.write("x")
    assert path.read_text() == "x"
    assert nothing_else(tmp_path, "report")


EXPLAIN = [sys.executable, "-m", "smtpprobe", "explain", "554", "-q"]


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/stderr", "/dev/fd/1", "/proc/self/fd/1", "/dev/null"])
def test_descriptors_and_devices_are_written_to(path: str) -> None:
    ran = subprocess.run([*EXPLAIN, "--output", f"json:{path}"], capture_output=True, timeout=30, check=True)
    said = ran.stderr if path.endswith("stderr") else ran.stdout
    assert (b'"code": 554' in said) is (path != "/dev/null")
    assert ran.stdout.endswith(subprocess.run(EXPLAIN, capture_output=True, timeout=30, check=True).stdout)


def test_what_the_shell_appends_to_is_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(OLD)
    with path.open("ab") as log:
        subprocess.run([*EXPLAIN, "--output", "json:/dev/stdout"], stdout=log, timeout=30, check=True)
    written = path.read_text()
    assert written.startswith(OLD)
    assert '"code": 554' in written


@pytest.mark.parametrize("form", ["json", "csv"], ids=["whole", "item by item"])
def test_a_named_pipe_is_written_to(cli: Callable[..., Ran], tmp_path: Path, form: str) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(path.read_text()))
    reader.start()
    assert cli("explain", REFUSED, "--output", f"{form}:{path}").code == 0
    reader.join(30)
    assert "550" in read[0]
    assert nothing_else(tmp_path, "pipe")


@pytest.mark.parametrize("arguments", [("-q",), ()], ids=["a line", "more than is buffered"])
def test_a_reader_of_a_pipe_that_goes_away_changes_nothing(cli: Callable[..., Ran], arguments: tuple[str, ...]) -> None:
    form = "text" if arguments else "json"
    reading, writing_end = os.pipe()
    os.close(reading)
    try:
        ran = cli("demo", "unknown-recipient", *arguments, "--output", f"{form}:/dev/fd/{writing_end}")
    finally:
        os.close(writing_end)
    assert (ran.code, ran.err) == (1, "")


def test_items_stand_in_their_place_when_all_are_written(
    cli: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "items.csv"
    path.write_text(OLD)
    seen: list[str] = []

    def written(self: OutputFile, text: str) -> None:
        seen.append(path.read_text())
        self._file.write(text)

    monkeypatch.setattr(OutputFile, "write", written)
    assert cli("explain", REFUSED, "--output", str(path)).code == 0
    assert seen == [OLD]
    assert "5.1.1" in path.read_text()


@pytest.mark.parametrize(
    ("error", "code", "kept"),
    [(KeyboardInterrupt(), 130, True), (ValueError("wrong"), 2, True), (click.exceptions.Exit(0), 0, False)],
    ids=["interrupted", "wrong input", "ended on purpose"],
)
def test_items_of_a_reading_that_ends_early(
    cli: Callable[..., Ran],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    kept: bool,
) -> None:
    from smtpprobe.pipeline.explaining import Explaining

    def ends(*_: object) -> None:
        raise error

    path = tmp_path / "items.csv"
    path.write_text(OLD)
    monkeypatch.setattr(Explaining, "finish", ends)
    assert cli("explain", REFUSED, "--output", str(path)).code == code
    assert (path.read_text() == OLD) is kept
    assert nothing_else(tmp_path, "items.csv")


def test_items_that_cannot_be_written_cost_nothing_else(cli: Callable[..., Ran], tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    log = tmp_path / "replies.txt"
    log.write_text(f"{REFUSED}\n" * 3000)
    ran = cli("explain", str(log), "--output", "jsonl:/dev/full", "--output", str(other))
    assert ran.code == 2
    assert ran.err.endswith("'/dev/full': cannot be written: No space left on device\n")
    assert "3000 refusals" in ran.out
    assert len(other.read_text().splitlines()) == 3001


@pytest.mark.parametrize(
    "second", ["report.json", "./report.json", "json:report.json", "folder/../report.json", "text:{here}/report.json"]
)
@pytest.mark.parametrize("there", [True, False])
def test_a_file_that_is_named_twice_is_refused_before_the_session(
    cli: Callable[..., Ran],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    listener: socket.socket,
    second: str,
    there: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    if there:
        (tmp_path / "report.json").write_text(OLD)
    second = second.format(here=tmp_path)
    target = f"127.0.0.1:{listener.getsockname()[1]}"
    ran = cli("check", target, "--output", "json:report.json", "--output", "other.txt", "--output", second)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert repr(second.rpartition(":")[2]) in ran.err
    assert "twice" in ran.err
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_a_device_may_be_named_twice(cli: Callable[..., Ran]) -> None:
    assert cli("explain", REFUSED, "--output", "csv:/dev/null", "--output", "jsonl:/dev/null").code == 0
