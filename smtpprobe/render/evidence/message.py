"""A message by itself, as rows."""

from __future__ import annotations

from smtpprobe.model.evidence.message import FilterTest, MessageEvidence
from smtpprobe.model.texts.language import mark, say
from smtpprobe.render.evidence.row import Detail, Row

_TESTS = {
    FilterTest.GTUBE: mark("the string that spam filters are tested with (GTUBE)"),
    FilterTest.EICAR: mark("the file that virus scanners are tested with (EICAR)"),
}


def rows(evidence: MessageEvidence, detail: Detail) -> list[Row]:
    """Its size beside the server's limit, what else it is, and the test strings in it."""
    found = [Row(text=summary(evidence))]
    if evidence.has_one_click:
        found.append(Row(text=say("it can be unsubscribed from with one click"), level=1))
    found += [
        Row(text=say("it contains {what}", what=say(_TESTS[each])), level=1)
        for each in evidence.test_strings
        if each in _TESTS
    ]
    return found


def summary(evidence: MessageEvidence) -> str:
    """Its size on one line."""
    if evidence.size_limit is None:
        return say("{octets} octets", octets=evidence.octets)
    return say("{octets} octets of at most {limit}", octets=evidence.octets, limit=evidence.size_limit)
