"""One configuration file: its octets, bounded, and the table of options in it."""

from __future__ import annotations

import os
import re
from functools import cached_property
from typing import Any

from smtpprobe.cli.config import PROJECT_FILES
from smtpprobe.cli.reading import named
from smtpprobe.model import limits
from smtpprobe.model.texts.language import say

_PYPROJECT = "pyproject.toml"
_TABLE = "tool.smtpprobe"
# tomllib's time grows with the square of a key's parts; no table of ours is deeper than three.
_MAX_PARTS = 16
_TOOL = re.compile(rb"^[ \t]*\[{1,2}[ \t]*tool[ \t]*\.[ \t]*([\w-]{1,20})", re.MULTILINE)
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:""")?'
    r"|'''(?:[^']|'(?!''))*+(?:''')?"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+",
    re.DOTALL,
)
_LONG_KEY = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{_MAX_PARTS}}}")


class ConfigFile:
    """A file that holds options. Raises ValueError or OSError where it cannot be read, or is too large."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.octets = octets_of(path)

    @property
    def says_something(self) -> bool:
        """Whether there can be options in it: most projects' pyproject.toml has none, and reading TOML is slow."""
        return not self._is_pyproject or _TABLE.encode() in self.octets

    @cached_property
    def options(self) -> dict[str, Any] | None:
        """The options and the commands' tables; None for a pyproject.toml without our table.

        Raises ValueError for what is none, and for a table whose name is nearly ours.
        """
        if self._is_pyproject:
            self._refuse_mistyped()
        if not self.says_something:
            return None
        table = parsed(self.path, self.octets)
        if not self._is_pyproject:
            return table
        for part in _TABLE.split("."):
            if part not in table:
                return None
            table = table[part]
            if not isinstance(table, dict):
                raise ValueError(
                    say(
                        "{path}: {part} of {table} is not a table of options",
                        path=repr(self.path),
                        part=repr(part),
                        table=repr(_TABLE),
                    )
                )
        return table

    def _refuse_mistyped(self) -> None:
        names = {each.decode() for each in _TOOL.findall(self.octets)}
        for name in sorted(each for each in names if _is_nearly_ours(each)):
            # What the octets look like may stand in a string.
            table = parsed(self.path, self.octets).get("tool")
            if isinstance(table, dict) and name in table:
                line = self._line(("tool", name))
                place = say("{path}, line {line}", path=repr(self.path), line=line) if line else repr(self.path)
                raise ValueError(
                    say(
                        "{place}: [tool.{name}] counts for nothing: did you mean [{table}]?",
                        place=place,
                        name=name,
                        table=_TABLE,
                    )
                )

    def line(self, *path: str) -> int | None:
        """The line of a key of the options, or of the table or value that it stands in; None where none is found."""
        return self._line((*_TABLE.split("."), *path) if self._is_pyproject else path)

    def _line(self, keys: tuple[str, ...]) -> int | None:
        while keys:
            below = (line for each, line in self._lines.items() if each[: len(keys)] == keys)
            line = self._lines.get(keys) or next(below, None)
            if line is not None:
                return line
            keys = keys[:-1]
        return None

    def place(self, *path: str) -> str:
        """The file and the key's line, as messages name them."""
        line = self.line(*path)
        return say("{path}, line {line}", path=repr(self.path), line=line) if line else repr(self.path)

    @cached_property
    def _lines(self) -> dict[tuple[str, ...], int]:
        return _key_lines(self.octets.decode())

    @property
    def _is_pyproject(self) -> bool:
        return os.path.basename(self.path) == _PYPROJECT


def _is_nearly_ours(name: str) -> bool:
    """Whether the name of a tool's table is a slip of our own; names of other tools are not this close."""
    ours = _TABLE.rpartition(".")[2]
    if name == ours or not 7 <= len(name) <= 12:
        return False
    import difflib

    return difflib.SequenceMatcher(None, name.lower().replace("_", "").replace("-", ""), ours).ratio() > 0.85


def octets_of(path: str) -> bytes:
    """All octets of the file. Raises ValueError if there are more than `limits.CONFIG` allows."""
    with named(path), open(path, "rb") as file:
        return limits.CONFIG.read(file, repr(path))


def of_path(path: str) -> ConfigFile:
    """The file that the user names or has. Raises ValueError or OSError where there are no options in it to be read."""
    file = ConfigFile(path)
    if file.options is None:
        raise ValueError(
            say("{path} has no table [{table}]: there are no options in it", path=repr(path), table=_TABLE)
        )
    return file


def of_directory(directory: str) -> ConfigFile | None:
    """The file of a project in the directory: the first of PROJECT_FILES that is one and has options."""
    for name in PROJECT_FILES:
        path = os.path.join(directory, name)
        if os.path.isfile(path):
            file = ConfigFile(path)
            if file.options is not None:
                return file
    return None


def parsed(path: str, octets: bytes) -> dict[str, Any]:
    """The TOML document; the path is for messages. Raises ValueError for everything that is none."""
    import tomllib

    too_deep = ValueError(
        say("{path} is nested too deep for a configuration file: expected tables of options", path=repr(path))
    )
    try:
        text = octets.decode()
    except UnicodeDecodeError as error:
        raise ValueError(
            say("{path} is not a TOML file: not UTF-8 (octet {start})", path=repr(path), start=error.start + 1)
        ) from None
    if _LONG_KEY.search(_STRING.sub("q", text)):
        raise too_deep
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(say("{path} is not a TOML file: {error}", path=repr(path), error=error)) from None
    except RecursionError:
        raise too_deep from None
    except ValueError:
        # Python reads whole numbers of at most 4300 digits.
        raise ValueError(say("{path} contains a number that is too long to be read", path=repr(path))) from None


def _key_lines(text: str) -> dict[tuple[str, ...], int]:
    """Each key of a TOML document, with the keys that lead there, to its line; those of inline tables are left out."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    depth = 0
    # What stands in strings and comments is no syntax; the lines stay as they are.
    masked = _STRING.sub(lambda string: "".join("\n" if each == "\n" else "q" for each in string[0]), text)
    for number, (line, syntax) in enumerate(zip(text.split("\n"), masked.split("\n"), strict=True), 1):
        if depth == 0 and syntax.lstrip().startswith("["):
            table = _path_of(line)
            found.setdefault(table, number)
            continue
        key, equals, _ = syntax.partition("=")
        if depth == 0 and equals:
            found.setdefault((*table, *_path_of(f"{line[: len(key)]}= 0")), number)
        depth += sum(syntax.count(each) for each in "[{") - sum(syntax.count(each) for each in "]}")
    return found


def _path_of(line: str) -> tuple[str, ...]:
    """The keys that lead to what a line of a TOML document sets or opens; none where it cannot stand alone."""
    import tomllib

    try:
        value: object = tomllib.loads(line)
    except ValueError:
        return ()
    path: list[str] = []
    while isinstance(value, dict | list) and value:
        if isinstance(value, dict):
            path.append(next(iter(value)))
        value = next(iter(value.values() if isinstance(value, dict) else value))
    return tuple(path)
