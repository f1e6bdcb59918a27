"""`--lang` and the locale on the commands that have texts; an installation that holds nothing but the wheel."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from smtpprobe.render.escape import columns
from tests.cli.conftest import LANGUAGE_VARIABLES, Ran
from tests.wheels import built_wheel, copied_sources

REPLY = "554 5.7.1 Client host [192.0.2.7] blocked using zen.example"


def test_a_code_in_hindi(cli: Callable[..., Ran]) -> None:
    ran = cli("explain", "554", "--lang", "hi")
    assert ran.code == 0
    assert "अस्वीकृत: लेन-देन विफल हुआ" in ran.out
    assert max(map(columns, ran.out.splitlines())) <= 80
    assert "The general refusal" not in ran.out


def test_a_reply_in_hindi_keeps_what_the_server_said(cli: Callable[..., Ran]) -> None:
    ran = cli("explain", REPLY, "--lang", "hi")
    assert ran.out.startswith(REPLY)
    assert "भेजने वाला IP पता ब्लॉक सूची में है" in ran.out


def test_the_environment_chooses_and_the_option_goes_first(
    cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "hi_IN.UTF-8")
    assert "लॉगिन हो गया" in cli("explain", "235").out
    assert "Logged in" in cli("explain", "235", "--lang", "en").out
    monkeypatch.setenv("SMTPPROBE_LANG", "en")
    assert "Logged in" in cli("explain", "235").out


@pytest.mark.parametrize("command", [("explain", "554"), ("compare", "235", "554"), ("demo",), ("iprev", "192.0.2.1")])
def test_an_unknown_language_is_one_line_that_names_those_there_are(
    cli: Callable[..., Ran], command: tuple[str, ...]
) -> None:
    ran = cli(*command, "--lang", "xx")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "smtpprobe: Invalid value for '--lang': 'xx' is not a known language: expected one of en, hi\n"


def test_a_session_and_its_replay_in_hindi(cli: Callable[..., Ran], tmp_path: Path) -> None:
    saved = tmp_path / "report.json"
    ran = cli("demo", "--lang", "hi", "--output", f"json:{saved}")
    assert ran.code == 1
    assert "✗ अस्वीकृत: RCPT TO पर" in ran.out
    for lang, title in (("hi", "भेजने वाला IP पता ब्लॉक सूची में है"), ("en", "The sending IP address is on a blocklist")):
        cause = cli("replay", str(saved), "--format", "json", "--lang", lang).report["verdicts"][0]["causes"][0]
        assert (cause["id"], cause["title"], cause["confidence"]) == ("ip-blocklisted", title, "confirmed")


def test_the_wheel_alone_runs_the_demo_and_speaks_hindi(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling builds the wheel")
    site = tmp_path / "site"
    wheel = built_wheel(copied_sources(tmp_path / "source"), tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(site)
    assert "smtpprobe/catalogue/locale/hi/LC_MESSAGES/smtpprobe.mo" in names
    assert [
        name for name in names if name.endswith((".po", ".part")) or ("data/" in name and name.endswith(".toml"))
    ] == []
    venv.create(tmp_path / "empty", with_pip=False)
    # The dependencies come from this environment; what it has of ours stands behind the wheel's.
    path = os.pathsep.join([str(site), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    kept = {key: value for key, value in os.environ.items() if key not in LANGUAGE_VARIABLES}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(tmp_path / "empty" / "bin" / "python"), *arguments], cwd=tmp_path, text=True, encoding="utf-8",
            capture_output=True, check=False, timeout=60, env=kept | {"PYTHONPATH": path, "PYTHONUTF8": "1"},
        )  # fmt: skip

    assert run("-c", "import smtpprobe; print(smtpprobe.__file__)").stdout.startswith(str(site))
    demo = run("-m", "smtpprobe", "demo")
    assert (demo.returncode, demo.stderr) == (1, "")
    assert "[ip-blocklisted]" in demo.stdout
    hindi = run("-m", "smtpprobe", "explain", "554", "--lang", "hi")
    assert (hindi.returncode, hindi.stderr) == (0, "")
    assert "अस्वीकृत: लेन-देन विफल हुआ" in hindi.stdout
