"""Where the report goes: standard output, files, terminals, pipes that close."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from smtpprobe.catalogue.reference.compare import compare
from smtpprobe.cli import app
from smtpprobe.cli.output import Output, emit
from smtpprobe.render.formats import Takes
from tests.cli.conftest import Ran

DEMO = [sys.executable, "-m", "smtpprobe", "demo"]
SGR = re.compile(r"\x1b\[[0-9;]*m")
LINK = re.compile(r"\x1b\]8;;([^\x1b]*)\x1b\\")


def on_a_terminal(*arguments: str, columns: int = 80, **environment: str) -> tuple[str, int]:
    """What the demo writes to a pseudo-terminal, and its exit code."""
    master, slave = pty.openpty()
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS")
    }
    process = subprocess.Popen(
        [*DEMO, *arguments], stdin=slave, stdout=slave, stderr=slave, close_fds=True,
        env=inherited | {"TERM": "xterm-256color", "COLUMNS": str(columns)} | environment,
    )  # fmt: skip
    os.close(slave)
    octets, deadline = b"", time.monotonic() + 30
    try:
        while time.monotonic() < deadline and select.select([master], [], [], deadline - time.monotonic())[0]:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            octets += piece
        code = process.wait(10)
    finally:
        process.kill()
        process.wait()
        os.close(master)
    return octets.decode().replace("\r\n", "\n"), code


def test_a_terminal_gets_colour_and_links() -> None:
    text, code = on_a_terminal("blocklisted")
    assert code == 1
    assert SGR.search(text)
    assert "https://dnsbl.example/?ip=198.51.100.7" in LINK.findall(text)
    page = LINK.sub("", SGR.sub("", text))
    page = page[page.index("✗ REFUSED") :]
    assert "\x1b" not in page
    assert max(len(line) for line in page.splitlines()) <= 80


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [([], {"NO_COLOR": "1"}), (["--no-color"], {}), ([], {"TERM": "dumb"})],
)
def test_a_terminal_without_colour(arguments: list[str], environment: dict[str, str]) -> None:
    text, code = on_a_terminal("unknown-recipient", *arguments, **environment)
    assert code == 1
    assert "REFUSED at RCPT TO" in text
    page = text[text.index("✗ REFUSED") :]
    assert "\x1b" not in page


def test_an_empty_no_color_counts_as_unset() -> None:
    assert SGR.search(on_a_terminal("unknown-recipient", NO_COLOR="")[0])


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({"FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ({"FORCE_COLOR": ""}, False),
        ({"FORCE_COLOR": "0"}, False),
        ({"CLICOLOR_FORCE": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_can_be_forced_where_there_is_no_terminal(
    cli: Callable[..., Ran],
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    coloured: bool,
    tmp_path: Path,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ran = cli("explain", "554", "--output", str(tmp_path / "page.txt"))
    assert bool(SGR.search(ran.out)) is coloured
    assert not LINK.search(ran.out)
    assert not SGR.search((tmp_path / "page.txt").read_text())
    assert not SGR.search(cli("explain", "554", "--no-color").out)


def test_the_live_line_leaves_nothing_behind() -> None:
    text, _ = on_a_terminal("accepted", "--no-color", "--format", "json")
    json.loads(text[text.index("{") :])


def test_no_terminal_no_escapes(cli: Callable[..., Ran]) -> None:
    for form in ("text", "json"):
        ran = cli("demo", "blocklisted", "--format", form)
        assert "\x1b" not in ran.out
        assert ran.err == ""


def test_two_files_and_the_page(cli: Callable[..., Ran], tmp_path: Path) -> None:
    first, second, third = tmp_path / "a", tmp_path / "page.txt", tmp_path / "b.json"
    ran = cli("demo", "accepted", "--output", f"json:{first}", "--output", str(second), "--output", str(third))
    assert ran.code == 0
    assert json.loads(first.read_text()) == json.loads(third.read_text())
    # The file has the page without the words before it.
    assert ran.out.endswith(f"\n\n{second.read_text()}")
    assert "\n✓ ACCEPTED" in second.read_text()


def test_a_file_that_fails_late_costs_only_itself(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    gone, kept = tmp_path / "gone" / "x", tmp_path / "kept"
    with pytest.raises(FileNotFoundError):
        emit(
            Output(format="text", files=(("text", str(gone)), ("text", str(kept)))),
            Takes.COMPARISON,
            compare("554", "550"),
        )
    assert capsys.readouterr().out == kept.read_text()
    assert kept.read_text().startswith("554 and 550")


def test_a_reader_that_goes_away_changes_nothing() -> None:
    with subprocess.Popen([*DEMO, "blocklisted", "-v"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 1


def test_a_full_disk_is_one_line() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("needs /dev/full")
    with open("/dev/full", "wb") as full:
        ran = subprocess.run([*DEMO, "accepted"], stdout=full, stderr=subprocess.PIPE, timeout=30, check=False)
    assert ran.returncode == 2
    assert ran.stderr.decode().count("\n") == 1
    assert b"cannot be written" in ran.stderr


def test_columns_are_honoured(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    ran = cli("demo", "unknown-recipient")
    page = ran.out[ran.out.index("✗") :]
    assert max(len(line) for line in page.splitlines() if "http" not in line) <= 50


def test_an_output_that_knows_no_unicode(monkeypatch: pytest.MonkeyPatch) -> None:
    octets = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(octets, encoding="ascii"))
    assert app.run(["explain", "554"]) == 0
    sys.stdout.flush()
    assert octets.getvalue().decode("ascii").startswith("554")


@pytest.mark.parametrize(("encoding", "sign"), [("ascii", "OK"), ("latin-1", "OK"), ("utf-8", "✓")])
def test_signs_are_written_plainly_where_they_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, encoding: str, sign: str
) -> None:
    octets = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(octets, encoding=encoding))
    assert app.run(["demo", "accepted", "-q"]) == 0
    sys.stdout.flush()
    shown = octets.getvalue().decode(encoding)
    assert shown.startswith(f"{sign} ACCEPTED")
    assert "\\u" not in shown


def test_the_version_and_help(cli: Callable[..., Ran]) -> None:
    ran = cli()
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: smtpprobe" in ran.err
    for name in app._COMMANDS:
        for arguments in ((name, "--help"), (name, "-h")):
            ran = cli(*arguments)
            assert (ran.code, ran.err) == (0, "")
            assert ran.out.startswith(f"Usage: smtpprobe {name} ")
            assert max(len(line) for line in ran.out.splitlines()) <= 80
    assert cli("--version").out == cli("-V").out


def test_a_terminal_that_nobody_told_its_size_has_eighty_columns() -> None:
    shown, _ = on_a_terminal("-q", NO_COLOR="1", COLUMNS="")
    assert 70 < max(len(line) for line in shown.splitlines()) <= 80


@pytest.mark.parametrize("more", ["-v", "--checks"])
def test_less_and_more_together_are_refused(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    ran = cli("demo", "accepted", "-q", more)
    assert (ran.code, ran.out) == (2, "")
    assert f"-q asks for less and {more} for more: expected one of them" in ran.err
    # What is typed goes before the environment.
    monkeypatch.setenv("SMTPPROBE_QUIET", "1")
    assert cli("demo", "accepted", more).out.count("\n") > cli("demo", "accepted").out.count("\n")
    monkeypatch.delenv("SMTPPROBE_QUIET")
    shortest = cli("demo", "accepted", "-q").out.count("\n")
    monkeypatch.setenv("SMTPPROBE_CHECKS", "1")
    monkeypatch.setenv("SMTPPROBE_VERBOSE", "1")
    assert cli("demo", "accepted", "-q").out.count("\n") == shortest
