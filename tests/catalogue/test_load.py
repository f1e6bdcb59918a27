"""The shipped tables: complete, well-formed, covering what is known, and in words of our own."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from smtpprobe.catalogue import load
from smtpprobe.catalogue.build_hook import write_tables
from smtpprobe.catalogue.reference.entries import describe
from smtpprobe.catalogue.reference.status_codes import private_use
from smtpprobe.model.transcript import Phase

ROOT = Path(__file__).parents[2]
RFC = re.compile(r"RFC [1-9][0-9]{0,4} §([1-9][0-9.]*[0-9]|[1-9]|[A-Z](\.[0-9]+)*)\Z")
PHASES = {str(phase) for phase in Phase} | {"any"}
TEXTS = ("name", "title", "meaning", "when", "next", "retry", "who", "wrong_move")
CODES = load.table("reply_codes")
ENHANCED = load.table("enhanced_status_codes")
PRIVATE = load.table("private_status_codes")


def shared(name: str) -> Path:
    folder = (ROOT / os.environ.get("SMTPPROBE_SUITES", "../shared/suites")).parent
    if not (folder / name).exists():
        if "suites" in os.environ.get("SMTPPROBE_REQUIRE", "").split(","):
            pytest.fail(f"{folder / name} is required and absent")
        pytest.skip(f"{folder / name} is absent")
    return folder / name


def facts(name: str) -> Any:
    return json.loads((shared("data") / name).read_text("utf-8"))


def assert_references(references: list[str]) -> None:
    assert references
    for reference in references:
        assert RFC.match(reference) or not reference.startswith("RFC"), reference


@pytest.mark.parametrize("code", sorted(CODES["code"]))
def test_a_reply_code_is_complete(code: str) -> None:
    entry = CODES["code"][code]
    assert 200 <= int(code) <= 599
    for field in TEXTS:
        assert entry[field].strip() == entry[field] != "", field
    assert entry["fix"], "even where nothing is to be repaired the entry says so"
    assert entry["phases"]
    assert set(entry["phases"]) <= PHASES
    assert isinstance(entry["standard"], bool)
    assert date.fromisoformat(entry["reviewed"])
    assert_references(entry["references"])
    for neighbour in entry["neighbours"]:
        assert 200 <= neighbour["code"] <= 599
        assert neighbour["code"] != int(code)
        assert_tells_apart(neighbour)


def assert_tells_apart(neighbour: dict[str, Any]) -> None:
    assert neighbour["differs"].endswith(".")
    assert str(neighbour["code"]) in neighbour["differs"]


def test_fallbacks_are_complete() -> None:
    assert set(CODES["class"]) == {"0yz", "2yz", "3yz", "4yz", "5yz"}
    for entry in CODES["class"].values():
        assert all(entry[field] for field in (*TEXTS, "fix", "phases", "references", "reviewed"))
    for key, entry in CODES["second_digit"].items():
        assert re.fullmatch("[2-5][0-9]z", key)
        assert entry["title"]
        assert entry["meaning"]


def test_variants_stand_on_a_code_and_a_phase() -> None:
    for key, entry in CODES["phase"].items():
        code, _, phase = key.partition("/")
        assert code in CODES["code"], key
        assert phase in PHASES | {"helo"}, key  # HELO is a command of the phase ehlo with an answer of its own
        assert entry["title"], key
        assert entry["meaning"], key
        if entry.get("references"):
            assert_references(entry["references"])


def test_combinations_stand_on_a_code_and_an_enhanced_status_code() -> None:
    for key, entry in CODES["combination"].items():
        codes, _, phase = key.partition("/")
        code, _, enhanced = codes.partition(" ")
        assert code in CODES["code"], key
        assert enhanced[0] == code[0], key
        assert enhanced.partition(".")[2] in ENHANCED["registered"], key
        assert set(entry["phases"]) <= PHASES, key
        assert not phase or entry["phases"] == [phase], key
        assert entry["fix"], key
        assert_references(entry["references"])


@pytest.mark.parametrize("number", sorted(ENHANCED["registered"]))
def test_an_enhanced_status_code_is_complete(number: str) -> None:
    entry = ENHANCED["registered"][number]
    assert re.fullmatch(r"[0-7]\.[0-9]{1,2}", number)
    assert_complete(entry)
    assert all(200 <= code <= 599 for code in entry["codes"])
    assert not set(entry["codes"]) & set(entry.get("seen_with", ()))
    assert_references(entry["references"])
    for neighbour in entry["neighbours"]:
        assert neighbour["code"] != f"X.{number}"
        assert_known(str(neighbour["code"]))


def assert_complete(entry: dict[str, Any]) -> None:
    for field in TEXTS:
        assert entry[field].strip() == entry[field] != "", field
    for field in ("meaning", "when", "next", "retry", "wrong_move"):
        assert entry[field].endswith("."), entry[field]
    assert all(step.endswith((".", "?")) for step in entry["fix"]), entry["fix"]
    assert entry["fix"]
    assert entry["neighbours"]
    assert set(entry.get("phases", ())) <= PHASES
    assert date.fromisoformat(entry["reviewed"])
    for neighbour in entry["neighbours"]:
        assert_tells_apart(neighbour)


def assert_known(code: str) -> None:
    """That the neighbour is a reply code that has an entry, a registered number or a private one."""
    if "." not in code:
        assert code in CODES["code"], code
    elif code.partition(".")[2] not in ENHANCED["registered"]:
        assert private_use(code), code


def test_a_number_that_can_fail_for_a_while_says_when_to_try_again() -> None:
    for number, entry in ENHANCED["registered"].items():
        if "retry_transient" in entry:
            assert entry["retry_transient"] != entry["retry"], number
        assert not any(400 <= code < 500 for code in entry["codes"]) or entry["retry_transient"], number


@pytest.mark.parametrize("number", sorted(set(ENHANCED["success"]) - {"other"}))
def test_a_number_that_a_success_carries_has_its_own_reading(number: str) -> None:
    failure, success = describe(None, f"5.{number}"), describe(None, f"2.{number}")
    assert success.reply_class == "positive completion"
    assert success.retry != failure.retry
    assert success.when != failure.when
    for neighbour in ENHANCED["success"][number].get("neighbours", ()):
        assert_tells_apart(neighbour)


def test_a_private_use_is_complete() -> None:
    for use in PRIVATE["private"]:
        assert_complete({"name": use["title"], **use})
        assert use["provider"]
        for numbers in use["numbers"]:
            assert re.fullmatch(r"[45]\.[0-7]\.[0-9]{1,3}(-[0-9]{1,3})?", numbers)
        for neighbour in use["neighbours"]:
            assert_known(str(neighbour["code"]))


def titles() -> Iterator[str]:
    for section in ("class", "second_digit", "code", "phase", "combination"):
        yield from (entry["title"] for entry in CODES[section].values())


def test_no_two_entries_have_the_same_title() -> None:
    repeated = [title for title, times in Counter(titles()).items() if times > 1]
    assert repeated == []
    numbers = Counter(entry["title"] for entry in (*ENHANCED["registered"].values(), *PRIVATE["private"]))
    assert [title for title, times in numbers.items() if times > 1] == []


def test_sentences_end_as_sentences() -> None:
    for text in sentences():
        assert "  " not in text, text
    for entry in CODES["code"].values():
        for field in ("meaning", "when", "next", "retry", "wrong_move"):
            assert entry[field].endswith("."), entry[field]
        assert all(step.endswith((".", "?")) for step in entry["fix"]), entry["fix"]
        assert not entry["title"].endswith("."), entry["title"]


@pytest.mark.parametrize("name", ["ehlo_keywords", "sasl_mechanisms"])
def test_keywords_and_mechanisms_are_complete(name: str) -> None:
    for keyword, entry in load.table(name).items():
        assert keyword == keyword.upper()
        assert entry["meaning"], keyword
        assert_references(entry["references"])


def test_every_reply_code_known_is_covered() -> None:
    for row in facts("reply_codes.json")["codes"]:
        entry = describe(row["code"])
        assert entry.matched == "code"
        assert entry.standard == row["standard"], row["code"]


def test_every_registered_enhanced_status_code_is_covered() -> None:
    for row in facts("enhanced.json")["codes"]:
        entry = ENHANCED["registered"][row["code"].partition(".")[2]]
        assert sorted(entry["codes"]) == sorted(row["basic_codes"]), row["code"]


def test_every_private_use_is_covered() -> None:
    numbers = {number for use in PRIVATE["private"] for number in use["numbers"]}
    covered = {tuple(number.split("-")[0].rsplit(".", 1)) for number in numbers}
    for row in facts("enhanced.json")["private_use_seen"]:
        for number in re.findall(r"[45]\.[0-9]\.[0-9]+", row["code"]):
            assert tuple(number.rsplit(".", 1)) in covered, row["code"]


def test_every_keyword_known_is_covered() -> None:
    known = facts("ehlo_keywords.json")
    table = load.table("ehlo_keywords")
    for row in known["registered"]:
        assert table[row["keyword"]]["registered"] is True
    for row in known["unregistered_seen"]:
        if row["keyword"].startswith("XXXX"):
            continue
        for keyword in re.split(r"[ /]+", row["keyword"]):
            assert table[keyword]["registered"] is False


def test_every_mechanism_known_is_covered() -> None:
    table = load.table("sasl_mechanisms")
    assert [row["name"] for row in facts("sasl_mechanisms.json")["mechanisms"] if row["name"] not in table] == []


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def sentences() -> Iterator[str]:
    for name in ("reply_codes", "enhanced_status_codes", "private_status_codes", "ehlo_keywords", "sasl_mechanisms"):
        for text in strings(load.table(name)):
            if text:
                yield from split(text)


def split(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n", text) if part.strip()]


def test_every_cause_says_when_to_try_again_for_either_class() -> None:
    found = load.table("causes")["cause"]
    assert len(found) == 45
    said = [(cause, entry[field]) for cause, entry in found.items() for field in ("retry", "retry_transient")]
    for cause, text in said:
        assert text.strip() == text != "", cause
        assert text.endswith("."), text
        assert "  " not in text, text
        assert len(text) <= 95, text
        assert not re.search(r"\b[245](yz|xx|\d\d)\b|\b[245]\.\d\.|transient|permanent|temporary reply", text), text
    repeated = [text for text, times in Counter(text for _, text in said).items() if times > 1]
    assert repeated == []


def test_no_sentence_is_borrowed() -> None:
    borrowed: set[str] = set()
    for path in sorted(shared("data").glob("*.json")):
        for text in strings(json.loads(path.read_text("utf-8"))):
            borrowed.update(split(text))
    for path in sorted(shared("seed-pages").glob("*.txt")):
        borrowed.update(split(path.read_text("utf-8")))
    long = {text.rstrip(".").lower() for text in borrowed if len(text) >= 40}
    names = {entry["name"].lower() for entry in (*CODES["code"].values(), *ENHANCED["registered"].values())}
    assert [text for text in sentences() if text.rstrip(".").lower() in long - names] == []


def test_a_built_table_is_read_until_its_source_is_newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "words.toml"
    source.write_text('reviewed = 2026-11-22\nword = "first"\n', "utf-8")
    (built,) = write_tables(tmp_path)
    monkeypatch.setattr(load, "_DATA", str(tmp_path))
    monkeypatch.setattr(load, "_tables", {})
    assert load.table("words") == {"reviewed": "2026-11-22", "word": "first"}
    source.write_text('reviewed = 2026-11-22\nword = "second"\n', "utf-8")
    os.utime(source, ns=(0, built.stat().st_mtime_ns + 1))
    assert load.table("words")["word"] == "first", "a table is read once"
    load._tables.clear()
    assert load.table("words") == {"reviewed": "2026-11-22", "word": "second"}
    source.unlink()
    load._tables.clear()
    assert load.table("words")["word"] == "first", "an installed wheel has no source"


def test_no_such_table() -> None:
    with pytest.raises(FileNotFoundError):
        load.table("no_such_table")
