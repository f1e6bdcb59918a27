"""How many round trips a session takes: no more than its commands need."""

from __future__ import annotations

import pytest

from smtpprobe.model.request import Credentials, Diagnose, Request, Target, TlsOptions, TlsPolicy
from smtpprobe.model.transcript import Status
from smtpprobe.pipeline.probe import probe
from smtpprobe.testing.aiosmtpd_server import HOSTNAME, AiosmtpdServer, Behaviour
from smtpprobe.testing.zones import zone_resolver
from tests.turns import Turns

USER, PASSWORD = "alice@example.org", "correct horse"


@pytest.mark.parametrize(
    ("implicit", "pipeline", "round_trips"),
    [
        (False, True, 8),  # connect, greeting, EHLO, STARTTLS, handshake, EHLO, AUTH, and all that is left
        (True, True, 6),
        (False, False, 11),
        (True, False, 9),
    ],
)
async def test_a_session_takes_no_more_round_trips_than_its_commands_need(
    implicit: bool, pipeline: bool, round_trips: int
) -> None:
    behaviour = Behaviour(accounts={USER: PASSWORD}, mechanisms=("PLAIN",), implicit_tls=implicit)
    async with AiosmtpdServer(behaviour) as server:
        # A ticket for a resumption that never comes would be the server's turn in the middle of the client's.
        server._tls.num_tickets = 0
        async with Turns(server.port) as proxy:
            policy = TlsPolicy.IMPLICIT if implicit else TlsPolicy.AUTO
            request = Request(
                Target(given="proxy", host="127.0.0.1", port=proxy.port, literal=True),
                helo="client.example.org",
                mail_from=USER,
                rcpt_to=("bob@example.com",),
                user=USER,
                tls=TlsOptions(policy=policy, name=HOSTNAME, ca_file=server.ca_file),
                pipeline=pipeline,
                diagnose=Diagnose.NEVER,
            )
            report = await probe(request, credentials=Credentials(USER, PASSWORD), resolver=zone_resolver(""))
        assert report.outcome.status is Status.ACCEPTED
        assert proxy.round_trips == round_trips
