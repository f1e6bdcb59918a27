"""Prints how many mutants of a folder its tests kill: `mutants.py FOLDER TESTS… [--again] [--show]`.

    nice python tests/benchmarks/mutants.py smtpprobe/diagnosis tests/diagnosis tests/test_cases.py --show

Works on a copy in .cache/mutants, one process at a time. `--again` runs only the survivors of the last run, with the tests
as they are now; after a change of the folder itself run it whole. `--show` prints each survivor's diff. Exits 1 where less
than 90 % are killed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOAL = 0.9
COPIED = ("smtpprobe", "tests", "fixtures", "docs")
FILES = ("pyproject.toml", "README.md", "LICENSE")
KEPT = "results.json"
# The exit codes of a mutant's tests that are no kill; every other one is: a failed test, a crash, the time limit.
SURVIVED, NO_TESTS, NOT_RUN = 0, 33, None


def prepared(folder: str, tests: list[str]) -> Path:
    """The copy that mutmut works on, as the sources are now; results of an earlier run stay beside it."""
    copy = ROOT / ".cache" / "mutants" / folder.replace("/", ".")
    copy.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        shutil.rmtree(copy / name, ignore_errors=True)
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy2(ROOT / name, copy / name)
    pattern = folder if folder.endswith(".py") else f"{folder}/*"
    settings = {
        "source_paths": ["smtpprobe"],
        "only_mutate": [pattern],
        "pytest_add_cli_args_test_selection": tests,
        "pytest_add_cli_args": ["-p", "no:cacheprovider"],
        "also_copy": ["fixtures", "docs", "README.md", "LICENSE"],
        "track_dependencies": False,
        "use_git_change_detection": False,
    }
    with open(copy / "pyproject.toml", "a", encoding="utf-8") as file:
        file.write("\n[tool.mutmut]\n")
        file.writelines(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    return copy


def results(copy: Path, earlier: dict[str, int | None]) -> dict[str, int | None]:
    """Each mutant's name and the exit code of its tests: the earlier one for a mutant that was not run again."""
    found: dict[str, int | None] = {}
    for path in sorted((copy / "mutants").rglob("*.py.meta")):
        found |= json.loads(path.read_text("utf-8"))["exit_code_by_key"]
    return {name: earlier.get(name) if code is NOT_RUN else code for name, code in found.items()}


def mutmut(copy: Path, *arguments: str) -> None:
    """Runs mutmut in the copy; ends the program where it does not finish, as with tests that fail without a mutant."""
    ran = subprocess.run([sys.executable, "-m", "mutmut", *arguments], cwd=copy, check=False)
    if ran.returncode:
        sys.exit(f"mutmut {arguments[0]} gave up: see above")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", help="a folder of smtpprobe, or one module")
    parser.add_argument("tests", nargs="+", help="the test files and folders that ought to notice")
    parser.add_argument("--again", action="store_true", help="only what survived the last time")
    parser.add_argument("--show", action="store_true", help="the survivors' diffs")
    arguments = parser.parse_args()
    copy = prepared(arguments.folder.rstrip("/"), arguments.tests)
    alive = (SURVIVED, NO_TESTS, NOT_RUN)
    # mutmut forgets its results when it is given other tests, so they are kept here.
    kept = copy / KEPT
    earlier = json.loads(kept.read_text("utf-8")) if arguments.again and kept.exists() else {}
    chosen = [name for name, code in results(copy, earlier).items() if code in alive] if arguments.again else []
    if not arguments.again:
        shutil.rmtree(copy / "mutants", ignore_errors=True)
    mutmut(copy, "run", "--max-children", "1", *chosen)
    found = results(copy, earlier)
    kept.write_text(json.dumps(found), "utf-8")
    survivors = [name for name, code in found.items() if code in alive]
    for name in survivors:
        if arguments.show:
            mutmut(copy, "show", name)
        else:
            print(name)
    killed = len(found) - len(survivors)
    print(f"{arguments.folder}: {killed} of {len(found)} mutants killed, {killed / max(1, len(found)):.1%}")
    return 0 if killed >= GOAL * len(found) else 1


if __name__ == "__main__":
    sys.exit(main())
