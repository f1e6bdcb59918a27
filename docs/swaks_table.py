"""The tables of docs/from-swaks.md: swaks' options by use. What they are here is said as the command line answers them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

import click

from smtpprobe.cli.app import group
from smtpprobe.cli.foreign_options import IN_TARGET, INSTEAD, OF_PASSWORD, OURS


class Row(NamedTuple):
    """An option by all its names, separated by blanks, and what is to be said beside its counterpart."""

    names: str
    remark: str = ""


# Names that mean something else here: no answer points at the difference.
OTHERWISE: Mapping[str, str] = {"-h": "`-h` shows the help", "-q": "`-q` is `--quiet`"}

GROUPS: Mapping[str, tuple[Row, ...]] = {
    "Which server": (
        Row("--server -s", "with `--host` or a port the host itself, else its MX hosts"),
        Row("--port -p"),
        Row("--copy-routing", "with `--rcpt-to ADDR`"),
        Row("-4", "or `--ipv4`"),
        Row("-6", "or `--ipv6`"),
        Row("--local-interface -li"),
        Row("--local-port --lport -lp"),
        Row("--socket"),
        Row("--pipe", "a program's messages on standard error belong to no session; run it behind a socket"),
    ),
    "Envelope and session": (
        Row("--to -t", "repeatable; without it and `--send` an address as TARGET is the recipient"),
        Row("--cc"),
        Row("--bcc", "the test message names each in To, unless `--header 'To: ADDR'` is given"),
        Row("--from -f", "`<>` is the null reverse-path"),
        Row("--helo --ehlo --lhlo -h"),
        Row("--quit-after --quit -q", "without `--send` RCPT is the end"),
        Row("--drop-after --drop -da", "not after DATA or the dot"),
        Row("--drop-after-send -das", "ehlo, starttls, mail, rcpt"),
        Row("--timeout", "plain seconds above 0; `--deadline` limits the whole session"),
        Row("--protocol", "esmtp, smtp, lmtp; TLS and login have their own options"),
        Row("--pipeline", "the default; `--no-pipeline` waits for each reply"),
        Row("--prdr", "Exim offers it"),
        Row("--force-getpwuid", "a user name of this machine is nobody's address"),
    ),
    "TLS": (
        Row("--tls -tls", "with a value: `--tls require`"),
        Row("--tls-optional -tlso", "the default; a handshake that fails ends the session"),
        Row("--tls-optional-strict -tlsos", "the default"),
        Row("--tls-on-connect -tlsc", "or `smtps://HOST:PORT`"),
        Row("--tls-protocol -tlsp", "a range instead of a list"),
        Row("--tls-cipher"),
        Row("--tls-verify", "the default with `--user`; without it the report says what does not verify"),
        Row("--tls-verify-ca", "issuer and name are verified together"),
        Row("--tls-verify-host", "issuer and name are verified together"),
        Row("--tls-verify-target --tls-target"),
        Row("--tls-ca-path", "a file"),
        Row("--tls-cert"),
        Row("--tls-key"),
        Row("--tls-chain"),
        Row("--tls-sni"),
        Row("--tls-get-peer-cert", "each with its `der`, names and dates"),
        Row("--tls-get-peer-chain"),
    ),
    "Login": (
        Row("--auth -a", "one attempt with one mechanism; `auth --try-all` tries each"),
        Row("--auth-optional -ao"),
        Row("--auth-optional-strict -aos"),
        Row("--auth-user -au", "`--netrc` reads it from `.netrc`, which swaks does by itself"),
        Row("--auth-password -ap", "`--netrc`, `--password-command CMD`, a prompt"),
        Row("--auth-map -am"),
        Row("--auth-extra -ae"),
        Row("--auth-plaintext -apt"),
        Row("--auth-hide-password -ahp"),
        Row("--protect-prompt -pp"),
    ),
    "As another client": (
        Row("--xclient", "one option for all attributes"),
        *(
            Row(f"--xclient-{attribute}")
            for attribute in ("addr", "name", "port", "proto", "helo", "login", "reverse-name", "destaddr", "destport")
        ),
        Row("--xclient-delim"),
        Row("--xclient-optional", "a session as ourselves would answer another question"),
        Row("--xclient-optional-strict"),
        Row("--xclient-before-starttls"),
        Row("--xclient-no-verify"),
        Row("--proxy", "it takes the version; a header of one's own making is not sent"),
        Row("--proxy-version", "`v1`, `v2`"),
        Row("--proxy-family"),
        Row("--proxy-protocol"),
        Row("--proxy-command"),
        Row("--proxy-source", "with the port: `IP:PORT`"),
        Row("--proxy-source-port"),
        Row("--proxy-dest"),
        Row("--proxy-dest-port"),
    ),
    "Message": (
        Row("--data -d", "the file without `@`; `%TOKENS%` in it are sent as they are"),
        Row("-g", "swaks itself dropped it in 2024"),
        Row("--body", "`@FILE`, `@-`; `--gtube` adds the string for spam filters"),
        Row("--attach", "the file without `@`; `--eicar` attaches the test virus"),
        Row("--attach-body"),
        Row("--attach-type"),
        Row("--attach-name"),
        Row("--header", "`--h-Subject TEXT` is `--header 'Subject: TEXT'`; `'Subject:'` removes it"),
        Row("--add-header -ah", "repeatable; fields that the message had by that name are replaced"),
        Row("--no-data-fixup -ndf"),
        Row("--no-strip-from -nsf"),
        Row("--dump-as-body -dab", "`--body` is the text"),
        Row("--dump-as-body-shows-password -dabsp", "a password is never sent in a message"),
    ),
    "Output": (
        Row("--suppress-data -n"),
        Row("--show-time-lapse -stl"),
        Row("--no-info-hints -nih"),
        Row("--no-send-hints -nsh"),
        Row("--no-receive-hints -nrh"),
        Row("--no-hints -nth"),
        Row("--show-raw-text -raw"),
        Row("--output --output-file", "the report; `.json`, `.html` and the like say the format"),
        Row("--output-file-stdout"),
        Row("--output-file-stderr"),
        Row("--hide-receive -hr"),
        Row("--hide-send -hs"),
        Row("--hide-informational -hi"),
        Row("--hide-all -ha", "`> /dev/null` hides the answer, too"),
        Row("--silent -S"),
    ),
    "The program": (
        Row("--config", "TOML; in the environment options are `SMTPPROBE_MAIL_FROM` and so on"),
        Row("--help"),
        Row("--version"),
        Row("--support"),
        Row("--dump"),
        Row("--dump-mail"),
    ),
}


class Example(NamedTuple):
    """A use, swaks' line and ours."""

    title: str
    theirs: str
    ours: str


_PEOPLE = "--to bob@example.com --from alice@example.org"
_OURS = "--rcpt-to bob@example.com --mail-from alice@example.org"
EXAMPLES = (
    Example(
        "Whether the recipient would be accepted",
        f"{_PEOPLE} --quit-after RCPT",
        "check bob@example.com --mail-from alice@example.org",
    ),
    Example(
        "A test message to one server",
        f"{_PEOPLE} --server mail.example.com",
        f"check mail.example.com --host {_OURS} --send",
    ),
    Example(
        "Whether user name and password are right; both ask for the password",
        "--server smtp.example.com:587 -tls --auth-user ci@example.com --quit-after AUTH",
        "auth smtp.example.com:587 --user ci@example.com",
    ),
    Example(
        "A message through a submission server",
        "--server smtp.example.com:587 -tls --auth PLAIN --auth-user ci@example.com --to bob@example.com "
        "--from ci@example.com",
        "check smtp.example.com:587 --user ci@example.com --mech PLAIN --rcpt-to bob@example.com "
        "--mail-from ci@example.com --send",
    ),
    Example(
        "Implicit TLS, with a certificate that has to verify",
        "--server mail.example.com -tlsc --tls-verify --quit-after TLS",
        "check smtps://mail.example.com --tls-verify --quit-after tls",
    ),
    Example(
        "One version of TLS",
        "--server mail.example.com:25 -tls --tls-protocol tlsv1_2 --quit-after TLS",
        "check mail.example.com:25 --tls require --tls-min 1.2 --tls-max 1.2 --quit-after tls",
    ),
    Example(
        "A message from a file, with another subject",
        f"{_PEOPLE} --data @message.eml --header 'Subject: once more'",
        f"check example.com {_OURS} --send --message message.eml --header 'Subject: once more'",
    ),
    Example(
        "A text and a file",
        f"{_PEOPLE} --body 'See the file.' --attach @message.eml --suppress-data",
        f"check example.com {_OURS} --send --body 'See the file.' --attach message.eml",
    ),
    Example(
        "LMTP over a unix socket",
        f"{_PEOPLE} --socket /run/lmtp.sock --protocol LMTP",
        f"check /run/lmtp.sock --protocol lmtp {_OURS} --send",
    ),
    Example(
        "As another client, behind a proxy",
        "--server 192.0.2.25 --proxy-version 2 --proxy-family AF_INET --proxy-source 198.51.100.7 "
        "--proxy-source-port 4000 --proxy-dest 192.0.2.25 --proxy-dest-port 25 --to bob@example.com --quit-after RCPT",
        "check 192.0.2.25 --proxy v2 --proxy-source 198.51.100.7:4000 --rcpt-to bob@example.com",
    ),
    Example(
        "As another client, by XCLIENT",
        "--server 192.0.2.25 --xclient-addr 198.51.100.7 --xclient-name client.example.org --to bob@example.com "
        "--quit-after RCPT",
        "check 192.0.2.25 --xclient 'ADDR=198.51.100.7 NAME=client.example.org' --rcpt-to bob@example.com",
    ),
    Example(
        "In a script: from one address, over IPv4, the exit code alone",
        "--to bob@example.com --quit-after RCPT -4 --local-interface 192.0.2.1 --silent 3",
        "check bob@example.com -4 --source-ip 192.0.2.1 --quiet > /dev/null",
    ),
)


@cache
def options(command_name: str) -> frozenset[str]:
    """The options of a command by all their names."""
    # The settings of the whole are inherited: -h is among them.
    whole = click.Context(group, **group.context_settings)
    command = group.get_command(whole, command_name)
    assert command is not None
    found = command.get_params(click.Context(command, parent=whole))
    return frozenset(name for option in found for name in (*option.opts, *option.secondary_opts))


def counterpart(name: str) -> str:
    """What the option is here, as a cell of a table; empty for one that has no counterpart, or that means something else."""
    if name in options("check") and name not in OTHERWISE:
        return f"`{name}`"
    if name in OF_PASSWORD:
        return "`SMTPPROBE_PASSWORD`, `--password-file`"
    if name in IN_TARGET:
        return f"TARGET: `{IN_TARGET[name]}`"
    return f"`{OURS[name]}`" if name in OURS else ""


def lines() -> Iterator[str]:
    """The page's text."""
    yield from ("# Coming from swaks", "")
    yield from _wrapped(_INTRODUCTION)
    yield from ("", "## Side by side", "")
    for number, example in enumerate(EXAMPLES):
        yield from (*([""] if number else []), f"{example.title}:", "", "```sh")
        yield from (*_command(f"swaks {example.theirs}"), *_command(f"smtpprobe {example.ours}"), "```")
    yield from ("", "## Option by option", "")
    yield from _wrapped(_OPTIONS)
    for group_name, rows in GROUPS.items():
        yield from ("", f"### {group_name}", "")
        yield from _table([row for row in rows if counterpart(row.names.split()[0])])
        yield from _without([row for row in rows if row.names.split()[0] in INSTEAD])
    yield from ("", "## What differs", "")
    for each in _DIFFERENCES:
        yield from _wrapped(each, "- ")


def _table(rows: list[Row]) -> Iterator[str]:
    if rows:
        yield from ("| swaks | here | |", "|---|---|---|")
    for row in rows:
        names = row.names.split()
        otherwise = [OTHERWISE[name] for name in names if name in OTHERWISE]
        remark = "; ".join(filter(None, (row.remark, *otherwise)))
        yield f"| {_named(names)} | {counterpart(names[0])} | {remark} |".replace("|  |", "| |")


def _without(rows: list[Row]) -> Iterator[str]:
    """What has no option of its own, and why, or what is there instead."""
    reasons: dict[str, list[Row]] = {}
    for row in rows:
        reasons.setdefault(INSTEAD[row.names.split()[0]], []).append(row)
    if reasons:
        yield from ("", "Without an option of their own:", "")
    for reason, alike in reasons.items():
        names = [name for row in alike for name in row.names.split()]
        remarks = "; ".join(row.remark for row in alike if row.remark)
        yield from _wrapped(f"{_named(names)}: {_quoted(reason)}{f' ({remarks})' if remarks else ''}", "- ")


def _named(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _quoted(text: str) -> str:
    """The text with its options as code."""
    return _OPTION.sub(r"`\1`", text).replace("\\", "\\\\")


def _wrapped(text: str, bullet: str = "") -> list[str]:
    """The text in lines, none of which ends inside code."""
    kept = re.sub(r"`[^`]*`", lambda code: code[0].replace(" ", "\0"), text)
    after = " " * len(bullet)
    broken = textwrap.wrap(kept, _LINE, initial_indent=bullet, subsequent_indent=after, break_on_hyphens=False)
    return [line.replace("\0", " ") for line in broken]


def _command(line: str) -> list[str]:
    """The command on as many lines as it needs, each with whole options."""
    made: list[str] = []
    for each in re.split(r" (?=-)", line):
        if made and len(made[-1]) + len(each) < _LINE - 3:
            made[-1] += f" {each}"
        else:
            made.append(f"    {each}" if made else each)
    return [f"{each} \\" for each in made[:-1]] + made[-1:]


_LINE = 118
_OPTION = re.compile(
    r"(?<![\w`-])((?:smtpprobe (?:check )?)?--?[a-z][a-z-]*(?: (?:[A-Z]{2,}|lmtp|json|off|'[^']*'))?)(?![\w`])"
)
_INTRODUCTION = (
    "What you know from swaks, and what it is called here: swaks' 106 options, those of its release of 2024 among them. "
    "Typed out of habit, each is answered in one line, such as `--to is --rcpt-to here`, and nothing is sent; a password "
    "among them is not repeated. `smtpprobe explain` reads what swaks printed and says why the server refused."
)
_OPTIONS = (
    "What is said here of `check` holds for `auth`, too, which has the options of connection, TLS and login. "
    "`no-` before an option, with which swaks forgets it, is not needed: leave the option out."
)
_DIFFERENCES = (
    "Nothing is sent without `--send`: a session ends after RCPT.",
    "TLS is used if it is offered, and required with a login, whose certificate has to verify. swaks encrypts if it is "
    "told to, and verifies nothing unless it is told to.",
    "Stages are `connect`, `greeting`, `ehlo`, `starttls`, `tls`, `auth`, `mail`, `rcpt`. BANNER is `greeting`, FIRST-EHLO "
    "`ehlo`, EHLO and TLS `tls`, FROM `mail`, TO `rcpt`.",
    "One login is attempted, with one mechanism. swaks tries each that the server offers, so that one wrong password "
    "counts as several at the server.",
    "A name without a port is a domain, and its MX hosts are called; with `--host` or a port it is the host itself.",
    "The exit code says whether the server refused for good (1), for now (3), or a login (5), and whether there was a "
    "session at all (4); swaks' says at which command. Here the report says that: `outcome.phase`.",
    "After a refusal DNS is asked, and the answer says why, with proof. `--diagnose never` asks nothing.",
    "A server's control characters and passwords are not printed. What swaks marks with `~>` and `<~`, over TLS or not, "
    "is `over_tls` of each exchange in the report.",
    "What swaks does not have: DSN and other parameters of MAIL and RCPT, SMTPUTF8, BDAT, DKIM signing, SCRAM, tokens, "
    "XFORWARD, SOCKS and HTTP proxies, a session with each address (`--all-addresses`, `--all-mx`).",
)
