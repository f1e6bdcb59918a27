"""`explain --jsonl` on lines that no decoder takes."""

from __future__ import annotations

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
    assert items[0] == {"input": None, "error": f"line 1: {words}: {_EXPECTED}"}
    assert [each["input"] for each in items[1:]] == ["450 4.2.0 greylisted", "User unknown"]
    assert (ran.code, ran.err) == (2, f"smtpprobe: {path}: line 1: {words}: {_EXPECTED}\n")
