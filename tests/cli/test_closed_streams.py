"""A standard stream that the caller has closed: one line, exit 2, as for output that cannot be written."""

from __future__ import annotations

import subprocess
import sys

import pytest

_RUN = f"exec {sys.executable} -m smtpprobe"


def _ran(command: str) -> tuple[int, str]:
    ran = subprocess.run(["sh", "-c", f"{_RUN} {command}"], capture_output=True, text=True, timeout=60, check=False)
    return ran.returncode, ran.stderr


@pytest.mark.parametrize(
    "command",
    ["explain 554", "explain greylisted", "--version", "--help", "schema", "causes", "compare 550 554",
     "explain '550 5.1.1 no' --format csv"],
)  # fmt: skip
def test_without_standard_output(command: str) -> None:
    code, said = _ran(f"{command} >&-")
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith("smtpprobe: the output cannot be written: ")


@pytest.mark.parametrize("command", ["explain -", "explain --jsonl -", "replay -"])
def test_without_standard_input(command: str) -> None:
    code, said = _ran(f"{command} <&-")
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith("smtpprobe: 'standard input': ")


def test_without_standard_error() -> None:
    assert _ran("explain 554 2>&-") == (0, "")
    assert _ran("explain nothing-of-the-kind-at-all 2>&-") == (2, "")
