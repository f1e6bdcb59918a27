"""What a file in the working directory may set: a decision for every option, and what follows from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import click
import pytest

from smtpprobe.cli.app import group
from smtpprobe.cli.config import WITHOUT_FILES, apply
from smtpprobe.cli.config_values import converted
from smtpprobe.cli.directory_options import CLOSED, MAX_ENTRIES, MAX_S, MIN_S, OPEN, why_beyond, why_closed
from smtpprobe.pipeline import evaluation
from smtpprobe.pipeline.held import attempt
from tests.cli.conftest import Ran

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"


def spellings(option: click.Option) -> list[str]:
    """The keys under which an option stands in a file."""
    return [text[2:] for text in (*option.opts, *option.secondary_opts) if text.startswith("--")]


def every_option() -> list[tuple[str, str, click.Option]]:
    context = click.Context(group)
    commands = [name for name in group.list_commands(context) if name not in WITHOUT_FILES]
    return [
        (name, key, option)
        for name in commands
        for option in group.get_command(context, name).params  # type: ignore[union-attr]
        if isinstance(option, click.Option) and option.expose_value
        for key in spellings(option)
    ]


OPTIONS = every_option()


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))


def test_every_option_has_a_decision_and_every_decision_an_option() -> None:
    exist = {name for command, key, _ in OPTIONS for name in (key, f"{command} {key}")}
    decided = set(OPEN) | set(CLOSED)
    assert [f"{command} {key}" for command, key, _ in OPTIONS if not {key, f"{command} {key}"} & decided] == []
    assert decided - exist == set()
    assert set(OPEN) & set(CLOSED) == set()


def test_an_option_without_a_decision_is_closed() -> None:
    assert why_closed("check", "an-option-to-come") is not None


@pytest.mark.parametrize("name", [*OPEN, *CLOSED])
def test_a_decision_has_its_reason(name: str) -> None:
    assert len({**OPEN, **CLOSED}[name].split()) >= 3


# Where a value counts, and that it is refused before it is read, whatever its type is.
PLACES = ["[{command}]\n{key} = 1\n", "{key} = 1\n"]


@pytest.mark.parametrize("place", PLACES, ids=["table", "top"])
@pytest.mark.parametrize(
    ("command", "key"), [(command, key) for command, key, _ in OPTIONS if why_closed(command, key) is not None]
)
def test_a_closed_option_is_refused_by_name_with_the_ways_to_allow_it(
    cli: Callable[..., Ran], command: str, key: str, place: str
) -> None:
    Path("smtpprobe.toml").write_text(place.format(command=command, key=key), "utf-8")
    ran = cli(command)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    for word in ("'smtpprobe.toml'", repr(key), "--config smtpprobe.toml", "smtpprobe trust ."):
        assert word in ran.err
    assert why_closed(command, key) in ran.err  # type: ignore[operator]


TYPES = [1, -1, 1.5, True, "x", "a\0b", [], [1], [[]], ["x", "y"], {}, {"a": 1}, date(1979, 5, 27), time(12), 10**99]


@pytest.mark.parametrize(("command", "key", "option"), OPTIONS, ids=str)
def test_whatever_stands_in_a_file_is_taken_or_refused(command: str, key: str, option: click.Option) -> None:
    taken = 0
    for value in TYPES:
        try:
            found = converted(option, None, value)
        except ValueError:
            continue
        taken += 1
        for each in found if option.multiple else [found]:
            assert isinstance(each, str | int)
            assert each != "a\0b"
    assert 0 < taken < len(TYPES)


VALUES = {"deadline": 20, "timeout": 1.5, "format": '"json"', "lang": '"hi"', "verbose": 2}


@pytest.mark.parametrize(
    ("command", "key", "option"), [each for each in OPTIONS if why_closed(*each[:2]) is None], ids=str
)
def test_an_open_option_is_taken(command: str, key: str, option: click.Option) -> None:
    value = VALUES.get(key, "true" if option.is_flag else '["a.example"]' if option.multiple else '"a.example"')
    Path("smtpprobe.toml").write_text(f"[{command}]\n{key} = {value}\n", "utf-8")
    found = group.get_command(click.Context(group), command)
    assert found is not None
    with click.Context(group) as parent, click.Context(found, parent=parent, info_name=command) as context:
        apply(context, None)
        assert context.default_map is not None
        assert option.name in context.default_map


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("timeout = 61", ["'timeout'", "1 to 60 seconds"]),
        ("timeout = 0.5", ["'timeout'", "1 to 60 seconds"]),
        ('timeout = "61"', ["'timeout'", "1 to 60 seconds"]),
        ("timeout = nan", ["'timeout'", "1 to 60 seconds"]),
        ("deadline = 301", ["'deadline'", "1 to 300 seconds"]),
        ("deadline = inf", ["'deadline'", "1 to 300 seconds"]),
        (f"dnsbl = {['a.example'] * (MAX_ENTRIES + 1)}", ["'dnsbl'", f"{MAX_ENTRIES} entries there, not"]),
        (f"dkim-selector = {['a'] * (MAX_ENTRIES + 1)}", ["'dkim-selector'", f"{MAX_ENTRIES} entries there, not"]),
    ],
)
def test_an_open_option_has_its_bounds(cli: Callable[..., Ran], text: str, words: list[str], closed_port: str) -> None:
    Path("smtpprobe.toml").write_text(f"[check]\n{text}\n", "utf-8")
    ran = cli("check", closed_port)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    for word in (*words, "smtpprobe trust ."):
        assert word in ran.err


@pytest.mark.parametrize("text", ["timeout = 60", f"timeout = {MIN_S}", f"dnsbl = {['a.example'] * MAX_ENTRIES}"])
def test_at_its_bounds_an_open_option_is_taken(cli: Callable[..., Ran], text: str, closed_port: str) -> None:
    Path("smtpprobe.toml").write_text(f"[check]\n{text}\n", "utf-8")
    assert cli("check", closed_port).code == 4


def test_a_directory_cannot_lengthen_what_holds_without_it() -> None:
    assert MAX_S == {
        "timeout": attempt.TIMEOUT_S, "check deadline": attempt.DEADLINE_S, "deadline": evaluation.DIAGNOSIS_S
    }  # fmt: skip
    assert why_beyond("check", "deadline", 300) is None
    assert why_beyond("spf", "deadline", 30) is None
    assert why_beyond("spf", "deadline", 31) is not None


ENVELOPE = '[check]\nmail-from = "a@example.org"\nrcpt-to = "b@example.com"\n'


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 4),
        (("--user", "alice"), 2),
        (("--user", "alice", "--quit-after", "mail"), 2),
        (("--user", "alice", "--quit-after", "auth"), 4),
        (("--user", "alice", "--quit-after", "ehlo"), 4),
        (("--user", "alice", "--mail-from", "<>", "--rcpt-to", "c@example.com"), 4),
    ],
)
def test_a_directorys_envelope_is_for_sessions_without_a_login(
    cli: Callable[..., Ran],
    arguments: tuple[str, ...],
    code: int,
    closed_port: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SMTPPROBE_PASSWORD", "hunter2")
    Path("smtpprobe.toml").write_text(ENVELOPE, "utf-8")
    ran = cli("check", closed_port, *arguments)
    assert ran.code == code
    assert ("'mail-from'" in ran.err) is (code == 2)


@pytest.mark.parametrize(
    ("target", "paths"), [("bob@target.example", ["bob@target.example"]), ("mx.target.example:25", ["b@example.com"])]
)
def test_an_address_that_was_typed_goes_before_a_directorys(
    cli: Callable[..., Ran], target: str, paths: list[str]
) -> None:
    Path("smtpprobe.toml").write_text(ENVELOPE, "utf-8")
    ran = cli("check", target, "--format", "json")
    assert [each["value"] for each in ran.report["envelope"]["forward_paths"]] == paths


def test_the_page_lists_what_is_open_and_what_is_closed() -> None:
    rows = dict(re.findall(r"^\| `([\w -]+)` \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE))
    assert rows == {**OPEN, **CLOSED}
