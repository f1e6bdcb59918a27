"""What is printed as JSON is what its schema says, whole: nothing left out, nothing unnamed, and open where 1.x may grow."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from smtpprobe.catalogue.causes import causes
from smtpprobe.checks.registry import checks
from smtpprobe.model.evidence import SpfEvidence
from smtpprobe.pipeline.reference import schemas
from smtpprobe.render import formats
from smtpprobe.render.formats import Takes
from smtpprobe.testing.scenarios import SCENARIOS
from tests.cases import CASES, played
from tests.cli.conftest import Ran
from tests.render import planted

TIMES = FormatChecker([])
TURNS = range(0, 3 * len(planted.MARKERS), 9)


@TIMES.checks("date-time", raises=ValueError)
def is_time(value: object) -> bool:
    """RFC 3339 with its offset, as far as Python reads it."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@cache
def schema(kind: str) -> dict[str, Any]:
    return schemas.schema(kind)


@cache
def validator(kind: str, closed: bool = False, patterns: bool = True) -> Draft202012Validator:
    """Judges a kind of object; `closed`: a field that the schema does not name is wrong, too."""
    made = copy.deepcopy(schema(kind))
    for each in () if patterns else objects(made):
        each.pop("pattern", None)
    if closed:
        for definition in made["$defs"].values():
            if "properties" in definition:
                definition["additionalProperties"] = False
    return Draft202012Validator(made, format_checker=TIMES)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in the value, itself first."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        yield from objects(each)


def wrong(kind: str, value: object, *, closed: bool = True, patterns: bool = True) -> list[str]:
    """What the schema has against the value."""
    errors = validator(kind, closed, patterns).iter_errors(value)
    return [f"{error.json_path}: {error.message[:200]}" for error in errors]


@pytest.mark.parametrize("kind", schemas.KINDS)
def test_a_schema_is_one(kind: str) -> None:
    Draft202012Validator.check_schema(schema(kind))
    assert list(schema(kind))[:3] == ["$schema", "$id", "title"]
    assert schema(kind)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert f":{kind}:1." in schema(kind)["$id"]


@pytest.mark.parametrize("kind", schemas.KINDS)
def test_the_command_prints_it(cli: Callable[..., Ran], kind: str) -> None:
    assert cli("schema", kind).report == json.loads(json.dumps(schema(kind)))


def test_without_a_name_it_is_the_reports(cli: Callable[..., Ran]) -> None:
    assert cli("schema").report == json.loads(json.dumps(schema("report")))
    ran = cli("schema", "lunch")
    assert (ran.code, ran.out) == (2, "")
    assert "report, check, explain, item, compare" in ran.err


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_reports_of_the_demo(cli: Callable[..., Ran], scenario: str) -> None:
    assert wrong("report", cli("demo", scenario, "--format", "json").report) == []


@pytest.mark.parametrize("path", CASES[::3], ids=lambda path: path.name)
def test_reports_of_cases(path: Path) -> None:
    rendered = formats.render(formats.find("json", Takes.REPORT), played(path))  # type: ignore[arg-type]
    assert wrong("report", json.loads(rendered)) == []


KIND_OF = {
    Takes.REPORT: "report",
    Takes.CHECK_REPORT: "check",
    Takes.EXPLANATION: "explain",
    Takes.COMPARISON: "compare",
    Takes.KNOWN_IDS: "explain",
}


@pytest.mark.parametrize("takes", KIND_OF)
def test_values_with_every_field_filled(takes: Takes) -> None:
    form = formats.find("json", takes)
    assert form is not None
    for turn in TURNS:
        for value in planted.values(takes, turn):
            # Markers stand where ids and versions would, which only the patterns mind.
            assert wrong(KIND_OF[takes], json.loads(formats.render(form, value)), patterns=False) == []


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("check", ["spf", "example.org", "--ip", "192.0.2.1"]),
        ("check", ["dkim", "example.org", "--selector", "s1"]),
        ("check", ["dmarc", "example.org"]),
        ("check", ["dnsbl", "192.0.2.1", "--only-dnsbl", "dnsbl.example"]),
        ("check", ["iprev", "192.0.2.1"]),
        ("explain", ["explain", "554"]),
        ("explain", ["explain", "5.7.1", "550 5.1.1"]),
        (
            "explain",
            ["explain", "550 5.7.26 Unauthenticated email from example.org is not accepted due to DMARC policy"],
        ),
        ("explain", ["explain", "550 5.1.1 no such user", "--check"]),
        ("explain", ["explain", "ip-blocklisted", "spf-fail"]),
        ("explain", ["explain", "ConnectionRefusedError: [Errno 111] connect to mail.example.org:465"]),
        ("explain", ["explain", "550 we could not locate any such account for that person on our machines"]),
        ("explain", ["explain", "User unknown"]),
        ("explain", ["causes"]),
        ("explain", ["checks"]),
        ("compare", ["compare", "250", "535"]),
    ],
)
def test_what_commands_print(cli: Callable[..., Ran], kind: str, arguments: list[str]) -> None:
    assert wrong(kind, cli(*arguments, "--format", "json").report) == []


def test_many_refusals_and_lines(cli: Callable[..., Ran], tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    log.write_text(
        "".join(
            f"Nov 22 10:00:{at:02} mx postfix/smtp[1]: 4X{at}: to=<b@example.com>, relay=mx.example.com[192.0.2.9]:25, "
            f"delay=1, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.9] said: 550 5.{at}.1 reason {'ab' * at})\n"
            for at in range(1, 30)
        )
    )
    assert wrong("explain", cli("explain", str(log), "--format", "json").report) == []
    by_hour = cli("explain", str(log), "--since", "2020-01-01", "--format", "json").report
    assert by_hour["summary"]["hours"]
    assert wrong("explain", by_hour) == []
    lines = cli("explain", str(log), "--format", "jsonl").out.splitlines()
    given = tmp_path / "given.jsonl"
    given.write_text('{"reply": "550 5.1.1 no"}\n{"reply": 5}\n')
    lines += cli("explain", "--jsonl", str(given)).out.splitlines()
    assert len(lines) == 31
    lines += cli("explain", "554", "5.7.1", "421", "--format", "jsonl").out.splitlines()
    assert [problem for line in lines for problem in wrong("item", json.loads(line))] == []


def test_nothing_may_be_left_out(cli: Callable[..., Ran]) -> None:
    found = cli("demo", "--format", "json").report
    assert wrong("report", found) == []
    definitions = schema("report")["$defs"]
    # By their fields; other objects have keys of their own: the tags of a record.
    kinds: dict[frozenset[str], list[Draft202012Validator]] = {}
    for name, definition in definitions.items():
        if "properties" in definition:
            judge = Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": definitions})
            kinds.setdefault(frozenset(definition["properties"]), []).append(judge)
    seen = {frozenset(each): each for each in objects(found) if frozenset(each) in kinds}
    assert len(seen) >= 30
    for fields, each in seen.items():
        assert any(judge.is_valid(each) for judge in kinds[fields])
        for name in fields:
            less = {key: value for key, value in each.items() if key != name}
            assert not any(judge.is_valid(less) for judge in kinds[fields]), f"{name} of {list(each)} may be left out"


def test_every_field_is_required_but_those_that_come_and_go() -> None:
    may_be_absent = {
        name: set(definition["properties"]) - set(definition["required"])
        for kind in schemas.KINDS
        for name, definition in schema(kind)["$defs"].items()
        if "properties" in definition and set(definition["properties"]) != set(definition["required"])
    }
    assert set(may_be_absent) == {"Item", "ItemLine", "ExplainReport"}
    assert {"summary", "inputs", "checks", "causes", "findings"} < may_be_absent["ExplainReport"]
    assert "title" not in may_be_absent["Item"]


@pytest.mark.parametrize(
    ("change", "valid"),
    [
        (lambda found: found.update(later="field"), True),
        (lambda found: found.update(schema_version="1.7"), True),
        (lambda found: found.update(schema_version="2.0"), False),
        (lambda found: found.update(started_at="xx"), False),
        (lambda found: found.update(started_at="2026-11-22T10:00:00"), False),
        (lambda found: found["outcome"].update(status="a-later-word"), True),
        (lambda found: found["outcome"].update(status="Two Words"), False),
        (lambda found: found["outcome"].update(status=None), False),
        (lambda found: found["verdicts"][0]["causes"][0].update(id="a-later-cause"), True),
        (lambda found: found["verdicts"][0]["causes"][0].update(id="Not an id"), False),
        (lambda found: found["checks"][0].update(check="a-later-check"), True),
        (lambda found: found["checks"][0]["findings"][0].update(id="a-later-finding"), True),
        (lambda found: found["checks"][0]["findings"][0].update(id="a_b"), False),
        (lambda found: found["checks"][0].update(evidence={"kind": "a-later-kind"}), True),
        (lambda found: found["checks"][0].update(evidence={"kind": "spf"}), False),
        (lambda found: found["checks"][0].update(status="a-later-status"), True),
    ],
)
def test_what_a_later_version_may_bring(
    cli: Callable[..., Ran], change: Callable[[dict[str, Any]], None], valid: bool
) -> None:
    found = cli("demo", "--format", "json").report
    change(found)
    assert (wrong("report", found, closed=False) == []) is valid


def test_ids_are_listed() -> None:
    known = {
        name: schema("report")["$defs"][name]["anyOf"][0]["enum"] for name in ("CauseId", "FindingId", "CheckName")
    }
    assert known["CauseId"] == [*causes(), "unknown"]
    assert known["FindingId"] == [finding.id for check in checks() for finding in check.findings]
    assert known["CheckName"] == [check.name for check in checks()]


def test_words_are_listed() -> None:
    words = schema("report")["$defs"]["Severity"]["anyOf"][0]["enum"]
    assert set(words) == {"critical", "error", "warning", "notice", "info", "unknown"}
    assert SpfEvidence.__name__ in schema("check")["$defs"]
