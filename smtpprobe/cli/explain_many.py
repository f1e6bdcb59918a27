"""`smtpprobe explain` on words and files: what reads them, writes items as they come, and says what could not be read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, TextIO

import click
import msgspec

from smtpprobe.cli import exit_codes, interrupts
from smtpprobe.cli.explain_input import Input
from smtpprobe.cli.option_names import OPTION_NAMES
from smtpprobe.cli.output import Output, discard_stdout, emit, note
from smtpprobe.cli.reading import STDIN
from smtpprobe.cli.writing import OutputFile
from smtpprobe.model import exit_code
from smtpprobe.model.texts.language import say, say_counted
from smtpprobe.model.transcript import Phase
from smtpprobe.pipeline.explaining import Explaining, OnRefusal
from smtpprobe.render import formats
from smtpprobe.render.explained import ExplainedInputs, Refusal
from smtpprobe.render.explanation_item import refusal_item
from smtpprobe.render.formats import Format, Takes

_A_FEW = 1000  # octets of codes or ids
_Writer = Callable[[dict[str, Any]], None]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the options say."""

    phase: Phase | None
    provider: str | None
    check: bool
    resolver: str | None
    since: float | None = None


def explain_words(words: Sequence[str], wanted: Wanted, output: Output) -> int:
    """Explain what was given as words."""
    text = " ".join(words)
    streams = Streams(wanted, output)
    with streams as write:
        explaining = Explaining(phase=wanted.phase, provider=wanted.provider, on_refusal=write, since=wanted.since)
        explaining.add_text(text, first=words[0], nor=say(" and is not a file") if text == words[0] else "")
        explained = explaining.finish()
    return finish(explained, wanted, output, failure=streams.failure)


def explain_files(
    paths: Sequence[str], wanted: Wanted, output: Output, refer: Callable[[list[str]], bool] = lambda _: False
) -> int:
    """Explain files; one that cannot be read costs the others nothing.

    `refer` is given the words of a file that stands alone and holds a few; whether they were codes or ids, and are answered.
    """
    interrupts.keep()
    missing: list[str] = []
    streams = Streams(wanted, output)
    with streams as write:
        explaining = Explaining(phase=wanted.phase, provider=wanted.provider, on_refusal=write, since=wanted.since)
        failures: list[OSError | ValueError] = []
        for path in paths:
            try:
                if _add_file(path, explaining, refer if len(paths) == 1 else None):
                    return exit_code.ACCEPTED
            except OSError as error:
                failures.append(error)
                because = error.strerror or str(error)
                missing.append(f"{_name(path)!r}: {because}")
                explaining.add_unreadable(_name(path), because)
            except ValueError as error:
                failures.append(error)
                missing.append(str(error))
                explaining.add_unreadable(_name(path), str(error))
        if not explaining.has_read:
            raise next((each for each in failures if isinstance(each, ValueError)), failures[0])
        explained = explaining.finish()
    return finish(explained, wanted, output, missing, streams.failure)


def _add_file(path: str, explaining: Explaining, refer: Callable[[list[str]], bool] | None) -> bool:
    """Whether the file holds nothing but codes or ids, which are answered then."""
    given = Input(path)
    try:
        blocks = given.blocks()
        if given.damage and not given.head:
            raise _unreadable(given)
        if refer is not None and len(given.head) <= _A_FEW and refer(given.head.decode("utf-8", "replace").split()):
            return True
        try:
            explaining.add(blocks, given.name)
        except ValueError:
            # What says why there is nothing in it is the damage.
            if given.damage:
                raise _unreadable(given) from None
            raise
    finally:
        given.close()
    if given.damage:
        explaining.add_damage(given.damage)
    return False


def _unreadable(given: Input) -> ValueError:
    return ValueError(say("{path} cannot be read: {damage}", path=repr(given.path), damage=given.damage))


def _name(path: str) -> str:
    return say("standard input") if path == STDIN else path


def finish(
    explained: ExplainedInputs,
    wanted: Wanted,
    output: Output,
    missing: Sequence[str] = (),
    failure: OSError | None = None,
) -> int:
    """Print and write what was explained, and say what could not be read; the exit code."""
    if wanted.check:
        explained = _checked(explained, wanted.resolver)
    # What takes items has been written already.
    kept = tuple(each for each in output.files if formats.find(each[0], Takes.ITEM) is None)
    emit(msgspec.structs.replace(output, files=kept), Takes.EXPLANATION, explained, OPTION_NAMES)
    for each in explained.read:
        if each.because:
            note(say("{name}: read as far as it goes: {because}", name=repr(each.name), because=each.because))
        elif each.unread:
            note(
                say_counted(
                    "{name}: {count} line could not be read",
                    "{name}: {count} lines could not be read",
                    each.unread,
                    name=repr(each.name),
                )
            )
    for words in missing:
        note(words)
    if failure is not None:
        raise failure
    return exit_codes.of_explanation(explained.unreadable, explained.checks or ()).code


def _checked(explained: ExplainedInputs, resolver: str | None) -> ExplainedInputs:
    from smtpprobe.cli.running import run
    from smtpprobe.pipeline.hinted_checks import hinted_checks

    return msgspec.structs.replace(explained, checks=run(hinted_checks(explained, resolver=resolver)))


class Streams:
    """Writes the item of each refusal to standard output and to the files whose format takes items; None where there are none.

    A file that cannot be written costs nothing else; its `failure` is for the end. The files stand in their places at the
    end, unless something else failed.
    """

    def __init__(self, wanted: Wanted, output: Output) -> None:
        self._wanted = wanted
        self._output = output
        self._files: list[OutputFile] = []
        self.failure: OSError | None = None

    def __enter__(self) -> OnRefusal | None:
        writers: list[_Writer] = []
        if (form := formats.find(self._output.format, Takes.ITEM)) is not None:
            writers.append(_writer(form, sys.stdout))
        for name, path in self._output.files:
            if (form := formats.find(name, Takes.ITEM)) is not None and (file := self._opened(path)) is not None:
                writers.append(self._kept_apart(_writer(form, file), file))

        def write(refusal: Refusal) -> None:
            values = refusal_item(refusal, phase=self._wanted.phase, provider=self._wanted.provider)
            for each in writers:
                each(values)

        return write if writers else None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for file in self._files:
            try:
                file.__exit__(kind)
            except OSError as error:
                self.failure = self.failure or error

    def _opened(self, path: str) -> OutputFile | None:
        try:
            self._files.append(OutputFile(path, private=True))
        except OSError as error:
            self.failure = self.failure or error
            return None
        return self._files[-1]

    def _kept_apart(self, write: _Writer, file: OutputFile) -> _Writer:
        """The same, which after a failure writes nothing more and leaves what was there."""

        def written(values: dict[str, Any]) -> None:
            if file.is_open:
                try:
                    write(values)
                except OSError as error:
                    self.failure = self.failure or error
                    file.discard()

        return written


def _writer(form: Format, file: TextIO | OutputFile) -> _Writer:
    before, line = formats.head(form), formats.function(form.function)

    def write(values: dict[str, Any]) -> None:
        nonlocal before
        text, before = before + line(values), ""
        try:
            file.write(text)
        except BrokenPipeError:
            # The reader has seen what it wanted to see; what is not read yet is not read.
            discard_stdout()
            raise click.exceptions.Exit(exit_code.ACCEPTED) from None

    return write
