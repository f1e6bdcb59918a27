"""Ctrl-C, SIGTERM and SIGHUP at any moment: 130, one line or the report, never a traceback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

STOPS = pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda stop: stop.name)
# Sends itself the signal when a module is about to be imported, then runs the command line.
PROGRAM = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), {stop})
sys.meta_path.insert(0, Finder())
sys.argv = ["smtpprobe", *{arguments!r}]
from smtpprobe.__main__ import main
main()
"""
# What is imported on the way through a check, from the first to the last.
MODULES = [
    "smtpprobe.cli", "smtpprobe.cli.app", "click", "warnings", "smtpprobe.cli.output", "msgspec", "smtpprobe.cli.check",
    "smtpprobe.model.target", "smtpprobe.cli.running", "asyncio", "smtpprobe.pipeline.probe", "ssl",
    "smtpprobe.net.connection", "smtpprobe.pipeline.recorder",
]  # fmt: skip


def ended(program: str, **environment: str) -> tuple[int, bytes, bytes]:
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=120, check=False, env=os.environ | environment
    )
    return ran.returncode, ran.stdout, ran.stderr


@pytest.mark.parametrize("module", MODULES)
def test_a_signal_while_something_is_imported(module: str, closed_port: str) -> None:
    # Both signals have one way: every other module is met by the other.
    stop = (signal.SIGTERM, signal.SIGINT)[MODULES.index(module) % 2]
    program = PROGRAM.format(module=module, stop=int(stop), arguments=["check", closed_port])
    assert ended(program) == (130, b"", b"smtpprobe: interrupted\n")


@STOPS
@pytest.mark.parametrize("arguments", [["explain", "554"], ["demo", "--list"], ["schema"], ["--help"]], ids=" ".join)
def test_a_signal_in_another_command(arguments: list[str], stop: signal.Signals) -> None:
    program = PROGRAM.format(module="click", stop=int(stop), arguments=arguments)
    assert ended(program) == (130, b"", b"smtpprobe: interrupted\n")


@STOPS
def test_a_single_check_that_waits_for_dns(stop: signal.Signals) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(120)  # ends a test that hangs
        resolver = f"127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "smtpprobe", "spf", "example.org", "--ip", "192.0.2.1", "--resolver", resolver],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            silent.recv(4096)
            process.send_signal(stop)
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()
            process.wait()
    assert (process.returncode, out, err) == (130, b"", b"smtpprobe: interrupted\n")


@STOPS
def test_a_second_signal_does_not_cost_the_report(stop: signal.Signals, nothing_known: str) -> None:
    """The first while EHLO waits, the second while the report of it is written."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        arguments = ["check", host, "--format", "json", "--timeout", "600", "--resolver", nothing_known]
        program = PROGRAM.format(module="smtpprobe.render.json", stop=int(stop), arguments=arguments)
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
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
    assert (process.returncode, err) == (130, b"")
    assert json.loads(out)["outcome"]["status"] == "interrupted"


@STOPS
def test_what_is_half_written_is_removed(stop: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    program = PROGRAM.format(
        module="smtpprobe.render.text.explanation",
        stop=int(stop),
        arguments=["explain", "550 5.1.1 no", "--output", str(path)],
    )
    code, _, err = ended(program)
    assert (code, err) == (130, b"smtpprobe: interrupted\n")
    assert list(tmp_path.iterdir()) == []


@STOPS
def test_the_file_is_written_of_a_session_that_waits(stop: signal.Signals, tmp_path: Path, nothing_known: str) -> None:
    path = tmp_path / "report.json"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "smtpprobe", "check", host, "--output", str(path), "--resolver", nothing_known],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            listener.settimeout(120)
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(120)
                connection.sendall(b"220 mx.example.com ESMTP\r\n")
                assert connection.recv(4096).startswith(b"EHLO ")
                process.send_signal(stop)
                process.communicate(timeout=120)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 130
    assert json.loads(path.read_text("utf-8"))["outcome"]["status"] == "interrupted"


def test_what_a_parent_has_switched_off_stays_so(closed_port: str) -> None:
    before = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    program = before + PROGRAM.format(module="click", stop=int(signal.SIGINT), arguments=["explain", "554"])
    assert ended(program)[0] == 0
