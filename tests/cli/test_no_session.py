"""Bad luck: a report of what came until then, a reason in words, and the exit code that says so."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from smtpprobe.catalogue.ci_systems import ci_systems
from smtpprobe.checks.base import Check, CheckInput
from smtpprobe.model.request import Assumed, Envelope, Request, Target
from smtpprobe.model.transcript import Breakage, Phase, Status
from smtpprobe.net import connection as net
from smtpprobe.pipeline.held import attempt as attempts
from smtpprobe.testing.aiosmtpd_server import Behaviour
from tests.checks.planted import planted
from tests.cli.conftest import Ran, served

REFUSES = Behaviour(replies={Phase.RCPT: "550 5.1.1 no such user"})
TO = ("--rcpt-to", "bob@example.com")


def test_a_name_that_does_not_exist(cli: Callable[..., Ran]) -> None:
    ran = cli("check", "mx.nowhere.example", "--format", "json")
    assert ran.code == 4
    outcome = ran.report["outcome"]
    assert (outcome["status"], outcome["phase"], outcome["exit_code"]) == ("no-session", "dns", 4)
    assert "mx.nowhere.example" in outcome["reason"]
    assert ran.report["transcripts"] == []
    page = cli("check", "mx.nowhere.example").out
    assert page.startswith("✗ NO SESSION at DNS: mx.nowhere.example\n")


def test_a_port_where_nobody_listens(cli: Callable[..., Ran], closed_port: str) -> None:
    ran = cli("check", closed_port, "--format", "json")
    assert ran.code == 4
    outcome = ran.report["outcome"]
    assert (outcome["status"], outcome["phase"]) == ("no-session", "connect")
    assert "refused" in outcome["reason"].lower()
    assert "✗ NO SESSION at connect: " in cli("check", closed_port).out
    assert ran.report["transcripts"][0]["failed_s"] > 0


@pytest.mark.parametrize(
    ("script", "phase", "breakage", "words"),
    [
        ("EOF", "greeting", "closed-by-peer", "closed the connection"),
        ("S: 220 mx\nC: EHLO *\nRESET", "ehlo", "reset", "reset"),
        ('S= "HTTP/1.1 400 Bad Request\\r\\n\\r\\n"\nEOF', "greeting", None, ""),
        ('S= "\\x00\\x16\\x03\\xff\\x1b[2J"', "greeting", None, ""),
        ("~ 30", "greeting", "timed-out", "0.3"),
        ("S: 220 mx\nC: EHLO *\nS= \"250-mx\\r\\n250-SI\"\n~ 30", "ehlo", "timed-out", "0.3"),
        ("S: 220 mx\nC: EHLO *\nS= \"250-half a rep\"\nEOF", "ehlo", "closed-by-peer", "closed the connection"),
    ],
)  # fmt: skip
def test_a_session_that_breaks(
    cli: Callable[..., Ran], script: str, phase: str, breakage: str | None, words: str
) -> None:
    with served(script) as host:
        ran = cli("check", host, "--timeout", "0.3", "--format", "json")
    assert ran.code == 4
    outcome = ran.report["outcome"]
    assert (outcome["status"], outcome["phase"]) == ("no-session", phase)
    assert words in outcome["reason"]
    last = ran.report["transcripts"][0]["exchanges"][-1]
    assert last["breakage"] is not None
    assert last["last_octet_s"] >= (last["sent_s"] or 0)  # when it broke off
    assert breakage in (None, last["breakage"])


def test_the_last_octets_are_shown(cli: Callable[..., Ran]) -> None:
    with served('S: 220 mx\nC: EHLO *\nS= "250-half a \\x1b[1mrep"\nEOF') as host:
        page = cli("check", host, "--timeout", "5").out
    assert "250-half a \\x1b[1mrep" in page
    assert "\x1b" not in page


@pytest.mark.parametrize(
    ("target", "source", "words"),
    [
        ("127.0.0.1:25", "192.0.2.1", "192.0.2.1 is not an address of this host"),
        ("[::1]:25", "127.0.0.2", "127.0.0.2 is an IPv4 address, and ::1 is not"),
    ],
)
def test_a_source_address_that_cannot_be_used_is_the_callers(
    cli: Callable[..., Ran], target: str, source: str, words: str
) -> None:
    ran = cli("check", target, "--source-ip", source)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert ran.err.count("\n") == 1


async def test_a_timeout_on_port_25_blames_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    async def timed_out(*_: object, **__: object) -> net.Connection:
        raise net.ConnectFailure(Breakage.TIMED_OUT, "no connection in 60 s")

    monkeypatch.setattr(net.Connection, "open", timed_out)
    for system in ci_systems():
        monkeypatch.delenv(system.variable, raising=False)

    async def reason(port: int) -> str:
        target = Target(given="192.0.2.1", host="192.0.2.1", port=port)
        envelope = Envelope(Assumed("client.example.org"), None)
        attempt = attempts.Attempt(
            Request(target=target), host="192.0.2.1", address="192.0.2.1", port=port, envelope=envelope
        )
        await attempt.run()
        outcome = attempt.transcript().outcome
        assert outcome is not None
        assert (outcome.status, outcome.phase, outcome.exit_code) == (Status.NO_SESSION, Phase.CONNECT, 4)
        return outcome.reason or ""

    said = await reason(25)
    for words in ("this network probably blocks outgoing port 25", "587", "465", "says nothing about the server"):
        assert words in said
    assert "blocks" not in await reason(587)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert "the network of GitHub Actions probably blocks" in await reason(25)


@pytest.mark.parametrize("assumption", [(), ("--assume", 'example.org. TXT "v=spf1 -all"')], ids=["", "assume"])
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=lambda stop: stop.name)
def test_a_signal_prints_what_came_until_then(
    nothing_known: str, stop: signal.Signals, assumption: tuple[str, ...]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        arguments = ["check", f"127.0.0.1:{port}", "--format", "json", "--timeout", "600", *assumption]
        environment = os.environ | {"SMTPPROBE_RESOLVER": nothing_known}
        process = subprocess.Popen(
            [sys.executable, "-m", "smtpprobe", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
        )  # fmt: skip
        try:
            # The timeouts end a test that hangs: nothing is measured.
            listener.settimeout(120)
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(120)
                connection.sendall(b"220 mx.example.com ESMTP\r\n")
                assert connection.recv(4096).startswith(b"EHLO ")
                process.send_signal(stop)
                out, err = process.communicate(timeout=120)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 130
    assert err == b""
    report = json.loads(out)
    assert report["complete"] is False
    assert report["outcome"]["status"] == "interrupted"
    assert report["outcome"]["exit_code"] == 130
    assert report["outcome"]["phase"] == "ehlo"
    greeting = report["transcripts"][0]["exchanges"][0]
    assert greeting["reply"]["lines"] == ["mx.example.com ESMTP"]
    assert {run["status"] for run in report["checks"] if run["check"] == "spf"} == {"skipped"}


def broken(check: Check) -> Check:
    async def run(check_input: CheckInput) -> Any:
        raise KeyError("a \x1b[31mbug")

    return msgspec.structs.replace(check, run=run)


def test_a_bug_in_one_check_costs_that_check(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    from smtpprobe.checks import registry

    def changed(each: registry.Registered) -> registry.Registered:
        return planted(broken(each.load()), each.trigger, needs_dns=True) if each.name == "iprev" else each

    monkeypatch.setattr(registry, "CHECKS", tuple(map(changed, registry.CHECKS)))
    with served(REFUSES) as host:
        ran = cli("check", host, *TO, "--client-ip", "192.0.2.1", "--format", "json")
        page = cli("check", host, *TO, "--client-ip", "192.0.2.1", "--checks").out
    assert ran.code == 1
    status = {each["check"]: each["status"] for each in ran.report["checks"]}
    assert status["iprev"] == "failed"
    assert [name for name, each in status.items() if each == "failed"] == ["iprev"]
    assert "iprev        did not finish: internal error in " in page
    assert "KeyError" not in page
    assert "\x1b" not in page


@pytest.mark.parametrize("error", [RuntimeError("two\nlines \x1b[31m"), ValueError("boom"), FileNotFoundError("boom")])
def test_a_bug_elsewhere_is_one_line(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, closed_port: str, error: Exception
) -> None:
    def fail(*_: object, **__: object) -> str:
        raise error

    monkeypatch.setattr("smtpprobe.pipeline.evaluation.report", fail)
    monkeypatch.setenv("SMTPPROBE_TRACEBACK", "1")
    ran = cli("check", closed_port)
    assert (ran.code, "exit" in ran.out) == (70, False)
    assert ran.err.startswith("Traceback (most recent call last):")
    monkeypatch.delenv("SMTPPROBE_TRACEBACK")
    ran = cli("check", closed_port)
    assert (ran.code, "exit" in ran.out) == (70, False)
    assert ran.err.startswith("smtpprobe: internal error in ")
    assert ran.err.count("\n") == 1
    assert "\x1b" not in ran.err


def test_a_bug_in_rendering_is_a_bug(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, closed_port: str
) -> None:
    def fail(*_: object, **__: object) -> str:
        raise ValueError("boom")

    monkeypatch.setattr("smtpprobe.render.text.report.render", fail)
    assert cli("check", closed_port).code == 70
