"""Prints what a session with its full transcript costs beside plain aiosmtplib: `session_cpu.py [-n SESSIONS]`.

Both say EHLO, MAIL, RCPT, RSET and QUIT to the same smtp-sink (Debian's postfix package). Runs alternate, and the figure
is the median of five ratios of this process's CPU time, at 1 and at 50 concurrent sessions. Exits 1 above the goal.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import aiosmtplib

from smtpprobe import session
from smtpprobe.model.transcript import Transcript
from smtpprobe.net.connection import Connection
from smtpprobe.wire.dialogue import smtp_dialogue
from smtpprobe.wire.dialogue.plan import Plan
from smtpprobe.wire.redact import Redactor

GOAL = 1.15
RUNS = 5
SLICES = 10
CONCURRENCY = (1, 50)
HOST, HELO, REVERSE_PATH, FORWARD_PATH = "127.0.0.1", "client.example.org", "alice@example.org", "bob@example.com"
EXCHANGES = 6  # greeting, EHLO, MAIL, RCPT, RSET, QUIT

PLAN = Plan(host=HOST, helo=HELO, reverse_path=REVERSE_PATH, forward_paths=(FORWARD_PATH,))


async def ours(port: int) -> None:
    """One session, written down in full."""
    recorder = session.Recorder(HOST, port, datetime.now(UTC), Redactor())
    connection = await Connection.open(HOST, port, timeout_s=30)
    try:
        recorder.local_address = connection.local_address
        await session.run_dialogue(connection, smtp_dialogue(PLAN), recorder, wait_s=30, handshake=_no_handshake)
    finally:
        connection.close()
    transcript: Transcript = recorder.snapshot()
    assert transcript.complete
    assert len(transcript.exchanges) == EXCHANGES


def _no_handshake(strict: bool) -> object:
    raise AssertionError("smtp-sink offers no STARTTLS")


async def theirs(port: int) -> None:
    """The same commands through aiosmtplib's client."""
    client = aiosmtplib.SMTP(hostname=HOST, port=port, local_hostname=HELO, timeout=30, use_tls=False, start_tls=False)
    await client.connect()
    await client.ehlo()
    await client.mail(REVERSE_PATH)
    await client.rcpt(FORWARD_PATH)
    await client.rset()
    await client.quit()


async def many(one: Callable[[int], Awaitable[None]], port: int, sessions: int, concurrent: int) -> None:
    async def worker(count: int) -> None:
        for _ in range(count):
            await one(port)

    await asyncio.gather(*(worker(sessions // concurrent) for _ in range(concurrent)))


def cpu_s(one: Callable[[int], Awaitable[None]], port: int, sessions: int, concurrent: int) -> float:
    """Seconds of CPU, user and system, of this process for so many sessions."""
    gc.collect()
    before = time.process_time()
    asyncio.run(many(one, port, sessions, concurrent))
    return time.process_time() - before


def run(port: int, sessions: int, concurrent: int) -> tuple[float, float]:
    """Both sides' seconds for one run, taken in slices that alternate, so that a busy machine disturbs both alike."""
    spent = {ours: 0.0, theirs: 0.0}
    for number in range(SLICES):
        for one in (ours, theirs) if number % 2 else (theirs, ours):
            spent[one] += cpu_s(one, port, sessions // SLICES, concurrent)
    return spent[ours], spent[theirs]


def measure(port: int, sessions: int, concurrent: int) -> float:
    """The median ratio, printed with what it rests on."""
    for one in (ours, theirs):
        cpu_s(one, port, sessions // 5, concurrent)
    pairs = [run(port, sessions, concurrent) for _ in range(RUNS)]
    ratio = statistics.median(a / b for a, b in pairs)
    ms = [statistics.median(column) / sessions * 1000 for column in zip(*pairs, strict=True)]
    print(
        f"{concurrent:3} concurrent: {ratio:.3f} (goal at most {GOAL}); "
        f"{ms[0]:.3f} ms and {ms[1]:.3f} ms of CPU a session; ratios {' '.join(f'{a / b:.2f}' for a, b in pairs)}"
    )
    return ratio


def free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def started(program: str, port: int) -> subprocess.Popen[bytes]:
    """smtp-sink, listening."""
    as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
    sink = subprocess.Popen([program, *as_user, f"{HOST}:{port}", "256"], stdout=subprocess.DEVNULL)
    for _ in range(100):
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return sink
    sink.kill()
    raise SystemExit("smtp-sink does not listen")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=2000, metavar="SESSIONS", help="sessions in one run")
    sessions = parser.parse_args().n
    program = shutil.which("smtp-sink") or shutil.which("smtp-sink", path="/usr/sbin")
    if program is None:
        raise SystemExit("smtp-sink is missing: it is in Debian's postfix package")
    port = free_port()
    sink = started(program, port)
    try:
        ratios = [measure(port, sessions, concurrent) for concurrent in CONCURRENCY]
    finally:
        sink.terminate()
        sink.wait()
    return 1 if max(ratios) > GOAL else 0


if __name__ == "__main__":
    sys.exit(main())
