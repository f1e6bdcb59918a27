"""Every translation is whole: all that is promised, with the same placeholders, codes and commands, and up to date."""

from __future__ import annotations

import ast
import gettext
import os
import re
import runpy
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smtpprobe.catalogue import language
from smtpprobe.catalogue.build_hook import write_translations
from smtpprobe.catalogue.load import table
from smtpprobe.model.texts.language import say

ROOT = Path(__file__).resolve().parents[2]
TOOL: dict[str, Any] = runpy.run_path(str(ROOT / "docs" / "translate.py"))
FILES = {path.parent.parent.name: path for path in TOOL["LOCALE"].glob("*/LC_MESSAGES/*.po")}
SCRIPTS = {"hi": "DEVANAGARI"}
SAYING = ("mark", "say", "say_counted")
PLACEHOLDER = re.compile(r"\{\w*\}")
# What is written alike in every language: codes, options, commands, references, addresses, names of protocols.
KEPT = re.compile(
    r"--[a-z-]+|\b\d{3,}\b|\b\d\.\d\.[\dx]+|\b[2-5]yz|RFC \d+|§\d[\d.]*\d|smtpprobe [a-z]+|[\w.]+@[a-z]+"
    r"|\b(?:SMTP|LMTP|EHLO|HELO|LHLO|STARTTLS|TLS|AUTH|MAIL|RCPT|DATA|RSET|QUIT|DNS|DNSBL|MX|PTR|SPF|DKIM|DMARC"
    r"|PLAIN|LOGIN(?! )|SIZE|IP|XCLIENT|OAUTH\w*|XOAUTH2|SCRAM|CRAM-MD5)\b"
)
# Words of another register or spelling than the rest, with what is said in their place.
AVOIDED = {
    "डाक": "मेल",
    "अवरुद्ध": "ब्लॉक",
    "(?<![ऀ-ॿ])पाने वाल": "प्राप्तकर्ता, प्राप्त करने वाला",
    "ठुकरा": "अस्वीकार कर",
    "(?<!ला)जवाब": "उत्तर",
    "इंतज़ार": "प्रतीक्षा",
    "स्वीकार (नहीं )?(हुआ|हुए|हुई|है|हैं|होता|होते|होती)(?![ऀ-ॿ])": "स्वीकृत",
    "ग़लत": "गलत",
    "बाक़ी": "बाकी",
    "क़तार": "कतार",
    r"(?<![\w.@/*<'-])(?<![A-Za-z] )(host|domain|queue|connection|network|mailbox|firewall|resolver|lookup)s?"
    r"(?![\w.@/>'-]| [A-Za-z])": "its name in Devanagari",
}


Text = str | tuple[str, ...]


@pytest.fixture(scope="module")
def promised() -> list[Text]:
    return list(dict.fromkeys(TOOL["promised"]()))


def pairs(texts: list[Text], known: dict[Text, Text]) -> Iterator[tuple[str, str]]:
    """Each text with its translation, and each form of one that goes with a number."""
    for text in texts:
        said = known.get(text, text)
        if isinstance(text, str):
            yield text, str(said)
        else:
            assert len(said) == 2, text
            yield from zip(text, said, strict=True)


def test_hindi_is_there() -> None:
    assert "hi" in FILES


@pytest.mark.parametrize("spoken", FILES)
def test_nothing_is_untranslated(spoken: str, promised: list[Text]) -> None:
    known = TOOL["translations"](FILES[spoken])
    assert [text for text in promised if not known.get(text)] == []


def test_the_files_are_as_the_tool_would_write_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert TOOL["main"](["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("spoken", FILES)
def test_placeholders_codes_and_commands_are_kept(spoken: str, promised: list[Text]) -> None:
    for text, said in pairs(promised, TOOL["translations"](FILES[spoken])):
        assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(said)), text
        assert [each for each in KEPT.findall(text) if each not in said] == [], text


@pytest.mark.parametrize("spoken", FILES)
def test_every_sentence_is_in_the_languages_script(spoken: str, promised: list[Text]) -> None:
    for text, said in pairs(promised, TOOL["translations"](FILES[spoken])):
        if re.search(r"[a-z]", PLACEHOLDER.sub("", text)):
            assert any(SCRIPTS[spoken] in unicodedata.name(letter, "") for letter in said), text
        assert not any(unicodedata.category(letter) in ("Cf", "Cc") for letter in said), text


def test_hindi_keeps_to_one_register(promised: list[Text]) -> None:
    said = [PLACEHOLDER.sub("", each) for _, each in pairs(promised, TOOL["translations"](FILES["hi"]))]
    assert [(each, AVOIDED[word]) for each in said for word in AVOIDED if re.search(word, each)] == []


def test_the_promise_is_every_code_every_number_and_all_causes(promised: list[Text]) -> None:
    codes = table("reply_codes")
    for kind in ("class", "second_digit", "code", "phase", "combination"):
        for entry in codes[kind].values():
            assert {text for name, text in entry.items() if name in ("name", "title", "meaning", "retry")} <= set(
                promised
            )
    assert {codes["code"]["521"]["wrong_move"], codes["phase"]["521/greeting"]["meaning"]} <= set(promised)
    numbers = table("enhanced_status_codes")
    for entry in numbers["registered"].values():
        assert {entry[name] for name in ("title", "meaning", "when", "next", "retry", "who", "wrong_move")} <= set(
            promised
        )
        assert {each["differs"] for each in entry["neighbours"]} <= set(promised)
    for entry in table("private_status_codes")["private"]:
        assert {entry["title"], entry["meaning"], entry["when"], entry["wrong_move"], *entry["fix"]} <= set(promised)
    causes = table("causes")["cause"]
    assert len(causes) == 45
    for cause in causes.values():
        assert {cause[name] for name in ("title", "definition", "retry", "retry_transient")} <= set(promised)
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
    assert TOOL["translations"](folder / "smtpprobe.po")["Class"] == TOOL["translations"](FILES["hi"])["Class"]
    assert "Kause" not in (folder / "smtpprobe.po").read_text("utf-8")


def test_every_label_of_the_pages_is_found() -> None:
    labels = set(TOOL["labels"]())
    assert {
        "Key differences",
        "When you see it",
        "Cause",
        "seen in this session",
        "your DNS admin",
        "not run",
    } <= labels
    assert len(labels) > 100


def test_no_label_hides_from_the_extraction() -> None:
    # Before Python 3.12 the inside of an f-string is one token, in which no label is found.
    named = set()
    for path in sorted(TOOL["PACKAGE"].rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYING:
                named |= {
                    each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
                }
    extracted = {each for label in TOOL["labels"]() for each in ([label] if isinstance(label, str) else label)}
    assert named <= extracted


def test_the_hook_compiles_what_gettext_reads(tmp_path: Path) -> None:
    folder = tmp_path / "hi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    TOOL["write"](folder / "smtpprobe.po", "hi", {"Cause": "कारण", "not said": ""})
    with (folder / "smtpprobe.po").open("a", encoding="utf-8") as file:
        file.write('\n#, fuzzy\nmsgid "Class"\nmsgstr "संदिग्ध"\n')
    assert write_translations(tmp_path) == [folder / "smtpprobe.mo"]
    assert sorted(path.name for path in folder.iterdir()) == ["smtpprobe.mo", "smtpprobe.po"]
    said = gettext.translation("smtpprobe", str(tmp_path), ["hi"]).gettext
    assert [said(text) for text in ("Cause", "not said", "Class")] == ["कारण", "not said", "Class"]


def test_a_translation_edited_since_it_was_compiled_is_read_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "hi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "smtpprobe.po"
    TOOL["write"](source, "hi", {"Cause": "पहला"})
    (built,) = write_translations(tmp_path)
    TOOL["write"](source, "hi", {"Cause": "कारण", "Class": ""})
    os.utime(source, ns=(0, built.stat().st_mtime_ns + 1))
    monkeypatch.setattr(language, "FOLDER", str(tmp_path))
    monkeypatch.setattr(language, "_read", {})
    try:
        language.choose("hi")
        assert [say(text) for text in ("Cause", "Class")] == ["कारण", "Class"]
    finally:
        monkeypatch.undo()
        language.choose(language.SOURCE)
