"""One reply that an input holds, and what the input says about it."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from smtpprobe.model.transcript import Phase, Side

MAX_REPLY = 8192  # characters of a reply that are kept
_DOMAIN = re.compile(r"@\[?([\w.:-]{1,255})")


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A reply with what stands around it; None where the input does not say.

    `reply` begins with its code where one was written, else with its enhanced status code where one was. `when` is the
    time as the input writes it; `peer` who gave the reply, or whom our own server refused; `line` counts from 1.
    `recipient` is the whole address, for pages only. `side` is None for what a client says, too. `server` is whom the
    system that gives the reply, or the connection, was reached as, `host:port` or a host alone; `peer` where it is None.
    `program` is the mail server that wrote the log or lists its queue. `own`: a system that delivers says so itself, no other
    server does. `queued`: whether the message still waits in its queue; False where it was given up, and nothing tries again.
    """

    reply: str
    phase: Phase | None = None
    recipient_domain: str | None = None
    when: str | None = None
    peer: str | None = None
    line: int | None = None
    recipient: str | None = None
    side: Side | None = None
    server: str | None = None
    program: str | None = None
    own: bool = False
    queued: bool | None = None


class Counts(msgspec.Struct):
    """What a reading has passed so far: lines, refusals that could not be read, octets."""

    lines: int = 0
    unread: int = 0
    octets: int = 0


def text(octets: bytes) -> str:
    """The octets as text; each that is no UTF-8 stands as `\\xNN`."""
    return octets.decode("utf-8", "backslashreplace")


def domain_of(address: str | None) -> str | None:
    """The domain of a mailbox in lower case, None for the null path or anything without one."""
    found = _DOMAIN.search(address[:1024]) if address else None
    return found[1].lower().rstrip(".") or None if found else None


def refusal(reply: str, phase: Phase | None, to: str | None, peer: str | None) -> Found:
    """The refusal of a recipient, in a report's words."""
    return Found(reply=reply[:MAX_REPLY], phase=phase, recipient_domain=domain_of(to), peer=peer, recipient=to)


class Transaction:
    """A mail transaction as far as its replies tell of it."""

    __slots__ = ("_has_recipient", "_refused")

    def __init__(self) -> None:
        self._refused: Phase | None = None
        self._has_recipient = False

    def follows(self, phase: Phase | None, code: str) -> bool:
        """Whether the reply, which is the next, only follows from a refusal before it."""
        if code[0] == "2":
            if phase is Phase.RCPT:
                self._has_recipient = True
            elif phase in _BEGINS_ANEW:
                self._refused, self._has_recipient = None, False
            return False
        if self._refused is not None and not self._has_recipient:
            # RFC 5321 §3.3: 503 or 554 to DATA if all MAIL or RCPT commands were refused.
            if phase in (Phase.DATA, Phase.MESSAGE) and code in ("503", "554"):
                return True
            if phase is Phase.RCPT and code == "503" and self._refused is Phase.MAIL:
                return True
        if phase in (Phase.MAIL, Phase.RCPT) and code[0] in "45":
            self._refused = self._refused or phase
        return False


_BEGINS_ANEW = (Phase.EHLO, Phase.MAIL, Phase.MESSAGE, Phase.RSET)
_COMMAND_TAIL = re.compile(r"\(in reply to ([A-Za-z ]{2,40}?)(?: command)?\)\s*\Z")
_COMMANDS = (
    ("initial", Phase.GREETING),
    ("connect", Phase.GREETING),
    ("ehlo", Phase.EHLO),
    ("helo", Phase.EHLO),
    ("lhlo", Phase.EHLO),
    ("xclient", Phase.XCLIENT),
    ("starttls", Phase.STARTTLS),
    ("tls", Phase.TLS),
    ("auth", Phase.AUTH),
    ("mail", Phase.MAIL),
    ("rcpt", Phase.RCPT),
    ("vrfy", Phase.RCPT),
    ("etrn", Phase.RCPT),
    ("data", Phase.DATA),
    ("bdat", Phase.MESSAGE),
    ("end-of-message", Phase.MESSAGE),
    ("end of", Phase.MESSAGE),
    ("dot", Phase.MESSAGE),
    ("message", Phase.MESSAGE),
    ("rset", Phase.RSET),
    ("final rset", Phase.RSET),
    ("quit", Phase.QUIT),
)


@lru_cache(maxsize=128)  # programs write the same few words into each line
def phase_of(command: str | None) -> Phase | None:
    """The phase of a command, or of the words that programs use for one: `RCPT TO`, `end of DATA`, `initial greeting`."""
    lowered = (command or "").strip().lower().removeprefix("pipelined ").removeprefix("sending ")
    return next((phase for words, phase in _COMMANDS if lowered.startswith(words)), None)


def without_command(reply: str) -> tuple[str, Phase | None]:
    """The reply without Postfix's `(in reply to … command)` behind it, and the phase that this names."""
    tail = _COMMAND_TAIL.search(reply)
    return (reply[: tail.start()].rstrip(), phase_of(tail[1])) if tail else (reply, None)
