"""The demo's server: aiosmtpd with a throw-away certificate, in the caller's loop, playing one scenario."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult

from smtpprobe.model.request import Credentials, Request, Target, TlsOptions
from smtpprobe.model.transcript import Phase
from smtpprobe.testing.certificates import server_certificate
from smtpprobe.testing.scenarios import DNSBL, HOST, Scenario

_TURNS = 5  # of the loop, in which it delivers the end of an aborted connection


class DemoServer:
    """Listens on a free port of 127.0.0.1 while its context lasts. `ca_file` is the CA that a client must trust."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.host = "127.0.0.1"
        self.port = 0
        self.ca_file = ""
        self._certificate = server_certificate(scenario.certificate, (HOST, "localhost"))
        self._tls = self._certificate.server_context()
        self._sessions: list[_Session] = []
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        # Without a handler of its own, aiosmtpd's log would go to the user's terminal.
        logging.getLogger("mail.log").addHandler(logging.NullHandler())
        self.ca_file = _written(self._certificate.ca_pem)
        try:
            self._server = await asyncio.get_running_loop().create_server(self._session, self.host, 0)
        except OSError:
            os.unlink(self.ca_file)
            raise
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for session in self._sessions:
            await session.stop()
        await self._server.wait_closed()
        os.unlink(self.ca_file)

    def request(self) -> Request:
        """What `check` would be asked, with the server's name; the scenario's zone leads it to 127.0.0.1."""
        scenario = self.scenario
        return Request(
            target=Target(given=f"{HOST}:{self.port}", host=HOST, port=self.port, literal=True),
            helo=scenario.helo,
            mail_from=scenario.mail_from,
            rcpt_to=(scenario.rcpt_to,),
            user=scenario.user,
            tls=TlsOptions(verify=scenario.tls_verify, ca_file=self.ca_file),
            client_ip=scenario.client_ip,
            only_dnsbl=(DNSBL,),
        )

    def credentials(self) -> Credentials | None:
        """The scenario's credentials, None where it has none."""
        if self.scenario.user is None or self.scenario.password is None:
            return None
        return Credentials(self.scenario.user, self.scenario.password)

    def _session(self) -> _Session:
        loop = asyncio.get_running_loop()
        session = _Session(
            _Handler(self.scenario), hostname=HOST, ident="ESMTP demo", loop=loop, tls_context=self._tls,
            authenticator=self._authenticate,
        )  # fmt: skip
        self._sessions.append(session)
        return session

    def _authenticate(self, server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        refusal = self.scenario.refusals.get(Phase.AUTH)
        return AuthResult(success=refusal is None, handled=False, message=refusal)


def _written(pem: bytes) -> str:
    """The path of a new temporary file with this content."""
    descriptor, path = tempfile.mkstemp(prefix="smtpprobe-ca-", suffix=".pem")
    with open(descriptor, "wb") as file:
        file.write(pem)
    return path


class _Session(SMTP):
    AuthLoginUsernameChallenge = "Username:"
    AuthLoginPasswordChallenge = "Password:"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._connection: asyncio.BaseTransport | None = None
        self._is_lost = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._connection = self._connection or transport
        self._is_lost = False
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._is_lost = True
        super().connection_lost(error)

    async def stop(self) -> None:
        """Ends the connection, whatever it is at."""
        # The TCP transport: one of TLS that is closing cannot be aborted in the first releases of Python 3.11.
        if isinstance(self._connection, asyncio.WriteTransport):
            self._connection.abort()
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        # asyncio does not tell the protocol when a connection ends during its handshake.
        if not self._is_lost:
            self.connection_lost(None)


class _Handler:
    """aiosmtpd's hooks: every phase answers with the scenario's refusal, or accepts."""

    def __init__(self, scenario: Scenario) -> None:
        self._refusals = scenario.refusals

    async def handle_EHLO(
        self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", "250 ENHANCEDSTATUSCODES"]

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if Phase.MAIL in self._refusals:
            return self._refusals[Phase.MAIL]
        envelope.mail_from = address
        return "250 2.1.0 Ok"

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if Phase.RCPT in self._refusals:
            return self._refusals[Phase.RCPT]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        return self._refusals.get(Phase.MESSAGE, "250 2.0.0 Ok: thrown away")

    async def handle_RSET(self, server: SMTP, session: Any, envelope: Any) -> str:
        return "250 2.0.0 Ok"

    async def handle_QUIT(self, server: SMTP, session: Any, envelope: Any) -> str:
        return "221 2.0.0 Bye"

    async def handle_exception(self, error: Exception) -> str:
        return "451 4.3.0 Local error"
