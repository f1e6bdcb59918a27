"""What a reply's words tell beyond its cause, as facts that remedies are chosen by."""

from __future__ import annotations

import re
from functools import lru_cache

from smtpprobe.catalogue.explainer import rules, wording
from smtpprobe.catalogue.explainer.captures import results
from smtpprobe.catalogue.explainer.explain import Explanation
from smtpprobe.catalogue.explainer.slots import outline
from smtpprobe.catalogue.explainer.told_words import ABOUT, IN_NUMBERS, SAME_AS, SEND_BY, WORDS, pattern
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
_SUBMISSION_PORT = re.compile(rf"{SEND_BY}.{{0,60}}?\b(587|465)\b")
_MECHANISMS = ("spf", "dkim", "dmarc")
_BY_NUMBER = {"7.20": "dkim", "7.21": "dkim", "7.22": "dkim", "7.23": "spf", "7.24": "spf"}  # RFC 7372 §3
_HOST = re.compile(r"(?:[a-z]+://)?([\w.-]{1,255})")
_LISTINGS = ("ip-blocklisted", "domain-blocklisted")
_TOKEN = ("XOAUTH2", "OAUTHBEARER")
_OF_A_LOGIN = ("server-temporary", "server-misconfigured")
_LOGIN = re.compile(
    r"\bpasswords?\b|\blog ?in\b|\blogins?\b|\bauthenticat|\bcredentials?\b|\bsasl\b|\bsign ?in\b|\buser database\b"
)
_OF_THE_MESSAGE = (None, Phase.DATA, Phase.MESSAGE)


def captured(explanation: Explanation) -> dict[str, str | None]:
    """The facts, as `FACTS` names them, of what the reply names and of the stage that it came at."""
    held, phase = explanation.captures, explanation.phase
    refused = YES if held.list_refused and explanation.cause in _LISTINGS else None
    is_reply = explanation.code is not None or explanation.enhanced is not None
    return {
        "ip": held.ip,
        "ip_local": YES if held.ip and names.is_local_address(held.ip) else None,
        "ip_v6": YES if ":" in (held.ip or "") else None,
        "domain": held.domain,
        "list": held.list,
        "url": held.url if is_reply and held.url and is_page(held.url) else None,
        "helo": held.helo,
        "address": held.address,
        "region": held.region,
        "contact": held.contact if is_reply else None,
        "mechanism": held.mechanism,
        "wait": duration(held.wait_s) if held.wait_s else None,
        "at_auth": YES if phase is Phase.AUTH else None,
        "before_data": YES if phase not in _OF_THE_MESSAGE else None,
        # The reply itself says that the list was not asked.
        "list_refusal": refused,
        "contradicted": refused,
    }


def is_page(url: str) -> bool:
    """Whether a URL is a server's or its filter's page, and not a sending program's help or a machine of its own network."""
    match = _HOST.match(url.lower())
    host = match[1] if match else ""
    if not re.search(r"\.[a-z]{2,}\Z", host) or host.endswith((".local", ".internal", ".localdomain")):
        return False
    place = re.sub(r"\A[a-z]+://(?:www\.)?", "", url.lower())
    of_clients: list[str] = rules.table("text_rules")["pages"]["of_clients"]
    return not any(place.startswith(each) if "/" in each else names.is_at_or_below(host, each) for each in of_clients)


def told(reply: str, explanation: Explanation) -> dict[str, str]:
    """The facts, as `FACTS` names them, that the reply's own words tell."""
    drawn, slots = outline(reply[: wording.LIMIT])
    found = dict(_in_words(drawn, explanation.cause))
    if explanation.code != 551 and explanation.cause not in _MOVED:
        found.pop("new_address", None)
    elif slots and "new_address" in found:
        found["new_address"] = slots.back(found["new_address"]) or ""
    found |= _of_numbers(explanation)
    for name in [each for each in found if each in SAME_AS]:
        del found[name]
        found |= dict.fromkeys(SAME_AS[name], YES)
    if explanation.client_error is not None:
        found.pop("tls_unavailable", None)  # a program's words: it may have asked at a port of the other TLS mode
    if "smtp_auth_off" in found:
        where = drawn.lower()
        found |= {f"smtp_auth_off_{each}": YES for each in ("mailbox", "tenant") if f"for the {each}" in where}
    if "no_mechanism" in found and explanation.code is not None:
        found["server_says"] = YES
    if "virus_named" in found:
        found.pop("attachment_named", None)
    if _is_of_a_link(reply, explanation):
        found["listed_link"] = YES
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


def _of_numbers(explanation: Explanation) -> dict[str, str]:
    """The facts that an enhanced status code tells, if nobody has it for a thing of his own."""
    number = explanation.enhanced or ""
    if explanation.provider is not None and private_use(number, explanation.provider) is not None:
        return {}
    told_by = [name for name, detail in IN_NUMBERS.items() if number[2:] == detail and explanation.cause in ABOUT[name]]
    # RFC 7372 §3.2: a permanent 5.7.24 is about the record.
    return {name: YES for name in told_by if name != "lookup_failed" or number.startswith("4")}


def _is_of_a_link(reply: str, explanation: Explanation) -> bool:
    """Whether the domain that is listed stands in a link of the message."""
    domain = explanation.captures.domain
    if explanation.cause != "domain-blocklisted" or not domain:
        return False
    return f"://{domain}" in reply[: wording.LIMIT].lower()


@lru_cache(maxsize=8192)
def _in_words(reply: str, cause: str) -> dict[str, str]:
    """The facts that words tell beside this cause; not to be changed."""
    lowered = reply.lower()
    telling = [name for name in WORDS if cause in ABOUT.get(name, (cause,))]
    found = {name: YES for name in telling if pattern(name).search(lowered)}
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
