"""The refusals in lines of OpenSMTPD's smtpd, of old versions and of new ones."""

from __future__ import annotations

import re

from smtpprobe.intake.found import domain_of, phase_of
from smtpprobe.intake.logs.lines import Place, Refusal, starts_with_code
from smtpprobe.model.transcript import Phase

MARKERS = (
    *(b"PermFail", b"TempFail", b"failed-command", b"Failed command on", b"result=permfail", b"result=tempfail"),
    *(b"Authentication failed for user ", b"Authentication temporarily failed for user "),
)
_RESULT = re.compile(r"\bresult=\"(?P<result>PermFail|TempFail)\"\s+stat=\"(?P<stat>[^\"]*)")
_OLD_RESULT = re.compile(
    r"(?:relay|delivery): (?:PermFail|TempFail) for [0-9a-f]{16}:.{0,2000}?, stat=(?P<stat>.*)", re.DOTALL
)
_FAILED_COMMAND = "failed-command"
_FAILED = re.compile(r".{0,300}?\bcommand=\"(?P<command>.{0,600}?)\" result=\"(?P<reply>[45]\d\d[^\"]*)", re.DOTALL)
_OLD_FAILED = re.compile(
    r"Failed command on session (?P<of>[0-9a-f]{16}): \"(?P<command>.{0,600}?)\" => (?P<reply>[45]\d\d.*)", re.DOTALL
)
_LOGIN = re.compile(
    r"(?P<of>[0-9a-f]{16}) smtp (?:event=)?authentication .{0,600}?\bresult=(?P<result>perm|temp)fail\b"
)
_OLD_LOGIN = re.compile(
    r"smtp-in: Authentication (?P<result>temp)?(?:orarily )?failed for user .{1,320} on session (?P<of>[0-9a-f]{16})\b"
)
_SESSION = re.compile(r"[0-9a-f]{16}(?= )")
_TO = re.compile(r"\b(?:to|rcpt)=<([^<>]{1,320}@[^<>]{1,255})>")
_RELAY = re.compile(r"\b(?:relay|host|address)=\"?([^\"\n]{1,255}?)(?=\"|,? \w+=|\Z)")


def opensmtpd(message: str) -> Refusal | None:
    """The refusal in a line of OpenSMTPD's smtpd; None where there is none."""
    relay = _RELAY.search(message)
    host = relay[1] if relay else None
    at = message.find(_FAILED_COMMAND)
    if at >= 0 and (failed := _FAILED.match(message, at + len(_FAILED_COMMAND))):
        session = _SESSION.match(message)
        return _failed(failed, host, session[0] if session else None)
    if failed := _OLD_FAILED.search(message):
        return _failed(failed, host, failed["of"])
    if login := _LOGIN.match(message) or _OLD_LOGIN.match(message):
        later = login["result"] == "temp"
        said = "421 Temporary failure" if later else "535 Authentication failed"
        # A line with the command and its reply may follow.
        return Refusal(said, Phase.AUTH, None, host, of=login["of"], place=Place.ON_THE_WAY).receiving()
    result = _RESULT.search(message) or _OLD_RESULT.search(message)
    if result and result["stat"]:
        to = _TO.search(message)
        # A PermFail is returned to the sender; a TempFail is tried again.
        queued = "TempFail" in result[0]
        own = not starts_with_code(result["stat"])
        return Refusal(result["stat"], None, domain_of(to[1] if to else None), host, own=own, queued=queued).sending()
    return None


def _failed(failed: re.Match[str], host: str | None, session: str | None) -> Refusal:
    command = failed["command"]
    domain = domain_of(command) if command[:4].lower() == "rcpt" else None
    phase = phase_of(command)
    of = session if phase is Phase.AUTH else None
    return Refusal(failed["reply"], phase, domain, host, of=of).receiving()
