"""`explain --jsonl` on lines that no decoder takes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran


def test_a_line_nested_beyond_reason_costs_no_other_its_item(cli: Callable[..., Ran], tmp_path: Path) -> None:
    nested = '{"reply":"550 5.1.1 a","provider":' + "[" * 50_000
    path = tmp_path / "replies"
    path.write_text(f'{nested}\n{{"reply":"450 4.2.0 greylisted"}}\n')
    ran = cli("explain", "--jsonl", str(path))
    items = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 2
    assert [item["input"] for item in items] == [None, "450 4.2.0 greylisted"]
    assert "line 1" in ran.err


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--follow"], "expected no --follow"),
        (["--check"], "expected no --check"),
        (["--since", "2h"], "expected no --since"),
        (["--resolver", "192.0.2.53"], "expected no --resolver"),
        (["--format", "csv"], "expected --format jsonl, or none"),
        (["--format", "text"], "expected --format jsonl, or none"),
        (["--output", "a.json"], "expected no --output"),
        (["550 5.1.1 no"], "expected no '550 5.1.1 no' beside it"),
        (
            ["--provider", "gogle"],
            "'gogle' is not a known provider: expected one such as google or microsoft: did you mean 'google'?",
        ),
        (["--phase", "zz"], "'zz' is not a phase: expected one of dns, "),
    ],
)
def test_what_would_count_for_nothing_is_refused(
    cli: Callable[..., Ran], tmp_path: Path, more: list[str], words: str
) -> None:
    path = tmp_path / "replies"
    path.write_text('{"reply": "550 5.1.1 no"}\n', "utf-8")
    ran = cli("explain", "--jsonl", str(path), *more)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert words in ran.err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"reply": "550 5.1.1 a", "phase": "zz"}', "line 1: 'zz' is not a phase: expected one of dns, "),
        ('{"reply": "550 5.1.1 a", "phase": 5}', "line 1: 'a number' is not a phase: expected one of dns, "),
    ],
)
def test_a_phase_that_is_none_is_told_and_costs_no_item(
    cli: Callable[..., Ran], tmp_path: Path, line: str, words: str
) -> None:
    path = tmp_path / "replies"
    path.write_text(f'{line}\n{{"reply": "450 4.2.0 b", "phase": null, "provider": ""}}\n', "utf-8")
    ran = cli("explain", "--jsonl", str(path))
    assert [json.loads(each)["input"] for each in ran.out.splitlines()] == ["550 5.1.1 a", "450 4.2.0 b"]
    assert (ran.code, ran.err.count("\n")) == (0, 1)
    assert words in ran.err


@pytest.mark.parametrize(
    "given",
    [
        ["--jsonl", "replies"],
        ["554 5.7.1 no", "--format", "jsonl"],
        ["log", "--format", "jsonl"],
        ["554", "5.1.1", "--format", "jsonl"],
    ],
)
def test_every_line_names_its_version(
    cli: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("replies").write_text('{"reply": "550 5.1.1 no"}\n', "utf-8")
    Path("log").write_text("Nov 22 19:10:45 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 no\n" * 2)
    lines = cli("explain", *given).out.splitlines()
    assert lines
    assert [next(iter(json.loads(each).items())) for each in lines] == [("schema_version", "1.0")] * len(lines)


def test_a_line_may_name_any_provider(cli: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / "replies"
    path.write_text('{"reply": "550 5.1.1 a", "provider": "Some Hoster"}\n', "utf-8")
    ran = cli("explain", "--jsonl", str(path))
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)["provider"] == "some hoster"


def test_the_options_count_for_lines_that_name_nothing_else(cli: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / "replies"
    path.write_text('{"reply": "550 no"}\n{"reply": "550 no", "phase": "mail", "provider": "yahoo"}\n', "utf-8")
    ran = cli("explain", "--jsonl", str(path), "--phase", "rcpt", "--provider", "outlook", "--format", "jsonl")
    items = [json.loads(each) for each in ran.out.splitlines()]
    assert [(each["phase"], each["provider"]) for each in items] == [("rcpt", "microsoft"), ("mail", "yahoo")]


def test_a_compressed_file_is_read_and_an_empty_one_refused(cli: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / "replies.gz"
    path.write_bytes(gzip.compress(b'{"reply": "550 5.1.1 no"}\n' * 3))
    assert len(cli("explain", "--jsonl", str(path)).out.splitlines()) == 3
    path.write_bytes(gzip.compress(b'{"reply": "550 5.1.1 no"}\n' * 3)[:-9])
    ran = cli("explain", "--jsonl", str(path))
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "cannot be read" in ran.err
    path.write_bytes(b"")
    assert cli("explain", "--jsonl", str(path)).err == f"smtpprobe: {str(path)!r} is empty\n"


_EXPECTED = 'expected {"reply": "550 5.1.1 …"}'


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"reply": "hello"}', "'hello' contains no SMTP reply"),
        ('{"reply": ""}', "'reply' is empty"),
        ('{"reply": " "}', "'reply' is empty"),
        ('{"reply": 550}', "'reply' is a number instead of a text"),
        ('{"reply": null}', "'reply' is null instead of a text"),
        ('{"reply": true}', "'reply' is true or false instead of a text"),
        ('{"text": "550"}', "no field 'reply'"),
        ("[]", "a list instead of an object"),
        ('"550"', "a text instead of an object"),
        ("550 5.1.1 no", "not JSON"),
    ],
)
def test_what_holds_no_reply_is_said_in_plain_words(
    cli: Callable[..., Ran], tmp_path: Path, line: str, words: str
) -> None:
    path = tmp_path / "replies"
    path.write_text(f'{line}\n{{"reply": "450 4.2.0 greylisted"}}\n{{"reply": "User unknown"}}\n', "utf-8")
    ran = cli("explain", "--jsonl", str(path))
    items = [json.loads(each) for each in ran.out.splitlines()]
    assert items[0] == {"schema_version": "1.0", "input": None, "error": f"line 1: {words}: {_EXPECTED}"}
    assert [each["input"] for each in items[1:]] == ["450 4.2.0 greylisted", "User unknown"]
    assert (ran.code, ran.err) == (2, f"smtpprobe: {path}: line 1: {words}: {_EXPECTED}\n")
