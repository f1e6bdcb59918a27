"""`smtpprobe explain` on anything that holds replies: recognised, read as a stream, explained, counted."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any, TextIO

import click
import msgspec

from smtpprobe.catalogue.tally import Tally
from smtpprobe.cli.explain import note
from smtpprobe.cli.explain_input import STDIN, Input
from smtpprobe.cli.output import Output, discard_stdout, emit
from smtpprobe.intake import recognise
from smtpprobe.intake.found import Counts, Found
from smtpprobe.intake.recognise import Taken
from smtpprobe.model.transcript import Phase
from smtpprobe.render.explanation_item import explained, item
from smtpprobe.render.json import encode
from smtpprobe.render.text import summary as summary_text

USAGE = 2
MAX_SINGLE = 20  # refusals that are explained one by one; more are summed up
MAX_PAGES = 3  # distinct refusals of what is summed up that have a page each all the same
_STREAMED = ("jsonl", "csv")
_FOREIGN = re.compile(r"\s*([016-9]\d\d)[ -]\d\.\d{1,3}\.\d{1,3}\b", re.ASCII)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the options say."""

    phase: Phase | None
    provider: str | None
    check: bool
    resolver: str | None


class Reading(msgspec.Struct, kw_only=True):
    """What was read of one input; `taken_for` is None for one that could not be read, `because` says why."""

    name: str
    taken_for: str | None
    lines: int = 0
    refusals: int = 0
    unread: int = 0
    because: str | None = None


class Gathered:
    """All refusals: the first few as they are, every one in the tally."""

    def __init__(self, wanted: Wanted, streams: list[Callable[[dict[str, Any]], None]]) -> None:
        self.wanted = wanted
        self.tally = Tally(wanted.provider)
        self.singles: list[tuple[Found, str]] = []
        self.inputs: list[Reading] = []
        self.is_log = False
        self.missing: list[str] = []
        self._streams = streams

    def add(self, found: Found, source: str) -> None:
        phase = self.wanted.phase or found.phase
        if self._streams:
            values = located(item(found.reply, phase, self.wanted.provider), found, source)
            for write in self._streams:
                write(values)
        self.tally.add(
            found.reply, phase, domain=found.recipient_domain, when=found.when, line=found.line, source=source
        )
        if len(self.singles) <= MAX_SINGLE:
            self.singles.append((found, source))

    def miss(self, name: str, because: str, note: str) -> None:
        """An input that cannot be read, with the line that says so on stderr."""
        self.inputs.append(Reading(name=name, taken_for=None, unread=1, because=because))
        self.missing.append(note)

    @property
    def readings(self) -> list[Reading]:
        """The inputs that could be read."""
        return [each for each in self.inputs if each.taken_for is not None]

    @property
    def summed_up(self) -> bool:
        """Whether the items are the distinct refusals."""
        return self.is_log or len(self.readings) > 1 or len(self.singles) > MAX_SINGLE

    @property
    def taken_for(self) -> str:
        return ", ".join(dict.fromkeys(each.taken_for for each in self.readings if each.taken_for))

    @property
    def unread(self) -> int:
        return sum(each.unread for each in self.inputs)


def located(values: dict[str, Any], found: Found, source: str) -> dict[str, Any]:
    """The item with where it stood in the input."""
    place = {"source": source, "line": found.line, "when": found.when, "peer": found.peer}
    return values | place | {"recipient_domain": found.recipient_domain}


def explain_text(text: str, first: str, wanted: Wanted, output: Output) -> int:
    """Explain what was given as words."""
    text = text.removeprefix("\ufeff")
    try:
        octets = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        octets = text.encode("utf-8", "backslashreplace")
    if foreign := _FOREIGN.match(text):
        raise ValueError(f"{foreign[1]} is no SMTP reply code: expected 200 to 599")
    taken = recognise.recognise(octets)
    if taken is None:
        raise ValueError(_no_reply(first, " and is no file" if text == first else ""))
    with _Streams(output) as streams:
        gathered = Gathered(wanted, streams)
        _read([octets], taken, Counts(), "argument", gathered, text)
        if not taken.known and not gathered.tally.refusals:
            raise ValueError(_no_reply(first, ""))
        return _finish(gathered, output, plain=taken.reader == "replies" and gathered.tally.refusals > 0)


def _no_reply(shown: str, nor: str) -> str:
    return (
        f"{shown[:60]!r} holds no SMTP reply{nor}: expected a line that starts with a code, such as 550 5.1.1 …, "
        "a bounce, a transcript or a mail log"
    )


def explain_inputs(paths: tuple[str, ...], wanted: Wanted, output: Output) -> int:
    """Explain files; one that cannot be read costs the others nothing."""
    with _Streams(output) as streams:
        gathered = Gathered(wanted, streams)
        failures: list[OSError | ValueError] = []
        for path in paths:
            try:
                _input(path, gathered)
            except OSError as error:
                failures.append(error)
                because = error.strerror or str(error)
                gathered.miss(_shown(path), because, f"{path!r}: {because}")
            except ValueError as error:
                failures.append(error)
                gathered.miss(_shown(path), str(error), str(error))
        if not gathered.readings:
            raise next((each for each in failures if isinstance(each, ValueError)), failures[0])
        return _finish(gathered, output, plain=False)


def _input(path: str, gathered: Gathered) -> None:
    given = Input(path)
    try:
        blocks = given.blocks()
        if given.damage and not given.head:
            raise ValueError(f"{path!r} cannot be read: {given.damage}")
        taken = recognise.recognise(given.head)
        if taken is None or recognise.is_binary(given.head):
            raise ValueError(_unknown(path, given.head))
        counts = Counts()
        before = gathered.tally.refusals
        _read(blocks, taken, counts, given.name, gathered)
    finally:
        given.close()
    reading = gathered.readings[-1]
    if not taken.known and gathered.tally.refusals == before:
        gathered.inputs.pop()
        raise ValueError(
            f"{path!r} is a log in no known format: expected one of Postfix, Exim, Sendmail or OpenSMTPD, "
            "or lines that quote replies"
        )
    if given.damage:
        reading.unread += 1
        reading.because = given.damage


def _shown(path: str) -> str:
    return "standard input" if path == STDIN else path


def _unknown(path: str, head: bytes) -> str:
    shown = _shown(path)
    if recognise.is_binary(head):
        return f"{shown!r} is binary: expected text, or text in gzip or xz"
    if not head.strip():
        return f"{shown!r} is empty"
    return _no_reply(shown, "")


def _read(
    blocks: Iterable[bytes], taken: Taken, counts: Counts, name: str, gathered: Gathered, text: str | None = None
) -> None:
    reading = Reading(name=name, taken_for=taken.words)
    gathered.inputs.append(reading)
    before = gathered.tally.refusals
    for found in recognise.refusals(blocks, taken, counts):
        # What was typed is shown as it was typed.
        if text is not None and taken.reader == "replies":
            found = msgspec.structs.replace(found, line=None)
        gathered.add(found, name)
    reading.lines, reading.unread = counts.lines, counts.unread
    reading.refusals = gathered.tally.refusals - before
    gathered.is_log = gathered.is_log or (taken.reader == "log" and (taken.known or reading.refusals > 0))


class _Streams:
    """Writers of one item at a time, to standard output and to the files that want it so."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._stack = ExitStack()

    def __enter__(self) -> list[Callable[[dict[str, Any]], None]]:
        writers = []
        if self._output.format in _STREAMED:
            writers.append(_writer(self._output.format, sys.stdout))
        for form, path in self._output.files:
            if form in _STREAMED:
                file = self._stack.enter_context(
                    open(path, "w", encoding="utf-8", errors="backslashreplace", newline="\n")
                )
                writers.append(_writer(form, file))
        return writers

    def __exit__(self, *details: object) -> None:
        self._stack.close()


def _writer(form: str, file: TextIO) -> Callable[[dict[str, Any]], None]:
    begun = False

    def write(values: dict[str, Any]) -> None:
        nonlocal begun
        text = encode(values, indent=0) if form == "jsonl" else summary_text.csv_row(values)
        if form == "csv" and not begun:
            text = summary_text.csv_head() + text
            begun = True
        try:
            file.write(text)
        except BrokenPipeError:
            # The reader has seen what it wanted to see; what is not read yet is not read.
            discard_stdout()
            raise click.exceptions.Exit(0) from None

    return write


def _finish(gathered: Gathered, output: Output, plain: bool) -> int:
    reports: list[Any] = []
    if gathered.wanted.check:
        from smtpprobe.cli.explain_checks import live_checks

        reports = live_checks(gathered)
    kept = tuple(each for each in output.files if each[0] not in _STREAMED)

    def render(form: str, style: dict[str, Any]) -> str:
        if form in _STREAMED:
            return ""
        if form == "json":
            return encode(_object(gathered, reports))
        return "\n".join(_pages(gathered, reports, output.verbosity, style, plain))

    emit(Output(format=output.format, files=kept, colour=output.colour, verbosity=output.verbosity), render)
    for each in gathered.readings:
        if each.because:
            note(f"{each.name!r}: read as far as it goes: {each.because}")
        elif each.unread:
            note(f"{each.name!r}: {each.unread} lines could not be read")
    for words in gathered.missing:
        note(words)
    return USAGE if gathered.missing else 0


def _items(gathered: Gathered) -> Iterator[dict[str, Any]]:
    wanted = gathered.wanted
    if gathered.summed_up:
        for each in gathered.tally.distinct():
            yield summary_text.distinct_item(each, wanted.provider)
        return
    for found, source in gathered.singles:
        yield located(item(found.reply, wanted.phase or found.phase, wanted.provider), found, source)


def _object(gathered: Gathered, reports: list[Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"taken_for": gathered.taken_for, "items": list(_items(gathered))}
    made["summary"] = summary_text.summary_object(gathered.tally.summary())
    made["items_left_out"] = gathered.tally.left_out if gathered.summed_up else 0
    made["unread"] = gathered.unread
    made["inputs"] = [msgspec.to_builtins(each) for each in gathered.inputs]
    return made | ({"checks": reports} if gathered.wanted.check else {})


def _pages(gathered: Gathered, reports: list[Any], verbosity: int, style: dict[str, Any], plain: bool) -> Iterator[str]:
    from smtpprobe.render.text.evidence import runs as evidence_text
    from smtpprobe.render.text.explanation import render_taken

    if not plain:
        for each in gathered.readings:
            name = os.path.basename(each.name) or each.name
            yield render_taken(name, each.taken_for or "", each.lines, each.refusals, **style)
    style = style | {"verbosity": verbosity}
    if gathered.summed_up:
        yield from _summed_up(gathered, style)
    else:
        for found, _ in gathered.singles:
            recipient = found.recipient or found.recipient_domain
            recipients = [recipient] if recipient else []
            yield _page(gathered, found.reply, gathered.wanted.phase or found.phase, recipients, found.when, style)
    for report in reports:
        yield evidence_text.render(report, **style)


def _summed_up(gathered: Gathered, style: dict[str, Any]) -> Iterator[str]:
    """A page for each of a few distinct refusals, and the counts where they differ in whom they met; else the summary."""
    from smtpprobe.render.text.explanation import seen_said

    tally = gathered.tally
    distinct = tally.distinct()
    few = len(distinct) <= MAX_PAGES
    for each in distinct if few else ():
        row = each.row
        seen = seen_said(row.count, row.first_seen, row.last_seen)
        yield _page(gathered, each.reply, each.phase, each.recipient_domains, seen, style)
    summary = tally.summary()
    repeated = tally.refusals > len(distinct) and max(len(summary.providers), len(summary.recipient_domains)) > 1
    if repeated or not few:
        provider = gathered.wanted.provider
        yield summary_text.render(summary, tally.examples(), provider, explained_above=few, **style)


def _page(
    gathered: Gathered, reply: str, phase: Phase | None, recipients: list[str], seen: str | None, style: dict[str, Any]
) -> str:
    from smtpprobe.render.text.explanation import recipients_said, render_reply

    told = explained(reply, phase, gathered.wanted.provider)
    return render_reply(reply, told, recipient=recipients_said(recipients), seen=seen or "", **style)
