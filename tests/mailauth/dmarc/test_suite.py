"""The vectors of RFC 9989."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from smtpprobe.mailauth.dmarc import evaluate
from smtpprobe.mailauth.dmarc.reports import report_destinations
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.dkim.signing import txt
from tests.mailauth.suites import needed, suite

FOLDER = suite("dmarc-rfc9989")


def cases() -> list[Any]:
    if FOLDER is None:
        return [pytest.param({}, id="absent")]
    return [pytest.param(case, id=case["id"]) for case in yaml.safe_load((FOLDER / "cases.yml").read_text())]


def zone_text(zone: dict[str, dict[str, list[str]]]) -> str:
    text = ""
    for name, sets in zone.items():
        for rdtype, values in sets.items():
            text += (
                txt(name, *values) if rdtype == "TXT" else "".join(f"{name}. {rdtype} {value}\n" for value in values)
            )
    return text


@pytest.mark.parametrize("case", cases())
async def test_vectors(case: dict[str, Any]) -> None:
    needed(FOLDER, "dmarc-rfc9989")
    resolver = zone_resolver(zone_text(case["zone"]))
    expected = dict(case["expect"])
    if "rua" in case:
        judged = await report_destinations(resolver, case["from"], case["rua"])
        assert [destination.uri for destination in judged if destination.accepted] == expected.pop("ok")
    else:
        passing = {name: [(domain, "pass") for domain in case.get(name, ())] for name in ("spf", "dkim")}
        evidence = await evaluate(resolver, case["from"], spf=passing["spf"], dkim=passing["dkim"])
        found = {
            "result": str(evidence.result),
            "policy": evidence.policy,
            "org": evidence.organizational_domain,
            "queries": [query.name for query in evidence.queries],
            "spf_aligned": any(one.aligned for one in evidence.alignment if one.mechanism == "spf"),
            "dkim_aligned": any(one.aligned for one in evidence.alignment if one.mechanism == "dkim"),
        }
        assert {name: found[name] for name in expected} == expected
    await resolver.aclose()
