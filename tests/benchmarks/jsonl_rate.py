"""Prints how many lines a second `explain --jsonl` answers on one core: `jsonl_rate.py [--lines LINES] [--ids] [--profile]`.

One line in ten has a wording that was not there before; the others repeat wordings with addresses of their own, with
`--ids` half of them with a queue id too, which makes each a new text. The time is that of the processor, without the
start of the interpreter and the reading of the catalogue. Exits 1 below the goal.
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import json
import pstats
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from smtpprobe.cli.explain_lines import explain_lines
from smtpprobe.render.explanation_item import item

GOAL_LINES_A_SECOND = 5000
NEW = 10  # one line in so many has a new wording
WORDINGS = (
    ("550 5.1.1 <{user}@example.com>: Recipient address rejected: User unknown{more}", "rcpt"),
    ("554 5.7.1 Service unavailable; Client host [{ip}] blocked using zen.example.org{more}", "rcpt"),
    ("450 4.7.1 <{user}@example.net>: Greylisted{more}, please try again in 300 seconds", "rcpt"),
    ("552 5.2.2 The mailbox of {user}@example.com is full{more} - {id}", "message"),
    (
        "550 5.7.26 Mail from [{ip}] is unauthenticated, neither SPF nor DKIM passed for example.org{more} {id}",
        "message",
    ),
    ("421 4.7.0 Too many connections from {ip}{more}, closing", "greeting"),
    ("535 5.7.8 Username and password not accepted{more} {id}", "auth"),
    ("554 5.4.14 Hop count exceeded, possible mail loop{more} ({id})", None),
    ("550 {user}@example.org: relaying to this domain is denied{more}", "rcpt"),
    ("451 4.3.0 {id}: temporary failure of the local lookup{more}", "message"),
)
WORDS = ("account", "because", "sender", "our", "policy", "mailbox", "of", "list", "the", "message", "closed", "today")


def lines(count: int, *, ids: bool = False) -> Iterator[str]:
    """The lines of an input."""
    chance = random.Random(1)
    for number in range(count):
        text, phase = chance.choice(WORDINGS)
        more = " " + " ".join(chance.choices(WORDS, k=6)) if number % NEW == 0 else ""
        said = text.format(
            user=f"user{chance.randrange(1_000_000)}",
            ip=f"192.0.2.{chance.randrange(1, 255)}",
            id=f"4X{chance.randrange(1 << 32) if ids else 0:08X}",
            more=more,
        )
        yield json.dumps({"reply": said, "phase": phase} if phase else {"reply": said}) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--ids", action="store_true")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder, "in.jsonl"), Path(folder, "out.jsonl")
        source.write_text("".join(lines(given.lines, ids=given.ids)), encoding="utf-8")
        item("550 5.1.1 no such user")  # reads the catalogue
        profile = cProfile.Profile()
        with result.open("w", encoding="utf-8") as file, contextlib.redirect_stdout(file):
            started = time.process_time()
            if given.profile:
                profile.enable()
            explain_lines(str(source))
            profile.disable()
            taken = time.process_time() - started
        with result.open(encoding="utf-8") as file:
            assert sum(1 for _ in file) == given.lines
    rate = given.lines / taken
    if given.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(40)
    print(f"{given.lines} lines in {taken:.2f} s: {rate:,.0f} a second (goal {GOAL_LINES_A_SECOND:,})")
    return int(rate < GOAL_LINES_A_SECOND)


if __name__ == "__main__":
    sys.exit(main())
