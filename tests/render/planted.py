"""Values of any type of the model with hostile words in every text, and what must not be in any output of them.

The words are foreign in every field, those that we compose too: a saved report may say anything.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any, get_args
from xml.etree import ElementTree

import msgspec
from msgspec import inspect

from smtpprobe.catalogue.reference.compare import Comparison
from smtpprobe.catalogue.reference.entries import Entry
from smtpprobe.catalogue.tally import Distinct, Summary
from smtpprobe.intake.recognise import Taken
from smtpprobe.model.dns.lookup import DnsLookup
from smtpprobe.model.evidence import Evidence
from smtpprobe.model.report import CheckReport, Completed, Failed, Report, Skipped, Verdict
from smtpprobe.model.transcript import Exchange, Identity, Outcome, Phase, Status, Transcript
from smtpprobe.render.explained import ExplainedInputs, InputRead, Refusal
from smtpprobe.render.explanation_item import refusal_item
from smtpprobe.render.formats import Assumption, Takes
from smtpprobe.render.known_ids import KnownIds

# A unit of twelve characters: wherever a long word is broken, one of several begins with the colons.
_LONG_WORD = "x" * 9 + "::warning::x" * 6
MARKERS = (
    "::error file=a::forged",
    "\u00a0 \u3000::STOP-commands::token",
    "550 5.7.1 " + "::add-mask::a " * 12,
    _LONG_WORD,
    "a line\n::set-output name=x::y\r\n  ::add-path::/tmp\rand ::debug::z",
    "##[error]forged ###[ADD-mask]a #",
    "a##vso[task.setvariable variable=PATH]/tmp ##VSO[task.complete result=Failed]",
    "[error]##teamcity[setParameter name='env.PATH' value='/tmp']",
    "\x1b[31m\x1b]8;;https://a.example\x1b\\x\x1b]0;title\x07\x9b2J\x90q\x9c\x00\x7f",
    "\u202egnol\u2066\u200b\ufeff\u034f\ufe0f\u3164\U000e0041\u2028\u2029\x85\x0b\x0c",
    "=1+cmd|' /C calc'!A1;=2",
    "+1\uff1d2",
    "-2",
    "@SUM(A1)",
    "\t=3",
    "\r\uff1d4",
    "<planted onload=x>&\"'--></script>]]><planted/>",
    "[planted](javascript:x) ![planted](http://a.example) `<planted>` | *a* _b_",
    "https://user:pw@planted.example/ https://p\u0430ypal.example/ https://a\\@planted.example/",
)
_DEPTH = 14
_type_info = lru_cache(maxsize=None)(inspect.type_info)
_NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Planter:
    """Makes values with every field filled; from turn to turn other markers stand in them, and other words."""

    def __init__(self, turn: int) -> None:
        self._number = turn

    def value(self, kind: object) -> Any:
        """A value of the type."""
        return self._of(_type_info(kind), "", 0)

    def text(self) -> str:
        """The next marker."""
        self._number += 1
        return MARKERS[self._number % len(MARKERS)]

    def _of(self, info: inspect.Type, name: str, depth: int) -> Any:
        match info:
            case inspect.StrType():
                return self.text()
            case inspect.StructType():
                return info.cls(**{f.name: self._of(f.type, f.name, depth + 1) for f in info.fields})
            case inspect.UnionType():
                return self._of_union(info, name, depth)
            case inspect.VarTupleType() | inspect.ListType() | inspect.CollectionType():
                number = 0 if depth > _DEPTH else 2 if depth < 4 else 1
                made = [self._of(info.item_type, name, depth + 1) for _ in range(number)]
                return made if isinstance(info, inspect.ListType) else tuple(made)
            case inspect.TupleType():
                return tuple(self._of(each, name, depth + 1) for each in info.item_types)
            case inspect.DictType():
                return {self.text(): self._of(info.value_type, name, depth + 1)}
            case inspect.EnumType():
                self._number += 1
                words = [word for word in info.cls if word.name != "UNKNOWN"]
                return words[self._number % len(words)]
            case inspect.BoolType():
                self._number += 1
                return bool(self._number % 2)
            case inspect.IntType():
                return {"code": 554, "reply_code": 554}.get(name, 0)
            case inspect.FloatType():
                return 1.5
            case inspect.DateTimeType():
                return _NOW
            case inspect.BytesType():
                return self.text().encode()
            case inspect.LiteralType():
                return info.values[0]
            case inspect.AnyType():
                return self.text()
            case inspect.NoneType():
                return None
            case _:
                raise AssertionError(f"{name}: say here what a value of {info} is")

    def _of_union(self, info: inspect.UnionType, name: str, depth: int) -> Any:
        self._number += 1
        kinds = [each for each in info.types if not isinstance(each, inspect.NoneType)]
        absent = len(kinds) < len(info.types) and self._number % 7 == 0
        return None if absent or depth > _DEPTH else self._of(kinds[self._number % len(kinds)], name, depth)


def commands(text: str) -> list[str]:
    """What a CI runner would take for a command of its own, read as the runners read it, and more generously."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        bare = _COLOUR.sub("", _LINK.sub("", line)).lstrip()
        end = bare.find("::", 2)
        # actions/runner, ActionCommand.TryParseV2: after TrimStart, from "::" to the next "::", the name up to a blank.
        if bare.startswith("::") and end > 0 and re.match(r"[a-z_]", bare[2:end], re.IGNORECASE):
            found.append(bare)
        # ActionCommand.TryParse, Azure's Command.TryParse, TeamCity's service messages: anywhere in the line, letters alone.
        found += re.findall(r"##[A-Za-z]*\[.*", line)
    return found


_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_INVISIBLE = set("\u034f\u115f\u1160\u3164\uffa0") | {chr(number) for number in range(0xFE00, 0xFE10)}
_LINK = re.compile(r"\x1b\]8;;([^\x1b]*)\x1b\\")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def steering(text: str) -> set[str]:
    """Characters that a terminal would obey, that reorder a line, or that nobody sees; our own colours and links are none."""
    bare = set(_COLOUR.sub("", _LINK.sub("", text))) - {"\n"}
    return {each for each in bare if unicodedata.category(each) in _UNSAFE or each in _INVISIBLE}


def wrong_links(text: str) -> list[str]:
    """Links that must be none: with userinfo, with a host of other letters than ASCII, or of another scheme."""
    return [url for url in _LINK.findall(text) if url and not re.match(r"https?://[a-z0-9.-]+(?:[/?#:]|\Z)", url)]


def injected(text: str, media_type: str) -> list[str]:
    """What the readers of such a format would obey; commands of runners are looked for in all of them."""
    found = [*commands(text), *map(repr, sorted(steering(text))), *wrong_links(text)]
    return found + next((list(judge(text)) for word, judge in _JUDGES if word in media_type), [])


def _formulas(text: str) -> Iterator[str]:
    for delimiter in ",;":
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            yield from (cell for cell in row if cell.lstrip()[:1] in tuple("=+-@\uff1d\uff0b\uff0d\uff20"))


def _mixed_hosts(text: str) -> Iterator[str]:
    yield from re.findall(r"://\S*[a-z]\S*[\u0400-\u04ff]\S*", text)


def _no_json(text: str) -> Iterator[str]:
    for document in text.splitlines() if not text.startswith(("{\n", "[\n")) else [text]:
        json.loads(document)
    return iter(())


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "planted":
            self.found.append(tag)
        self.found += [name for name, value in attributes if name.startswith("on") or "javascript:" in (value or "")]


def _tags(text: str) -> Iterator[str]:
    parser = _Tags()
    parser.feed(text)
    yield from parser.found


def _elements(text: str) -> Iterator[str]:
    yield from (each.tag for each in ElementTree.fromstring(text).iter() if "planted" in each.tag)


def _markup(text: str) -> Iterator[str]:
    yield from re.findall(r"<planted|(?<!\\)\]\(javascript:", text)


# By a word of the media type; a format of another kind is judged by what holds for all of them.
_JUDGES = (
    ("plain", _mixed_hosts),
    ("csv", _formulas),
    ("json", _no_json),
    ("html", _tags),
    ("xml", _elements),
    ("markdown", _markup),
)


def report(turn: int) -> Report:
    """A report of a refused session, with a check for each type of evidence, that can be loaded when it was saved."""
    planter = Planter(turn)
    made: Report = planter.value(Report)
    session: Transcript = planter.value(Transcript)
    held = (
        msgspec.structs.replace(planter.value(Exchange), phase=phase, sent=planter.text())
        for phase in Phase
        if phase is not Phase.UNKNOWN
    )
    outcome = msgspec.structs.replace(planter.value(Outcome), status=Status.REFUSED, phase=Phase.RCPT, reply_code=554)
    session = msgspec.structs.replace(session, exchanges=tuple(held), outcome=outcome, identity=planter.value(Identity))
    runs = (*(_run(planter, kind) for kind in get_args(Evidence)), planter.value(Skipped), planter.value(Failed))
    return msgspec.structs.replace(
        made,
        schema_version="1.0",
        outcome=msgspec.structs.replace(outcome, exit_code=1, exit_reason=planter.text()),
        transcripts=tuple(map(_numbered, (session, *made.transcripts))),
        request=msgspec.structs.replace(made.request, client_ip="192.0.2.7"),
        checks=runs,
        verdicts=tuple(planter.value(Verdict) for _ in range(2)),
        lookups=tuple(planter.value(DnsLookup) for _ in range(2)),
    )


def _numbered(session: Transcript) -> Transcript:
    exchanges = tuple(msgspec.structs.replace(each, index=at) for at, each in enumerate(session.exchanges))
    return msgspec.structs.replace(session, exchanges=exchanges)


def check_reports(turn: int) -> Iterator[CheckReport]:
    """The report of a single check for each type of evidence, and of one that did not finish."""
    planter = Planter(turn)
    for kind in get_args(Evidence):
        found = planter.value(CheckReport)
        yield msgspec.structs.replace(found, status="completed", evidence=planter.value(kind))
    yield msgspec.structs.replace(planter.value(CheckReport), status="failed", evidence=None)


def _run(planter: Planter, kind: type) -> Completed:
    return msgspec.structs.replace(planter.value(Completed), evidence=planter.value(kind))


def explanations(turn: int) -> Iterator[ExplainedInputs]:
    """Inputs with one refusal, with many, and with none."""
    planter = Planter(turn)
    read = tuple(
        InputRead(
            name=planter.text(), taken_for=planter.text(), taken=planter.value(Taken), lines=number, refusals=number,
            unread=number, because=planter.text(),
        )
        for number in range(3)
    )  # fmt: skip
    for distinct, log in ((2, False), (2, True), (9, True)):
        refusals = tuple(planter.value(Refusal) for _ in range(2))
        each = tuple(planter.value(Distinct) for _ in range(distinct))
        yield ExplainedInputs(
            inputs=read, refusals=refusals, distinct=each, examples={planter.text(): each[0]},
            summary=planter.value(Summary), left_out=1, holds_log=log, checks=tuple(check_reports(turn)),
            provider=planter.text(),
        )  # fmt: skip


def values(takes: Takes, turn: int) -> Iterator[Any]:
    """Values of what a format takes, with markers in every text."""
    planter = Planter(turn)
    match takes:
        case Takes.REPORT:
            yield report(turn)
            yield Assumption(report(turn), report(turn + 1))
        case Takes.CHECK_REPORT:
            each = tuple(check_reports(turn))
            yield from each
            yield Assumption(each[0], each[1])
        case Takes.COMPARISON:
            yield planter.value(Comparison)
        case Takes.ENTRIES:
            yield [(planter.text(), planter.value(Entry)) for _ in range(2)]
        case Takes.EXPLANATION:
            yield from explanations(turn)
        case Takes.ITEM:
            yield from (refusal_item(planter.value(Refusal)) for _ in MARKERS)
            yield from (refusal_item(planter.value(Refusal)) | {"source": text, "cause": text} for text in MARKERS)
        case Takes.KNOWN_IDS | Takes.ID_LIST:
            yield planter.value(KnownIds)
        case _:
            raise AssertionError(f"{takes}: say here which values hold texts of a peer")
