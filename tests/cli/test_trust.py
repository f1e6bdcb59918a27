"""`smtpprobe trust`: a directory's file that may set everything, as long as it stays as it is."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from smtpprobe.cli import trusted
from tests.cli.conftest import Ran

HOST = "127.0.0.1:1"
CLOSED = '[check]\nquit-after = "connect"\n'


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "repo").mkdir()
    monkeypatch.chdir(tmp_path / "repo")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))


@pytest.fixture
def remembered(tmp_path: Path) -> Path:
    return tmp_path / "home" / "smtpprobe" / "trusted.json"


def write(text: str, name: str = "smtpprobe.toml") -> None:
    Path(name).write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("name", "text"), [("smtpprobe.toml", CLOSED), ("pyproject.toml", CLOSED.replace("[", "[tool.smtpprobe."))]
)
def test_a_trusted_file_sets_everything_until_it_changes(cli: Callable[..., Ran], name: str, text: str) -> None:
    write(text, name)
    ran = cli("check", HOST)
    assert ran.code == 2
    assert "has changed" not in ran.err
    assert cli("trust", ".").code == 0
    assert cli("check", HOST).code == 4
    write(text + "# another line\n", name)
    ran = cli("check", HOST)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    for word in (repr(name), "has changed since it was trusted", "'quit-after'", "smtpprobe trust ."):
        assert word in ran.err
    write(text, name)
    assert cli("check", HOST).code == 4


def test_a_changed_file_still_sets_what_is_open(cli: Callable[..., Ran]) -> None:
    write(CLOSED)
    cli("trust", ".")
    write('lang = "hi"\n')
    assert cli("explain", "554").out.startswith("554  लेन-देन")


def test_bounds_and_logins_hold_for_files_that_are_not_trusted(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTPPROBE_PASSWORD", "hunter2")
    write('[check]\ntimeout = 61\nmail-from = "a@example.org"\n')
    assert cli("check", HOST, "--user", "alice").code == 2
    cli("trust", ".")
    assert cli("check", HOST, "--user", "alice").code == 4


def test_a_trusted_forward_path_goes_before_the_target(cli: Callable[..., Ran]) -> None:
    write('[check]\nrcpt-to = "b@example.com"\n')
    cli("trust", ".")
    ran = cli("check", "bob@target.example", "--format", "json")
    assert [each["value"] for each in ran.report["envelope"]["forward_paths"]] == ["b@example.com"]


def test_naming_the_file_allows_it_once(cli: Callable[..., Ran]) -> None:
    write(CLOSED)
    for name in ("smtpprobe.toml", "./smtpprobe.toml", os.path.abspath("smtpprobe.toml")):
        assert cli("--config", name, "check", HOST).code == 4
    assert cli("check", HOST).code == 2


def test_naming_another_file_does_not(cli: Callable[..., Ran]) -> None:
    write(CLOSED)
    write("", "other.toml")
    assert cli("--config", "other.toml", "check", HOST).code == 2


def test_trust_is_in_a_place_and_not_in_a_content(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    write(CLOSED)
    cli("trust", ".")
    Path("copy").mkdir()
    write(CLOSED, "copy/smtpprobe.toml")
    monkeypatch.chdir("copy")
    ran = cli("check", HOST)
    assert ran.code == 2
    assert "has changed" not in ran.err


def test_a_link_to_the_directory_leads_to_the_same_place(
    cli: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(CLOSED)
    (tmp_path / "link").symlink_to("repo")
    assert cli("trust", str(tmp_path / "link")).code == 0
    assert cli("check", HOST).code == 4


def test_what_the_file_sets_is_said(cli: Callable[..., Ran]) -> None:
    write('lang = "hi"\nresolver = "192.0.2.1"\n[check]\nuser = "alice"\nhelo = "client.example"\n"\\u001b[31m" = 1\n')
    lines = cli("trust", ".").out.splitlines()
    assert lines[0] == f"trusted as it is now: {os.path.realpath('smtpprobe.toml')}"
    assert lines[1:] == [
        "  it sets resolver for every command that has it",
        "  it sets user for check",
        "  it sets \\x1b[31m for check",
    ]


@pytest.mark.parametrize("table", ["", "[check]\n"])
def test_what_is_closed_in_one_case_only_is_said_with_the_case(cli: Callable[..., Ran], table: str) -> None:
    write(f'{table}mail-from = "a@example.org"\nrcpt-to = "b@example.com"\n')
    of_spf = [] if table else ["  it sets mail-from for spf"]
    assert cli("trust", ".").out.splitlines()[1:] == [
        *of_spf,
        "  it sets mail-from for check with a login, or with a message to send",
        "  it sets rcpt-to for check with a login, with a message to send, or with an address as TARGET",
    ]


def test_what_one_command_alone_does_not_take_is_said_of_that(cli: Callable[..., Ran]) -> None:
    write('helo = "client.example"\ndeadline = 100\n[spf]\nhelo = "client.example"\n')
    assert cli("trust", ".").out.splitlines()[1:] == [
        "  it sets helo for spf",
        "  it sets deadline for every command that has it",
        "  it sets helo for spf",
    ]


def test_remove_and_list(cli: Callable[..., Ran], tmp_path: Path) -> None:
    assert cli("trust", "--list") == Ran(0, "no file is trusted\n", "")
    for folder in ("a", "b", "c"):
        Path(folder).mkdir()
        write(CLOSED, f"{folder}/smtpprobe.toml")
        assert cli("trust", folder).code == 0
    write("", "b/smtpprobe.toml")
    Path("c/smtpprobe.toml").unlink()
    place = tmp_path.resolve() / "repo"
    assert cli("trust", "--list").out.splitlines() == [
        f"trusted  {place}/a/smtpprobe.toml",
        f"changed  {place}/b/smtpprobe.toml",
        f"gone     {place}/c/smtpprobe.toml",
    ]
    for folder in ("a", "b", "c"):
        assert cli("trust", "--remove", folder).out == f"no longer trusted: {place}/{folder}/smtpprobe.toml\n"
    assert cli("trust", "--list") == Ran(0, "no file is trusted\n", "")


def test_only_the_user_can_read_the_list_and_it_is_replaced_whole(cli: Callable[..., Ran], remembered: Path) -> None:
    write(CLOSED)
    cli("trust", ".")
    remembered.chmod(0o644)
    before = remembered.stat().st_ino
    cli("trust", ".")
    assert stat.S_IMODE(remembered.stat().st_mode) == 0o600
    assert stat.S_IMODE(remembered.parent.stat().st_mode) == 0o700
    assert remembered.stat().st_ino != before
    assert [each.name for each in remembered.parent.iterdir()] == ["trusted.json"]
    [(place, digest)] = json.loads(remembered.read_text("utf-8"))["trusted"].items()
    assert place == os.path.realpath("smtpprobe.toml")
    assert len(digest) == 64


def test_a_list_that_cannot_be_written_stays_as_it_was(
    cli: Callable[..., Ran], remembered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(CLOSED)
    cli("trust", ".")
    before = remembered.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(remembered))

    monkeypatch.setattr(json, "dump", full)
    ran = cli("trust", ".")
    assert (ran.code, ran.err) == (2, f"smtpprobe: {str(remembered)!r}: No space left on device\n")
    assert remembered.read_bytes() == before
    assert [each.name for each in remembered.parent.iterdir()] == ["trusted.json"]


@pytest.mark.parametrize(
    "content",
    ["", "x", "[]", "{}", '{"trusted": []}', '{"trusted": {"a": 1}}', "\xff", '{"trusted": ' + "[" * 100_000],
    ids=lambda content: content[:12],
)
def test_a_damaged_list_is_one_line(cli: Callable[..., Ran], remembered: Path, content: str) -> None:
    remembered.parent.mkdir(parents=True)
    remembered.write_bytes(content.encode("latin-1"))
    write(CLOSED)
    for arguments in (["check", HOST], ["trust", "."], ["trust", "--list"], ["trust", "--remove", "."]):
        ran = cli(*arguments)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert repr(str(remembered)) in ran.err
    write('lang = "hi"\n')
    assert cli("explain", "554").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ["'DIR'", "--list"]),
        (("absent",), ["'absent'", "not a directory"]),
        (("empty",), ["'empty'", "expected smtpprobe.toml"]),
        (("other",), ["'other'", "[tool.smtpprobe]"]),
        (("broken",), ["broken/smtpprobe.toml", "not a TOML file"]),
        (("--remove", "."), ["'.'", "not trusted"]),
        (("--list", "."), ["--list"]),
        (("--list", "--remove"), ["--list"]),
    ],
)
def test_what_cannot_be_trusted(
    cli: Callable[..., Ran], remembered: Path, arguments: tuple[str, ...], words: list[str]
) -> None:
    for folder, file, text in (
        ("empty", "x", ""), ("other", "pyproject.toml", "[tool.other]\n"), ("broken", "smtpprobe.toml", "x")
    ):  # fmt: skip
        Path(folder).mkdir()
        write(text, f"{folder}/{file}")
    ran = cli("trust", *arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    for word in words:
        assert word in ran.err
    assert not remembered.exists()


def test_trust_takes_nothing_from_files(cli: Callable[..., Ran]) -> None:
    write("[trust]\nremove = true\nlist = true\n")
    assert cli("trust", ".").out.startswith("trusted")
    write("no TOML")
    assert cli("trust", "--list").code == 0


def test_without_a_folder_of_the_users_nothing_is_remembered(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    monkeypatch.setenv("HOME", "relative")
    write(CLOSED)
    ran = cli("trust", ".")
    assert ran.code == 2
    assert "XDG_CONFIG_HOME" in ran.err
    assert cli("check", HOST).code == 2
    assert [each.name for each in Path().iterdir()] == ["smtpprobe.toml"]


def test_what_is_trusted_is_what_was_read(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that changes between being read and being judged is judged as it was read."""
    write(CLOSED)
    cli("trust", ".")
    write('[check]\nquit-after = "mail"\n')
    load = trusted.load

    def changing() -> dict[str, str]:
        write(CLOSED)
        return load()

    monkeypatch.setattr(trusted, "load", changing)
    assert cli("check", HOST).code == 2


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("[check]\ndeadline = 400\n", "it sets deadline for check"),
        ("timeout = 61\n", "it sets timeout for every command that has it"),
        (f"dnsbl = {['z.example'] * 17}\n", "it sets dnsbl for every command that has it"),
        ("[check]\ndeadline = 300\ntimeout = 60\n", None),
    ],
)
def test_what_is_open_within_bounds_alone_is_listed_beyond_them(
    cli: Callable[..., Ran], text: str, listed: str | None
) -> None:
    write(text)
    assert [line.strip() for line in cli("trust", ".").out.splitlines()[1:]] == ([listed] if listed else [])
