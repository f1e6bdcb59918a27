"""The message that is judged, and sent where that is asked for: given or made, and how it goes out."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from smtpprobe.cli import reading, values
from smtpprobe.cli.session_options import adds, named
from smtpprobe.cli.values import Value
from smtpprobe.model import limits
from smtpprobe.model.texts.language import say

if TYPE_CHECKING:
    from smtpprobe.wire.message.compose import Attachment

_SIZE = re.compile(r"([0-9]{1,9})([kKmM]?)\Z")
# What a message is made of; one that is given has it already.
_PARTS = ("body", "attach", "gtube", "eicar", "message_size")


def _field(text: str) -> tuple[str, str]:
    from smtpprobe.wire.message.fields import field

    return field(text)


def _text(text: str) -> str:
    """A text, or that of the file behind an @; `@-` is standard input."""
    if not text.startswith("@"):
        return text
    octets = reading.read(text[1:], limits.MESSAGE)
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(
            say("{path} is not UTF-8: expected a text (--attach takes any file)", path=repr(text[1:]))
        ) from None


def _attachment(path: str) -> Attachment:
    from mimetypes import guess_type

    from smtpprobe.wire.message.compose import Attachment

    octets = reading.read(path, limits.MESSAGE)
    media_type, encoding = guess_type(path)
    known = media_type if media_type is not None and encoding is None else "application/octet-stream"
    return Attachment(os.path.basename(path), known, octets)


def _octets(text: str) -> int:
    """A number of octets: 500, 20k, 25M (of 1024 and 1024² octets)."""
    number = _SIZE.match(text)
    count = int(number[1]) << {"": 0, "k": 10, "m": 20}[number[2].lower()] if number else 0
    if not 0 < count <= limits.MESSAGE.octets:
        raise ValueError(
            say(
                "{text} is not a size: expected octets, such as 500, 20k or 25M, at most {most}",
                text=repr(text),
                most=limits.MESSAGE.size,
            )
        )
    return count


class Signer(NamedTuple):
    """With which key a message is signed, and what its signature names."""

    file: str
    selector: str
    domain: str


def _signer(text: str) -> Signer:
    """The parts of KEY:SELECTOR:DOMAIN; the file's name may have colons of its own."""
    from smtpprobe.pipeline.request.values import domain, selector

    if "-----BEGIN" in text:
        raise ValueError(say("a key itself: expected the name of a file that holds it"))  # not shown again
    file, *names = text.rsplit(":", 2)
    if len(names) != 2 or not file:
        raise ValueError(
            say("{text}: expected KEY:SELECTOR:DOMAIN, for example dkim.pem:s1:example.com", text=repr(text))
        )
    return Signer(reading.check_size(file, limits.PRIVATE_KEY), selector(names[0]), domain(names[1]))


HEADER_FIELD = Value("field", _field, has_blanks=True)
TEXT = Value("text", _text, has_blanks=True)
ATTACHMENT = Value("file", _attachment, of_file=True)
SIGNER = Value("key", _signer, has_blanks=True)
OCTETS = Value("octets", _octets)

options = adds(
    click.option(
        "--message",
        type=values.MESSAGE,
        metavar="FILE",
        help="Verify this message's DKIM signatures and align its author domain; sent only with --send.",
    ),
    click.option(
        "--send",
        is_flag=True,
        help="Send a message: --message, else a test message; needs --mail-from and --rcpt-to.",
    ),
    click.option(
        "--header",
        type=HEADER_FIELD,
        metavar="FIELD",
        multiple=True,
        help="'Name: value' for the message sent, instead of its fields of that name; repeatable; 'Name:' removes them.",
    ),
    click.option("--body", type=TEXT, metavar="TEXT", help="Text of the test message; @FILE reads it from a file."),
    click.option("--attach", type=ATTACHMENT, metavar="FILE", multiple=True, help="Attach the file; repeatable."),
    click.option("--gtube", is_flag=True, help="Put in the string that spam filters take for spam."),
    click.option("--eicar", is_flag=True, help="Attach the test file that virus scanners take for a virus."),
    click.option(
        "--message-size", type=OCTETS, metavar="SIZE", help="Fill the test message up to so many octets: 500, 20k, 25M."
    ),
    click.option(
        "--dkim-sign",
        type=SIGNER,
        metavar="KEY:SELECTOR:DOMAIN",
        multiple=True,
        help="Sign the message with the RSA or Ed25519 key in the file KEY; repeatable.",
    ),
    click.option("--bdat", is_flag=True, help="Send with BDAT (CHUNKING) instead of DATA."),
    click.option("--chunk-size", type=OCTETS, metavar="SIZE", help="Octets of one BDAT.  [default: all in one]"),
    click.option(
        "--dkim-selector",
        type=values.SELECTOR,
        metavar="S",
        multiple=True,
        help="Look up this selector's key; repeatable.",
    ),
    click.option(
        "--keep-line-ends", is_flag=True, help="Send a CR or LF alone as it is.  [default: every line ends in CRLF]"
    ),
)


def fields(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the request that they stand for; `message` are the octets of `octets`."""
    from smtpprobe.pipeline.request.message import record

    message: bytes | None = given["message"]
    name = "message_to_send" if given["send"] else "message_to_judge"
    return {
        "dkim_selectors": given["dkim_selector"],
        name: record(message) if message is not None else None,
        "bdat": given["bdat"],
        "chunk_octets": given["chunk_size"],
        "keep_line_ends": given["keep_line_ends"],
    }


def octets(given: dict[str, Any]) -> bytes | None:
    """The message to judge, and to send where that is asked for. Raises ValueError for what does not fit together."""
    message: bytes | None = given["message"]
    if not given["send"]:
        for name in ("header", "dkim_sign", *_PARTS):
            if given[name]:
                raise ValueError(say("{option} needs --send: no message is sent", option=named(name)))
        return message
    from smtpprobe.wire.message.fields import replaced_in
    from smtpprobe.wire.message.octets import lone_line_ends, with_crlf, without_mailbox_line

    if message is None:
        return _signed(_made(given), given["dkim_sign"])
    for name in _PARTS:
        if given[name]:
            raise ValueError(
                say("{option} and {message}: expected one of the two", option=named(name), message=named("message"))
            )
    message = without_mailbox_line(message)
    if not given["keep_line_ends"]:
        message = with_crlf(message)
    elif given["dkim_sign"] and lone_line_ends(message):
        raise ValueError(say("{option}: a CR or LF alone cannot be signed", option=named("dkim_sign")))
    return _signed(replaced_in(message, given["header"]), given["dkim_sign"])


def _signed(message: bytes, signers: Sequence[Signer]) -> bytes:
    """The message with a signature for each key."""
    if not signers:
        return message
    from smtpprobe.cli.password import warn_of_readers
    from smtpprobe.mailauth.dkim.signing.private_key import signing_key
    from smtpprobe.mailauth.dkim.signing.sign import signed
    from smtpprobe.model.clock import SYSTEM_CLOCK

    for file, selector, domain in reversed(signers):
        warn_of_readers(file)
        try:
            key = signing_key(reading.read(file, limits.PRIVATE_KEY))
            message = signed(message, key, selector=selector, domain=domain, at=SYSTEM_CLOCK.now())
        except ValueError as error:
            raise ValueError(f"{named('dkim_sign')} {file!r}: {error}") from None
    return message


def _made(given: dict[str, Any]) -> bytes:
    """A test message."""
    import secrets

    from smtpprobe import __version__
    from smtpprobe.model.clock import SYSTEM_CLOCK
    from smtpprobe.wire.message.compose import Composition, compose
    from smtpprobe.wire.message.harmless import eicar, gtube

    body: str | None = given["body"]
    if given["gtube"]:
        body = f"{body or ''}\n\n{gtube()}\n".lstrip("\n")
    return compose(
        Composition(
            author=_author(given),
            forward_paths=given["rcpt_to"],
            date=SYSTEM_CLOCK.now(),
            token=secrets.token_hex(6),
            program=f"smtpprobe/{__version__}",
            fields=given["header"],
            text=body,
            attachments=(*given["attach"], *((eicar(),) if given["eicar"] else ())),
            octets=given["message_size"],
        )
    )


def _author(given: dict[str, Any]) -> str:
    """Who the test message is from: the reverse-path; where that is null, whoever bears responsibility for this host."""
    if given["mail_from"]:
        return str(given["mail_from"])
    user, helo = given["user"] or "", given["helo"] or ""
    return user if "@" in user else f"postmaster@{helo if '.' in helo and helo[:1] != '[' else 'localhost.invalid'}"
