"""The main job against aiosmtpd: every case through `probe` and through the command."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import sys
from pathlib import Path

import pytest

from smtpprobe import probe
from smtpprobe.catalogue import language
from smtpprobe.cli import app
from smtpprobe.model.report import Report
from smtpprobe.model.saved import load
from smtpprobe.testing.aiosmtpd_server import AiosmtpdServer
from smtpprobe.testing.zones import zone_resolver
from tests import decisions
from tests.conftest import StartServer
from tests.end_to_end import causes, logins, sessions, transactions
from tests.end_to_end.case import ZONE, Case, differences
from tests.net.name_server import NameServer, zoned

CASES = (*sessions.CASES, *logins.CASES, *transactions.CASES, *causes.CASES)
every_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


async def probed(case: Case, server: AiosmtpdServer) -> Report:
    return await probe(
        case.request(server.port, server.ca_file),
        credentials=case.credentials,
        resolver=zone_resolver(case.zone),
        message_to_judge=case.message,
    )


@every_case
async def test_probe(case: Case, smtp_server: StartServer) -> None:
    server = await smtp_server(case.server)
    report = await probed(case, server)
    assert differences(case, report, server.heard) == []
    assert server.messages == []


def clean(monkeypatch: pytest.MonkeyPatch, case: Case) -> None:
    """The environment of a command without the developer's own."""
    for name in ("NO_COLOR", "COLUMNS", "SMTPPROBE_TRACEBACK", "SMTPPROBE_LANG", "LANGUAGE", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SMTPPROBE_PASSWORD", case.password)


def arguments(case: Case, server: AiosmtpdServer, names: NameServer, directory: Path) -> list[str]:
    message = directory / "message.eml"
    if case.message is not None:
        message.write_bytes(case.message)
    options = case.arguments(server.port, server.ca_file, str(message) if case.message is not None else None)
    return [*options, "--resolver", "{}:{}".format(*names.server), "--output", f"json:{directory / 'report.json'}"]


def check_command(case: Case, server: AiosmtpdServer, code: int | None, page: str, directory: Path) -> None:
    assert code == case.expect.outcome.exit_code
    assert re.fullmatch(rf"exit {code}\b.*", page.splitlines()[-1])
    assert differences(case, load((directory / "report.json").read_bytes()), server.heard) == []
    assert server.messages == []


@every_case
async def test_command(
    case: Case,
    smtp_server: StartServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
    request: pytest.FixtureRequest,
) -> None:
    clean(monkeypatch, case)
    server = await smtp_server(case.server)
    async with NameServer(zoned(case.zone)) as names:
        # The server lives in this loop, so that the command runs beside it.
        code = await asyncio.to_thread(app.run, arguments(case, server, names, tmp_path))
    language.choose(language.SOURCE)
    page, errors = capsys.readouterr()
    decisions.note(request.node.nodeid, code, (tmp_path / "report.json").read_text("utf-8"))
    assert errors == ""
    check_command(case, server, code, page, tmp_path)


@pytest.mark.parametrize(
    "name", ["greeting-220", "rcpt-554-listed", "rcpt-450-greylisted", "tls-expired-verified", "plain-wrong-password"]
)
async def test_process(name: str, smtp_server: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (case,) = (case for case in CASES if case.name == name)
    clean(monkeypatch, case)
    server = await smtp_server(case.server)
    async with NameServer(zoned(case.zone)) as names:
        command = (sys.executable, "-m", "smtpprobe", *arguments(case, server, names, tmp_path))
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        page, _ = await process.communicate()
    check_command(case, server, process.returncode, page.decode(), tmp_path)


@every_case
async def test_a_server_that_does_otherwise_is_told_apart(case: Case, smtp_server: StartServer) -> None:
    otherwise = case.otherwise()
    server = await smtp_server(otherwise.server)
    wrong = differences(case, await probed(otherwise, server), server.heard)
    assert [words for words in wrong if words.startswith("outcome.status")]


@pytest.mark.parametrize("case", [each for each in CASES if each.zone != ZONE], ids=lambda case: case.name)
async def test_dns_that_says_otherwise_is_told_apart(case: Case, smtp_server: StartServer) -> None:
    server = await smtp_server(case.server)
    report = await probed(dataclasses.replace(case, zone=ZONE), server)
    assert differences(case, report, server.heard)


def test_there_are_enough_cases_and_each_has_a_name() -> None:
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)
