"""`--format json` is the contract's object: every field there, absent values null, octets readable and exact."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.cli.conftest import Ran, served

TEXT, NUMBER, FLAG = str, int | float, bool
OUTCOME = {
    "status": TEXT,
    "phase": TEXT | None,
    "reply_code": int | None,
    "enhanced": TEXT | None,
    "reason": TEXT | None,
    "exit_code": int,
}
ASSUMED = {"value": TEXT, "assumed": FLAG}
FINDING = {"id": TEXT, "severity": TEXT, "subject": TEXT, "message": TEXT}
REPORT: dict[str, Any] = {
    "schema_version": TEXT,
    "tool": {"name": TEXT, "version": TEXT},
    "started_at": TEXT,
    "complete": FLAG,
    "target": {"given": TEXT, "host": TEXT, "port": int | None, "protocol": TEXT},
    "envelope": {"helo": ASSUMED, "reverse_path": ASSUMED, "forward_paths": [ASSUMED]},
    "outcome": OUTCOME,
    "transcripts": [
        {
            "address": TEXT,
            "complete": FLAG,
            "outcome": OUTCOME,
            "identity": {"client_ip": TEXT | None, "client_ip_source": TEXT, "helo": TEXT | None, "warnings": [TEXT]},
            "server": {"software": TEXT | None, "provider": TEXT | None},
            "recipients": [{"forward_path": TEXT, "status": TEXT, "exchange": int | None}],
            "exchanges": [
                {
                    "index": int,
                    "phase": TEXT,
                    "sent": TEXT | None,
                    "reply": ({"code": int, "enhanced": TEXT | None, "lines": [TEXT], "raw": TEXT, "defects": [TEXT]}, None),
                    "annotation": (
                        {
                            "title": TEXT,
                            "meaning": TEXT,
                            "fix": [TEXT],
                            "matched": TEXT,
                            "references": [TEXT],
                            "lines": [{"index": int, "keyword": TEXT | None, "meaning": TEXT}],
                        },
                        None,
                    ),
                    "sent_s": NUMBER | None,
                    "first_octet_s": NUMBER | None,
                    "last_octet_s": NUMBER | None,
                    "over_tls": FLAG,
                    "tls": (dict, None),
                    "breakage": TEXT | None,
                }
            ],
        }
    ],
    "checks": [
        {
            "check": TEXT,
            "transcript": int | None,
            "status": TEXT,
            "reason": TEXT | None,
            "evidence": (dict, None),
            "findings": [FINDING],
        }
    ],
    "request": dict,
    "lookups": [
        {
            "name": TEXT,
            "type": TEXT,
            "status": TEXT,
            "records": [TEXT],
            "ttl_s": int | None,
            "authentic": FLAG,
            "server": TEXT | None,
            "started_s": NUMBER,
            "took_s": NUMBER,
        }
    ],
    "verdicts": [
        {
            "transcript": int,
            "exchange": int | None,
            "summary": TEXT,
            "causes": [
                {
                    "id": TEXT,
                    "confidence": TEXT,
                    "because": [{"kind": TEXT, "text": TEXT, "refs": [int], "needs": TEXT | None}],
                    "remedies": [{"actor": TEXT, "action": TEXT, "verify": TEXT | None}],
                    "retry": TEXT | None,
                }
            ],
        }
    ],
}  # fmt: skip
WORDS = {
    "outcome.status": {"accepted", "refused", "deferred", "auth-refused", "no-session", "interrupted"},
    "checks.status": {"completed", "skipped", "failed"},
    "lookups.status": {"answer", "nodata", "nxdomain", "servfail", "refused", "timeout", "not-recorded"},
    "causes.confidence": {"confirmed", "stated", "supported", "possible", "contradicted"},
    "identity.client_ip_source": {"option", "xclient", "proxy", "reply", "ehlo", "socket", "unknown"},
    "recipients.status": {"accepted", "refused", "deferred", "not-tried"},
    "findings.severity": {"critical", "error", "warning", "notice", "info"},
}


def walk(value: Any, shape: Any, path: str) -> None:
    """Holds a value against a shape: a dict's keys must all be there, more may be."""
    if isinstance(shape, tuple):
        if value is not None:
            walk(value, shape[0], path)
    elif isinstance(shape, dict):
        assert isinstance(value, dict), path
        for name, each in shape.items():
            assert name in value, f"{path}.{name} is left out"
            walk(value[name], each, f"{path}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), path
        for each in value:
            walk(each, shape[0], path)
    else:
        assert isinstance(value, shape), f"{path}: {value!r}"
        words = WORDS.get(".".join(path.split(".")[-2:]))
        assert words is None or value in words, f"{path}: {value!r}"


@pytest.mark.parametrize("scenario", ["blocklisted", "accepted", "bad-password", "broken-tls", "greylisted"])
def test_every_field_of_the_contract_is_there(cli: Callable[..., Ran], scenario: str) -> None:
    report = cli("demo", scenario, "--format", "json").report
    walk(report, REPORT, "")
    assert report["schema_version"] == "1.0"
    assert report["tool"]["name"] == "smtpprobe"
    assert report["started_at"].endswith("Z")
    assert datetime.fromisoformat(report["started_at"]).tzinfo is not None
    for exchange in report["transcripts"][0]["exchanges"]:
        if exchange["reply"]:
            assert base64.b64decode(exchange["reply"]["raw"], validate=True).startswith(
                b"%d" % exchange["reply"]["code"]
            )


def test_a_report_of_no_session_has_them_too(cli: Callable[..., Ran], closed_port: str) -> None:
    for target in (closed_port, "nowhere.example"):
        report = cli("check", target, "--format", "json").report
        shape = REPORT | {"envelope": REPORT["envelope"] | {"reverse_path": (ASSUMED, None)}}
        walk(report, shape, "")


def test_evidence_refers_to_lookups_by_index(cli: Callable[..., Ran]) -> None:
    report = cli("demo", "blocklisted", "--format", "json").report
    referred = [index for run in report["checks"] if run["evidence"] for index in run["evidence"].get("lookups", [])]
    assert referred
    assert all(0 <= index < len(report["lookups"]) for index in referred)


def test_the_outcome_is_the_deciding_exchange(cli: Callable[..., Ran]) -> None:
    refused = cli("demo", "blocklisted", "--format", "json").report
    assert (refused["outcome"]["phase"], refused["outcome"]["reply_code"]) == ("rcpt", 554)
    assert refused["outcome"] | {"exit_reason": None} == refused["transcripts"][0]["outcome"]
    accepted = cli("demo", "accepted", "--format", "json").report["outcome"]
    assert (accepted["phase"], accepted["reply_code"], accepted["enhanced"]) == (None, None, None)


HOSTILE = rb"""S= "220 mx \xff\xfe\x1b[2J\xc2\x9b\xe2\x80\xae \xed\xa0\x80\r\n"
C: EHLO *
S: 250 mx
C: MAIL FROM:*
S: 250 Ok
C: RSET
S: 250 Ok
C: QUIT
S: 221 bye
""".decode()


def test_octets_are_readable_and_exact(cli: Callable[..., Ran]) -> None:
    with served(HOSTILE) as host:
        ran = cli("check", host, "--format", "json")
    reply = ran.report["transcripts"][0]["exchanges"][0]["reply"]
    assert "mx ÿþ" in reply["lines"][0]  # no UTF-8, so Latin-1
    raw = base64.b64decode(reply["raw"])
    assert raw == b"220 mx \xff\xfe\x1b[2J\xc2\x9b\xe2\x80\xae \xed\xa0\x80\r\n"
    # Nothing in the JSON text itself steers a terminal.
    assert all(character.isprintable() or character == "\n" for character in ran.out)


def test_one_check_alone(cli: Callable[..., Ran]) -> None:
    report = cli("spf", "example.org", "--ip", "192.0.2.1", "--format", "json").report
    walk(report, {"check": TEXT, "status": TEXT, "reason": TEXT | None, "evidence": dict, "findings": [FINDING]}, "")
    assert report["check"] == "spf"
    for name in (
        "result",
        "identities",
        "mechanism",
        "explanation",
        "record",
        "lookups_used",
        "void_lookups_used",
        "trace",
    ):
        assert name in report["evidence"]
    assert set(report["evidence"]["identities"]) == {"helo", "mailfrom"}


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (
            ("dmarc", "example.org"),
            "result policy record record_domain organizational_domain queries alignment rfc7489",
        ),
        (("dkim", "example.org", "--selector", "s1"), "signatures keys"),
        (("dnsbl", "192.0.2.1", "--only-dnsbl", "zen.example"), "zones"),
        (("iprev", "192.0.2.1"), "result names"),
    ],
)
def test_the_other_checks_alone(cli: Callable[..., Ran], arguments: tuple[str, ...], names: str) -> None:
    evidence = cli(*arguments, "--format", "json").report["evidence"]
    assert set(names.split()) <= set(evidence)


def test_explain_gives_the_contracts_items(cli: Callable[..., Ran]) -> None:
    ran = cli("explain", "554 5.7.1 Client host [192.0.2.1] blocked using zen.example", "--format", "json")
    (item,) = ran.report["items"]
    names = "input code enhanced phase provider server cause confidence alternatives captures title meaning fix"
    assert set(names.split()) <= set(item)
    assert (item["code"], item["enhanced"], item["captures"]["ip"]) == (554, "5.7.1", "192.0.2.1")
    assert {"ip", "domain", "list", "url"} <= set(item["captures"])


def test_lone_surrogates_never_crash(cli: Callable[..., Ran]) -> None:
    given = b"550 5.1.1 \xff\xfe no such user".decode("utf-8", "surrogateescape")
    for form in ("text", "json"):
        ran = cli("explain", given, "--format", form)
        assert ran.code == 0
        assert "xff" in ran.out
        assert "udcff" not in ran.out
    assert json.loads(cli("explain", given, "--format", "json").out)["items"][0]["code"] == 550
