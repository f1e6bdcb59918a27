"""Options from files: which file wins, and what a directory may not decide."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from smtpprobe.cli import config_file
from smtpprobe.cli.app import run
from smtpprobe.model import limits


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SMTPPROBE_LANG", raising=False)


def own(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "home" / "smtpprobe"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(text, encoding="utf-8")


def title(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run([*arguments]) == 0
    return capsys.readouterr().out.splitlines()[0]


ENGLISH, HINDI = "554  Transaction failed", "554  लेन-देन विफल हुआ"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("smtpprobe.toml", 'lang = "hi"\n'),
        ("smtpprobe.toml", '[explain]\nlang = "hi"\n'),
        ("pyproject.toml", '[tool.smtpprobe]\nlang = "hi"\n'),
        ("pyproject.toml", '[tool.smtpprobe.explain]\nlang = "hi"\n'),
    ],
)
def test_the_projects_file_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert title(capsys, "explain", "554") == HINDI
    assert title(capsys, "explain", "554", "--lang", "en") == ENGLISH


def test_the_users_file_goes_before_the_projects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "smtpprobe.toml").write_text('lang = "hi"\n', encoding="utf-8")
    own(tmp_path, 'lang = "en"\n')
    assert title(capsys, "explain", "554") == ENGLISH


def test_a_named_file_goes_before_the_users(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own(tmp_path, 'lang = "en"\n')
    (tmp_path / "named.toml").write_text('lang = "hi"\n', encoding="utf-8")
    assert title(capsys, "--config", "named.toml", "explain", "554") == HINDI


def test_the_environment_goes_before_every_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own(tmp_path, 'lang = "hi"\n')
    monkeypatch.setenv("SMTPPROBE_LANG", "en")
    assert title(capsys, "explain", "554") == ENGLISH


def test_a_projects_table_of_another_tool_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.other]\nlang = "hi"\n', encoding="utf-8")
    assert title(capsys, "explain", "554") == ENGLISH


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[explain]\nhelo = 1\n", "no option 'helo'"),
        ("x", "not a TOML file"),
        ("explain = 1\n", "not a table"),
        ('lang = "xx"\n', "xx"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str) -> None:
    (tmp_path / "smtpprobe.toml").write_text(text, encoding="utf-8")
    assert run(["explain", "554"]) == 2
    message = capsys.readouterr().err
    assert words in message
    assert len(message.splitlines()) == 1


def test_a_file_that_is_not_utf_8_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "smtpprobe.toml").write_bytes(b'lang = "\xe9"\n')
    assert run(["explain", "554"]) == 2
    message = capsys.readouterr().err
    assert "is not a TOML file: not UTF-8 (octet 9)" in message
    assert len(message.splitlines()) == 1


def test_a_named_file_that_is_absent_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--config", "absent.toml", "explain", "554"]) == 2
    assert "absent.toml" in capsys.readouterr().err


HOST = "127.0.0.1:1"
# A table of a command that is run, what stands in it, and words that the line must hold.
WRONG_TYPES = [
    ("check", "rcpt-to = [1]", ["'rcpt-to'", "1 instead", "text in quotes", "or a list of them"]),
    ("check", "rcpt-to = [[]]", ["'rcpt-to'", "a list instead"]),
    ("check", "helo = 3", ["'helo'", "3 instead", "text in quotes"]),
    ("check", 'helo = ["a"]', ["'helo'", "a list instead"]),
    ("check", "helo = {a = 1}", ["'helo'", "a table instead"]),
    ("check", "mail-from = 12:00:00", ["'mail-from'", "12:00:00 instead"]),
    ("check", "message = 1", ["'message'", "1 instead"]),
    ("check", 'message = "a\\u0000b"', ["'message'", "NUL"]),
    ("check", "user = 1979-05-27", ["'user'", "1979-05-27 instead"]),
    ("check", "dnsbl = [true]", ["'dnsbl'", "true instead"]),
    ("check", "dnsbl = true", ["'dnsbl'", "true instead"]),
    ("check", "assume = [1]", ["'assume'", "1 instead"]),
    ("check", "timeout = 1979-05-27", ["'timeout'", "1979-05-27 instead", "number of seconds"]),
    ("check", "timeout = true", ["'timeout'", "true instead"]),
    ("check", "timeout = -5", ["'timeout': '-5'", "seconds"]),
    ("check", "deadline = inf", ["'deadline': 'inf'", "seconds"]),
    ("check", "force = 1", ["'force'", "1 instead", "true or false"]),
    ("check", 'tls-verify = "no"', ["'tls-verify'", "'no' instead", "true or false"]),
    ("check", "no-tls-verify = []", ["'no-tls-verify'", "a list instead"]),
    ("check", "tls = true", ["'tls'", "true instead"]),
    ("check", "format = 1.5", ["'format'", "1.5 instead"]),
    ("check", 'format = "yaml"', ["'format': 'yaml'", "'json'"]),
    ("check", "verbose = 1.5", ["'verbose'", "1.5 instead", "whole number"]),
    ("check", "lang = 2026-11-22T12:00:00Z", ["'lang'", "2026-11-22 12:00:00"]),
    ("dkim", 'min-key-bits = "x"', ["'min-key-bits'", "'x' instead", "whole number"]),
    ("dkim", "min-key-bits = true", ["'min-key-bits'", "true instead"]),
    ("spf", "at = 12:00:00", ["'at'", "12:00:00 instead", "a time"]),
]
COMMANDS = {
    "check": ["check", HOST], "dkim": ["dkim", "example.org"], "spf": ["spf", "example.org", "--ip", "192.0.2.1"]
}  # fmt: skip


@pytest.mark.parametrize("by", ["--config", "own"])
@pytest.mark.parametrize(("command", "line", "words"), WRONG_TYPES, ids=lambda value: str(value)[:40])
def test_a_value_of_a_wrong_type_is_one_line_that_names_file_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], by: str, command: str, line: str, words: list[str]
) -> None:
    text = f"[{command}]\n{line}\n"
    (tmp_path / "named.toml").write_text(text, encoding="utf-8")
    if by == "own":
        own(tmp_path, text)
    assert run([*(["--config", "named.toml"] if by == "--config" else []), *COMMANDS[command]]) == 2
    message = capsys.readouterr().err
    for word in (*words, "named.toml" if by == "--config" else "config.toml"):
        assert word in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("dkim", "min-key-bits = 2048"),
        ("dkim", 'selector = "s1"'),
        ("dkim", 'selector = ["s1", "s2"]'),
        ("spf", "at = 2026-11-22T12:00:00Z"),
        ("spf", "at = 2026-11-22"),
        ("spf", 'at = "2026-11-22T12:00:00Z"'),
        ("spf", "timeout = 1.5"),
        ("spf", "timeout = 2"),
        ("spf", "verbose = true"),
        ("spf", "quiet = false"),
    ],
)
def test_a_value_may_be_of_the_types_that_say_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, line: str
) -> None:
    (tmp_path / "named.toml").write_text(f"[{command}]\n{line}\n", encoding="utf-8")
    assert run(["--config", "named.toml", *COMMANDS[command]]) != 2
    assert capsys.readouterr().err == ""


def test_a_single_text_is_a_list_of_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "named.toml").write_text('[check]\nrcpt-to = "bob@example.com"\n', encoding="utf-8")
    run(["--config", "named.toml", "check", HOST, "--format", "json"])
    assert '"value":"bob@example.com"' in capsys.readouterr().out.replace(": ", ":")


DEEP = 100_000  # brackets
LONG = 1_000  # parts of a key
PARTS = config_file._MAX_PARTS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = " + "[" * DEEP, "nested too deep"),
        ("a = " + "[" * DEEP + "]" * DEEP, "nested too deep"),
        ("a = " + "{b = " * DEEP, "nested too deep"),
        ("a." * LONG + "a = 1", "nested too deep"),
        ("[" + "a." * LONG + "a]", "nested too deep"),
        ("a = {" + "a . " * LONG + "a = 1}", "nested too deep"),
        ('"a b".' * LONG + "a = 1", "nested too deep"),
        ("'\"'." * LONG + "a = 1", "nested too deep"),
        ("lang." * PARTS + "a = 1", "nested too deep"),
        ("a = " + "9" * 5000, "number that is too long"),
        ("lang = 'hi", "not a TOML file"),
        ("[explain", "not a TOML file"),
        ("a = 1979-13-45", "not a TOML file"),
        ("a = 1\na = 2", "not a TOML file"),
    ],
    ids=lambda value: value[:12],
)
@pytest.mark.parametrize("name", ["smtpprobe.toml", "pyproject.toml"])
def test_a_document_that_is_none_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, words: str
) -> None:
    (tmp_path / name).write_text(f"{text}\n# tool.smtpprobe\n", encoding="utf-8")
    assert run(["explain", "554"]) == 2
    message = capsys.readouterr().err
    assert repr(name) in message
    assert words in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "helo = '" + "a." * PARTS + "'",
        'helo = "' + "a." * PARTS + '"',
        'helo = """\n' + "a." * PARTS + '\n"""',
        "helo = '''\n" + "a." * PARTS + "\n'''",
        "# " + "a." * PARTS,
        "helo." + "x." * (PARTS - 3) + "x = 1",
        "helo = [" + "1.5, " * 100 + "]",
    ],
)
def test_what_only_looks_deep_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (tmp_path / "smtpprobe.toml").write_text(f'lang = "hi"\n[check]\n{text}\n', encoding="utf-8")
    assert title(capsys, "explain", "554") == HINDI


@pytest.mark.parametrize(
    "text", ["tool = 1 # tool.smtpprobe", "tool.smtpprobe = 1", "[tool]\nsmtpprobe = [] # tool.smtpprobe"]
)
def test_a_pyproject_whose_table_is_none_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert run(["explain", "554"]) == 2
    message = capsys.readouterr().err
    assert "not a table" in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("pyproject.toml", []),
        ("smtpprobe.toml", []),
        ("home/smtpprobe/config.toml", []),
        ("named.toml", ["--config", "named.toml"]),
        ("link.toml", ["--config", "link.toml"]),
    ],
)
def test_a_file_that_is_too_large_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, arguments: list[str]
) -> None:
    own(tmp_path, "")
    (tmp_path / "link.toml").symlink_to("large")
    with (tmp_path / name).open("wb") as file:
        file.truncate(64 * limits.CONFIG.octets)
    assert run([*arguments, "explain", "554"]) == 2
    message = capsys.readouterr().err
    assert name in message
    assert "contains more than 1 MiB: expected a configuration file" in message
    assert len(message.splitlines()) == 1


class Endless(io.RawIOBase):
    """A file without end that counts what was read of it."""

    count = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "all of it was wanted"
        self.count += size
        return bytes(size)


def test_no_more_than_the_limit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    file = Endless()
    monkeypatch.setattr(config_file, "open", lambda *_: file, raising=False)
    with pytest.raises(ValueError, match="more than 1 MiB"):
        config_file.ConfigFile("endless.toml")
    assert file.count == limits.CONFIG.octets + 1


@pytest.mark.parametrize("name", ["smtpprobe.toml", "pyproject.toml"])
@pytest.mark.parametrize("kind", ["directory", "loop", "device", "fifo"])
def test_what_is_no_file_is_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, kind: str
) -> None:
    path = tmp_path / name
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(name if kind == "loop" else "/dev/zero")
    assert title(capsys, "explain", "554") == ENGLISH


@pytest.mark.parametrize("home", ["", ".", "home", "./home"])
def test_the_working_directory_is_never_the_users_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    """The XDG Base Directory Specification has a relative path passed over."""
    monkeypatch.setenv("XDG_CONFIG_HOME", home)
    monkeypatch.setenv("HOME", "~unknown")
    for folder in ("smtpprobe", "home/smtpprobe", "~unknown/.config/smtpprobe", ".config/smtpprobe"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "config.toml").write_text('lang = "hi"\n', encoding="utf-8")
    assert title(capsys, "explain", "554") == ENGLISH


def test_a_commands_table_is_no_option_of_that_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`explain` has an option --check, and there is a command `check`."""
    (tmp_path / "smtpprobe.toml").write_text('[check]\nlang = "hi"\n', encoding="utf-8")
    assert title(capsys, "explain", "554") == ENGLISH


def test_a_named_pyproject_gives_its_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "pyproject.toml").write_text('[tool.smtpprobe]\nlang = "hi"\n', encoding="utf-8")
    assert title(capsys, "--config", "sub/pyproject.toml", "explain", "554") == HINDI
    (tmp_path / "sub" / "pyproject.toml").write_text("[tool.other]\n", encoding="utf-8")
    assert run(["--config", "sub/pyproject.toml", "explain", "554"]) == 2
    assert "[tool.smtpprobe]" in capsys.readouterr().err


def test_without_a_file_nothing_is_imported_that_reads_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMTPPROBE_RESOLVER")
    code = "import sys; from smtpprobe.cli.app import run; run(['explain', '554']); print(*sys.modules)"
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n", encoding="utf-8")
    for expected in ({"smtpprobe.cli.config_file"}, set()):
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        modules = set(ran.stdout.splitlines()[-1].split())
        readers = {"smtpprobe.cli." + each for each in ("config_file", "config_values", "directory_options", "trusted")}
        assert modules & (readers | {"tomllib", "hashlib", "tempfile"}) == expected
        (tmp_path / "pyproject.toml").unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (
            'dnsbl = ["zone.example"]\n',
            ("dnsbl", "192.0.2.1", "--only-dnsbl", "z.example", "--resolver", "127.0.0.1:1"),
        ),
        (
            '[tool.smtpprobe]\ndnsbl = ["zone.example"]\n',
            ("dnsbl", "192.0.2.1", "--only-dnsbl", "z.example", "--resolver", "127.0.0.1:1"),
        ),
    ],
)
def test_an_option_of_a_commands_name_is_an_option(tmp_path: Path, text: str, command: tuple[str, ...]) -> None:
    (tmp_path / ("pyproject.toml" if "tool" in text else "smtpprobe.toml")).write_text(text, encoding="utf-8")
    assert run([*command]) == 6


def test_what_is_no_option_is_no_table_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "smtpprobe.toml").write_text("spf = 3\n", encoding="utf-8")
    assert run(["spf", "example.org"]) == 2
    assert "'spf' is not a table of options" in capsys.readouterr().err


HUGE = f"0x{'f' * 20_000}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"timeout = {HUGE}", "a number of seconds"),
        (f"[check]\ndkim-selector = [{HUGE}]", "a text in quotes"),
        (f"verbose = {HUGE}", "a whole number"),
        ("verbose = 0x1_0000_0000_0000_0000", "a whole number"),
    ],
)
def test_a_number_that_toml_does_not_have_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, expected: str
) -> None:
    (tmp_path / "smtpprobe.toml").write_text(text, encoding="utf-8")
    assert run(["check", "127.0.0.1:1", "--quit-after", "connect"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"a whole number of more than 64 bits instead of {expected}" in said
