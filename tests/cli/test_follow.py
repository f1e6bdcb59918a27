"""`smtpprobe explain --follow`: a log that grows, is rotated and made empty, without any waiting."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smtpprobe.cli import explain_follow, interrupts
from smtpprobe.cli.following import BLOCK, Following, UntilStopped
from tests.cli.conftest import Ran

LINE = (
    "Mar  5 {}:11:12 mx postfix/smtp[9]: 4B0A{}: to=<jane@example.com>, relay=mx.example.com[198.51.100.1]:25, delay=1, "
    "dsn=5.1.1, status=bounced (host mx.example.com[198.51.100.1] said: 550 5.1.1 {} (in reply to RCPT TO command))\n"
)
NO_USER, FULL = "<jane@example.com>: user unknown", "too large for us"


class Events:
    """Does one thing after the other, each when everything before was read; then it ends."""

    def __init__(self, *events: Callable[[], object]) -> None:
        self._events = iter(events)
        self.ended = False

    def wait(self) -> bool:
        """Whether there was something to do."""
        event = next(self._events, None)
        if event is not None:
            event()
        return event is not None


def append(path: Path, text: str) -> Callable[[], object]:
    def event() -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)

    return event


def rotate(path: Path, text: str = "") -> Callable[[], object]:
    def event() -> None:
        path.rename(path.with_suffix(".1"))
        if text:
            path.write_text(text, "utf-8")

    return event


def followed(path: Path, *events: Callable[[], object]) -> list[bytes]:
    following = Following(str(path), Events(*events))
    try:
        return b"".join(following.blocks()).splitlines()
    finally:
        following.close()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "mail.log"
    path.write_text("one\n", "utf-8")
    return path


def test_what_is_appended(log: Path) -> None:
    assert followed(log, append(log, "tw"), append(log, "o\nthree\n")) == [b"one", b"two", b"three"]


def test_a_rotation(log: Path) -> None:
    old = log.with_suffix(".1")
    events = (rotate(log), append(old, "late\n"), append(log, "new\n"), append(log, "newer\n"))
    assert followed(log, *events) == [b"one", b"late", b"new", b"newer"]


def test_a_line_that_a_rotation_cut_is_no_beginning_of_the_next(log: Path) -> None:
    assert followed(log, append(log, "cut"), rotate(log, "new\n")) == [b"one", b"cut", b"new"]


def test_several_rotations(log: Path) -> None:
    assert followed(log, rotate(log, "a\n"), rotate(log, "b\n"), rotate(log, "c\n")) == [b"one", b"a", b"b", b"c"]


def test_a_file_that_is_made_empty(log: Path) -> None:
    events = (lambda: os.truncate(log, 0), append(log, "new\n"))
    assert followed(log, *events) == [b"one", b"new"]


def test_a_stop_ends_the_reading_of_what_is_there(log: Path) -> None:
    log.write_bytes(b"x" * (3 * BLOCK))
    events = Events()
    following = Following(str(log), events)
    blocks = following.blocks()
    assert len(next(blocks)) == BLOCK
    events.ended = True
    assert list(blocks) == []
    following.close()


@pytest.fixture
def follow(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    def run(path: Path, *events: Callable[[], object], options: tuple[str, ...] = ()) -> Ran:
        monkeypatch.setattr(explain_follow, "_until_signal", lambda: Events(*events))
        return cli("explain", "--follow", str(path), *options)

    return run


def test_new_refusals_are_shown_as_they_come_and_all_are_summed_up(log: Path, follow: Callable[..., Ran]) -> None:
    log.write_text(LINE.format("08", 1, NO_USER), "utf-8")
    ran = follow(log, append(log, LINE.format("09", 2, FULL)), rotate(log, LINE.format("10", 3, NO_USER)))
    assert ran.code == 0
    before, after = ran.out.split("taken for Postfix log")
    assert [line.split()[2] for line in before.splitlines() if "Mar  5" in line] == ["09:11:12", "10:11:12"]
    assert "3 refusals in 3 lines" in after
    assert "began at Mar  5 08:11:12, last at Mar  5 10:11:12" in after
    assert [line.strip() for line in after.splitlines() if "-03-05 " in line] == [
        f"1  2026-03-05 {hour}:00" for hour in ("08", "09", "10")
    ]


def test_items_are_written_as_they_come(log: Path, follow: Callable[..., Ran]) -> None:
    log.write_text(LINE.format("08", 1, NO_USER), "utf-8")
    ran = follow(log, append(log, LINE.format("09", 2, FULL)), options=("--format", "jsonl"))
    assert [json.loads(line)["when"] for line in ran.out.splitlines()] == ["Mar  5 08:11:12", "Mar  5 09:11:12"]


def test_json_comes_at_the_end_with_the_hours(log: Path, follow: Callable[..., Ran]) -> None:
    log.write_text("", "utf-8")
    ran = follow(log, append(log, LINE.format("08", 1, NO_USER) * 2), options=("--format", "json"))
    assert ran.report["summary"]["hours"] == [
        {"hour": "2026-03-05 08:00", "count": 2, "causes": {"recipient-unknown": 2}, "providers": {}}
    ]


def test_a_log_without_refusals_is_no_error(log: Path, follow: Callable[..., Ran]) -> None:
    ran = follow(log)
    assert (ran.code, ran.err) == (0, "")
    assert "no refusal" in ran.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-",), "--follow takes one file"),
        (("a.log", "b.log"), "--follow takes one file"),
        (("missing.log",), "missing.log"),
    ],
)
def test_what_cannot_be_followed(cli: Callable[..., Ran], arguments: tuple[str, ...], words: str) -> None:
    ran = cli("explain", "--follow", *arguments)
    assert ran.code == 2
    assert words in ran.err
    assert ran.err.count("\n") == 1


def test_a_compressed_log_does_not_grow(tmp_path: Path, follow: Callable[..., Ran]) -> None:
    path = tmp_path / "mail.log.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00")
    ran = follow(path)
    assert (ran.code, "is not a log that grows" in ran.err) == (2, True)


@pytest.fixture
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
def test_the_first_signal_ends_the_waiting_and_the_second_the_program() -> None:
    stopped = UntilStopped()
    interrupts.end_at_first(stopped.stop)
    os.kill(os.getpid(), signal.SIGINT)
    assert not stopped.wait()
    assert stopped.ended
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
