"""The command that a finding's page names shows the finding: run on each input of tests/finding_cases that it can take."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

from smtpprobe.checks.base import Check, FindingSpec
from smtpprobe.checks.registry import CHECKS, Trigger, checks
from smtpprobe.cli.app import group
from smtpprobe.cli.finding_commands import command_for
from smtpprobe.model.dns.lookup import DnsLookup, Question
from smtpprobe.model.target import parse_target
from smtpprobe.net.resolver import RunResolver
from smtpprobe.net.zone import ZoneAnswerer
from smtpprobe.pipeline import assumption, probe
from smtpprobe.testing.aiosmtpd_server import AiosmtpdServer
from smtpprobe.testing.cases import Case, CaseRequest
from smtpprobe.testing.server import ScriptedServer
from tests.cli.conftest import Ran
from tests.finding_cases.row import NOW, Given, Row
from tests.finding_cases.test_findings import CASES, ROWS

TRIGGERS = {each.name: each.trigger for each in CHECKS}
FINDINGS = [(check, finding) for check in checks() for finding in check.findings]
SINGLE = set(group.list_commands(click.Context(group))) & {check.name for check in checks()}


def resolver_of(given: Given) -> RunResolver:
    """DNS as the row publishes it."""
    zones = {server: ZoneAnswerer(text + "\n") for server, text in given.servers.items()}
    published = ZoneAnswerer(given.zone + "\n")
    answers = {Question(each.name, each.type): each for each in given.answers}

    async def answer(question: Question) -> DnsLookup:
        if question in answers:
            return answers[question]
        return await zones.get(question.server or "", published).answer(question)

    return RunResolver(answer)


@pytest.mark.parametrize(("check", "finding"), FINDINGS, ids=lambda each: getattr(each, "id", None))
def test_the_command_is_one(
    check: Check, finding: FindingSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "message.eml").write_text("From: <alice@example.org>\n\nText\n", "utf-8")
    program, name, *arguments = shlex.split(command_for(check.name, finding.id))
    assert program == "smtpprobe"
    assert name in (check.name if check.name in SINGLE else "check", "check")
    command = group.get_command(click.Context(group), name)
    assert command is not None
    command.make_context(name, arguments, parent=click.Context(group, **group.context_settings))
    # A page shows the findings of a session's checks with --checks alone.
    assert (name == "check") == ("--checks" in command_for(check.name, finding.id))
    # What waits for a refusal is switched on.
    if name == "check" and TRIGGERS[check.name] is not Trigger.ALWAYS:
        assert "--diagnose always" in command_for(check.name, finding.id)


@pytest.mark.parametrize("check", [each for each in checks() if each.name in SINGLE], ids=lambda each: each.name)
def test_the_command_shows_the_finding(
    check: Check, cli: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown, tried = set(), set()
    for owner, row in ROWS:
        command = command_for(check.name, row.id)
        if owner is not check or not isinstance(row.shown, Given) or not command.startswith(f"smtpprobe {check.name}"):
            continue
        tried.add(row.id)
        given = row.shown
        monkeypatch.setattr(assumption, "NetworkResolver", lambda *_, given=given, **__: resolver_of(given))
        (tmp_path / "message.eml").write_bytes(given.message or b"From: <alice@example.org>\n\nText\n")
        if row.id not in shown and row.id in _findings(cli, command, given):
            shown.add(row.id)
    assert tried - shown == set()


def _findings(cli: Callable[..., Ran], command: str, given: Given) -> set[str]:
    more = ["--only-dnsbl", given.dnsbl] if given.dnsbl else []
    ran = cli(*shlex.split(command)[1:], *more, "--at", NOW.isoformat(), "--format", "json")
    report: dict[str, Any] = json.loads(ran.out)
    return {each["id"] for each in report["findings"]}


def _held(cli: Callable[..., Ran], server: ScriptedServer | AiosmtpdServer, command: str) -> set[str]:
    """The ids of what the command finds in a session with the server, which stands for its target."""
    _, name, target, *options = shlex.split(command)
    to = ["--rcpt-to", target] if "@" in target else []
    with server:
        ran = cli(name, f"127.0.0.1:{server.port}", *options, *to, "--helo", "client.example.org", "--format", "json")
    return {finding["id"] for run in ran.report["checks"] for finding in run["findings"]}


MX_ROWS = [row for check, row in ROWS if check.name == "mx" and isinstance(row.shown, Given)]


@pytest.mark.parametrize("row", MX_ROWS, ids=lambda row: row.id)
def test_the_command_of_the_mx_check_shows_the_finding(
    row: Row, cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(row.shown, Given)
    resolver = resolver_of(row.shown)
    monkeypatch.setattr(probe, "NetworkResolver", lambda *_, **__: resolver)
    assert row.id in _held(cli, AiosmtpdServer(), command_for("mx", row.id))


@pytest.mark.parametrize("finding", ["mx-null", "mx-nxdomain", "mx-nothing"])
def test_a_domain_without_a_host_is_looked_up_through_another_host(finding: str) -> None:
    # TARGET itself would lead nowhere, and without a session no check runs.
    target = parse_target(shlex.split(command_for("mx", finding))[2])
    assert target.literal
    assert not target.host.endswith(("example.com", "example.org"))


OF_SESSIONS = {
    finding.id: check.name for check, finding in FINDINGS if check.name in ("starttls", "reply-syntax", "auth")
}
PLAIN = CaseRequest()
# The cases that a command without a login and without a wait can play.
CASES_PLAYED = [
    (case, finding)
    for case in CASES
    for finding in case.expect.must
    if finding in OF_SESSIONS
    and case.session is not None
    and "--user" not in command_for(OF_SESSIONS[finding], finding)
    and msgspec.structs.replace(case.request, client_ip=None, only_dnsbl=(), host=PLAIN.host, trust=False) == PLAIN
]


@pytest.mark.parametrize(("case", "finding"), CASES_PLAYED, ids=lambda each: getattr(each, "name", each))
def test_the_command_of_a_session_shows_the_finding(
    case: Case, finding: str, cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = resolver_of(Given(case.zone))
    monkeypatch.setattr(probe, "NetworkResolver", lambda *_, **__: resolver)
    assert case.session is not None
    command = command_for(OF_SESSIONS[finding], finding)
    assert finding in _held(cli, ScriptedServer(case.session, strict=False), command)


def test_sessions_are_played() -> None:
    assert {OF_SESSIONS[finding] for _, finding in CASES_PLAYED} >= {"starttls", "reply-syntax"}
