"""MTA-STS and DANE from end to end: `smtpprobe check` with hosts on ports 25 and 443 and a resolver that validates."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.real_servers.conftest import end_group, program, unavailable
from tests.real_servers.policy_cases import CASES, Case

ROOT = Path(__file__).resolve().parents[2]
ALL_S = 300.0
REQUEST = "GET /.well-known/mta-sts.txt HTTP/1.1"
SATISFIED = {True: "satisfies it", False: "does not satisfy it"}
pytestmark = pytest.mark.real_servers


@dataclass(frozen=True)
class Result:
    """`asked` is what the case's hosts heard: names in SNI, and requests."""

    code: int
    page: str
    asked: list[str]
    report: dict[str, Any]

    def check(self, name: str) -> dict[str, Any]:
        (run,) = [each for each in self.report["checks"] if each["check"] == name]
        return run


def namespace(*command: str) -> list[str]:
    """The command in a network namespace of its own; skips where there can be none."""
    if not sys.platform.startswith("linux"):
        unavailable("needs Linux: a network namespace")
    unshare = program("unshare", "util-linux")
    for options in (["--map-root-user", "--net"], ["--net"]):
        tried = subprocess.run([unshare, *options, "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if tried.returncode == 0:
            return [unshare, *options, *command]
    unavailable(f"no network namespace can be made: {tried.stderr.decode('utf-8', 'replace').strip()}")
    raise AssertionError


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Result]]:
    """What came of every case of which a test is to be run; all are run in one namespace."""
    directory = tmp_path_factory.mktemp("policies")
    command = [sys.executable, "-m", "tests.real_servers.policy_hosts", str(directory), program("unbound", "unbound")]
    items = [each for each in request.session.items if each.path == request.path]
    names = [each.callspec.params["case"].name for each in items if isinstance(each, pytest.Function)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SMTPPROBE_")}
    hosts = subprocess.Popen(
        namespace(*command), cwd=ROOT, env=inherited, start_new_session=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        answers, words = hosts.communicate("\n".join(names).encode(), ALL_S)
    finally:
        end_group(hosts)
    assert hosts.returncode == 0, words.decode("utf-8", "replace")
    found = {}
    for line in answers.decode().splitlines():
        answer = json.loads(line)
        report = json.loads((directory / f"{answer['name']}.json").read_bytes())
        found[answer["name"]] = Result(answer["code"], " ".join(answer["printed"].split()), answer["asked"], report)
    return found


def inner(evidence: Mapping[str, Any], path: str) -> Any:
    """The field at the path; None inside what is null."""
    value: Any = evidence
    for name in path.split("."):
        value = value[name] if value is not None else None
    return value


def evidence_of(result: Result, check: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    run = result.check(check)
    assert run["status"] == "completed", run
    found = {path: inner(run["evidence"], path) for path in wanted}
    if found.get("records"):
        found["records"] = sorted(each["status"] for each in found["records"])
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_policies(case: Case, results: Mapping[str, Result]) -> None:
    result = results[case.name]
    assert result.report["outcome"]["status"] == "accepted", result.page
    assert evidence_of(result, "mta-sts", case.mta_sts) == case.mta_sts
    assert evidence_of(result, "dane", case.dane) == case.dane
    found = {each["id"]: each["severity"] for name in ("mta-sts", "dane") for each in result.check(name)["findings"]}
    assert found == case.findings
    code = 1 if "error" in found.values() else 0
    assert (result.code, result.report["outcome"]["exit_code"]) == (code, code)
    of_page(case, result)


def of_page(case: Case, result: Result) -> None:
    """The page says what the report says, and nothing else."""
    page, (_, _, answer) = result.page, result.page.partition(" ACCEPTED by ")
    for text in case.shows:
        assert text in page
    for text in case.hides:
        assert text not in page
    assert set(re.findall(r"\[((?:mta-sts|dane)-[a-z-]+)\]", page)) == set(case.findings)
    said = [words for words in SATISFIED.values() if f"session with {case.host} {words}" in page]
    assert said == [SATISFIED[each] for each in [result.check("mta-sts")["evidence"]["satisfied"]] if each is not None]
    assert ("the certificate matches" in page) == (case.dane["status"] == "match")
    serious = {each for each, severity in case.findings.items() if severity in ("error", "warning")}
    assert all(f"[{each}]" in answer for each in serious)
    clean = re.search(r"Checked clean: ([a-z, -]+)", answer)
    assert clean is not None
    of_checks = {"mta-sts" if each.startswith("mta-sts") else "dane" for each in serious}
    assert not of_checks & set(clean[1].replace(",", " ").split())
    assert re.search(rf"\bexit {result.code}\b", answer)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_the_hosts_are_asked(case: Case, results: Mapping[str, Result]) -> None:
    asked = results[case.name].asked
    # RFC 8461 §3.3: one request, for the well-known path alone, wherever a redirect leads.
    assert [each for each in asked if "HTTP/" in each] == [REQUEST] * case.asks
    assert {each for each in asked if each.startswith("https")} <= {f"https for mta-sts.{case.domain}"}
    name = case.options[1] if case.options[:1] == ("--sni",) else case.host
    assert [each for each in asked if each.startswith("smtp")] == [f"smtp for {name}"] * case.starttls
