"""Where a session is to end, and what it says when it does not come to it; where it goes, and with which name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import Behaviour
from tests.cli.conftest import Ran, served

PLAIN = Behaviour(starttls=False)


@pytest.mark.parametrize(
    ("behaviour", "stage", "arguments", "words"),
    [
        (PLAIN, "tls", (), ["✗ TLS NOT REACHED", "the server does not offer STARTTLS", "exit 4: stage-not-reached, tls"]),
        (PLAIN, "starttls", (), ["✗ STARTTLS NOT REACHED", "exit 4: stage-not-reached, starttls"]),
        (PLAIN, "RCPT", (), ["✗ RCPT TO NOT REACHED", "there is no forward-path (--rcpt-to)", "stage-not-reached, rcpt"]),
        (
            "S: 220 Hi\nC: EHLO *\nS: 250-Hi\nS: 250 STARTTLS\nC: STARTTLS\nS: 454 No\nC: QUIT\nS: 221 Bye\nEOF\n",
            "tls", (), ["✗ TLS NOT REACHED", "454 No", "the server answers STARTTLS with 454", "exit 4: stage-not-reached, tls"],
        ),
    ],
)  # fmt: skip
def test_a_stage_that_is_not_reached_is_no_session(
    cli: Callable[..., Ran], behaviour: str | Behaviour, stage: str, arguments: tuple[str, ...], words: list[str]
) -> None:
    with served(behaviour) as host:
        ran = cli("check", host, "--quit-after", stage, "-q", *arguments)
    text = " ".join(ran.out.split())
    assert ran.code == 4
    for word in words:
        assert word in text


def test_in_json_it_is_a_fault(cli: Callable[..., Ran]) -> None:
    with served(PLAIN) as host:
        ran = cli("check", host, "--quit-after", "tls", "--format", "json")
    outcome = ran.report["outcome"]
    assert (ran.code, outcome["exit_code"], outcome["status"]) == (4, 4, "no-session")
    assert (outcome["fault"], outcome["exit_reason"]) == ("stage-not-reached", "stage-not-reached, tls")


@pytest.mark.parametrize("stage", ["connect", "greeting", "ehlo", "mail"])
def test_a_stage_that_is_reached_is_a_success(cli: Callable[..., Ran], stage: str) -> None:
    with served(PLAIN) as host:
        assert cli("check", host, "--quit-after", stage).code == 0


def test_a_refusal_on_the_way_is_the_answer(cli: Callable[..., Ran]) -> None:
    with served(Behaviour(starttls=False, replies={Phase.MAIL: "550 5.7.1 no"})) as host:
        assert cli("check", host, "--quit-after", "rcpt", "--diagnose", "never").code == 1


def test_after_the_connection_the_greeting_is_not_waited_for(cli: Callable[..., Ran]) -> None:
    with served("~ 3600\nS: 220 never\n") as host:
        ran = cli("check", host, "--quit-after", "connect", "--format", "json")
        page = cli("check", host, "--quit-after", "connect")
    assert (ran.code, ran.report["transcripts"][0]["exchanges"]) == (0, [])
    assert "✓ CONNECTED to " in page.out


@pytest.mark.parametrize(
    "form", ["{host} {port}", "smtp://{host} {port}", "[::ffff:{host}] {port}", "smtp://{host}/ {port}"]
)
def test_host_and_port_may_stand_apart(cli: Callable[..., Ran], form: str) -> None:
    with served(PLAIN) as server:
        host, _, port = server.partition(":")
        ran = cli("check", *form.format(host=host, port=port).split(), "--format", "json", "--quit-after", "ehlo")
    assert ran.code == 0
    assert ran.report["target"]["port"] == int(port)


@pytest.mark.parametrize(
    "name",
    ["bad!name", "MX.Example.COM", "mx.example.com.", "a b", "-_.x..y", "my_pc", "ü.example", "[1.2.3]", "", "\t"],
)
def test_the_helo_name_goes_out_octet_for_octet(cli: Callable[..., Ran], name: str) -> None:
    """After a refusal the checks run over a name that need not be one."""
    with served(Behaviour(starttls=False, replies={Phase.EHLO: "550 5.7.1 bad name"})) as host:
        ran = cli("check", host, "--helo", name, "--diagnose", "always", "--format", "json", "--client-ip", "192.0.2.1")
    report = ran.report
    exchange = report["transcripts"][0]["exchanges"][1]
    assert (ran.code, exchange["sent"]) == (1, f"EHLO {name}")
    assert report["envelope"]["helo"] == {"value": name, "assumed": False}
    assert [check["check"] for check in report["checks"] if check["status"] == "failed"] == []


def test_a_name_that_is_none_is_not_looked_up_and_the_checks_say_so(cli: Callable[..., Ran]) -> None:
    with served(Behaviour(starttls=False, replies={Phase.EHLO: "550 5.7.1 bad name"})) as host:
        ran = cli("check", host, "--helo", "bad!name.example", "--format", "json", "--client-ip", "192.0.2.1")
    checks = {check["check"]: check for check in ran.report["checks"]}
    helo = checks["spf"]["evidence"]["identities"]["helo"]
    assert (helo["result"], helo["fault"]) == (None, "no-domain")
    assert "bad!name.example" in helo["problem"]
    assert checks["iprev"]["evidence"]["helo"]["status"] == "not-a-name"
    assert [each for each in ran.report["lookups"] if "bad!" in each["name"]] == []
