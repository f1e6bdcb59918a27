"""The form of the server's replies, and their order (RFC 5321 §4.2, RFC 2034 §4)."""

from __future__ import annotations

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.checks.base import NO_SESSION, Check, CheckInput, CheckResult, FindingSpec, Skip, Trigger, not_applicable
from smtpprobe.model.evidence import SessionEvidence
from smtpprobe.model.reply import ReplyDefect
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.transcript import Phase

MALFORMED = FindingSpec(
    id="reply-malformed",
    severity=Severity.WARNING,
    title="A reply breaks the form that clients rely on",
    why="This client read it anyway; stricter ones drop the connection or wait until they time out.",
    fix="Look at what is between you and the server (a filter, a script that adds lines) or update the server.",
    references=("RFC 5321 §4.2", "RFC 5321 §4.2.1"),
)
CODE_MISMATCH = FindingSpec(
    id="reply-code-mismatch",
    severity=Severity.WARNING,
    title="The lines of one reply carry different codes",
    why="Clients differ in which line they use: the same session is accepted by some and refused by others.",
    fix="Make the policy or filter that writes the reply use one code on every line.",
    references=("RFC 5321 §4.2.1",),
)
ENHANCED_MISMATCH = FindingSpec(
    id="reply-enhanced-mismatch",
    severity=Severity.NOTICE,
    title="Reply code and enhanced status code disagree",
    why="The reply code governs what clients do; the other one misleads people and bounce processors.",
    fix="Give both the same first digit, and the same enhanced status code on every line.",
    references=("RFC 2034 §4", "RFC 3463 §2"),
)
TEXT = FindingSpec(
    id="reply-text-not-ascii",
    severity=Severity.NOTICE,
    title="A reply's text contains octets that do not belong there",
    why="Outside SMTPUTF8 a reply's text is printable US-ASCII; other octets arrive garbled or disturb terminals and logs.",
    fix="Write the texts of rejections in US-ASCII.",
    references=("RFC 5321 §4.2", "RFC 6531 §3.5"),
)
UNSOLICITED = FindingSpec(
    id="reply-unsolicited",
    severity=Severity.WARNING,
    title="The server sent unsolicited data",
    why="A client that takes them for the next command's reply runs one reply behind for the rest of the session.",
    fix="Look for a filter that answers as well as the server, or a server that answers twice.",
    references=("RFC 5321 §4.2",),
)
EHLO_UNKNOWN = FindingSpec(
    id="ehlo-not-known",
    severity=Severity.NOTICE,
    title="The server does not know EHLO; the session went on with HELO",
    why="Without EHLO there are no extensions: no STARTTLS, no AUTH, no size limit known beforehand.",
    fix="Update the server, or switch off the firewall's SMTP inspection that masks EHLO.",
    references=("RFC 5321 §3.2", "RFC 5321 §4.1.1.1"),
)
SLOW_GREETING = FindingSpec(
    id="greeting-slow",
    severity=Severity.INFO,
    title="The greeting was delayed on purpose or by load",
    why="A delay of some seconds before the greeting is a common defence against clients that talk first.",
    fix="Nothing: clients should wait five minutes for a greeting.",
    references=("RFC 5321 §4.5.3.2.1",),
)

_BY_DEFECT = {
    ReplyDefect.CODE_MISMATCH: (CODE_MISMATCH, "its lines carry different codes"),
    ReplyDefect.ENHANCED_CLASS_MISMATCH: (
        ENHANCED_MISMATCH,
        "the enhanced status code's class differs from the code's",
    ),
    ReplyDefect.ENHANCED_MISMATCH: (ENHANCED_MISMATCH, "its lines carry different enhanced status codes"),
    ReplyDefect.NOT_ASCII: (TEXT, "its text is not US-ASCII"),
    ReplyDefect.NOT_UTF8: (TEXT, "its text is neither US-ASCII nor UTF-8"),
    ReplyDefect.CONTROL: (TEXT, "its text contains control characters"),
    ReplyDefect.BARE_LF: (MALFORMED, "a line ends with LF alone"),
    ReplyDefect.BARE_CR: (MALFORMED, "there is a CR inside a line"),
    ReplyDefect.UNPARSEABLE: (MALFORMED, "a line in it is not a reply line"),
    ReplyDefect.BAD_SEPARATOR: (MALFORMED, "neither blank nor hyphen follows the code"),
    ReplyDefect.TOO_LONG: (MALFORMED, "a line is longer than the limit"),
    ReplyDefect.EMPTY_LINE: (MALFORMED, "there is an empty line before or in it"),
    ReplyDefect.CODE_OUT_OF_RANGE: (MALFORMED, "the code is not one that SMTP defines"),
    ReplyDefect.TRUNCATED: (MALFORMED, "it is too long to be kept whole"),
}
SLOW_GREETING_S = 5.0


def _skip(check_input: CheckInput) -> Skip | None:
    transcript = check_input.session.transcript
    if transcript is None:
        return NO_SESSION
    if not any(each.reply for each in transcript.exchanges):
        return not_applicable("the server sent no reply")
    return None


async def _run(check_input: CheckInput) -> CheckResult:
    transcript = check_input.session.transcript
    assert transcript is not None
    findings: list[Finding] = []
    shown: list[int] = []
    for exchange in transcript.exchanges:
        if exchange.reply is None:
            continue
        shown.append(exchange.index)
        for defect in exchange.reply.defects:
            spec, words = _BY_DEFECT.get(defect, (MALFORMED, defect.value))
            subject = exchange.sent or exchange.phase.value
            findings.append(spec(subject, f"reply {exchange.reply.code}: {words}", exchange=exchange.index))
        if exchange.phase is Phase.GREETING and (exchange.last_octet_s or 0) > SLOW_GREETING_S:
            message = f"the greeting took {exchange.last_octet_s:.0f} s"
            findings.append(SLOW_GREETING(transcript.address, message, exchange=exchange.index))
    if transcript.unsolicited:
        message = f"{len(transcript.unsolicited)} octets of unsolicited data came"
        findings.append(UNSOLICITED(transcript.address, message))
    rescued = [x for x in transcript.exchanges if x.is_helo and x.reply and x.reply.digit == 2]
    if rescued and rescued[0].index > 0 and transcript.exchanges[rescued[0].index - 1].phase is Phase.EHLO:
        findings.append(EHLO_UNKNOWN(transcript.address, "EHLO was refused, HELO accepted", exchange=rescued[0].index))
    return SessionEvidence(tuple(shown), {"replies": str(len(shown))}), tuple(findings)


CHECK = Check(
    name="reply-syntax",
    about="whether the replies have the form and order that clients rely on",
    trigger=Trigger.ALWAYS,
    needs_dns=False,
    findings=(MALFORMED, CODE_MISMATCH, ENHANCED_MISMATCH, TEXT, UNSOLICITED, EHLO_UNKNOWN, SLOW_GREETING),
    skip=_skip,
    run=_run,
    bears_on=Bearing(causes=frozenset({"protocol-error"})),
)
