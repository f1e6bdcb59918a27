"""Holds one session: a dialogue on a connection, written down as it happens.

The Recorder belongs to the caller, so that whatever cuts a session short loses nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from smtpprobe.model.reply import Reply
from smtpprobe.model.transcript import Breakage, Certificate, Exchange, Phase, TlsFault, TlsSession, Transcript
from smtpprobe.net import connection as net
from smtpprobe.wire.dialogue.steps import (
    Abandon,
    Await,
    Dialogue,
    Ending,
    Handshake,
    Hide,
    Listen,
    Send,
    SendToSeveral,
    Shaken,
    Tell,
)
from smtpprobe.wire.redact import Redactor
from smtpprobe.wire.reply_reader import MAX_KEPT, parse_reply

if TYPE_CHECKING:
    from smtpprobe.net.protocol import Received


class HandshakeResult(msgspec.Struct, frozen=True, kw_only=True):
    """A handshake's outcome as net found it: the session, or the failure as a word and in words.

    `ended_s`: when it was over, in seconds from the connection's start; to judge what it showed takes longer.
    `bindings`: what ties a login to the channel, by type.
    """

    tls: TlsSession | None
    ended_s: float | None = None
    failure: str | None = None
    fault: TlsFault | None = None
    breakage: Breakage = Breakage.TLS_FAILED
    bindings: Mapping[str, bytes] = {}


Handshaker = Callable[[bool], Awaitable[HandshakeResult]]


class Recorder:
    """What has been said so far.

    `observe` is told of every finished exchange, and `waiting` of what is waited for: the phase, what was sent, and how
    many seconds without progress are borne. Neither can change anything.
    """

    def __init__(
        self,
        address: str,
        port: int | None,
        started_at: datetime,
        redactor: Redactor,
        observe: Callable[[Exchange], None] | None = None,
        waiting: Callable[[Phase, str | None, float], None] | None = None,
    ) -> None:
        self.address = address
        self.port = port
        self.started_at = started_at
        self.redactor = redactor
        self.local_address: str | None = None
        self.exchanges: list[Exchange] = []
        self.pending: deque[Exchange] = deque()
        self.unsolicited = b""
        self._unsolicited_before = b""  # of the next command
        self.injected = b""
        self.partial = b""  # octets of an unfinished reply when the session was cut short
        self.ending: Ending | None = None
        self.over_tls = False
        self._observe = observe
        self._waiting = waiting

    def sent(self, phase: Phase, shown: str | None, sent_s: float) -> None:
        """Note a command that now waits for its reply."""
        unsolicited, self._unsolicited_before = self.redactor.octets(self._unsolicited_before), b""
        self.pending.append(
            Exchange(
                index=-1,
                phase=phase,
                sent=shown,
                sent_s=sent_s,
                over_tls=self.over_tls,
                unsolicited_before=unsolicited,
            )
        )

    def told(self, phase: Phase, shown: str, sent_s: float) -> None:
        """Note what was sent and is not answered."""
        self.add(Exchange(index=len(self.exchanges), phase=phase, sent=shown, sent_s=sent_s, over_tls=self.over_tls))

    def waits(self, wait_s: float, phase: Phase = Phase.GREETING) -> None:
        """Note that the oldest command's reply is waited for; where none waits, what `phase` brings by itself."""
        if self._waiting is not None:
            oldest = self.pending[0] if self.pending else None
            self._waiting(oldest.phase if oldest else phase, oldest.sent if oldest else None, wait_s)

    def finish(self, received: Received) -> Exchange:
        """Answer the oldest command that waits with what was received; where none waits it is the greeting.

        What comes back is for the dialogue; what is kept is redacted.
        """
        waiting = (
            self.pending.popleft()
            if self.pending
            else Exchange(index=-1, phase=Phase.GREETING, sent=None, over_tls=self.over_tls)
        )
        octets = self.redactor.octets(received.raw)
        reply: Reply | None = None if received.breakage else parse_reply(received.raw)
        exchange = self.add(
            Exchange(
                index=len(self.exchanges),
                phase=waiting.phase,
                sent=waiting.sent,
                reply=self._shown(reply, octets),
                sent_s=waiting.sent_s,
                first_octet_s=received.first_octet_s,
                last_octet_s=received.last_octet_s,
                over_tls=waiting.over_tls,
                breakage=received.breakage,
                tls_fault=received.tls_fault,
                detail=received.detail,
                partial=octets if received.breakage else b"",
                unsolicited_before=waiting.unsolicited_before,
                unsent=received.unsent,
            )
        )
        # What happens to hold a secret's letters (a challenge, a keyword) is answered as it came, and kept redacted.
        return exchange if exchange.reply is reply else msgspec.structs.replace(exchange, reply=reply)

    def abandon(self) -> None:
        """Break off what still waits as the last exchange broke off."""
        last = self.exchanges[-1]
        while self.pending:
            waiting = self.pending.popleft()
            self.add(
                msgspec.structs.replace(
                    waiting, index=len(self.exchanges), last_octet_s=last.last_octet_s, breakage=last.breakage
                )
            )

    def _shown(self, reply: Reply | None, octets: bytes) -> Reply | None:
        """The reply without secrets. Its codes stay: they are the server's own, also where a secret looks like one."""
        if reply is None:
            return None
        lines = self.redactor.lines(reply.lines)
        if octets == reply.raw and lines == reply.lines:
            return reply
        return msgspec.structs.replace(reply, lines=lines, raw=octets)

    def add_unsolicited(self, octets: bytes) -> None:
        """Keep octets that answered nothing, the first of them where a server talks without end."""
        kept = octets[: MAX_KEPT - len(self.unsolicited)]
        self.unsolicited += kept
        self._unsolicited_before += kept

    def add(self, exchange: Exchange) -> Exchange:
        """Keep a finished exchange."""
        self.exchanges.append(exchange)
        if self._observe is not None:
            self._observe(exchange)
        return exchange

    def snapshot(self, breakage: Breakage | None = None) -> Transcript:
        """The transcript as it stands; commands still waiting get `breakage`."""
        exchanges = list(self.exchanges)
        waiting = list(self.pending)
        if breakage and not waiting and not exchanges:
            waiting = [Exchange(index=-1, phase=Phase.GREETING, sent=None, over_tls=self.over_tls)]
        for number, exchange in enumerate(waiting):
            partial = self.redactor.octets(self.partial) if number == 0 else b""
            exchanges.append(
                msgspec.structs.replace(
                    exchange, index=len(exchanges), breakage=breakage or Breakage.INTERRUPTED, partial=partial
                )
            )
        return Transcript(
            address=self.address,
            port=self.port,
            started_at=self.started_at,
            complete=self.ending is not None,
            exchanges=tuple(exchanges),
            local_address=self.local_address,
            unsolicited=self.redactor.octets(self.unsolicited),
            injected=self.injected,
            recipients=self.ending.recipients if self.ending else (),
            extensions=self.ending.extensions if self.ending else (),
        )


async def run_dialogue(
    connection: net.Connection,
    dialogue: Dialogue,
    recorder: Recorder,
    *,
    wait_s: float,
    handshake: Handshaker,
) -> Ending:
    """Play the dialogue to its end. `handshake(strict)` does TLS."""
    answer: tuple[Exchange, ...] | None = None
    together: list[bytes] = []  # what has not been written: a group goes out in one piece
    while True:
        try:
            step = next(dialogue) if answer is None else dialogue.send(answer)
        except StopIteration as stop:
            ending: Ending = stop.value
            _write(connection, together)
            recorder.ending = ending = _without_secrets(ending, recorder.redactor)
            recorder.add_unsolicited(connection.take_undelivered())
            return ending
        match step:
            case Send() | SendToSeveral():
                answer = None
                if not recorder.pending:
                    recorder.add_unsolicited(connection.take_unsolicited())
                for shown in step.shown if isinstance(step, SendToSeveral) else (step.shown,):
                    recorder.sent(step.phase, recorder.redactor.text(shown), connection.now())
                together.append(step.octets)
            case Tell():
                answer = None
                recorder.told(step.phase, recorder.redactor.text(step.shown), connection.now())
                together.append(step.octets)
            case Await():
                _write(connection, together)
                answer = ()
                for _ in range(step.replies):
                    patience_s = wait_s if step.wait_s is None else step.wait_s
                    recorder.waits(patience_s)
                    received = await connection.reply(patience_s)
                    answer += (recorder.finish(received),)
            case Listen():
                received = await connection.reply(step.wait_s)
                recorder.add_unsolicited(received.raw)
                answer = ()
                if received.breakage is None:
                    answer = (Exchange(index=-1, phase=Phase.QUIT, sent=None, reply=parse_reply(received.raw)),)
            case Abandon():
                answer = None
                recorder.abandon()
            case Handshake():
                _write(connection, together)
                recorder.waits(wait_s, Phase.TLS)
                answer = (await _shake(connection, recorder, step.strict, handshake),)
            case Hide():
                answer = None
                recorder.redactor.add(step.secret, typed=step.typed)


def _write(connection: net.Connection, together: list[bytes]) -> None:
    """Send what was put together, in one piece."""
    if together:
        connection.write(b"".join(together))
        together.clear()


def _without_secrets(ending: Ending, redactor: Redactor) -> Ending:
    """The ending, whose words may quote the server, and the server a secret."""
    return msgspec.structs.replace(
        ending,
        reason=None if ending.reason is None else redactor.text(ending.reason),
        extensions=redactor.lines(ending.extensions),
    )


async def _shake(connection: net.Connection, recorder: Recorder, strict: bool, handshake: Handshaker) -> Exchange:
    # RFC 3207 §4.2: what the server sent in clear behind its reply belongs to nobody; it is kept and shown, never answered.
    recorder.injected = recorder.redactor.octets(connection.take_undelivered())[:MAX_KEPT]
    started = connection.now()
    result = await handshake(strict)
    recorder.over_tls = result.failure is None
    redactor = recorder.redactor
    exchange = recorder.add(
        Exchange(
            index=len(recorder.exchanges),
            phase=Phase.TLS,
            sent=None,
            sent_s=started,
            last_octet_s=connection.now() if result.ended_s is None else result.ended_s,
            over_tls=True,
            tls=None if result.tls is None else _shown_tls(result.tls, redactor),
            breakage=result.breakage if result.failure is not None else None,
            tls_fault=result.fault,
            unsolicited_before=recorder.injected,
            detail=None if result.failure is None else redactor.text(result.failure),
        )
    )
    # The dialogue judges by the names as they came.
    return Shaken(**{**msgspec.structs.asdict(exchange), "tls": result.tls}, bindings=result.bindings)


def _shown_tls(tls: TlsSession, redactor: Redactor) -> TlsSession:
    """The session without secrets in what the server chose: the names in its certificates, and what is said of them."""
    return msgspec.structs.replace(
        tls,
        chain=tuple(_shown_certificate(each, redactor) for each in tls.chain),
        problems=tuple(map(redactor.text, tls.problems)),
    )


def _shown_certificate(certificate: Certificate, redactor: Redactor) -> Certificate:
    shown = msgspec.structs.replace(
        certificate,
        subject=redactor.text(certificate.subject),
        issuer=redactor.text(certificate.issuer),
        names=tuple(map(redactor.text, certificate.names)),
    )
    if shown == certificate and redactor.octets(certificate.der) == certificate.der:
        return certificate
    return msgspec.structs.replace(shown, der=b"")  # with a part of it replaced it would be no certificate
