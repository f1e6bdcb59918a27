"""How a test of credentials came out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpprobe.diagnosis.login import login
from smtpprobe.model.report import LoginAttempt, LoginResult
from smtpprobe.model.transcript import Exchange, Outcome, Phase, Status, Transcript
from smtpprobe.pipeline.outcomes import worst
from smtpprobe.wire.reply_reader import parse_reply
from smtpprobe.wire.sasl.steps import accepted_unproved

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def exchanges(*said: tuple[str, str]) -> tuple[Exchange, ...]:
    return tuple(
        Exchange(index=index, phase=Phase.AUTH, sent=sent, reply=parse_reply(reply.encode() + b"\r\n"))
        for index, (sent, reply) in enumerate(said)
    )


def session(*said: tuple[str, str]) -> Transcript:
    held = exchanges(*said)
    code = int(said[-1][1][:3])
    status = Status.ACCEPTED if code == 235 else Status.AUTH_REFUSED
    outcome = Outcome(status=status, phase=Phase.AUTH, reply_code=None if code == 235 else code)
    return Transcript(address="192.0.2.1", port=587, started_at=NOW, exchanges=held, complete=True, outcome=outcome)


def test_of_several_logins_a_refusal_of_the_credentials_counts_before_one_of_the_mechanism() -> None:
    tried = (session(("AUTH PLAIN x", "504 no")), session(("AUTH LOGIN x", "334 "), ("x", "535 wrong")))
    outcomes = [each.outcome for each in tried if each.outcome]
    decided = worst(outcomes, every_mechanism=True)
    assert decided.reply_code == 535
    found = login(tried, (), decided)
    assert found.mechanism == "LOGIN"
    assert found.attempts == (
        LoginAttempt(mechanism="PLAIN", reply_code=504), LoginAttempt(mechanism="LOGIN", reply_code=535),
    )  # fmt: skip


def test_one_that_was_accepted_counts() -> None:
    tried = (session(("AUTH PLAIN x", "535 wrong")), session(("AUTH LOGIN x", "334 "), ("x", "235 fine")))
    assert worst([each.outcome for each in tried if each.outcome], every_mechanism=True).status is Status.ACCEPTED
    assert login(tried, (), Outcome(status=Status.ACCEPTED)).result is LoginResult.ACCEPTED


@pytest.mark.parametrize(
    ("said", "unproved"),
    [
        ([("AUTH PLAIN x", "235 fine")], False),
        ([("AUTH LOGIN", "235 fine")], True),
        ([("AUTH LOGIN", "334 "), ("x", "235 fine")], True),
        ([("AUTH LOGIN", "334 "), ("x", "334 "), ("x", "235 fine")], False),
        ([("AUTH LOGIN x", "334 "), ("x", "235 fine")], False),
        ([("AUTH CRAM-MD5", "235 fine")], True),
        ([("AUTH CRAM-MD5", "334 PA=="), ("x", "235 fine")], False),
        ([("AUTH SCRAM-SHA-256 x", "235 fine")], True),
        ([("AUTH SCRAM-SHA-256 x", "334 cj1="), ("x", "235 fine")], False),
        ([("AUTH LOGIN", "535 no")], False),
        ([], False),
    ],
)
def test_a_yes_before_the_secret_was_sent_tells_nothing(said: list[tuple[str, str]], unproved: bool) -> None:
    assert accepted_unproved(exchanges(*said)) is unproved
