"""How much is taken of a file that the user names: more than this is no such file, and is refused before it is held.

What servers, name servers and messages may say is limited where it is read; docs/limits.md has all of it in one table.
"""

from __future__ import annotations

from typing import BinaryIO, NamedTuple

from smtpprobe.model.texts.language import mark, say


class Limit(NamedTuple):
    """The most octets, and what they are expected to hold, in words."""

    octets: int
    expected: str

    @property
    def size(self) -> str:
        """The octets in words: `16 MiB`."""
        return in_words(self.octets)

    def refusal(self, name: str) -> ValueError:
        """What is raised for a file of that name that holds more."""
        return ValueError(
            say(
                "{name} contains more than {size}: expected {expected}",
                name=name,
                size=self.size,
                expected=say(self.expected),
            )
        )

    def read(self, source: BinaryIO, name: str) -> bytes:
        """All that the source has. Raises the refusal if that is more, of which no more than one octet is read."""
        octets = source.read(self.octets + 1)
        if len(octets) > self.octets:
            raise self.refusal(name)
        return octets


def in_words(octets: int) -> str:
    """A number of octets as it is told: `16 MiB`."""
    return f"{octets >> 20} MiB" if octets >= 1 << 20 else f"{octets >> 10} KiB"


# A refused RCPT takes 4 KiB of a report: enough for some thousand of them, and for every check's lookups. Of the worst
# that is no report, an array of empty objects, reading takes 70 times the octets.
REPORT = Limit(8 << 20, mark("a report as smtpprobe check prints it as JSON"))
# Receivers take messages of 25 to 50 MiB; some companies take more among themselves.
MESSAGE = Limit(64 << 20, mark("one message"))
# Servers take headers of 100 KiB to 1 MiB, with some hundred fields; a probe also looks at what they refuse.
MAX_HEADER = 48 << 20  # octets
MAX_FIELDS = 200_000
# Of all that are named together. What is short may stand for much (an $ORIGIN, a string of one character), so that the
# worst takes a quarter of a minute and 800 MiB.
ZONE = Limit(8 << 20, mark("a master file"))
MAX_ZONE_LINES = 200_000
CONFIG = Limit(1 << 20, mark("a configuration file"))
CERTIFICATES = Limit(16 << 20, mark("certificates in PEM form"))
PRIVATE_KEY = Limit(64 << 10, mark("a private key"))
# Tokens of OAuth have a few KiB.
PASSWORD_LINE = Limit(64 << 10, mark("the password on its first line"))
REPLY_LINE = Limit(16 << 20, mark('one object a line: {"reply": "…"}'))
# `xz -9` takes 65 MiB to unpack; a dictionary may be as large as 4 GiB.
MAX_XZ_MEMORY = 128 << 20  # octets
