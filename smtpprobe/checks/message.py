"""The message by itself: its form, what it wants of the server, and whether one click unsubscribes (RFC 5322, RFC 8058)."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.checks.base import NO_MESSAGE, Check, CheckInput, CheckResult, FindingSpec, Skip
from smtpprobe.mailauth.dkim.message import split
from smtpprobe.mailauth.message.form import form_faults
from smtpprobe.mailauth.message.one_click import concerns, one_click_faults
from smtpprobe.model.evidence.message import FormFault, MessageEvidence, OneClickFault
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.transcript import Phase, Transcript
from smtpprobe.wire.message.harmless import filter_tests
from smtpprobe.wire.message.octets import (
    MAX_LINE,
    has_eight_bit,
    header_of,
    lone_line_ends,
    longest_line,
    with_crlf,
    without_mailbox_line,
)

HEADER_BROKEN = FindingSpec(
    id="message-header-broken",
    severity=Severity.ERROR,
    title=mark("A line in the message's header is not a header field"),
    why=mark("The header ends at that line, so that From, Subject or a signature below it count for nothing."),
    fix=mark("Remove the line, or begin it with a blank if it continues the field above it."),
    references=("RFC 5322 §2.2",),
)
DATE_MISSING = FindingSpec(
    id="message-date-missing",
    severity=Severity.WARNING,
    title=mark("The message has no Date field"),
    why=mark("Each message has one; filters count it against the message that it is missing, and some refuse it."),
    fix=mark("Have the program that writes the message set Date."),
    references=("RFC 5322 §3.6.1",),
    names_subject=True,
)
DATE_WRONG = FindingSpec(
    id="message-date-wrong",
    severity=Severity.NOTICE,
    title=mark("The message's Date cannot be read, or is still to come"),
    why=mark("Filters take a wrong date for a mark of spam, and mail programs sort the message by it."),
    fix=mark("Set the clock and the time zone of the system that writes the message; write the date as in RFC 5322."),
    references=("RFC 5322 §3.3", "RFC 5322 §3.6.1"),
)
ID_MISSING = FindingSpec(
    id="message-id-missing",
    severity=Severity.WARNING,
    title=mark("The message has no Message-ID"),
    why=mark("Some receivers refuse such messages, Gmail among them, and nobody can find one in a log."),
    fix=mark("Have the program that writes the message, or the submission server, set Message-ID."),
    references=("RFC 5322 §3.6.4",),
    names_subject=True,
)
LINE_TOO_LONG = FindingSpec(
    id="message-line-too-long",
    severity=Severity.WARNING,
    title=mark("A line of the message is longer than 998 octets"),
    why=mark("Servers refuse it or break the line, which breaks DKIM signatures."),
    fix=mark("Encode the body as quoted-printable or base64, and fold header fields."),
    references=("RFC 5322 §2.1.1", "RFC 5321 §4.5.3.1.6"),
)
LINE_END_ALONE = FindingSpec(
    id="message-line-end-alone",
    severity=Severity.ERROR,
    title=mark("A line of the message ends in CR or LF alone"),
    why=mark(
        "Servers refuse it since such line ends smuggle messages past filters; those that do not read it "
        "differently from one another."
    ),
    fix=mark("End each line in CRLF."),
    references=("RFC 5321 §2.3.8", "RFC 5321 §4.1.1.4"),
)
EIGHT_BIT = FindingSpec(
    id="message-eight-bit",
    severity=Severity.WARNING,
    title=mark("The message has octets above 127, and the server does not offer 8BITMIME"),
    why=mark("A server without 8BITMIME may refuse such octets, or clear their highest bit."),
    fix=mark("Encode the body as quoted-printable or base64."),
    references=("RFC 6152 §3",),
)
HEADER_EIGHT_BIT = FindingSpec(
    id="message-header-eight-bit",
    severity=Severity.WARNING,
    title=mark("The message's header is not ASCII, and the server does not offer SMTPUTF8"),
    why=mark("Such a header is for servers with SMTPUTF8 alone; others refuse or garble it."),
    fix=mark("Write words that are not ASCII as encoded words (RFC 2047)."),
    references=("RFC 6532 §3.2", "RFC 6531 §3.4"),
)
ABOVE_SIZE = FindingSpec(
    id="message-above-size",
    severity=Severity.ERROR,
    title=mark("The message is larger than the server takes"),
    why=mark("The server refuses it: at MAIL if it is told the size, else after it has all of it."),
    fix=mark("Make the message smaller: a link in the place of an attachment, or several messages."),
    references=("RFC 1870 §6",),
)
ONE_CLICK_MISSING = FindingSpec(
    id="one-click-missing",
    severity=Severity.NOTICE,
    title=mark("The message can be unsubscribed from, but not with one click"),
    why=mark("Gmail and Yahoo want it of whoever sends in bulk."),
    fix=mark("Add an https URI to List-Unsubscribe that takes a POST, and List-Unsubscribe-Post."),
    references=("RFC 8058 §3.1",),
)
ONE_CLICK_BROKEN = FindingSpec(
    id="one-click-broken",
    severity=Severity.WARNING,
    title=mark("List-Unsubscribe-Post is there, and unsubscribing with one click does not work"),
    why=mark("Without an https URI and the exact value of the field receivers do not offer it."),
    fix=mark("Write List-Unsubscribe-Post: List-Unsubscribe=One-Click, and an https URI in List-Unsubscribe."),
    references=("RFC 8058 §3.1",),
)
ONE_CLICK_UNSIGNED = FindingSpec(
    id="one-click-unsigned",
    severity=Severity.WARNING,
    title=mark("No DKIM signature covers the fields for unsubscribing with one click"),
    why=mark("Anybody could have added them on the way, so that receivers do not offer it."),
    fix=mark("Have h= of the signature name List-Unsubscribe and List-Unsubscribe-Post."),
    references=("RFC 8058 §4",),
)


def _skip(check_input: CheckInput) -> Skip | None:
    return NO_MESSAGE if check_input.options.message is None else None


async def _run(check_input: CheckInput) -> CheckResult:
    message = check_input.options.message
    assert message is not None
    evidence = _evidence(message, check_input)
    return evidence, tuple(_findings(evidence))


def _evidence(given: bytes, check_input: CheckInput) -> MessageEvidence:
    """What the message shows. One that is not sent is read as if its lines ended as they should."""
    is_sent, now = check_input.options.message_is_sent, check_input.services.now
    message = given if is_sent else with_crlf(without_mailbox_line(given))
    header, parts, longest = header_of(message), split(message), longest_line(message)
    offered = _offered(check_input.session.transcript)
    limit = next(iter((offered or {}).get("SIZE", ())), "")
    alone = lone_line_ends(message)
    faults = list(form_faults(parts, header, longest_line=longest, now=now))
    from_list = concerns(parts)
    one_click = tuple(one_click_faults(parts, now)) if from_list else ()
    return MessageEvidence(
        octets=len(message),
        longest_line=longest,
        line_ends_alone=alone,
        # RFC 1870 §4: 0 stands for no limit.
        size_limit=(int(limit) or None) if limit.isascii() and limit.isdecimal() and len(limit) < 20 else None,
        eight_bit=has_eight_bit(message[len(header) :]),
        header_eight_bit=has_eight_bit(header),
        takes_eight_bit=None if offered is None else "8BITMIME" in offered,
        takes_utf8=None if offered is None else "SMTPUTF8" in offered,
        faults=(*faults, *((FormFault.LINE_END_ALONE,) if alone else ())),
        has_one_click=from_list and not one_click,
        one_click=one_click,
        test_strings=filter_tests(message),
    )


def _offered(transcript: Transcript | None) -> dict[str, tuple[str, ...]] | None:
    """The extensions that the server offers, by keyword; None where no EHLO was answered."""
    if transcript is None or not any(
        x.phase is Phase.EHLO and x.reply and x.reply.code == 250 for x in transcript.exchanges
    ):
        return None
    words = [line.split() for line in transcript.extensions]
    return {each[0].upper(): tuple(each[1:]) for each in words if each}


_ABOUT = {FormFault.NO_DATE: "Date", FormFault.NO_MESSAGE_ID: "Message-ID"}


def _findings(evidence: MessageEvidence) -> Iterator[Finding]:
    by_fault = {
        FormFault.HEADER_BROKEN: (
            HEADER_BROKEN,
            say("a line in the header is not a header field: the header ends there"),
        ),
        FormFault.NO_DATE: (DATE_MISSING, say("the message has no Date field")),
        FormFault.DATE_WRONG: (DATE_WRONG, say("the Date field does not hold a date of today or earlier")),
        FormFault.NO_MESSAGE_ID: (ID_MISSING, say("the message has no Message-ID")),
        FormFault.LINE_TOO_LONG: (
            LINE_TOO_LONG,
            say(
                "the longest line has {octets} octets, {most} are allowed", octets=evidence.longest_line, most=MAX_LINE
            ),
        ),
        FormFault.LINE_END_ALONE: (
            LINE_END_ALONE,
            say_counted(
                "{count} line ends in CR or LF alone", "{count} lines end in CR or LF alone", evidence.line_ends_alone
            ),
        ),
    }
    for fault in evidence.faults:
        spec, words = by_fault[fault]
        yield spec(_ABOUT.get(fault, "message"), words)
    if evidence.size_limit is not None and evidence.octets > evidence.size_limit:
        words = say("{octets} octets, the server takes {limit}", octets=evidence.octets, limit=evidence.size_limit)
        yield ABOVE_SIZE("message", words)
    if evidence.eight_bit and evidence.takes_eight_bit is False:
        yield EIGHT_BIT("message", say("the body has octets above 127, and the server does not offer 8BITMIME"))
    if evidence.header_eight_bit and evidence.takes_utf8 is False:
        yield HEADER_EIGHT_BIT("message", say("the header is not ASCII, and the server does not offer SMTPUTF8"))
    yield from _one_click(evidence)


def _one_click(evidence: MessageEvidence) -> Iterator[Finding]:
    for fault in evidence.one_click:
        match fault:
            case OneClickFault.NO_POST:
                yield ONE_CLICK_MISSING("message", say("List-Unsubscribe is there without List-Unsubscribe-Post"))
            case OneClickFault.NO_URI:
                yield ONE_CLICK_BROKEN("message", say("List-Unsubscribe has no https URI"))
            case OneClickFault.POST_WRONG:
                yield ONE_CLICK_BROKEN("message", say("List-Unsubscribe-Post is not List-Unsubscribe=One-Click"))
            case OneClickFault.UNSIGNED:
                words = say("h= of no signature names both List-Unsubscribe and List-Unsubscribe-Post")
                yield ONE_CLICK_UNSIGNED("message", words)


CHECK = Check(
    name="message",
    about=mark("whether the message has the form that servers want, and what it wants of this one"),
    findings=(
        HEADER_BROKEN, DATE_MISSING, DATE_WRONG, ID_MISSING, LINE_TOO_LONG, LINE_END_ALONE, EIGHT_BIT, HEADER_EIGHT_BIT,
        ABOVE_SIZE, ONE_CLICK_MISSING, ONE_CLICK_BROKEN, ONE_CLICK_UNSIGNED,
    ),
    skip=_skip,
    run=_run,
    bears_on=Bearing(causes=frozenset({"content-malformed", "message-too-large", "spam-content", "malware-or-attachment"})),
)  # fmt: skip
