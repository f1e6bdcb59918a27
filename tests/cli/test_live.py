"""The session as it happens: each step when it has happened, what is waited for, and the same page in the end."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import Behaviour
from smtpprobe.testing.scenarios import SCENARIOS
from tests.cli.conftest import Ran, served

TO = ("--rcpt-to", "bob@example.com")
REFUSES = Behaviour(replies={Phase.RCPT: "550 5.1.1 no such user"})
PATIENCE_S = 60.0  # ends a test that hangs: nothing is measured


@contextmanager
def on_a_terminal(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], Callable[..., str]]]:
    """A command on a terminal of 80×24, and what reads its output until it holds some words, or until it ends."""
    master, slave = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}
    process = subprocess.Popen(
        [sys.executable, "-m", "smtpprobe", *arguments],
        stdin=slave, stdout=slave, stderr=slave, env=inherited | {"TERM": "xterm", "COLUMNS": "80"} | environment,
    )  # fmt: skip
    os.close(slave)
    seen = b""

    def read(words: str | None = None) -> str:
        nonlocal seen
        until = time.monotonic() + PATIENCE_S
        while (words is None or words.encode() not in seen) and time.monotonic() < until:
            if not select.select([master], [], [], 1)[0]:
                continue
            try:
                octets = os.read(master, 65536)
            except OSError:
                break
            if not octets:
                break
            seen += octets
        return seen.decode().replace("\r\n", "\n")

    try:
        yield process, read
    finally:
        process.kill()
        process.wait()
        os.close(master)


def shown(text: str) -> str:
    """What stands on the terminal in the end: a line that was cleared is gone."""
    return "\n".join(line.rsplit("\r\x1b[K", 1)[-1] for line in text.split("\n"))


def test_a_step_stands_there_before_the_next_answer_comes(nothing_known: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        arguments = ("check", f"127.0.0.1:{port}", "--no-color", "--timeout", "77")
        with on_a_terminal(*arguments, SMTPPROBE_RESOLVER=nothing_known) as (process, read):
            listener.settimeout(PATIENCE_S)
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(PATIENCE_S)
                assert "… greeting: waiting, at most 77 s" in read("greeting: waiting, at most 77 s")
                connection.sendall(b"220 mx.example.com ESMTP\r\n")
                assert connection.recv(4096).startswith(b"EHLO ")
                so_far = shown(read("EHLO [127.0.0.1]: waiting"))
                assert re.search(r"✓ +\d+ ms  greeting +220 The server greets and is ready\n", so_far)
                assert so_far.endswith("… EHLO [127.0.0.1]: waiting, at most 77 s")
                process.send_signal(signal.SIGINT)
                page = shown(read())
        assert "waiting" not in page
        assert "✗ INTERRUPTED at EHLO" in page
        assert page.lower().count("interrupted") == 3  # of the step, in the headline and as the exit's reason
        assert page.endswith("exit 130: interrupted\n")


def test_what_is_looked_up_is_waited_for_too() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        resolver = f"127.0.0.1:{silent.getsockname()[1]}"
        with on_a_terminal("check", "mail.example.com", "--no-color", "--resolver", resolver) as (_, read):
            assert "… looking up mail.example.com: waiting" in read("waiting")


def test_nothing_is_replaced_where_it_cannot_be() -> None:
    with on_a_terminal("demo", "accepted", "--no-color", TERM="dumb") as (_, read):
        page = read()
    assert "\x1b" not in page
    assert "waiting" not in page


@pytest.mark.parametrize("verbosity", [(), ("-v",), ("--checks",), ("-q",)])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_is_shown_as_it_happens_is_the_page_of_the_report(
    cli: Callable[..., Ran], tmp_path: Path, scenario: str, verbosity: tuple[str, ...]
) -> None:
    saved = tmp_path / "report.json"
    live = cli("demo", scenario, *verbosity, "--output", f"json:{saved}").out
    replayed = cli("replay", str(saved), *verbosity).out
    assert live.removeprefix(live[: live.index(replayed[:40])]) == replayed


def test_addresses_that_were_tried_in_vain_are_steps(cli: Callable[..., Ran], closed_port: str) -> None:
    # One address alone is the headline.
    assert cli("check", closed_port).out.startswith("✗ NO SESSION at connect: ")


@pytest.mark.parametrize("verbosity", ["-q", "-v"])
def test_a_file_has_what_the_terminal_shows(cli: Callable[..., Ran], tmp_path: Path, verbosity: str) -> None:
    with served(REFUSES) as host:
        ran = cli("check", host, *TO, verbosity, "--output", f"text:{tmp_path / 'page'}")
    assert (tmp_path / "page").read_text("utf-8") == ran.out


MANY = """
S: 220 mx.example.com ESMTP
C: EHLO *
S: 250-mx.example.com
S: 250-PIPELINING
S: 250-SIZE 1000000
S: 250-VRFY
S: 250-ETRN
S: 250-XCLIENT NAME ADDR PROTO HELO REVERSE_NAME PORT LOGIN DESTADDR DESTPORT
S: 250-ENHANCEDSTATUSCODES
S: 250-8BITMIME
S: 250 DSN
C: MAIL FROM:<alice@example.org>*
S: 250 2.1.0 Ok
C: RCPT TO:<bob@lab.test>
S: 250 2.1.5 Ok
C: RCPT TO:<nobody@lab.test>
S: 550 5.1.1 <nobody@lab.test>: Recipient address rejected: User unknown in virtual mailbox table
C: RCPT TO:<x@elsewhere.test>
S: 554 5.7.1 <x@elsewhere.test>: Relay access denied
C: RCPT TO:<carol@lab.test>
S: 250 2.1.5 Ok
C: RCPT TO:<closed@lab.test>
S: 550 5.2.1 <closed@lab.test>: Recipient address rejected: The email account that you tried to reach is disabled
C: RSET
S: 250 2.0.0 Ok
C: QUIT
S: 221 2.0.0 Bye
"""
PATHS = ("bob@lab.test", "nobody@lab.test", "x@elsewhere.test", "carol@lab.test", "closed@lab.test")


def test_several_recipients_leave_the_answer_on_the_screen(cli: Callable[..., Ran]) -> None:
    to = [part for path in PATHS for part in ("--rcpt-to", path)]
    with served(MANY) as host:
        page = cli("check", host, "--mail-from", "alice@example.org", *to).out
    lines = page.rstrip("\n").split("\n")
    assert len(lines) <= 45
    answer = "\n".join(lines[-24:])
    assert "✗ REFUSED 3 of 5 recipients at RCPT TO" in answer
    said = " ".join(answer.split())
    for reply in ("User unknown in virtual mailbox table [recipient-unknown]", "Relay access denied [relay-denied]"):
        assert said.count(reply) == 1
    assert said.count("disabled [recipient-inactive]") == 1


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_answer_is_on_the_screen_when_the_prompt_returns(cli: Callable[..., Ran], scenario: str) -> None:
    lines = cli("demo", scenario).out.rstrip("\n").split("\n")
    assert len(lines) <= 45
    answer = "\n".join(lines[-24:])
    assert re.search(r"^[✓✗] [A-Z]{4}", answer, re.M)
    assert lines[-1].startswith("exit ")
    if scenario != "accepted":
        assert re.search(r"^Why     .*\n(.*\n)*^Do      ", answer, re.M)
