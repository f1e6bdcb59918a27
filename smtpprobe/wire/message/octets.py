"""A message's octets: its line ends, what of SMTP it needs, and how it goes out after DATA or BDAT."""

from __future__ import annotations

from collections.abc import Iterator

MAX_LINE = 998  # octets without CRLF (RFC 5321 §4.5.3.1.6, RFC 5322 §2.1.1)


def with_crlf(message: bytes) -> bytes:
    """The message with CRLF where a line ends in CR or LF alone, and at its end (RFC 5321 §2.3.8)."""
    lines = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def without_mailbox_line(message: bytes) -> bytes:
    """The message without the line that a mailbox file has before it (RFC 4155): `From alice@example.org Tue …`."""
    line, _, rest = message.partition(b"\n")
    return rest if line.startswith(b"From ") and not line[5:].lstrip(b" \t").startswith(b":") else message


def stuffed(message: bytes) -> bytes:
    """The message as it goes out after DATA: with a dot before each line that begins with one, and the lone dot."""
    # RFC 5321 §4.5.2: lines are what CRLF ends; after another line end a dot is no first character.
    doubled = message.replace(b"\r\n.", b"\r\n..")
    if message.startswith(b"."):
        doubled = b"." + doubled
    # RFC 5321 §4.1.1.4: a CRLF is added to a message that does not end with one.
    return doubled + (b".\r\n" if message.endswith(b"\r\n") or not message else b"\r\n.\r\n")


def chunks(message: bytes, most: int | None) -> Iterator[tuple[bytes, bool]]:
    """The message in chunks of so many octets, None: in one; each with whether it is the last (RFC 3030 §2)."""
    size = most or max(1, len(message))
    for at in range(0, max(1, len(message)), size):
        yield message[at : at + size], at + size >= len(message)


def has_eight_bit(message: bytes) -> bool:
    """Whether there are octets above 127, which need 8BITMIME (RFC 6152)."""
    return not message.isascii()


def lone_line_ends(message: bytes) -> int:
    """How many lines end in CR or LF alone."""
    return message.count(b"\n") + message.count(b"\r") - 2 * message.count(b"\r\n")


def longest_line(message: bytes) -> int:
    """The octets of the longest line, without its CRLF."""
    return max(map(len, message.split(b"\r\n")), default=0)


def is_binary(message: bytes) -> bool:
    """Whether it cannot go after DATA as it is: NUL, lines that CRLF does not end, lines above 998 octets (RFC 3030 §3)."""
    return b"\0" in message or lone_line_ends(message) > 0 or longest_line(message) > MAX_LINE


def header_of(message: bytes) -> bytes:
    """The header, through the CRLF of its last field."""
    end = message.find(b"\r\n\r\n")
    return message if end < 0 else message[: end + 2]
