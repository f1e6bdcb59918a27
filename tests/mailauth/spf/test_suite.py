"""The public RFC 7208 suite, every case: the first result that it allows, and the explanation."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable, Iterator
from typing import Any

import pytest
import yaml

from smtpprobe.checks.spf.findings import BY_FAULT
from smtpprobe.mailauth.spf import evaluate
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from tests.mailauth.suites import needed, suite

_SUITE = suite("spf-rfc7208")


class SuiteResolver:
    """Answers from the suite's zone data, where SPF records stand for TXT unless the name has TXT records too."""

    def __init__(self, zonedata: dict[str, list[Any]]) -> None:
        self._zones = {name.lower(): records for name, records in zonedata.items()}
        self._count = 0

    async def lookup(self, question: Question) -> DnsLookup:
        self._count += 1
        status, records = self._find(question.name, question.type, 0)
        return DnsLookup(name=question.name, type=question.type, status=status, records=records, index=self._count - 1)

    def ahead(self, work: Coroutine[Any, Any, Any]) -> None:
        work.close()

    async def once(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        return await work()

    def _find(self, name: str, rdtype: str, depth: int) -> tuple[DnsStatus, tuple[str, ...]]:
        entries = self._zones.get(name)
        if entries is None:
            return DnsStatus.NXDOMAIN, ()
        sets = [next(iter(entry.items())) for entry in entries if isinstance(entry, dict)]
        wanted = rdtype
        if rdtype == "TXT" and not any(kind == "TXT" for kind, _ in sets):
            wanted = "SPF"
        found = tuple(
            text for kind, value in sets if kind == wanted and (text := _presentation(kind, value)) is not None
        )
        if found:
            return DnsStatus.ANSWER, found
        if "TIMEOUT" in entries:
            return DnsStatus.TIMEOUT, ()
        for kind, value in sets:
            if kind == "CNAME":
                return (
                    self._find(value.rstrip(".").lower(), rdtype, depth + 1) if depth < 8 else (DnsStatus.SERVFAIL, ())
                )
        return DnsStatus.NODATA, ()


def _presentation(kind: str, value: Any) -> str | None:
    if kind in ("TXT", "SPF"):
        if value == "NONE":
            return None
        joined = "".join(value) if isinstance(value, list) else value
        return joined.encode("latin-1").decode("utf-8", "backslashreplace")
    if kind == "MX":
        return f"{value[0]} {value[1].rstrip('.').lower()}"
    return str(value).rstrip(".")


def _cases() -> Iterator[Any]:
    if _SUITE is None:
        return
    text = (_SUITE / "rfc7208-tests.yml").read_text(encoding="utf-8")
    for scenario in yaml.safe_load_all(text):
        for name, case in scenario["tests"].items():
            yield pytest.param(scenario["zonedata"], case, id=name)


_CASES = list(_cases())


def test_every_case_is_run() -> None:
    needed(_SUITE, "spf-rfc7208")
    assert len(_CASES) == 203


@pytest.mark.parametrize(("zonedata", "case"), _CASES)
async def test_case(zonedata: dict[str, list[Any]], case: dict[str, Any]) -> None:
    resolver = SuiteResolver(zonedata)
    evidence = await evaluate(resolver, str(case["host"]), case["mailfrom"], case["helo"])
    expected = case["result"] if isinstance(case["result"], str) else case["result"][0]
    assert evidence.result.value == expected, evidence.problem
    assert (expected == "permerror") is (evidence.identities.mailfrom.fault in BY_FAULT)
    if "explanation" in case:
        wanted = case["explanation"]
        assert evidence.explanation == (None if wanted == "DEFAULT" else wanted)
