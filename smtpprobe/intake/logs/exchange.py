"""The refusals in Exchange's protocol logs: what its receive connectors refused, and what its send connectors were refused."""

from __future__ import annotations

import re

from smtpprobe.intake.logs.lines import Refusal
from smtpprobe.intake.logs.sessions import Sessions
from smtpprobe.model.transcript import Phase

MARKERS = (b",<,", b",>,", b",-,", b"Failed to connect")
_FIELD = r"(?:\"(?:[^\"]|\"\"){0,4000}\"|[^,\"]{0,4000})"
# date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context
_LINE = re.compile(
    rf"(?P<when>\d{{4}}-\d\d-\d\dT[\d:.]{{8,16}}Z),{_FIELD},(?P<session>[0-9A-Fa-f]{{4,32}}),\d{{1,9}},{_FIELD},(?P<remote>[^,\"]{{0,100}}),"
    rf"(?P<event>[<>*+-]),(?P<data>{_FIELD}),(?P<context>.*)",
    re.DOTALL,
)
_WAYS = ("<", ">")
_NO_CONNECTION = re.compile(r"Failed to connect.{0,2000}", re.DOTALL)
_DESTINATION = re.compile(r"Destination domain: (?P<domain>[\w.-]{1,255})")


class ExchangeProtocol:
    """Reads one line after the other: a reply's command stands in a line before."""

    def __init__(self) -> None:
        self._sessions = Sessions()

    def __call__(self, message: str) -> Refusal | None:
        """The refusal that is whole with this line; None where there is none."""
        plain = message.split(",", 7)
        # Most lines need no more than this.
        if len(plain) == 8 and plain[6] in _WAYS and plain[7][:1] != '"':
            return self._said(plain[2], plain[7].partition(",")[0], plain[5], plain[0], plain[6])
        line = _LINE.match(message)
        if line is None:
            return None
        session, event, peer = line["session"], line["event"], line["remote"] or None
        if event == "-":
            self._sessions.ended(session)
            return None
        if event == "*":
            return _no_connection(_unquoted(line["context"]), peer, line["when"])
        return self._said(session, _unquoted(line["data"]), peer, line["when"], event)

    def _said(self, session: str, data: str, peer: str | None, when: str, way: str) -> Refusal | None:
        if not data[:1].isdigit():
            self._sessions.command(session, data)
            return None
        said = self._sessions.reply(session, data)
        if said is None:
            return None
        refusal = Refusal(*said, peer or None, when=when)
        return refusal.sending() if way == "<" else refusal.receiving()


def _no_connection(words: str, peer: str | None, when: str) -> Refusal | None:
    if (failed := _NO_CONNECTION.search(words)) is None:
        return None
    destination = _DESTINATION.search(words)
    domain = destination["domain"].lower() if destination else None
    return Refusal(failed[0], Phase.CONNECT, domain, peer, when=when, own=True).sending()


def _unquoted(field: str) -> str:
    return field[1:-1].replace('""', '"') if field[:1] == '"' else field
