"""40 DNSBL zones with their test points, each answer delayed: the whole takes about as long as the slowest chain.

Run by hand: python tests/benchmarks/dnsbl_concurrency.py
"""

from __future__ import annotations

import asyncio
import sys
import time

from smtpprobe.mailauth import dnsbl
from smtpprobe.model.evidence.dnsbl import ZoneOrigin
from smtpprobe.model.known.dnsbl_zone import Zone, ZoneKind
from smtpprobe.testing.zones import zone_resolver

ZONES = 40
USUAL_S, SLOWEST_S = 0.05, 0.4
ADDRESS, REVERSED = "192.0.2.7", "7.2.0.192"
GOAL = 1.25  # times the slowest answer


def master_file() -> str:
    """Forty zones, each listing its test point; one in four lists the address; the last one is slow."""
    lines = []
    for number in range(ZONES):
        zone = f"bl{number}.example"
        lines.append(f"2.0.0.127.{zone}. A 127.0.0.2")
        if number % 4 == 0:
            lines += [f"{REVERSED}.{zone}. A 127.0.0.2", f'{REVERSED}.{zone}. TXT "listed"']
    lines.append(f";! DELAY {REVERSED}.bl{ZONES - 1}.example {SLOWEST_S}")
    return "\n".join(lines) + "\n"


async def measure() -> tuple[float, int, int]:
    """Seconds taken, lookups made, listings found."""
    resolver = zone_resolver(master_file(), delay_s=USUAL_S)
    questions = [
        (Zone(zone=f"bl{number}.example", name="", kind=ZoneKind.BLOCK), ADDRESS, ZoneOrigin.OPTION)
        for number in range(ZONES)
    ]
    started = time.perf_counter()
    evidence = await dnsbl.ask_all(resolver, questions)
    taken = time.perf_counter() - started
    await resolver.aclose()
    return taken, len(resolver.lookups), sum(zone.status == "listed" for zone in evidence.zones)


def main() -> int:
    taken, lookups, listed = asyncio.run(measure())
    in_sequence = (lookups - 1) * USUAL_S + SLOWEST_S
    print(
        f"{ZONES} zones, {lookups} lookups, {listed} listings: {taken:.3f} s; one after the other {in_sequence:.1f} s"
    )
    print(f"times the slowest answer ({SLOWEST_S} s): {taken / SLOWEST_S:.2f} (goal {GOAL})")
    return int(taken > GOAL * SLOWEST_S)


if __name__ == "__main__":
    sys.exit(main())
