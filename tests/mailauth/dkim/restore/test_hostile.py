"""Messages made so that explaining their failed signatures takes long: it does not."""

from __future__ import annotations

import time

import pytest

from smtpprobe.mailauth.dkim import verify
from smtpprobe.mailauth.dkim.restore.copied import MAX_COPIED_OCTETS
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.dkim.restore.test_restore import MESSAGE, NAME, NOW, explained
from tests.mailauth.dkim.signing import rsa_record, sign, txt

# A guess with much room: it takes hundredths of that where nothing grows with the square of the message.
MAX_CPU_S = 3.0


async def cpu_seconds(message: bytes, record: str) -> float:
    """What verifying and explaining the message takes; its signatures all fail."""
    resolver = zone_resolver(txt(NAME, record))
    started = time.process_time()
    try:
        signatures = await verify(resolver, message, now=NOW, explain=True)
    finally:
        await resolver.aclose()
    assert {signature.result for signature in signatures} <= {"fail", "policy"}
    return time.process_time() - started


@pytest.mark.parametrize(
    "copied",
    [
        "|".join(f"X{number}:v{number}" for number in range(90_000)),
        "|".join(f"Subject:v{number}" for number in range(90_000)),
        "Subject:" + "v" * 900_000,
    ],
    ids=("many names", "one name", "one value"),
)
async def test_a_huge_list_of_copied_fields_takes_no_long_time(copied: str) -> None:
    message = sign(MESSAGE, h="From:To:Subject", z=copied).replace(b"Lunch at", b"Dinner, not at")
    assert await cpu_seconds(message, rsa_record()) < MAX_CPU_S


@pytest.mark.parametrize(("length", "rewrites"), [(MAX_COPIED_OCTETS, ["copied-field"]), (MAX_COPIED_OCTETS + 1, [])])
async def test_copied_fields_are_read_up_to_a_limit(length: int, rewrites: list[str]) -> None:
    copied = "Subject:Lunch=20at=20noon|X:"
    signed = sign(MESSAGE, h="From:To:Subject", z=copied + "v" * (length - len(copied)))
    failed = await explained(signed.replace(b"Subject: Lunch at noon", b"Subject: Dinner, then"))
    assert [each.rewrite for each in failed.restored_by] == rewrites
