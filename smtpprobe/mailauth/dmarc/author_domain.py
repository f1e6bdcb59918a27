"""The author domain: the domain of the mailboxes in a message's From field (RFC 5322 §3.6.2, RFC 9989 §3.2)."""

from __future__ import annotations

from smtpprobe.mailauth.dkim.message import Message, split
from smtpprobe.model.names import a_labels


def author_domains(message: bytes | Message) -> tuple[str, ...]:
    """The different domains in the From fields, in order, as lower-case A-labels; empty where none can be read."""
    parts = message if isinstance(message, Message) else split(message)
    found: dict[str, None] = {}
    for field in parts.fields:
        if field.name == b"from":
            for mailbox in _mailboxes(field.value.decode("utf-8", "replace").replace("\r\n", "")):
                domain = _domain(mailbox)
                if domain:
                    found[domain] = None
    return tuple(found)


def _domain(mailbox: str) -> str | None:
    host = "".join(mailbox.rpartition("@")[2].split()).rstrip(".")
    if "@" not in mailbox or not host:
        return None
    return a_labels(host)


def _mailboxes(text: str) -> list[str]:
    """The addr-spec of each mailbox: what stands in angle brackets, or else the element without comments and quotes."""
    found: list[str] = []
    bare: list[str] = []
    angle: list[str] | None = None
    bracketed = ""
    depth, quoted, escaped = 0, False, False
    for char in text:
        if escaped:
            escaped = False
        elif char == "\\" and (quoted or depth):
            escaped = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif quoted:
            continue
        elif char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif depth:
            continue
        elif char == "<":
            angle = []
        elif char == ">" and angle is not None:
            bracketed, angle = "".join(angle), None
        elif char in ",;" and angle is None:
            found.append(bracketed or "".join(bare))
            bare, bracketed = [], ""
        elif char == ":" and angle is None:
            bare = []
        else:
            (bare if angle is None else angle).append(char)
    found.append(bracketed or "".join(bare if angle is None else angle))
    return [mailbox for mailbox in found if mailbox.strip()]
