"""Where a token or a password comes from besides file, command and environment: which counts, and that none is shown."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from smtpprobe.testing.aiosmtpd_server import Behaviour
from tests.cli.conftest import Ran, served
from tests.tokens import USER, jwt

SECRET = "correct-horse-7"
TAKES = Behaviour(
    mechanisms=("PLAIN", "XOAUTH2"), accounts={USER: SECRET, "bob@example.org": SECRET}, auth_in_clear=True, starttls=False
)  # fmt: skip
LOGIN = ("--insecure-auth", "--tls", "off", "--quit-after", "auth", "--helo", "client.example.org")


def one_line(page: str) -> str:
    return " ".join(page.split())


def test_a_token_from_a_command_goes_by_a_mechanism_for_tokens(cli: Callable[..., Ran]) -> None:
    with served(TAKES) as host:
        ran = cli("check", host, "--user", USER, "--token-command", f"printf {SECRET}", *LOGIN, "--format", "json")
    assert ran.code == 0
    assert ran.report["request"]["token"] | {"source": "command", "form": "opaque"} == ran.report["request"]["token"]
    assert ran.report["request"]["password"] is None
    (attempt,) = [x for x in ran.report["transcripts"][0]["exchanges"] if x["phase"] == "auth"]
    assert attempt["sent"] == "AUTH XOAUTH2 ‹credentials›"


def test_an_expired_one_is_not_sent_and_says_so_before(cli: Callable[..., Ran], tmp_path: Path) -> None:
    token = jwt("iss", "upn", exp=1)
    file = tmp_path / "token"
    file.write_text(token)
    given = ("check", "--user", USER, "--token-command", f"cat {file}", *LOGIN, "-v")
    with served(TAKES) as host:
        ran = cli(*given, host)
    assert ran.code == 4
    assert "smtpprobe: the token expired" in ran.err
    assert "Why The token expired" in one_line(ran.out)
    assert "→ AUTH" not in ran.out
    assert token.rpartition(".")[2] not in ran.out + ran.err


@pytest.mark.parametrize(("given", "said"), [((), False), (("-v",), True)])
def test_what_looks_odd_is_told_beforehand_with_v(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...], said: bool
) -> None:
    monkeypatch.setenv("SMTPPROBE_PASSWORD", f"{SECRET} ")
    with served(TAKES) as host:
        ran = cli("check", host, "--user", USER, *LOGIN, *given)
    assert ("smtpprobe: the password has a blank at an end" in ran.err) is said
    assert "The password begins or ends with a space" in one_line(ran.out)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


ENTRY = f"machine 127.0.0.1 login {USER} password {SECRET}\n"


@pytest.mark.parametrize("user", [(), ("--user", USER)])
def test_netrc_gives_the_password_and_the_user(cli: Callable[..., Ran], home: Path, user: tuple[str, ...]) -> None:
    written(home / ".netrc", ENTRY)
    with served(TAKES) as host:
        ran = cli("check", host, "--netrc", *user, *LOGIN, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    assert (ran.report["request"]["user"], ran.report["request"]["password"]["source"]) == (USER, "netrc")


def test_a_file_that_is_named_counts(cli: Callable[..., Ran], home: Path) -> None:
    file = written(home / "logins", f"machine 127.0.0.1\n  login bob@example.org\n  password {SECRET}\n", 0o644)
    with served(TAKES) as host:
        ran = cli("check", host, "--netrc-file", file, *LOGIN)
    assert ran.code == 0
    assert "can be read by others (mode 0644): run chmod 600 on it" in ran.err
    assert "bob@example.org" in ran.out


@pytest.mark.parametrize(
    ("text", "given", "words"),
    [
        (None, (), "No such file"),
        (f"machine mail.example login {USER} password {SECRET}", (), "has no entry 'machine 127.0.0.1'"),
        (f"default login {USER} password {SECRET}", (), "has no entry 'machine 127.0.0.1'"),
        (ENTRY, ("--user", "carol@example.org"), "is for another user than 'carol@example.org'"),
        (f"machine 127.0.0.1 password {SECRET}", (), "has no login"),
        (f"machine 127.0.0.1 login {USER}", (), "the password from the file"),
        (f"machine 127.0.0.1\npasswort {SECRET}", (), "line 2: not in the form of .netrc"),
        (ENTRY, ("--password-command", "true"), "--password-command and --netrc-file: expected one of the two"),
    ],
)
def test_a_netrc_file_that_is_of_no_use(
    cli: Callable[..., Ran], home: Path, text: str | None, given: tuple[str, ...], words: str
) -> None:
    if text is not None:
        written(home / ".netrc", text)
    ran = cli("check", "127.0.0.1:1", "--netrc", *given, *LOGIN)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert SECRET not in ran.err
    assert ran.err.count("\n") == 1


def test_a_directory_s_file_reads_no_password_of_the_user_s(cli: Callable[..., Ran], home: Path) -> None:
    written(home / ".netrc", ENTRY)
    for line in (
        "netrc = true",
        f"netrc-file = '{home}/.netrc'",
        "keyring = 'x'",
        "token-command = 'true'",
        "send-anyway = true",
    ):
        (home / "smtpprobe.toml").write_text(line + "\n")
        ran = cli("check", "127.0.0.1:1")
        assert ran.code == 2
        assert line.partition(" ")[0] in ran.err


class KeyringError(Exception):
    """As the package's own."""


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A keyring that holds one password."""
    module, errors = types.ModuleType("keyring"), types.ModuleType("keyring.errors")
    errors.KeyringError = KeyringError  # type: ignore[attr-defined]
    module.errors = errors  # type: ignore[attr-defined]
    module.get_password = lambda service, user: {("mail", USER): SECRET}.get((service, user))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    return module


def test_a_keyring_gives_the_password(cli: Callable[..., Ran], keyring: types.ModuleType) -> None:
    with served(TAKES) as host:
        ran = cli("check", host, "--keyring", "mail", "--user", USER, *LOGIN, "--format", "json")
    assert ran.code == 0
    assert ran.report["request"]["password"]["source"] == "keyring"


def test_a_keyring_that_has_none(cli: Callable[..., Ran], keyring: types.ModuleType) -> None:
    ran = cli("check", "127.0.0.1:1", "--keyring", "other", "--user", USER)
    assert (ran.code, ran.out) == (2, "")
    assert f"nothing is stored for 'other' and '{USER}'" in ran.err


def test_a_keyring_that_is_locked(cli: Callable[..., Ran], keyring: types.ModuleType) -> None:
    def locked(service: str, user: str) -> str:
        raise KeyringError(SECRET)

    keyring.get_password = locked  # type: ignore[attr-defined]
    ran = cli("check", "127.0.0.1:1", "--keyring", "mail", "--user", USER)
    assert (ran.code, ran.out) == (2, "")
    assert "could not be read (KeyringError)" in ran.err
    assert SECRET not in ran.err


def test_without_the_package_it_is_said(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    ran = cli("check", "127.0.0.1:1", "--keyring", "mail", "--user", USER)
    assert (ran.code, ran.out) == (2, "")
    assert "install smtpprobe[keyring]" in ran.err


@pytest.mark.parametrize("option", ["--token-command", "--keyring", "--password-file"])
def test_a_source_needs_a_user(cli: Callable[..., Ran], option: str) -> None:
    ran = cli("check", "127.0.0.1:1", option, "x")
    assert (ran.code, ran.out) == (2, "")
    assert f"{option} needs --user" in ran.err


def test_what_is_stronger_counts(cli: Callable[..., Ran], home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPPROBE_PASSWORD", "from the environment")
    written(home / ".netrc", ENTRY)
    with served(TAKES) as host:
        assert cli("check", host, "--netrc", *LOGIN).code == 0
        assert cli("check", host, "--user", USER, *LOGIN).code == 5


@pytest.mark.parametrize(
    ("token", "result", "code", "attempts"),
    [
        (SECRET, "accepted", 0, ["XOAUTH2"]),
        ("another", "token-refused", 5, ["XOAUTH2"]),
        ("Bearer x", "not-sent", 4, []),
        ("{}", "not-sent", 4, []),
    ],
)
def test_auth_takes_a_token_too(
    cli: Callable[..., Ran], tmp_path: Path, token: str, result: str, code: int, attempts: list[str]
) -> None:
    file = written(tmp_path / "token", token)
    given = (
        "--user",
        USER,
        "--token-command",
        f"cat {file}",
        "--insecure-auth",
        "--tls",
        "off",
        "--helo",
        "client.example.org",
    )
    with served(TAKES) as host:
        ran = cli("auth", host, *given, "--format", "json")
    login = ran.report["login"]
    assert (ran.code, login["result"]) == (code, result)
    assert [each["mechanism"] for each in login["attempts"]] == attempts


def test_a_token_is_tried_by_no_mechanism_for_passwords(cli: Callable[..., Ran]) -> None:
    both = Behaviour(
        mechanisms=("PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"),
        accounts={USER: SECRET},
        auth_in_clear=True,
        starttls=False,
    )
    given = ("--user", USER, "--token-command", "printf other", "--insecure-auth", "--tls", "off", "--try-all")
    with served(both) as host:
        ran = cli("auth", host, *given, "--format", "json")
    assert [each["mechanism"] for each in ran.report["login"]["attempts"]] == ["XOAUTH2", "OAUTHBEARER"]
