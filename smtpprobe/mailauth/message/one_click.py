"""Unsubscribing with one click (RFC 8058): which fields it takes, and that a signature covers them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from smtpprobe.mailauth.dkim.message import Message
from smtpprobe.mailauth.dkim.signature import read_signature
from smtpprobe.model.evidence.message import OneClickFault

_URI = re.compile(rb"<[ \t\r\n]*https://[^<>\s]{1,2000}[ \t\r\n]*>", re.IGNORECASE)
_POST = b"list-unsubscribe=one-click"
_FIELDS = frozenset({b"list-unsubscribe", b"list-unsubscribe-post"})
_MAX_SIGNATURES = 10  # that are looked at


def concerns(parts: Message) -> bool:
    """Whether the message says anything of how to unsubscribe."""
    return any(field.name in _FIELDS for field in parts.fields)


def one_click_faults(parts: Message, now: datetime) -> Iterator[OneClickFault]:
    """What keeps it from working for a message that it concerns; nothing where all is right."""
    uris = [field.value for field in parts.fields if field.name == b"list-unsubscribe"]
    posts = [field.value.strip() for field in parts.fields if field.name == b"list-unsubscribe-post"]
    if not posts:
        yield OneClickFault.NO_POST
        return
    if not any(_URI.search(each) for each in uris):
        yield OneClickFault.NO_URI
    if posts[0].lower() != _POST:
        yield OneClickFault.POST_WRONG
    # RFC 8058 §4: a valid signature covers both; whether it is valid is DKIM's to say.
    signatures = [field.value for field in parts.fields if field.name == b"dkim-signature"][:_MAX_SIGNATURES]
    if not any(set(read_signature(each, now).signed_names) >= _FIELDS for each in signatures):
        yield OneClickFault.UNSIGNED
