"""A message that a session is to send, and how."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from smtpprobe.wire.message.octets import has_eight_bit, header_of, is_binary

WAIT_S = 600.0  # after the dot (RFC 5321 §4.5.3.2.6)


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A message to send, octet for octet but for dots. `wait_s`: how long the replies to it are waited for."""

    octets: bytes
    bdat: bool = False
    chunk_octets: int | None = None  # None: in one chunk
    wait_s: float = WAIT_S

    def parameters(self, offered: Collection[str]) -> tuple[str, ...]:
        """What MAIL says of it to a server that offers these keywords."""
        found = [f"SIZE={len(self.octets)}"] if "SIZE" in offered else []  # RFC 1870 §6
        if self.bdat and "BINARYMIME" in offered and is_binary(self.octets):
            found.append("BODY=BINARYMIME")
        elif "8BITMIME" in offered and has_eight_bit(self.octets):
            found.append("BODY=8BITMIME")
        if "SMTPUTF8" in offered and has_eight_bit(header_of(self.octets)):
            found.append("SMTPUTF8")  # RFC 6531 §3.4: also for a header that is not ASCII
        return tuple(found)
