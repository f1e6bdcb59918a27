"""Prints what it costs to start smtpprobe: `startup.py [--python PYTHON]`.

Makes a fresh environment with the project and, installed the same way, a console script that does nothing; takes the
best of 40 alternating starts of each. Exits 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUNS = 40
VERSION_GOAL_MS, EXPLAIN_GOAL_MS = 1.0, 60.0
HEAVY = {"asyncio", "dns", "rich", "msgspec", "click", "ssl", "socket"}

NOTHING = {
    "pyproject.toml": """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"
[project]
name = "nothing"
version = "1"
[project.scripts]
nothing = "nothing.__main__:main"
""",
    "nothing/__init__.py": "",
    "nothing/__main__.py": "import sys\n\n\ndef main() -> None:\n    sys.stdout.write('')\n",
}


def prepared(python: str, folder: Path) -> Path:
    """The bin directory of a new environment with both packages."""
    for name, text in NOTHING.items():
        path = folder / "nothing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    subprocess.run([python, "-m", "venv", str(folder / "venv")], check=True)
    programs = folder / "venv" / "bin"
    pip = [str(programs / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, str(folder / "nothing"), str(ROOT)], check=True)
    return programs


def took_ms(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - started) * 1000


def best_ms(commands: list[list[str]]) -> list[float]:
    """The best of the runs for each command, taken in turn."""
    for command in commands:
        took_ms(command)
    return [min(times) for times in zip(*([took_ms(each) for each in commands] for _ in range(RUNS)), strict=True)]


def imported(python: str, statement: str) -> set[str]:
    """The top-level modules that a statement imports."""
    code = f"import sys; before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    ran = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in ran.stdout.split()}


def shown(what: str, figure: float, goal: float, unit: str) -> bool:
    """Whether the goal is met; printed."""
    met = figure <= goal
    print(f"{what}: {figure:.2f} {unit} (goal at most {goal:g}){'' if met else '  MISSED'}")
    return met


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", default=sys.executable, help="the interpreter to make the environment with")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        programs = prepared(arguments.python, Path(folder))
        ours, python = str(programs / "smtpprobe"), str(programs / "python")
        nothing, version, explain = best_ms(
            [[str(programs / "nothing")], [ours, "--version"], [ours, "explain", "554"]]
        )
        print(f"a console script that does nothing: {nothing:.2f} ms")
        met = [
            shown("smtpprobe --version, beyond that", version - nothing, VERSION_GOAL_MS, "ms"),
            shown("smtpprobe explain 554", explain, EXPLAIN_GOAL_MS, "ms"),
        ]
        heavy = imported(python, "import smtpprobe") & HEAVY
        more = imported(python, "import smtpprobe.__main__ as m; sys.argv[1:] = ['--version']; sys.stdout = sys.stderr; "
                                "m.main(); sys.stdout = sys.__stdout__") - {"smtpprobe"}  # fmt: skip
        print(f"import smtpprobe brings in: {' '.join(sorted(heavy)) or 'nothing heavy'}")
        print(f"smtpprobe --version imports beside sys: {' '.join(sorted(more)) or 'nothing'}")
    return 0 if all(met) and not heavy and not more else 1


if __name__ == "__main__":
    sys.exit(main())
