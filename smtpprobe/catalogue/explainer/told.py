"""What a reply's words tell beyond its cause, as facts that remedies are chosen by."""

from __future__ import annotations

import re
from functools import lru_cache

from smtpprobe.catalogue.explainer import wording
from smtpprobe.catalogue.explainer.captures import results
from smtpprobe.catalogue.explainer.explain import Explanation
from smtpprobe.catalogue.explainer.slots import outline
from smtpprobe.catalogue.facts import YES
from smtpprobe.catalogue.reference.status_codes import private_use
from smtpprobe.model import names
from smtpprobe.model.texts.amounts import duration
from smtpprobe.model.transcript import Phase

_MAILBOX = r"<?([\w.+=~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,10})>?"
# RFC 5321 §3.4: 551 names the mailbox to try instead.
_NEW_ADDRESS = re.compile(
    rf"\b(?:try|use|now at|is now|moved to|new (?:e-?mail )?address(?: is)?|forward(?:ed)? to|write to)[:\s]{{1,3}}{_MAILBOX}",
    re.IGNORECASE,
)
_MOVED = ("recipient-inactive", "recipient-unknown", "relay-denied")
# To say where one is, "this port", is not to say where to send.
_SEND_BY = r"\b(?:use|using|via|through|over|connect\w*|submit\w*|sen[dt]\w*|switch|go(?:es)?|belongs)\b"
_WORDS = {
    "call_back": re.compile(r"call-?(?:back|out)|verif(?:y|ication|ied) .{0,40}(?:fail|not)|unverified|unable to verify"),
    "network_listed": re.compile(r"\bnet(?:work|block)s?\b|\bsubnet\b|\bip range\b|/\d\d\b.{0,20}(?:listed|block)"),
    "bare_lf": re.compile(r"\b(?:bare|lone|stray) .{0,4}(?:lf|line ?feeds?|newlines?|\\n|<lf>)|\bbare <?(?:lf|cr)|cr ?lf"),
    "idle": re.compile(r"\bidle\b|time-?d? ?out\b.{0,60}\b(?:clos|idle|waiting|command|data)|timeout exceeded"),
    "serves_nobody": re.compile(r"\bno (?:e?mail|smtp) (?:service|server)s? here|does not (?:accept|receive) (?:any )?e?mail\b"),
    "old_tls": re.compile(r"tls ?v?1\.[01]\b|\bsslv?[23]\b(?!.alert)|(?:upgrade|update).{0,40}tls ?v?1\.[23]"),
    "too_early": re.compile(r"synchroni[sz]ation|talk(?:ed|s)? too soon|before .{0,30}(?:greeting|banner)|improper.{0,9}pipelin"),
    "parameter_refused": re.compile(r"(?:parameter|option|argument)s?\b.{0,40}(?:not|un|un?recogni|implement|support)|"
                                    r"(?:unsupported|unknown|unrecogni[sz]ed|invalid) (?:\w+ )?(?:parameter|option)"),
    "shutting_down": re.compile(r"\bshutting down\b|\bshut ?down\b|\bgoing down\b|\brestart(?:ing|ed)?\b"),
    "sender_rate": re.compile(r"(?:too many|too much|exceed|limit|rate)\b.{0,60}\b(?:(?:from|by|for) (?:this|the|that) sender|"
                              r"sender address|sending address)\b|sender address.{0,40}\b(?:too many|too much|limit|rate)\b"),
    "errors": re.compile(r"too many (?:\w+ ){0,2}(?:errors?|unknown (?:users|recipients)|invalid (?:users|recipients))"),
    "size_named": re.compile(r"\bmessage.{0,30}\bsize\b|\bof (?:this|that) size\b|\btoo (?:large|big)\b"),
    "called_spam": re.compile(r"\bspam|unsolicited|\bjunk (?:e?mail|message)"),
    "reason_unavailable": re.compile(r"\breason (?:is )?(?:unavailable|not available|unknown)\b"),
    "own_list": re.compile(r"\b(?:our|my|local|internal|private|own|(?:this|the) (?:server|site|host|system)'?s)\b "
                           r"(?:[\w-]+ ){0,3}?"
                           r"(?:(?:black|block|deny|ban|drop|reject)[ -]?(?:list|table)|(?:bad|spam|reputation|ip) list)"
                           r"|\b(?:fail2ban|crowdsec)\b|\bban(?:ned)? (?:list|table)\b"),
    "submission_named": re.compile(rf"{_SEND_BY}.{{0,40}}?\b(?:submission|msa|smart ?host)\b|"
                                   rf"{_SEND_BY}.{{0,30}}?\b(?:smtp|mail|outgoing|outbound)\b.{{0,12}}\b(?:server|relay|gateway|host)\b"),
    "own_account": re.compile(r"\b(?:your|sender'?s|sending) (?:(?:own|sending|mail|e-?mail|user|personal|sender) ){0,2}"
                              r"(?:account|mailbox|box|storage|quota|inbox)\b"
                              r"(?=.{0,80}\b(?:storage|space|full|used up|over ?quota)\b)(?!.{0,20}\b(?:to|for) )"),
    "duplicates": re.compile(r"may be sent more than once|while sending end of data|after (?:end of data|sending data block|\.)"),
    "not_decoded": re.compile(r"cannot decode|base64|not decode|invalid (?:xoauth2 )?(?:auth|response|encoding) data"),
}  # fmt: skip
_SUBMISSION_PORT = re.compile(rf"{_SEND_BY}.{{0,60}}?\b(587|465)\b")
_MECHANISMS = ("spf", "dkim", "dmarc")
_BY_NUMBER = {"7.20": "dkim", "7.21": "dkim", "7.22": "dkim", "7.23": "spf", "7.24": "spf"}  # RFC 7372 §3
_TOKEN = ("XOAUTH2", "OAUTHBEARER")
_OF_A_LOGIN = ("server-temporary", "server-misconfigured")
_LOGIN = re.compile(
    r"\bpasswords?\b|\blog ?in\b|\blogins?\b|\bauthenticat|\bcredentials?\b|\bsasl\b|\bsign ?in\b|\buser database\b"
)
_OF_THE_MESSAGE = (None, Phase.DATA, Phase.MESSAGE)


def captured(explanation: Explanation) -> dict[str, str | None]:
    """The facts, as `FACTS` names them, of what the reply names and of the stage that it came at."""
    held, phase = explanation.captures, explanation.phase
    return {
        "ip": held.ip,
        "ip_local": YES if held.ip and names.is_local_address(held.ip) else None,
        "ip_v6": YES if ":" in (held.ip or "") else None,
        "domain": held.domain,
        "list": held.list,
        "url": held.url,
        "helo": held.helo,
        "address": held.address,
        "contact": held.contact,
        "mechanism": held.mechanism,
        "wait": duration(held.wait_s) if held.wait_s else None,
        "at_auth": YES if phase is Phase.AUTH else None,
        "before_data": YES if phase not in _OF_THE_MESSAGE else None,
    }


def told(reply: str, explanation: Explanation) -> dict[str, str]:
    """The facts, as `FACTS` names them, that the reply's own words tell."""
    drawn, slots = outline(reply[: wording.LIMIT])
    found = dict(_in_words(drawn))
    if explanation.code != 551 and explanation.cause not in _MOVED:
        found.pop("new_address", None)
    elif slots and "new_address" in found:
        found["new_address"] = slots.back(found["new_address"]) or ""
    if explanation.cause != "ip-blocklisted" or explanation.captures.list is not None:
        found.pop("own_list", None)
    else:
        found["list_unnamed"] = YES
    named = authentication_named(reply, explanation)
    if len(named) == 1 and "dmarc" not in named:
        found[f"{named.copy().pop()}_only"] = YES
    # DMARC passes once the one of the two that failed does (RFC 9989 §4.1).
    first = named - {"dmarc"} if len(named) > 1 else named
    if len(first) == 1:
        found["check_named"] = first.pop()
    if explanation.cause in _OF_A_LOGIN and explanation.phase is None and _LOGIN.search(drawn.lower()):
        found["at_auth"] = YES
    if (explanation.captures.mechanism or "").upper() in _TOKEN:
        found["token"] = YES
    return found


@lru_cache(maxsize=8192)
def _in_words(reply: str) -> dict[str, str]:
    """The facts that words tell, whatever the reply's cause is; not to be changed."""
    lowered = reply.lower()
    found = {name: YES for name, pattern in _WORDS.items() if pattern.search(lowered)}
    if match := _NEW_ADDRESS.search(reply):
        found["new_address"] = match[1].rstrip(".")
    if port := _SUBMISSION_PORT.search(lowered):
        found |= {"submission_named": YES, "submission_port": port[1]}
    return found


def authentication_named(reply: str, explanation: Explanation) -> set[str]:
    """Which of SPF, DKIM and DMARC the reply names as failed, by a word or by its number; empty where it names none.

    One whose result it gives as pass is not named, and where it gives results that fail, these alone are.
    """
    lowered = reply[: wording.LIMIT].lower()
    named = {word for word in _MECHANISMS if word in lowered}
    if named:
        known = results(lowered)
        if failed := {name for name, result in known.items() if result != "pass"}:
            return failed
        named = {word for word in named if re.search(rf"(?<![a-z]){word}(?![a-z])", lowered)} - known.keys()
    number = explanation.enhanced or ""
    own_sense = explanation.provider is not None and private_use(number, explanation.provider) is not None
    by_number = None if own_sense else _BY_NUMBER.get(number[2:])
    return named or ({by_number} if by_number else set())
