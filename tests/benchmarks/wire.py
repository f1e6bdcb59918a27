"""Prints how fast a session is beside swaks (Debian's swaks and libnet-ssleay-perl): `python -m tests.benchmarks.wire`.

Wall time at a round trip of 50 ms beside `swaks --pipeline`, with STARTTLS and with implicit TLS, AUTH PLAIN, MAIL and
RCPT; CPU time on loopback beside swaks, of a session that is accepted and of one that is refused, with its diagnosis; and
round trips. Runs alternate; each figure is the median of seven. Exits 1 above a goal.
"""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import HOSTNAME, AiosmtpdServer, Behaviour
from tests.net.name_server import NameServer, zoned
from tests.turns import Turns

RUNS = 7
ONE_WAY_S = 0.025
WALL_GOAL, ACCEPTED_GOAL, REFUSED_GOAL = 1.15, 2.2, 4.0
USER, PASSWORD, TO, HELO = "alice@example.org", "correct horse", "bob@example.com", "client.example.org"
LISTED = "554 5.7.1 Service unavailable; Client host [127.0.0.1] blocked using zen.dnsbl.example"
ZONE = """
2.0.0.127.zen.dnsbl.example. A 127.0.0.2
1.0.0.127.zen.dnsbl.example. A 127.0.0.2
example.org. TXT "v=spf1 -all"
example.com. MX 10 mx.example.com.
"""


class Command:
    """A command line, with what its runs took."""

    def __init__(self, name: str, words: Sequence[str]) -> None:
        self.name = name
        self.words = list(words)
        self.wall_s: list[float] = []
        self.cpu_s: list[float] = []

    def run(self) -> None:
        """Run it once more."""
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        environment = os.environ | {"SMTPPROBE_PASSWORD": PASSWORD}
        subprocess.run(self.words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, check=False)
        self.wall_s.append(time.perf_counter() - started)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu_s.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def ours(port: int, ca_file: str, *more: str) -> list[str]:
    program = str(Path(sys.executable).with_name("smtpprobe"))
    return [
        program, "check", f"127.0.0.1:{port}", "--mail-from", USER, "--rcpt-to", TO, "--helo", HELO, "--ca-file", ca_file,
        "--tls-name", HOSTNAME, *more,
    ]  # fmt: skip


def theirs(port: int, ca_file: str, *more: str) -> list[str]:
    return [
        "swaks", "-n", "-s", "127.0.0.1", "-p", str(port), "--tls-ca-path", ca_file, "-a", "PLAIN", "-au", USER,
        "-ap", PASSWORD, "-f", USER, "-t", TO, "--helo", HELO, "--quit-after", "RCPT", *more,
    ]  # fmt: skip


async def compared(commands: Sequence[Command]) -> None:
    """Run them in turn, each once before it counts."""
    for number in range(RUNS + 1):
        for command in commands:
            await asyncio.to_thread(command.run)
            if number == 0:
                command.wall_s.clear()
                command.cpu_s.clear()


def shown(what: str, one: Sequence[float], other: Sequence[float], goal: float) -> bool:
    """Print the medians and their ratio; whether it is above the goal."""
    a, b = statistics.median(one), statistics.median(other)
    print(f"{what}: {a * 1000:.0f} ms, swaks {b * 1000:.0f} ms: {a / b:.2f} (goal at most {goal})")
    return a / b > goal


async def wall(*, implicit: bool) -> bool:
    behaviour = Behaviour(accounts={USER: PASSWORD}, mechanisms=("PLAIN",), implicit_tls=implicit)
    async with AiosmtpdServer(behaviour) as server, Turns(server.port, delay_s=ONE_WAY_S) as proxy:
        login = ("--user", USER, "--mech", "PLAIN", *(("--tls", "implicit") if implicit else ()))
        one = Command("smtpprobe", ours(proxy.port, server.ca_file, *login))
        other = Command("swaks", theirs(proxy.port, server.ca_file, "-tlsc" if implicit else "-tls", "--pipeline"))
        await compared((one, other))
        await asyncio.to_thread(one.run)
        kind = "implicit TLS" if implicit else "STARTTLS"
        print(f"{kind}: {proxy.round_trips} round trips of {2000 * ONE_WAY_S:g} ms")
        return shown(f"wall, {kind}", one.wall_s, other.wall_s, WALL_GOAL)


async def cpu() -> bool:
    accepting = Behaviour(accounts={USER: PASSWORD}, mechanisms=("PLAIN",))
    refusing = Behaviour(replies={Phase.RCPT: LISTED})
    async with AiosmtpdServer(accepting) as yes, AiosmtpdServer(refusing) as no, NameServer(zoned(ZONE)) as names:
        resolver = ("--resolver", "{}:{}".format(*names.server))
        accepted = Command("accepted", ours(yes.port, yes.ca_file, "--user", USER, "--mech", "PLAIN", *resolver))
        refused = Command("refused", ours(no.port, no.ca_file, "--client-ip", "127.0.0.1", *resolver))
        other = Command("swaks", theirs(yes.port, yes.ca_file, "-tls"))
        await compared((accepted, refused, other))
        missed = [
            shown("CPU, accepted", accepted.cpu_s, other.cpu_s, ACCEPTED_GOAL),
            shown("CPU, refused, with its diagnosis", refused.cpu_s, other.cpu_s, REFUSED_GOAL),
        ]
        return any(missed)


async def measured() -> bool:
    missed = [await wall(implicit=False), await wall(implicit=True), await cpu()]
    return any(missed)


def main() -> int:
    if shutil.which("swaks") is None:
        raise SystemExit("swaks is missing: it is in Debian's packages swaks and libnet-ssleay-perl")
    return int(asyncio.run(measured()))


if __name__ == "__main__":
    sys.exit(main())
