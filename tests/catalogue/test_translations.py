"""Every translation is whole: all that is promised, with the same placeholders, codes and commands, and up to date."""

from __future__ import annotations

import re
import runpy
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from smtpprobe.catalogue.load import table
from smtpprobe.catalogue.po import read_po

ROOT = Path(__file__).resolve().parents[2]
TOOL: dict[str, Any] = runpy.run_path(str(ROOT / "docs" / "translate.py"))
FILES = {path.parent.parent.name: path for path in TOOL["LOCALE"].glob("*/LC_MESSAGES/*.po")}
SCRIPTS = {"hi": "DEVANAGARI"}
PLACEHOLDER = re.compile(r"\{\w*\}")
# What is written alike in every language: codes, options, commands, references, addresses, names of protocols.
KEPT = re.compile(
    r"--[a-z-]+|\b\d{3,}\b|\b\d\.\d\.[\dx]+|\b[2-5]yz|RFC \d+|§\d[\d.]*\d|smtpprobe [a-z]+|[\w.]+@[a-z]+"
    r"|\b(?:SMTP|LMTP|EHLO|HELO|LHLO|STARTTLS|TLS|AUTH|MAIL|RCPT|DATA|RSET|QUIT|DNS|DNSBL|MX|PTR|SPF|DKIM|DMARC"
    r"|PLAIN|LOGIN(?! )|SIZE|IP|XCLIENT|OAUTH\w*|XOAUTH2|SCRAM|CRAM-MD5)\b"
)


@pytest.fixture(scope="module")
def promised() -> list[str]:
    return list(dict.fromkeys(TOOL["promised"]()))


def test_hindi_is_there() -> None:
    assert "hi" in FILES


@pytest.mark.parametrize("language", FILES)
def test_nothing_is_untranslated(language: str, promised: list[str]) -> None:
    known = read_po(FILES[language].read_text("utf-8"))
    assert [text for text in promised if text not in known] == []


def test_the_files_are_as_the_tool_would_write_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert TOOL["main"](["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("language", FILES)
def test_placeholders_codes_and_commands_are_kept(language: str, promised: list[str]) -> None:
    known = read_po(FILES[language].read_text("utf-8"))
    for text in promised:
        said = known.get(text, text)
        assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(said)), text
        assert [each for each in KEPT.findall(text) if each not in said] == [], text


@pytest.mark.parametrize("language", FILES)
def test_every_sentence_is_in_the_languages_script(language: str, promised: list[str]) -> None:
    known = read_po(FILES[language].read_text("utf-8"))
    for text in promised:
        said = known.get(text, text)
        if re.search(r"[a-z]", PLACEHOLDER.sub("", text)):
            assert any(SCRIPTS[language] in unicodedata.name(letter, "") for letter in said), text
        assert not any(unicodedata.category(letter) in ("Cf", "Cc") for letter in said), text


def test_the_promise_is_the_codes_of_three_standards_and_all_causes(promised: list[str]) -> None:
    codes = table("reply_codes")
    defined = {int(code) for code, entry in codes["code"].items() if TOOL["is_defined"](entry)}
    # RFC 5321 §4.2.3, RFC 4954 §6 (and its 235, 334), RFC 3207 §4.
    assert defined == {
        211, 214, 220, 221, 235, 250, 251, 252, 334, 354, 421, 432, 450, 451, 452, 454, 455, 500, 501, 502, 503, 504,
        530, 534, 535, 538, 550, 551, 552, 553, 554, 555,
    }  # fmt: skip
    assert {codes["phase"]["554/greeting"]["title"], codes["code"]["554"]["wrong_move"]} <= set(promised)
    causes = table("causes")["cause"]
    assert len(causes) == 35
    for cause in causes.values():
        assert {cause["title"], cause["definition"], cause["retry"]} <= set(promised)
        assert {row["action"] for row in cause["remedies"]} <= set(promised)


def test_a_stale_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "hi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    text = FILES["hi"].read_text("utf-8")
    (folder / "smtpprobe.po").write_text(text.replace('msgid "Cause"', 'msgid "Kause"'), "utf-8")
    monkeypatch.setitem(TOOL["main"].__globals__, "LOCALE", tmp_path)
    assert TOOL["main"](["--check"]) == 1
    assert "1 not translated" in capsys.readouterr().out
    assert TOOL["main"]([]) == 0
    assert TOOL["main"](["--check"]) == 0
    assert "Kause" not in (folder / "smtpprobe.po").read_text("utf-8")


def test_every_label_of_the_pages_is_found() -> None:
    labels = set(TOOL["labels"]())
    assert {"Key differences", "When you see it", "Cause", "confirmed", "your DNS admin", "not run"} <= labels
    assert len(labels) > 100
