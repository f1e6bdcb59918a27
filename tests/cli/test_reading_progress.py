"""What a terminal shows while `smtpprobe explain` reads."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from smtpprobe.cli import explain_input


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Standard error as a terminal; set in the test itself, before which pytest sets its own."""
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    return shown


def test_progress_is_gone_if_the_reading_ends_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    monkeypatch.setattr(explain_input, "_EVERY_S", -1.0)
    path = tmp_path / "log"
    path.write_bytes(b"550 5.1.1 no\n" * 200_000)
    given = explain_input.Input(str(path))
    next(given.blocks())
    assert "reading [" in terminal.getvalue()
    given.close()
    assert terminal.getvalue().endswith("\r")
    assert terminal.getvalue().rpartition("\r")[0].rpartition("\r")[2].strip() == ""


def test_what_is_read_at_once_shows_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    monkeypatch.setattr(explain_input, "_EVERY_S", 60.0)
    path = tmp_path / "log"
    path.write_bytes(b"550 5.1.1 no\n")
    given = explain_input.Input(str(path))
    assert b"".join(given.blocks()) == b"550 5.1.1 no\n"
    given.close()
    assert terminal.getvalue() == ""
