"""How far a login went before the server answered it for good."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.model.transcript import Exchange, Phase

# Lines of the client up to the one with the secret, or the proof that it has it, AUTH among them.
_LINES = {"LOGIN": 3, "CRAM-MD5": 2, "DIGEST-MD5": 2, "NTLM": 2}


def accepted_unproved(exchanges: Sequence[Exchange]) -> bool:
    """Whether the last login was accepted before the server had anything to judge: such a yes says nothing of the secret."""
    login = [each for each in exchanges if each.phase is Phase.AUTH]
    begins = [place for place, each in enumerate(login) if (each.sent or "").startswith("AUTH ")]
    if not begins or login[-1].reply is None or login[-1].reply.digit != 2:
        return False
    words = (login[begins[-1]].sent or "").split()
    name = words[1].upper()
    least = 2 if name.startswith("SCRAM-") else _LINES.get(name, 1)
    # LOGIN may begin with the user name.
    least -= name == "LOGIN" and len(words) > 2
    return len(login) - begins[-1] < least
