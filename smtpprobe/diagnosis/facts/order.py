"""Whether a server has lost what it had accepted before: it asks for a command that it had answered with success."""

from __future__ import annotations

import re
from typing import NamedTuple

from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model.transcript import Phase

_COMMANDS = {Phase.EHLO: "EHLO", Phase.MAIL: "MAIL FROM", Phase.RCPT: "RCPT TO"}
_NAMES = {
    Phase.EHLO: r"(?:helo|ehlo)",
    Phase.MAIL: r"(?:mail(?!\s(?:server|system))|sender|(?:mail\s)?transaction)",
    Phase.RCPT: r"(?:rcpt|recipients?)",
}
# RFC 5321 §4.1.4 has the order of commands; whoever misses one says so before its name, or behind it.
_LACKS = {
    phase: re.compile(
        rf"\b(?:need|expect\w*|send|say|issue|want|no|without|missing|before|after|requires?)\b.{{0,20}}\b{name}\b"
        rf"|\b{name}\b.{{0,20}}\b(?:first|needed|required|expected|missing|not (?:yet )?(?:given|set|specified))\b"
    )
    for phase, name in _NAMES.items()
}
_BEFORE = {Phase.MAIL: (Phase.EHLO,), Phase.RCPT: (Phase.MAIL, Phase.EHLO), Phase.DATA: (Phase.RCPT, Phase.MAIL)}
_OUT_OF_ORDER = (503, 554)  # RFC 5321 §4.2.2; 554 is what some say at DATA without a recipient (§3.3)


class Forgotten(NamedTuple):
    """A command that the server says it lacks, and the code of its earlier answer, a success."""

    command: str
    code: int


def forgotten(rejection: Rejection) -> Forgotten | None:
    """The command that the server asks for though it had answered it with success; None where it asks for none such."""
    if rejection.reply.code not in _OUT_OF_ORDER:
        return None
    for phase in _BEFORE.get(rejection.exchange.phase, ()):
        code = _success(rejection, phase)
        if code is not None and _LACKS[phase].search(rejection.text):
            return Forgotten(_COMMANDS[phase], code)
    return None


def _success(rejection: Rejection, phase: Phase) -> int | None:
    """The code of the command's last answer if that was a success and no RSET came after it."""
    earlier = rejection.transcript.exchanges[: rejection.exchange.index]
    of_phase = [x for x in earlier if x.reply is not None and x.phase in (phase, Phase.RSET)]
    reply = of_phase[-1].reply if of_phase and of_phase[-1].phase is phase else None
    return reply.code if reply is not None and reply.digit == 2 else None
