"""No regular expression of the package takes more than time in proportion to the text.

How it is known: `re` does its work in C, where nothing can be counted, so tests/linear/steps.py matches as it does and
counts. The texts come from the pattern itself: whatever a repeat takes, again and again, behind what leads there, before
something that fits nowhere. A pattern that is slow on none of them may be slow on another; those that attacks have found
stand below and are seen. The patterns find themselves, so that a new one is held too.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import pytest

from smtpprobe.catalogue import load
from smtpprobe.catalogue.explainer import addresses, captures, told_words
from smtpprobe.catalogue.explainer.rules import rules
from smtpprobe.intake import marks, recognise
from tests.linear.patterns import Use, complaint, hostile, made_at_run_time, uses, written_in
from tests.linear.steps import Matcher

# Patterns whose texts are not foreign, and why.
OURS = {
    "smtpprobe.intake.mail_logs": "programs' names of our own between a character and at most forty",
    "smtpprobe.wire.script": "a script's author writes its patterns, and the lines come from our own client",
    "smtpprobe.wire.redact": "secrets, whose characters have no two forms that begin alike: tests/wire/test_redact.py",
}
_CAPTURES = ("_NAME", "_REFUSED", "_ZONE", "_DOMAIN_LISTED", "_WAIT", "_CLOCK", "_MECHANISM", "_HELO",
             "_MAILBOX", "_CONTACT", "_RESULT", "_PAGE")  # fmt: skip
_ADDRESSES = ("_ADDRESS", "_ANY_IP", "_CLIENT_IP", "_NOT_CLIENT", "_OF_A_STANDARD", "_SPOKEN_OF", "_VERDICT", "_RETURN_CODE",
              "_EHLO_IP", "_WHO_SAID")  # fmt: skip


@pytest.fixture(autouse=True)
def _deep() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)  # the counting matcher nests for each turn of a repeat, in Python alone
    yield
    sys.setrecursionlimit(before)


def _made() -> Iterator[Use]:
    """The patterns that are made at run time, from what they are made."""
    for text in (*written_in(captures, _CAPTURES), *(row[0] for row in captures._DOMAIN)):
        yield Use(f"captures {text!r:.40}", re.compile(text, re.IGNORECASE), "finditer")
    for text in written_in(addresses, _ADDRESSES):
        yield Use(f"addresses {text!r:.40}", re.compile(text, re.IGNORECASE), "finditer")
    for text in written_in(marks, ("LOGS", "BOUNCES", "TRANSCRIPTS")):
        if isinstance(text, bytes):
            yield Use(f"recognise {text!r:.40}", re.compile(text), "search")
    for name, text in told_words.WORDS.items():
        yield Use(f"told_words {name}", re.compile(text), "search")
    for rule in rules():
        for text in (*rule.say, *rule.unless):
            yield Use(f"text_rules.toml {text:.40}", re.compile(text), "search")
    for name, entry in load.table("servers")["server"].items():
        for text in (*entry.get("greeting_like", ()), *entry.get("ehlo_like", ())):
            yield Use(f"servers.toml {name}", re.compile(text, re.IGNORECASE), "search")
    for entry in load.table("tokens")["text"]:
        yield Use(f"tokens.toml {entry['pattern']:.40}", re.compile(entry["pattern"], re.ASCII), "fullmatch")


def _all() -> list[Use]:
    return [use for use in (*uses(), *_made()) if use.where.split(" ")[0] not in OURS]


def test_no_pattern_is_superlinear() -> None:
    found = {use.where: complaint(use.pattern, use.method) for use in _all()}
    assert {where: why for where, why in found.items() if why} == {}


def test_the_patterns_find_themselves() -> None:
    found = {use.where: use.method for use in _all()}
    assert len(found) > 250
    assert found["smtpprobe.render.text.page _URL"] == "finditer"
    assert found["smtpprobe.mailauth.tls.tlsa _HEX"] in ("match", "fullmatch")


def test_what_is_made_at_run_time_is_looked_at_too() -> None:
    looked_at = {
        addresses.__name__,
        captures.__name__,
        recognise.__name__,
        rules.__module__,
        told_words.__name__,
        "smtpprobe.catalogue.providers",
        "smtpprobe.catalogue.login.tokens",
    }
    assert made_at_run_time() == looked_at | OURS.keys()


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"\s*\(in reply to ([A-Za-z ]{2,40}?)(?: command)?\)\s*\Z", "search"),
        (r"\s*[\"'<]{0,3}\s*([2-5]\d\d)", "match"),
        (r"([A-Za-z]+)[ \t]*=[ \t]*([\x20-\x3a\x3c-\x7e]*)\Z", "match"),
        (r"([a-z]{1,32}):[ \t]*(.*?)[ \t]*\Z", "match"),
        (r"#(?:<|&lt;)?([45]\d\d[ -].{3,500}?)(?:>?\s?##|\n\n|\Z)", "finditer"),
        (r"\(reason: (.*)\)[ \t\r]*$", "search"),
        (r"invalid.*(name|host|domain)", "search"),
        (r"v\s*[=:]?\s*=?\s*spf", "match"),
        (r'"(?:[^"\\]|\\.)*"', "finditer"),
        (r"\brelay=([^,]{1,400}?)(?=,|\s*\Z)", "search"),
        (r"name\s*=\s*\"?[^\";]{1,200}\.eml\b", "search"),
        (r"(?m)(?:Giving up on|^)\s*([\d.]{7,15})", "search"),
        (r"(?:a|aa)+b", "match"),
        (r"(\w+\s?)*;", "match"),
        (r"(?:x+x+)+y", "search"),
        (r"x(?=.*y)", "finditer"),
    ],
)
def test_a_slow_pattern_is_seen(pattern: str, method: str) -> None:
    assert complaint(re.compile(pattern), method) is not None


def test_the_counting_matcher_matches_as_re_does() -> None:
    checked = 0
    for use in _all():
        matcher = Matcher(use.pattern)
        is_octets = isinstance(use.pattern.pattern, bytes)
        for before, pump, after in hostile(matcher)[:40]:
            text = before + pump * 3 + after
            if is_octets and not text.isascii():
                continue
            match = use.pattern.match(text.encode() if is_octets else text)
            assert matcher.end(text) == (match.end() if match else -1), (use.where, text)
            checked += match is not None
    assert checked > 300
