"""The command group: commands are imported when they are called, and every way to fail is one line and a code."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

USAGE, BUG, INTERRUPTED = 2, 70, 130

_COMMANDS = {
    "check": "hold one SMTP session and report it, with why it was refused",
    "explain": "what a code or a reply means, offline",
    "dnsbl": "is an address or a domain on blocklists",
    "spf": "evaluate SPF for a domain and a client address",
    "dkim": "DKIM keys of a domain, or a message's signatures",
    "dmarc": "the DMARC policy of a domain, and alignment",
    "iprev": "reverse DNS of an address, there and back",
    "replay": "annotate and diagnose a saved report again, no network",
    "demo": "the whole thing against a built-in server, no network",
    "schema": "the report's JSON Schema",
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"smtpprobe.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(None, "--version", "-V", package_name="smtpprobe", message="smtpprobe %(version)s")
def group() -> None:
    """Hold a real SMTP session, say what every reply means, and why a server refuses: with proof, and what to change."""


def run(arguments: list[str]) -> int:
    """The exit code. One line on stderr for what the caller got wrong; a traceback for nobody."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        result = group.main(arguments, prog_name="smtpprobe", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return USAGE
    except click.ClickException as error:
        return _fail(USAGE, error.format_message())
    except (ValueError, FileNotFoundError, IsADirectoryError, PermissionError) as error:
        return _fail(USAGE, _words(error))
    except (click.exceptions.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader went away: what it wanted to see it has seen.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("SMTPPROBE_TRACEBACK"):
            raise
        return _fail(BUG, f"a bug of ours: {type(error).__name__}: {error} (SMTPPROBE_TRACEBACK=1 shows where)")
    return result if isinstance(result, int) else 0


def _words(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename!r}: {error.strerror}"
    return str(error)


def _fail(code: int, words: str) -> int:
    from smtpprobe.render.escape import terminal

    click.echo(f"smtpprobe: {terminal(' '.join(words.split()))}", err=True)
    return code
