"""The refusals in logs of Postfix, Exim, Sendmail and OpenSMTPD, from syslog, a file of their own, or the journal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from smtpprobe.intake import blocks as reading
from smtpprobe.intake.found import MAX_REPLY, Counts, Found, domain_of, phase_of, text
from smtpprobe.model.transcript import Phase


class Family(StrEnum):
    """The program that wrote a log."""

    POSTFIX = "Postfix"
    EXIM = "Exim"
    SENDMAIL = "Sendmail"
    OPENSMTPD = "OpenSMTPD"


MARKERS = {
    Family.POSTFIX: (b"reject: ", b" said: ", b"status=bounced", b"status=deferred", b"refused to talk to me: "),
    Family.EXIM: (b" ** ", b" == ", b" rejected ", b"authenticator failed"),
    Family.SENDMAIL: (b"reject=", b"dsn=4.", b"dsn=5."),
    Family.OPENSMTPD: (b"PermFail", b"TempFail", b"failed-command"),
}
_HEADER = re.compile(
    r"(?:<\d{1,3}>)?(?:1 (?P<full>\S{1,40}) (?P<full_host>\S{1,255}) (?P<full_program>\S{1,64}) \S{1,128} \S{1,64} "
    r"(?:-|\[.{0,2000}?\])"
    r"|(?P<when>[A-Z][a-z]{2} [ \d]\d(?: \d{4})? \d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{4}-\d\d-\d\dT[\d:.,+Z-]{8,24})"
    r" (?P<host>\S{1,255}) (?P<program>[^\s:\[]{1,80})(?:\[\d{1,10}\])?:)"
    r"\ufeff? ?(?P<message>.*)",
    re.DOTALL,
)
_PROGRAM = re.compile(r"postfix|exim|sendmail|sm-|smtp|lmtp|mta|postscreen|cleanup|/")
_EXIM_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: [+-]\d{4})?) (?:\[\d{1,10}\] )?", re.ASCII)


class Line(msgspec.Struct, frozen=True):
    """A log line without its header."""

    message: str
    when: str | None = None
    program: str = ""


class _Journal(msgspec.Struct):
    message: str | list[int] | None = msgspec.field(name="MESSAGE", default=None)
    micros: str | None = msgspec.field(name="__REALTIME_TIMESTAMP", default=None)
    program: str | None = msgspec.field(name="SYSLOG_IDENTIFIER", default=None)


_journal = msgspec.json.Decoder(_Journal)


def refusals(blocks: Iterable[bytes], family: Family | None, counts: Counts) -> Iterator[Found]:
    """Every refusal of a log in order; `family` None looks for those of every program.

    A line that is marked as a refusal and tells none is passed over; one that a reader cannot make out is counted in
    `counts.unread`.
    """
    families = (family,) if family else tuple(Family)
    markers = [marker for each in families for marker in MARKERS[each]]
    readers = [_READERS[each] for each in families]
    for number, octets in reading.candidates(blocks, markers, counts):
        line = header(octets)
        if line is None:
            counts.unread += 1
            continue
        if line.program and not _PROGRAM.search(line.program):
            continue
        for reader in readers:
            found = reader(line.message)
            if found is not None:
                reply, phase, domain, peer = found
                yield Found(reply[:MAX_REPLY].strip(), phase, domain, line.when, peer, number)
                break


_LONGEST = 16384  # octets of a line; Postfix, rsyslog and the journal cut theirs at 2 to 8 KiB


def header(octets: bytes) -> Line | None:
    """The line's message with its time and program; None for an entry of the journal that is no JSON."""
    if octets[:1] == b"{":
        return _journal_line(octets)
    line = text(octets[:_LONGEST])
    when, program = None, ""
    if match := _HEADER.match(line):
        when = match["when"] or match["full"]
        program = match["program"] or match["full_program"] or ""
        line = match["message"]
    if match := _EXIM_TIME.match(line):
        when, line = match[1], line[match.end() :]
    return Line(line, when, program)


def _journal_line(octets: bytes) -> Line | None:
    try:
        entry = _journal.decode(octets)
        said = entry.message
        message = text(bytes(said[:_LONGEST])) if isinstance(said, list) else (said or "")[:_LONGEST]
        when = None
        if entry.micros:
            when = datetime.fromtimestamp(int(entry.micros) // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (msgspec.MsgspecError, ValueError, OverflowError, OSError):
        return None
    if match := _EXIM_TIME.match(message):
        message = message[match.end() :]
    return Line(message, when, entry.program or "")


_Refusal = tuple[str, Phase | None, str | None, str | None]

_REJECT = re.compile(
    r"(?:^|: )(?:milter-)?reject: (?P<phase>[A-Z-]{3,20})(?: from (?P<peer>\S{1,320}))?: (?P<reply>.*)", re.DOTALL
)
_CODED = re.compile(r"[45](?:\d\d(?:[ -]|\Z)|\.\d\.\d{1,3} )", re.ASCII)
_PARTICULARS = re.compile(r"; (?:from=<|proto=|helo=<|to=<)[^\n]*\Z")
_TO = re.compile(r"\bto=<([^<>]{0,320})>")
_STATUS = re.compile(
    r"to=<(?P<to>[^>]{0,320})>.{0,800}? dsn=(?P<dsn>\d\.\d{1,3}\.\d{1,3}), status=(?:bounced|deferred|undeliverable)"
    r" \((?P<detail>.*)\)\s*\Z",
    re.DOTALL,
)
_SAID = re.compile(
    r"(?P<login>SASL authentication failed; )?\b(?:host|server) (?P<peer>[^\s\[]{1,255}\[[^\]\s]{1,100}\](?::\d{1,5})?)"
    r" (?:said|(?P<greeting>refused to talk to me)): (?P<reply>.*)",
    re.DOTALL,
)
_IN_REPLY_TO = re.compile(r"\s*\(in reply to ([A-Za-z ]{2,40}?)(?: command)?\)\s*\Z")
_WHILE = re.compile(
    r" while (?:sending |receiving (?:the )?|performing (?:the )?)([A-Za-z ]{3,40}?)(?: handshake| -- .*)?\Z"
)


def postfix(message: str) -> _Refusal | None:
    """The refusal in a line of smtp, lmtp, smtpd, postscreen, cleanup; None where there is none."""
    if rejected := _REJECT.search(message):
        reply = rejected["reply"]
        if not _starts_with_code(reply):
            return None
        to = _TO.search(message)
        particulars = _PARTICULARS.search(reply)
        reply = reply[: particulars.start()] if particulars else reply
        return reply, phase_of(rejected["phase"]), domain_of(to[1] if to else None), _peer(rejected["peer"])
    status = _STATUS.search(message)
    detail = status["detail"] if status else message
    domain = domain_of(status["to"]) if status else None
    said = _SAID.search(detail)
    if said is None:
        if status is None:
            return None
        return f"{status['dsn']} {detail}", _local_phase(detail), domain, None
    reply = said["reply"]
    tail = _IN_REPLY_TO.search(reply)
    phase = phase_of(tail[1]) if tail else None
    if phase is None:
        phase = Phase.AUTH if said["login"] else Phase.GREETING if said["greeting"] else None
    reply = reply[: tail.start()] if tail else reply
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


def _starts_with_code(reply: str) -> bool:
    return _CODED.match(reply) is not None


def _peer(words: str | None) -> str | None:
    return words.rstrip(":;,") if words else None


_DELIVERY = re.compile(r"(?:^|\s)(?:\*\*|==) (?P<to>[^\n]{1,400}?)(?=: | [A-Z]{1,4}=| <|\s*\Z)(?P<rest>.*)", re.DOTALL)
_REMOTE = re.compile(
    r"(?:SMTP|LMTP) error from remote (?:mail server|mailer|host)"
    r"(?: after (?P<after>[^:]{1,40}?(?::<[^<>]{0,320}>[^:]{0,200})?))?"
    r":\s*(?:host (?P<host>[^\s\[]{1,255} \[[^\]]{1,100}\]):\s*)?(?P<reply>.*)",
    re.DOTALL,
)
_EXIM_HOST = re.compile(r"\bH=(\S{0,255} ?(?:\([^\s()]{0,255}\) )?\[[^\]\s]{1,100}\])")
_REJECTED = re.compile(
    r"(?P<soft>temporarily )?rejected (?:(?P<command>RCPT|MAIL|EHLO or HELO|EHLO|HELO|AUTH|STARTTLS|VRFY|ETRN|connection)"
    r"|(?P<after>after DATA|by local_scan|by non-SMTP ACL|during MIME ACL checks|DATA))(?: in \"connect\" ACL)?"
    r"(?: <?(?P<argument>[^\s<>:]{1,320})>?)?[^:]{0,200}?(?:: (?P<reply>.*)|\Z)",
    re.DOTALL,
)
_AUTHENTICATOR = re.compile(
    r"authenticator failed for (?P<peer>[^:]{1,400}?(?:\[[^\]]{1,100}\])?(?::\d{1,5})?(?: U=\S{1,64})?): (?P<reply>[45]\d\d .*)",
    re.DOTALL,
)


def exim(message: str) -> _Refusal | None:
    """The refusal in a line of the main or reject log; None where there is none.

    Exim does not log the code of its own refusals: 550 and 451 stand for it, which its ACLs give without a code.
    """
    if failed := _AUTHENTICATOR.search(message):
        return re.sub(r" \(set_id=[^\n]{0,400}\)\s*\Z", "", failed["reply"]), Phase.AUTH, None, failed["peer"]
    host = _EXIM_HOST.search(message)
    peer = host[1] if host else None
    if delivery := _DELIVERY.search(message):
        domain = domain_of(re.split(r"[\s<]", delivery["to"].strip("<"))[0]) or domain_of(delivery["to"])
        if remote := _REMOTE.search(delivery["rest"]):
            # Exim writes a reply's line ends as backslash and n.
            reply = re.sub(r"\\n(?=[45]\d\d[ -])", "\n", remote["reply"])
            return reply, _exim_phase(remote["after"]), domain, remote["host"] or peer
        _, _, words = (
            delivery["rest"].rpartition("): ") if "defer (" in delivery["rest"] else ("", "", delivery["rest"])
        )
        words = words.partition(": ")[2] or words.strip(" :")
        return (words, None, domain, peer) if words else None
    if (rejected := _REJECTED.search(message)) and rejected["reply"]:
        reply = rejected["reply"]
        if not _starts_with_code(reply):
            reply = f"{451 if rejected['soft'] else 550} {reply}"
        command = rejected["command"]
        phase = phase_of(command) if command else Phase.MESSAGE
        domain = domain_of(rejected["argument"]) if command == "RCPT" else None
        return reply, phase, domain, peer
    return None


def _exim_phase(after: str | None) -> Phase | None:
    return phase_of(after) if after else None


_SENDMAIL_TO = re.compile(r"\bto=<?([^\s,>]{1,320})")
_RELAY = re.compile(r"\brelay=([^,]{1,400}?)(?=,|\s*\Z)")
_RULESET = re.compile(
    r"(?:ruleset=check_(?P<ruleset>\w{2,20}), arg1=<?(?P<argument>[^,]{0,320}?)>?,"
    r"|Milter(?:[ :]|:? )(?P<milter>[\w=]{1,20})|\bmilter=)"
    r".{0,800}?\breject=(?P<reply>.*)",
    re.DOTALL,
)
_STAT = re.compile(r"\bdsn=(?P<dsn>[45]\.\d{1,3}\.\d{1,3}),.{0,800}?\bstat=(?P<stat>.*)", re.DOTALL)
_REPLY_FIELD = re.compile(r"\breply=([45]\d\d[ -].*?)(?=, stat=|, dsn=|\Z)", re.DOTALL)
_RULESETS = {"relay": Phase.GREETING, "mail": Phase.MAIL, "rcpt": Phase.RCPT, "compat": Phase.RCPT}
_RULESETS |= {"eom": Phase.MESSAGE, "data": Phase.DATA, "etrn": Phase.RCPT, "vrfy": Phase.RCPT, "to": Phase.RCPT}
_RULESETS |= {"from": Phase.MAIL, "connect": Phase.GREETING, "helo": Phase.EHLO}


def sendmail(message: str) -> _Refusal | None:
    """The refusal in a line of sendmail or sm-mta; None where there is none."""
    relay = _RELAY.search(message)
    peer = relay[1] if relay else None
    to = _SENDMAIL_TO.search(message)
    if rejected := _RULESET.search(message):
        where = (rejected["ruleset"] or rejected["milter"] or "").partition("=")[0]
        argument = rejected["argument"] if where == "rcpt" else to[1] if to else None
        return rejected["reply"], _RULESETS.get(where), domain_of(argument), peer
    stat = _STAT.search(message)
    if stat is None:
        return None
    domain = domain_of(to[1] if to else None)
    words = stat["stat"].removeprefix("Deferred: ")
    if given := _REPLY_FIELD.search(message):
        words = given[1]
    return (words if _starts_with_code(words) else f"{stat['dsn']} {words}"), None, domain, peer


_RESULT = re.compile(r"\bresult=\"(?P<result>PermFail|TempFail)\"\s+stat=\"(?P<stat>[^\"]*)")
_FAILED = re.compile(
    r"failed-command.{0,300}?\bcommand=\"(?P<command>.*?)\" result=\"(?P<reply>[45]\d\d[^\"]*)", re.DOTALL
)
_OPENSMTPD_TO = re.compile(r"\b(?:to|rcpt)=<([^<>]{1,320}@[^<>]{1,255})>")
_OPENSMTPD_RELAY = re.compile(r"\b(?:relay|host|address)=\"?([^\"\n]{1,255}?)(?=\"|\s\w+=|\Z)")


def opensmtpd(message: str) -> _Refusal | None:
    """The refusal in a line of OpenSMTPD's smtpd; None where there is none."""
    peer = _OPENSMTPD_RELAY.search(message)
    host = peer[1] if peer else None
    if failed := _FAILED.search(message):
        command = failed["command"]
        domain = domain_of(command) if command[:4].lower() == "rcpt" else None
        return failed["reply"], phase_of(command), domain, host
    if (result := _RESULT.search(message)) and result["stat"]:
        to = _OPENSMTPD_TO.search(message)
        return result["stat"], None, domain_of(to[1] if to else None), host
    return None


_READERS: dict[Family, Callable[[str], _Refusal | None]] = {
    Family.POSTFIX: postfix,
    Family.EXIM: exim,
    Family.SENDMAIL: sendmail,
    Family.OPENSMTPD: opensmtpd,
}
