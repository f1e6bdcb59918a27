"""No decision rests on the words of a message: in a language that nobody speaks everything is decided as in English."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import decisions, pseudo_locale

ROOT = Path(__file__).resolve().parent.parent
# Tests of wording fail under other words, as they should; what is noted is what each command came to before that.
COMMAND_TESTS = ("tests/cli", "tests/end_to_end/test_end_to_end.py")


def started(*arguments: str, **more: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def decided() -> dict[str, dict[str, Any]]:
    """What was decided in English and in the pseudo-locale."""
    running = {
        "english": started("-m", "tests.decisions"),
        "pseudo": started("-m", "tests.decisions", "pseudo"),
    }
    found = {}
    for name, process in running.items():
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err[-2000:]
        found[name] = json.loads(out)
    return found


def test_the_cases_are_decided_alike(decided: dict[str, dict[str, Any]]) -> None:
    english, pseudo = decided["english"]["cases"], decided["pseudo"]["cases"]
    assert len(english) >= 70
    assert {name: case for name, case in pseudo.items() if case != english[name]} == {}
    assert {name: unmet for name, (_, unmet) in pseudo.items() if unmet} == {"a bug in a check": 1}


def test_the_replies_are_explained_alike(decided: dict[str, dict[str, Any]]) -> None:
    english, pseudo = decided["english"]["replies"], decided["pseudo"]["replies"]
    assert len(english) >= 800
    assert [pair for pair in zip(english, pseudo, strict=True) if pair[0] != pair[1]] == []


def test_the_commands_are_decided_alike(decided: dict[str, dict[str, Any]]) -> None:
    english, pseudo = decided["english"]["commands"], decided["pseudo"]["commands"]
    assert len(english) >= 15
    assert {line: found for line, found in pseudo.items() if found != english[line]} == {}


def test_the_command_tests_end_with_the_same_codes(tmp_path: Path) -> None:
    running = {}
    for name, plugin in (("english", ()), ("pseudo", ("-p", "tests.speaking_pseudo_locale"))):
        notes = {decisions.NOTES: str(tmp_path / name)}
        running[name] = started(
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            *plugin,
            *COMMAND_TESTS,
            "-k",
            "cli or test_command",
            **notes,
        )
    said = {name: process.communicate(timeout=600)[0] for name, process in running.items()}
    assert running["english"].returncode == 0, said["english"][-2000:]
    english, pseudo = (by_test(tmp_path / name) for name in running)
    assert len(english) >= 890
    # A test that wants certain words ends early under others; what it ran until then came out alike.
    assert {test: runs for test, runs in pseudo.items() if runs != english[test][: len(runs)]} == {}
    assert english.keys() == pseudo.keys()


def by_test(notes: Path) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for line in notes.read_text("utf-8").splitlines():
        test, *run = json.loads(line)
        found.setdefault(test, []).append(run)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no answer in time", "⟦íñ tímé · ñó áñšwér⟧"),
        ("{count} of {limit} lookups", "⟦{limit} lóókúpš · {count} óf⟧"),
        ("⟦óñçé⟧", "⟦óñçé⟧"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_a_message_is_rewritten(text: str, expected: str) -> None:
    assert pseudo_locale.rewritten(text) == expected


@pytest.mark.parametrize(
    ("text", "is_message"),
    [
        ("the server refused", True),
        ("{} does not list {} now", True),
        ("MAIL FROM:<{}>", False),
        ("v=spf1 ip4:{} -all", False),
        ("not-listed", False),
        ("‹user name›", False),
    ],
)
def test_what_is_a_message(text: str, is_message: bool) -> None:
    assert pseudo_locale.is_message(text) is is_message


def test_messages_of_every_room_are_rewritten() -> None:
    package = ROOT / "smtpprobe"
    counts = {
        room: sum(1 for path in (package / room).rglob("*.py") for _ in pseudo_locale.messages(str(path)))
        for room in ("wire", "net", "mailauth", "checks", "diagnosis", "pipeline", "cli")
    }
    assert {room: count for room, count in counts.items() if count < 10} == {}
    assert sum(counts.values()) >= 800
