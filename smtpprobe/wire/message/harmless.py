"""The two harmless strings that filters are tested with. They are put together only when they are sent.

Whole they would have scanners quarantine this file, or whatever holds it.
"""

from __future__ import annotations

import base64

from smtpprobe.model.evidence.message import FilterTest
from smtpprobe.wire.message.compose import Attachment

_GTUBE = ("XJS*C4JDBQADN1.NSBN3*2IDNEN*", "GTUBE-STANDARD-", "ANTI-UBE-TEST-", "EMAIL*C.34X")
_EICAR = ("X5O!P%@AP[4", "\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-", "ANTIVIRUS-", "TEST-FILE!$H+H*")


def gtube() -> str:
    """The line that spam filters take for spam (SpamAssassin's GTUBE)."""
    return "".join(_GTUBE)


def eicar() -> Attachment:
    """The file that virus scanners take for a virus (EICAR)."""
    return Attachment("eicar.com", "application/octet-stream", "".join(_EICAR).encode())


def filter_tests(message: bytes) -> tuple[FilterTest, ...]:
    """Which of them the message holds, as it is or, of the file, encoded as an attachment is."""
    file = eicar().octets
    found = [FilterTest.GTUBE] if gtube().encode() in message else []
    if file in message or base64.b64encode(file)[:64] in message.replace(b"\r\n", b""):
        found.append(FilterTest.EICAR)
    return tuple(found)
