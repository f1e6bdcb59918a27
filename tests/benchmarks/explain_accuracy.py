"""Prints how often explain() names the labelled cause of a corpus of replies: `explain_accuracy.py [FILE] [-v]`.

FILE is JSON lines with reply, cause, causes_ok, stage, provider, source. Without it the development corpus is read
from $SMTPPROBE_CORPORA, else ../shared/corpora/replies.dev.jsonl beside the project.
"""

from __future__ import annotations

import json
import os
import sys
import time
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from smtpprobe.catalogue.explainer import explain as explaining
from smtpprobe.catalogue.explainer import rules, wording
from smtpprobe.catalogue.explainer.explain import Explanation, explain
from smtpprobe.catalogue.explainer.phrases import Text
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
    said = [(row, one) for row, one in pairs if one.stated_by_reply]
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
    for project, row, one in zip(by_project(rows), rows, found, strict=True):
        total[project] += 1
        right[project] += one.cause == row["cause"]
    order = sorted(total, key=lambda name: (right[name] / total[name], -total[name]))
    return [f"{right[name] / total[name]:.2f}  {total[name]:4d}  {name}" for name in order]


def standing(rows: list[dict[str, Any]]) -> dict[str, set[int]]:
    """Each phrase of the rules with the numbers of the replies that it stands in."""
    catalogue = rules._catalogue()
    hits: dict[str, set[int]] = {}
    for number, row in enumerate(rows):
        present = Text(wording.read(row["reply"]).text)
        for key in present:
            for phrase, _ in catalogue.index.get(key, ()):
                if phrase.found_in(present):
                    hits.setdefault(phrase.source, set()).add(number)
    return hits


def own_replies() -> list[dict[str, Any]]:
    """The replies of tests/catalogue/explainer/replies_own.toml as rows of a corpus."""
    path = Path(__file__).parents[1] / "catalogue" / "explainer" / "replies_own.toml"
    return [
        {"causes_ok": [row["cause"]], "stage": row.get("phase"), "source": f"own:{row['set']}", **row}
        for row in tomllib.loads(path.read_text("utf-8"))["reply"]
    ]


def by_project(rows: list[dict[str, Any]]) -> list[str]:
    """The project that each row comes from; issue threads are one."""
    names = [str(row.get("source", "?")).split(":")[0] for row in rows]
    return ["issues" if name == "https" else name for name in names]


def by_template(rows: list[dict[str, Any]]) -> list[str]:
    """One name for the rows that share most of their words, whatever they come from."""
    heads: list[frozenset[str]] = []
    names = []
    for row in rows:
        words = frozenset(Text(wording.read(row["reply"]).text).words)
        near = (n for n, head in enumerate(heads) if len(words & head) >= 0.6 * max(1, len(words | head)))
        number = next(near, len(heads))
        if number == len(heads):
            heads.append(words)
        names.append(str(number))
    return names


def left_out(rows: list[dict[str, Any]], groups: list[str]) -> dict[str, str]:
    """The figures when each group is explained without the phrases that stand in that group's replies alone."""
    catalogue = rules._catalogue()
    kept = catalogue.index
    only: dict[str, set[str]] = {}
    for source, hits in standing(rows).items():
        if len(named := {groups[number] for number in hits}) == 1:
            only.setdefault(named.pop(), set()).add(source)
    found: list[Explanation] = []
    for row, group in zip(rows, groups, strict=True):
        dropped = only.get(group, set())
        catalogue.index = {key: [one for one in held if one[0].source not in dropped] for key, held in kept.items()}
        forget()
        found.append(explained(row))
    catalogue.index = kept
    forget()
    return accuracy(rows, found)


def forget() -> None:
    explaining._judge.cache_clear()
    explaining._explained.cache_clear()


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
        print("\nwithout the phrases that stand in the reply's ... alone")
        print("  own text: ", left_out(rows, [str(number) for number in range(len(rows))]))
        print("  template: ", left_out(rows, by_template(rows)))
        print("  source:   ", left_out(rows, by_project(rows)))
        hits = standing(rows)
        single = sorted(source for source, where in hits.items() if len(where) == 1)
        elsewhere = standing(own_replies())
        lonely = [source for source in single if source not in elsewhere]
        print(
            f"\nphrases that stand in one reply: {len(single)} of {len(hits)}; in none of our own either: {len(lonely)}"
        )
        print(*lonely, sep="\n  ")
        own = own_replies()
        for name in sorted({row["set"] for row in own}):
            part = [row for row in own if row["set"] == name]
            print(f"own replies, set {name}:", accuracy(part, [explained(row) for row in part]))
    if "-w" in argv:
        for row, one in zip(rows, found, strict=True):
            if one.cause != row["cause"]:
                mark = "ok" if one.cause in row["causes_ok"] else "WRONG"
                print(f"{mark} {row['cause']} -> {one.cause} ({one.basis}, {one.confidence}; {one.alternatives})")
                print(f"     {row.get('stage') or ''}/{row.get('provider') or ''}: {row['reply'][:200]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
