"""Sessions that a log tells line by line, several at a time: which command a reply answers."""

from __future__ import annotations

import re
from collections import OrderedDict, deque

from smtpprobe.intake.found import MAX_REPLY, Transaction, domain_of, phase_of
from smtpprobe.model.transcript import Phase

MAX_OPEN = 2000  # sessions that are followed at a time, the latest ones
_MAX_WAITING = 100  # commands of one that wait for their replies
_COMMANDS = frozenset(
    (
        "EHLO",
        "HELO",
        "LHLO",
        "AUTH",
        "MAIL",
        "RCPT",
        "DATA",
        "BDAT",
        "RSET",
        "QUIT",
        "VRFY",
        "EXPN",
        "ETRN",
        "NOOP",
        "HELP",
    )
)
_LONG_COMMANDS = ("STARTTLS", "XCLIENT", "X-ANONYMOUSTLS", "X-EXPS")
_REPLY = re.compile(r"([2-5]\d\d)([ -]|\Z)", re.ASCII)


class _Session:
    __slots__ = ("begun", "lines", "size", "transaction", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[str] = deque(maxlen=_MAX_WAITING)
        self.begun = False  # whether a command was seen
        self.lines: list[str] = []
        self.size = 0
        self.transaction = Transaction()


class Sessions:
    """Commands and replies of many sessions, each known by a name."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, _Session] = OrderedDict()

    def command(self, name: str, words: str) -> None:
        """A line that the client sent; what is no command, as a password or a message, is passed over."""
        word = words[:4].upper()
        is_command = word in _COMMANDS and not words[4:5].isalnum()
        if is_command or (word in ("STAR", "XCLI", "X-AN", "X-EX") and words.upper().startswith(_LONG_COMMANDS)):
            session = self._open.get(name) or self._begin(name)
            session.begun = True
            session.waiting.append(words[:400])

    def reply(self, name: str, line: str) -> tuple[str, Phase | None, str | None] | None:
        """The reply that is whole with this line, if it refuses something: with its phase and the recipient's domain."""
        session = self._open.get(name) or self._begin(name)
        if line[:1] == "2" and line[3:4] == " " and not session.lines:
            # The most frequent line by far.
            if session.waiting:
                session.transaction.follows(phase_of(session.waiting.popleft()), line)
            return None
        found = _REPLY.match(line)
        if found is None:
            return None
        if session.size < MAX_REPLY:
            session.lines.append(line)
            session.size += len(line)
        if found[2] == "-":
            return None
        whole, session.lines, session.size = "\n".join(session.lines), [], 0
        command = session.waiting.popleft() if session.waiting else None
        if command is None:
            phase = None if session.begun else Phase.GREETING
        else:
            phase = phase_of(command)
        if found[1] == "354":
            session.waiting.appendleft("end-of-message")
        elif found[1] == "334":
            session.waiting.appendleft(command or "AUTH")
        if session.transaction.follows(phase, found[1]) or found[1][0] not in "45":
            return None
        return whole, phase, domain_of(command) if command and phase is Phase.RCPT else None

    def ended(self, name: str) -> None:
        """Nothing more comes of the session."""
        self._open.pop(name, None)

    def _begin(self, name: str) -> _Session:
        """A new session of that name."""
        session = self._open[name] = _Session()
        if len(self._open) > MAX_OPEN:
            self._open.popitem(last=False)
        return session
