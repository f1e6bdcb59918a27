"""Everything a change must pass: format, lint, types, import contracts, dependencies, tests, docs.

    python3 tests/check.py [--fast] [arguments for pytest]

Makes its own environments in .cache/check-venv, one for each Python from 3.11 to 3.14 that is installed; all checks run
on the first, the tests on every one. --fast keeps to the first. The last line counts the tests: `N passed, N failed`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".cache" / "check-venv"
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
# What an editable installation was made from: a change of it means a new environment.
CONSTRAINTS = "tests/constraints.txt"
INGREDIENTS = ("pyproject.toml", CONSTRAINTS, "smtpprobe/catalogue/build_hook.py")
INHERITED = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PYTEST_ADDOPTS", "PYTEST_PLUGINS")


def interpreters() -> dict[str, str]:
    """The interpreters that work, by version: the one that runs this file, then the first of each on PATH."""
    found = {}
    own = "{}.{}".format(*sys.version_info[:2])
    for version in sorted(VERSIONS, key=lambda version: version != own):
        candidates = [sys.executable] if version == own else []
        for directory in os.get_exec_path():
            candidate = shutil.which(f"python{version}", path=directory)
            if candidate:
                candidates.append(candidate)
        for candidate in candidates:
            if works(candidate, version):
                found[version] = candidate
                break
    return found


def works(interpreter: str, version: str) -> bool:
    """Whether the interpreter starts, is of the version, and can make environments; a shim may do neither."""
    probe = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
    try:
        ran = subprocess.run([interpreter, "-c", probe], capture_output=True, text=True, timeout=60, env=environment())
    except (OSError, subprocess.SubprocessError):
        return False
    return ran.returncode == 0 and ran.stdout.strip() == version


def environment() -> dict[str, str]:
    """Our own environment variables without those that would lead Python elsewhere."""
    return {name: value for name, value in os.environ.items() if name not in INHERITED}


def prepared(version: str, interpreter: str) -> Path | None:
    """The bin directory of the version's environment, made anew where the project's metadata changed."""
    home = ENVIRONMENTS / version
    stamp = home / "made-from"
    content = [interpreter.encode(), *((ROOT / name).read_bytes() for name in INGREDIENTS)]
    fingerprint = hashlib.sha256(b"\0".join(content)).hexdigest()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return home / "bin"
    pip = [str(home / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    made = run(f"{version}: environment", [interpreter, "-m", "venv", "--clear", str(home)])
    if not made or not run(f"{version}: installation", [*pip, "--constraint", CONSTRAINTS, "--editable", ".[dev]"]):
        return None
    stamp.write_text(fingerprint)
    return home / "bin"


def run(title: str, command: list[str]) -> bool:
    """Whether the command succeeded; its output goes to ours."""
    print(f"== {title}", flush=True)
    started = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, check=False).returncode
    print(f"   {'ok' if code == 0 else f'FAILED ({code})'} {time.monotonic() - started:.1f} s", flush=True)
    return code == 0


def test(version: str, programs: Path, arguments: list[str]) -> tuple[bool, list[int]]:
    """Whether the tests passed, and how many passed, failed and were skipped; a run that broke off counts as failed."""
    with tempfile.TemporaryDirectory() as directory:
        results = Path(directory) / "results.xml"
        # A process for each core; the tests of one file share what it starts, so that they stay together.
        spread = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]  # conftest.py has the order
        command = [str(programs / "python"), "-m", "pytest", "-q", *spread, f"--junitxml={results}", *arguments]
        passed = run(f"{version}: tests", command)
        try:
            suites = ElementTree.parse(results).getroot().iter("testsuite")
            counts = [sum(column) for column in zip(*map(counted, suites), strict=True)] or [0, 1, 0]
        except (OSError, ElementTree.ParseError):
            counts = [0, 1, 0]
    return passed, counts


def counted(suite: ElementTree.Element) -> tuple[int, int, int]:
    """How many tests of a JUnit suite passed, failed and were skipped."""
    total, failures, errors, skipped = (int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped"))
    return total - failures - errors - skipped, failures + errors, skipped


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    fast = "--fast" in arguments
    arguments = [argument for argument in arguments if argument != "--fast"]
    found = interpreters()
    if not found:
        print(f"no working Python of {VERSIONS[0]} to {VERSIONS[-1]} with venv (Debian: python3-venv)", file=sys.stderr)
        print("0 passed, 1 failed")
        return 1
    failed, totals = [], [0, 0, 0]
    for position, (version, interpreter) in enumerate(list(found.items())[: 1 if fast else None]):
        programs = prepared(version, interpreter)
        if programs is None:
            failed.append(f"{version}: environment")
            totals[1] += 1
            continue
        if position == 0:
            failed += [
                f"{version}: {title}" for title, command in checks(programs) if not run(f"{version}: {title}", command)
            ]
        passed, counts = test(version, programs, arguments)
        totals = [a + b for a, b in zip(totals, counts, strict=True)]
        if not passed:
            failed.append(f"{version}: tests")
    report(found, failed, totals, fast)
    return 1 if failed or totals[1] else 0


def checks(programs: Path) -> list[tuple[str, list[str]]]:
    """The checks beside the tests: a title and a command each."""
    python = str(programs / "python")
    return [
        ("format", [str(programs / "ruff"), "format", "--check", "."]),
        ("lint", [str(programs / "ruff"), "check", "."]),
        ("types", [python, "-m", "mypy"]),
        ("import contracts", [str(programs / "lint-imports")]),
        ("dependencies", [python, "tests/audit.py"]),
        ("docs freshness", [python, "docs/generate.py", "--check"]),
    ]


def report(found: dict[str, str], failed: list[str], totals: list[int], fast: bool) -> None:
    """The summary; its last line counts the tests of all versions."""
    absent = [version for version in VERSIONS if version not in found]
    left_out = list(found)[1:] if fast else []
    print(f"\npython: {', '.join(version for version in found if version not in left_out)}", end="")
    print(f"; left out: {', '.join(left_out)}" if left_out else "", end="")
    print(f"; absent: {', '.join(absent)}" if absent else "")
    for title in failed:
        print(f"failed: {title}")
    skipped = f", {totals[2]} skipped" if totals[2] else ""
    print(f"{totals[0]} passed, {totals[1]} failed{skipped}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
