"""What a secret's letters in a server's words do to the transcript, and what they must not do to the session."""

from __future__ import annotations

import base64
from collections import deque
from datetime import UTC, datetime

import msgspec
import pytest

from smtpprobe import session
from smtpprobe.model.request import Credentials, TlsPolicy
from smtpprobe.model.transcript import Certificate, OutcomeFault, Phase, Status, TlsFault, TlsSession
from smtpprobe.net.protocol import Received
from smtpprobe.wire.dialogue import smtp_dialogue
from smtpprobe.wire.dialogue.plan import Plan
from smtpprobe.wire.redact import HIDDEN, Redactor
from smtpprobe.wire.reply_reader import MAX_KEPT
from smtpprobe.wire.sasl.cram import cram_md5
from smtpprobe.wire.sasl.mechanism import Peer

PLAN = Plan(host="mx.example.com", helo="client.example.org", policy=TlsPolicy.OFF, insecure_auth=True, mech="PLAIN")


def by(mechanism: str) -> Plan:
    return msgspec.structs.replace(PLAN, mech=mechanism)


class Wire:
    """A connection whose replies are given beforehand."""

    def __init__(self, *replies: str, unasked: bytes = b"") -> None:
        self.replies = deque(replies)
        self.unasked = unasked
        self.written: list[str] = []

    def now(self) -> float:
        return 0.0

    def write(self, octets: bytes) -> None:
        self.written.append(octets.decode()[:-2])

    async def reply(self, wait_s: float) -> Received:
        return Received(raw=self.replies.popleft().encode() + b"\r\n", first_octet_s=0.0, last_octet_s=0.0)

    def take_unsolicited(self) -> bytes:
        return self.unasked

    def take_undelivered(self) -> bytes:
        return b""


async def held(wire: Wire, secret: str, plan: Plan = PLAN, tls: TlsSession | None = None) -> session.Recorder:
    async def shake(strict: bool) -> session.HandshakeResult:
        return session.HandshakeResult(tls=tls)

    recorder = session.Recorder("203.0.113.9", 25, datetime(2026, 3, 2, tzinfo=UTC), Redactor([secret]))
    dialogue = smtp_dialogue(plan, Credentials("tim", secret))
    await session.run_dialogue(wire, dialogue, recorder, wait_s=1, handshake=shake)  # type: ignore[arg-type]
    return recorder


async def test_a_challenge_that_holds_the_secrets_letters_is_answered_as_it_came():
    challenge, secret = b"<1896.697@example.net>", "example"
    wire = Wire(
        "220 Hi",
        "250-Hi\r\n250 AUTH CRAM-MD5",
        f"334 {base64.b64encode(challenge).decode()}",
        "535 5.7.8 No",
        "221 Bye",
    )
    recorder = await held(wire, secret, by("CRAM-MD5"))
    responses = cram_md5(Credentials("tim", secret), Peer(host="mx.example.com"))
    next(responses)
    responses.send(challenge)
    assert base64.b64decode(wire.written[2]) == next(responses)
    kept = recorder.exchanges[2].reply
    assert kept is not None
    assert HIDDEN in kept.lines[0]
    assert HIDDEN.encode() in kept.raw


@pytest.mark.parametrize("secret", ["250", "235", "5.7.8", "220 Hi"])
async def test_a_secret_that_looks_like_a_code_changes_no_outcome(secret):
    wire = Wire("220 Hi", "250-Hi\r\n250 AUTH PLAIN", "535 5.7.8 No, 250 was wrong", "221 Bye")
    recorder = await held(wire, secret)
    assert recorder.ending is not None
    assert (recorder.ending.status, recorder.ending.phase) == (Status.AUTH_REFUSED, Phase.AUTH)
    replies = [exchange.reply for exchange in recorder.exchanges if exchange.reply]
    assert [reply.code for reply in replies] == [220, 250, 535, 221]
    assert [reply.enhanced for reply in replies] == [None, None, "5.7.8", None]


async def test_a_secret_that_is_a_keyword_hides_no_offer():
    wire = Wire("220 Hi", "250-Hi\r\n250 AUTH PLAIN", "535 5.7.8 No", "221 Bye")
    recorder = await held(wire, "PLAIN")
    assert wire.written[1].startswith("AUTH PLAIN ")
    assert recorder.ending is not None
    assert recorder.ending.extensions == (f"AUTH {HIDDEN}",)


async def test_why_a_login_was_cancelled_repeats_no_secret():
    wire = Wire(
        "220 Hi",
        "250-Hi\r\n250 AUTH SCRAM-SHA-256",
        "334 " + base64.b64encode(b"r=x,s=hunter22,i=1").decode(),
        "501 Cancelled",
        "221 Bye",
    )
    recorder = await held(wire, "hunter22", by("SCRAM-SHA-256"))
    assert recorder.ending is not None
    assert recorder.ending.status is Status.NO_SESSION
    assert "hunter22" not in repr(recorder.snapshot()) + repr(recorder.ending)


async def test_a_server_that_talks_without_end_is_kept_in_part():
    wire = Wire("220 Hi", "250-Hi\r\n250 AUTH PLAIN", "535 No", "221 Bye", unasked=b"250 more\r\n" * 20_000)
    recorder = await held(wire, "hunter22")
    assert len(recorder.snapshot().unsolicited) == MAX_KEPT


@pytest.mark.parametrize(
    "said",
    [
        "535-5.7.8 hunt\r\n535 5.7.8 er22 is wrong",
        "535-hunt\r\n535-er\r\n535 22 is wrong",
        "535-no: hunt\r\ner22\r\n535 is wrong",  # a line without a code
    ],
)
async def test_a_secret_that_a_reply_breaks_into_lines_is_in_none_of_them(said):
    recorder = await held(Wire("220 Hi", "250-Hi\r\n250 AUTH PLAIN", said, "221 Bye"), "hunter22")
    kept = recorder.exchanges[2].reply
    assert kept is not None
    assert "hunter22" not in "".join(line.removeprefix("5.7.8 ") for line in kept.lines)
    assert sum(line.count(HIDDEN) for line in kept.lines) == said.count("\n") + 1 - said.startswith("535-no")


async def test_a_secret_that_the_ehlo_reply_breaks_into_lines_is_in_no_extension():
    wire = Wire("220 Hi", "250-Hi\r\n250-X hunt\r\n250-er22 X\r\n250 AUTH PLAIN", "535 5.7.8 No", "221 Bye")
    recorder = await held(wire, "hunter22")
    assert recorder.ending is not None
    assert recorder.ending.extensions == (f"X {HIDDEN}", f"{HIDDEN} X", "AUTH PLAIN")


DAY = datetime(2026, 3, 2, tzinfo=UTC)


def certificate(subject: str, *names: str, issuer: str = "CN=A CA", der: bytes = b"0\x82") -> Certificate:
    return Certificate(
        subject=subject, issuer=issuer, names=names, not_before=DAY, not_after=DAY, serial="1", key="RSA 2048",
        signature="sha256", sha256="ab", spki_sha256="cd", self_signed=False, der=der,
    )  # fmt: skip


def shaken(*chain: Certificate, problems: tuple[str, ...] = (), faults: tuple[TlsFault, ...] = ()) -> TlsSession:
    return TlsSession(
        version="TLSv1.3", cipher="x", bits=256, name="mx.example.com", sni=None, chain=chain, verified=not faults,
        problems=problems, faults=faults,
    )  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        certificate("CN=Hunter22", "mx.example.com"),
        certificate("CN=mx", "hunter22.example.com", "mx.example.com"),
        certificate("CN=mx", "mx.example.com", issuer="O=hunter22"),
        certificate("CN=mx", "mx.example.com", der=b"0\x82hunter22\0"),
    ],
)
async def test_a_certificate_that_names_the_secret_is_kept_without_it(given: Certificate) -> None:
    wire = Wire("220 Hi", "250-Hi\r\n250 AUTH PLAIN", "535 5.7.8 No", "221 Bye")
    other = certificate("CN=A CA")
    recorder = await held(
        wire, "hunter22", msgspec.structs.replace(PLAN, policy=TlsPolicy.IMPLICIT), shaken(given, other)
    )
    assert any(line.startswith("AUTH PLAIN ") for line in wire.written)
    kept = recorder.exchanges[0].tls
    assert kept is not None
    assert "hunter22" not in repr(kept).lower()
    assert (kept.chain[0].der, kept.chain[1]) == (b"", other)


async def test_another_host_is_known_by_its_names_as_they_came() -> None:
    """The secret is part of all three names: what is hidden in the report still counts."""
    wire = Wire("220 av.hunter22.example", "250-av.hunter22.example\r\n250 AUTH PLAIN", "221 Bye")
    tls = shaken(
        certificate("CN=av", "av.hunter22.example"),
        problems=("the certificate is for av.hunter22.example",),
        faults=(TlsFault.NAME,),
    )
    recorder = await held(wire, "hunter22", msgspec.structs.replace(PLAN, policy=TlsPolicy.IMPLICIT), tls)
    assert recorder.ending is not None
    assert recorder.ending.fault is OutcomeFault.OTHER_HOST
    assert not any(line.startswith("AUTH") for line in wire.written)
    assert "hunter22" not in repr((recorder.snapshot(), recorder.ending))
