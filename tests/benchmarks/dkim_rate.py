"""Prints how many RSA-2048 signatures a second are verified here and by dkimpy: `dkim_rate.py [-n MESSAGES]`.

Both verify the same signed messages, whole, with the key record from memory; dkimpy through its own public function and
its own reading of the message. Runs alternate in one process, and the figure is the median of five ratios of CPU time.
Exits 1 below the goal.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import gc
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import dkim
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from smtpprobe.mailauth.dkim import verify
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.words import AuthResult

GOAL = 5.0
RUNS = 5
FORM = (b"relaxed", b"relaxed")
NAMES = [b"From", b"To", b"Subject", b"Date", b"Message-ID"]


class Memory:
    """A resolver that knows one record."""

    def __init__(self, record: str) -> None:
        self._record = record

    async def lookup(self, question: Question) -> DnsLookup:
        return DnsLookup(
            name=question.name, type=question.type, status=DnsStatus.ANSWER, records=(self._record,), index=0
        )

    def ahead(self, work: object) -> None:
        work.close()  # type: ignore[attr-defined]


def messages(count: int, lines: int, key: rsa.RSAPrivateKey) -> list[bytes]:
    """Signed messages, each different, so that nothing can be remembered from one to the next."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    made = []
    for number in range(count):
        header = (
            f"From: Alice <alice@example.org>\r\nTo: bob@example.com\r\nSubject: Message {number} of a long run\r\n"
            f"Date: Thu, 1 Jan 2026 12:00:00 +0000\r\nMessage-ID: <{number}@example.org>\r\n\r\n"
        )
        body = "".join(f"Line {line} of message {number}, with some  words in it.\r\n" for line in range(lines))
        message = (header + body).encode()
        made.append(dkim.sign(message, b"sel", b"example.org", pem, canonicalize=FORM, include_headers=NAMES) + message)
    return made


def ours(signed: list[bytes], record: str) -> None:
    async def run() -> None:
        resolver = Memory(record)
        for message in signed:
            (signature,) = await verify(resolver, message, now=datetime.now(UTC))
            assert signature.result is AuthResult.PASS, signature.reason

    asyncio.run(run())


def theirs(signed: list[bytes], record: str) -> None:
    octets = record.encode()
    for message in signed:
        assert dkim.verify(message, dnsfunc=lambda name, timeout=5: octets)


def cpu_s(one: Callable[[list[bytes], str], None], signed: list[bytes], record: str) -> float:
    gc.collect()
    before = time.process_time()
    one(signed, record)
    return time.process_time() - before


def measure(signed: list[bytes], record: str, lines: int) -> float:
    """The median ratio of the rates, printed with what it rests on."""
    for one in (ours, theirs):
        cpu_s(one, signed[: len(signed) // 5], record)
    pairs = [(cpu_s(ours, signed, record), cpu_s(theirs, signed, record)) for _ in range(RUNS)]
    ratio = statistics.median(b / a for a, b in pairs)
    rates = [len(signed) / statistics.median(column) for column in zip(*pairs, strict=True)]
    print(
        f"{lines:4} lines: {ratio:.1f} times dkimpy's rate (goal at least {GOAL:g}); {rates[0]:.0f} and {rates[1]:.0f} "
        f"messages a second of CPU; ratios {' '.join(f'{b / a:.1f}' for a, b in pairs)}"
    )
    return ratio


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=300, metavar="MESSAGES", help="messages in one run")
    count = parser.parse_args().n
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    record = f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"
    ratios = [measure(messages(count, lines, key), record, lines) for lines in (10, 40)]
    return 1 if min(ratios) < GOAL else 0


if __name__ == "__main__":
    sys.exit(main())
