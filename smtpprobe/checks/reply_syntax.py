"""The form of the server's replies, and their order (RFC 5321 §4.2, RFC 2034 §4)."""

from __future__ import annotations

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.checks.base import NO_SESSION, Check, CheckInput, CheckResult, FindingSpec, Skip, not_applicable
from smtpprobe.model.evidence import SessionEvidence
from smtpprobe.model.reply import ReplyDefect
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.transcript import Phase, Transcript

MALFORMED = FindingSpec(
    id="reply-malformed",
    severity=Severity.WARNING,
    title=mark("A reply breaks the form that clients rely on"),
    why=mark("This client read it anyway; stricter ones drop the connection or wait until they time out."),
    fix=mark("Look at what is between you and the server (a filter, a script that adds lines) or update the server."),
    references=("RFC 5321 §4.2", "RFC 5321 §4.2.1"),
)
CODE_MISMATCH = FindingSpec(
    id="reply-code-mismatch",
    severity=Severity.WARNING,
    title=mark("The lines of one reply carry different codes"),
    why=mark("Clients differ in which line they use: the same session is accepted by some and refused by others."),
    fix=mark("Make the policy or filter that writes the reply use one code on every line."),
    references=("RFC 5321 §4.2.1",),
)
ENHANCED_MISMATCH = FindingSpec(
    id="reply-enhanced-mismatch",
    severity=Severity.NOTICE,
    title=mark("Reply code and enhanced status code disagree"),
    why=mark("The reply code governs what clients do; the other one misleads people and bounce processors."),
    fix=mark("Give both the same first digit, and the same enhanced status code on every line."),
    references=("RFC 2034 §4", "RFC 3463 §2"),
)
TEXT = FindingSpec(
    id="reply-text-not-ascii",
    severity=Severity.NOTICE,
    title=mark("A reply's text contains octets that do not belong there"),
    why=mark(
        "Outside SMTPUTF8 a reply's text is printable US-ASCII; other octets arrive garbled or "
        "disturb terminals and logs."
    ),
    fix=mark("Write the texts of rejections in US-ASCII."),
    references=("RFC 5321 §4.2", "RFC 6531 §3.5"),
)
UNSOLICITED = FindingSpec(
    id="reply-unsolicited",
    severity=Severity.WARNING,
    title=mark("The server sent unsolicited data"),
    why=mark(
        "A client that takes them for the next command's reply runs one reply behind for the rest of the session."
    ),
    fix=mark("Look for a filter that answers as well as the server, or a server that answers twice."),
    references=("RFC 5321 §4.2",),
)
EHLO_UNKNOWN = FindingSpec(
    id="ehlo-not-known",
    severity=Severity.NOTICE,
    title=mark("The server does not know EHLO; the session went on with HELO"),
    why=mark("Without EHLO there are no extensions: no STARTTLS, no AUTH, no size limit known beforehand."),
    fix=mark("Update the server, or switch off the firewall's SMTP inspection that masks EHLO."),
    references=("RFC 5321 §3.2", "RFC 5321 §4.1.1.1"),
)
SLOW_GREETING = FindingSpec(
    id="greeting-slow",
    severity=Severity.INFO,
    title=mark("The greeting was delayed on purpose or by load"),
    why=mark("A delay of some seconds before the greeting is a common defence against clients that talk first."),
    fix=mark("Nothing: clients should wait five minutes for a greeting."),
    references=("RFC 5321 §4.5.3.2.1",),
)

_BY_DEFECT = {
    ReplyDefect.CODE_MISMATCH: (CODE_MISMATCH, mark("its lines carry different codes")),
    ReplyDefect.ENHANCED_CLASS_MISMATCH: (
        ENHANCED_MISMATCH,
        mark("the enhanced status code's class differs from the code's"),
    ),
    ReplyDefect.ENHANCED_MISMATCH: (ENHANCED_MISMATCH, mark("its lines carry different enhanced status codes")),
    ReplyDefect.NOT_ASCII: (TEXT, mark("its text is not US-ASCII")),
    ReplyDefect.NOT_UTF8: (TEXT, mark("its text is neither US-ASCII nor UTF-8, and is shown as what it probably is")),
    ReplyDefect.CONTROL: (TEXT, mark("its text contains control characters")),
    ReplyDefect.BARE_LF: (MALFORMED, mark("a line ends with LF alone")),
    ReplyDefect.BARE_CR: (MALFORMED, mark("there is a CR inside a line")),
    ReplyDefect.UNPARSEABLE: (MALFORMED, mark("a line in it is not a reply line")),
    ReplyDefect.BAD_SEPARATOR: (MALFORMED, mark("neither blank nor hyphen follows the code")),
    ReplyDefect.TOO_LONG: (MALFORMED, mark("a line is longer than the limit")),
    ReplyDefect.EMPTY_LINE: (MALFORMED, mark("there is an empty line before or in it")),
    ReplyDefect.CODE_OUT_OF_RANGE: (MALFORMED, mark("the code is not one that SMTP defines")),
    ReplyDefect.TRUNCATED: (MALFORMED, mark("it is too long to be kept whole")),
}
SLOW_GREETING_S = 5.0

_HELO_ALONE = {
    False: mark("EHLO was refused, HELO accepted"),
    True: mark("EHLO was refused, HELO accepted; a firewall that masks the greeting is on the way"),
}
_MASKED = frozenset("*02 ")  # what Cisco's inspection leaves of a greeting


def _is_masked(transcript: Transcript) -> bool:
    """Whether a firewall has put asterisks in the place of the greeting."""
    greeting = transcript.exchanges[0].reply
    text = greeting.text if greeting is not None else ""
    return "***" in text and _MASKED.issuperset(text)


def _skip(check_input: CheckInput) -> Skip | None:
    transcript = check_input.session.transcript
    if transcript is None:
        return NO_SESSION
    if not any(each.reply for each in transcript.exchanges):
        return not_applicable(say("the server sent no reply"))
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
            spec, text = _BY_DEFECT.get(defect, (MALFORMED, defect.value))
            subject = exchange.sent or exchange.phase.value
            findings.append(
                spec(
                    subject,
                    say("reply {code}: {words}", code=exchange.reply.code, words=say(text)),
                    exchange=exchange.index,
                )
            )
        if exchange.phase is Phase.GREETING and exchange.reply.digit == 2 and exchange.reply.code != 220:
            message = say("the greeting has the code {code}, and clients wait for 220", code=exchange.reply.code)
            findings.append(MALFORMED(exchange.phase.value, message, exchange=exchange.index))
        if exchange.phase is Phase.GREETING and (exchange.last_octet_s or 0) > SLOW_GREETING_S:
            message = say("the greeting took {last_octet_s} s", last_octet_s=format(exchange.last_octet_s, ".0f"))
            findings.append(SLOW_GREETING(transcript.address, message, exchange=exchange.index))
    if transcript.unsolicited and not transcript.unsolicited.strip(b"\r\n"):
        findings.append(MALFORMED(transcript.address, say("an empty line follows the last reply")))
    elif transcript.unsolicited:
        message = say_counted(
            "{count} octet of unsolicited data came",
            "{count} octets of unsolicited data came",
            len(transcript.unsolicited),
        )
        findings.append(UNSOLICITED(transcript.address, message))
    rescued = [x for x in transcript.exchanges if x.is_helo and x.reply and x.reply.digit == 2]
    if rescued and rescued[0].index > 0 and transcript.exchanges[rescued[0].index - 1].phase is Phase.EHLO:
        findings.append(
            EHLO_UNKNOWN(transcript.address, say(_HELO_ALONE[_is_masked(transcript)]), exchange=rescued[0].index)
        )
    return SessionEvidence(tuple(shown), {"replies": str(len(shown))}), tuple(findings)


CHECK = Check(
    name="reply-syntax",
    about=mark("whether the replies have the form and order that clients rely on"),
    findings=(MALFORMED, CODE_MISMATCH, ENHANCED_MISMATCH, TEXT, UNSOLICITED, EHLO_UNKNOWN, SLOW_GREETING),
    skip=_skip,
    run=_run,
    bears_on=Bearing(causes=frozenset({"protocol-error"})),
)
