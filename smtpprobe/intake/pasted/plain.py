"""What is typed, pasted or read, without what only a terminal sees, or an answer puts before the lines that it quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_LONGEST = 2100  # octets of a sequence, which is a link then
# ECMA-48 §5.4 and §8.3.89: control sequences, operating system commands, and single functions.
_ESCAPE = re.compile(
    rb"\x1b(?:\[[0-?]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)|[()*+][0-9A-Z]|[=>78cDEHMNOZ])"
)
_BEGUN = re.compile(rb"\x1b(?:\[[0-?]{0,40}[ -/]{0,4}|\][^\x07\x1b\n]{0,2000}\x1b?|[()*+])?\Z")
# A colour as programs spell it that write no controls: rsyslog, `cat -v`, JSON, Python, C.
_SPELLED = re.compile(rb"(?:#033|\^\[|\\u001[bB]|\\x1[bB]|\\0?33|\\e)\[[0-9;]{0,20}[mK]")
_SHORT = 1 << 16  # octets of what may be a paste


_QUOTED = re.compile(rb"(?m)^(?:> ?){1,6}")
# A session has such marks too, for what the client and the server said.
_OF_A_SESSION = re.compile(
    rb"(?m)^[ \t]{0,4}<|^>{1,3} ?(?:[A-Z]{4}\b|[2-5]\d\d[ -])|^(?!>)[^\n]{0,80}(?:<[-=*~]|[-=*~]>)[ ]"
)


def _unquoted(octets: bytes) -> bytes:
    """A short text without the marks of lines that an answer quotes, where most of its lines have them."""
    lines = [line for line in octets.split(b"\n") if line.strip()]
    marked = sum(line.startswith(b">") for line in lines)
    if marked < 2 or marked * 2 < len(lines) or _OF_A_SESSION.search(octets):
        return octets
    return _QUOTED.sub(b"", octets)


def plain(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same blocks without escape sequences, which may go on from one block to the next."""
    kept = b""
    for number, block in enumerate(blocks):
        octets = kept + block if kept else block
        kept = b""
        if b"\x1b" in octets:
            octets = _ESCAPE.sub(b"", octets)
            if begun := _BEGUN.search(octets, max(0, len(octets) - _LONGEST)):
                octets, kept = octets[: begun.start()], begun[0]
        yield _unquoted(_SPELLED.sub(b"", octets)) if not number and len(octets) <= _SHORT else octets
    if kept:
        yield kept


def octets_of(text: str) -> bytes:
    """What was typed as octets in UTF-8, without escape sequences, with LF in place of lone CR."""
    with_ends = text if "\n" in text else text.replace("\r", "\n")
    try:
        octets = with_ends.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        octets = with_ends.encode("utf-8", "backslashreplace")
    return b"".join(plain((octets,)))
