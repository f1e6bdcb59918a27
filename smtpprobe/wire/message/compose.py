"""A message made from its parts: header fields, a text, files (RFC 5322, RFC 2045)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime

import msgspec

from smtpprobe.wire.message import fields
from smtpprobe.wire.message.octets import MAX_LINE, with_crlf

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LINE = 76  # characters of a line that fills, and of base64 (RFC 2045 §6.8)


class Attachment(msgspec.Struct, frozen=True):
    """A file that goes with the text, its media type such as `text/plain`."""

    name: str
    media_type: str
    octets: bytes


class Composition(msgspec.Struct, frozen=True, kw_only=True):
    """What a message is made of. `token` tells it from all others; `octets`: how many the whole shall have.

    `text` None: a few lines that say what the message is. `fields` replace those of their names, or come in addition;
    one without a value takes them away.
    """

    author: str
    forward_paths: tuple[str, ...]
    date: datetime
    token: str
    program: str = "smtpprobe"
    fields: tuple[tuple[str, str], ...] = ()
    text: str | None = None
    attachments: tuple[Attachment, ...] = ()
    octets: int | None = None


def compose(made_of: Composition) -> bytes:
    """The message with CRLF line ends. Raises ValueError for more octets than asked for, and for a field that is none."""
    message = _whole(made_of, b"")
    if made_of.octets is None:
        return message
    missing = made_of.octets - len(message)
    if missing < 0:
        raise fields.too_small(made_of.octets, len(message))
    return _whole(made_of, _filling(missing))


def message_id(author: str, date: datetime, token: str) -> str:
    """The Message-ID of a message of ours: everybody sees what sent it, and when."""
    domain = author.rpartition("@")[2] or "localhost.invalid"
    return f"<smtpprobe.{date:%Y%m%d%H%M%S}.{token}@{domain}>"


def moment(date: datetime) -> str:
    """A date and time as a header field has it (RFC 5322 §3.3)."""
    day, month = _DAYS[date.weekday()], _MONTHS[date.month - 1]
    return f"{day}, {date.day:02} {month} {date:%Y %H:%M:%S %z}"


def _whole(made_of: Composition, filling: bytes) -> bytes:
    text_fields, text = _text(made_of)
    text += filling + b"\r\n"
    if not made_of.attachments:
        return fields.joined(fields.replaced(_header(made_of) + text_fields, made_of.fields)) + b"\r\n" + text
    boundary = f"=_smtpprobe_{made_of.token}"
    content = [("Content-Type", f'multipart/mixed; boundary="{boundary}"')]
    header = fields.joined(fields.replaced(_header(made_of) + content, made_of.fields))
    parts = [fields.joined(text_fields) + b"\r\n" + text, *map(_attached, made_of.attachments)]
    between = f"--{boundary}\r\n".encode()
    body = b"".join(between + part + b"\r\n" for part in parts)
    return header + b"\r\n" + body + f"--{boundary}--\r\n".encode()


def _header(made_of: Composition) -> list[tuple[str, str]]:
    return [
        ("Date", moment(made_of.date)),
        ("From", f"<{made_of.author}>"),
        ("To", ",\r\n ".join(f"<{each}>" for each in made_of.forward_paths)),
        ("Subject", f"smtpprobe test {made_of.date:%Y-%m-%d %H:%M:%S %z}"),
        ("Message-ID", message_id(made_of.author, made_of.date, made_of.token)),
        ("Auto-Submitted", "auto-generated"),  # RFC 3834 §5: nobody's vacation notice answers it
        ("X-Mailer", made_of.program),
        ("MIME-Version", "1.0"),
    ]


def _text(made_of: Composition) -> tuple[list[tuple[str, str]], bytes]:
    """The text's own header fields, and the text without its last CRLF."""
    text = _OURS.format(id=message_id(made_of.author, made_of.date, made_of.token))
    octets = with_crlf((text if made_of.text is None else made_of.text).encode())
    encoding, charset = "7bit", "us-ascii"
    if not octets.isascii() or max(map(len, octets.split(b"\r\n"))) > MAX_LINE or b"\0" in octets:
        octets, encoding = binascii.b2a_qp(octets, istext=True), "quoted-printable"
        charset = "utf-8"
    own = [("Content-Type", f"text/plain; charset={charset}"), ("Content-Transfer-Encoding", encoding)]
    return own, octets.removesuffix(b"\r\n")


# A message is the same in whatever language the report is.
_OURS = """\
This is a test message. It was sent with smtpprobe to see whether a mail
server accepts it. Nothing has to be done about it.

{id}
"""


def _attached(attachment: Attachment) -> bytes:
    encoded = base64.b64encode(attachment.octets)
    lines = [encoded[at : at + _LINE] for at in range(0, len(encoded), _LINE)]
    own: Sequence[tuple[str, str]] = [
        ("Content-Type", attachment.media_type),
        ("Content-Transfer-Encoding", "base64"),
        ("Content-Disposition", f"attachment; {fields.parameter('filename', attachment.name)}"),
    ]
    return fields.joined(own) + b"\r\n" + b"\r\n".join(lines) + b"\r\n"


def _filling(octets: int) -> bytes:
    """So many octets that go on behind a text: lines of one letter."""
    line = b"\r\n" + b"x" * _LINE
    filling = (line * (octets // len(line) + 1))[:octets]
    return filling[:-1] + b"x" if filling.endswith(b"\r") else filling
