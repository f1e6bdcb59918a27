"""A dialogue played against a list of answers."""

from __future__ import annotations

import base64

from smtpprobe.model.request import Credentials
from smtpprobe.model.transcript import Breakage, Exchange, Phase, TlsSession
from smtpprobe.wire.dialogue.plan import Plan
from smtpprobe.wire.dialogue.session import smtp_dialogue
from smtpprobe.wire.dialogue.steps import Abandon, Await, Ending, Handshake, Hide, Listen, Send, SendToSeveral, Tell
from smtpprobe.wire.reply_reader import parse_reply

HELO, ALICE, BOB, CAROL = "client.example.org", "alice@example.org", "bob@example.com", "carol@example.com"
CREDENTIALS = Credentials("tim", "hunter22")
OFFER = "250-mx.example.com\r\n250-AUTH PLAIN LOGIN CRAM-MD5\r\n250 STARTTLS"
VERIFIED = TlsSession(
    version="TLSv1.3", cipher=None, bits=None, name="mx.example.com", sni=None, chain=(), verified=True
)
UNVERIFIED = TlsSession(
    version="TLSv1.3",
    cipher=None,
    bits=None,
    name="mx.example.com",
    sni=None,
    chain=(),
    verified=False,
    problems=("expired",),
)


def plan(**changes) -> Plan:
    given = {"host": "mx.example.com", "helo": HELO, "reverse_path": ALICE, "forward_paths": (BOB,)}
    return Plan(**{**given, **changes})


class Played:
    """What a dialogue said to these answers, one for each Await or Handshake, and how it ended.

    An answer is a reply's text, a Breakage, or a TlsSession. `commands` has "TLS" for a handshake.
    """

    def __init__(self, dialogue, answers) -> None:
        self.commands: list[str] = []
        self.shown: list[str] = []
        self.phases: list[Phase] = []
        self.waits: list[float | None] = []
        self.strict: list[bool] = []
        self.hidden: list[bytes] = []
        self.ending: Ending | None = None
        self._answers = list(answers)
        self._index = 0
        self._pending: list[Phase] = []  # of what waits for its reply
        answer = None
        while True:
            try:
                step = next(dialogue) if answer is None else dialogue.send(answer)
            except StopIteration as stop:
                self.ending = stop.value
                break
            answer = self._do(step)
        assert not self._answers, "the dialogue ended early"

    def _do(self, step):
        match step:
            case Send():
                assert step.octets.endswith(b"\r\n")
                self.commands.append(step.octets[:-2].decode())
                self.shown.append(step.shown)
                self.phases.append(step.phase)
                self._pending.append(step.phase)
            case SendToSeveral():
                self.commands.append(step.octets[:-2].decode())
                self.shown += step.shown
                self.phases.append(step.phase)
                self._pending += [step.phase] * len(step.shown)
            case Abandon():
                self._pending.clear()
            case Listen():
                return ()
            case Tell():
                self.shown.append(step.shown)
            case Await():
                self.waits.append(step.wait_s)
                return tuple(self._exchange() for _ in range(step.replies))
            case Handshake():
                self.commands.append("TLS")
                self.strict.append(step.strict)
                self._pending.append(Phase.TLS)
                return (self._exchange(),)
            case Hide():
                self.hidden.append(step.secret)
        return None

    def _exchange(self) -> Exchange:
        answer = self._answers.pop(0)
        index, self._index = self._index, self._index + 1
        phase = self._pending.pop(0) if self._pending else Phase.GREETING
        match answer:
            case Breakage():
                return Exchange(index=index, phase=phase, sent=None, breakage=answer)
            case TlsSession():
                return Exchange(index=index, phase=phase, sent=None, tls=answer)
            case Exchange():
                return answer
        return Exchange(index=index, phase=phase, sent=None, reply=parse_reply(answer.encode() + b"\r\n"))


def played(*answers, credentials: Credentials | None = None, **changes) -> Played:
    return Played(smtp_dialogue(plan(**changes), credentials), answers)


EHLO, MAIL, RCPT, RSET, QUIT = f"EHLO {HELO}", f"MAIL FROM:<{ALICE}>", f"RCPT TO:<{BOB}>", "RSET", "QUIT"
BYE = "221 Bye"


def login(*answers, tls: TlsSession = VERIFIED, offer: str = OFFER, **changes) -> Played:
    return played("220 Hi", OFFER, "220 Go", tls, offer, *answers, credentials=CREDENTIALS, **changes)


def b64(text: bytes | str) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()
