"""Why an element of a DMARC record is not as it should be, and what was probably meant by it, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from smtpprobe.mailauth.characters import naming_odd, odd_characters, shown, unreadable
from smtpprobe.mailauth.dmarc.meant import POLICY_TAGS, RUN_ON, meant_name, meant_value
from smtpprobe.model.texts.language import say

_NEARLY_A_TAG = re.compile(r"([A-Za-z]{1,20})[\s:]{1,9}(.*)\Z", re.DOTALL)
_TWO_RECORDS = re.compile(r"v[ \t]{0,9}=[ \t]{0,9}DMARC1", re.IGNORECASE)


def malformed(element: str) -> str:
    """Why an element is no tag: characters that no record contains, or what is missing between its name and its value."""
    said = say("not a tag: expected name=value")
    if odd_characters(element):
        return naming_odd(said, element)
    written = _NEARLY_A_TAG.match(element)
    meant = meant_name(written.group(1)) if written else None
    if written and meant is not None and (wanted := meant_value(meant, written.group(2))) is not None:
        tag = f"{meant}={wanted}"
        return say("{said}; probably {meant}", said=said, meant=tag)
    if "@" in element:
        return say("{said}; several report addresses are separated by commas, not semicolons", said=said)
    return unreadable(element, said)


def probably(name: str, value: str) -> str:
    """What was meant by a value that a tag may not have, as the end of a sentence; empty where that is not certain."""
    if _TWO_RECORDS.search(value):
        return say("; the text contains more than one record, one behind the other")
    run_on = RUN_ON.search(value)
    if run_on:
        return say("; a semicolon is missing before {rest}", rest=shown(value[run_on.start() :], 30))
    meant = meant_value(name, value)
    tag = f"{name}={meant}"
    return say("; probably {meant}", meant=tag) if meant is not None else ""


def historic(name: str, value: str) -> str:
    """What is to be said of a tag that RFC 9989 dropped."""
    said = say("{name}= is no longer in RFC 9989; only older receivers read it", name=name)
    if name == "pct" and not (re.fullmatch(r"[0-9]{1,3}", value) and int(value) <= 100):
        return say("{said}, and not this value: expected a number from 0 to 100", said=said)
    return said


def policy_meant(tags: Mapping[str, str]) -> str:
    """What was meant by the policies that are none, as the end of a sentence."""
    wrong = (name for name in POLICY_TAGS if name in tags and meant_value(name, tags[name]) != tags[name].lower())
    return "".join(probably(name, tags[name]) for name in wrong)
