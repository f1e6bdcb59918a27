from __future__ import annotations

import asyncio
import os
import smtplib
import ssl

import pytest

from smtpprobe.model.dns.lookup import Question
from smtpprobe.model.transcript import Phase, Status
from smtpprobe.testing.demo_server import DemoServer
from smtpprobe.testing.scenarios import DEFAULT, HOST, SCENARIOS, Scenario
from smtpprobe.testing.zones import zone_resolver


class Client(smtplib.SMTP):
    """Connects to the address, verifies the name."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port, local_hostname="client.example.org", timeout=20)
        self._host = HOST


def refusal_of(scenario: Scenario, port: int, ca_file: str) -> tuple[Phase, int, bytes] | None:
    """The first negative reply of a session with STARTTLS, or None."""
    with Client("127.0.0.1", port) as client:
        client.ehlo()
        client.starttls(context=ssl.create_default_context(cafile=ca_file))
        client.ehlo()
        if scenario.user and scenario.password:
            try:
                client.login(scenario.user, scenario.password)
            except smtplib.SMTPAuthenticationError as error:
                return Phase.AUTH, error.smtp_code, error.smtp_error
        for phase, command in (
            (Phase.MAIL, f"MAIL FROM:<{scenario.mail_from}>"),
            (Phase.RCPT, f"RCPT TO:<{scenario.rcpt_to}>"),
        ):
            code, text = client.docmd(command)
            if code >= 400:
                return phase, code, text
        return None


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
async def test_the_server_says_what_the_scenario_promises(scenario):
    async with DemoServer(scenario) as server:
        session = asyncio.to_thread(refusal_of, scenario, server.port, server.ca_file)
        if scenario.expected.phase is Phase.TLS:
            with pytest.raises(ssl.SSLCertVerificationError, match="certificate has expired"):
                await session
            return
        refusal = await session
    if scenario.expected.status is Status.ACCEPTED:
        assert refusal is None
    else:
        assert refusal is not None
        assert refusal[:2] == (scenario.expected.phase, scenario.expected.reply_code)
        assert f"{refusal[1]} {refusal[2].decode()}" == scenario.refusals[refusal[0]]


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
async def test_the_zone_leads_to_the_server(scenario):
    resolver = zone_resolver(scenario.zone)
    exchange = await resolver.lookup(Question("example.com", "MX"))
    address = await resolver.lookup(Question(HOST, "A"))
    assert exchange.records == (f"10 {HOST}.",) or exchange.records == (f"10 {HOST}",)
    assert address.records == ("127.0.0.1",)


async def test_the_blocklist_lists_its_test_point_and_the_client_only_where_it_should():
    name = "7.100.51.198.zen.dnsbl.example"
    for scenario in SCENARIOS.values():
        resolver = zone_resolver(scenario.zone)
        listed = await resolver.lookup(Question(name, "A"))
        point = await resolver.lookup(Question("2.0.0.127.zen.dnsbl.example", "A"))
        assert point.records == ("127.0.0.2",)
        assert listed.records == (("127.0.0.11",) if scenario.name == "blocklisted" else ())


async def test_the_request_carries_the_scenarios_options_and_no_password():
    scenario = SCENARIOS["bad-password"]
    async with DemoServer(scenario) as server:
        request, credentials = server.request(), server.credentials()
        assert request.target.port == server.port
        assert request.tls.ca_file == server.ca_file
        assert os.path.exists(server.ca_file)
    assert not os.path.exists(server.ca_file)
    assert credentials is not None
    assert credentials.reveal() == scenario.password
    assert scenario.password not in repr(request)


async def test_the_extensions_are_announced():
    def extensions(port: int) -> tuple[dict[str, str], dict[str, str]]:
        with Client("127.0.0.1", port) as client:
            client.ehlo()
            before = dict(client.esmtp_features)
            client.starttls()
            client.ehlo()
            return before, client.esmtp_features

    async with DemoServer(SCENARIOS["accepted"]) as server:
        before, after = await asyncio.to_thread(extensions, server.port)
    assert {"starttls", "size", "8bitmime", "pipelining", "enhancedstatuscodes"} <= before.keys()
    assert "auth" not in before
    assert "starttls" not in after
    assert after["auth"].split() == ["LOGIN", "PLAIN"]


async def test_a_connection_in_its_handshake_ends_with_the_context():
    async with DemoServer(SCENARIOS[DEFAULT]) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        await reader.readline()
        writer.write(b"EHLO client.example.org\r\nSTARTTLS\r\n")
        while not (await reader.readline()).startswith(b"220 "):
            pass
    assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()


async def test_an_open_connection_ends_with_the_context():
    async with DemoServer(SCENARIOS[DEFAULT]) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        assert (await reader.readline()).startswith(b"220 mx.example.com ESMTP")
    assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()
