"""`smtpprobe explain` on codes alone: several in a row, and what is none."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

from tests.cli.conftest import Ran


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["550"], [(550, None)]),
        (["5.1.1"], [(None, "5.1.1")]),
        (["550", "5.1.1"], [(550, "5.1.1")]),
        (["5.1.1", "550"], [(550, "5.1.1")]),
        (["550 5.1.1"], [(550, "5.1.1")]),
        (["550", "554"], [(550, None), (554, None)]),
        (["550", "554", "421"], [(550, None), (554, None), (421, None)]),
        (["550 5.1.1 450", "4.2.0"], [(550, "5.1.1"), (450, "4.2.0")]),
        (["550", "5.1.1", "5.7.1"], [(550, "5.1.1"), (None, "5.7.1")]),
        (["5.1.1", "5.7.1"], [(None, "5.1.1"), (None, "5.7.1")]),
    ],
)
def test_each_of_several_codes_is_explained(
    cli: Callable[..., Ran], words: list[str], found: list[tuple[int | None, str | None]]
) -> None:
    report = cli("explain", *words, "--format", "json").report
    assert [(item["entry"]["code"], item["entry"]["enhanced"]) for item in report["items"]] == found
    assert cli("explain", *words).out.count("\nClass ") == len(found)
    lines = cli("explain", *words, "--format", "jsonl").out.splitlines()
    version = {"schema_version": report["schema_version"]}
    assert [json.loads(line) for line in lines] == [version | item for item in report["items"]]
    rows = list(csv.DictReader(io.StringIO(cli("explain", *words, "--format", "csv").out)))
    assert [row["input"] for row in rows] == [item["input"] for item in report["items"]]
    kinds = ("an enhanced status code", "a reply code", "enhanced status codes", "reply codes")
    assert report["taken_for"] == kinds[2 * (len(found) > 1) + any(code for code, _ in found)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([""], "the text is empty"),
        ([" \n "], "the text is empty"),
        (["", ""], "the text is empty"),
        (["550", "999"], "999 is not an SMTP reply code"),
        (["999", "550", "554"], "999 is not an SMTP reply code"),
        (["550", "9.1.1"], "'9.1.1' is not an enhanced status code"),
        (["600 5.1.1 foo"], "600 is not an SMTP reply code"),
        (["600-5.1.1 foo"], "600 is not an SMTP reply code"),
        (["100", "5.1.1", "foo"], "100 is not an SMTP reply code"),
    ],
)
@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_what_is_no_code_is_one_line(cli: Callable[..., Ran], words: list[str], said: str, form: str) -> None:
    ran = cli("explain", *words, "--format", form)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_a_count_in_front_of_a_reply_is_no_code(cli: Callable[..., Ran]) -> None:
    ran = cli("explain", "120 recipients refused: 550 5.1.1 no such user")
    assert ran.code == 0
    assert "recipient-unknown" in ran.out
