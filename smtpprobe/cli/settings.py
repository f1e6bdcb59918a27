"""What the environment and the files set for one command, and all that is wrong in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from smtpprobe.cli import config_values
from smtpprobe.cli.config import NO_OPTIONS, PREFIX, Origin, refuse
from smtpprobe.cli.config_file import ConfigFile
from smtpprobe.cli.directory_options import CLOSED, OPEN, why_beyond, why_closed
from smtpprobe.cli.nearest import did_you_mean, nearest
from smtpprobe.model.texts.language import mark, say

# Options of `trust`, which takes nothing from files, so that no file's right to them was decided.
_OF_TRUST = frozenset({"remove", "list"})


class Fault(ValueError):
    """One thing that is wrong; `line` is the file's, 0 for a variable."""

    def __init__(self, words: str, line: int = 0) -> None:
        super().__init__(words)
        self.line = line


class Settings:
    """Values by parameter, as `default_map` has them; what is added later goes before what was there."""

    def __init__(self, context: click.Context, arguments: Sequence[str]) -> None:
        self.given = _given(context, arguments)
        group = context.parent.command if context.parent is not None else None
        self.commands = frozenset(group.list_commands(context)) if isinstance(group, click.Group) else frozenset()
        self.command = context.command.name or ""
        self.known = long_names(context.command)
        # The options of every command, without importing them all.
        self.names = frozenset(name.rpartition(" ")[2] for name in (*OPEN, *CLOSED)) | frozenset(self.known)
        self.variables = self.names | _OF_TRUST
        self.values: dict[str, Any] = {}
        self.origins: dict[str, Origin] = {}
        self.faults: list[Fault] = []

    def raise_faults(self) -> None:
        """Raises the fault that there is, or an ExceptionGroup of several."""
        if len(self.faults) == 1:
            raise self.faults[0]
        if self.faults:
            raise ExceptionGroup("settings", self.faults)

    def add_fault(self, error: ValueError) -> None:
        """Note why a file cannot be read; the other places are judged, too."""
        self.faults.append(Fault(str(error)))

    def add_environment(self, variables: Mapping[str, str], rank: int) -> None:
        """Take the variables. One that holds nothing is not set, as a CI system has it where a value is missing."""
        before: dict[str, Origin] = {}
        for variable, text in sorted(variables.items()):
            word = variable.removeprefix(PREFIX)
            key = word.lower().replace("_", "-")
            if word != key.upper().replace("-", "_") or key not in self.variables:
                self.faults.append(
                    Fault(
                        say(
                            "{variable} sets no option{nearest_variable}",
                            variable=variable,
                            nearest_variable=self._nearest_variable(word),
                        )
                    )
                )
            elif text and key in self.known:
                option, flag = self.known[key]
                value = config_values.of_text(option, text)
                self._take(Origin(key, rank, variable=variable), option, flag, value, before)

    def _nearest_variable(self, word: str) -> str:
        others = {name.lower().replace("_", "-") for name in NO_OPTIONS}
        found = nearest(word, self.variables | others)
        return (
            say(": did you mean {prefix}{found}?", prefix=PREFIX, found=found.upper().replace("-", "_"))
            if found
            else ""
        )

    def add_file(self, file: ConfigFile, rank: int, of_directory: bool) -> None:
        """Take the options at the top, then those of the command's own table."""
        first = len(self.faults)
        at_top: dict[str, Origin] = {}
        in_table: dict[str, Origin] = {}
        for table, key, value in self._entries(file):
            origin = Origin(key, rank, file=file, table=table, of_directory=of_directory)
            self._take(origin, *self.known[key], value, at_top if table is None else in_table)
        self.faults[first:] = sorted(self.faults[first:], key=lambda fault: fault.line)

    def _entries(self, file: ConfigFile) -> Iterator[tuple[str | None, str, object]]:
        """Table (None for the top), key and value of what counts for this command; the rest is judged by its name."""
        own: dict[str, Any] = {}
        for key, value in (file.options or {}).items():
            if key in self.commands and isinstance(value, dict):
                self._judge_names(file, key, value)
                own = value if key == self.command else own
            elif key in self.known:
                yield None, key, value
            elif key in self.names:
                continue
            elif key in self.commands:
                self._refuse(file, (key,), say("{key} is not a table of options", key=repr(key)))
            elif key == "tool" and isinstance(value, dict) and "smtpprobe" in value:
                words = mark(
                    "[tool.smtpprobe] counts in pyproject.toml only: options are at the top here, those of check in [check]"
                )
                self._refuse(file, (key,), say(words))
            elif isinstance(value, dict):
                self._refuse(
                    file,
                    (key,),
                    say(
                        "there is no command {key}{did_you_mean}",
                        key=repr(key),
                        did_you_mean=did_you_mean(key, self.commands),
                    ),
                )
            else:
                known = self.names | self.commands
                self._refuse(
                    file,
                    (key,),
                    say(
                        "no command has an option {key}{did_you_mean}",
                        key=repr(key),
                        did_you_mean=did_you_mean(key, known),
                    ),
                )
        yield from ((self.command, key, value) for key, value in own.items() if key in self.known)

    def _judge_names(self, file: ConfigFile, command: str, table: Mapping[str, Any]) -> None:
        """Note the keys of a command's table that the command does not have; of other commands' those that none has."""
        known = frozenset(self.known) if command == self.command else self.names
        for key in table:
            if key not in known:
                self._refuse(
                    file,
                    (command, key),
                    say(
                        "smtpprobe {command} has no option {key}{did_you_mean}",
                        command=command,
                        key=repr(key),
                        did_you_mean=did_you_mean(key, known),
                    ),
                )

    def _take(
        self, origin: Origin, option: click.Option, flag: bool | None, value: object, before: dict[str, Origin]
    ) -> None:
        """Take the value, or note why not; `before` are those of the same place, of which two may not disagree."""
        name = option.name or ""
        try:
            self._refuse_what_is_closed(origin, value)
            found = config_values.converted(option, flag, value)
        except config_values.WrongType as error:
            self._note(origin, say("{words} holds {error}", words=origin.words, error=error))
            return
        except ValueError as error:
            self._note(origin, str(error))
            return
        # A file that the command line replaces is not looked for.
        is_replaced = name in self.given and getattr(option.type, "of_file", False)
        problem = None if is_replaced else config_values.problem(option, found)
        if problem is not None:
            self._note(origin, f"{origin.words}: {problem}")
        elif name in before and found != self.values[name]:
            self._note(
                origin,
                say(
                    "{words} contradicts {name}: expected one of the two",
                    words=origin.words,
                    name=repr(before[name].name),
                ),
            )
        else:
            before[name] = self.origins[name] = origin
            self.values[name] = found

    def _refuse_what_is_closed(self, origin: Origin, value: object) -> None:
        if origin.of_directory:
            why = why_closed(self.command, origin.key) or why_beyond(self.command, origin.key, value)
            if why is not None:
                refuse(origin, why)

    def _refuse(self, file: ConfigFile, path: tuple[str, ...], words: str) -> None:
        self.faults.append(Fault(f"{file.place(*path)}: {words}", file.line(*path) or 0))

    def _note(self, origin: Origin, words: str) -> None:
        self.faults.append(Fault(words, origin.line or 0))


def _given(context: click.Context, arguments: Sequence[str]) -> frozenset[str]:
    """The parameters that the command line sets; none if it cannot be read, which is told later."""
    try:
        options, _, _ = context.command.make_parser(context).parse_args(list(arguments))
    except click.UsageError:
        return frozenset()
    return frozenset(options)


def long_names(command: click.Command) -> dict[str, tuple[click.Option, bool | None]]:
    """Long option names to options; for the halves of a switch, the value that each stands for."""
    names: dict[str, tuple[click.Option, bool | None]] = {}
    for option in command.params:
        if isinstance(option, click.Option) and option.expose_value:
            on = True if option.secondary_opts else None
            names.update({text[2:]: (option, on) for text in option.opts if text.startswith("--")})
            names.update({text[2:]: (option, False) for text in option.secondary_opts if text.startswith("--")})
    return names
