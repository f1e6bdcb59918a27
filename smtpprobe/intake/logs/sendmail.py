"""The refusals in lines of Sendmail."""

from __future__ import annotations

import re

from smtpprobe.intake.found import domain_of
from smtpprobe.intake.logs.lines import Refusal, starts_with_code
from smtpprobe.intake.unanswered import is_unanswered, phase_unanswered
from smtpprobe.model.transcript import Phase

MARKERS = (b"reject=", b"dsn=4.", b"dsn=5.")
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
_OWN = (
    "Local configuration error",
    "local configuration error",
    "Host unknown",
    "Name server: ",
    "Can't create output",
)
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
        return Refusal(rejected["reply"], _RULESETS.get(where), domain_of(argument), peer).receiving()
    dsn = _DSN.search(message)
    stat = _STAT.match(message, dsn.end()) if dsn else None
    if dsn is None or stat is None:
        return None
    domain = domain_of(to[1] if to else None)
    words, queued = stat["stat"].removeprefix("Deferred: "), dsn["dsn"][0] == "4"
    # Sendmail's texts for itself carry no word of a host, nor does a delivery to one of its own mailers.
    own = words.startswith(_OWN)
    if given := _REPLY_FIELD.search(message):
        words, own = given[1], False
    if is_unanswered(words):
        return Refusal(words, phase_unanswered(words), domain, peer, own=True, queued=queued).sending()
    words = words if starts_with_code(words) else f"{dsn['dsn']} {words}"
    return Refusal(words, None, domain, peer, own=own, queued=queued).sending()
