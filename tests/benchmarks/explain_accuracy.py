"""Prints how often explain() names the labelled cause of a reply: `explain_accuracy.py [FILE] [--first-sight] [--curve] [-w]`.

FILE is JSON lines with reply, cause, causes_ok, stage, provider. Without it the development corpus is read from
$SMTPPROBE_CORPORA, else ../shared/corpora/replies.dev.jsonl beside the project. `--first-sight` counts each set of
fixtures/replies as the reader sees it that was trained on the other sets, `--curve` what more replies would bring; both
need scikit-learn. `-w` shows what was wrong.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from smtpprobe.catalogue.explainer import explain as explaining
from smtpprobe.catalogue.explainer import learned, reading
from smtpprobe.catalogue.explainer.explain import Explanation, explain
from smtpprobe.catalogue.explainer.reading import Sureness
from smtpprobe.catalogue.explainer.train import REPLIES, Labelled, every_reply, labelled, train
from smtpprobe.model.transcript import Phase

EARLY = ("greeting", "ehlo", "starttls", "auth")
STAGES = {"data-end": "message"}
SIZES = (1000, 2000, 4000, 8000)


def corpus(argv: list[str]) -> list[Labelled]:
    """The replies of the file to measure on."""
    named = [word for word in argv if not word.startswith("-")]
    folder = Path(os.environ.get("SMTPPROBE_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
    path = Path(named[0]) if named else folder / "replies.dev.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [_labelled(row) for row in rows]


def _labelled(row: dict[str, object]) -> Labelled:
    stage = STAGES.get(str(row.get("stage")), str(row.get("stage")))
    accepted = row.get("causes_ok") or [row["cause"]]
    assert isinstance(accepted, list)
    return Labelled(
        cause=str(row["cause"]),
        also=tuple(cause for cause in accepted if cause != row["cause"]),
        phase=Phase(stage) if stage in set(Phase) else None,
        language="-",
        provider=str(row["provider"]) if row.get("provider") else None,
        reply=str(row["reply"]),
    )


def explained(row: Labelled) -> Explanation:
    return explain(row.reply, phase=row.phase, provider=row.provider)


def figures(rows: Sequence[Labelled]) -> str:
    """Exact, acceptable, exact at early stages, and how often what is sure is right."""
    pairs = [(row, explained(row)) for row in rows]
    sure = [(row, one) for row, one in pairs if one.confidence is Sureness.SURE]
    early = [(row, one) for row, one in pairs if row.phase in EARLY]
    return (
        f"{len(rows):5d}  exact {_rate([one.cause == row.cause for row, one in pairs])}"
        f"  acceptable {_rate([one.cause in row.accepted for row, one in pairs])}"
        f"  early exact {_rate([one.cause == row.cause for row, one in early])}"
        f"  sure {_rate([one.cause in row.accepted for row, one in sure])} of {len(sure)}"
    )


def _rate(hits: Sequence[bool]) -> str:
    return f"{sum(hits) / len(hits):.3f}" if hits else "none"


def read_by(rows: Sequence[Labelled]) -> None:
    """From here on explain() reads with what these replies teach."""
    reader = learned.Reader(train(rows, with_examples=False))
    reading.learned.reader = lambda: reader  # type: ignore[assignment]
    reading._judge.cache_clear()
    explaining._explained.cache_clear()


def first_sight() -> None:
    """Each set by the others."""
    for path in sorted(REPLIES.glob("*.tsv")):
        others = [row for other in sorted(REPLIES.glob("*.tsv")) if other != path for row in labelled(other)]
        read_by(others)
        print(path.stem, figures(list(labelled(path))), flush=True)


def curve(rows: Sequence[Labelled]) -> None:
    """What a part of the replies, drawn at random, teaches about the corpus."""
    every = every_reply()
    random.Random(0).shuffle(every)
    for size in SIZES:
        read_by(every[:size])
        print(f"trained on {size}:", figures(rows), flush=True)


def main(argv: list[str]) -> int:
    if "--first-sight" in argv:
        first_sight()
        return 0
    rows = corpus(argv)
    if "--curve" in argv:
        curve(rows)
        return 0
    explained(rows[0])
    started = time.process_time()
    found = [explained(row) for row in rows]
    cold = time.process_time() - started
    started = time.process_time()
    for row in rows:
        explained(row)
    warm = time.process_time() - started
    print(figures(rows))
    print(f"per reply: {1e6 * cold / len(rows):.0f} us first time, {1e6 * warm / len(rows):.0f} us again")
    for row, one in zip(rows, found, strict=True) if "-w" in argv else ():
        if one.cause not in row.accepted:
            print(f"{row.cause} -> {one.cause} ({one.basis}, {one.confidence}, {one.probability}): {row.reply[:150]!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
