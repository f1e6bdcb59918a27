"""The same generated DMARC records, read here and by checkdmarc; docs/peers.md explains each difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from checkdmarc import dmarc as checkdmarc
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smtpprobe.mailauth.dmarc_record import DmarcRecord, is_dmarc_record, read_record
from tests.mailauth.suites import ROOT

RUA, RUF = "mailto:a@example.org", "mailto:b@example.org"


class Read(NamedTuple):
    """A record as both sides see it: the policies and modes, None where that side takes it for no record."""

    text: str
    ours: dict[str, str] | None
    theirs: dict[str, str] | None


def ours(text: str) -> dict[str, str] | None:
    if not is_dmarc_record(text):
        return None
    record = read_record(text)
    return effective(record) if record.applies else None


def effective(record: DmarcRecord) -> dict[str, str]:
    """What the record says of its own domain, of names below, and of alignment, with defaults."""
    p = record.p if record.has_policy else "none"
    sp, np = (record.sp, record.np) if record.has_policy else (None, None)
    return {
        "p": p or "none", "sp": sp or p or "none", "np": np or sp or p or "none", "adkim": record.adkim,
        "aspf": record.aspf, "psd": record.psd, "t": "y" if record.testing else "n",
    }  # fmt: skip


def theirs(text: str) -> dict[str, str] | None:
    if not checkdmarc._is_dmarc_record(text):
        return None
    try:
        tags = checkdmarc.parse_dmarc_record(text, "example.org")["tags"]
    except checkdmarc.DMARCError:
        return None
    return {name: str(tags[name]["value"]) for name in ("p", "sp", "np", "adkim", "aspf", "psd", "t")}


def read(text: str) -> Read:
    return Read(text, ours(text), theirs(text))


def elements(text: str) -> list[tuple[str, str]]:
    """The elements after the version: names in lower case, values as they stand; the name is empty in malformed ones."""
    pairs = [element.partition("=") for element in text.split(";")[1:] if element.strip()]
    return [(name.strip().lower() if equals else "", value.strip()) for name, equals, value in pairs]


def values(text: str, name: str) -> list[str]:
    return [value for tag, value in elements(text) if tag == name]


KNOWN = ("p", "sp", "np", "adkim", "aspf", "psd", "t", "fo", "rua", "ruf", "pct", "rf", "ri")
POLICIES = ("none", "quarantine", "reject")


# Each: its name in docs/peers.md, and the records that it holds for.
DIFFERENCES: dict[str, Callable[[str], bool]] = {}


def explained(text: str) -> list[str]:
    return [name for name, holds in DIFFERENCES.items() if holds(text)]


tag_values = {
    "p": st.sampled_from([*POLICIES, "Reject", "refuse", ""]),
    "sp": st.sampled_from([*POLICIES, "bounce"]),
    "np": st.sampled_from([*POLICIES, "QUARANTINE", "x"]),
    "adkim": st.sampled_from(["r", "s", "S", "strict"]),
    "aspf": st.sampled_from(["r", "s", "relaxed"]),
    "psd": st.sampled_from(["y", "n", "u", "maybe"]),
    "t": st.sampled_from(["y", "n", "Y", "yes"]),
    "fo": st.sampled_from(["0", "1", "d:s", "0:1", "2"]),
    "rua": st.sampled_from([RUA, f"{RUA},{RUF}", f"{RUA}!10m", "a@example.org", "mailto:", "https://example.org/r"]),
    "ruf": st.sampled_from([RUF, "b@example.org"]),
    "pct": st.sampled_from(["100", "50", "many"]),
    "ri": st.sampled_from(["86400"]),
    "x": st.sampled_from(["1"]),
}
tag = st.sampled_from(sorted(tag_values)).flatmap(lambda name: tag_values[name].map(lambda value: f"{name}={value}"))
loose = st.sampled_from(["p", "=reject", "p reject", "none", " p = reject ", "P=none", "sp =none"])
versions = st.just("v=DMARC1") | st.sampled_from(["V = DMARC1", "v=DMARC1 ", "v=dmarc1", " v=DMARC1", "v=DMARC2"])
separators = st.just("; ") | st.sampled_from([";", " ; ", ";; "])


@st.composite
def records(draw: st.DrawFn) -> str:
    first = draw(st.just("p=reject") | tag)
    rest = draw(st.lists(tag | loose, max_size=5))
    text = draw(versions)
    for element in (first, *rest):
        text += draw(separators) + element
    return text + draw(st.sampled_from(["", ";", "; "]))


@settings(max_examples=3000, deadline=None, derandomize=True)
@given(records())
def test_generated_records_are_read_alike(text: str) -> None:
    both = read(text)
    if both.ours != both.theirs:
        print("DIFF", repr(text), both.ours, both.theirs)
