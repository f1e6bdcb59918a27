"""The record that was meant by a DMARC record that is written wrongly, and what is wrong about it (RFC 9989 §4.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from smtpprobe.mailauth.characters import ZONE_LINE, latin, odd_characters, replaced, shown
from smtpprobe.mailauth.dmarc.meant import (
    BEHIND_POLICY,
    DESTINATION_TAGS,
    POLICY_TAGS,
    RUN_ON,
    TAGS,
    meant_name,
    meant_value,
)
from smtpprobe.mailauth.dmarc.record import RecordFault, is_dmarc_record, read_record
from smtpprobe.model.texts.language import say

MAX_OCTETS = 4096  # of a record that is looked at; the longest that anybody publishes have some hundred
_OF_ZONE_FILES = "\"\\'"
_NAMED = r"(?:dmarc|dmrac|damrc|dmac|dmarck|dmar|dmarx)[-_.=\s]{0,2}v?1?(?![0-9])"
_VERSION = re.compile(rf"(?:\b|{BEHIND_POLICY})v(?:ersion)?[\s=:]{{0,9}}{_NAMED}[.:,|]{{0,9}}", re.IGNORECASE)
_BARE_VERSION = re.compile(rf"{_NAMED}[.:,|]{{0,9}}", re.IGNORECASE)
_OTHER_VERSION = re.compile(r"v\s{0,9}=\s{0,9}[A-Za-z]{2,10}[0-9]{0,2}(?=[\s;,])")
_ELEMENT = re.compile(r"([A-Za-z][A-Za-z_-]{0,20})\s{0,9}(?:[=:][=:\s]{0,9}|\s)(.*)\Z", re.DOTALL)
_ORDER = (*TAGS[1:], "pct")


class Spelled(msgspec.Struct, frozen=True):
    """What is wrong with a text around its tags, in words, and the record that was meant; None where that is not certain."""

    faults: tuple[str, ...] = ()
    meant: str | None = None


def spelled(text: str) -> Spelled:
    """What is wrong with the spelling of a text that was meant as a DMARC record. Never raises."""
    if len(text) > MAX_OCTETS:
        return Spelled()
    bare = latin(replaced(text), lambda name: meant_name(name) is not None).strip()
    zone_line = ZONE_LINE.match(bare)
    if zone_line:
        bare = bare[zone_line.end() :]
    bare = bare.strip(" ()")
    before, versions, after = _parts(bare)
    faults = [*_character_faults(text), *_version_faults(text, bare, before, versions)]
    if zone_line:
        faults.append(say("it contains the name or the type of a line of a zone file"))
    tags = _tags(f"{after};{before}")
    if tags is not None and "p" not in tags and "rua" in tags:
        # RFC 9989 §4.10.1: without a policy, but with a destination for reports, it is read as p=none.
        tags = {**tags, "p": "none"}
    if tags is None or "p" not in tags:
        return Spelled(tuple(faults))
    meant = "; ".join(("v=DMARC1", *(f"{name}={tags[name]}" for name in _ORDER if name in tags)))
    is_right = _is_right(text, meant) or not meant.isascii()
    return Spelled(tuple(faults), None if is_right else meant)


def _is_right(text: str, meant: str) -> bool:
    """Whether the text is a record to which nothing is to be changed: a tag that only older receivers read may stay."""
    if not is_dmarc_record(text):
        return False
    record = read_record(text)
    historic = all(problem.fault is RecordFault.HISTORIC for problem in record.problems)
    return not record.problems or (historic and record.tags == read_record(meant).tags)


def _parts(bare: str) -> tuple[str, tuple[str, ...], str]:
    """What stands before the version, each version as written, and what follows, further versions left out."""
    versions = list(_VERSION.finditer(bare))
    if not versions:
        first = _BARE_VERSION.match(bare) or _OTHER_VERSION.match(bare)
        versions = [first] if first else []
    if not versions:
        return "", (), bare
    ends = [*(each.start() for each in versions[1:]), len(bare)]
    after = ";".join(bare[each.end() : end] for each, end in zip(versions, ends, strict=True))
    return bare[: versions[0].start()], tuple(each.group() for each in versions), after


def _character_faults(text: str) -> Iterator[str]:
    odd = odd_characters(text)
    if odd:
        yield say("it contains {characters}", characters=odd)
    if any(mark in text for mark in _OF_ZONE_FILES):
        yield say("it contains quotation marks or backslashes, which belong to a zone file")


def _version_faults(text: str, bare: str, before: str, versions: tuple[str, ...]) -> Iterator[str]:
    if not versions:
        yield say("v=DMARC1 is missing from its beginning")
        return
    if len(versions) > 1:
        yield say("the record is in it {count} times", count=len(versions))
    if before.strip():
        yield say("{before} is before v=DMARC1, which comes first", before=shown(before.strip()))
    elif text[:1].isspace():
        yield say("a blank is before v=DMARC1")
    written = versions[0].rstrip(".:,|")
    if "=".join(part.strip(" \t") for part in written.split("=")) not in ("v=DMARC1", "V=DMARC1"):
        yield say("{written} is not v=DMARC1, in these letters", written=shown(written))
    behind = bare[bare.find(versions[0]) + len(written) :].lstrip(" \t")
    if behind and not behind.startswith(";"):
        yield say("a semicolon is missing behind v=DMARC1")


def _tags(text: str) -> dict[str, str] | None:
    """The tags that were meant, with their values; None where what was meant for a policy is not certain."""
    tags: dict[str, str] = {}
    last = ""
    for element in re.split(r"[;\r\n]", RUN_ON.sub(";", text)):
        written = element.strip(" \t,|&/()")
        match = _ELEMENT.match(written)
        name = meant_name(match.group(1)) if match else None
        if match is None or name is None:
            if last in DESTINATION_TAGS and "@" in written:
                # A semicolon between destinations, where a comma belongs.
                tags[last] = f"{tags[last]},{written}"
            continue
        last = name
        if name in tags and name in DESTINATION_TAGS:
            tags[name] = f"{tags[name]},{match.group(2)}"
        elif name != "v" and tags.setdefault(name, match.group(2)) != match.group(2):
            return None
    meant = {name: value for name, written in tags.items() if (value := meant_value(name, written)) is not None}
    if "ruf" not in meant:
        meant.pop("fo", None)
    return None if any(name in tags and name not in meant for name in POLICY_TAGS) else meant
