"""`auth`: one attempt, no mail, and the result in a line and in a word."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import Behaviour
from tests.cli.conftest import Ran, served

IN_CLEAR = ("--user", "alice", "--insecure-auth", "--tls", "off", "--no-color")
PLAIN = (*IN_CLEAR, "--mech", "PLAIN")


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPPROBE_PASSWORD", "correct-horse-7")


@pytest.mark.parametrize(
    ("reply", "code", "result", "words"),
    [
        ("535 5.7.8 wrong user name or password", 5, "wrong-credentials", "wrong credentials (1 attempt: "),
        ("534 5.7.9 Application-specific password required", 5, "method-blocked", "is blocked, whatever the password"),
        ("535 5.7.0 Account locked after too many failed logins", 5, "locked-or-limited", "the account is locked"),
        ("454 4.7.0 Temporary authentication failure", 3, "server-trouble", "they may be right"),
    ],
)
def test_the_result_in_a_line_and_in_a_word(
    cli: Callable[..., Ran], reply: str, code: int, result: str, words: str
) -> None:
    with served(Behaviour(replies={Phase.AUTH: reply}, auth_in_clear=True, starttls=False)) as server:
        ran = cli("auth", server, *PLAIN)
        report = cli("auth", server, *PLAIN, "--format", "json")
    assert ran.code == report.code == code
    assert words in ran.out
    assert "AUTH offered: " in ran.out
    assert "correct-horse-7" not in ran.out + report.out
    login = json.loads(report.out)["login"]
    assert (login["result"], len(login["attempts"]), login["offered_over_tls"]) == (result, 1, None)


def test_no_mail_transaction_is_begun(cli: Callable[..., Ran]) -> None:
    with served(Behaviour(auth_in_clear=True, starttls=False)) as server:
        report = cli("auth", server, *PLAIN, "--format", "json")
    phases = [each["phase"] for each in json.loads(report.out)["transcripts"][0]["exchanges"]]
    assert {"mail", "rcpt", "data"}.isdisjoint(phases)
    assert phases[-1] == "quit"


@pytest.mark.parametrize(
    ("reply", "tried"),
    [
        ("535 5.7.8 wrong", ["PLAIN", "LOGIN"]),
        ("421 4.7.0 too many", ["PLAIN"]),
        ("454 4.7.0 not now", ["PLAIN"]),
        ("535 5.7.0 Account locked after too many failed logins", ["PLAIN"]),
    ],
)
def test_each_mechanism_until_the_server_has_had_enough(cli: Callable[..., Ran], reply: str, tried: list[str]) -> None:
    refuses = Behaviour(replies={Phase.AUTH: reply}, auth_in_clear=True, starttls=False)
    with served(refuses) as server:
        ran = cli("auth", server, *IN_CLEAR, "--try-all", "--format", "json")
    assert ran.err == "smtpprobe: --try-all makes several attempts, and failed logins may lock the account\n"
    assert [each["mechanism"] for each in json.loads(ran.out)["login"]["attempts"]] == tried


@pytest.mark.parametrize("option", ["--all-addresses", "--all-mx"])
def test_each_mechanism_is_tried_at_one_address_alone(cli: Callable[..., Ran], option: str) -> None:
    ran = cli("auth", "127.0.0.1:25", *IN_CLEAR, "--try-all", option)
    assert ran.code == 2
    assert f"{option} and --try-all: the account would be tried at one address alone" in ran.err


def test_one_mechanism_or_all(cli: Callable[..., Ran]) -> None:
    ran = cli("auth", "127.0.0.1:25", *IN_CLEAR, "--try-all", "--mech", "PLAIN")
    assert ran.code == 2
    assert "--mech names one mechanism, and --try-all tries each: choose one of the two" in ran.err


def test_somebody_has_to_log_in(cli: Callable[..., Ran]) -> None:
    ran = cli("auth", "127.0.0.1:25")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "smtpprobe: auth needs --user NAME: whom to log in as\n"


def test_nothing_is_sent_without_tls(cli: Callable[..., Ran]) -> None:
    with served(Behaviour(auth_in_clear=True, starttls=False)) as server:
        ran = cli("auth", server, "--user", "alice", "--tls", "off", "--format", "json")
    assert ran.code == 4
    login = json.loads(ran.out)["login"]
    assert (login["result"], login["mechanism"], login["attempts"]) == ("tls-needed", None, [])
