"""Where passwords come from, and that none is shown."""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from smtpprobe.cli import password
from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import Behaviour
from smtpprobe.wire.secret.password import read_password
from tests.cli.conftest import Ran, served

SECRET = "correct-horse-7"
REFUSES = Behaviour(replies={Phase.AUTH: "535 5.7.8 wrong"}, auth_in_clear=True, starttls=False)


def test_flags_go_before_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SMTPPROBE_PASSWORD", "from the environment")
    path = tmp_path / "password"
    path.write_bytes(b"from the file\r\nsecond line\r\n")
    assert password.find("alice", {"password_file": str(path)}) == "from the file"
    assert password.find("alice", {"password_command": "printf 'from a command\\nmore'"}) == "from a command"
    assert password.find("alice", {}) == "from the environment"


def test_spaces_and_letters_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_bytes("\ufeff pässwörd \n".encode())
    assert password.find("alice", {"password_file": str(path)}) == " pässwörd "


@pytest.mark.parametrize(
    ("secret", "quoted", "variable"),
    [
        ("plain", False, False),
        ("'s3cret'", True, False),
        ('"s3cret"', True, False),
        ("'s3cret\"", False, False),
        ("it's", False, False),
        ("''", False, False),
        ("$MAIL_PASSWORD", False, True),
        ("'$MAIL_PASSWORD'", True, True),
        ('"$MAIL_PASSWORD" ', True, True),
    ],
)
def test_what_is_said_of_quotation_marks_and_variables(secret: str, quoted: bool, variable: bool) -> None:
    record = read_password(secret)
    assert (record.quoted, record.names_variable) == (quoted, variable)


PLACEHOLDERS = (
    "${SMTP_PASSWORD}", "${{ secrets.SMTP }}", "$(SMTP_PASSWORD)", "{{ smtp_password }}", "%SMTP_PASSWORD%", "***", "••••",
    "<password>", "<your password>",
)  # fmt: skip


@pytest.mark.parametrize("secret", PLACEHOLDERS)
def test_what_was_never_filled_in_spends_no_attempt(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("SMTPPROBE_PASSWORD", secret)
    with served(REFUSES) as host:
        ran = cli("check", host, "--user", "alice", "--mech", "PLAIN", "--insecure-auth", "--tls", "off")
    assert ran.code == 4
    assert "STOPPED before AUTH" in ran.out
    assert "The password is a variable or a placeholder that was never filled in" in one_line(ran.out)
    assert "--send-anyway" in ran.out
    assert secret.strip("*") == "" or secret not in ran.out


def one_line(page: str) -> str:
    return " ".join(page.split())


def test_it_is_sent_where_the_user_insists(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPPROBE_PASSWORD", "***")
    with served(REFUSES) as host:
        ran = cli(
            "check", host, "--user", "alice", "--mech", "PLAIN", "--insecure-auth", "--tls", "off", "--send-anyway"
        )
    assert ran.code == 5


@pytest.mark.parametrize("secret", ["$ecret", "a*b", "<>", "100%", "{x}", "p${x"])
def test_what_only_resembles_a_placeholder_is_a_password(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("SMTPPROBE_PASSWORD", secret)
    assert password.find("alice", {}) == secret


@pytest.mark.parametrize(
    ("octets", "words"), [(b"", "is empty"), (b"\n", "is empty"), (b"a\0b", "NUL"), (b"\xff\xfe", "not UTF-8")]
)
def test_a_file_without_a_password_is_named(tmp_path: Path, octets: bytes, words: str) -> None:
    path = tmp_path / "password"
    path.write_bytes(octets)
    with pytest.raises(ValueError, match=words) as raised:
        password.find("alice", {"password_file": str(path)})
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("", "is empty"),
        ("'", "quotation"),
        (f"no-such-program {SECRET}", "'no-such-program' could not be run"),
        (f"sh -c 'echo {SECRET}; exit 3'", "'sh' ended with 3"),
        ("true", "is empty"),
        ("printf '\\377'", "not UTF-8"),
    ],
)
def test_a_command_that_gives_no_password(cli: Callable[..., Ran], command: str, words: str) -> None:
    ran = cli("check", "127.0.0.1:1", "--user", "alice", "--password-command", command)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert SECRET not in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    ("mode", "said"), [(0o644, "0644"), (0o640, "0640"), (0o604, "0604"), (0o600, ""), (0o400, "")]
)
def test_a_file_that_others_can_read_is_warned_of(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, mode: int, said: str
) -> None:
    path = tmp_path / "password"
    path.write_text(SECRET)
    path.chmod(mode)
    assert password.find("alice", {"password_file": str(path)}) == SECRET
    err = capsys.readouterr().err
    assert (f"(mode {said}): run chmod 600 on it" in err) is bool(said)
    assert bool(err) is bool(said)
    assert SECRET not in err


def test_a_pipe_is_read_by_nobody_else(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    read, write = os.pipe()
    os.write(write, SECRET.encode())
    os.close(write)
    assert password.find("alice", {"password_file": f"/dev/fd/{read}"}) == SECRET
    os.close(read)
    assert capsys.readouterr().err == ""


def test_a_command_does_not_inherit_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPPROBE_PASSWORD", SECRET)
    monkeypatch.setenv("SMTPPROBE_LANG", "hi")
    printed = password.find(
        "alice", {"password_command": "sh -c 'echo \"[${SMTPPROBE_PASSWORD-none}] $SMTPPROBE_LANG\"'"}
    )
    assert printed == "[none] hi"


def test_no_source_and_no_terminal(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(SECRET))
    ran = cli("check", "127.0.0.1:1", "--user", "alice\x1b[1m")
    assert (ran.code, ran.out) == (2, "")
    assert "alice\\x1b[1m" in ran.err
    assert "SMTPPROBE_PASSWORD" in ran.err


def test_one_source_at_a_time(cli: Callable[..., Ran]) -> None:
    ran = cli("check", "127.0.0.1:1", "--user", "alice", "--password-file", "x", "--password-command", "true")
    assert ran.code == 2
    assert "one of the two" in ran.err


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_password_is_nowhere_in_the_output(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, form: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("SMTPPROBE_PASSWORD", SECRET)
    saved = tmp_path / "report.json"
    with served(REFUSES) as host:
        ran = cli(
            "check", host, "--user", "alice", "--mech", "PLAIN", "--insecure-auth", "--tls", "off", "-v",
            "--format", form, "--output", str(saved)
        )  # fmt: skip
    assert ran.code == 5
    encoded = base64.b64encode(f"\0alice\0{SECRET}".encode()).decode()
    for text in (ran.out, ran.err, saved.read_text()):
        assert SECRET not in text
        assert encoded not in text


def test_an_empty_variable_is_a_wrong_environment_and_writes_no_report(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SMTPPROBE_PASSWORD", "")
    ran = cli("check", "127.0.0.1:1", "--user", "alice", "--output", str(tmp_path / "report.json"))
    assert (ran.code, ran.out, ran.err) == (2, "", "smtpprobe: the password from SMTPPROBE_PASSWORD is empty\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("secret", "how", "told"),
    [
        ("plain-enough", "file", "password from a file: all ASCII, no leading or trailing space"),
        (" leading", "file", "password from a file: all ASCII, leading or trailing space"),
        ("pässwörd", "environment", "password from the environment: not all ASCII, no leading or trailing space"),
        ("printed", "command", "password from a command: all ASCII, no leading or trailing space"),
    ],
)
def test_a_password_that_is_refused_is_told_by_its_source_and_looks(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, secret: str, how: str, told: str
) -> None:
    file = tmp_path / "password"
    file.write_text(secret, encoding="utf-8")
    file.chmod(0o600)
    options = {"file": ("--password-file", str(file)), "command": ("--password-command", f"cat {file}")}.get(how, ())
    if how == "environment":
        monkeypatch.setenv("SMTPPROBE_PASSWORD", secret)
    saved = tmp_path / "report.json"
    login = (
        "--user",
        "alice",
        "--mech",
        "PLAIN",
        "--insecure-auth",
        "--tls",
        "off",
        *options,
        "--output",
        f"json:{saved}",
    )
    with served(REFUSES) as host:
        page = cli("check", host, *login).out
    assert told in " ".join(page.split())
    assert json.loads(saved.read_text("utf-8"))["request"]["password"]["source"] == how
