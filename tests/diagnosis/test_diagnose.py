"""Which exchanges get a verdict, and what is said of a session that did not come about."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpprobe.catalogue.causes import causes
from smtpprobe.diagnosis.diagnose import diagnose
from smtpprobe.model.lookup import DnsLookup, DnsStatus
from smtpprobe.model.transcript import Breakage, Exchange, Outcome, Phase, Status, Transcript
from smtpprobe.wire.reply_reader import parse_reply
from tests.diagnosis.evidence import ENVELOPE, verdict

GREETED = (Phase.GREETING, None, "220 mx.example.com")
HELLO = (Phase.EHLO, "EHLO client.example.org", "250 mx.example.com")
NOT_KNOWN = (Phase.EHLO, "EHLO client.example.org", "502 What")
HELO = (Phase.EHLO, "HELO client.example.org", "250 mx.example.com")


def session(outcome: Outcome, *said: tuple[Phase, str | None, str | Breakage]) -> Transcript:
    exchanges = tuple(
        Exchange(index=index, phase=phase, sent=sent, breakage=what)
        if isinstance(what, Breakage)
        else Exchange(index=index, phase=phase, sent=sent, reply=parse_reply(what.encode() + b"\r\n"))
        for index, (phase, sent, what) in enumerate(said)
    )
    return Transcript(
        address="192.0.2.1",
        port=25,
        started_at=datetime(2026, 3, 2, tzinfo=UTC),
        complete=True,
        exchanges=exchanges,
        outcome=outcome,
    )


def exchanges_explained(outcome: Outcome, *said: tuple[Phase, str | None, str | Breakage]) -> list[int | None]:
    return [each.exchange for each in diagnose((session(outcome, *said),), (), ENVELOPE, outcome)]


@pytest.mark.parametrize(
    ("outcome", "said", "explained"),
    [
        (
            Outcome(status=Status.REFUSED, phase=Phase.EHLO, reply_code=550),
            [GREETED, (Phase.EHLO, "EHLO x", "550 No")],
            [1],
        ),
        (Outcome(status=Status.ACCEPTED), [GREETED, NOT_KNOWN, HELO], []),
        (
            Outcome(status=Status.REFUSED, phase=Phase.EHLO, reply_code=550),
            [GREETED, HELLO, (Phase.STARTTLS, "STARTTLS", "220 Go"), (Phase.EHLO, "EHLO x", "550 No")],
            [3],
        ),
        (Outcome(status=Status.ACCEPTED), [GREETED, HELLO, (Phase.STARTTLS, "STARTTLS", "454 No")], []),
        (
            Outcome(status=Status.DEFERRED, phase=Phase.STARTTLS, reply_code=421),
            [GREETED, HELLO, (Phase.STARTTLS, "STARTTLS", "421 No")],
            [2],
        ),
        (
            Outcome(status=Status.NO_SESSION, phase=Phase.AUTH, reply_code=501, reason="login cancelled"),
            [
                GREETED,
                HELLO,
                (Phase.AUTH, "AUTH CRAM-MD5", "334 ?"),
                (Phase.AUTH, "*", "501 Ok"),
            ],
            [3],
        ),
    ],
    ids=["refused", "rescued by HELO", "after TLS", "in clear instead", "421 at STARTTLS", "cancelled here"],
)
def test_a_verdict_is_about_a_rejection(outcome, said, explained):
    assert exchanges_explained(outcome, *said) == explained


def test_a_login_cancelled_here_is_no_refused_login():
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.AUTH, reply_code=501, reason="login cancelled: not base64")
    said = (GREETED, HELLO, (Phase.AUTH, "*", "501 Ok"))
    (found,) = diagnose((session(outcome, *said),), (), ENVELOPE, outcome)
    assert (found.summary, found.causes) == ("login cancelled: not base64", ())


@pytest.mark.parametrize(
    ("breakage", "blamed"), [(Breakage.TLS_FAILED, True), (Breakage.LOCAL, False), (Breakage.DEADLINE, False)]
)
def test_a_handshake_that_failed_on_our_side_proves_nothing(breakage, blamed):
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.TLS, reason="the handshake failed")
    (found,) = diagnose((session(outcome, GREETED, (Phase.TLS, None, breakage)),), (), ENVELOPE, outcome)
    assert bool(found.causes) is blamed


@pytest.mark.parametrize(("status", "proved"), [(DnsStatus.NXDOMAIN, True), (DnsStatus.SERVFAIL, False)])
def test_a_name_that_could_not_be_looked_up_is_not_proved_undeliverable(status, proved):
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.DNS, reason="nosuch.example.com leads nowhere")
    (found,) = diagnose((), (), ENVELOPE, outcome, (DnsLookup(name="nosuch.example.com", type="MX", status=status),))
    assert [cause.confidence.value for cause in found.causes] == (["confirmed"] if proved else [])


@pytest.mark.parametrize(
    ("cause", "phase", "permanent", "transient"),
    [
        ("mailbox-full", Phase.RCPT, "552 5.2.2 mailbox full", "452 4.2.2 mailbox full"),
        ("policy-rejected", Phase.RCPT, "550 5.7.1 rejected by local policy", "450 4.7.1 rejected by local policy"),
        ("rate-limited", Phase.GREETING, "554 too many connections", "421 too many connections"),
        ("server-misconfigured", Phase.MAIL, "554 server configuration error", "451 server configuration error"),
        ("policy-rejected", Phase.RCPT, "550 4.7.1 rejected by local policy", "450 5.7.1 rejected by local policy"),
    ],
)
def test_the_first_digit_says_when_to_try_again(cause, phase, permanent, transient):
    for reply, field in ((permanent, "retry"), (transient, "retry_transient")):
        (found,) = [each for each in verdict(reply, phase=phase).causes if each.id == cause]
        assert found.retry == getattr(causes()[cause], field)
    # What is only possible for the code is told by the same digit.
    for reply, field in (("550 x", "retry"), ("450 x", "retry_transient")):
        found = verdict(reply).causes
        assert [each.retry for each in found] == [getattr(causes()[each.id], field) for each in found] != []


@pytest.mark.parametrize(("code", "field"), [(454, "retry_transient"), (502, "retry"), (None, "retry")])
def test_a_refused_starttls_says_by_its_digit_when_to_try_again(code, field):
    reply = f"{code} TLS is not available" if code else Breakage.CLOSED_BY_PEER
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.STARTTLS, reply_code=code, reason="TLS was required")
    (found,) = diagnose((session(outcome, GREETED, HELLO, (Phase.STARTTLS, "STARTTLS", reply)),), (), ENVELOPE, outcome)
    assert [each.retry for each in found.causes] == [getattr(causes()["tls-failed"], field)]
