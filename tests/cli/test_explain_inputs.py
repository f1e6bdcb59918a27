"""`smtpprobe explain` on bounces, transcripts, logs, and on what is none of them."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smtpprobe.catalogue.tally import MAX_DISTINCT, Tally
from smtpprobe.render.csv import FIELDS
from tests.cli.conftest import Ran
from tests.intake import samples


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    def write(content: str | bytes, name: str = "input.txt") -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


@pytest.mark.parametrize("name", sorted(samples.ALL))
def test_every_kind_of_input_is_taken_for_something_and_explained(
    cli: Callable[..., Ran], file: Callable[..., str], name: str
) -> None:
    path = file(samples.ALL[name])
    report = cli("explain", path, "--format", "json").report
    assert report["taken_for"]
    assert report["items"]
    assert report["unread"] == 0
    assert report["summary"]["refusals"] == sum(item.get("count", 1) for item in report["items"])
    page = cli("explain", path)
    assert (page.code, page.err) == (0, "")
    assert f"taken for {report['taken_for']}; " in " ".join(page.out.split())


def test_a_logs_summary(cli: Callable[..., Ran], file: Callable[..., str]) -> None:
    report = cli("explain", file(samples.POSTFIX, "mail.log"), "--format", "json").report
    summary = report["summary"]
    assert (summary["first_seen"], summary["last_seen"]) == ("Nov 22 19:10:45", "Nov 22 19:10:48")
    (listed,) = [row for row in summary["causes"] if row["name"] == "ip-blocklisted"]
    assert (listed["count"], listed["first_seen"], listed["last_seen"]) == (2, "Nov 22 19:10:45", "Nov 22 19:10:47")
    assert listed["example"].startswith("554 5.7.1")
    assert {row["name"]: row["count"] for row in summary["recipient_domains"]} == {"example.com": 7, None: 2}
    counts = [row["count"] for row in summary["causes"]]
    assert counts == sorted(counts, reverse=True)
    (reading,) = report["inputs"]
    assert (reading["lines"], reading["refusals"]) == (11, 9)


def test_repetitions_are_one_item(cli: Callable[..., Ran], file: Callable[..., str]) -> None:
    line = samples.POSTFIX.splitlines()[2]
    path = file("".join(line.replace("bob", f"bob{number}") + "\n" for number in range(50)), "mail.log")
    (item,) = cli("explain", path, "--format", "json").report["items"]
    assert (item["count"], item["cause"], item["phase"], item["line"]) == (50, "recipient-unknown", "rcpt", 1)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_one_item_for_each_refusal(cli: Callable[..., Ran], file: Callable[..., str], form: str) -> None:
    path = file(samples.POSTFIX, "mail.log")
    ran = cli("explain", path, "--format", form)
    rows: list[dict[str, Any]]
    if form == "jsonl":
        rows = [json.loads(line) for line in ran.out.splitlines()]
    else:
        rows = list(csv.DictReader(io.StringIO(ran.out)))
        assert tuple(rows[0]) == FIELDS
    assert [int(row["line"]) for row in rows] == [2, 3, 5, 6, 7, 8, 9, 10, 11]
    assert rows[1]["cause"] == "recipient-unknown"
    assert rows[1]["recipient_domain"] == "example.com"
    assert {row["source"] for row in rows} == {path}


def test_a_file_of_items_beside_the_page(cli: Callable[..., Ran], file: Callable[..., str], tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    ran = cli("explain", file(samples.EXIM), "--output", f"jsonl:{items}")
    assert "By cause" in ran.out
    assert len(items.read_text("utf-8").splitlines()) == 9


def test_what_a_spreadsheet_would_take_for_a_formula(cli: Callable[..., Ran], file: Callable[..., str]) -> None:
    path = file("=== Connected to =cmd.example.\n<** 550 no\n")
    (row,) = csv.DictReader(io.StringIO(cli("explain", path, "--format", "csv").out))
    assert row["peer"] == "'=cmd.example"


@pytest.mark.parametrize(
    ("pack", "name"),
    [(gzip.compress, "mail.log.1.gz"), (lzma.compress, "mail.log"), (bz2.compress, "mail.log.2.bz2"), (bytes, "x")],
)
def test_compressed_logs(cli: Callable[..., Ran], file: Callable[..., str], pack: Any, name: str) -> None:
    report = cli("explain", file(pack(samples.POSTFIX.encode()), name), "--format", "json").report
    assert report["taken_for"] == "Postfix log"
    assert report["inputs"][0]["lines"] == 11


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_damaged_end_costs_nothing_before_it(cli: Callable[..., Ran], file: Callable[..., str], pack: Any) -> None:
    lines = "".join(f"{line} {n * 7919 % 10007}\n" for n in range(600) for line in samples.POSTFIX.splitlines())
    ran = cli("explain", file(pack(lines.encode())[:-2000], "mail.log.gz"), "--format", "json")
    assert ran.code == 0
    assert ran.report["unread"] == 1
    assert ran.report["summary"]["refusals"] > 1000
    assert ran.err.count("\n") == 1
    assert "cannot be read to its end" in ran.err


def test_many_files_and_one_that_is_none(cli: Callable[..., Ran], file: Callable[..., str], tmp_path: Path) -> None:
    paths = [file(samples.STATUS, "a.eml"), str(tmp_path / "missing.log"), file(samples.EXIM, "b.log")]
    ran = cli("explain", *paths, "--format", "json")
    assert ran.code == 2
    assert ran.report["taken_for"] == "bounce (RFC 3464), Exim log"
    assert ran.report["unread"] == 1
    assert ran.report["summary"]["refusals"] == 11
    assert "missing.log" in ran.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (bytes(range(256)) * 40, "is binary"),
        (b"nothing here\n", "contains no SMTP reply"),
        (b"Nov 22 19:10:45 host kernel: eth0 is up\n", "a log in no known format"),
        (b'{"MESSAGE":"eth0 is up","SYSLOG_IDENTIFIER":"kernel"}\n', "a log in no known format"),
        (b"\x1f\x8b\x08 broken", "cannot be read"),
    ],
)
def test_no_known_input_is_one_line(
    cli: Callable[..., Ran], file: Callable[..., str], content: bytes, words: str
) -> None:
    ran = cli("explain", file(content))
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert ran.err.count("\n") == 1


def test_a_path_that_leads_nowhere(cli: Callable[..., Ran], tmp_path: Path) -> None:
    for path, words in ((tmp_path / "mail.log", "No such file"), (tmp_path, "Is a directory")):
        ran = cli("explain", str(path))
        assert (ran.code, ran.out) == (2, "")
        assert words in ran.err


def test_a_log_without_refusals(cli: Callable[..., Ran], file: Callable[..., str]) -> None:
    ran = cli("explain", file(samples.POSTFIX.splitlines()[0] + "\n", "mail.log"))
    assert ran.code == 0
    assert "taken for Postfix log; no refusal in 1 line" in ran.out


def test_standard_input(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(samples.EXIM.encode()))))
    report = cli("explain", "-", "--format", "json").report
    assert report["inputs"][0]["name"] == "standard input"
    assert report["summary"]["refusals"] == 9


def test_hostile_text_is_harmless_in_every_form(cli: Callable[..., Ran], file: Callable[..., str]) -> None:
    hostile = "\x1b[2J\u202e" + "z" * 5000
    path = file(samples.POSTFIX.replace("User unknown", f"User unknown {hostile}"), "mail.log")
    for form in ("text", "json", "jsonl", "csv"):
        ran = cli("explain", path, "--format", form)
        assert ran.code == 0
        assert "\x1b" not in ran.out + ran.err
        assert "\u202e" not in ran.out + ran.err


def test_jsonl_in_and_out(cli: Callable[..., Ran], file: Callable[..., str]) -> None:
    lines = [
        '{"reply":"550 5.1.1 no such user","phase":"lunch"}',
        '{"reply":"535 5.7.8 no","phase":"auth","provider":7}',
    ]
    ran = cli("explain", "--jsonl", file("\n".join(lines)))
    items = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 0
    assert "line 1: 'lunch' is not a phase: expected one of dns, " in ran.err
    assert [item["cause"] for item in items] == ["recipient-unknown", "auth-failed"]
    assert items[1]["phase"] == "auth"


def test_a_line_of_jsonl_that_is_none_costs_no_other_its_item(
    cli: Callable[..., Ran], file: Callable[..., str]
) -> None:
    ran = cli("explain", "--jsonl", file('{"reply":"550 5.1.1 a"}\n{\n{"reply":"450 4.2.0 greylisted"}\n'))
    items = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 2
    assert [item["input"] for item in items] == ["550 5.1.1 a", None, "450 4.2.0 greylisted"]
    assert "line 2" in ran.err


def test_live_checks(cli: Callable[..., Ran], file: Callable[..., str]) -> None:
    given = "554 5.7.1 Client host [192.0.2.1] blocked using zen.example"
    (check,) = cli("explain", given, "--check", "--format", "json").report["checks"]
    assert check["check"] == "dnsbl"
    assert {zone["zone"] for zone in check["evidence"]["zones"]} == {"zen.example"}
    assert cli("explain", "550 5.1.1 no such user", "--check", "--format", "json").report["checks"] == []
    assert "zen.example" in cli("explain", given, "--check").out
    assert "checks" not in cli("explain", given, "--format", "json").report


def test_a_tally_is_bounded() -> None:
    tally = Tally()
    for number in range(MAX_DISTINCT + 50):
        word = "".join(chr(97 + int(digit)) for digit in str(number))
        tally.add(
            f"550 5.1.1 {word}", domain=f"{word}.example", when=f"2026-11-22 10:{number // 60:02}:{number % 60:02}"
        )
    assert len(tally.distinct()) == MAX_DISTINCT
    assert tally.left_out == 50
    summary = tally.summary()
    assert summary.refusals == MAX_DISTINCT + 50
    assert len(summary.recipient_domains) == 1000
    assert summary.last_seen == f"2026-11-22 10:{(MAX_DISTINCT + 49) // 60:02}:{(MAX_DISTINCT + 49) % 60:02}"


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path, form: str) -> None:
    log = tmp_path / "mail.log"
    line = (
        "Nov  2 10:00:00 mx postfix/smtp[1]: A1: to=<a@d.example>, status=bounced (host mx.example[192.0.2.1] said: 550"
    )
    log.write_text("".join(f"{line} 5.1.1 no such user {number})\n" for number in range(20_000)), "utf-8")
    command = [sys.executable, "-m", "smtpprobe", "explain", str(log), str(log), "--format", form]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_of_several_replies_those_that_refuse_are_explained(cli: Callable[..., Ran]) -> None:
    page = cli("explain", "220 mx.example.com ESMTP\n250 2.1.0 Ok\n550 5.1.1 no such user\n221 Bye").out
    assert page.count("Meaning") == 1
    assert "550 5.1.1 no such user\n" in page
    assert "no refusal" in cli("explain", "220 mx.example.com ESMTP\n250 2.1.0 Ok").out
    assert "Meaning" in cli("explain", "250 2.1.5 recipient ok").out
