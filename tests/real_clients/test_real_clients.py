"""What real clients say when a session fails in one of fifteen ways leads to the cause that `check` finds in the same one.

Each client is run against a server on loopback that goes wrong, and its own words are explained as they are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtpprobe import explain, probe
from smtpprobe.model.request import Credentials, Envelope, Request, TlsOptions, TlsPolicy
from tests.real_clients.programs import PROGRAMS, Try
from tests.real_clients.scenarios import SCENARIOS, Scenario, authorities
from tests.real_clients.servers import Authority

REQUIRED = "real_clients" in os.environ.get("SMTPPROBE_REQUIRE", "").split(",")


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Authority, Authority]:
    directory: Path = tmp_path_factory.mktemp("authorities")
    return authorities(directory)


@pytest.fixture(scope="module", params=PROGRAMS)
def program(request: pytest.FixtureRequest) -> Iterator[str]:
    missing = PROGRAMS[request.param].missing()
    if missing:
        (pytest.fail if REQUIRED else pytest.skip)(missing)
    yield request.param


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
    # Some say no more than that nothing came of it: then the cause is among what it may be instead.
    possible = (found.cause, *found.alternatives) if found.client_error in ("no-connection", "login-failed") else (found.cause,)
    assert set(possible) & set(scenario.causes), (found.cause, said[-2000:])


@pytest.mark.parametrize("name", SCENARIOS)
async def test_check_finds_the_same_cause(name: str, trusted: tuple[Authority, Authority]) -> None:
    scenario = SCENARIOS[name]
    with scenario.port(*trusted) as port:
        report = await probe(_request(scenario, port, trusted[0].path))
    causes = [cause.id for verdict in report.verdicts for cause in verdict.causes]
    assert causes[:1], report.outcome
    assert causes[0] in scenario.causes
