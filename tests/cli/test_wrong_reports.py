"""A saved report with any one value replaced: a report, or one line and exit 2; never an internal error."""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smtpprobe.cli import app
from smtpprobe.model.dns.lookup import DnsStatus
from smtpprobe.model.saved import load

ASSUMED = ("--assume", 'example.org. TXT "v=spf1 -all"')
CODES = {0, 1, 2, 3, 4, 5, 6}
Place = tuple[str | int, ...]


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


INSTEAD: dict[str, Any] = {
    "a number": 7,
    "a number that fits nowhere": 10**30,
    "a text": "x",
    "a list": [],
    "a list of lists": [[]],
    "an object of objects": {"kind": {"kind": 1}},
    "null": None,
    "something deep": nested(60),
}


@functools.cache
def saved(scenario: str, folder: Path) -> Any:
    path = folder / f"{scenario}.json"
    app.run(["demo", scenario, "--output", str(path)])
    return json.loads(path.read_text())


def places(value: Any, above: Place = ()) -> Iterator[Place]:
    """Every place of the report, of lists the first three."""
    if above:
        yield above
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*above, key))
    elif isinstance(value, list):
        for index, each in enumerate(value[:3]):
            yield from places(each, (*above, index))


def kinds_of_places(report: Any) -> list[Place]:
    """One place for each field: of check runs each has its own, since their evidence differs."""
    found: dict[Place, Place] = {}
    for place in places(report):
        kind = tuple(0 if isinstance(each, int) else each for each in place)
        found.setdefault((place[1], *kind) if place[0] == "checks" and len(place) > 1 else kind, place)
    return list(found.values())


def replaced(report: Any, place: Place, value: Any) -> Any:
    changed = copy.deepcopy(report)
    inner = changed
    for each in place[:-1]:
        inner = inner[each]
    inner[place[-1]] = value
    return changed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


def wrong_ends(
    report: Any, value: Any, folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str
) -> list[object]:
    """The places where the value made something else of the replay than a report or one line."""
    path, wrong = folder / "replaced.json", []
    capsys.readouterr()
    for place in kinds_of_places(report):
        path.write_text(json.dumps(replaced(report, place, value)))
        code = app.run(["replay", str(path), *arguments])
        said = capsys.readouterr()
        one_line = said.err.count("\n") == 1 and not said.out and str(path) in said.err
        if code not in CODES or "internal error" in said.out + said.err or (code == 2 and not one_line):
            wrong.append((place, code, said.err[:200]))
    return wrong


@pytest.mark.parametrize("value", INSTEAD.values(), ids=INSTEAD.keys())
def test_any_value_replaced(folder: Path, capsys: pytest.CaptureFixture[str], value: Any) -> None:
    assert wrong_ends(saved("dmarc-misaligned", folder), value, folder, capsys, "-q") == []


@pytest.mark.parametrize("value", ["x", None], ids=json.dumps)
def test_any_value_replaced_and_evaluated_again(folder: Path, capsys: pytest.CaptureFixture[str], value: Any) -> None:
    assert wrong_ends(saved("broken-tls", folder), value, folder, capsys, *ASSUMED) == []


TIMES = ("2026-03-02T12:00:00", "2026-03-02", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59")


def times(value: Any, above: Place = ()) -> dict[str, Place]:
    """A place for each name of a field that holds a time."""
    found: dict[str, Place] = {}
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(each, dict | list):
            found = times(each, (*above, key)) | found
        elif isinstance(each, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[-+].*)", each):
            found[key] = (*above, key)
    return found


@pytest.mark.parametrize("arguments", [("-v",), ASSUMED], ids=["as it ran", "evaluated again"])
@pytest.mark.parametrize("time", TIMES)
def test_any_time_replaced(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], time: str, arguments: tuple[str, ...]
) -> None:
    report, path = saved("blocklisted", folder), tmp_path / "report.json"
    places = [*times(report).values(), ("started_at",), ("request", "evaluation_time")]
    assert {place[-1] for place in places} >= {"started_at", "not_before", "not_after"}
    capsys.readouterr()
    for place in places:
        path.write_text(json.dumps(replaced(report, place, time)))
        code = app.run(["replay", str(path), *arguments])
        said = capsys.readouterr()
        assert "a bug of ours" not in said.out + said.err, place
        if time in TIMES[:2]:
            assert (code, said.out, said.err.count("\n")) == (2, "", 1), place
        else:
            assert code in CODES


DEEP = b"[" * 200_000 + b"]" * 200_000
FILES = {
    "nesting": b'{"schema_version": "1.0", "x": ' + DEEP + b"}",
    "a nested version": b'{"schema_version": ' + DEEP + b"}",
    "nested reasons": b'{"schema_version": "1.0", "outcome": {"reason": ' + b"[" * 900 + b"]" * 900 + b"}}",
    "kinds": b'{"schema_version": "1.0", "checks": [{"status": "completed", "evidence": {"kind": {"kind": 1}}}]}',
    "summaries": b'{"schema_version": "1.0", "verdicts": [{"summary": {}}], "outcome": {"status": "no-session", "reason": []}}',
    "a number of many digits": b'{"schema_version": ' + b"1" * 100_000 + b"}",
    "no UTF-8": b'{"schema_version": "1.\xff"}',
    "a list": b"[]",
    "nothing": b"",
    "NUL": b"\0" * 100,
}


@pytest.mark.parametrize("octets", FILES.values(), ids=FILES.keys())
def test_what_is_no_report(tmp_path: Path, capsys: pytest.CaptureFixture[str], octets: bytes) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(octets)
    assert app.run(["replay", str(path)]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert str(path) in said.err
    assert len(said.err) < 500


@pytest.mark.parametrize("arguments", [(), ASSUMED], ids=["as it ran", "evaluated again"])
@pytest.mark.parametrize("rdtype", ["CNAME", "TXT", "MX", "A", "PTR"])
def test_an_answer_without_records_is_nodata(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], rdtype: str, arguments: tuple[str, ...]
) -> None:
    report = copy.deepcopy(saved("spf-fail", folder))
    for lookup in report["lookups"]:
        if lookup["type"] == rdtype or rdtype == "CNAME":
            lookup |= {"type": rdtype, "status": "answer", "records": []}
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    assert all(each.status is not DnsStatus.ANSWER or each.records for each in load(path.read_bytes()).lookups)
    assert app.run(["replay", str(path), *arguments]) == 1
    said = capsys.readouterr()
    assert "internal error" not in said.out + said.err


def test_a_report_with_other_checks_than_this_version_has(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = copy.deepcopy(saved("spf-fail", folder))
    report["checks"] = [run for run in report["checks"] if run["check"] != "dane"]
    report["checks"].insert(0, {"check": "future", "status": "skipped", "reason": "x", "kind": "not-asked"})
    report["verdicts"] = []
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    assert app.run(["replay", str(path), *ASSUMED]) == 1
    assert "spf       as published: fail" in capsys.readouterr().out
