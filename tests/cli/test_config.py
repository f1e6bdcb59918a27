"""Options from files: which file wins, and what a directory may not decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtpprobe.cli.app import run


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
    "line",
    [
        'password-file = "x"', 'password-command = "x"', "insecure-auth = true", "tls-verify = false",
        "no-tls-verify = true", 'ca-file = "x"', 'resolver = "192.0.2.1"',
    ],
)  # fmt: skip
def test_a_directory_decides_nothing_about_trust(tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str) -> None:
    (tmp_path / "smtpprobe.toml").write_text(f"[check]\n{line}\n", encoding="utf-8")
    assert run(["check", "mx.example.com:25"]) == 2
    message = capsys.readouterr().err
    assert line.split()[0] in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[explain]\nhelo = 1\n", "no option 'helo'"),
        ("x", "no TOML file"),
        ("explain = 1\n", "no table"),
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
    assert "is no TOML file: not UTF-8 (octet 9)" in message
    assert len(message.splitlines()) == 1


def test_a_named_file_that_is_absent_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--config", "absent.toml", "explain", "554"]) == 2
    assert "absent.toml" in capsys.readouterr().err
