"""Messages made so that explaining their failed signatures takes long: it does not."""

from __future__ import annotations

import hashlib
import time

import pytest

from smtpprobe.mailauth.dkim import verify
from smtpprobe.mailauth.dkim.restore.copied import MAX_COPIED_OCTETS
from smtpprobe.mailauth.dkim.verification import MAX_SIGNATURES
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.dkim.restore.test_restore import BODY, MESSAGE, NAME, NOW, explained
from tests.mailauth.dkim.signing import ed_record, encoded, rsa_record, sign, txt

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


NUMBERED = [b"X-%d" % number for number in range(150)]
USUAL = "From:To:Subject:Date"
SIGNED_ALL = ":".join([USUAL, *(name.decode() for name in NUMBERED)])
FEW = [b"X-A", b"X-B", b"X-C", b"X-D"]
SIGNED_FEW = ":".join([USUAL, *(name.decode() for name in FEW)])

# Each: h=, the fields that come on top, and the body.
HOSTILE: list[tuple[str, bytes, bytes]] = [
    (SIGNED_ALL, b"".join(name + b": " + b"a, b; c " * 100 + b"\r\n" for name in NUMBERED), BODY),
    (USUAL, b"To: b\r\n" * 100_000, BODY),
    (USUAL, b"".join(b"x%d: b\r\n" % number for number in range(90_000)), BODY),
    (SIGNED_FEW, b"".join(name + b": " + "ä b ".encode() * 3000 + b"\r\n" for name in FEW), BODY),
    (SIGNED_FEW, b"".join(name + b": " + b"=?a?q?" * 2700 + b"\r\n" for name in FEW), BODY),
    (USUAL, b"", b"A: b\r\n" * 150_000 + b"\r\n"),
    (USUAL, b"", b"x y  z \r\n" * 100_000),
    (USUAL, b"", b"<p>a=20</p>\r\n" * 70_000),
]


@pytest.mark.parametrize(("h", "fields", "body"), HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("algorithm", ["rsa-sha256", "ed25519-sha256"])
@pytest.mark.parametrize("form", ["relaxed", "simple"])
async def test_many_failed_signatures_of_a_large_message_take_no_long_time(
    h: str, fields: bytes, body: bytes, algorithm: str, form: str
) -> None:
    signed = sign(MESSAGE, h=h, a=algorithm, c=f"{form}/{form}")
    signature = signed.removesuffix(MESSAGE)
    header = MESSAGE.removesuffix(BODY).replace(b"Lunch at", b"Dinner, not at")
    message = signature * MAX_SIGNATURES + fields + header + body
    assert await cpu_seconds(message, rsa_record() if algorithm.startswith("rsa") else ed_record()) < MAX_CPU_S


async def test_signatures_over_bodies_of_their_own_share_what_may_be_spent() -> None:
    signatures = [
        sign(MESSAGE, h="From", bh=encoded(hashlib.sha256(b"%d" % number).digest())).removesuffix(MESSAGE)
        for number in range(MAX_SIGNATURES)
    ]
    message = b"".join(signatures) + MESSAGE.removesuffix(BODY) + b"x y  z \r\n" * 100_000
    assert await cpu_seconds(message, rsa_record()) < MAX_CPU_S


async def test_a_signature_below_spent_ones_is_still_judged() -> None:
    hopeless = sign(MESSAGE, h=SIGNED_ALL).removesuffix(MESSAGE)
    fields = b"".join(name + b": " + b"a, b; c " * 100 + b"\r\n" for name in NUMBERED)
    message = hopeless * (MAX_SIGNATURES - 1) + sign(MESSAGE, h="From").removesuffix(MESSAGE) + fields + MESSAGE
    resolver = zone_resolver(txt(NAME, rsa_record()))
    *_, last = await verify(resolver, message, now=NOW, explain=True)
    await resolver.aclose()
    assert last.result == "pass"


# Each: h=, how many Subject fields more there are, the change, and the ordinal that the statement names.
REPEATED = [
    ("From:To:Subject:Subject:Subject", 1, b"Subject: L", b"Subject: new\r\nSubject: L", "second"),
    ("From:To:" + ":".join(["Subject"] * 25), 22, b"\r\nDate", b"\r\nSubject: new\r\nDate", "last"),
]


@pytest.mark.parametrize(("h", "more", "old", "new", "ordinal"), REPEATED, ids=("few", "many"))
async def test_an_added_field_is_found_among_many_of_its_name(
    h: str, more: int, old: bytes, new: bytes, ordinal: str
) -> None:
    signed = sign(MESSAGE.replace(b"Subject: ", b"Subject: one\r\n" * more + b"Subject: "), h=h)
    assert (await explained(signed)).result == "pass"
    failed = await explained(signed.replace(old, new))
    assert [each.rewrite for each in failed.restored_by] == ["second-field"]
    assert f"without the {ordinal} Subject" in failed.restored_by[0].statement
