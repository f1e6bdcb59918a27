"""Options of other programs, typed out of habit: answered in one line with ours."""

from __future__ import annotations

from collections.abc import Callable

import click
import pytest

from smtpprobe.cli import app
from smtpprobe.cli.foreign_options import IN_TARGET, INSTEAD, OF_PASSWORD, OURS
from tests.cli.conftest import Ran

HOST = "127.0.0.1:1"
ANSWERS = [
    (["--to", "x@example.com"], "--to is --rcpt-to here"),
    (["-t", "x@example.com"], "-t is --rcpt-to here"),
    (["--from", "x@example.com"], "--from is --mail-from here"),
    (["-f", "x@example.com"], "-f is --mail-from here"),
    (["--server", "mx.example"], "--server does not exist: it belongs in TARGET, as HOST"),
    (["-s", "mx.example"], "-s does not exist: it belongs in TARGET, as HOST"),
    (["--port", "587"], "--port does not exist: it belongs in TARGET, as HOST:PORT"),
    (["--socket", "/x"], "--socket does not exist: it belongs in TARGET, as /path/of/the/socket"),
    (["--pipe", "cat"], "--pipe does not exist: no session is held with a program"),
    (["--ehlo", "x"], "--ehlo is --helo here"),
    (["--auth-user", "x"], "--auth-user is --user here"),
    (["--au=x"], "--au is --user here"),
    (["-au", "x"], "-au is --user here"),
    (["-a"], "-a does not exist: give --user NAME"),
    (["--auth", "LOGIN"], "--auth does not exist: give --user NAME"),
    (["-tls"], "-tls is --tls require here"),
    (["-tlsc"], "-tlsc is --tls implicit here"),
    (["--tls-on-connect"], "--tls-on-connect is --tls implicit here"),
    (["--tlsc"], "--tlsc is --tls implicit here"),
    (["--quit", "RCPT"], "--quit is --quit-after here"),
    (["-q", "RCPT"], "--quit-after rcpt"),
    (["--tls", "--to", "x"], "--tls takes a value: auto, require, off or implicit (--tls require)"),
    (["--tls"], "--tls takes a value: auto, require, off or implicit (--tls require)"),
    (["--protocol", "ESMTPS"], "--protocol esmtp with --tls require"),
    (["--protocol", "SSMTP"], "--protocol esmtp with --tls implicit"),
    (["-li", "192.0.2.1"], "-li is --source-ip here"),
    (["--xclient-addr", "192.0.2.1"], "--xclient-addr is --xclient ADDR=IP here"),
    (["--proxy-version", "1"], "--proxy-version is --proxy here"),
    (["-da", "RCPT"], "-da is --drop-after here"),
    (["--dsn-notify", "never"], "--dsn-notify is --notify here"),
    (["--support"], "--support does not exist: --via needs"),
    (["--suppress-data"], "--suppress-data does not exist: a message is shown by its length alone"),
    (["--lmtp"], "--lmtp is --protocol lmtp here"),
    (["--cacert", "ca.pem"], "--cacert is --ca-file here"),
    (["--mail-rcpt", "x@example.com"], "--mail-rcpt is --rcpt-to here"),
    (["--ssl-reqd"], "--ssl-reqd is --tls require here"),
    (["--max-time", "5"], "--max-time is --deadline here"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), ANSWERS, ids=lambda value: str(value)[:40])
def test_a_habit_is_answered_in_one_line(cli: Callable[..., Ran], arguments: list[str], words: str) -> None:
    for line in (["check", *arguments, HOST], ["check", HOST, *arguments]):
        if arguments in (["--tls"], ["-q", "RCPT"]) and line[-1] == HOST:
            continue
        ran = cli(*line)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert words in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--auth-password", "hunter2"], ["--auth-password=hunter2"], ["-ap", "hunter2"], ["-aphunter2"], ["-ap=hunter2"],
        ["-p", "hunter2"], ["-phunter2"], ["--password", "hunter2"], ["--passwd=hunter2"], ["--pass", "hunter2"],
        ["-au", "alice", "-ap", "hunter2"], ["--au", "alice", "--ap", "hunter2"], ["--ap=hunter2"],
        ["--auth-plaintext", "hunter2"], ["--auth-pass", "hunter2"],
        ["--oauth2-bearer", "hunter2"], ["-a", "LOGIN", "-ap", "hunter2"], ["--auth-hide-password=hunter2"],
        ["--auth-passwd=hunter2"], ["--user=alice", "--secret", "hunter2"], ["--token=hunter2"], ["-w", "hunter2"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_password_is_not_repeated(cli: Callable[..., Ran], arguments: list[str]) -> None:
    for command in ("check", "explain", "spf"):
        ran = cli(command, HOST, *arguments)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert "hunter2" not in ran.err


def test_ours_exist_and_theirs_do_not() -> None:
    command = app.group.get_command(click.Context(app.group), "check")
    assert command is not None
    ours = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    assert {each.partition(" ")[0] for each in OURS.values()} - ours == set()
    for theirs in (OURS, IN_TARGET, INSTEAD, OF_PASSWORD):
        assert set(theirs) & ours == set()


def test_another_command_is_not_told_of_what_it_does_not_have(cli: Callable[..., Ran]) -> None:
    assert "--mail-from" in cli("spf", "example.org", "--from", "x@example.org").err
    assert "--rcpt-to" not in cli("dkim", "example.org", "--to", "x@example.org").err
