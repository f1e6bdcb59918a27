from __future__ import annotations

import importlib.util
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("project_check", Path(__file__).parent / "check.py")
assert _SPEC is not None
assert _SPEC.loader is not None
check = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(check)

OWN = "{}.{}".format(*sys.version_info[:2])


def shim(directory: Path, name: str, body: str) -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_a_shim_that_fails_is_passed_over_for_the_next_on_path(tmp_path, monkeypatch):
    version = next(version for version in check.VERSIONS if version != OWN)
    shim(tmp_path / "broken", f"python{version}", "echo command not found >&2; exit 127")
    shim(tmp_path / "other", f"python{version}", "echo 3.9")
    good = shim(tmp_path / "good", f"python{version}", f"echo {version}")
    monkeypatch.setenv("PATH", ":".join(str(tmp_path / name) for name in ("broken", "other", "good")))
    assert check.interpreters() == {OWN: sys.executable, version: str(good)}


def test_the_one_that_runs_comes_first():
    assert next(iter(check.interpreters().values())) == sys.executable


def test_an_interpreter_that_is_not_there_does_not_work():
    assert not check.works("/nonexistent/python3.11", "3.11")


def test_a_surrounding_environment_does_not_leak(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("SMTPPROBE_REQUIRE", "suites")
    assert "PYTHONPATH" not in check.environment()
    assert check.environment()["SMTPPROBE_REQUIRE"] == "suites"


def test_errors_count_as_failures():
    suite = ElementTree.fromstring('<testsuite tests="9" failures="1" errors="2" skipped="3"/>')
    assert check.counted(suite) == (3, 3, 3)


@pytest.mark.parametrize(
    ("totals", "last"), [([7, 0, 0], "7 passed, 0 failed"), ([7, 1, 2], "7 passed, 1 failed, 2 skipped")]
)
def test_the_last_line_counts_the_tests(totals, last, capsys):
    check.report({"3.11": "python3.11", "3.13": "python3.13"}, ["3.11: lint"], totals, fast=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == last
    assert "python: 3.11; left out: 3.13; absent: 3.12, 3.14" in lines
    assert "failed: 3.11: lint" in lines


def test_tests_that_break_off_count_as_failed(monkeypatch, tmp_path):
    monkeypatch.setattr(check, "run", lambda title, command: False)
    assert check.test("3.11", tmp_path, []) == (False, [0, 1, 0])
