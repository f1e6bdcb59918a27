"""The aiosmtpd that all tests use, held against clients that nobody here wrote."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from typing import Any

import aiosmtplib
import pytest

from smtpprobe.model.transcript import Phase
from smtpprobe.testing.aiosmtpd_server import ALL_MECHANISMS, AiosmtpdServer, Behaviour, Message
from smtpprobe.testing.certificates import CertificateKind
from smtpprobe.wire.sasl import MECHANISMS
from tests.conftest import StartServer

ALICE, BOB, CAROL = "alice@example.org", "bob@example.com", "carol@example.com"
CONTENT = b"Subject: Minutes\r\n\r\n.A line with a dot\r\nAttached nowhere.\r\n"
ACCOUNTS = {ALICE: "correct horse"}


def client(server: AiosmtpdServer, **options: Any) -> aiosmtplib.SMTP:
    options = {"local_hostname": "client.example.org", "timeout": 20, "use_tls": False, "start_tls": False, **options}
    return aiosmtplib.SMTP(hostname=server.host, port=server.port, **options)


def trusting(server: AiosmtpdServer) -> dict[str, Any]:
    return {"tls_context": ssl.create_default_context(cafile=server.ca_file), "start_tls": True}


def message(*forward_paths: str, over_tls: bool, user: str | None = None) -> Message:
    return Message(reverse_path=ALICE, forward_paths=forward_paths, content=CONTENT, over_tls=over_tls, user=user)


def test_it_offers_every_mechanism_that_can_be_used() -> None:
    # NTLM and GSSAPI are computed elsewhere, and LOGIN-INITIAL is the client's choice.
    assert set(ALL_MECHANISMS) == set(MECHANISMS) - {"NTLM", "GSSAPI", "LOGIN-INITIAL"}


async def transaction(server: AiosmtpdServer, *forward_paths: str, **options: Any) -> str:
    """The reply to the final dot of a whole transaction, or to what was refused before it."""
    async with client(server, **options) as smtp:
        return (await smtp.sendmail(ALICE, list(forward_paths), CONTENT))[1]


@pytest.mark.parametrize("encrypted", [False, True])
async def test_a_message_is_taken_at_the_final_dot(smtp_server: StartServer, encrypted: bool) -> None:
    server = await smtp_server(Behaviour())
    reply = await transaction(server, BOB, CAROL, **(trusting(server) if encrypted else {}))
    assert reply == "2.0.0 Ok: thrown away"
    assert server.messages == [message(BOB, CAROL, over_tls=encrypted)]
    assert server.heard[-2:] == [".", "QUIT"]


async def test_a_message_over_implicit_tls_and_with_a_login(smtp_server: StartServer) -> None:
    server = await smtp_server(Behaviour(implicit_tls=True, accounts=ACCOUNTS))
    options = {**trusting(server), "start_tls": False, "use_tls": True}
    await transaction(server, BOB, username=ALICE, password="correct horse", **options)
    assert server.messages == [message(BOB, over_tls=True, user=ALICE)]


@pytest.mark.parametrize(
    ("phase", "reply"),
    [
        (phase, reply)
        for phase in (Phase.GREETING, Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.MESSAGE)
        for reply in ("421 4.3.2 Closing", "451 4.3.0 Later", "554 5.7.1 Not you: Grüße", "599 Odd")
    ],
)
async def test_any_reply_in_any_phase(smtp_server: StartServer, phase: Phase, reply: str) -> None:
    server = await smtp_server(Behaviour(replies={phase: reply}))
    with pytest.raises((aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused)) as refused:
        await transaction(server, BOB)
    error = (
        refused.value.recipients[0] if isinstance(refused.value, aiosmtplib.SMTPRecipientsRefused) else refused.value
    )
    assert f"{error.code} {error.message}".encode("utf-8", "surrogateescape").decode() == reply
    assert server.messages == []


async def test_some_recipients_are_refused_and_the_others_get_the_message(smtp_server: StartServer) -> None:
    server = await smtp_server(Behaviour(recipients={CAROL: "550 5.1.1 Nobody"}))
    await transaction(server, BOB, CAROL)
    assert [message.forward_paths for message in server.messages] == [(BOB,)]


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
@pytest.mark.parametrize("password", ["correct horse", "an old one"])
async def test_a_login_with_aiosmtplib(smtp_server: StartServer, mechanism: str, password: str) -> None:
    server = await smtp_server(Behaviour(accounts=ACCOUNTS, mechanisms=(mechanism,)))
    async with client(server, **trusting(server)) as smtp:
        await smtp.ehlo()
        assert smtp.server_auth_methods == [mechanism.lower()]
        if password == ACCOUNTS[ALICE]:
            assert (await smtp.login(ALICE, password)).code == 235
        else:
            with pytest.raises(aiosmtplib.SMTPAuthenticationError, match="535"):
                await smtp.login(ALICE, password)


async def test_a_certificate_that_expired_is_refused_by_a_client_that_looks(smtp_server: StartServer) -> None:
    server = await smtp_server(Behaviour(certificate=CertificateKind.EXPIRED))
    with pytest.raises((aiosmtplib.SMTPException, ssl.SSLError), match="expired"):
        await transaction(server, BOB, **trusting(server))


async def test_after_a_negative_greeting_only_quit_is_served(smtp_server: StartServer) -> None:
    server = await smtp_server(Behaviour(replies={Phase.GREETING: "554 No service"}))
    assert await spoken(server, "EHLO client", "HELO client", "MAIL FROM:<alice@example.org>", "QUIT") == [
        "554 No service", "503 5.5.1 Only QUIT is served", "503 5.5.1 Only QUIT is served", "503 Error: send HELO first",
        "221 2.0.0 Bye",
    ]  # fmt: skip


async def test_after_421_the_server_closes(smtp_server: StartServer) -> None:
    server = await smtp_server(Behaviour(replies={Phase.MAIL: "421 4.7.0 Closing"}))
    said = await spoken(server, "HELO client", "MAIL FROM:<alice@example.org>", "QUIT")
    assert said[1:] == ["250 mx.example.com", "421 4.7.0 Closing"]


async def test_a_reply_of_several_lines(smtp_server: StartServer) -> None:
    server = await smtp_server(Behaviour(replies={Phase.MAIL: "550-5.7.1 Not you\r\n550 5.7.1 nor yours"}))
    said = await spoken(server, "HELO client", "MAIL FROM:<alice@example.org>", "QUIT")
    assert said[2:4] == ["550-5.7.1 Not you", "550 5.7.1 nor yours"]


async def spoken(server: AiosmtpdServer, *commands: str) -> list[str]:
    """All that the server says in clear while the commands are given one after the other's reply."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    said = []
    for command in (*commands, None):
        while line := (await reader.readline()).decode("utf-8").rstrip("\r\n"):
            said.append(line)
            if line[3:4] == " ":
                break
        if command is not None:
            writer.write(f"{command}\r\n".encode())
    writer.close()
    return said


async def test_lmtp_answers_the_final_dot_for_each_recipient(smtp_server: StartServer) -> None:
    def deliver(host: str, port: int) -> list[tuple[int, bytes]]:
        with smtplib.LMTP(host, port, local_hostname="client.example.org", timeout=20) as lmtp:
            lmtp.ehlo()
            lmtp.mail(ALICE)
            for path in (BOB, CAROL):
                lmtp.rcpt(path)
            return [lmtp.data(CONTENT), lmtp.getreply()]

    server = await smtp_server(Behaviour(lmtp=True, deliveries={BOB: "552 5.2.2 Mailbox full"}))
    replies = await asyncio.to_thread(deliver, server.host, server.port)
    assert [code for code, _ in replies] == [552, 250]
    assert [message.forward_paths for message in server.messages] == [(CAROL,)]


@pytest.mark.parametrize("offered", [True, False])
async def test_smtputf8_is_announced_and_taken_where_it_is_offered(smtp_server: StartServer, offered: bool) -> None:
    server = await smtp_server(Behaviour(smtputf8=offered))
    async with client(server) as smtp:
        await smtp.ehlo()
        assert smtp.supports_extension("smtputf8") is offered
        if offered:
            await smtp.sendmail(ALICE, ["jürgen@example.com"], CONTENT, mail_options=["SMTPUTF8"])
    assert [message.forward_paths for message in server.messages] == ([("jürgen@example.com",)] if offered else [])


async def test_several_servers_live_in_one_loop(smtp_server: StartServer) -> None:
    servers = [await smtp_server(Behaviour()) for _ in range(3)]
    await asyncio.gather(*(transaction(server, BOB) for server in servers))
    assert [len(server.messages) for server in servers] == [1, 1, 1]
