"""--assume and --assume-zone: before and after, the exit code, and what is no assumption."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import Behaviour
from tests.cli.conftest import Ran, served

Cli = Callable[..., Ran]
PTR = "1.2.0.192.in-addr.arpa. PTR mail.example.org."
SPF = 'example.org. TXT "v=spf1 ip4:192.0.2.1 -all"'


@pytest.mark.parametrize(
    ("arguments", "before", "after", "code"),
    [
        (["spf", "example.org", "--ip", "192.0.2.1", "--assume", SPF], "none", "pass by ip4:192.0.2.1", 0),
        (["spf", "example.org", "--ip", "192.0.2.2", "--assume", SPF], "none", "fail by -all", 1),
        (
            ["dmarc", "example.org", "--assume", '_dmarc.example.org. TXT "v=DMARC1; p=reject"'],
            "none",
            "fail unless SPF or DKIM passes and aligns",
            None,
        ),
        (
            ["dkim", "example.org", "--selector", "s1", "--assume", 's1._domainkey.example.org. TXT "v=DKIM1; p="'],
            "no key found",
            "key s1 revoked",
            None,
        ),
        (
            ["iprev", "192.0.2.1", "--assume", PTR, "--assume", "mail.example.org. A 192.0.2.1"],
            "permerror, no PTR record",
            "pass, mail.example.org",
            0,
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_before_and_after(cli: Cli, arguments: list[str], before: str, after: str, code: int | None) -> None:
    ran = cli(*arguments)
    lines = ran.out.splitlines()
    assert "as published: " + before in lines[0]
    assert any("as assumed:   " in line and after in line for line in lines[1:6])
    assert code is None or ran.code == code


def test_json_is_that_of_the_assumption_and_marks_what_was_assumed(cli: Cli) -> None:
    ran = cli("spf", "example.org", "--ip", "192.0.2.1", "--assume", SPF, "--format", "json")
    assert ran.report["evidence"]["result"] == "pass"
    used = ran.report["lookups"][ran.report["evidence"]["lookups"][0]]
    assert (used["name"], used["server"]) == ("example.org", "assumed")


def test_a_master_file(cli: Cli, tmp_path: Path) -> None:
    zone = tmp_path / "example.zone"
    zone.write_text('$ORIGIN example.org.\n@ TXT "v=spf1 a -all"\n  A 192.0.2.1\n', "utf-8")
    other = ["--assume-zone", str(zone), "--assume", "other.example.net. IN A 192.0.2.9"]
    ran = cli("spf", "example.org", "--ip", "192.0.2.1", "--assume-zone", str(zone), *other)
    assert "as assumed:   pass by a" in ran.out
    assert ran.code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--assume", "nonsense"], "--assume"),
        (["--assume", ""], "assumes nothing"),
        (["--assume", 'example.org. TXT "' + "x" * 300 + '"'], "255 octets"),
        (["--assume-zone", "no-such-file.zone"], "no-such-file.zone"),
    ],
)
def test_what_is_no_assumption_is_one_line_and_exit_2(cli: Cli, arguments: list[str], says: str) -> None:
    ran = cli("spf", "example.org", "--ip", "192.0.2.1", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    assert len(ran.err.splitlines()) == 1


REFUSES = Behaviour(replies={Phase.MAIL: "550 5.7.23 SPF validation failed for example.org"}, starttls=False)


def test_a_session_is_held_once_and_its_checks_twice(cli: Cli, tmp_path: Path) -> None:
    options = ["--mail-from", "alice@example.org", "--helo", "client.example.org", "--client-ip", "192.0.2.1"]
    with served(REFUSES) as target:
        ran = cli("check", target, *options, "--assume", SPF)
    assert ran.code == 1
    assert "spf       as published: none" in ran.out
    assert "as assumed:   pass by ip4:192.0.2.1" in ran.out
    with served(REFUSES) as target:
        saved = cli("check", target, *options, "--format", "json")
    file = tmp_path / "report.json"
    file.write_text(saved.out, "utf-8")
    again = cli("replay", str(file), "--assume", SPF)
    assert "as assumed:   pass by ip4:192.0.2.1" in again.out
    assert again.code == 1


def test_without_a_change_it_says_so(cli: Cli) -> None:
    with served(REFUSES) as target:
        ran = cli("check", target, "--helo", "client.example.org", "--mail-from", "alice@example.org",
                  "--client-ip", "192.0.2.1", "--assume", "other.example.net. A 192.0.2.5")  # fmt: skip
    assert "with these records every check gives the same result" in ran.out


def test_a_zone_file_that_is_not_utf_8_is_named(cli: Cli, tmp_path: Path) -> None:
    zone = tmp_path / "latin.zone"
    zone.write_bytes(b'example.org. TXT "\xe9"\n')
    ran = cli("spf", "example.org", "--ip", "192.0.2.1", "--assume-zone", str(zone))
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert f"'{zone}' is not UTF-8 (octet 19)" in ran.err
    assert "codec" not in ran.err


@pytest.mark.parametrize("author", ["alice", "alice@example.net"])
def test_the_author_of_a_message_stays_the_author_in_a_replay(cli: Cli, tmp_path: Path, author: str) -> None:
    message, file = tmp_path / "message.eml", tmp_path / "report.json"
    message.write_text(f"From: {author}\nTo: bob@example.net\n\nHello\n", "utf-8")
    options = ["--mail-from", "alice@example.org", "--client-ip", "192.0.2.1", "--message", str(message)]
    with served(REFUSES) as target:
        file.write_text(cli("check", target, *options, "--format", "json").out, "utf-8")
    policy = '_dmarc.example.org. TXT "v=DMARC1; p=reject"'
    again = cli("replay", str(file), "--assume", policy, "--format", "json")
    (run,) = [each for each in again.report["checks"] if each["check"] == "dmarc"]
    assert (run["evidence"] or {}).get("author_domain") != "example.org"
    assert run["evidence"] is not None or "From field" in run["reason"]
