"""Header fields: read from what a user gives, replaced in a message, and written (RFC 5322 §2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from smtpprobe.model.texts.language import say
from smtpprobe.wire.message.octets import MAX_LINE, header_of

_NAME = re.compile(r"[\x21-\x39\x3b-\x7e]+\Z")
_OF_MESSAGE = re.compile(rb"(?:[^\r\n]++|\r\n[ \t]|\r(?!\n)|\n)++(?:\r\n|\Z)")  # one field with its folds
_BARE = re.compile(r"[\w.+@-]+\Z", re.ASCII)

Field = tuple[str, str]


def field(text: str) -> Field:
    """Name and value of `Name: value`; an empty value stands for no such field. Raises ValueError for anything else."""
    name, colon, value = text.partition(":")
    if not colon or not _NAME.match(name):
        raise ValueError(say("{text} is not a header field: expected 'Name: value'", text=repr(text)))
    value = value.strip(" \t")
    if re.search(r"[\r\n\0]", value):
        raise ValueError(
            say("{name}: a carriage return, a line feed or NUL would start another field", name=repr(name))
        )
    encoded = _encoded(value)
    if max(map(len, f"{name}: {encoded}".encode().split(b"\r\n"))) > MAX_LINE:
        raise ValueError(
            say("{name}: the field is longer than {most} octets, the most a line may have", name=name, most=MAX_LINE)
        )
    return name, encoded


def _encoded(value: str) -> str:
    """The value with words that are not ASCII as encoded words (RFC 2047); addresses stay as they are (RFC 6532)."""
    words = re.split(r"( )", value)
    odd = [at for at, word in enumerate(words) if not word.isascii()]
    if not odd or any(mark in words[at] for at in odd for mark in '@"()<>'):
        return value
    from email.header import Header

    # Blanks between encoded words count for nothing, so that all of them become one text (RFC 2047 §6.2).
    middle = Header("".join(words[odd[0] : odd[-1] + 1]), "utf-8", maxlinelen=200).encode(linesep="\r\n")
    return "".join((*words[: odd[0]], middle, *words[odd[-1] + 1 :]))


def replaced(given: Sequence[Field], changes: Iterable[Field]) -> list[Field]:
    """The fields with those of the same names replaced where the first of them stood; others come at the end."""
    made, changes = list(given), list(changes)
    for name in dict.fromkeys(name.lower() for name, _ in changes):
        new = [each for each in changes if each[0].lower() == name and each[1]]
        at = next((place for place, each in enumerate(made) if each[0].lower() == name), len(made))
        made[at:] = [*new, *(each for each in made[at:] if each[0].lower() != name)]
    return made


def joined(given: Iterable[Field]) -> bytes:
    """The fields, each with its CRLF."""
    return b"".join(f"{name}: {value}\r\n".encode() for name, value in given)


def replaced_in(message: bytes, changes: Iterable[Field]) -> bytes:
    """The message, which has CRLF line ends, with the fields replaced; every other octet stays."""
    changes = list(changes)
    header = header_of(message)
    rest = message[len(header) :] or b"\r\n"
    raw = [(_name(each), each) for each in _OF_MESSAGE.findall(header)]
    for name in dict.fromkeys(name.lower() for name, _ in changes):
        new = [(name, joined([each])) for each in changes if each[0].lower() == name and each[1]]
        at = next((place for place, each in enumerate(raw) if each[0] == name), len(raw))
        raw[at:] = [*new, *(each for each in raw[at:] if each[0] != name)]
    return b"".join(octets for _, octets in raw) + rest


def values(message: bytes, name: str) -> Iterator[str]:
    """The values of the message's fields of this name, unfolded."""
    for each in _OF_MESSAGE.findall(header_of(message)):
        if _name(each) == name.lower():
            value = each.partition(b":")[2].replace(b"\r\n", b"")
            yield value.decode("utf-8", "backslashreplace").strip(" \t")


def _name(raw: bytes) -> str:
    return raw.partition(b":")[0].decode("ascii", "backslashreplace").rstrip(" \t").lower()


def parameter(name: str, value: str) -> str:
    """A parameter of a MIME field (RFC 2045 §5.1, RFC 2231 §4)."""
    if _BARE.match(value):
        return f"{name}={value}"
    if value.isascii() and value.isprintable():
        quoted = re.sub(r'(["\\])', r"\\\1", value)
        return f'{name}="{quoted}"'
    from urllib.parse import quote

    return f"{name}*=utf-8''{quote(value, safe='')}"


def too_small(wanted: int, least: int) -> ValueError:
    """What is raised where a message cannot be as small as it is wanted."""
    return ValueError(
        say(
            "a message of {wanted} octets: expected at least {least}, which it has unfilled", wanted=wanted, least=least
        )
    )
