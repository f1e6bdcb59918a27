"""Words of servers, files and names on standard output, on standard error and in files: nothing there is a command."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from smtpprobe.cli import app, running
from smtpprobe.pipeline import explaining
from smtpprobe.render import formats
from smtpprobe.render import json as as_json
from smtpprobe.render.formats import FORMATS, Takes
from tests.cli.conftest import Ran, served
from tests.render import planted

AZURE, GITHUB, OLD = "##vso[task.setvariable variable=PATH]/tmp", "::add-mask::a", "##[error]forged"
LONG = "x" * 66
SCRIPT = f"""\
S: 220 {AZURE} {GITHUB}
C: EHLO *
S: 250-{GITHUB}
S: 250-{OLD}
S: 250-AUTH {AZURE}
S: 250 SIZE {LONG} {GITHUB}
C: MAIL *
S= "250-\\r\\n250 2.1.0 {LONG} {GITHUB} {OLD}\\r\\n"
C: RCPT *
S= "550-5.7.1 {GITHUB}\\r\\n550-5.7.1 \\x1b[2J\\u202e\\u00a0\\r{GITHUB}\\r\\n550 5.7.1 {LONG} {GITHUB} {AZURE}\\r\\n"
C: RSET
S: 250 {OLD}
C: QUIT
S: 221 {AZURE}
"""
PAGES = ((), ("-v",), ("-q",), ("--lang", "hi"), ("--lang", "hi", "-v"))
OF_REPORTS = [("--format", name) for name in formats.names(Takes.REPORT)]
OF_EXPLANATIONS = [("--format", name) for name in formats.names(Takes.EXPLANATION, Takes.ITEM)]
MEDIA_TYPES = {each.name: each.media_type for each in FORMATS}


def harmless(ran: Ran, media_type: str = "text/plain") -> None:
    assert planted.injected(ran.out, media_type) == []
    assert planted.injected(ran.err, "text/plain") == []


@pytest.mark.parametrize("options", [*PAGES, *OF_REPORTS], ids=" ".join)
def test_a_session(cli: Callable[..., Ran], options: tuple[str, ...], tmp_path: Path) -> None:
    written = [(name, tmp_path / f"report.{name}") for name in formats.names(Takes.REPORT)]
    outputs = [word for name, path in written for word in ("--output", f"{name}:{path}")]
    with served(SCRIPT) as address:
        to = ("check", address, "--mail-from", "a@example.org", "--rcpt-to", "b@example.com", "--helo", "c.example.org")
        ran = cli(*to, "--timeout", "10", *options, *outputs)
    assert ran.code == 1
    assert "add-mask" in ran.out
    harmless(ran, MEDIA_TYPES[options[1]] if options[:1] == ("--format",) else "text/plain")
    for name, path in written:
        text = path.read_text("utf-8")
        assert planted.injected(text, MEDIA_TYPES[name]) == []
    saved = tmp_path / "report.json"
    reply = json.loads(saved.read_text("utf-8"))["transcripts"][0]["exchanges"][3]["reply"]
    assert AZURE in reply["lines"][2]
    for page in PAGES:
        harmless(cli("replay", str(saved), *page))


BOUNCE = f"""\
From: MAILER-DAEMON@{AZURE}
Subject: {OLD}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

{LONG} {GITHUB}
{GITHUB}

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; {AZURE}
Arrival-Date: {OLD}

Final-Recipient: rfc822; {AZURE}@example.com
Original-Recipient: rfc822; {OLD}@example.com
Action: failed
Status: 5.7.1
Remote-MTA: dns; {AZURE}
Diagnostic-Code: smtp; 550 5.7.1 {LONG} {GITHUB} {AZURE} {OLD}
Last-Attempt-Date: {AZURE}

--b--
"""
LOG = "".join(
    f"Nov 22 12:00:0{number} {OLD} postfix/smtp[1]: {number}A{AZURE}: to=<{AZURE}@example.com>, relay={OLD}[192.0.2.1]:25,"
    f" dsn=5.7.1, status=bounced (host {AZURE}[192.0.2.1] said: 550 5.7.1 {LONG} {GITHUB} {words} (in reply to RCPT TO"
    " command))\n"
    for number, words in enumerate((AZURE, OLD, GITHUB, "=1+1;=2", "@a"))
)
TRANSCRIPT = (
    f"< 220 {AZURE}\n> EHLO {OLD}\n< 250 {GITHUB}\n> MAIL FROM:<a@example.org>\n< 550 5.7.1 {LONG} {GITHUB} {OLD}\n"
)
INPUTS = {"bounce": BOUNCE, "log": LOG, "transcript": TRANSCRIPT, "reply": f"550 5.7.1 {LONG} {GITHUB} {AZURE} {OLD}\n"}


@pytest.mark.parametrize("options", [*PAGES, *OF_EXPLANATIONS], ids=" ".join)
@pytest.mark.parametrize("name", INPUTS)
def test_an_explained_input(cli: Callable[..., Ran], name: str, options: tuple[str, ...], tmp_path: Path) -> None:
    folder = tmp_path / "##[error]"
    folder.mkdir()
    paths = [folder / "::error::a", folder / "##vso[task.complete]a"]
    for path in paths:
        path.write_text(INPUTS[name], "utf-8")
    media_type = MEDIA_TYPES[options[1]] if options[:1] == ("--format",) else "text/plain"
    for given in (paths[:1], paths, [*paths, folder / "::missing::a"]):
        ran = cli("explain", *map(str, given), *options)
        assert ran.out
        harmless(ran, media_type)
    ran = cli("explain", INPUTS["reply"], *options)
    assert "add-mask" in ran.out
    harmless(ran, media_type)


def test_a_file_that_is_named_like_a_command_begins_no_line(
    cli: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("::error::a").write_text(INPUTS["reply"], "utf-8")
    for options in (*PAGES, *OF_EXPLANATIONS):
        harmless(cli("explain", "::error::a", "::missing::a", *options))
    ran = cli("explain", "::error::a", "--format", "csv")
    assert ran.out.splitlines()[1].startswith(":\\x3aerror::a,")


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", AZURE],
        ["check", GITHUB],
        ["check", "127.0.0.1:1", "--message", f"/nowhere/{OLD}"],
        ["check", "127.0.0.1:1", "--output", f"json:/nowhere/{AZURE}"],
        ["check", "127.0.0.1:1", f"--{OLD}"],
        [AZURE],
        ["explain", f"{AZURE}\n{GITHUB}"],
        ["explain", f"/nowhere/{AZURE}"],
        ["replay", f"/nowhere/{OLD}"],
        ["spf", "example.org", "--ip", AZURE],
        ["spf", "example.org", "--ip", "192.0.2.1", "--assume", f"example.org. A {AZURE}"],
        ["spf", "example.org", "--ip", "192.0.2.1", "--assume-zone", f"/nowhere/{AZURE}"],
        ["dkim", "--message", f"/nowhere/{OLD}"],
        ["demo", OLD],
        ["compare", AZURE, "554"],
        ["--config", f"/nowhere/{AZURE}", "explain", "554"],
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_a_wrong_value_is_no_command_either(cli: Callable[..., Ran], arguments: list[str]) -> None:
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("smtpprobe: ")
    harmless(ran)


@pytest.mark.parametrize("word", [OLD, AZURE, GITHUB])
@pytest.mark.parametrize(
    "arguments",
    [
        ["spf"],
        ["spf", "--ip", "192.0.2.1"],
        ["spf", "example.org", "--ip", "192.0.2.1", "--helo"],
        ["spf", "example.org", "--ip", "192.0.2.1", "--mail-from"],
        ["iprev", "192.0.2.1", "--helo"],
    ],
    ids=" ".join,
)
def test_what_a_server_was_told_is_no_command_either(cli: Callable[..., Ran], arguments: list[str], word: str) -> None:
    for more in ((), ("-v",), ("--lang", "hi")):
        ran = cli(*arguments, word, *more)
        assert ran.out
        harmless(ran)


@pytest.mark.parametrize("content", [f'{{"{AZURE}": 1}}', f'{{"schema_version": "{OLD}"}}', AZURE])
def test_a_saved_report_that_is_none(cli: Callable[..., Ran], content: str, tmp_path: Path) -> None:
    path = tmp_path / OLD
    path.write_text(content, "utf-8")
    ran = cli("replay", str(path))
    assert ran.code == 2
    harmless(ran)


def test_a_saved_report_of_any_words(cli: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    for turn in range(0, len(planted.MARKERS), 4):
        path.write_text(as_json.render(planted.report(turn)), "utf-8")
        for options in (*PAGES, *OF_REPORTS):
            ran = cli("replay", str(path), *options)
            assert ran.code != 2
            harmless(ran, MEDIA_TYPES[options[1]] if options[:1] == ("--format",) else "text/plain")


def test_lines_of_json(cli: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / AZURE.replace("/", "")
    path.write_text("".join(json.dumps({"reply": f"550 {m}", "phase": m}) + "\n" for m in planted.MARKERS) + f"{OLD}\n")
    harmless(cli("explain", "--jsonl", str(path)), "application/jsonl")


@pytest.mark.parametrize("command", app._COMMANDS)
def test_a_default_that_a_file_sets(
    cli: Callable[..., Ran], command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'format = "{AZURE}\\u001b]0;title\\u0007"\n', "utf-8")
    ran = cli("--config", str(path), command, "--help")
    assert ran.code == 0
    harmless(ran)


def test_a_traceback(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"{AZURE}\n{GITHUB}\x1b[2J")

    monkeypatch.setattr(explaining.Explaining, "finish", broken)
    for value, shown in (("", 0), ("1", 1)):
        monkeypatch.setenv("SMTPPROBE_TRACEBACK", value)
        ran = cli("explain", "550 5.7.1 no")
        assert (ran.code, ran.err.count("Traceback"), sys.exc_info()[0]) == (70, shown, None)
        assert ("task.setvariable" in ran.err) == bool(shown)
        harmless(ran)


LOGS = """
import asyncio, sys
from smtpprobe.cli.running import run
async def work():
    words = sys.argv[1]
    asyncio.get_running_loop().call_exception_handler({"message": words, "exception": ValueError(words)})
run(work())
"""


def test_what_libraries_log() -> None:
    words = f"{GITHUB}\n{AZURE}\x1b[2J"
    ran = subprocess.run([sys.executable, "-c", LOGS, words], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stderr.count("task.setvariable") == 2
    assert planted.injected(ran.stderr, "text/plain") == []


def test_how_others_log_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        assert logging.lastResort is handler
        assert handler.formatter is not None

    handler = logging.StreamHandler()
    monkeypatch.setattr(logging, "lastResort", handler)
    running.run(work())
    assert handler.formatter is None


def test_the_schema_and_the_demo(cli: Callable[..., Ran]) -> None:
    harmless(cli("schema"), "application/json")
    for options in (*PAGES, *OF_REPORTS):
        harmless(cli("demo", "blocklisted", *options))
