"""The notation in which a session is written down, in fixtures and for `--script`.

One step a line, in the RFCs' own notation; blank lines and lines that begin with `#` say nothing:

    S: 220 mx.example.com ESMTP      the server's line, CRLF added; neighbouring lines leave in one segment
    S= "250-a\\r\\n250 b"              the server's exact octets: \\r \\n \\t \\0 \\\\ \\" \\xNN \\uNNNN, else UTF-8
    S* "250-and so on\\r\\n"           the same again and again until the client has gone
    C: EHLO *                        the client's line, case ignored, `*` for anything
    C= "\\x00\\x01"                    the client's exact octets
    MESSAGE                          the client's message, up to and with the lone dot (RFC 5321 §4.1.1.4)
    TLS                              the handshake
    ~ 2.5                            wait so many seconds; also ends a segment
    EOF                              the server closes the connection
    RESET                            the server resets the connection (RST)

After the last step the server stays silent until the client closes.
"""

from __future__ import annotations

import math
import re

import msgspec

_ESCAPE = re.compile(r'\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|([rnt0\\"]))|\\(.?)', re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\Z')
_PLAIN = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\", '"': b'"'}


class ServerSays(msgspec.Struct, frozen=True):
    """Octets of the server, line ends included; `exact` where they were written with `S=`."""

    line: int
    octets: bytes
    exact: bool = False


class ServerRepeats(msgspec.Struct, frozen=True):
    """Octets that the server sends without end."""

    line: int
    octets: bytes


class ClientSays(msgspec.Struct, frozen=True):
    """One line of the client without its CRLF; `*` stands for anything."""

    line: int
    pattern: str


class ClientSends(msgspec.Struct, frozen=True):
    """Exact octets of the client."""

    line: int
    octets: bytes


class ClientMessage(msgspec.Struct, frozen=True):
    """A message of the client, through its lone dot."""

    line: int


class TlsHandshake(msgspec.Struct, frozen=True):
    line: int


class Wait(msgspec.Struct, frozen=True):
    line: int
    seconds: float


class ServerCloses(msgspec.Struct, frozen=True):
    """The end; `reset` for an RST instead of a FIN."""

    line: int
    reset: bool = False


ScriptStep = ServerSays | ServerRepeats | ClientSays | ClientSends | ClientMessage | TlsHandshake | Wait | ServerCloses


def parse(text: str) -> tuple[ScriptStep, ...]:
    """The steps of a script in order. Raises ValueError, naming the line, for what is no step or follows the end."""
    steps: list[ScriptStep] = []
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.removesuffix("\r").lstrip()
        if not line.strip() or line.startswith("#"):
            continue
        try:
            if steps and isinstance(steps[-1], ServerCloses | ServerRepeats):
                raise ValueError(f"nothing can follow line {steps[-1].line}, which ends the session")
            steps.append(_step(number, line))
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
    return tuple(steps)


def matches(pattern: str, line: str) -> bool:
    """Whether the client's line is the one expected: case ignored, `*` for any text, also none."""
    expression = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(expression, line, re.IGNORECASE | re.DOTALL) is not None


def escaped(octets: bytes) -> str:
    """The octets in quotation marks, as `S=` and `C=` take them."""
    named = {value: f"\\{key}" for key, value in _PLAIN.items()}
    shown = (
        named.get(bytes([octet])) or (chr(octet) if 0x20 <= octet < 0x7F else f"\\x{octet:02x}") for octet in octets
    )
    return '"' + "".join(shown) + '"'


def _step(number: int, line: str) -> ScriptStep:
    word, rest = line[:2], line[2:].removeprefix(" ")
    match word:
        case "S:":
            return ServerSays(number, rest.encode("utf-8", "surrogateescape") + b"\r\n")
        case "S=":
            return ServerSays(number, _octets(rest), exact=True)
        case "S*":
            return ServerRepeats(number, _octets(rest))
        case "C:":
            return ClientSays(number, rest.rstrip())
        case "C=":
            return ClientSends(number, _octets(rest))
    if word[:1] == "~":
        return Wait(number, _seconds(line[1:]))
    match line.rstrip():
        case "TLS":
            return TlsHandshake(number)
        case "MESSAGE":
            return ClientMessage(number)
        case "EOF":
            return ServerCloses(number)
        case "RESET":
            return ServerCloses(number, reset=True)
    raise ValueError(f"{line.strip()!r} is not a step: expected S: S= S* C: C= MESSAGE TLS ~ EOF RESET or #")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise ValueError(f"{text.strip()!r} is not a number of seconds: expected ~ 2.5") from None
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError(f"{text.strip()!r} is not a number of seconds: expected zero or more")
    return seconds


def _octets(text: str) -> bytes:
    quoted = _QUOTED.match(text.strip())
    if quoted is None:
        raise ValueError(f'{text.strip()!r} is not a text in quotation marks: expected "250 Ok\\r\\n"')
    if not quoted[1]:
        raise ValueError("there are no octets between the quotation marks")
    out, position = [], 0
    for escape in _ESCAPE.finditer(quoted[1]):
        out.append(quoted[1][position : escape.start()].encode("utf-8", "surrogateescape"))
        out.append(_unescaped(escape))
        position = escape.end()
    out.append(quoted[1][position:].encode("utf-8", "surrogateescape"))
    return b"".join(out)


def _unescaped(escape: re.Match[str]) -> bytes:
    octet, character, plain, unknown = escape.groups()
    if octet:
        return bytes([int(octet, 16)])
    if character:
        if 0xD800 <= int(character, 16) <= 0xDFFF:
            raise ValueError(f"{escape[0]} is half a surrogate pair, not a character")
        return chr(int(character, 16)).encode("utf-8")
    if plain:
        return _PLAIN[plain]
    raise ValueError(f"'\\{unknown}' is not an escape: expected \\r \\n \\t \\0 \\\\ \\\" \\xNN or \\uNNNN")
