"""The refusals in what other SMTP clients print of a session, and in our own page of one."""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

import msgspec

from smtpprobe.intake.found import MAX_REPLY, Found, Transaction, domain_of, phase_of, text
from smtpprobe.model.transcript import Phase


class Client(StrEnum):
    """Whose transcript it is."""

    SWAKS = "swaks"
    TELNET = "telnet"
    OPENSSL = "openssl s_client"
    SMTPLIB = "smtplib debug"
    MSMTP = "msmtp debug"
    CURL = "curl"
    OURS = "smtpprobe"
    SESSION = "session"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a conversation: sent by the client, or received; `peer` where the line names the server."""

    sent: str | None = None
    received: str | None = None
    peer: str | None = None
    when: str | None = None


_REPLY_LINE = re.compile(r"[2-5]\d\d(?:[ -]|\Z)")
_VERB = re.compile(
    r"(?:(?:EHLO|HELO|LHLO) \S|MAIL FROM:|RCPT TO:|(?:DATA|RSET|QUIT|STARTTLS|NOOP)\s*\Z|AUTH \S|BDAT \d|VRFY \S|XCLIENT \S)",
    re.IGNORECASE,
)
# Replies to AUTH (RFC 4954 §6), and those that take a recipient or a message to be about.
_NEVER_GREETS = frozenset({"235", "334", "432", "534", "535", "538", "552", "551", "452"})
_MAX_LINES = 200  # lines of one reply that are kept


def refusals(lines: Iterable[bytes], client: Client) -> Iterator[Found]:
    """Every reply 4yz or 5yz of the sessions in a transcript, with the phase of the command that it answers."""
    conversation = Conversation()
    reader = _READERS[client]
    for number, octets in enumerate(lines, start=1):
        line = text(octets).rstrip()
        event = reader(line, conversation)
        if event is None:
            if conversation.in_message and reader is _plain:
                found = conversation.in_message_heard(line, number)
                if found is not None:
                    yield found
            continue
        found = conversation.heard(event, number)
        if found is not None:
            yield found
    if (found := conversation.ended()) is not None:
        yield found


class Conversation:
    """Commands and replies matched up: replies come in the order of their commands (RFC 2920 §3.1)."""

    def __init__(self) -> None:
        self._pending: deque[tuple[Phase | None, str]] = deque(maxlen=1000)
        self._reply: list[str] = []
        self._begun = 0
        self._last: Phase | None = None
        self._peer: str | None = None
        self._when: str | None = None
        self._domain: str | None = None
        self.in_message = False
        self.greeted = False
        self._unsure: list[tuple[int, str]] = []
        self._transaction = Transaction()

    def heard(self, event: Event, number: int) -> Found | None:
        """The refusal that the event completes, None where it completes none."""
        if event.peer is not None:
            self.__init__()  # type: ignore[misc]
            self._peer = event.peer
        if event.sent is not None:
            self._said(event.sent)
        if event.received is None or not _REPLY_LINE.match(event.received):
            return None
        found = None
        if self._reply and self._reply[0][:3] != event.received[:3]:
            found = self._complete()  # a line between two replies was lost
        if not self._reply:
            self._begun = number
        if len(self._reply) < _MAX_LINES:
            self._reply.append(event.received[:MAX_REPLY])
        self._when = event.when or self._when
        return found if event.received[3:4] == "-" else self._complete() or found

    def ended(self) -> Found | None:
        """The refusal whose last line is missing, or that stands last in a message without end; None without one."""
        if self._reply:
            return self._complete()
        return self._answered() if self.in_message else None

    def in_message_heard(self, line: str, number: int) -> Found | None:
        """The refusal of a message whose final dot is not there: reply lines, and then a command or nothing more."""
        if self._unsure and re.match(r"(?:QUIT|RSET)\s*\Z", line, re.IGNORECASE):
            found = self._answered()
            self._said(line)
            return found
        if re.match(r"[45]\d\d[ -]", line):
            same = self._unsure and self._unsure[-1][1][:4] == f"{line[:3]}-"
            self._unsure = [*self._unsure[-_MAX_LINES:], (number, line)] if same else [(number, line)]
        elif line.strip():
            self._unsure = []
        return None

    def _answered(self) -> Found | None:
        unsure, self._unsure = self._unsure, []
        self.in_message = False
        if not unsure:
            return None
        self._begun = unsure[0][0]
        self._reply = [line[:MAX_REPLY] for _, line in unsure]
        return self._complete()

    def _said(self, command: str) -> None:
        if self.in_message:
            if command == ".":
                self.in_message = False
                self._pending.append((Phase.MESSAGE, ""))
            return
        phase = phase_of(command)
        if phase is None and self._last is Phase.AUTH:
            phase = Phase.AUTH
        if phase is Phase.DATA and not command.upper().startswith("DATA"):
            phase = None
        self._pending.append((phase, command))

    def _complete(self) -> Found | None:
        reply, self._reply = self._reply, []
        if self._pending:
            phase, command = self._pending.popleft()
        elif self._last is Phase.DATA:
            phase, command = Phase.MESSAGE, ""
        else:
            phase, command = (self._last if self.greeted else Phase.GREETING), ""
        code = reply[-1][:3]
        if phase is Phase.GREETING and not self.greeted and self._peer is None and code in _NEVER_GREETS:
            phase = None  # an excerpt, whose command is not there
        if not self.greeted and code == "220" and phase is Phase.GREETING:
            self._peer = self._peer or reply[0][4:].partition(" ")[0] or None
        self.greeted = True
        if phase is Phase.RCPT:
            domain = domain_of(command)
            if code[0] == "2":
                self._domain = domain
        else:
            domain = self._domain if phase in (Phase.DATA, Phase.MESSAGE) else None
        self._last = phase
        if code == "354":
            self.in_message = True
        elif phase is Phase.MESSAGE:
            self.in_message = False
        if self._transaction.follows(phase, code) or code[0] not in "45":
            return None
        return Found(
            reply="\n".join(reply)[:MAX_REPLY],
            phase=phase,
            recipient_domain=domain,
            when=self._when,
            peer=self._peer,
            line=self._begun,
        )


_SWAKS = re.compile(r"(?P<mark><-|<~|<\*\*|<~\*|->|~>|\*\*>|\*~>)(?: (?P<text>.*))?\Z")
_CONNECTED = re.compile(r"(?:=== |\* )?Connected to (\S{1,255}?)\.?(?: \((\S{1,100})\) port \d+.*)?\Z")


def _swaks(line: str, conversation: Conversation) -> Event | None:
    if connected := _CONNECTED.match(line):
        return Event(peer=connected[1])
    marked = _SWAKS.match(line.lstrip(" "))
    if marked is None:
        return None
    said = (marked["text"] or "").lstrip(" ")
    if marked["mark"].startswith("<"):
        return Event(received=said)
    return Event(sent=said)


def _plain(line: str, conversation: Conversation) -> Event | None:
    """Lines without marks, as a terminal shows them: what looks like a reply is one, outside a message."""
    if connected := _CONNECTED.match(line):
        return Event(peer=connected[1])
    if line.startswith("CONNECTED("):
        return Event(peer="")
    line = re.sub(r"\A(?:[SC]: ?|[<>]{1,3} ?(?=\S))", "", line)
    if conversation.in_message:
        return Event(sent=".") if line == "." else None
    if _REPLY_LINE.match(line):
        return Event(received=line)
    return Event(sent=line) if _VERB.match(line) else None


def _smtplib(line: str, conversation: Conversation) -> Event | None:
    """What `set_debuglevel` of Python's smtplib prints; with level 2 each line begins with a time."""
    found = re.match(r"(?:(?P<when>\d\d:\d\d:\d\d\.\d{1,6}) )?(?P<what>send|reply|connect): (?P<rest>.*)", line)
    if found is None:
        return None
    if found["what"] == "connect":
        to = re.match(r"(?:to )?\('([^']{1,255})', \d{1,5}\)", found["rest"])
        return Event(peer=to[1]) if to else None
    said = _literal(found["rest"])
    if said is None:
        return None
    if found["what"] == "reply":
        return Event(received=said, when=found["when"])
    if conversation.in_message:
        return Event(sent=".")
    return Event(sent=said)


def _literal(written: str) -> str | None:
    """The text of a Python literal of octets or of text, None for anything else (`retcode (250); Msg: …`)."""
    if not re.match(r"b?['\"]", written) or len(written) > 4 * MAX_REPLY:
        return written[2:MAX_REPLY].rstrip("'\"") if re.match(r"b['\"]", written) else None
    try:
        value = ast.literal_eval(written)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return (text(value) if isinstance(value, bytes) else str(value)).rstrip("\r\n")


def _msmtp(line: str, conversation: Conversation) -> Event | None:
    if line.startswith("<-- "):
        return Event(received=line[4:])
    if line.startswith("--> "):
        return Event(sent=line[4:])
    if host := re.match(r"host\s*=\s*(\S{1,255})\Z", line):
        return Event(peer=host[1])
    return None


def _curl(line: str, conversation: Conversation) -> Event | None:
    if connected := _CONNECTED.match(line):
        return Event(peer=connected[1])
    if line.startswith("< "):
        return Event(received=line[2:])
    if line.startswith("> "):
        return Event(sent=line[2:])
    return None


_OURS = re.compile(r"\s*(?:\d{1,7}\.\d{1,3}\s+|\s)(?P<arrow>[←→⇐⇒]) (?P<text>.*)\Z")
_OURS_CONNECTED = re.compile(r"\s*\d{1,7}\.\d{1,3}\s+connected (\S{1,300})")
_OURS_MORE = re.compile(r"\s{6,}(?P<text>[2-5]\d\d[ -].*)\Z")


def _ours(line: str, conversation: Conversation) -> Event | None:
    if connected := _OURS_CONNECTED.match(line):
        return Event(peer=connected[1])
    if marked := _OURS.match(line):
        return Event(sent=marked["text"]) if marked["arrow"] in "→⇒" else Event(received=marked["text"])
    if more := _OURS_MORE.match(line):
        return Event(received=more["text"])
    return None


_READERS: dict[Client, Callable[[str, Conversation], Event | None]] = {
    Client.SWAKS: _swaks,
    Client.TELNET: _plain,
    Client.OPENSSL: _plain,
    Client.SESSION: _plain,
    Client.SMTPLIB: _smtplib,
    Client.MSMTP: _msmtp,
    Client.CURL: _curl,
    Client.OURS: _ours,
}
