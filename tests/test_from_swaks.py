"""The page for those who come from swaks: each of its options has a place, and what the page names is there."""

from __future__ import annotations

import importlib
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from smtpprobe.cli.foreign_options import IN_TARGET, INSTEAD, OF_PASSWORD, OURS
from tests.cli.conftest import Ran, cli  # noqa: F401
from tests.cli.swaks import OPTIONS, spelled
from tests.test_docs import DOCS, text

NAMES = [name for names in OPTIONS for name in names]


@pytest.fixture(scope="module")
def table() -> ModuleType:
    sys.path.insert(0, str(DOCS))
    try:
        return importlib.import_module("swaks_table")
    finally:
        sys.path.remove(str(DOCS))


def rows(table: ModuleType) -> list[list[str]]:
    return [row.names.split() for group_rows in table.GROUPS.values() for row in group_rows]


def test_swaks_has_106_options() -> None:
    assert len(OPTIONS) == 106
    assert len(set(NAMES)) == len(NAMES)


def test_each_option_of_swaks_has_one_row(table: ModuleType) -> None:
    listed = [{name.lstrip("-") for name in names} for names in rows(table)]
    for names in OPTIONS:
        assert [row for row in listed if set(names) & row and not set(names) <= row] == [], names
        assert sum(set(names) <= row for row in listed) == 1, names
    others = {name.lstrip("-") for names in rows(table) for name in names} - set(NAMES)
    assert others == {"g", "tls-target"}


def test_a_row_has_a_counterpart_or_a_reason(table: ModuleType) -> None:
    for names in rows(table):
        assert bool(table.counterpart(names[0])) is not (names[0] in INSTEAD), names


def test_all_names_of_a_row_are_answered_alike(table: ModuleType) -> None:
    for names in rows(table):
        for name in names:
            if name in table.OTHERWISE:
                assert name in table.options("check")
            elif name != "-p":  # a password is tried by that name, too
                alike = {INSTEAD.get(name), table.counterpart(name)}
                assert alike == {INSTEAD.get(names[0]), table.counterpart(names[0])} or names[0] in table.options(
                    "check"
                )


def test_every_option_that_the_page_names_is_there(table: ModuleType) -> None:
    """In the column of ours, in the texts, in the examples; on the side of swaks nothing is looked for."""
    known = table.options("check") | table.options("auth") | {"--version"}
    page = re.sub(r"^swaks (?:.*\\\n)*.*$", "", text(DOCS / "from-swaks.md"), flags=re.MULTILINE)
    page = re.sub(r"^(?:\| |- )(?:`--?[^`]+`(?:, )?)+(?: \||:)", "", page, flags=re.MULTILINE)
    page = re.sub(r"`--to is |`--h-Subject TEXT` is ", "`", page)
    named = re.findall(r"(?<![\w`-])`?(--[a-z][a-z-]*|-[a-z46])(?![\w-])", page)
    assert len(named) > 100
    assert {name for name in named if name not in known} == set()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", ["check", "auth"])
def test_each_is_answered_in_one_line_or_is_an_option(
    cli: Callable[..., Ran],  # noqa: F811
    table: ModuleType,
    command: str,
    name: str,
) -> None:
    for typed in spelled(name):
        if typed in table.options(command):
            continue
        ran = cli(command, "127.0.0.1:1", typed, "value")
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1), typed
        if command == "check":
            assert re.match(rf"smtpprobe: {re.escape(typed)} (?:is -|does not exist)", ran.err), ran.err


def test_examples_are_commands_of_both(table: ModuleType) -> None:
    assert len(table.EXAMPLES) >= 10
    for example in table.EXAMPLES:
        for word in shlex.split(example.theirs):
            assert not re.match(r"-+[a-z]", word) or word.lstrip("-") in NAMES, word
        assert f"smtpprobe {example.ours.split(' -')[0]}" in text(DOCS / "from-swaks.md")


def test_our_side_of_an_example_is_carried_out(
    cli: Callable[..., Ran],  # noqa: F811
    table: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Up to where the session would begin: what a command line asks for is there, and fits together."""

    def begun(*_: object) -> None:
        raise ValueError("the session begins")

    monkeypatch.setattr("smtpprobe.cli.running.probe_to_end", begun)
    monkeypatch.setenv("SMTPPROBE_PASSWORD", "x")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "message.eml").write_text("From: <alice@example.org>\n\nText\n", "utf-8")
    for example in table.EXAMPLES:
        line = example.ours.removesuffix(" > /dev/null").replace("--source-ip 192.0.2.1", "--source-ip 127.0.0.1")
        assert cli(*shlex.split(line)).err == "smtpprobe: the session begins\n", example.ours


def test_what_is_known_of_others_is_in_one_table_alone() -> None:
    tables = [set(OURS), set(IN_TARGET), set(INSTEAD), set(OF_PASSWORD)]
    assert sum(map(len, tables)) == len(set().union(*tables))
