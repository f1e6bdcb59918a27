"""Prints how fast a Postfix log is read and explained: `log_rate.py [--lines LINES]`.

One line in a hundred is a refusal, each with an address of its own; one refusal in ten has words that were never seen
before. Also prints full explanations a second, of new and of repeated refusals, and the most memory that the reading
took. Exits 1 below a goal.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from smtpprobe.catalogue.tally import Tally
from smtpprobe.cli.explain_input import Input
from smtpprobe.intake import recognise
from smtpprobe.intake.found import Counts

GOAL_LINES_A_SECOND = 500_000
GOAL_MEMORY_MIB = 120  # the interpreter with the catalogue takes 45
ONE_IN = 100
NEW = 0.1
EXPLANATIONS = 5000

HEAD = "Nov 22 {:02}:{:02}:{:02} mail postfix/"
ACCEPTED = (
    "smtpd[{n}]: connect from mail{n}.example.org[192.0.2.7]",
    "smtpd[{n}]: 4X{n:08X}: client=mail{n}.example.org[192.0.2.7]",
    "cleanup[{n}]: 4X{n:08X}: message-id=<{n}.20261122@example.org>",
    "qmgr[812]: 4X{n:08X}: from=<user{n}@example.org>, size={n}, nrcpt=1 (queue active)",
    "smtp[{n}]: 4X{n:08X}: to=<user{n}@example.com>, relay=mx.example.com[192.0.2.25]:25, delay=1.2, "
    "delays=0.1/0/0.4/0.7, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4Y{n:08X})",
    "qmgr[812]: 4X{n:08X}: removed",
    "smtpd[{n}]: disconnect from mail{n}.example.org[192.0.2.7] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5",
)
REFUSED = (
    "smtpd[{n}]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 Service unavailable; Client host [192.0.2.7] "
    "blocked using zen.example{s}; from=<user{n}@example.org> to=<user{n}@example.com> proto=ESMTP helo=<example.org>",
    "smtp[{n}]: 4X{n:08X}: to=<user{n}@example.com>, relay=mx.example.com[192.0.2.25]:25, delay=1, delays=0/0/0/1, "
    "dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.25] said: 550 5.1.1 <user{n}@example.com>: Recipient "
    "address rejected: User unknown{s} (in reply to RCPT TO command))",
    "smtp[{n}]: 4X{n:08X}: to=<user{n}@example.net>, relay=mx.example.net[192.0.2.26]:25, delay=1, delays=0/0/0/1, "
    "dsn=4.7.1, status=deferred (host mx.example.net[192.0.2.26] said: 450 4.7.1 Greylisted{s}, please try again in 300 "
    "seconds (in reply to RCPT TO command))",
)


def log(lines: int) -> Iterator[str]:
    """The lines of a log."""
    chance = random.Random(1)
    words = [f"w{number}" for number in range(3000)]
    for number in range(lines):
        clock = HEAD.format(number // 3600 % 24, number // 60 % 60, number % 60)
        n = chance.randrange(1_000_000)
        if number % ONE_IN == ONE_IN // 2:
            said = " ".join((" because", *chance.choices(words, k=3), "")) if chance.random() < NEW else ""
            yield clock + chance.choice(REFUSED).format(n=n, s=said) + "\n"
        else:
            yield clock + ACCEPTED[number % len(ACCEPTED)].format(n=n) + "\n"


def read(path: Path) -> tuple[float, Counts, Tally]:
    """Seconds for a whole log, and what it held."""
    started = time.perf_counter()
    given = Input(str(path))
    counts, tally = Counts(), Tally()
    blocks = given.blocks()
    taken = recognise.recognise(given.head)
    assert taken is not None
    assert taken.words == "Postfix log"
    for found in recognise.refusals(blocks, taken, counts):
        tally.add(
            found.reply,
            found.phase,
            domain=found.recipient_domain,
            when=found.when,
            line=found.line,
        )
    return time.perf_counter() - started, counts, tally


def explanations() -> tuple[float, float]:
    """Full items of the JSON output a second: of replies never seen, and of replies seen before."""
    from smtpprobe.render.explanation_item import item

    chance = random.Random(2)
    replies = [
        f"550 5.1.1 <user{chance.random()}@example.com>: Recipient address rejected: " + " ".join(
            chance.choices(["user", "mailbox", "unknown", "unavailable", "policy", f"r{number}"], k=5)
        )
        for number in range(EXPLANATIONS)
    ]  # fmt: skip
    rates = []
    for each in (replies, replies[:1000] * (EXPLANATIONS // 1000)):
        if each is not replies:
            for reply in each[:1000]:
                item(reply)
        started = time.perf_counter()
        for reply in each:
            item(reply)
        rates.append(len(each) / (time.perf_counter() - started))
    return rates[0], rates[1]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=500_000)
    lines = parser.parse_args().lines
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mail.log")
        with path.open("w", encoding="utf-8") as file:
            file.writelines(log(lines))
        taken, counts, tally = read(path)
        size = os.path.getsize(path)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    new, repeated = explanations()
    assert counts.lines == lines
    assert tally.refusals == lines // ONE_IN
    rate = lines / taken
    print(f"{lines} lines, {size >> 20} MiB, {tally.refusals} refusals: {taken:.2f} s")
    print(
        f"{rate:,.0f} lines a second (goal {GOAL_LINES_A_SECOND:,}); {memory:.0f} MiB at most (goal {GOAL_MEMORY_MIB})"
    )
    print(f"full explanations a second: {new:,.0f} of new refusals, {repeated:,.0f} of repeated ones")
    return int(rate < GOAL_LINES_A_SECOND or memory > GOAL_MEMORY_MIB)


if __name__ == "__main__":
    sys.exit(main())
