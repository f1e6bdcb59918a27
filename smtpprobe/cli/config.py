"""What sets options that need not be typed: the environment, and configuration files.

In this order: command line, environment, --config FILE, the user's file, the project's. A key is an option's long name
without its hyphens in front; in a file it stands at the top for every command that has the option, or in a table named
after the command; in the environment it is written SMTPPROBE_MAIL_FROM.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from smtpprobe.model.texts.language import mark, say

if TYPE_CHECKING:
    from smtpprobe.cli.config_file import ConfigFile

PROJECT_FILES = ("smtpprobe.toml", "pyproject.toml")
PREFIX = "SMTPPROBE_"
# What decides about files takes nothing from them.
WITHOUT_FILES = frozenset({"trust"})
# Variables that are no options: the password, where a bug comes from, which file is read; then what our own tests read.
NO_OPTIONS = frozenset({"PASSWORD", "TRACEBACK", "CONFIG", "SUITES", "CORPORA", "REQUIRE", "GOLDEN"})
_OF_TESTS = "TEST_"
ENVIRONMENT = 1  # its rank: after the command line, 0, and before every file
_ORIGINS = "smtpprobe.cli.config"
_ARGUMENTS = "smtpprobe.cli.config.arguments"


class Origin(NamedTuple):
    """Where a value comes from: a variable, or a file and the table and key in it; `rank` 0 is the strongest.

    `of_directory`: it is the working directory's file.
    """

    key: str
    rank: int
    variable: str | None = None
    file: ConfigFile | None = None
    table: str | None = None  # None: the key stands at the top
    of_directory: bool = False

    @property
    def name(self) -> str:
        """The key or the variable, as its writer has it."""
        return self.variable or self.key

    @property
    def line(self) -> int | None:
        """The file's line; None for a variable, and where none is found."""
        return None if self.file is None else self.file.line(*self._path)

    @property
    def place(self) -> str:
        """The variable, or the file with the line, as a message begins."""
        return str(self.variable) if self.file is None else self.file.place(*self._path)

    @property
    def words(self) -> str:
        """The place, and the key where that does not say it."""
        return self.place if self.file is None else f"{self.place}: {self.key!r}"

    @property
    def in_a_sentence(self) -> str:
        """The variable, or the key with its place behind it."""
        return self.place if self.file is None else f"{self.key!r} ({self.place})"

    @property
    def _path(self) -> tuple[str, ...]:
        return (self.key,) if self.table is None else (self.table, self.key)


def apply(context: click.Context, named: str | None) -> None:
    """Make what environment and files say the command's defaults.

    Raises ValueError for what is wrong in them, naming the place, an ExceptionGroup of them for several, or OSError.
    """
    if named is None:
        named = os.environ.get(f"{PREFIX}CONFIG") or None
    variables = {
        name: value for name, value in os.environ.items() if name.startswith(PREFIX) and not _is_no_option(name)
    }
    files = [] if context.command.name in WITHOUT_FILES else list(_files(named))
    if not variables and not files:
        return
    from smtpprobe.cli.settings import Settings

    settings = Settings(context, context.meta.get(_ARGUMENTS, ()))
    for rank, (file, of_directory) in reversed(list(enumerate(files, ENVIRONMENT + 1))):
        if isinstance(file, ValueError):
            settings.add_fault(file)
        else:
            settings.add_file(file, rank, of_directory)
    settings.add_environment(variables, ENVIRONMENT)
    settings.raise_faults()
    context.default_map = settings.values
    context.meta[_ORIGINS] = settings.origins


def note_arguments(context: click.Context, arguments: Sequence[str]) -> None:
    """Keep what is typed after the command: what it sets needs nothing from a file."""
    context.meta[_ARGUMENTS] = tuple(arguments)


def _is_no_option(variable: str) -> bool:
    word = variable.removeprefix(PREFIX)
    return word in NO_OPTIONS or word.startswith(_OF_TESTS)


def origin_of(context: click.Context | None, parameter: str | None) -> Origin | None:
    """Where the parameter's value was set; None where nothing has, or the command line, which goes before."""
    if context is None or parameter is None:
        return None
    if context.get_parameter_source(parameter) not in (click.core.ParameterSource.DEFAULT_MAP, None):
        return None
    found: Origin | None = context.meta.get(_ORIGINS, {}).get(parameter)
    return found


def rank_of(context: click.Context, parameter: str) -> int:
    """How strong the source of the parameter's value is: 0 for the command line, ENVIRONMENT, then files."""
    origin = origin_of(context, parameter)
    return 0 if origin is None else origin.rank


def is_of_directory(context: click.Context, parameter: str) -> bool:
    """Whether the value comes from a file in the working directory that the user does not trust."""
    origin = origin_of(context, parameter)
    return origin is not None and origin.of_directory and not _is_trusted(origin)


def refuse_if_of_directory(context: click.Context, parameter: str, why: str) -> None:
    """Raises ValueError, with the reason, where is_of_directory()."""
    origin = origin_of(context, parameter)
    if origin is not None and origin.of_directory:
        refuse(origin, why)


def _is_trusted(origin: Origin) -> bool:
    from smtpprobe.cli import trusted

    assert origin.file is not None
    return trusted.state(origin.file) is trusted.State.TRUSTED


_NOT_TRUSTED = mark(
    "{place}: a file in the working directory cannot set {key}, since {why}: give it on the command line, or, once you "
    "have read the file, name it (smtpprobe --config {path} …) or trust it as it is now (smtpprobe trust .)"
)
_CHANGED = mark(
    "{place}: it has changed since it was trusted, and a file in the working directory cannot set {key}, since {why}: "
    "give it on the command line, or, once you have read the file, name it (smtpprobe --config {path} …) or trust it as "
    "it is now (smtpprobe trust .)"
)


def refuse(origin: Origin, why: str) -> None:
    """Raises ValueError unless the user trusts the file as it is."""
    from smtpprobe.cli import trusted

    assert origin.file is not None
    state, path = trusted.state(origin.file), origin.file.path
    if state is trusted.State.TRUSTED:
        return
    has_changed = state is trusted.State.CHANGED
    raise ValueError(
        say(
            _CHANGED if has_changed else _NOT_TRUSTED,
            place=origin.place,
            key=repr(origin.key),
            why=why,
            path=path,
        )
    )


def user_folder() -> str | None:
    """The folder of the user's own files; None where there is none."""
    for base in (os.environ.get("XDG_CONFIG_HOME", ""), os.path.join(os.path.expanduser("~"), ".config")):
        # XDG Base Directory Specification: a relative path is invalid and passed over. It would be the directory's.
        if os.path.isabs(base):
            return os.path.join(base, "smtpprobe")
    return None


def _files(named: str | None) -> Iterator[tuple[ConfigFile | ValueError, bool]]:
    """The files that there are, the strongest first, or why one cannot be read, and whether each is the project's."""
    folder = user_folder()
    own = os.path.join(folder, "config.toml") if folder is not None else ""
    has_project = any(os.path.isfile(path) for path in PROJECT_FILES)
    if named is None and not has_project and not os.path.isfile(own):
        return
    from smtpprobe.cli import config_file

    given = None if named is None else _opened(lambda: config_file.of_path(named))
    if given is not None:
        yield given, False
    if os.path.isfile(own):
        yield _opened(lambda: config_file.of_path(own)), False
    file = _opened(lambda: config_file.of_directory("")) if has_project else None
    # What is wrong with the file that is named as well is told once.
    if file is not None and str(file) != str(given) and not _is_same(file, named):
        yield file, True


_File = TypeVar("_File")


def _opened(read: Callable[[], _File]) -> _File | ValueError:
    try:
        return read()
    except ValueError as error:
        return error
    except OSError as error:
        return ValueError(f"{error.filename!r}: {error.strerror or error}")


def _is_same(file: ConfigFile | ValueError, named: str | None) -> bool:
    if named is None or isinstance(file, ValueError) or not os.path.exists(named):
        return False
    return os.path.samefile(file.path, named)


def config_option() -> click.Option:
    """`--config FILE`, as every command and the group have it: it reads everything before other options are judged."""

    def read(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if context.resilient_parsing:
            return
        meta: dict[str, Any] = context.meta
        if isinstance(context.command, click.Group):
            meta[f"{_ORIGINS}.named"] = value
            return
        before: str | None = meta.get(f"{_ORIGINS}.named")
        if before is not None and value is not None:
            raise click.UsageError(say("--config is given twice: expected one file"))
        if context.command.name in WITHOUT_FILES and (value, before) != (None, None):
            raise click.UsageError(
                say("{name} takes nothing from files: leave --config out", name=context.command.name)
            )
        apply(context, before if value is None else value)

    return click.Option(
        ["--config"], metavar="FILE", is_eager=True, expose_value=False, callback=read,
        help="Take options from this TOML file, before those of the user and the project.",
    )  # fmt: skip
