"""What the message in hand says about a refusal of it: its size, its form, and the strings that filters are tested with."""

from __future__ import annotations

from smtpprobe.diagnosis.facts.session import is_before_data, of_session
from smtpprobe.diagnosis.rejection import STATED, Assessment, Rejection
from smtpprobe.model.evidence import DkimEvidence, MessageEvidence
from smtpprobe.model.evidence.message import FilterTest, FormFault
from smtpprobe.model.report import Confidence
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase

_LIMIT = mark("The server takes at most {octets} octets")
_ABOVE = mark("The message has {octets} octets, and the server takes at most {limit}")
_BELOW = mark(
    "The message has {octets} octets, fewer than the {limit} that EHLO names: another limit applies, "
    "of a filter or a mailbox"
)
_FAULTS = {
    FormFault.HEADER_BROKEN: mark("A line in the message's header is not a header field"),
    FormFault.LINE_END_ALONE: mark("Lines of the message end in CR or LF alone"),
    FormFault.LINE_TOO_LONG: mark("A line of the message is longer than 998 octets"),
    FormFault.NO_DATE: mark("The message has no Date field"),
    FormFault.NO_MESSAGE_ID: mark("The message has no Message-ID"),
    FormFault.DATE_WRONG: mark("The message's Date cannot be read, or is still to come"),
}
_TESTS = {
    FilterTest.GTUBE: mark("The message contains GTUBE, which spam filters are to take for spam"),
    FilterTest.EICAR: mark("The message contains the EICAR test file, which scanners are to take for a virus"),
}


def too_large(rejection: Rejection) -> Assessment:
    """message-too-large: the message, or what is known of it, against the limit in the EHLO reply."""
    limit, found = of_session(rejection).get("size_limit"), rejection.evidence(MessageEvidence)
    if not limit:
        return STATED
    words = say("the EHLO reply offers SIZE {limit}", limit=limit)
    # Before MAIL with its size, or without one, the server cannot mean this message.
    if found is None or Phase.MAIL not in {each.phase for each in rejection.transcript.exchanges}:
        return Assessment(confidence=Confidence.CONFIRMED, because=(words,), statement=say(_LIMIT, octets=limit))
    index, evidence = found
    above = evidence.octets > int(limit)
    has = say("the message has {octets} octets", octets=evidence.octets)
    said = say(_ABOVE if above else _BELOW, octets=evidence.octets, limit=limit)
    return Assessment(
        # A server may have other limits than the one that it names.
        confidence=Confidence.CONFIRMED if above else Confidence.STATED,
        because=(words, has),
        checks=(index,),
        statement=said,
    )


def malformed(rejection: Rejection) -> Assessment:
    """content-malformed: what is wrong with the form of the message."""
    found = rejection.evidence(MessageEvidence)
    if found is None or is_before_data(rejection.exchange.phase):
        return STATED
    index, evidence = found
    said = [say(words) for fault, words in _FAULTS.items() if fault in evidence.faults]
    checks = [index] if said else []
    header = rejection.evidence(DkimEvidence)
    if header is not None and header[1].author is not None:
        problems = [each.statement for each in header[1].author.problems if not each.fault.is_well_formed]
        repeated = [
            say("{name} is there {count} times", name=each.name, count=each.count) for each in header[1].repeated
        ]
        if problems or repeated:
            said += [*problems, *repeated]
            checks.append(header[0])
    if not said:
        return STATED
    return Assessment(confidence=Confidence.CONFIRMED, because=tuple(said), checks=tuple(checks), statement=said[0])


def spam(rejection: Rejection) -> Assessment:
    """spam-content: whether the message is a test of the filter."""
    return _test(rejection, FilterTest.GTUBE)


def malware(rejection: Rejection) -> Assessment:
    """malware-or-attachment: whether the message is a test of the scanner."""
    return _test(rejection, FilterTest.EICAR)


def _test(rejection: Rejection, test: FilterTest) -> Assessment:
    found = rejection.evidence(MessageEvidence)
    if found is None or test not in found[1].test_strings or is_before_data(rejection.exchange.phase):
        return STATED
    said = say(_TESTS[test])
    return Assessment(confidence=Confidence.CONFIRMED, because=(said,), checks=(found[0],), statement=said)
