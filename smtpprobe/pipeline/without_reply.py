"""What a text tells in which no reply was recognised: a line of a log, a sending program's own error, words alone."""

from __future__ import annotations

import re

from smtpprobe.catalogue.causes import UNKNOWN
from smtpprobe.catalogue.explainer.client_errors import client_error, line_of, server_named
from smtpprobe.catalogue.explainer.explain import explain as explain_reply
from smtpprobe.catalogue.explainer.reading import Basis, Sureness
from smtpprobe.catalogue.explainer.wording import LIMIT
from smtpprobe.intake.bounces import WAITS
from smtpprobe.intake.found import MAX_REPLY, Found, domain_of
from smtpprobe.intake.pasted.no_replies import has_version, is_code_or_document, is_no_reply
from smtpprobe.intake.pasted.others import without_others
from smtpprobe.intake.quoted import is_counted, time_of
from smtpprobe.intake.unanswered import server_of
from smtpprobe.model.transcript import Phase, Side

_NUMBER = re.compile(r"\b[1-5]\d\d\b")
_ENHANCED_ALONE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\Z", re.ASCII)
_STACK = re.compile(r"^\s{0,20}(?:at |#\d|from /|File \"|\.{3} \d)|Traceback|[Ss]tack ?trace", re.MULTILINE)
# PHPMailer's sentence where it leaves out the code.
_REFUSED_ADDRESS = re.compile(
    r"(?:following (?P<to>recipients) failed: |following From address failed: )\S{1,320}@[^\s:]{1,255}+ ?: ?"
    r"(?P<said>[^\n,]{3,2000})"
)
# What only a mail server says that could not deliver, or its report.
_DELIVERS = re.compile(
    r"mailer-daemon|\bmessage (?:was |has )?(?:not (?:been )?delivered|been delayed)|\bmessage to \S{1,320} (?:has been delayed"
    r"|couldn't be delivered)|will (?:retry|be retried|keep trying)"
    r"|\bdelivery (?:has failed|incomplete|status notification|delayed)"
    r"|wasn't delivered to \S{1,320} because|\bDNS Error: .{0,40}\bDNS type '\w{1,5}' lookup of"
    r"|requests to connect|\bstatus=(?:deferred|bounced)|queue(?:d)? (?:file|id)\b",
    re.IGNORECASE,
)
_GIVEN_UP = re.compile(
    r"\bmessage (?:was |has )?not (?:been )?delivered|wasn't delivered to|\bDNS Error: |couldn't be delivered|delivery has failed"
    r"|\bstatus=bounced",
    re.IGNORECASE,
)
_TO = re.compile(r"wasn't delivered to (\S{1,64}@\S{1,255}) because")
_PERL_TRACE = "\nTrace begun at "  # below the words of an error, as Devel::StackTrace writes it
_GO_LOG = re.compile(
    r"\s*(?P<when>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) (?:\S{1,80}\.go:\d{1,6}: )?(?P<reply>[45]\d\d [^\r\n]*)\s*\Z",
    re.ASCII,
)


def _queued(text: str) -> bool | None:
    """Whether what a mail server says of a delivery is of one that it tries again; None where it does not say."""
    if WAITS.search(text) or "status=deferred" in text:
        return True
    return False if _GIVEN_UP.search(text) else None


def logged(text: str) -> Found | None:
    """The reply that is all of a line of Go's log, as `log.Fatal(err)` writes it; None in any other text."""
    found = _GO_LOG.match(text)
    if found is None or is_counted(found["reply"]) or is_no_reply(found["reply"]):
        return None
    return Found(reply=found["reply"].strip(), when=found["when"], line=1)


def of_client(text: str) -> Found | None:
    """The line of a sending program's own error, with the server that the text names as its peer; None without one."""
    text = without_others(text)
    error = client_error(text)
    if error is None:
        return None
    number = line_of(text, error)
    line = text.splitlines()[number - 1].strip()[:MAX_REPLY]
    if _DELIVERS.search(text[:MAX_REPLY]):
        server = server_of(None, line) or server_of(None, text)
        queued = _queued(text[:MAX_REPLY])
        to = _TO.search(text[:MAX_REPLY])
        return Found(
            # A report may be of another's server; a line of a log is one's own.
            reply=line,
            line=number,
            when=time_of(line),
            side=Side.SENDING,
            server=server,
            recipient=to[1] if to else None,
            recipient_domain=domain_of(to[1]) if to else None,
            own="status=" in text[:MAX_REPLY],
            queued=queued,
        )
    return Found(reply=line, line=number, when=time_of(line), peer=server_named(text))


def in_words(text: str) -> Found | None:
    """A short text as it stands if its words alone state a cause, as `User unknown` does; not a program's stack."""
    said, phase = without_others(text).partition(_PERL_TRACE)[0].strip(), None
    if quoted := _REFUSED_ADDRESS.search(text[:LIMIT]):
        said, phase = quoted["said"].strip(), Phase.RCPT if quoted["to"] else Phase.MAIL
    if _ENHANCED_ALONE.match(said):
        return Found(reply=said, line=1)
    if not said or len(said) > LIMIT or _STACK.search(said) or is_code_or_document(said) or is_no_reply(said):
        return None
    explanation = explain_reply(said, phase=phase)
    if explanation.cause == UNKNOWN or explanation.confidence is Sureness.GUESS:
        return None
    if explanation.basis is Basis.LIKENESS and (
        "\n" in said or _NUMBER.search(said) or has_version(said) or time_of(said)
    ):
        return None  # many lines, a log's line, and a status of another protocol as HTTP's 503, may read like a reply
    return Found(reply=said, phase=phase, line=1)
