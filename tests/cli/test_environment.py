"""Options from the environment: each can be set, what is set is used, and a name that is none is an error."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from smtpprobe.cli import app, config
from smtpprobe.cli.settings import long_names
from tests.cli.conftest import Ran

HOST = "127.0.0.1:1"
ROOT = Path(__file__).parents[2]
COMMANDS = app.group.list_commands(click.Context(app.group))


def command_of(name: str) -> click.Command:
    found = app.group.get_command(click.Context(app.group, **app.group.context_settings), name)
    assert found is not None
    return found


def values_of(name: str) -> dict[str, object]:
    """What the settings give a command."""
    found = command_of(name)
    whole = click.Context(app.group, **app.group.context_settings)
    with whole as parent, click.Context(found, parent=parent, info_name=name) as context:
        config.apply(context, None)
        return dict(context.default_map or {})


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))


EVERY_OPTION = [(name, key, option) for name in COMMANDS for key, (option, _) in long_names(command_of(name)).items()]
TEXTS = {
    "at": "2026-11-22", "assume": 'example.org. TXT "v=spf1 -all"', "cert-days": "21,7", "client-ip": "192.0.2.1",
    "deadline": "20", "dkim-pass": "example.org", "dkim-selector": "s1", "dnsbl": "zone.example", "helo": "a.example",
    "channel-binding": "tls-unique",
    "ip": "192.0.2.1", "mail-from": "<>", "mech": "PLAIN", "min-key-bits": "2048", "only-dnsbl": "zone.example",
    "lang": "hi", "rcpt-to": "bob@example.com", "resolver": "192.0.2.53", "sni": "mx.example", "source-ip": "192.0.2.1",
    "ciphers": "HIGH", "alpn": "smtp",
    "proxy-source": "192.0.2.1", "source-port": "2525", "via": "socks5://127.0.0.1:1080", "xclient": "ADDR=192.0.2.1",
    "header": "Subject: Hi", "message-size": "20k", "chunk-size": "500",
    "dkim-sign": "a.example:s1:example.org",
    "xforward": "ADDR=192.0.2.1",
    "size": "1000", "mt-priority": "-3", "hold-for": "60", "hold-until": "2026-11-22", "notify": "never",
    "orcpt": "bob@example.com", "mail-param": "XVERP", "rcpt-param": "XFOO=1", "vrfy": "bob", "expn": "staff",
    "timeout": "1.5", "tls-name": "mx.example", "verbose": "2",
}  # fmt: skip


@pytest.mark.parametrize(("name", "key", "option"), EVERY_OPTION, ids=str)
def test_every_option_of_every_command_can_be_set(
    monkeypatch: pytest.MonkeyPatch, name: str, key: str, option: click.Option
) -> None:
    choices = option.type.choices[0] if isinstance(option.type, click.Choice) else "a.example"
    Path("a.example").touch()
    monkeypatch.setenv(f"SMTPPROBE_{key.upper().replace('-', '_')}", "1" if option.is_flag else TEXTS.get(key, choices))
    assert option.name in values_of(name)


def test_what_is_set_reaches_the_session(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, closed_port: str
) -> None:
    for name, value in {
        "MAIL_FROM": "a@example.org", "RCPT_TO": "b@example.com\nc@example.com", "HELO": "client.example.org",
        "FORMAT": "json", "CLIENT_IP": "192.0.2.7", "TLS": "require", "TLS_VERIFY": "0", "TIMEOUT": "2.5",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"SMTPPROBE_{name}", value)
    report = cli("check", closed_port).report
    assert report["envelope"]["reverse_path"] == {"value": "a@example.org", "assumed": False}
    assert [each["value"] for each in report["envelope"]["forward_paths"]] == ["b@example.com", "c@example.com"]
    request = report["request"]
    assert (request["helo"], request["client_ip"], request["timeout_s"]) == ("client.example.org", "192.0.2.7", 2.5)
    assert (request["tls"]["policy"], request["tls"]["verify"]) == ("require", False)


@pytest.mark.parametrize(
    ("name", "value", "key", "expected"),
    [
        ("TLS_VERIFY", "1", "verify", True),
        ("TLS_VERIFY", "false", "verify", False),
        ("NO_TLS_VERIFY", "1", "verify", False),
        ("NO_TLS_VERIFY", "off", "verify", True),
        ("HOST", "yes", "host", True),
        ("VERBOSE", "2", "verbose", 2),
        ("VERBOSE", "true", "verbose", True),
        ("DNSBL", "a.example b.example\nc.example", "dnsbl", ["a.example", "b.example", "c.example"]),
        ("ASSUME_ZONE", "a file\nanother\n", "assume_zone", ["a file", "another"]),
        ("ASSUME", 'a. TXT "v=spf1 -all"\nb. TXT "x y"', "assume", ['a. TXT "v=spf1 -all"', 'b. TXT "x y"']),
        ("OUTPUT", "json:a b.json", "outputs", ["json:a b.json"]),
        ("MAIL_FROM", "<>", "mail_from", "<>"),
    ],
)
def test_a_text_is_what_the_option_takes(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, key: str, expected: object
) -> None:
    for path in ("a file", "another"):
        Path(path).touch()
    monkeypatch.setenv(f"SMTPPROBE_{name}", value)
    assert values_of("check")[key] == expected


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TLS", "maybe", ["SMTPPROBE_TLS: 'maybe'", "'require'"]),
        ("TIMEOUT", "abc", ["SMTPPROBE_TIMEOUT holds 'abc'", "a number of seconds"]),
        ("TLS_VERIFY", "maybe", ["SMTPPROBE_TLS_VERIFY holds 'maybe'", "true or false"]),
        ("VERBOSE", "-1", ["SMTPPROBE_VERBOSE holds '-1'", "whole number"]),
        ("RCPT_TO", "bob@example.com a@b@", ["SMTPPROBE_RCPT_TO: 'a@b@'", "user@example.com"]),
        ("HOST", "mx.example", ["SMTPPROBE_HOST holds 'mx.example'", "true or false"]),
        ("CA_FILE", "/nowhere", ["SMTPPROBE_CA_FILE: ", "/nowhere", "No such file"]),
        ("OUTPUT", "yaml:x", ["SMTPPROBE_OUTPUT: ", "'yaml'"]),
        ("LANG", "xx", ["SMTPPROBE_LANG: 'xx'", "en, hi"]),
        ("MAILFROM", "x", ["SMTPPROBE_MAILFROM", "did you mean SMTPPROBE_MAIL_FROM?"]),
        ("TO", "x", ["SMTPPROBE_TO", "did you mean SMTPPROBE_RCPT_TO?"]),
        ("PASWORD", "s3cret", ["SMTPPROBE_PASWORD", "did you mean SMTPPROBE_PASSWORD?"]),
        ("PASSWORD_", "s3cret", ["SMTPPROBE_PASSWORD_", "did you mean SMTPPROBE_PASSWORD?"]),
        ("helo", "x", ["SMTPPROBE_helo", "did you mean SMTPPROBE_HELO?"]),
        ("ZZZZZZ", "x", ["SMTPPROBE_ZZZZZZ"]),
        ("", "x", ["SMTPPROBE_ "]),
    ],
)
def test_what_is_wrong_is_one_line_that_names_the_variable(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: list[str]
) -> None:
    monkeypatch.setenv(f"SMTPPROBE_{name}", value)
    ran = cli("check", HOST)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    for word in words:
        assert word in ran.err
    assert "s3cret" not in ran.err


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"TLS": "off"}, "'smtps://127.0.0.1:1' asks for TLS, but SMTPPROBE_TLS is off: choose one of the two"),
        ({"QUIT_AFTER": "auth"}, "SMTPPROBE_QUIT_AFTER auth needs --user"),
        ({"MECH": "PLAIN"}, "SMTPPROBE_MECH needs --user"),
        ({"PASSWORD_FILE": "x"}, "SMTPPROBE_PASSWORD_FILE needs --user"),
    ],
)
def test_what_does_not_fit_is_named_as_it_was_set(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], words: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"SMTPPROBE_{name}", value)
    ran = cli("check", "smtps://127.0.0.1:1")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert words in ran.err


def test_an_unknown_name_is_an_error_for_every_command(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTPPROBE_MAILFROM", "x")
    for name in COMMANDS:
        assert cli(name, "554").code == 2
        assert cli(name, "--help").code == 0


@pytest.mark.parametrize("key", sorted({key for _, key, _ in EVERY_OPTION}))
def test_what_another_command_has_is_passed_over(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    if key not in long_names(command_of("explain")):
        monkeypatch.setenv(f"SMTPPROBE_{key.upper().replace('-', '_')}", "anything")
        assert cli("explain", "554").code == 0


def test_all_that_is_wrong_is_told_at_once(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPPROBE_TLS", "maybe")
    monkeypatch.setenv("SMTPPROBE_HELP_ME", "x")
    Path("named.toml").write_text("[check]\nhelo = 3\n", "utf-8")
    ran = cli("check", HOST, "--config", "named.toml")
    assert ran.code == 2
    assert [next(word for word in ("named.toml", "HELP_ME", "TLS") if word in line) for line in ran.err.splitlines()] == [
        "named.toml", "HELP_ME", "TLS"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["PASSWORD", "TRACEBACK", "SUITES", "CORPORA", "REQUIRE", "GOLDEN", "TEST_DECISIONS", "TEST_WHATEVER", "SELECTOR"],
)
def test_what_others_read_and_other_commands_have_is_passed_over(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(f"SMTPPROBE_{name}", "x")
    assert cli("explain", "554").code == 0


def test_a_password_alone_costs_no_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is needed to read options is not imported for a variable that is none."""
    monkeypatch.delenv("SMTPPROBE_RESOLVER")
    monkeypatch.setenv("SMTPPROBE_PASSWORD", "x")
    code = "import sys; from smtpprobe.cli.app import run; run(['explain', '554']); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "smtpprobe.cli.settings" not in ran.stdout.splitlines()[-1].split()


def test_a_variable_that_holds_nothing_is_not_set(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TLS", "HELO", "TIMEOUT", "QUIET", "CONFIG", "LANG"):
        monkeypatch.setenv(f"SMTPPROBE_{name}", "")
    assert cli("explain", "554").code == 0
    assert cli("check", HOST).code == 4


def test_the_order_is_flags_environment_named_own_project(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "home" / "smtpprobe"
    own.mkdir(parents=True)

    def helo(*arguments: str) -> str:
        found: str = cli(*arguments, "check", HOST, "--format", "json").report["request"]["helo"]
        return found

    Path("smtpprobe.toml").write_text('helo = "project.example"\n', "utf-8")
    assert helo() == "project.example"
    (own / "config.toml").write_text('helo = "own.example"\n', "utf-8")
    assert helo() == "own.example"
    Path("named.toml").write_text('helo = "named.example"\n', "utf-8")
    assert helo("--config", "named.toml") == "named.example"
    monkeypatch.setenv("SMTPPROBE_CONFIG", "named.toml")
    assert helo() == "named.example"
    monkeypatch.setenv("SMTPPROBE_HELO", "environment.example")
    assert helo("--config", "named.toml") == "environment.example"
    assert cli("check", HOST, "--helo", "flag.example", "--format", "json").report["request"]["helo"] == "flag.example"


def test_the_password_comes_from_the_strongest_source(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file that holds no password says which source was read."""
    (tmp_path / "empty").write_text("", "utf-8")
    Path("named.toml").write_text('[check]\npassword-file = "empty"\nuser = "alice"\n', "utf-8")
    check = ("check", HOST, "--config", "named.toml")
    assert cli(*check).code == 2  # the file
    monkeypatch.setenv("SMTPPROBE_PASSWORD", "s3cret")
    assert cli(*check).code == 4  # the variable goes before it
    assert cli(*check, "--password-file", "empty").code == 2  # and the command line before that
    monkeypatch.setenv("SMTPPROBE_PASSWORD_FILE", "empty")
    ran = cli(*check)
    assert ran.code == 2
    assert "SMTPPROBE_PASSWORD and SMTPPROBE_PASSWORD_FILE: expected one of the two" in ran.err
    assert cli(*check, "--password-command", "printf s3cret").code == 4


def test_every_variable_that_the_documentation_names_is_known() -> None:
    pages = (*ROOT.glob("docs/**/*.md"), ROOT / "README.md")
    named = {found for page in pages for found in re.findall(r"\bSMTPPROBE_([A-Z_]+[A-Z])\b", page.read_text("utf-8"))}
    options = {key.upper().replace("-", "_") for _, key, _ in EVERY_OPTION}
    assert {each for each in named - options - config.NO_OPTIONS if not each.startswith("TEST_")} == set()
