"""Which refusals get a verdict where several were given, and what a refused login can be about."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.diagnosis.diagnose import diagnose
from smtpprobe.model.transcript import Breakage, Outcome, Phase, Status
from tests.diagnosis.evidence import ENVELOPE, verdict
from tests.diagnosis.test_diagnose import GREETED, HELLO, exchanges_explained, session


def introduced(*replies: str) -> list[tuple[Phase, str, str]]:
    return [(Phase.EHLO, "EHLO x", reply) for reply in replies]


@pytest.mark.parametrize(
    ("code", "replies", "explained"),
    [
        (502, ("502 What", "502 What"), [2]),
        (500, ("500 What", "500 What"), [2]),
        (502, ("500 What", "502 What"), [2]),
        (500, ("500 What", "502 What", "500 What"), [3]),
        # What is a refusal, and not a command that is not known, is explained each time.
        (550, ("550 No", "550 No"), [1, 2]),
        (501, ("501 No", "501 No"), [1, 2]),
        (503, ("503 No", "503 No"), [1, 2]),
        (550, ("502 What", "550 No"), [2, 1]),
        (502, ("550 No", "502 What"), [2, 1]),
    ],
)
def test_of_introductions_that_are_not_known_the_last_is_explained(code, replies, explained):
    outcome = Outcome(status=Status.REFUSED, phase=Phase.EHLO, reply_code=code)
    assert exchanges_explained(outcome, GREETED, *introduced(*replies)) == explained


def test_other_commands_that_are_not_known_are_explained_each():
    outcome = Outcome(status=Status.REFUSED, phase=Phase.RCPT, reply_code=502)
    said = ((Phase.RCPT, "RCPT", "500 What"), (Phase.RCPT, "RCPT", "502 What"), (Phase.RCPT, "RCPT", "550 No"))
    assert exchanges_explained(outcome, GREETED, HELLO, *said) == [3, 2, 4]


def test_a_refusal_at_one_address_stands_beside_the_connection_that_failed_at_another():
    refused = Outcome(status=Status.REFUSED, phase=Phase.GREETING, reply_code=554)
    failed = Outcome(status=Status.NO_SESSION, phase=Phase.CONNECT, reason="refused")
    transcripts = (
        session(refused, (Phase.GREETING, None, "554 No")),
        msgspec.structs.replace(session(failed), breakage=Breakage.REFUSED),
    )
    found = diagnose(transcripts, (), ENVELOPE, failed)
    assert [(each.transcript, each.exchange, each.restates_outcome) for each in found] == [
        (0, 0, False), (1, None, True)
    ]  # fmt: skip


def test_without_a_transcript_only_a_session_that_did_not_come_about_is_explained():
    assert diagnose((), (), ENVELOPE, Outcome(status=Status.ACCEPTED)) == ()
    (found,) = diagnose(
        (), (), ENVELOPE, Outcome(status=Status.NO_SESSION, phase=Phase.DNS, reason="x"), host="a.example"
    )
    assert found.causes[0].id == "host-not-found"


@pytest.mark.parametrize(
    ("reply", "first"),
    [
        ("535 5.7.23 SPF fails", "auth-failed"),
        ("535 5.7.25 no PTR", "auth-failed"),
        ("535 5.7.1 blocked by a blacklist", "auth-failed"),
    ],
)
def test_a_refused_login_is_not_about_what_dns_says(reply, first):
    found = [each.id for each in verdict(reply, phase=Phase.AUTH).causes]
    assert found[0] == first
    assert len(found) == len({*found})
    assert not {"email-auth-failed", "reverse-dns", "helo-rejected", "ip-blocklisted"} & {*found}
