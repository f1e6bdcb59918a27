"""The refusals in the log of Haraka: what it refused, and what other servers refused of it."""

from __future__ import annotations

import re

from smtpprobe.intake.found import domain_of
from smtpprobe.intake.logs.lines import Place, Refusal, starts_with_code
from smtpprobe.intake.unanswered import is_unanswered
from smtpprobe.model.transcript import Phase

MARKERS = (
    *(b" code=DENY", b" code=902", b" code=903", b" code=904", b" code=909"),
    *(b' lr="4', b' lr="5', b"> rejected: ", b"> deferred: ", b"Temp failing "),
    *(b"onnection failed", b"Failed to ", b"ouncing "),
)
_LINE = re.compile(
    r"(?:\[[A-Za-z]{4,9}\] )?\[(?P<of>[0-9A-Fa-f-]{3,40})(?:\.\d{1,6}){0,3}\] \[[\w./-]{1,60}\] (?P<words>.*)",
    re.DOTALL,
)
_DENIED = re.compile(
    r"(?P<what>recipient|sender) <(?P<path>[^<>]{0,320})>.{0,300}?\bcode=(?P<code>DENY(?:SOFT)?(?:DISCONNECT)?|90[2349])\b"
    r"(?: msg=\"(?P<msg>.*?)\"(?= \w{1,40}=|\Z)| msg=(?P<word>[^\s\"]{1,300}))?",
    re.DOTALL,
)
_LAST = re.compile(r".{0,800}? lr=\"(?P<reply>[45]\d\d.{0,800}?)\"(?= \w{1,40}=|\Z)", re.DOTALL)
_PEER = re.compile(r"\bip=\"?(?P<ip>[0-9A-Fa-f.:]{3,45})")
_THEIRS = re.compile(r"recipient <(?P<path>[^<>]{0,320})> (?:rejected|deferred): (?P<reply>[45]\d\d.*)", re.DOTALL)
_PUT_OFF = re.compile(r"Temp failing \S{1,300} for \d{1,9} seconds: (?:Upstream error: )?(?P<reply>.*)", re.DOTALL)
_CONNECTING = (
    "Ongoing connection failed",
    "Failed to get connection",
    "Failed to get socket",
    "Failed to connect",
    "Connection",
)
_GONE = re.compile(
    r"(?:Ongoing connection failed to |Failed to (?:get (?:connection|socket)|connect)(?: (?:to|for))? ?"
    r"|Connection (?:error|failed) (?:to )?)"
    r"(?P<peer>\S{1,300}?)? ?: (?P<words>.*)",
    re.DOTALL,
)
_BOUNCED = re.compile(
    r"[Bb]ounc(?:ing|ed) (?:\S{1,300} )?(?:(?:for|to) <?(?P<to>[^\s<>:]{1,320})>?)?: (?P<reply>[45]\d\d[ -].*)",
    re.DOTALL,
)
_SOFT = ("DENYSOFT", "DENYSOFTDISCONNECT", "903", "909")


def haraka(message: str) -> Refusal | None:
    """The refusal in a line; None where there is none."""
    line = _LINE.match(message)
    if line is None:
        return None
    words, of = line["words"], line["of"]
    if denied := _DENIED.match(words):
        return _denied(denied, of)
    if theirs := _THEIRS.match(words):
        return Refusal(theirs["reply"], Phase.RCPT, domain_of(theirs["path"]), of=of).sending()
    if words.startswith(_CONNECTING) and (gone := _GONE.match(words)) and is_unanswered(gone["words"]):
        said = Refusal(gone["words"].removeprefix("Error: "), Phase.CONNECT, None, gone["peer"], of=of)
        return said._replace(place=Place.ON_THE_WAY).sending()
    if bounced := _BOUNCED.match(words):
        domain = domain_of(bounced["to"])
        return Refusal(bounced["reply"], None, domain, of=of, place=Place.AGAIN, queued=False).sending()
    if put_off := _PUT_OFF.match(words):
        return Refusal(put_off["reply"], of=of, place=Place.AGAIN, queued=True).sending()
    if words.startswith("disconnect ") and (last := _LAST.match(words)):
        peer = _PEER.search(words)
        # The last reply that refused something, which may be one that a line of its own told of.
        return Refusal(last["reply"], None, None, peer["ip"] if peer else None, of=of, place=Place.AGAIN).receiving()
    return None


def _denied(denied: re.Match[str], of: str) -> Refusal:
    """What Haraka refused: it logs what a plugin decided, and gives the reply that belongs to it."""
    said = denied["msg"] or denied["word"] or "denied"
    if not starts_with_code(said):
        said = f"{450 if denied['code'] in _SOFT else 550} {said}"
    of_recipient = denied["what"] == "recipient"
    domain = domain_of(denied["path"]) if of_recipient else None
    return Refusal(said, Phase.RCPT if of_recipient else Phase.MAIL, domain, of=of).receiving()
