"""The message that is judged."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import values
from smtpprobe.cli.session_options import adds
from smtpprobe.model.request import MessageRecord

options = adds(
    click.option(
        "--message",
        type=values.MESSAGE,
        metavar="FILE",
        help="Verify this message's DKIM signatures and align its author domain; not sent.",
    ),
    click.option(
        "--dkim-selector",
        type=values.SELECTOR,
        metavar="S",
        multiple=True,
        help="Look up this selector's key; repeatable.",
    ),
)


def fields(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the request that they stand for."""
    message: bytes | None = given["message"]
    return {
        "dkim_selectors": given["dkim_selector"],
        "message": _record(message) if message is not None else None,
    }


def _record(message: bytes) -> MessageRecord:
    """What a report keeps of a message: its header and a hash of its body."""
    import hashlib

    from smtpprobe.mailauth.dmarc.author_domain import author_domains

    header, _, body = message.replace(b"\r\n", b"\n").partition(b"\n\n")
    domains = author_domains(message)
    digest = hashlib.sha256(body.replace(b"\n", b"\r\n")).hexdigest()
    text = header.decode("utf-8", "backslashreplace")
    return MessageRecord(
        header=text, octets=len(message), body_sha256=digest, author_domain=domains[0] if len(domains) == 1 else None
    )
