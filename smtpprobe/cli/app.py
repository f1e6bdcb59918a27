"""The command group: commands are imported when they are called, and every way to fail is one line and a code."""

from __future__ import annotations

import os
import sys
import warnings
from functools import partial
from importlib import import_module
from typing import Any

import click

from smtpprobe.cli.config import config_option, note_arguments, origin_of
from smtpprobe.cli.output import Bug, discard_stdout
from smtpprobe.cli.spoken_help import spoken, spoken_by_click, texts
from smtpprobe.model.exit_code import ACCEPTED, BUG, INTERRUPTED, USAGE
from smtpprobe.model.texts.language import mark, say

_COMMANDS = {
    "check": mark("run one SMTP session and report it, with why it was refused"),
    "auth": mark("test credentials: one attempt with one mechanism, no mail"),
    "explain": mark("what a code or a reply means, offline"),
    "compare": mark("two codes side by side: key differences, which applies when"),
    "dnsbl": mark("is an address or a domain on blocklists"),
    "spf": mark("a domain's SPF record and what it costs, or what it says of an address"),
    "dkim": mark("DKIM keys of a domain, or a message's signatures"),
    "dmarc": mark("the DMARC policy of a domain, and alignment"),
    "iprev": mark("reverse DNS of an address, there and back"),
    "replay": mark("annotate and diagnose a saved report again, no network"),
    "demo": mark("the whole thing against a built-in server, no network"),
    "causes": mark("the causes of refusals, and what each means"),
    "checks": mark("the findings that checks can state, and what each means"),
    "schema": mark("the JSON Schemas of what is printed"),
    "trust": mark("let a directory's configuration file set every option"),
}


_CONFIG = config_option()
_HELP: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


class _Help(click.HelpFormatter):
    """Help in which the defaults, which may come from a directory's file, are harmless."""

    def getvalue(self) -> str:
        from smtpprobe.render.escape import lines

        return lines(super().getvalue())


class _Context(click.Context):
    formatter_class = _Help


class _Lazy(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            # Before click sees it, which writes an empty line.
            return _interrupted()

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"smtpprobe.cli.{cmd_name}").command
        command.context_class = _Context
        # click keeps the help option that a command was first asked for, whatever context it was in.
        command.context_settings.update(_HELP)
        if _CONFIG not in command.params:
            command.params.append(_CONFIG)
        return spoken(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(
                say("{given} is not a command: {instead}", given=repr(args[0]), instead=_instead_of(args[0]))
            )
        note_arguments(ctx, args[1:])
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(say("Commands")):
            formatter.write_dl([(name, say(about)) for name, about in _COMMANDS.items()])


def _instead_of(word: str) -> str:
    """What was probably meant by a word that is not a command."""
    from smtpprobe.cli.nearest import nearest

    if any(mark in word for mark in ".:@"):
        return say("to probe a server, type smtpprobe check {word}", word=word)
    if word.isdecimal():
        return say("to have a code explained, type smtpprobe explain {word}", word=word)
    meant = nearest(word, _COMMANDS)
    return (
        say("did you mean {meant}?", meant=repr(meant))
        if meant
        else say("expected one of {commands}", commands=", ".join(_COMMANDS))
    )


@click.group(
    cls=_Lazy,
    context_settings=_HELP,
    epilog="Every option can be set in the environment too, as SMTPPROBE_MAIL_FROM, and in configuration files.",
)
@click.version_option(None, "--version", "-V", package_name="smtpprobe", message="smtpprobe %(version)s")
def group() -> None:
    """Hold a real SMTP session, say what every reply means, and why a server refuses: with proof, and what to change."""


group.params.append(_CONFIG)


def help_texts() -> tuple[str | tuple[str, str], ...]:
    """Every text of help and of click's usage errors, for translation."""
    with group.make_context("smtpprobe", ["check"], resilient_parsing=True) as context:
        commands = [group.get_command(context, name) for name in _COMMANDS]
    return tuple(dict.fromkeys(texts([group, *(each for each in commands if each is not None)])))


# The signs of pages in ASCII, for a stream that cannot write them.
_PLAIN = {"✓": "OK", "✗": "X", "–": "-", "→": "->", "←": "<-", "⇒": "=>", "⇐": "<=", "≡": "=", "·": "-", "…": "...", "‹": "<",
          "›": ">", "»": ">>", "’": "'", "“": '"', "”": '"'}  # fmt: skip


def _plainer(encoding: str | None) -> str:
    """The error handler of a stream: signs in ASCII if it cannot write them, everything else escaped."""
    if (encoding or "").lower().replace("-", "") in ("utf8", ""):
        return "backslashreplace"
    import codecs

    def replaced(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeEncodeError)
        texts = (
            _PLAIN.get(each) or each.encode("ascii", "backslashreplace").decode()
            for each in error.object[error.start : error.end]
        )
        return "".join(texts), error.end

    codecs.register_error("smtpprobe.plain", replaced)
    return "smtpprobe.plain"


def run(arguments: list[str]) -> int:
    """The exit code. One line on stderr for what the caller got wrong; a traceback for nobody."""
    with spoken_by_click(arguments):
        return _run(arguments)


def _said(error: ValueError) -> str:
    """The error in our words: of an argument that is not text Python tells in its own."""
    return say("an argument is not UTF-8: expected text") if isinstance(error, UnicodeEncodeError) else str(error)


def _run(arguments: list[str]) -> int:
    fail = partial(_fail, arguments)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # a library's advice to programmers is nothing to a user
    if None in (sys.stdin, sys.stdout, sys.stderr):
        from smtpprobe.cli.closed import replace_closed

        replace_closed()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_plainer(stream.encoding))
    if not arguments:
        said = spoken(group)
        with said.make_context("smtpprobe", ["check"], resilient_parsing=True) as context:
            click.echo(said.get_help(context), err=True)
        return USAGE
    try:
        result = spoken(group).main(arguments, prog_name="smtpprobe", standalone_mode=False)
        sys.stdout.flush()
    except click.NoSuchOption as error:
        return fail(USAGE, _no_such_option(error, arguments))
    except click.BadOptionUsage as error:
        from smtpprobe.cli.foreign_options import WITHOUT_VALUE

        return fail(USAGE, say(WITHOUT_VALUE.get(error.option_name, "")) or error.format_message())
    except click.ClickException as error:
        return fail(USAGE, _in_words(error))
    except (click.exceptions.Abort, KeyboardInterrupt):
        return _interrupted()
    except BrokenPipeError:
        # The reader went away: what it wanted to see it has seen.
        discard_stdout()
        return ACCEPTED
    except OSError as error:
        discard_stdout()
        return fail(USAGE, _words(error))
    except ValueError as error:
        return fail(USAGE, _said(error))
    except ExceptionGroup as faults:
        for fault in faults.exceptions:
            fail(USAGE, str(fault))
        return USAGE
    except Exception as error:
        if os.environ.get("SMTPPROBE_TRACEBACK"):
            from smtpprobe.cli.masking import masked

            click.echo(masked(_traceback(error), arguments), err=True)
            return BUG
        cause = error.__cause__ if isinstance(error, Bug) and error.__cause__ else error
        from smtpprobe.pipeline.outcomes import place_of

        return fail(
            BUG,
            say(
                "internal error in {place_of}; please report it (SMTPPROBE_TRACEBACK=1 shows more)",
                place_of=place_of(cause),
            ),
        )
    return result if isinstance(result, int) else ACCEPTED


def _traceback(error: Exception) -> str:
    """Where the error comes from. A server's words may be in it."""
    import traceback

    from smtpprobe.render.escape import lines

    return lines("".join(traceback.format_exception(error)))


def _no_such_option(error: click.NoSuchOption, arguments: list[str]) -> str:
    from smtpprobe.cli.foreign_options import answer

    options = error.ctx.command.get_params(error.ctx) if error.ctx is not None else []
    known = {name for option in options for name in (*option.opts, *option.secondary_opts)}
    return answer(error.option_name, arguments, known) or error.format_message()


def _in_words(error: click.ClickException) -> str:
    """What is wrong, behind the variable, or the file and the key, that sets the value; else behind the option."""
    if not isinstance(error, click.BadParameter) or error.param is None:
        return error.format_message()
    origin = origin_of(error.ctx, error.param.name)
    return f"{origin.words}: {error.message}" if origin is not None else error.format_message()


def _words(error: OSError) -> str:
    words = error.strerror or str(error) or type(error).__name__
    return (
        f"{error.filename!r}: {words}"
        if error.filename is not None
        else say("the output cannot be written: {words}", words=words)
    )


def _interrupted() -> int:
    click.echo(say("smtpprobe: interrupted"), err=True)
    return INTERRUPTED


def _fail(arguments: list[str], code: int, words: str) -> int:
    from smtpprobe.cli.masking import masked
    from smtpprobe.render.escape import terminal

    click.echo(f"smtpprobe: {terminal(' '.join(masked(words, arguments).split()))}", err=True)
    return code
