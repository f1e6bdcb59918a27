"""On which occasion checks run."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.model.request import Diagnose, MessageRecord, Request
from smtpprobe.model.target import parse_target
from smtpprobe.model.transcript import Outcome, Phase, Status
from smtpprobe.pipeline.evaluation import occasion

ACCEPTED = Outcome(status=Status.ACCEPTED)
REFUSED = Outcome(status=Status.REFUSED, phase=Phase.RCPT, reply_code=550)
MESSAGE = MessageRecord(header="From: <alice@example.org>", octets=40, body_sha256="00", author_domain="example.org")


@pytest.mark.parametrize(
    ("changes", "outcome", "asked"),
    [
        ({}, ACCEPTED, False),
        ({}, REFUSED, True),
        ({"diagnose": Diagnose.ALWAYS}, ACCEPTED, True),
        # Who names a message or a key wants to know of it, whatever the server says.
        ({"message_to_judge": MESSAGE}, ACCEPTED, True),
        ({"dkim_selectors": ("s1",)}, ACCEPTED, True),
    ],
)
def test_what_calls_for_the_checks(changes: dict[str, object], outcome: Outcome, asked: bool) -> None:
    request = msgspec.structs.replace(Request(target=parse_target("mx.example.com:25")), **changes)
    assert occasion(request, outcome).refused is asked
    never = msgspec.structs.replace(request, diagnose=Diagnose.NEVER)
    assert occasion(never, outcome).no_dns is not None
