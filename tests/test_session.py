"""What a recorder keeps, and who answers which step."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from smtpprobe import session
from smtpprobe.model.transcript import Breakage, Exchange, Phase, Status, TlsFault, TlsSession
from smtpprobe.net.protocol import Received
from smtpprobe.wire.dialogue import smtp_dialogue
from smtpprobe.wire.dialogue.plan import Plan
from smtpprobe.wire.dialogue.steps import Await, Dialogue, Ending, Handshake, Hide, Send
from smtpprobe.wire.redact import Redactor

NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Wire:
    """A connection whose replies are given beforehand; an empty one is a breakage. `unasked` comes out once."""

    def __init__(self, *replies: bytes, unasked: bytes = b"", undelivered: bytes = b"") -> None:
        self.replies = deque(replies)
        self.unasked = unasked
        self.undelivered = undelivered
        self.written: list[bytes] = []
        self.waits: list[float] = []
        self.clock = 0.0

    def now(self) -> float:
        self.clock += 1
        return self.clock

    def write(self, octets: bytes) -> None:
        self.written.append(octets)

    async def reply(self, wait_s: float) -> Received:
        self.waits.append(wait_s)
        raw = self.replies.popleft()
        if not raw.endswith(b"\n"):
            return Received(raw=raw, breakage=Breakage.CLOSED_BY_PEER)
        return Received(raw=raw, first_octet_s=self.now(), last_octet_s=self.now())

    def take_unsolicited(self) -> bytes:
        taken, self.unasked = self.unasked, b""
        return taken

    def take_undelivered(self) -> bytes:
        taken, self.undelivered = self.undelivered, b""
        return taken


def recorder(*secrets: str, observe: Callable[[Exchange], None] | None = None) -> session.Recorder:
    return session.Recorder("203.0.113.9", 25, NOW, Redactor(secrets), observe)


async def no_handshake(strict: bool) -> session.HandshakeResult:
    raise AssertionError("no handshake was to be made")


async def played(wire: Wire, dialogue: Dialogue, kept: session.Recorder, handshake=no_handshake) -> Ending:
    return await session.run_dialogue(wire, dialogue, kept, wait_s=60, handshake=handshake)  # type: ignore[arg-type]


SESSION = (b"220 mx\r\n", b"250-mx\r\n250 PIPELINING\r\n", b"250 Ok\r\n", b"550 no\r\n", b"250 Ok\r\n", b"221 Bye\r\n")
PLAN = Plan(
    host="mx.example.com", helo="client.example.org", reverse_path="a@example.org", forward_paths=("b@example.com",)
)


async def test_a_session_becomes_a_transcript():
    seen: list[int] = []
    kept = recorder(observe=lambda exchange: seen.append(exchange.index))
    wire = Wire(*SESSION)
    ending = await played(wire, smtp_dialogue(PLAN), kept)
    found = kept.snapshot()
    assert (ending.status, ending.exchange) == (Status.REFUSED, 3)
    assert found.complete
    assert [(x.phase, x.reply.code) for x in found.exchanges if x.reply] == [
        (Phase.GREETING, 220), (Phase.EHLO, 250), (Phase.MAIL, 250), (Phase.RCPT, 550), (Phase.RSET, 250), (Phase.QUIT, 221)
    ]  # fmt: skip
    assert seen == list(range(6))
    assert found.extensions == ("PIPELINING",)
    # RFC 2920 §3.1: what is sent without waiting goes out in one piece.
    assert wire.written[1:] == [b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.com>\r\nRSET\r\nQUIT\r\n"]
    assert wire.waits == [60, 60, 60, 60, 5, 5]  # what RSET and QUIT are answered decides nothing any more


async def test_each_exchange_keeps_its_own_times():
    kept = recorder()
    await played(Wire(*SESSION), smtp_dialogue(PLAN), kept)
    for exchange in kept.snapshot().exchanges[1:]:
        assert exchange.sent_s < exchange.first_octet_s <= exchange.last_octet_s


async def test_what_nobody_asked_for_is_kept_apart():
    kept = recorder()
    await played(Wire(*SESSION, unasked=b"250 extra\r\n", undelivered=b"late"), smtp_dialogue(PLAN), kept)
    found = kept.snapshot()
    assert found.unsolicited == b"250 extra\r\nlate"
    assert [x.unsolicited_before for x in found.exchanges] == [b"", b"250 extra\r\n", b"", b"", b"", b""]


async def test_octets_before_the_handshake_are_injected_and_answer_nothing():
    kept = recorder()
    wire = Wire(
        b"220 mx\r\n", b"250-mx\r\n250 STARTTLS\r\n", b"220 Go\r\n", b"250 mx\r\n", b"221 Bye\r\n",
        undelivered=b"250 forged\r\n",
    )  # fmt: skip
    strictness: list[bool] = []

    async def shake(strict: bool) -> session.HandshakeResult:
        strictness.append(strict)
        return session.HandshakeResult(
            tls=TlsSession(version="TLSv1.3", cipher="x", bits=256, name="mx", sni=None, chain=(), verified=False)
        )

    await played(wire, smtp_dialogue(Plan(host="mx", helo="c")), kept, shake)
    found = kept.snapshot()
    assert found.injected == b"250 forged\r\n"
    assert found.unsolicited == b""
    assert [x.over_tls for x in found.exchanges] == [False, False, False, True, True, True]
    assert strictness == [False]


async def test_a_failed_handshake_is_an_exchange_with_its_failure():
    kept = recorder()

    async def shake(strict: bool) -> session.HandshakeResult:
        return session.HandshakeResult(tls=None, failure="no cipher in common", fault=TlsFault.NO_SHARED_CIPHER)

    wire = Wire(b"220 mx\r\n", b"250-mx\r\n250 STARTTLS\r\n", b"220 Go\r\n")
    ending = await played(wire, smtp_dialogue(Plan(host="mx", helo="c")), kept, shake)
    assert (ending.status, ending.phase) == (Status.NO_SESSION, Phase.TLS)
    last = kept.snapshot().exchanges[-1]
    assert (last.breakage, last.tls_fault) == (Breakage.TLS_FAILED, TlsFault.NO_SHARED_CIPHER)
    assert last.detail == "no cipher in common"
    assert not wire.written[-1].startswith(b"QUIT")


async def test_a_breakage_keeps_the_octets_that_came():
    kept = recorder()
    ending = await played(Wire(b"220 mx\r\n", b"250-half"), smtp_dialogue(PLAN), kept)
    assert (ending.status, ending.phase) == (Status.NO_SESSION, Phase.EHLO)
    assert kept.snapshot().exchanges[-1].partial == b"250-half"


def echoing() -> Dialogue:
    """One command with a computed secret in it."""
    yield Await()
    yield Hide(b"computed-proof")
    yield Send(b"AUTH X computed-proof\r\n", "AUTH X computed-proof", Phase.AUTH)
    yield Await()
    return Ending(status=Status.ACCEPTED)


async def test_a_secret_is_replaced_before_anything_is_recorded():
    observed: list[Exchange] = []
    kept = recorder("hunter22", observe=observed.append)
    await played(
        Wire(b"220 mx hunter22\r\n", b"535 computed-proof aHVudGVyMjI=\r\n", undelivered=b"hunter22"), echoing(), kept
    )
    for text in (repr(observed), repr(kept.snapshot())):
        assert "hunter22" not in text
        assert "computed-proof" not in text
        assert "aHVudGVyMjI" not in text
    assert observed[1].reply is not None
    assert observed[1].reply.code == 535


def pipelined() -> Dialogue:
    yield Await()
    yield Send(b"MAIL\r\n", "MAIL", Phase.MAIL)
    yield Send(b"RCPT\r\n", "RCPT", Phase.RCPT)
    mail, rcpt = yield Await(2)
    assert mail.reply
    assert rcpt.reply
    return Ending(status=Status.ACCEPTED, reason=f"{mail.sent}:{mail.reply.code} {rcpt.sent}:{rcpt.reply.code}")


async def test_pipelined_commands_are_answered_in_their_order():
    ending = await played(Wire(b"220 mx\r\n", b"250 a\r\n", b"550 b\r\n"), pipelined(), recorder())
    assert ending.reason == "MAIL:250 RCPT:550"


def test_a_snapshot_of_a_session_cut_short_has_what_waits():
    kept = recorder()
    kept.finish(Received(raw=b"220 mx\r\n", first_octet_s=0.1, last_octet_s=0.1))
    kept.sent(Phase.EHLO, "EHLO client.example.org", 0.2)
    kept.partial = b"250-mx"
    found = kept.snapshot(Breakage.INTERRUPTED)
    assert not found.complete
    assert [x.index for x in found.exchanges] == [0, 1]
    assert (found.exchanges[1].breakage, found.exchanges[1].partial) == (Breakage.INTERRUPTED, b"250-mx")
    assert kept.snapshot(Breakage.INTERRUPTED) == found


@pytest.mark.parametrize("breakage", [Breakage.DEADLINE, Breakage.INTERRUPTED])
def test_a_session_cut_short_before_the_greeting_waits_for_it(breakage):
    (greeting,) = recorder().snapshot(breakage).exchanges
    assert (greeting.phase, greeting.breakage) == (Phase.GREETING, breakage)


async def test_an_implicit_handshake_comes_before_the_greeting():
    def implicit() -> Dialogue:
        (shaken,) = yield Handshake(True)
        (greeting,) = yield Await()
        assert shaken.phase is Phase.TLS
        assert greeting.over_tls
        return Ending(status=Status.ACCEPTED)

    async def shake(strict: bool) -> session.HandshakeResult:
        assert strict
        return session.HandshakeResult(
            tls=TlsSession(version="TLSv1.3", cipher="x", bits=256, name="mx", sni=None, chain=(), verified=True)
        )

    kept = recorder()
    await played(Wire(b"220 mx\r\n"), implicit(), kept, shake)
    assert [x.phase for x in kept.snapshot().exchanges] == [Phase.TLS, Phase.GREETING]
