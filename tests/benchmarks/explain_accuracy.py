"""Prints how often explain() names the labelled cause of a corpus of replies: `explain_accuracy.py [FILE] [-v]`.

FILE is JSON lines with reply, cause, causes_ok, stage, provider, source. Without it the development corpus is read
from $SMTPPROBE_CORPORA, else ../shared/corpora/replies.dev.jsonl beside the project.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from smtpprobe.catalogue import explain as explaining
from smtpprobe.catalogue import rules, wording
from smtpprobe.catalogue.explain import Explanation, explain
from smtpprobe.model.transcript import Phase

EARLY = ("greeting", "ehlo", "starttls", "auth")
STAGES = {"data-end": "message"}
GOALS = {"exact": 0.92, "causes_ok": 0.95, "early exact": 0.90}


def corpus(argv: list[str]) -> Path:
    """The file to measure on."""
    named = [word for word in argv if not word.startswith("-")]
    folder = Path(os.environ.get("SMTPPROBE_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
    return Path(named[0]) if named else folder / "replies.dev.jsonl"


def explained(row: dict[str, Any], with_provider: bool = True) -> Explanation:
    """The explanation of one labelled reply, with its stage as phase."""
    stage = STAGES.get(row.get("stage") or "", row.get("stage"))
    phase = Phase(stage) if stage in set(Phase) else None
    return explain(row["reply"], phase=phase, provider=row.get("provider") if with_provider else None)


def rate(hits: int, of: int) -> str:
    return f"{hits / of:.3f} ({hits} of {of})" if of else "none"


def accuracy(rows: list[dict[str, Any]], found: list[Explanation]) -> dict[str, str]:
    """Exact, causes_ok, and early-phase figures."""
    pairs = list(zip(rows, found, strict=True))
    early = [(row, one) for row, one in pairs if row.get("stage") in EARLY]
    said = [(row, one) for row, one in pairs if one.said]
    return {
        "exact": rate(sum(one.cause == row["cause"] for row, one in pairs), len(pairs)),
        "causes_ok": rate(sum(one.cause in row["causes_ok"] for row, one in pairs), len(pairs)),
        "early exact": rate(sum(one.cause == row["cause"] for row, one in early), len(early)),
        "exact where said": rate(sum(one.cause == row["cause"] for row, one in said), len(said)),
    }


def by_source(rows: list[dict[str, Any]], found: list[Explanation]) -> list[str]:
    """Accuracy for each source, worst first; sources of one file each are taken together by project."""
    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for row, one in zip(rows, found, strict=True):
        project = str(row.get("source", "?")).split(":")[0]
        project = "issues" if project == "https" else project
        total[project] += 1
        right[project] += one.cause == row["cause"]
    order = sorted(total, key=lambda name: (right[name] / total[name], -total[name]))
    return [f"{right[name] / total[name]:.2f}  {total[name]:4d}  {name}" for name in order]


def overfit(rows: list[dict[str, Any]]) -> list[str]:
    """Phrases that stand in exactly one reply of the corpus, and decide nothing elsewhere."""
    hits: Counter[str] = Counter()
    catalogue = rules._catalogue()
    for row in rows:
        text = wording.read(row["reply"]).text
        present = rules.keys(text)
        seen = {
            phrase.source
            for key in present
            for phrase, _ in catalogue.index.get(key, ())
            if phrase.found_in(text, present)
        }
        hits.update(seen)
    return sorted(source for source, count in hits.items() if count == 1)


def without(singles: list[str], rows: list[dict[str, Any]]) -> dict[str, str]:
    """The figures with those phrases taken out: roughly what the rules reach on replies they were not written for."""
    catalogue = rules._catalogue()
    kept = catalogue.index
    dropped = set(singles)
    catalogue.index = {key: [one for one in held if one[0].source not in dropped] for key, held in kept.items()}
    explaining._judge.cache_clear()
    figures = accuracy(rows, [explained(row) for row in rows])
    catalogue.index = kept
    explaining._judge.cache_clear()
    return figures


def main(argv: list[str]) -> int:
    rows = [json.loads(line) for line in corpus(argv).read_text(encoding="utf-8").splitlines() if line]
    verbose = "-v" in argv
    explained(rows[0])
    started = time.perf_counter()
    found = [explained(row) for row in rows]
    cold = time.perf_counter() - started
    started = time.perf_counter()
    for row in rows:
        explained(row)
    warm = time.perf_counter() - started
    for name, figure in accuracy(rows, found).items():
        goal = GOALS.get(name)
        print(f"{name:18} {figure}" + (f"   goal {goal}" if goal else ""))
    alone = accuracy(rows, [explained(row, with_provider=False) for row in rows])
    print(f"without the provider: exact {alone['exact']}")
    print(f"per reply: {1e6 * cold / len(rows):.0f} us first time, {1e6 * warm / len(rows):.0f} us again")
    print(
        "confidence:",
        dict(Counter(one.confidence for one in found)),
        "basis:",
        dict(Counter(one.basis for one in found)),
    )
    if verbose:
        print("\nby source, worst first", *by_source(rows, found), sep="\n  ")
        single = overfit(rows)
        print("\nwithout the phrases that stand in one reply only:", without(single, rows))
        print(f"\nphrases that stand in one reply only: {len(single)}", *single, sep="\n  ")
    if "-w" in argv:
        for row, one in zip(rows, found, strict=True):
            if one.cause != row["cause"]:
                mark = "ok" if one.cause in row["causes_ok"] else "WRONG"
                print(f"{mark} {row['cause']} -> {one.cause} ({one.basis}, {one.confidence}; {one.alternatives})")
                print(f"     {row.get('stage') or ''}/{row.get('provider') or ''}: {row['reply'][:200]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
