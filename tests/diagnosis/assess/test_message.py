"""What the message in hand adds to a refusal of it."""

from __future__ import annotations

import pytest

from smtpprobe.model.evidence.dkim import FromFault, FromProblem, MessageAuthor, RepeatedField
from smtpprobe.model.evidence.message import FilterTest, FormFault, MessageEvidence
from smtpprobe.model.report import Confidence
from smtpprobe.model.transcript import Phase
from smtpprobe.wire.message.compose import Attachment
from smtpprobe.wire.message.harmless import eicar, filter_tests, gtube
from tests.diagnosis.evidence import dkim, verdict
from tests.diagnosis.test_every_cause import offering
from tests.wire.message.test_compose import made

SPAM, VIRUS = "554 5.7.1 Message rejected as spam by Content Filtering.", "554 5.7.1 Virus found: Eicar-Test-Signature"
LARGE, MALFORMED = "552 5.3.4 Message size exceeds fixed limit", "550 5.6.0 Message headers fail RFC 5322 compliance"
CONFIRMED, STATED = Confidence.CONFIRMED, Confidence.STATED


def message(**fields: object) -> MessageEvidence:
    return MessageEvidence(**{"octets": 500, "longest_line": 70, **fields})  # type: ignore[arg-type]


def best(reply: str, *evidence, phase: Phase = Phase.MESSAGE, **fields):
    return verdict(reply, *evidence, phase=phase, **fields).causes[0]


GTUBE, EICAR = FilterTest.GTUBE, FilterTest.EICAR
ROWS = [
    (SPAM, message(test_strings=(GTUBE,)), "spam-content", CONFIRMED, "The message contains GTUBE"),
    (SPAM, message(test_strings=(EICAR,)), "spam-content", STATED, None),
    (VIRUS, message(test_strings=(EICAR,)), "malware-or-attachment", CONFIRMED, "contains the EICAR test file"),
    (VIRUS, message(), "malware-or-attachment", STATED, None),
    (MALFORMED, message(), "content-malformed", STATED, None),
    (MALFORMED, message(faults=(FormFault.NO_DATE,)), "content-malformed", CONFIRMED, "The message has no Date field"),
]


@pytest.mark.parametrize(("reply", "evidence", "cause", "confidence", "statement"), ROWS)
def test_the_message_confirms_what_the_reply_says(reply, evidence, cause, confidence, statement):
    found = best(reply, evidence)
    assert (found.id, found.confidence) == (cause, confidence)
    assert statement is None or statement in found.statement


SIZES = [
    ("SIZE 400", CONFIRMED, "The message has 500 octets, and the server takes at most 400"),
    ("SIZE 600", STATED, "The message has 500 octets, fewer than the 600 that EHLO names: another limit applies"),
    ("SIZE", STATED, None),
]


@pytest.mark.parametrize(("offer", "confidence", "statement"), SIZES)
def test_its_size_stands_beside_the_servers(offer: str, confidence: Confidence, statement: str | None):
    found = best(LARGE, message(), before=offering(offer), phase=Phase.MAIL)
    assert (found.id, found.confidence) == ("message-too-large", confidence)
    assert statement is None or found.statement.startswith(statement)


def test_what_is_wrong_with_from_and_what_is_doubled_is_a_malformed_message():
    author = MessageAuthor(fields=(), count=0, domains=(), problems=(FromProblem(FromFault.ABSENT, "no From field"),))
    evidence = dkim()
    changed = evidence.__class__(
        **{name: getattr(evidence, name) for name in evidence.__struct_fields__}
        | {"author": author, "repeated": (RepeatedField("Subject", 2),)}
    )
    found = best(MALFORMED, message(), changed)
    assert found.confidence is CONFIRMED
    assert [each.text for each in found.because if "Subject" in each.text] == ["Subject is there 2 times"]


def test_the_strings_are_found_as_they_are_sent():
    assert filter_tests(made(text=f"Hi\n\n{gtube()}\n")) == (GTUBE,)
    assert filter_tests(made(attachments=(eicar(),))) == (EICAR,)
    assert filter_tests(made(text=eicar().octets.decode())) == (EICAR,)
    assert filter_tests(made(attachments=(Attachment("a", "text/plain", b"harmless"),))) == ()
