"""The exit codes of the contract, and what --fail-on adds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import Behaviour
from tests.cli.conftest import Ran, served

BOB, CAROL = "bob@example.com", "carol@example.com"
TO = ("--mail-from", "alice@example.org", "--rcpt-to", BOB)
TO_BOTH = (*TO, "--rcpt-to", CAROL)
IN_CLEAR = Behaviour(starttls=False)


def says(**replies: str) -> Behaviour:
    return Behaviour(replies={Phase(phase): reply for phase, reply in replies.items()}, starttls=False)


def answers(bob: str, carol: str) -> Behaviour:
    return Behaviour(recipients={BOB: bob, CAROL: carol}, starttls=False)


@pytest.mark.parametrize(
    ("server", "options", "code"),
    [
        (IN_CLEAR, TO, 0),
        (IN_CLEAR, (), 0),
        (says(rcpt="550 5.1.1 no"), TO, 1),
        (says(rcpt="450 4.2.0 later"), TO, 3),
        (answers("250 Ok", "550 5.1.1 no"), TO_BOTH, 1),
        (answers("450 later", "550 5.1.1 no"), TO_BOTH, 1),
        (answers("250 Ok", "450 later"), TO_BOTH, 3),
        (says(greeting="554 no service"), TO, 1),
        (says(greeting="421 later"), TO, 3),
        ("EOF\n", TO, 4),
        (IN_CLEAR, (*TO, "--tls", "require"), 4),
    ],
)
def test_a_session(cli: Callable[..., Ran], server: str | Behaviour, options: tuple[str, ...], code: int) -> None:
    with served(server) as host:
        ran = cli("check", host, *options, "--timeout", "5", "--format", "json")
    assert ran.code == code
    assert ran.report["outcome"]["exit_code"] == code


@pytest.mark.parametrize(
    ("reply", "options", "code"),
    [
        ("535 5.7.8 no", ("--insecure-auth", "--mech", "PLAIN", "--tls", "off"), 5),
        ("432 4.7.12 change it", ("--insecure-auth", "--mech", "PLAIN", "--tls", "off"), 5),
        ("454 4.7.0 later", ("--insecure-auth", "--mech", "PLAIN", "--tls", "off"), 3),
        ("235 Ok", (), 4),
    ],
)
def test_a_login(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, reply: str, options: tuple[str, ...], code: int
) -> None:
    monkeypatch.setenv("SMTPPROBE_PASSWORD", "correct-horse-7")
    server = Behaviour(replies={Phase.AUTH: reply}, auth_in_clear=True, starttls=False)
    with served(server) as host:
        assert cli("check", host, "--user", "alice", *options, "--timeout", "5").code == code


@pytest.mark.parametrize(
    ("server", "fail_on", "code"),
    [
        # STARTTLS is not offered: a warning.
        (IN_CLEAR, "never", 0),
        (IN_CLEAR, "critical", 0),
        (IN_CLEAR, "error", 0),
        (IN_CLEAR, "warning", 1),
        (IN_CLEAR, "notice", 1),
        (IN_CLEAR, "info", 1),
        (says(rcpt="450 later"), "warning", 1),
        (says(rcpt="550 no"), "warning", 1),
        ("EOF\n", "info", 4),
    ],
)
def test_findings_count_only_when_asked(
    cli: Callable[..., Ran], server: str | Behaviour, fail_on: str, code: int
) -> None:
    with served(server) as host:
        assert cli("check", host, *TO, "--timeout", "5", "--fail-on", fail_on).code == code


def test_what_did_not_finish(cli: Callable[..., Ran]) -> None:
    # The server saw 127.0.0.1, of which no list knows: dnsbl is skipped, so that nothing can be told of it.
    for options, code in (((), 0), (("--fail-on", "incomplete"), 6)):
        with served(IN_CLEAR) as host:
            assert cli("check", host, *TO, "--diagnose", "always", *options).code == code
    # Nothing was refused, so that nothing was asked for.
    with served(IN_CLEAR) as host:
        assert cli("check", host, *TO, "--fail-on", "incomplete").code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("spf", "example.org", "--ip", "192.0.2.1"), 0),
        (("dmarc", "example.org"), 0),
        (("iprev", "192.0.2.1"), 1),
        (("dnsbl", "192.0.2.1", "--only-dnsbl", "zen.example"), None),
        (("dkim", "example.org", "--selector", "s1"), None),
    ],
)
def test_a_check_alone(cli: Callable[..., Ran], arguments: tuple[str, ...], code: int | None) -> None:
    ran = cli(*arguments, "--fail-on", "never", "--format", "json")
    assert ran.report["status"] == "completed"
    assert ran.code in ((0, 1, 6) if code is None else (code,))


@pytest.mark.parametrize(
    ("zone", "code"),
    [("dnsbl-1.uceprotect.net", 1), ("dnsbl-2.uceprotect.net", 0), ("dnsbl.example", 1)],
    ids=["scored", "for information", "not in the catalogue"],
)
def test_a_listing_that_is_only_for_information_is_no_failure(cli: Callable[..., Ran], zone: str, code: int) -> None:
    records = [f"7.196.31.192.{zone}. A 127.0.0.2", f"2.0.0.127.{zone}. A 127.0.0.2"]
    assumed = [part for record in records for part in ("--assume", record)]
    ran = cli("dnsbl", "192.31.196.7", "--only-dnsbl", zone, *assumed, "--fail-on", "never", "--format", "json")
    (asked,) = ran.report["evidence"]["zones"]
    assert (asked["status"], ran.code) == ("listed", code)


@pytest.mark.parametrize(
    ("records", "statuses", "code"),
    [
        (("2.0.0.127.a.example A 127.0.0.2", "2.0.0.127.b.example A 127.0.0.2"), ["not-listed", "not-listed"], 0),
        (("2.0.0.127.a.example A 127.0.0.2", "b.example A 192.0.2.1"), ["not-listed", "unproved"], 6),
        (("2.0.0.127.a.example A 127.0.0.2", "1.2.0.192.a.example A 127.0.0.2"), ["listed", "unproved"], 1),
        ((), ["unproved", "unproved"], 6),
    ],
)
def test_a_list_that_proves_nothing_is_not_one_that_does_not_list(
    cli: Callable[..., Ran], records: tuple[str, ...], statuses: list[str], code: int
) -> None:
    lines = [record.replace(" A ", ". A ") for record in ("x.example A 192.0.2.1", *records)]
    assumed = [part for line in lines for part in ("--assume", line)]
    zones = ("--only-dnsbl", "a.example", "--only-dnsbl", "b.example")
    ran = cli("dnsbl", "192.0.2.1", *zones, *assumed, "--fail-on", "never", "--format", "json")
    assert ([each["status"] for each in ran.report["evidence"]["zones"]], ran.code) == (statuses, code)


def test_a_check_alone_that_finds_a_fault(cli: Callable[..., Ran]) -> None:
    codes = {level: cli("dmarc", "example.org", "--fail-on", level).code for level in ("never", "critical", "info")}
    assert codes == {"never": 0, "critical": 0, "info": 1}


def test_nothing_answered(cli: Callable[..., Ran], closed_port: str) -> None:
    assert cli("spf", "example.org", "--ip", "192.0.2.1", "--resolver", closed_port, "--timeout", "0.2").code == 6
    assert cli("iprev", "192.0.2.1", "--resolver", closed_port, "--timeout", "0.2").code == 6
