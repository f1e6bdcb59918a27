"""A real SMTP or LMTP server, aiosmtpd, in the caller's loop or a thread: it accepts, defers and refuses as it is told."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from smtpprobe.model.transcript import Phase
from smtpprobe.net.login.channel_binding import end_point
from smtpprobe.testing.certificates import CertificateKind, server_certificate
from smtpprobe.testing.in_thread import SyncContext
from smtpprobe.testing.mechanisms import Mechanisms

HOSTNAME = "mx.example.com"
ALL_MECHANISMS = (
    "PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1",
    "SCRAM-SHA-1-PLUS", "XOAUTH2", "OAUTHBEARER", "EXTERNAL", "ANONYMOUS",
)  # fmt: skip
WRONG_PASSWORD = "535 5.7.8 Error: authentication failed"

_TURNS = 5  # of the loop, in which it delivers the end of an aborted connection
_HANDSHAKE_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What a server offers and what it says; as it stands: ESMTP with STARTTLS that accepts everything.

    `replies` are whole replies by phase, given where the server would accept: GREETING, EHLO (also LHLO), STARTTLS,
    AUTH (after the credentials), MAIL, RCPT, DATA, MESSAGE (the final dot), RSET and QUIT. Lines of one reply are joined
    by CRLF. After 421 the server closes (RFC 5321 §3.8), after another negative greeting it waits for QUIT (§3.1).
    `over_tls` goes before `replies` once the channel is encrypted. `helo` is the reply to HELO. `recipients` are
    replies to RCPT by forward-path, `deliveries` those of LMTP to the final dot (RFC 2033 §4.2); they go before the phase's.

    `accounts` maps user names to passwords. `mechanisms` are those of ALL_MECHANISMS that are offered.
    """

    replies: Mapping[Phase, str] = field(default_factory=dict)
    over_tls: Mapping[Phase, str] = field(default_factory=dict)
    helo: str | None = None
    recipients: Mapping[str, str] = field(default_factory=dict)
    deliveries: Mapping[str, str] = field(default_factory=dict)
    lmtp: bool = False
    smtputf8: bool = False
    starttls: bool = True
    starttls_required: bool = False
    implicit_tls: bool = False
    certificate: CertificateKind = CertificateKind.VALID
    accounts: Mapping[str, str] = field(default_factory=dict)
    mechanisms: tuple[str, ...] = ("LOGIN", "PLAIN")
    auth_in_clear: bool = False
    auth_required: bool = False


@dataclass(frozen=True, kw_only=True)
class Message:
    """What came with one final dot that was accepted, with its envelope. `user` is None if nobody had logged in.

    `content` are the octets, `email` the same as the standard library has a message.
    """

    reverse_path: str
    forward_paths: tuple[str, ...]
    content: bytes
    over_tls: bool
    user: str | None

    @property
    def email(self) -> EmailMessage:
        """The message, as `ScriptedServer.messages` has it."""
        return message_from_bytes(self.content.replace(b"\r\n", b"\n"), policy=policy.default)


class AiosmtpdServer(SyncContext):
    """Listens on a free port of 127.0.0.1 while its context lasts: that of `async with`, or of `with`.

    `ca_file` is the CA that a client must trust. `heard` are the lines of all clients in order, decrypted and without
    CRLF; `messages` what was accepted.
    """

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        self.behaviour = behaviour or Behaviour()
        self.host = "127.0.0.1"
        self.port = 0
        self.ca_file = ""
        self.messages: list[Message] = []
        self._certificate = server_certificate(self.behaviour.certificate, (HOSTNAME, "localhost"))
        self._tls = self._certificate.server_context()
        self._sessions: list[_Session] = []
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        # Without a handler of its own, aiosmtpd's log would go to the user's terminal.
        logging.getLogger("mail.log").addHandler(logging.NullHandler())
        self.ca_file = _written(self._certificate.ca_pem)
        implicit: dict[str, Any] = {}
        if self.behaviour.implicit_tls:
            implicit = {"ssl": self._tls, "ssl_handshake_timeout": _HANDSHAKE_S}
        try:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._session, self.host, 0, **implicit)
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

    @property
    def heard(self) -> list[str]:
        octets = b"".join(session.octets for session in self._sessions)
        return octets.decode("utf-8", "backslashreplace").split("\r\n")[:-1]

    def _session(self) -> _Session:
        behaviour = self.behaviour
        # aiosmtpd takes only the channel of its own STARTTLS for an encrypted one.
        tls: ssl.SSLContext | None = self._tls if behaviour.starttls and not behaviour.implicit_tls else None
        kind = _LmtpSession if behaviour.lmtp else _Session
        handler = _Handler(behaviour, self.messages, self._certificate.chain_pem)
        session = kind(
            handler, hostname=HOSTNAME, ident="ESMTP", loop=asyncio.get_running_loop(), tls_context=tls,
            require_starttls=behaviour.starttls_required, enable_SMTPUTF8=behaviour.smtputf8,
            auth_require_tls=not (behaviour.auth_in_clear or behaviour.implicit_tls),
            auth_required=behaviour.auth_required,
            auth_exclude_mechanism=set(ALL_MECHANISMS) - set(behaviour.mechanisms), authenticator=handler.authenticate,
        )  # fmt: skip
        self._sessions.append(session)
        return session


def _written(pem: bytes) -> str:
    """The path of a new temporary file with this content."""
    descriptor, path = tempfile.mkstemp(prefix="smtpprobe-ca-", suffix=".pem")
    with open(descriptor, "wb") as file:
        file.write(pem)
    return path


def _first(pem: bytes) -> str:
    end = "-----END CERTIFICATE-----"
    return pem.decode().partition(end)[0] + end


def _is_encrypted(server: SMTP) -> bool:
    return server.transport is not None and server.transport.get_extra_info("ssl_object") is not None


class _Session(SMTP):
    """One connection. aiosmtpd has no hooks for the greeting, the reply to STARTTLS and the one to DATA."""

    AuthLoginUsernameChallenge = "Username:"
    AuthLoginPasswordChallenge = "Password:"

    def __init__(self, handler: _Handler, **options: Any) -> None:
        super().__init__(handler, **options)
        self.octets = b""
        self.turned_away = False
        self._handler = handler
        self._is_greeted = False
        self._connection: asyncio.BaseTransport | None = None
        self._is_lost = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._connection = self._connection or transport
        self._is_lost = False
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self.octets += data
        super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._is_lost = True
        super().connection_lost(error)

    async def push(self, status: str | bytes) -> None:
        text = status if isinstance(status, bytes) else status.encode("utf-8", "surrogateescape")
        if not self._is_greeted:
            self._is_greeted = True
            text = self._handler.said(self, Phase.GREETING, text.decode()).encode("utf-8", "surrogateescape")
            self.turned_away = not text.startswith(b"2")
        await super().push(text)
        if text.startswith(b"421") and self.transport is not None:
            self.transport.close()

    async def smtp_STARTTLS(self, arg: str) -> None:
        refusal = self._handler.said(self, Phase.STARTTLS, "")
        await (self.push(refusal) if refusal else super().smtp_STARTTLS(arg))

    async def smtp_DATA(self, arg: str) -> None:
        refusal = self._handler.said(self, Phase.DATA, "")
        await (self.push(refusal) if refusal else super().smtp_DATA(arg))

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


class _LmtpSession(_Session, LMTP):
    pass


class _Handler(Mechanisms):
    """aiosmtpd's hooks: every phase says what the behaviour has for it, or accepts."""

    def __init__(self, behaviour: Behaviour, messages: list[Message], chain_pem: bytes) -> None:
        self._behaviour = behaviour
        self._chain_pem = chain_pem
        self.offers_plus = any(each.endswith("-PLUS") for each in behaviour.mechanisms)
        self._messages = messages
        self._user: str | None = None

    def said(self, server: SMTP, phase: Phase, otherwise: str) -> str:
        """The behaviour's reply in this phase, else the other one."""
        replies = self._behaviour.replies
        if _is_encrypted(server):
            replies = {**replies, **self._behaviour.over_tls}
        return replies.get(phase, otherwise)

    def bindings(self, server: SMTP) -> Mapping[str, bytes]:
        channel = server.transport.get_extra_info("ssl_object") if server.transport is not None else None
        if channel is None:
            return {}
        found = {"tls-server-end-point": end_point(ssl.PEM_cert_to_DER_cert(_first(self._chain_pem)))}
        if channel.version() == "TLSv1.2":
            found["tls-unique"] = channel.get_channel_binding("tls-unique")
        return {name: octets for name, octets in found.items() if octets}

    def judge(self, server: SMTP, user: str, is_right: Callable[[str], bool]) -> AuthResult:
        password = self._behaviour.accounts.get(user)
        right = password is not None and is_right(password)
        reply = self.said(server, Phase.AUTH, "235 2.7.0 Authentication successful" if right else WRONG_PASSWORD)
        success = right and reply.startswith("2")
        self._user = user if success else None
        return AuthResult(success=success, handled=False, message=reply)

    def authenticate(
        self, server: SMTP, session: Any, envelope: Any, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        """aiosmtpd's own PLAIN and LOGIN."""
        return self.judge(server, data.login.decode(), lambda password: password.encode() == data.password)

    async def handle_EHLO(
        self, server: _Session, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        reply = "503 5.5.1 Only QUIT is served" if server.turned_away else self.said(server, Phase.EHLO, "")
        if reply and not reply.startswith("2"):
            return [reply]
        session.host_name = hostname
        lines = [line for line in responses[:-1] if line != "250-AUTH "]
        return [*lines, "250-PIPELINING", "250 ENHANCEDSTATUSCODES"]

    async def handle_HELO(self, server: _Session, session: Any, envelope: Any, hostname: str) -> str:
        reply = "503 5.5.1 Only QUIT is served" if server.turned_away else self._behaviour.helo or f"250 {HOSTNAME}"
        if reply.startswith("2"):
            session.host_name = hostname
        return reply

    async def handle_MAIL(self, server: _Session, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        reply = self.said(server, Phase.MAIL, "250 2.1.0 Ok")
        if reply.startswith("2"):
            envelope.mail_from = address
        return reply

    async def handle_RCPT(self, server: _Session, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        reply = self._behaviour.recipients.get(address) or self.said(server, Phase.RCPT, "250 2.1.5 Ok")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: _Session, session: Any, envelope: Any) -> str:
        general = self.said(server, Phase.MESSAGE, "250 2.0.0 Ok: thrown away")
        paths: list[str] = envelope.rcpt_tos
        deliveries = self._behaviour.deliveries if self._behaviour.lmtp else {}
        replies = [deliveries.get(path, general) for path in paths]
        taken = tuple(path for path, reply in zip(paths, replies, strict=True) if reply.startswith("2"))
        if taken:
            self._messages.append(
                Message(
                    reverse_path=envelope.mail_from,
                    forward_paths=taken,
                    content=envelope.original_content,
                    over_tls=_is_encrypted(server),
                    user=self._user,
                )
            )
        # RFC 2033 §4.2: LMTP answers the final dot once for each recipient that it has accepted.
        return "\r\n".join(replies) if self._behaviour.lmtp else general

    async def handle_RSET(self, server: _Session, session: Any, envelope: Any) -> str:
        return self.said(server, Phase.RSET, "250 2.0.0 Ok")

    async def handle_QUIT(self, server: _Session, session: Any, envelope: Any) -> str:
        return self.said(server, Phase.QUIT, "221 2.0.0 Bye")

    async def handle_exception(self, error: Exception) -> str:
        return "451 4.3.0 Local error"
