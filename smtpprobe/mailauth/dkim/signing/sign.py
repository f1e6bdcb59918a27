"""A DKIM-Signature put on a message: relaxed/relaxed, over every field that says what the message is (RFC 6376 §5.4)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from smtpprobe.mailauth.dkim.message import Field, HeaderFields, canonical_body, split
from smtpprobe.mailauth.dkim.signing.private_key import SigningKey
from smtpprobe.model.texts.language import say

# RFC 6376 §5.4.1, and the fields that RFC 8058 §4 wants signed.
_SIGNED = (
    b"from", b"sender", b"reply-to", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"references",
    b"mime-version", b"content-type", b"content-transfer-encoding", b"list-id", b"list-unsubscribe",
    b"list-unsubscribe-post", b"auto-submitted",
)  # fmt: skip
_ONCE_MORE = (b"from", b"to", b"subject", b"date")  # so that none can be added above the one that was signed (§8.15)
_LINE = 72  # characters, about what a mail program shows


def signed(message: bytes, key: SigningKey, *, selector: str, domain: str, at: datetime) -> bytes:
    """The message, which has CRLF line ends, with a signature on top. Raises ValueError for one without From."""
    parts = split(message)
    present = [field.name for field in parts.fields]
    if b"from" not in present:
        # RFC 6376 §5.4: From is always signed.
        raise ValueError(say("the message has no From field, which a DKIM signature has to cover"))
    names = [name for name in _SIGNED for _ in range(_times(name, present))]
    body_hash = base64.b64encode(hashlib.sha256(canonical_body(parts.body, "relaxed")).digest()).decode()
    tags = (
        "v=1",
        f"a={key.algorithm}",
        "c=relaxed/relaxed",
        f"d={domain}",
        f"s={selector}",
        f"t={int(at.timestamp())}",
        f"h={_in_lines([name.decode() for name in names], ':')}",
        f"bh={body_hash}",
        "b=",
    )
    unsigned = ("DKIM-Signature: " + ";\r\n\t".join(tags)).encode()
    own = Field(name=b"dkim-signature", raw=unsigned + b"\r\n")
    octets = HeaderFields((own, *parts.fields)).signed_octets(0, names, "relaxed")
    signature = base64.b64encode(key.sign(octets)).decode()
    pieces = [signature[at : at + _LINE] for at in range(0, len(signature), _LINE)]
    return unsigned + "\r\n\t".join(pieces).encode() + b"\r\n" + message


def _times(name: bytes, present: Sequence[bytes]) -> int:
    """How often the name stands in h=."""
    count = present.count(name)
    return count + 1 if count and name in _ONCE_MORE else count


def _in_lines(words: Iterable[str], between: str) -> str:
    """The words in lines that are folded behind one of them (RFC 6376 §3.2)."""
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) > _LINE:
            lines.append("")
        lines[-1] += word + between
    return "\r\n\t".join(lines).removesuffix(between)
