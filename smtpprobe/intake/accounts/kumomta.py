"""The refusals in KumoMTA's log records: an object a line, as JSON."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from smtpprobe.intake.found import domain_of, phase_of
from smtpprobe.intake.logs.lines import Refusal
from smtpprobe.intake.unanswered import is_unanswered, phase_unanswered
from smtpprobe.model.transcript import Phase

MARKERS = (b'"Bounce"', b'"TransientFailure"', b'"Expiration"', b'"AdminBounce"', b'"OOB"', b'"Rejection"')
# Every record that is no success and no complaint, whatever later versions call it, has a code of a refusal.
_PASSED = ("Feedback",)
_ITSELF = "KumoMTA internal: "
_NO_CODE = 400  # where it got no reply
_OWN = ("Expiration", "AdminBounce")  # its own end of a message, whose code no server gave
_RECEIVED = ("Reception", "Rejection")
_DOT = "."


class _Enhanced(msgspec.Struct):
    kind: int = msgspec.field(name="class")
    subject: int
    detail: int


class _Response(msgspec.Struct, kw_only=True):
    code: int
    enhanced_code: _Enhanced | None = None
    content: str = ""
    command: str | None = None


class _Peer(msgspec.Struct):
    name: str | None = None
    addr: str | None = None


class _Record(msgspec.Struct, kw_only=True):
    type: str
    response: _Response
    recipient: str | list[str] | None = None
    peer_address: _Peer | None = None
    timestamp: float | None = None


_record = msgspec.json.Decoder(_Record)


def kumomta(line: str) -> Refusal | None:
    """The refusal in a record; None where there is none."""
    try:
        record = _record.decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    response = record.response
    if not 400 <= response.code < 600 or record.type in _PASSED:
        return None
    to = record.recipient if isinstance(record.recipient, str) else next(iter(record.recipient or ()), None)
    phase = Phase.MESSAGE if response.command == _DOT else phase_of(response.command)
    said = Refusal(_reply(response), phase, domain_of(to), _peer(record.peer_address), when=_when(record.timestamp))
    own = response.content.removeprefix(_ITSELF)
    if (own != response.content or response.code == _NO_CODE) and is_unanswered(own):
        said = said._replace(reply=own, phase=phase or phase_unanswered(own))
    elif record.type in _OWN and response.enhanced_code is not None:
        said = said._replace(reply=said.reply[4:])
    return said.receiving() if record.type in _RECEIVED else said.sending()


def _reply(response: _Response) -> str:
    enhanced = response.enhanced_code
    number = f"{enhanced.kind}.{enhanced.subject}.{enhanced.detail} " if enhanced is not None else ""
    first, *others = response.content.splitlines() or [""]
    lines = [f"{number}{first}".strip(), *others]
    return "\n".join(
        f"{response.code}{'-' if at < len(lines) else ' '}{line}".rstrip() for at, line in enumerate(lines, 1)
    )


def _peer(peer: _Peer | None) -> str | None:
    if peer is None:
        return None
    name = (peer.name or "").rstrip(".")
    return f"{name} [{peer.addr}]" if name and peer.addr else name or peer.addr or None


def _when(timestamp: float | None) -> str | None:
    try:
        return datetime.fromtimestamp(int(timestamp), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if timestamp else None
    except (ValueError, OverflowError, OSError):
        return None
