"""The exit codes as a table: what each report ends with, in which order, and that page, JSON and process agree."""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from smtpprobe.cli import exit_codes
from smtpprobe.cli.exit_codes import Exit
from smtpprobe.model.evidence import DnsblEvidence, Evidence, IprevEvidence, SessionEvidence, TlsrptEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.exit_code import BUG, exit_code_of
from smtpprobe.model.report import (
    CheckRun,
    Completed,
    Confidence,
    Failed,
    FailureKind,
    Finding,
    Report,
    Severity,
    SkipKind,
    Skipped,
    Verdict,
)
from smtpprobe.model.transcript import Outcome, OutcomeFault, Phase, Recipient, RecipientStatus, Status
from smtpprobe.model.words import AuthResult
from smtpprobe.testing.aiosmtpd_server import Behaviour
from smtpprobe.testing.scenarios import SCENARIOS
from tests.cli.conftest import Ran, served
from tests.cli.test_exit_codes import IN_CLEAR, TO, says
from tests.render import reports

CONTRACT = (130, 70, 2, 4, 5, 1, 3, 6, 0)


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(CONTRACT, 2)))
def test_where_two_hold_the_first_of_the_order_counts(one: int, other: int) -> None:
    assert exit_codes.first_of([Exit(other, "b"), Exit(one, "a")]) == Exit(one, "a")
    assert exit_codes.first_of([Exit(one, "a"), Exit(other, "b")]) == Exit(one, "a")


def test_each_status_has_the_code_of_the_table() -> None:
    known = set(Status) - {Status.UNKNOWN}
    assert {*map(exit_code_of, known), BUG, exit_codes.USAGE, exit_codes.INCOMPLETE} == set(CONTRACT)
    assert exit_code_of(Status.UNKNOWN) == exit_codes.INCOMPLETE
    assert {exit_code_of(each, OutcomeFault.INTERNAL_ERROR) for each in Status} == {BUG}
    for code in CONTRACT:
        assert re.search(rf"\b{code} [a-z]", exit_codes.HELP)


def outcome(status: Status) -> Outcome:
    phase = None if status is Status.ACCEPTED else Phase.RCPT
    return Outcome(status=status, phase=phase, exit_code=exit_code_of(status))


def finding(severity: Severity, id: str) -> CheckRun:
    found = Finding(id=id, severity=severity, subject="s", message="m")
    return Completed(check="starttls", evidence=SessionEvidence((), {}), findings=(found,))


WARNS = finding(Severity.WARNING, "starttls-missing")
FAILED = Failed(check="spf", kind=FailureKind.DEADLINE, reason="not finished in time")
BUGGY = outcome(Status.NO_SESSION)


@pytest.mark.parametrize(
    ("status", "fail_on", "expected"),
    [
        # A finding counts before a refusal for now, a check that could not tell only where nothing else holds.
        (Status.ACCEPTED, "warning", Exit(1, "starttls-missing (--fail-on warning)")),
        (Status.DEFERRED, "warning", Exit(1, "starttls-missing (--fail-on warning)")),
        (Status.REFUSED, "warning", Exit(1, "refused at rcpt")),
        (Status.NO_SESSION, "warning", Exit(4, "no-session at rcpt")),
        (Status.AUTH_REFUSED, "warning", Exit(5, "auth-refused at rcpt")),
        (Status.INTERRUPTED, "warning", Exit(130, "interrupted")),
        (Status.ACCEPTED, "incomplete", Exit(6, "spf")),
        (Status.DEFERRED, "incomplete", Exit(3, "deferred at rcpt")),
        (Status.REFUSED, "incomplete", Exit(1, "refused at rcpt")),
        (Status.NO_SESSION, "incomplete", Exit(4, "no-session at rcpt")),
        (Status.AUTH_REFUSED, "incomplete", Exit(5, "auth-refused at rcpt")),
        (Status.INTERRUPTED, "incomplete", Exit(130, "interrupted")),
        (Status.ACCEPTED, "never", Exit(0)),
        (Status.DEFERRED, "never", Exit(3, "deferred at rcpt")),
        (Status.ACCEPTED, "error", Exit(0)),
    ],
)
def test_what_fail_on_adds(status: Status, fail_on: str, expected: Exit) -> None:
    assert exit_codes.of_report(reports.report(outcome(status), runs=(WARNS, FAILED)), fail_on) == expected


def test_a_bug_of_ours_outranks_all_but_an_interrupt() -> None:
    bug = msgspec.structs.replace(BUGGY, fault=OutcomeFault.INTERNAL_ERROR, exit_code=BUG)
    report = reports.report(bug, runs=(WARNS, FAILED))
    assert {exit_codes.of_report(report, each) for each in ("never", "warning", "incomplete")} == {
        Exit(70, "internal-error")
    }


@pytest.mark.parametrize(
    ("status", "saved", "expected"),
    [
        (Status.REFUSED, 0, Exit(1, "refused at rcpt")),
        (Status.REFUSED, 256, Exit(1, "refused at rcpt")),
        (Status.NO_SESSION, 0, Exit(4, "no-session at rcpt")),
        (Status.NO_SESSION, 70, Exit(4, "no-session at rcpt")),
        (Status.AUTH_REFUSED, 1, Exit(5, "auth-refused at rcpt")),
        (Status.INTERRUPTED, 0, Exit(130, "interrupted")),
        (Status.UNKNOWN, 0, Exit(6, "unknown at rcpt")),
        (Status.ACCEPTED, -1, Exit(0)),
        (Status.ACCEPTED, 999999999999, Exit(0)),
        (Status.ACCEPTED, 5, Exit(0)),
        # What --fail-on asked for when the report was made.
        (Status.ACCEPTED, 1, Exit(1, "saved")),
        (Status.ACCEPTED, 6, Exit(6, "saved")),
    ],
)
def test_a_saved_code_is_never_better_than_its_outcome(status: Status, saved: int, expected: Exit) -> None:
    phase = None if status is Status.ACCEPTED else Phase.RCPT
    report = reports.report(Outcome(status=status, phase=phase, exit_code=saved, exit_reason="saved"))
    assert exit_codes.of_report(report) == expected


def test_the_worst_findings_are_named_first_and_not_all_of_them() -> None:
    runs = (*(finding(Severity.WARNING, f"w-{number}") for number in range(4)), finding(Severity.ERROR, "e"))
    report = reports.report(outcome(Status.ACCEPTED), runs=runs)
    assert exit_codes.of_report(report, "warning") == Exit(1, "e, w-0, w-1 and 2 more (--fail-on warning)")
    assert exit_codes.of_report(report, "error") == Exit(1, "e (--fail-on error)")


NO_ANSWER = DnsblEvidence((reports.zone("bl.example", DnsblStatus.NO_ANSWER),), ())
SOME_ANSWER = DnsblEvidence((*NO_ANSWER.zones, reports.zone("b.example", DnsblStatus.NOT_LISTED)), ())


def iprev(result: AuthResult) -> IprevEvidence:
    return IprevEvidence(
        client_ip="192.0.2.1", result=result, names=(), confirmed=(), problem=None, generic=False, helo=None, lookups=()
    )


def skipped(kind: SkipKind) -> Skipped:
    return Skipped(check="dnsbl", kind=kind, reason="why")


def completed(evidence: Evidence) -> Completed:
    return Completed(check="dnsbl", evidence=evidence)


@pytest.mark.parametrize(
    ("run", "unfinished"),
    [
        (skipped(SkipKind.NOT_ASKED), False),
        (skipped(SkipKind.NOT_APPLICABLE), False),
        (skipped(SkipKind.UNKNOWN), False),
        (skipped(SkipKind.INPUT_MISSING), True),
        (skipped(SkipKind.INTERRUPTED), True),
        (Failed(check="dnsbl", kind=FailureKind.INTERNAL_ERROR, reason="why"), True),
        (Failed(check="dnsbl", kind=FailureKind.DEADLINE, reason="why"), True),
        # Not knowing is not passing: what nobody answered is not known.
        (completed(NO_ANSWER), True),
        (completed(SOME_ANSWER), False),
        (completed(iprev(AuthResult.TEMPERROR)), True),
        (completed(iprev(AuthResult.PERMERROR)), False),
        (completed(iprev(AuthResult.PASS)), False),
        (completed(TlsrptEvidence(domain="example.com", status="temperror", lookups=())), True),
        (completed(TlsrptEvidence(domain="example.com", status="none", lookups=())), False),
    ],
)
def test_a_check_that_was_asked_for_and_could_not_tell(run: CheckRun, unfinished: bool) -> None:
    report = reports.report(outcome(Status.ACCEPTED), runs=(run,))
    expected = Exit(6, "dnsbl") if unfinished else Exit(0)
    assert exit_codes.of_report(report, "incomplete") == expected
    assert exit_codes.of_report(report) == Exit(0)


def test_a_refusal_is_named_by_its_cause_and_the_list() -> None:
    assert exit_codes.of_report(reports.refused()) == Exit(1, "ip-blocklisted, zen.example")
    elsewhere = msgspec.structs.replace(reports.CAUSE, checks=())
    verdict = Verdict(transcript=0, exchange=6, summary="listed", causes=(elsewhere,))
    assert exit_codes.of_report(msgspec.structs.replace(reports.refused(), verdicts=(verdict,))) == Exit(
        1, "ip-blocklisted"
    )
    untrue = msgspec.structs.replace(reports.CAUSE, confidence=Confidence.CONTRADICTED)
    verdict = Verdict(transcript=0, exchange=6, summary="not listed", causes=(untrue,))
    assert exit_codes.of_report(msgspec.structs.replace(reports.refused(), verdicts=(verdict,))) == Exit(
        1, "ip-blocklisted, contradicted"
    )
    guessed = Verdict(transcript=0, exchange=6, summary="policy", causes=(reports.OTHER,))
    assert exit_codes.of_report(msgspec.structs.replace(reports.refused(), verdicts=(guessed,))) == Exit(
        1, "554 at rcpt"
    )


def test_several_recipients_are_refused_for_several_causes() -> None:
    report = reports.refused()
    (transcript,) = report.transcripts
    recipients = tuple(Recipient(f"b{at}@example.com", RecipientStatus.REFUSED, at) for at in (5, 6))
    other = msgspec.structs.replace(reports.CAUSE, id="recipient-unknown", confidence=Confidence.STATED)
    first = msgspec.structs.replace(report.verdicts[0], exchange=5, causes=(other,))
    report = msgspec.structs.replace(
        report,
        transcripts=(msgspec.structs.replace(transcript, recipients=recipients),),
        verdicts=(first, *report.verdicts),
    )
    ids = {each.causes[0].id for each in report.verdicts}
    assert set((exit_codes.of_report(report).reason or "").split(", ")) == ids


def test_the_report_says_what_the_process_returns() -> None:
    report: Report = exit_codes.decided(reports.accepted(), Exit(1, "starttls-missing"))
    assert (report.outcome.exit_code, report.outcome.exit_reason) == (1, "starttls-missing")
    assert report.outcome.status is Status.ACCEPTED
    # Read back, it ends the same.
    assert exit_codes.of_report(report) == Exit(1, "starttls-missing")


LAST = re.compile(r"exit (\d+)(?:: (.*))?\Z")


def agree(ran: Ran, as_json: Ran) -> int:
    """The exit code that page, JSON and both processes say, with the same reason."""
    page = " ".join(ran.out[ran.out.rindex("\nexit ") :].split())
    found = LAST.match(page)
    assert found is not None
    told = as_json.report["outcome"]
    assert (int(found[1]), found[2]) == (told["exit_code"], told["exit_reason"])
    assert ran.code == as_json.code == told["exit_code"]
    assert (told["exit_reason"] is None) == (ran.code == 0)
    return ran.code


@pytest.mark.parametrize("verbosity", ["-q", "-v"])
@pytest.mark.parametrize(
    ("server", "options", "code"),
    [
        (IN_CLEAR, (), 0),
        (IN_CLEAR, ("--fail-on", "warning"), 1),
        (says(rcpt="450 later"), ("--fail-on", "warning"), 1),
        (says(rcpt="550 5.1.1 no"), ("--fail-on", "incomplete"), 1),
        (says(rcpt="450 later"), (), 3),
        ("EOF\n", ("--fail-on", "warning"), 4),
        (IN_CLEAR, ("--fail-on", "incomplete"), 0),
        (IN_CLEAR, ("--fail-on", "incomplete", "--diagnose", "never"), 0),
        (IN_CLEAR, ("--fail-on", "incomplete", "--diagnose", "always"), 6),
    ],
)
def test_page_json_and_process_agree(
    cli: Callable[..., Ran], server: str | Behaviour, options: tuple[str, ...], code: int, verbosity: str
) -> None:
    with served(server) as host:
        page = cli("check", host, *TO, *options, "--timeout", "5", verbosity)
    with served(server) as host:
        as_json = cli("check", host, *TO, *options, "--timeout", "5", "--format", "json")
    assert agree(page, as_json) == code


def test_what_does_not_apply_is_not_unfinished(cli: Callable[..., Ran]) -> None:
    # MTA-STS, TLSRPT and DANE say nothing of a target that is an address; every list is broken where no name exists.
    options = (*TO, "--fail-on", "incomplete", "--diagnose", "always", "--client-ip", "192.0.2.1")
    with served(IN_CLEAR) as host:
        ran = cli("check", host, *options, "--format", "json")
    assert ran.report["outcome"]["exit_reason"] == "dnsbl"
    kinds = {run["check"]: run["kind"] for run in ran.report["checks"] if run["status"] == "skipped"}
    assert kinds == dict.fromkeys(("mail-hosts", "mta-sts", "tlsrpt", "dane", "message"), "not-applicable")


def test_a_login_refused(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPPROBE_PASSWORD", "correct-horse-7")
    server = Behaviour(replies={Phase.AUTH: "535 5.7.8 no"}, auth_in_clear=True, starttls=False)
    options = (
        "--user",
        "alice",
        "--mech",
        "PLAIN",
        "--insecure-auth",
        "--tls",
        "off",
        "--fail-on",
        "info",
        "--timeout",
        "5",
    )
    with served(server) as host:
        assert agree(cli("check", host, *options), cli("check", host, *options, "--format", "json")) == 5


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_demo_and_its_replay_agree(cli: Callable[..., Ran], tmp_path: Path, scenario: str) -> None:
    as_json = cli("demo", scenario, "--format", "json")
    code = agree(cli("demo", scenario), as_json)
    saved = tmp_path / "report.json"
    saved.write_text(as_json.out)
    assert agree(cli("replay", str(saved)), cli("replay", str(saved), "--format", "json")) == code


def test_a_saved_report_keeps_what_fail_on_made_of_it(cli: Callable[..., Ran], tmp_path: Path) -> None:
    with served(IN_CLEAR) as host:
        ran = cli("check", host, *TO, "--fail-on", "warning", "--format", "json")
    saved = tmp_path / "report.json"
    saved.write_text(ran.out)
    assert agree(cli("replay", str(saved)), cli("replay", str(saved), "--format", "json")) == ran.code == 1


def test_with_assumed_records_all_speak_of_the_same_report(cli: Callable[..., Ran]) -> None:
    options = (*TO, "--assume", 'example.org. TXT "v=spf1 -all"', "--diagnose", "always", "--fail-on", "error")
    with served(IN_CLEAR) as host:
        page = cli("check", host, *options, "--client-ip", "192.0.2.1")
        as_json = cli("check", host, *options, "--client-ip", "192.0.2.1", "--format", "json")
    assert agree(page, as_json) == 1


def test_a_session_that_a_bug_ended(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("smtpprobe.pipeline.held.attempt.smtp_dialogue", broken)
    with served(IN_CLEAR) as host:
        page = cli("check", host, "--fail-on", "info")
        assert agree(page, cli("check", host, "--fail-on", "info", "--format", "json")) == 70


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("spf", "example.org", "--ip", "192.0.2.1"), 0),
        (("spf", "example.org", "--ip", "192.0.2.1", "--assume", 'example.org. TXT "v=spf1 -all"'), 1),
        (("iprev", "192.0.2.1"), 1),
        (("dmarc", "example.org", "--fail-on", "info"), 1),
    ],
)
def test_a_single_check_ends_the_same_in_every_format(
    cli: Callable[..., Ran], arguments: tuple[str, ...], code: int
) -> None:
    as_json = cli(*arguments, "--format", "json")
    assert cli(*arguments).code == as_json.code == code
    assert json.loads(as_json.out)["status"] == "completed"


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_file_that_cannot_be_written_is_the_exit_that_is_printed(cli: Callable[..., Ran], form: str) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full: a full disk cannot be had")
    with served(Behaviour(starttls=False)) as host:
        ran = cli("check", host, *TO, "--format", form, "--output", "json:/dev/full")
    assert ran.code == 2
    said = (
        ran.report["outcome"]["exit_code"] if form == "json" else int(ran.out.splitlines()[-1].split()[1].rstrip(":"))
    )
    assert said == 2
    assert "output-not-written" in ran.out
    assert ran.err.startswith("smtpprobe: '/dev/full': cannot be written: ")
    assert ran.err.count("\n") == 1


def test_a_file_that_was_written_before_another_could_not_be_says_the_same_exit(
    cli: Callable[..., Ran], tmp_path: Path
) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full: a full disk cannot be had")
    saved = tmp_path / "report.json"
    ran = cli("demo", "accepted", "--output", f"json:{saved}", "--output", "text:/dev/full")
    outcome = json.loads(saved.read_text("utf-8"))["outcome"]
    assert (ran.code, outcome["exit_code"], outcome["exit_reason"]) == (2, 2, "output-not-written")
