"""The exit codes of the contract, and what --fail-on adds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.conftest import Ran, served

EHLO = "S: 220 mx.example.com ESMTP\nC: EHLO *\nS: 250 mx.example.com\n"
MAIL = EHLO + "C: MAIL FROM:*\nS: 250 2.1.0 Ok\n"
END = "C: RSET\nS: 250 Ok\nC: QUIT\nS: 221 bye\n"
TO = ("--mail-from", "alice@example.org", "--rcpt-to", "bob@example.com")


def rcpt(*replies: str) -> str:
    return MAIL + "".join(f"C: RCPT TO:*\nS: {reply}\n" for reply in replies) + END


@pytest.mark.parametrize(
    ("script", "options", "code"),
    [
        (rcpt("250 2.1.5 Ok"), TO, 0),
        (MAIL + END, (), 0),
        (rcpt("550 5.1.1 no"), TO, 1),
        (rcpt("450 4.2.0 later"), TO, 3),
        (rcpt("250 Ok", "550 5.1.1 no"), (*TO, "--rcpt-to", "carol@example.com"), 1),
        (rcpt("450 later", "550 5.1.1 no"), (*TO, "--rcpt-to", "carol@example.com"), 1),
        (rcpt("250 Ok", "450 later"), (*TO, "--rcpt-to", "carol@example.com"), 3),
        ("S: 554 no service\nC: QUIT\nS: 221 bye\n", (), 1),
        ("S: 421 later\n", (), 3),
        ("EOF\n", (), 4),
        (EHLO + "C: QUIT\nS: 221 bye\n", ("--tls", "require"), 4),
    ],
)
def test_a_session(cli: Callable[..., Ran], script: str, options: tuple[str, ...], code: int) -> None:
    with served(script) as host:
        ran = cli("check", host, *options, "--timeout", "5", "--format", "json")
    assert ran.code == code
    assert ran.report["outcome"]["exit_code"] == code


AUTH = "S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 AUTH PLAIN\nC: AUTH PLAIN *\nS: {}\nC: QUIT\nS: 221 bye\n"


@pytest.mark.parametrize(
    ("reply", "options", "code"),
    [
        ("535 5.7.8 no", ("--insecure-auth",), 5),
        ("432 4.7.12 change it", ("--insecure-auth",), 5),
        ("454 4.7.0 later", ("--insecure-auth",), 3),
        ("235 Ok", (), 4),
    ],
)
def test_a_login(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, reply: str, options: tuple[str, ...], code: int
) -> None:
    monkeypatch.setenv("SMTPPROBE_PASSWORD", "correct-horse-7")
    with served(AUTH.format(reply)) as host:
        tls = ("--tls", "off") if options else ()
        assert cli("check", host, "--user", "alice", *options, *tls, "--timeout", "5").code == code


@pytest.mark.parametrize(
    ("script", "fail_on", "code"),
    [
        # STARTTLS is not offered: a warning.
        (rcpt("250 Ok"), "never", 0),
        (rcpt("250 Ok"), "critical", 0),
        (rcpt("250 Ok"), "error", 0),
        (rcpt("250 Ok"), "warning", 1),
        (rcpt("250 Ok"), "notice", 1),
        (rcpt("250 Ok"), "info", 1),
        (rcpt("450 later"), "warning", 1),
        (rcpt("550 no"), "warning", 1),
        ("EOF\n", "info", 4),
    ],
)
def test_findings_count_only_when_asked(cli: Callable[..., Ran], script: str, fail_on: str, code: int) -> None:
    with served(script) as host:
        assert cli("check", host, *TO, "--timeout", "5", "--fail-on", fail_on).code == code


def test_what_did_not_finish(cli: Callable[..., Ran]) -> None:
    # The server saw 127.0.0.1, of which no list knows: dnsbl is skipped, so that nothing can be told of it.
    for options, code in (((), 0), (("--fail-on", "incomplete"), 6)):
        with served(rcpt("250 Ok")) as host:
            assert cli("check", host, *TO, "--diagnose", "always", *options).code == code
    # Nothing was refused, so that nothing was asked for.
    with served(rcpt("250 Ok")) as host:
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


def test_a_check_alone_that_finds_a_fault(cli: Callable[..., Ran]) -> None:
    codes = {level: cli("dmarc", "example.org", "--fail-on", level).code for level in ("never", "critical", "info")}
    assert codes == {"never": 0, "critical": 0, "info": 1}


def test_nothing_answered(cli: Callable[..., Ran], closed_port: str) -> None:
    assert cli("spf", "example.org", "--ip", "192.0.2.1", "--resolver", closed_port, "--timeout", "0.2").code == 6
    assert cli("iprev", "192.0.2.1", "--resolver", closed_port, "--timeout", "0.2").code == 6
