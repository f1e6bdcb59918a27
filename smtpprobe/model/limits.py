"""How much is taken of a file that the user names: more than this is no such file, and is refused before it is held.

What servers, name servers and messages may say is limited where it is read; docs/limits.md has all of it in one table.
"""

from __future__ import annotations

import msgspec


class Limit(msgspec.Struct, frozen=True):
    """The most octets, and what they are expected to hold, in words."""

    octets: int
    expected: str

    @property
    def size(self) -> str:
        """The octets in words: `16 MiB`."""
        return f"{self.octets >> 20} MiB" if self.octets >= 1 << 20 else f"{self.octets >> 10} KiB"

    def refusal(self, name: str) -> ValueError:
        """What is raised for a file of that name that holds more."""
        return ValueError(f"{name} contains more than {self.size}: expected {self.expected}")


# A refused RCPT takes 4 KiB of a report: enough for some thousand of them, and for every check's lookups.
REPORT = Limit(16 << 20, "a report as smtpprobe check prints it as JSON")
# Receivers take messages of 25 to 50 MiB; some companies take more among themselves.
MESSAGE = Limit(64 << 20, "one message")
# Servers take headers of 100 KiB to 1 MiB, with some hundred fields; a probe also looks at what they refuse.
HEADER = Limit(48 << 20, "a header as servers take it")
MAX_FIELDS = 200_000
# Of all that are named together. What is short may stand for much (an $ORIGIN, a string of one character), so that the
# worst takes eight seconds and 400 MiB.
ZONE = Limit(4 << 20, "a master file")
MAX_ZONE_LINES = 50_000
CERTIFICATES = Limit(16 << 20, "certificates in PEM form")
# Tokens of OAuth have a few KiB.
PASSWORD_LINE = Limit(64 << 10, "the password on its first line")
REPLY_LINE = Limit(16 << 20, 'one object a line: {"reply": "…"}')
# `xz -9` takes 65 MiB to unpack; a dictionary may be as large as 4 GiB.
XZ_MEMORY = Limit(128 << 20, "data packed with xz -9 at most")
