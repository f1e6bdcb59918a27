"""The refusals in logs of Postfix, Exim, Sendmail and OpenSMTPD, from syslog, a file of their own, or the journal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import chain

from smtpprobe.intake import blocks as reading
from smtpprobe.intake import exim_log
from smtpprobe.intake.found import MAX_REPLY, Counts, Found, domain_of, phase_of, text, without_command
from smtpprobe.intake.log_lines import UNSEEN, Line, Refusal, header, of_mail, starts_with_code
from smtpprobe.intake.quotations import Quotations
from smtpprobe.intake.quoted import MAY_QUOTE, time_of
from smtpprobe.model.transcript import Phase


class Family(StrEnum):
    """The program that wrote a log."""

    POSTFIX = "Postfix"
    EXIM = "Exim"
    SENDMAIL = "Sendmail"
    OPENSMTPD = "OpenSMTPD"


MARKERS = {
    Family.POSTFIX: (
        *(b"reject: ", b" said: ", b"refused to talk to me: "),
        *(b"status=bounced", b"status=deferred", b"status=SOFTBOUNCE", b"status=undeliverable"),
    ),
    Family.EXIM: exim_log.MARKERS,
    Family.SENDMAIL: (b"reject=", b"dsn=4.", b"dsn=5."),
    Family.OPENSMTPD: (b"PermFail", b"TempFail", b"failed-command"),
}
_WRITES_REPLIES = re.compile(r"postfix|exim|sendmail|\Asm-|\A(?:open)?smtpd\Z")
_MARKED = re.compile(
    b"|".join(re.escape(marker) for marker in (*(m for each in Family for m in MARKERS[each]), *UNSEEN))
)


def refusals(blocks: Iterable[bytes], family: Family | None, counts: Counts) -> Iterator[Found]:
    """Every refusal of a log in order; `family` None looks for those of every program.

    A line that is marked as a refusal and tells none is passed over; one that a reader cannot make out is counted in
    `counts.unread`.
    """
    families = (family,) if family else tuple(Family)
    markers = [marker for each in families for marker in MARKERS[each]]
    blocks = iter(blocks)
    first = next(blocks, b"")
    if b'"MESSAGE"' in first:
        markers += UNSEEN
    blocks = chain((first,), blocks)
    readers = [_READERS[each] for each in families]
    for number, octets in reading.candidates(blocks, markers, counts):
        line = header(octets)
        if line is None:
            counts.unread += 1
        elif (found := _refusal(line, readers, number)) is not None:
            yield found


def mixed(blocks: Iterable[bytes], counts: Counts) -> Iterator[Found]:
    """Every refusal of any mail program in order, and every reply that lines of other programs quote."""
    readers = [_READERS[each] for each in Family]
    quotations = Quotations()
    for number, octets in enumerate(reading.lines(blocks, counts), start=1):
        marked = _MARKED.search(octets) is not None
        if not (marked or quotations.open or MAY_QUOTE.search(octets)):
            continue
        of_another = octets[:1] == b"{" and b'"MESSAGE"' not in octets
        line = Line(text(octets)) if of_another else header(octets)
        if line is None:
            counts.unread += 1
            continue
        found = _refusal(line, readers, number) if marked else None
        if found is not None:
            yield from quotations.ended()
            yield found
        elif not _WRITES_REPLIES.search(line.program):
            yield from quotations.heard(number, line.message, line.when or time_of(line.message))
    yield from quotations.ended()


def _refusal(line: Line, readers: Iterable[Callable[[str], Refusal | None]], number: int) -> Found | None:
    if line.program and not of_mail(line.program):
        return None
    for reader in readers:
        found = reader(line.message)
        # A line may end before the words of the refusal: then there is nothing to explain.
        if found is not None and (said := found[0][:MAX_REPLY].strip()):
            _, phase, domain, peer = found
            return Found(
                reply=said,
                phase=phase,
                recipient_domain=domain,
                when=line.when,
                peer=peer,
                line=number,
            )
    return None


_REJECT = re.compile(
    r"(?:^|: )(?:milter-|proxy-)?reject: (?P<phase>[A-Z-]{3,20})(?: from (?P<peer>\S{1,320}))?: (?P<reply>.*)",
    re.DOTALL,
)
# header_checks(5): cleanup names the header or body line, then whom it came from, then its reply.
_CONTENT = re.compile(
    r"(?:^|: )reject: (?:mime-|nested-)?(?:header|body) .{0,2000} from (?P<peer>\S{1,320}); from=<[^>]{0,320}>"
    r"(?: to=<(?P<to>[^>]{0,320})>)?(?: proto=\S{1,20})?(?: helo=<[^>]{0,320}>)?: (?P<reply>[45].*)",
    re.DOTALL,
)
_PARTICULARS = re.compile(r"; (?:from=<|proto=|helo=<|to=<)[^\n]*\Z")
_TO = re.compile(r"\bto=<([^<>]{0,320})>")
_STATUS_TO = re.compile(r"to=<(?P<to>[^>]{0,320})>")
_STATUS = re.compile(
    r".{0,800}? dsn=(?P<dsn>\d\.\d{1,3}\.\d{1,3}), status=(?:bounced|deferred|SOFTBOUNCE|undeliverable)"
    r" \((?P<detail>.*)",
    re.DOTALL,
)
_SAID = re.compile(
    r"(?P<login>SASL authentication failed; )?\b(?:host|server) (?P<peer>[^\s\[]{1,255}\[[^\]\s]{1,100}\](?::\d{1,5})?)"
    r" (?:said|(?P<greeting>refused to talk to me)): (?P<reply>.*)",
    re.DOTALL,
)
_CODE = re.compile(r"[45](?:\d\d|\.\d{1,3}\.\d{1,3})\b", re.ASCII)
_WHILE = re.compile(
    r" while (?:sending |receiving (?:the )?|performing (?:the )?)([A-Za-z ]{3,40}?)(?: handshake| -- .*)?\Z"
)


def postfix(message: str) -> Refusal | None:
    """The refusal in a line of smtp, lmtp, smtpd, postscreen, cleanup; None where there is none."""
    if content := _CONTENT.search(message):
        return content["reply"], Phase.MESSAGE, domain_of(content["to"]), _peer(content["peer"])
    if rejected := _REJECT.search(message):
        reply = rejected["reply"]
        if not starts_with_code(reply):
            return None
        to = _TO.search(message)
        particulars = _PARTICULARS.search(reply)
        reply = reply[: particulars.start()] if particulars else reply
        return reply, phase_of(rejected["phase"]), domain_of(to[1] if to else None), _peer(rejected["peer"])
    to = _STATUS_TO.search(message)
    status = _STATUS.match(message, to.end()) if to else None
    # The closing bracket is not there where the line was cut.
    detail = status["detail"].rstrip().removesuffix(")") if status else message
    domain = domain_of(to[1]) if to and status else None
    said = _SAID.search(detail)
    if said is None:
        if status is None:
            return None
        return f"{status['dsn']} {detail}", _local_phase(detail), domain, None
    reply, phase = without_command(said["reply"])
    if phase is None:
        phase = Phase.AUTH if said["login"] else Phase.GREETING if said["greeting"] else None
    if not _CODE.match(reply.lstrip()):
        if status is None:
            return None
        reply = f"{status['dsn']} {detail}"
    return reply, phase, domain, said["peer"]


def _local_phase(detail: str) -> Phase | None:
    """Where our side gave up without a reply."""
    if detail.startswith("connect to "):
        return Phase.CONNECT
    if detail.startswith(("Host or domain name not found", "Name service error")):
        return Phase.DNS
    if "TLS is required, but" in detail:
        return Phase.STARTTLS
    during = _WHILE.search(detail)
    return phase_of(during[1]) if during else None


def _peer(words: str | None) -> str | None:
    return words.rstrip(":;,") if words else None


_SENDMAIL_TO = re.compile(r"\bto=<?([^\s,>]{1,320})")
_RELAY = re.compile(r"\brelay=([^,]{1,400})(?:,|\Z)")
_RULESET = re.compile(
    r"(?:ruleset=check_(?P<ruleset>\w{2,20}), arg1=<?(?P<argument>[^,]{0,320}?)>?,"
    r"|Milter(?:[ :]|:? )(?P<milter>[\w=]{1,20})|\bmilter=)"
)
_REJECTED = re.compile(r".{0,800}?\breject=(?P<reply>.*)", re.DOTALL)
_DSN = re.compile(r"\bdsn=(?P<dsn>[45]\.\d{1,3}\.\d{1,3}),")
_STAT = re.compile(r".{0,800}?\bstat=(?P<stat>.*)", re.DOTALL)
_REPLY_FIELD = re.compile(r"\breply=([45]\d\d[ -].*?)(?=, stat=|, dsn=|\Z)", re.DOTALL)
_RULESETS = {"relay": Phase.GREETING, "mail": Phase.MAIL, "rcpt": Phase.RCPT, "compat": Phase.RCPT}
_RULESETS |= {"eom": Phase.MESSAGE, "data": Phase.DATA, "etrn": Phase.RCPT, "vrfy": Phase.RCPT, "to": Phase.RCPT}
_RULESETS |= {"from": Phase.MAIL, "connect": Phase.GREETING, "helo": Phase.EHLO}


def sendmail(message: str) -> Refusal | None:
    """The refusal in a line of sendmail or sm-mta; None where there is none."""
    relay = _RELAY.search(message)
    peer = relay[1].rstrip() if relay else None
    to = _SENDMAIL_TO.search(message)
    ruleset = _RULESET.search(message)
    if ruleset and (rejected := _REJECTED.match(message, ruleset.end())):
        where = (ruleset["ruleset"] or ruleset["milter"] or "").partition("=")[0]
        argument = ruleset["argument"] if where == "rcpt" else to[1] if to else None
        return rejected["reply"], _RULESETS.get(where), domain_of(argument), peer
    dsn = _DSN.search(message)
    stat = _STAT.match(message, dsn.end()) if dsn else None
    if dsn is None or stat is None:
        return None
    domain = domain_of(to[1] if to else None)
    words = stat["stat"].removeprefix("Deferred: ")
    if given := _REPLY_FIELD.search(message):
        words = given[1]
    return (words if starts_with_code(words) else f"{dsn['dsn']} {words}"), None, domain, peer


_RESULT = re.compile(r"\bresult=\"(?P<result>PermFail|TempFail)\"\s+stat=\"(?P<stat>[^\"]*)")
_FAILED_COMMAND = "failed-command"
_FAILED = re.compile(r".{0,300}?\bcommand=\"(?P<command>.{0,600}?)\" result=\"(?P<reply>[45]\d\d[^\"]*)", re.DOTALL)
_OPENSMTPD_TO = re.compile(r"\b(?:to|rcpt)=<([^<>]{1,320}@[^<>]{1,255})>")
_OPENSMTPD_RELAY = re.compile(r"\b(?:relay|host|address)=\"?([^\"\n]{1,255}?)(?=\"|\s\w+=|\Z)")


def opensmtpd(message: str) -> Refusal | None:
    """The refusal in a line of OpenSMTPD's smtpd; None where there is none."""
    peer = _OPENSMTPD_RELAY.search(message)
    host = peer[1] if peer else None
    at = message.find(_FAILED_COMMAND)
    if at >= 0 and (failed := _FAILED.match(message, at + len(_FAILED_COMMAND))):
        command = failed["command"]
        domain = domain_of(command) if command[:4].lower() == "rcpt" else None
        return failed["reply"], phase_of(command), domain, host
    if (result := _RESULT.search(message)) and result["stat"]:
        to = _OPENSMTPD_TO.search(message)
        return result["stat"], None, domain_of(to[1] if to else None), host
    return None


_READERS: dict[Family, Callable[[str], Refusal | None]] = {
    Family.POSTFIX: postfix,
    Family.EXIM: exim_log.exim,
    Family.SENDMAIL: sendmail,
    Family.OPENSMTPD: opensmtpd,
}
