"""One address: a connection and the session on it, with a transcript whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from smtpprobe import session
from smtpprobe.model import names, ports
from smtpprobe.model.clock import SYSTEM_CLOCK, Clock
from smtpprobe.model.request import Assumed, Credentials, Envelope, Request, TlsPolicy
from smtpprobe.model.transcript import Breakage, Exchange, Outcome, Phase, Transcript
from smtpprobe.net import ahead
from smtpprobe.net import connection as net
from smtpprobe.net.login import security_context
from smtpprobe.pipeline import outcomes
from smtpprobe.pipeline.held.handshake import handshaker
from smtpprobe.pipeline.progress import Connected, Connecting, Progress, Waiting
from smtpprobe.pipeline.request.secret import unfit
from smtpprobe.wire.dialogue import smtp_dialogue
from smtpprobe.wire.dialogue.plan import Plan
from smtpprobe.wire.message.outgoing import Outgoing
from smtpprobe.wire.redact import Redactor
from smtpprobe.wire.secret.token import parts_of

TIMEOUT_S = 60.0
DEADLINE_S = 300.0
SENDING_DEADLINE_S = 900.0  # of a session that sends a message: the reply to it alone may take ten minutes
# What is wanted when the server has spoken, and when somebody looks on.
_WANTED = ("smtpprobe.pipeline.evaluation",)
_SHOWN = ("smtpprobe.catalogue.reference.annotate", "smtpprobe.render.text.report")


class Attempt:
    """One address: connect, hold the session. It has a transcript whatever happens, and at any time.

    `envelope` has the HELO name that was used. `before_login`: the session is one that would log in, and ends before that.
    """

    def __init__(
        self,
        request: Request,
        *,
        host: str,
        address: str,
        port: int | None,
        envelope: Envelope,
        preference: int | None = None,
        credentials: Credentials | None = None,
        before_login: bool = False,
        observe: Callable[[Exchange], None] | None = None,
        clock: Clock = SYSTEM_CLOCK,
        progress: Progress | None = None,
        message: Outgoing | None = None,
    ) -> None:
        self.request = request
        self.message = message
        self.host = host
        self.preference = preference
        self.address = address
        self.port = port
        self.port_is_open = False  # another address took a connection on the same port
        self.envelope = envelope
        self.credentials = credentials
        self.before_login = before_login
        self.clock = clock
        self.connected = False
        self.connect_s = request.timeout_s or TIMEOUT_S
        redactor = Redactor(parts_of(credentials.reveal()) if credentials else [])
        self._observe = observe
        self._progress = progress
        self.recorder = session.Recorder(address, port, clock.now(), redactor, self._finished, self._waits)
        self.connection: net.Connection | None = None
        self.phase = Phase.CONNECT
        self.failure: net.ConnectFailure | None = None
        self.has_route = True  # from this host
        self.failed_s: float | None = None
        self.bug: Exception | None = None
        self._to_cancel: list[asyncio.Task[None] | asyncio.TimerHandle] = []  # when the session ends
        self._news: list[Connected | Waiting] = []  # that nobody was told of yet
        self._tells = False
        self._untold: Exception | None = None

    async def run(self) -> None:
        """Hold the session to its end. A cancellation closes the connection and passes through."""
        started_s = self.clock.monotonic()
        try:
            await self._hold(self.request.deadline_s or (DEADLINE_S if self.message is None else SENDING_DEADLINE_S))
        except net.ConnectFailure as error:
            self.failure, self.failed_s = error, self.clock.monotonic() - started_s
            ours = error.breakage in (Breakage.UNREACHABLE, Breakage.LOCAL) and self.request.via is None
            if ours and self.port is not None:
                self.has_route = net.has_route(self.address)
        except Exception as error:
            # The one place where a bug in a session ends: what was said until then is not lost with it.
            self.bug = error
        finally:
            for each in self._to_cancel:
                each.cancel()
            if self.connection is not None:
                if self.recorder.ending is None:
                    self.recorder.partial = self.connection.take_undelivered()
                    self.connection.abort()
                else:
                    self.connection.close()
            self._tell()

    def transcript(self) -> Transcript:
        """What was said so far, and the outcome; a session that has not ended is interrupted."""
        breakage: Breakage | None = None
        if self.connected and self.recorder.ending is None:
            breakage = Breakage.UNKNOWN if self.bug else Breakage.INTERRUPTED
        transcript = self.recorder.snapshot(breakage)
        return msgspec.structs.replace(
            transcript,
            host=self.host,
            preference=self.preference,
            via=self.request.via if self.port is not None else None,
            breakage=self.failure.breakage if self.failure else outcomes.breakage_of(transcript),
            failed_s=self.failed_s,
            outcome=self._outcome(transcript),
        )

    def _finished(self, exchange: Exchange) -> None:
        if self._observe is not None:
            self._observe(exchange)
        if self._progress is not None:
            from smtpprobe.catalogue.reference.annotate import last_annotated

            self._tell()
            self._progress(last_annotated(self.recorder.exchanges, self.request.target.host))

    def _waits(self, phase: Phase, sent: str | None, wait_s: float) -> None:
        self._note(Waiting(phase, sent, wait_s))

    def _note(self, event: Connected | Waiting) -> None:
        self._news.append(event)
        if self._tells:
            self._tell()

    def _tell_in_time(self) -> None:
        """Tell although nothing has come; what goes wrong there is for the session to end with, not for the loop."""
        try:
            self._tell()
        except Exception as error:
            self._untold = error

    def _tell(self) -> None:
        """Tell whoever looks on what has been noted, and from now on everything at once."""
        self._tells = True
        if self._untold is not None:
            error, self._untold = self._untold, None
            raise error
        news, self._news = self._news, []
        if self._progress is not None:
            for event in news:
                self._progress(event)

    async def _hold(self, deadline_s: float) -> None:
        wait_s = self.request.timeout_s or TIMEOUT_S
        loop = asyncio.get_running_loop()
        until = loop.time() + deadline_s
        if self._progress is not None:
            self._progress(Connecting(self.address, self.port, min(self.connect_s, deadline_s)))
        modules = _WANTED if self._progress is None else _WANTED + _SHOWN
        with_tls = self.request.tls.policy is not TlsPolicy.OFF
        self._to_cancel.append(ahead.load(modules, with_tls=with_tls, ca_file=self.request.tls.ca_file))
        connection = await net.Connection.open(
            self.address,
            self.port,
            timeout_s=min(self.connect_s, deadline_s),
            source_ip=self.request.source_ip,
            source_port=self.request.source_port,
            via=self.request.via,
            clock=self.clock.monotonic,
        )
        self.connected, self.connection, self.phase = True, connection, Phase.GREETING
        self.recorder.local_address = connection.local_address
        self._note(
            Connected(
                address=self.address,
                port=self.port,
                local_address=connection.local_address,
                started_at=self.recorder.started_at,
                via=self.request.via,
            )
        )
        # To show it takes as long as a near server takes to greet, and the greeting must not seem late.
        self._to_cancel.append(loop.call_later(ahead.IDLE_S, self._tell_in_time))
        self.envelope = self._with_helo(connection)
        plan = self._plan()
        # The deadline is answered like any breakage, so that a verdict that stands already is not lost with it.
        timer = loop.call_at(until, connection.expire, deadline_s)
        try:
            await session.run_dialogue(
                connection,
                smtp_dialogue(plan, self.credentials),
                self.recorder,
                wait_s=wait_s,
                handshake=handshaker(
                    self.request.tls,
                    self.host,
                    connection,
                    left_s=lambda: max(0.0, min(wait_s, until - loop.time())),
                    clock=self.clock,
                    binds=self.credentials is not None,
                ),
            )
        finally:
            timer.cancel()

    def _with_helo(self, connection: net.Connection) -> Envelope:
        helo = self.envelope.helo
        if helo.value or not helo.assumed:
            return self.envelope
        # RFC 5321 §4.1.4: a client without a meaningful name gives an address literal.
        behind_proxy = self.request.client_ip if self.request.via is not None else None
        literal = names.address_literal(behind_proxy or connection.socket_address or "127.0.0.1")
        return msgspec.structs.replace(self.envelope, helo=Assumed(literal, assumed=True))

    def _plan(self) -> Plan:
        request, envelope = self.request, self.envelope
        policy = TlsPolicy.IMPLICIT if self._implicit() else request.tls.policy
        return Plan(
            host=self.host,
            helo=envelope.helo.value,
            protocol=request.target.protocol,
            reverse_path=envelope.reverse_path.value if envelope.reverse_path else None,
            forward_paths=tuple(path.value for path in envelope.forward_paths),
            policy=policy,
            verify=bool(request.tls.verify),
            mech=request.mech,
            every_mechanism=request.try_all,
            channel_binding=request.channel_binding,
            security_context=security_context.begin,
            insecure_auth=request.insecure_auth,
            unfit=unfit(request, self.host, self.recorder.started_at),
            private_channel=self.port is None,
            quit_after=request.quit_after,
            drop_after=request.drop_after,
            drop_after_send=request.drop_after_send,
            mail_parameters=request.mail_parameters,
            rcpt_parameters=request.rcpt_parameters,
            questions=request.questions,
            before_login=self.before_login,
            message=self.message,
            pipeline=request.pipeline,
            proxy_header=self._proxy_header(),
            xclient=request.xclient,
            xforward=request.xforward,
            force=request.force,
        )

    def _proxy_header(self) -> tuple[bytes, str] | None:
        version, connection = self.request.proxy, self.connection
        if version is None or connection is None or self.port is None:
            return None
        from smtpprobe.wire.dialogue.proxy import client, proxy_header

        given = self.request.proxy_source
        address, port = client(given) if given is not None else (connection.local_address or self.address, None)
        source = address, port or connection.local_port or self.port
        return proxy_header(version, source, (self.address, self.port))

    def _implicit(self) -> bool:
        # RFC 8314 §3: implicit TLS is TLS, so that a port that stands for it meets the requirement of it.
        policy, stands_for_it = (
            self.request.tls.policy,
            self.request.target.implicit_tls or ports.is_implicit_tls(self.port),
        )
        return policy is TlsPolicy.IMPLICIT or (policy is not TlsPolicy.OFF and stands_for_it)

    def _outcome(self, transcript: Transcript) -> Outcome:
        ending = self.recorder.ending
        phase = transcript.last.phase if transcript.last else self.phase
        if self.bug is not None:
            found = outcomes.of_bug(self.bug, phase)
            return msgspec.structs.replace(found, reason=self.recorder.redactor.text(found.reason or ""))
        if self.failure is not None:
            return outcomes.unconnected(
                self.failure,
                self.address,
                self.port,
                port_is_open=self.port_is_open or self.request.via is not None,
                has_route=self.has_route,
            )
        return outcomes.interrupted(phase) if ending is None else outcomes.of_ending(ending, transcript)
