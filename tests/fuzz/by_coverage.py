"""Runs one target, led by the coverage of our own code: `python -m tests.fuzz.by_coverage TARGET [SECONDS [RUNS]]`.

Needs atheris (`pip install -e '.[fuzz]'`). What it learns stays in .cache/fuzz/TARGET, unless the runs are counted: then
each is like the last. An input that fails is written to the working directory; made small, it goes to
tests/fuzz/corpus/TARGET.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

LEARNT = Path(__file__).parents[2] / ".cache" / "fuzz"
SECONDS = 60
MAX_OCTETS = 4096


def main(arguments: list[str]) -> int:
    """0 where nothing failed in the time; 2 for a wrong command line or without atheris."""
    try:
        import atheris
    except ImportError:
        print("atheris is not installed: pip install -e '.[fuzz]' (it has wheels for Linux on x86-64)", file=sys.stderr)
        return 2
    with atheris.instrument_imports(include=["smtpprobe"]):
        from tests.fuzz import targets
    name, seconds, runs, *more = (*arguments, *("", str(SECONDS), "")[len(arguments) :])
    target = targets.BY_NAME.get(name)
    if target is None or more or not f"{seconds}{runs}".isdigit():
        expected = "TARGET [SECONDS [RUNS]], a target of"
        print(f"by_coverage: expected {expected} {', '.join(targets.BY_NAME)}", file=sys.stderr)
        return 2
    learnt = Path(tempfile.mkdtemp()) if runs else LEARNT / name
    learnt.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate((*target.seeds, *(path.read_bytes() for path in target.finds))):
        (learnt / f"seed-{number}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", f"-max_len={MAX_OCTETS}", "-timeout=30", "-rss_limit_mb=2048"]
    options += [f"-runs={runs}", "-seed=1"] if runs else []
    atheris.Setup([sys.argv[0], str(learnt), *options], target.check)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
