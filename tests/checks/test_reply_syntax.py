"""What the check of the replies' form says beside the ids of its findings."""

from __future__ import annotations

import pytest

from smtpprobe.checks.base import NO_SESSION, not_applicable
from smtpprobe.checks.reply_syntax import CHECK
from smtpprobe.model.evidence import SessionEvidence
from smtpprobe.model.transcript import Phase, TlsFault, Transcript
from tests.checks.tls.sessions import NOW, context, failing, session


@pytest.mark.parametrize(
    ("transcript", "skip"),
    [
        (None, NO_SESSION),
        (session((Phase.TLS, TlsFault.CLOSED)), not_applicable("the server sent no reply")),
        (session((Phase.GREETING, b"220 mx.example.com\r\n")), None),
    ],
)
def test_skipped(transcript: Transcript | None, skip: object) -> None:
    assert CHECK.skip(context("", transcript)) == skip


async def test_only_replies_are_counted() -> None:
    evidence, findings = await CHECK.run(context("", failing(TlsFault.CLOSED)))
    assert isinstance(evidence, SessionEvidence)
    assert (evidence.exchanges, evidence.facts, findings) == ((0, 1), {"replies": "2"}, ())


async def test_each_defect_of_a_reply_is_a_finding_about_its_exchange() -> None:
    hello = b"250-5.1.1 mx\n250 2.0.0 mx\r\n"
    _, findings = await CHECK.run(context("", session((Phase.GREETING, b"220 mx\r\n"), (Phase.EHLO, hello))))
    assert {(each.id, each.exchange) for each in findings} == {
        ("reply-malformed", 1),
        ("reply-enhanced-mismatch", 1),
    }
    assert all(each.message.startswith("reply 250: ") and each.subject == "ehlo" for each in findings)


async def test_octets_that_no_command_asked_for_are_counted() -> None:
    transcript = Transcript(
        address="192.0.2.1", port=25, started_at=NOW, complete=True, exchanges=(), unsolicited=b"220 mx\r\n"
    )
    _, (finding,) = await CHECK.run(context("", transcript))
    assert (finding.id, finding.message) == ("reply-unsolicited", "8 octets of unsolicited data came")
