"""What real clients say when a session fails in one of fifteen ways leads to the cause that `check` finds in the same one.

Each client is run against a server on loopback that goes wrong, and its own words are explained as they are.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smtpprobe import explain, parse_target, probe
from smtpprobe.model.request import Credentials, Request, TlsOptions, TlsPolicy
from smtpprobe.pipeline.explaining import explain_text
from smtpprobe.render.explanation_item import refusal_item
from smtpprobe.testing.zones import zone_resolver
from tests.real_clients.commands import Try
from tests.real_clients.programs import PROGRAMS
from tests.real_clients.scenarios import SCENARIOS, Scenario, authorities
from tests.real_clients.servers import Authority

pytestmark = [
    pytest.mark.real_clients,
    pytest.mark.skipif(
        "real_clients" not in os.environ.get("SMTPPROBE_REQUIRE", "").split(","),
        reason="takes minutes: set SMTPPROBE_REQUIRE=real_clients",
    ),
]
_ZONE = "localhost. A 127.0.0.1\n"


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Authority, Authority]:
    directory: Path = tmp_path_factory.mktemp("authorities")
    return authorities(directory)


@pytest.fixture(scope="module", params=PROGRAMS)
def program(request: pytest.FixtureRequest) -> str:
    missing = PROGRAMS[request.param].missing()
    if missing:
        pytest.skip(missing)
    found: str = request.param
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_words_of_a_client_lead_to_the_cause(program: str, name: str, trusted: tuple[Authority, Authority]) -> None:
    scenario = SCENARIOS[name]
    with scenario.port(*trusted) as port:
        said = PROGRAMS[program].said(
            Try(host=scenario.host, port=port, tls=scenario.tls, ca=trusted[0].path, user=scenario.user)
        )
    if not said:
        pytest.skip("it does not fail this way")
    found = explain(said)
    # The command line reads the same in them, once.
    assert [refusal_item(each)["cause"] for each in explain_text(said).refusals] == [found.cause]
    # Some say no more than that nothing came of it: then the cause is among what it may be instead.
    possible = (
        (found.cause, *found.alternatives)
        if found.client_error in ("no-connection", "login-failed")
        else (found.cause,)
    )
    assert set(possible) & set(scenario.causes), (found.cause, said[-2000:])


def _request(scenario: Scenario, port: int, ca: Path) -> Request:
    scheme = {"none": "smtp", "starttls": "smtp", "implicit": "smtps"}[scenario.tls]
    policy = {"none": TlsPolicy.OFF, "starttls": TlsPolicy.REQUIRE, "implicit": TlsPolicy.AUTO}[scenario.tls]
    return Request(
        parse_target(f"{scheme}://{scenario.host}:{port}"),
        mail_from="ada@example.com",
        rcpt_to=("bob@example.org",),
        user=None if scenario.user == "-" else scenario.user,
        mech=None if scenario.user == "-" else "PLAIN",
        insecure_auth=True,
        tls=TlsOptions(policy=policy, verify=True, ca_file=str(ca)),
        timeout_s=2,
    )


@pytest.mark.parametrize("name", SCENARIOS)
async def test_check_finds_the_same_cause(name: str, trusted: tuple[Authority, Authority]) -> None:
    scenario = SCENARIOS[name]
    with scenario.port(*trusted) as port:
        login = None if scenario.user == "-" else Credentials(scenario.user, "wrong")
        report = await probe(
            _request(scenario, port, trusted[0].path), credentials=login, resolver=zone_resolver(_ZONE)
        )
    causes = [cause.id for verdict in report.verdicts for cause in verdict.causes]
    if scenario.fault:
        assert (report.outcome.fault, causes) == (scenario.fault, [])
    else:
        assert causes[0] in scenario.causes
