"""The stage at which a quoted reply came, as the sending program's words before it tell: `SMTPSenderRefused: (550, …`."""

from __future__ import annotations

import re

from smtpprobe.intake.found import phase_of
from smtpprobe.model.transcript import Phase

_REACH = 400  # characters before a reply that tell its stage
# Names of errors and whole phrases, wherever they are before the reply: those of one program name one stage each.
_NAMED = re.compile(
    r"(?P<auth>SMTPAuthenticationError|\bAuthentication(?:Failed)?Exception: |\bcheck_auth_\w{1,20}|\bfailed AUTH: "
    r"|\b[Aa]uthentication fail(?:ed|ure)\b|Invalid login: |Authenticator \"?[\w-]{1,30}\"? returned"
    r"|\b(?:Username|Password|User & Password) command failed|\b(?:Auth auth|on Auth): )"
    r"|(?P<ehlo>SMTPHeloError)"
    r"|(?P<greeting>SMTPConnectError|Invalid greeting)"
    r"|(?P<mail>SMTPSenderRefused|SMTPSenderFailedException|SenderNotAccepted|\bFailed to set sender\b"
    r"|\benvelope from address \S{1,320} not accepted)"
    r"|(?P<rcpt>SMTPRecipients?Refused|SMTPAddressFailedException|SmtpFailedRecipients?Exception|RecipientNotAccepted"
    r"|\bFailed to add recipient\b|all recipients were rejected: |\brecipient address \S{1,320} not accepted)"
    r"|(?P<message>SMTPDataError|MessageNotAccepted|Message failed: |DATA END command failed)"
)
# The command right before the reply: `send MAIL command: 550`, `after RCPT TO:<bob@…>: 550`, `Data command failed: 451`.
_COMMAND = re.compile(
    r"(?<![\w-])(?P<command>EHLO|HELO|(?i:STARTTLS)|AUTH|auth|MAIL(?= FROM| command| failed)|RCPT|rcpt|DATA"
    r"|(?:Mail|Recipient|Data)(?= command)|[Ee]nd of (?:data|message))"
    r"(?: FROM| TO)?:?(?:<[^<>\s]{0,320}>)?(?: command)?(?: (?:failed|denied|refused))?"
    r"(?:[:,!]?\s{1,2}(?:Detail: |[\"'(]{0,2}|b[\"'])|,)\Z"
)
# What PHP's libraries waited for instead of the reply.
_EXPECTED = re.compile(
    r"[Ee]xpected response code \"?(?P<codes>\d{3}(?:/\d{3}){0,3})\"? but got (?:code )?[^\n]{0,60}\Z"
)
_WAITED_FOR = {
    "235": Phase.AUTH,
    "334": Phase.AUTH,
    "250/251/252": Phase.RCPT,
    "354": Phase.DATA,
}
_COMMANDS = {"recipient": Phase.RCPT}
# RFC 5321 §4.3.2: no greeting, though 220 is waited for there too.
_OF_STARTTLS = frozenset({"454", "500", "501", "502", "503"})
_OUT_OF_ORDER = re.compile(r"\d{3} 5\.5\.1\b", re.ASCII)
_BELOW = re.compile(r"\w{1,20}: server message: ")
_OF_LOGIN = frozenset({"432", "534", "535", "538"})  # they tell their stage themselves
_BEFORE_LOGIN = "530"  # RFC 4954 §6: to commands other than AUTH; Ruby has the same error for it as for a login


def stage_of(words: str, start: int, reply: str) -> Phase | None:
    """The stage that the words before the place of a reply in them name, the nearest of several; None without any."""
    code = reply[:3]
    if code in _OF_LOGIN:
        return None
    before = words[max(0, start - _REACH) : start]
    if found := _COMMAND.search(before):
        return _COMMANDS.get(found["command"].lower()) or phase_of(found["command"])
    if found := _EXPECTED.search(before):
        if found["codes"] == "220":
            return Phase.STARTTLS if code in _OF_STARTTLS else None
        return _WAITED_FOR.get(found["codes"])
    name = None
    for found in _NAMED.finditer(before):
        name = found.lastgroup
    if name == Phase.MESSAGE and (code == "503" or _OUT_OF_ORDER.match(reply)):
        return Phase.DATA
    if name == Phase.AUTH and code == _BEFORE_LOGIN:
        return None
    return Phase(name) if name else None


def is_below(words: str) -> bool:
    """Whether the line has the reply to what the line above it tells, as msmtp's does."""
    return _BELOW.match(words) is not None
