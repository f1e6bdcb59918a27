"""Commands into octets. Nothing that could end a command early, or start another, gets through."""

from __future__ import annotations

import re

from smtpprobe.model.texts.language import say

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+(?:(")|\\?\Z)', re.DOTALL)  # what is not closed is none
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f]")
MAX_COMMAND = 512  # octets with CRLF (RFC 5321 §4.5.3.1.4)


def command(*words: str) -> bytes:
    """The command line with its CRLF.

    Raises ValueError where a word holds a control character: CR and LF would start another command (RFC 5321 §4.1.1).
    """
    line = " ".join(words)
    if _FORBIDDEN.search(line):
        raise ValueError(
            say(
                "{line} cannot be sent: it contains a control character, which could start another command",
                line=repr(line),
            )
        )
    return line.encode("utf-8") + b"\r\n"


def greet(verb: str, name: str) -> bytes:
    """EHLO, HELO or LHLO with the name octet for octet, be it no host name: servers are tested with wrong ones too.

    Raises ValueError where it holds CR, LF or NUL (RFC 5321 §2.3.8), or octets that are not UTF-8.
    """
    if re.search(r"[\r\n\0]", name):
        raise ValueError(
            say(
                "{name} cannot be sent: a carriage return, a line feed or NUL would start another command",
                name=repr(name),
            )
        )
    return f"{verb} {name}\r\n".encode()


def path(mailbox: str) -> str:
    """The mailbox in angle brackets; `<>` for the null reverse-path. Raises ValueError for a bracket inside."""
    # RFC 5321 §4.1.2: brackets stand inside a path only within a quoted string.
    if re.search(r"[<>]", _QUOTED.sub(lambda quoted: "" if quoted[1] else quoted[0], mailbox)):
        raise ValueError(say("{mailbox} is not a mailbox: it contains an angle bracket", mailbox=repr(mailbox)))
    return f"<{mailbox}>"


def mail(reverse_path: str, *parameters: str) -> bytes:
    """MAIL (RFC 5321 §4.1.1.2)."""
    return command(f"MAIL FROM:{path(reverse_path)}", *parameters)


def rcpt(forward_path: str, *parameters: str) -> bytes:
    """RCPT (RFC 5321 §4.1.1.3)."""
    return command(f"RCPT TO:{path(forward_path)}", *parameters)
