"""How many attempts a server counts: none for what surely cannot work, one for everything else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpprobe.model.clock import Clock
from smtpprobe.model.login.secret import TokenForm
from smtpprobe.model.report import Report
from smtpprobe.model.request import Credentials, Diagnose, Request, Target, TlsOptions
from smtpprobe.model.transcript import OutcomeFault, Phase, Status
from smtpprobe.pipeline.probe import probe
from smtpprobe.testing.aiosmtpd_server import AiosmtpdServer, Behaviour
from smtpprobe.testing.zones import zone_resolver
from tests.tokens import NOW, OWN, RIGHT, USER, WRONG, jwt

CLOCK = Clock(now=lambda: NOW)
# The certificate of the test's server, by the names of real ones.
TLS = {"name": "localhost"}
OFFERED = ("PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER")


async def login(
    secret: str, host: str = OWN, *, is_token: bool = True, offered: tuple[str, ...] = OFFERED, **fields
) -> tuple[Report, list[str]]:
    """The report, and the AUTH commands that the server heard."""
    async with AiosmtpdServer(Behaviour(mechanisms=offered, accounts={USER: secret})) as server:
        target = Target(given=f"{host}:{server.port}", host=host, port=server.port, literal=True)
        request = Request(
            target,
            helo="client.example.org",
            user=USER,
            tls=TlsOptions(ca_file=server.ca_file, **TLS),
            quit_after=Phase.AUTH,
            diagnose=Diagnose.NEVER,
            **fields,
        )
        given = Credentials(USER, secret, is_token=is_token)
        resolver = zone_resolver(f"{host}. A 127.0.0.1\n")
        report = await probe(request, credentials=given, resolver=resolver, clock=CLOCK)
        return report, [line for line in server.heard if line.startswith("AUTH")]


@pytest.fixture(autouse=True)
def _certificates_of_that_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's certificate is made when the test runs, so that it is judged as of then."""
    from smtpprobe.net import tls

    describe = tls.describe
    monkeypatch.setattr(tls, "describe", lambda *args, **more: describe(*args, **{**more, "now": datetime.now(UTC)}))


@pytest.mark.parametrize(
    ("host", "token", "words"), [(row[1], row[2], row[4]) for row in WRONG], ids=[x[0] for x in WRONG]
)
async def test_a_token_that_surely_cannot_work_spends_none(host: str, token: str, words: str) -> None:
    report, heard = await login(token, host)
    assert heard == []
    outcome = report.outcome
    assert (outcome.status, outcome.phase, outcome.fault) == (
        Status.NO_SESSION, Phase.AUTH, OutcomeFault.CREDENTIALS_UNFIT,
    )  # fmt: skip
    assert (outcome.exit_code, outcome.needs) == (4, "send_anyway")
    assert words in (outcome.reason or "")
    assert report.transcripts[0].exchanges[-1].sent == "QUIT"


@pytest.mark.parametrize(("host", "token"), [row[1:3] for row in RIGHT], ids=[row[0] for row in RIGHT])
async def test_one_that_may_work_spends_one(host: str, token: str) -> None:
    report, heard = await login(token, host)
    assert [line.split()[1] for line in heard] == ["XOAUTH2"]
    assert report.request.password is None


@pytest.mark.parametrize("row", [row for row in WRONG if row[2]], ids=lambda row: row[0])
async def test_what_is_to_be_sent_anyway_is_sent_once(row: tuple[str, ...]) -> None:
    _, heard = await login(row[2], row[1], send_anyway=True)
    assert len(heard) == 1


@pytest.mark.parametrize("secret", ["***", "${{ secrets.SMTP }}", "%SMTP%", "${SMTP}", ""])
async def test_a_password_that_was_never_filled_in_spends_none(secret: str) -> None:
    report, heard = await login(secret, is_token=False)
    assert heard == []
    assert report.outcome.fault is OutcomeFault.CREDENTIALS_UNFIT


@pytest.mark.parametrize("secret", ["$SMTP", " secret", "abcd efgh ijkl mnop", "'secret'", "pässword", jwt()])
async def test_one_that_only_looks_odd_spends_one(secret: str) -> None:
    report, heard = await login(secret, is_token=False)
    assert len(heard) == 1
    assert report.request.token is None


@pytest.mark.parametrize(
    ("offered", "mech", "used"),
    [
        (("PLAIN", "XOAUTH2", "OAUTHBEARER"), None, "XOAUTH2"),
        (("PLAIN", "OAUTHBEARER"), None, "OAUTHBEARER"),
        (("PLAIN", "XOAUTH2", "OAUTHBEARER"), "OAUTHBEARER", "OAUTHBEARER"),
        (("PLAIN", "LOGIN"), "PLAIN", "PLAIN"),
        (("PLAIN", "LOGIN"), None, None),
    ],
)
async def test_a_token_goes_by_a_mechanism_that_takes_one(
    offered: tuple[str, ...], mech: str | None, used: str | None
) -> None:
    report, heard = await login("opaque-token", offered=offered, mech=mech)
    assert [line.split()[1] for line in heard] == ([used] if used else [])
    if used is None:
        assert report.outcome.fault is OutcomeFault.CREDENTIALS_NOT_SENT


async def test_by_its_mechanism_a_password_is_a_token() -> None:
    report, heard = await login(jwt("iss", exp=1), is_token=False, mech="XOAUTH2")
    assert heard == []
    assert report.request.token is not None
    assert report.request.token.form is TokenForm.JWT


async def test_a_mechanism_without_a_secret_needs_none() -> None:
    report, heard = await login("", is_token=False, mech="EXTERNAL", offered=("EXTERNAL",))
    assert len(heard) == 1
    assert (report.request.password, report.request.token) == (None, None)
