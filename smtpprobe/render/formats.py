"""The only list of formats. A new one is a module and a line of FORMATS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from importlib import import_module
from types import MappingProxyType

import msgspec


class Takes(StrEnum):
    """What a format can be given."""

    REPORT = "report"
    CHECK_REPORT = "check-report"
    ENTRIES = "entries"  # codes, each with its entry in the catalogue
    EXPLANATION = "explanation"
    ITEM = "item"  # one explained reply at a time, written as it is read
    COMPARISON = "comparison"
    KNOWN_IDS = "known-ids"  # causes and findings by their ids
    ID_LIST = "id-list"  # the same, many at once


NO_HINTS: Mapping[str, str] = MappingProxyType({})


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """How a page for people looks; other formats look always the same.

    `hints` says of fields of the request how the reader gives them; only pages of reports and checks have use for it.
    `every_check` and `told` are for the page of a report: what each check found in full, and that the session was shown
    while it was held.
    """

    width: int = 80
    colour: bool = False
    links: bool = False
    verbosity: int = 0
    hints: Mapping[str, str] = NO_HINTS
    every_check: bool = False
    told: bool = False


class Assumption(msgspec.Struct, frozen=True):
    """A report over the DNS that is published, and the same over assumed records; both of one kind."""

    published: object
    assumed: object


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """What turns a value into text: `function` is MODULE:NAME, imported when it is called.

    `styled`: it takes the fields of a Style too. `head` gives what stands before the first item. `assumption` shows what
    an assumption changes; without it the assumed report is what is rendered.
    """

    name: str
    takes: Takes
    media_type: str
    function: str
    styled: bool = False
    head: str | None = None
    assumption: str | None = None


_ROOM = "smtpprobe.render"
_TEXT, _JSON, _JSON_LINES, _CSV = "text/plain", "application/json", "application/jsonl", "text/csv"

FORMATS = (
    Format(name="text", takes=Takes.REPORT, media_type=_TEXT, function=f"{_ROOM}.text.report:render", styled=True,
           assumption=f"{_ROOM}.text.assumption:render_report"),
    Format(name="json", takes=Takes.REPORT, media_type=_JSON, function=f"{_ROOM}.json:render"),
    Format(name="text", takes=Takes.CHECK_REPORT, media_type=_TEXT, function=f"{_ROOM}.text.checks:render", styled=True,
           assumption=f"{_ROOM}.text.assumption:render_check"),
    Format(name="json", takes=Takes.CHECK_REPORT, media_type=_JSON, function=f"{_ROOM}.json:render"),
    Format(name="text", takes=Takes.COMPARISON, media_type=_TEXT, function=f"{_ROOM}.text.comparison:render",
           styled=True),
    Format(name="json", takes=Takes.COMPARISON, media_type=_JSON, function=f"{_ROOM}.json:comparison"),
    Format(name="text", takes=Takes.ENTRIES, media_type=_TEXT, function=f"{_ROOM}.text.explanation:render_entries",
           styled=True),
    Format(name="json", takes=Takes.ENTRIES, media_type=_JSON, function=f"{_ROOM}.explanation_json:entries"),
    Format(name="jsonl", takes=Takes.ENTRIES, media_type=_JSON_LINES,
           function=f"{_ROOM}.explanation_json:entry_lines"),
    Format(name="csv", takes=Takes.ENTRIES, media_type=_CSV, function=f"{_ROOM}.csv:entries"),
    Format(name="text", takes=Takes.EXPLANATION, media_type=_TEXT, function=f"{_ROOM}.text.explained:render",
           styled=True),
    Format(name="json", takes=Takes.EXPLANATION, media_type=_JSON, function=f"{_ROOM}.explanation_json:explained"),
    Format(name="jsonl", takes=Takes.ITEM, media_type=_JSON_LINES, function=f"{_ROOM}.explanation_json:line"),
    Format(name="text", takes=Takes.KNOWN_IDS, media_type=_TEXT, function=f"{_ROOM}.text.known_ids:render", styled=True),
    Format(name="json", takes=Takes.KNOWN_IDS, media_type=_JSON, function=f"{_ROOM}.explanation_json:known_ids"),
    Format(name="text", takes=Takes.ID_LIST, media_type=_TEXT, function=f"{_ROOM}.text.known_ids:render_list",
           styled=True),
    Format(name="json", takes=Takes.ID_LIST, media_type=_JSON, function=f"{_ROOM}.explanation_json:known_ids"),
    Format(name="csv", takes=Takes.ITEM, media_type=_CSV, function=f"{_ROOM}.csv:row", head=f"{_ROOM}.csv:head"),
)  # fmt: skip


def names(*takes: Takes) -> tuple[str, ...]:
    """The formats that take any of these, in their order."""
    return tuple(dict.fromkeys(each.name for wanted in takes for each in FORMATS if each.takes is wanted))


def find(name: str, takes: Takes) -> Format | None:
    """The format of that name for such values; None where there is none."""
    return next((each for each in FORMATS if (each.name, each.takes) == (name, takes)), None)


def render(form: Format, value: object, style: Style | None = None) -> str:
    """The value, or what an Assumption of two values changes, in the format."""
    options = msgspec.structs.asdict(style or Style()) if form.styled else {}
    for name in ("hints", "every_check", "told"):
        if not options.get(name):
            options.pop(name, None)
    if isinstance(value, Assumption):
        if form.assumption is not None:
            return function(form.assumption)(value.published, value.assumed, **options)
        value = value.assumed
    return function(form.function)(value, **options)


def head(form: Format) -> str:
    """What stands before the first item; empty for most formats."""
    return function(form.head)() if form.head is not None else ""


def function(path: str) -> Callable[..., str]:
    """The function at MODULE:NAME, imported now."""
    module, _, name = path.partition(":")
    found: Callable[..., str] = getattr(import_module(module), name)
    return found
