"""The message of a request: what a report keeps of it, and its octets as they are judged and sent."""

from __future__ import annotations

import msgspec

from smtpprobe.model.request import Field, MessageRecord, Request, RequestError
from smtpprobe.model.texts.language import mark
from smtpprobe.wire.message.octets import with_crlf, without_mailbox_line
from smtpprobe.wire.message.outgoing import WAIT_S, Outgoing


def with_message(request: Request, to_judge: bytes | None, to_send: bytes | None) -> tuple[Request, bytes | None]:
    """The request with a record of the message that is given with it, and the message's octets.

    What is to be sent has CRLF at each line's end, unless the request says that its line ends are kept, and no line of a
    mailbox file before its header. Raises
    RequestError for two messages, and where there is a record of a message to send without its octets.
    """
    if to_judge is not None and to_send is not None:
        words = mark("{judge} and {send}: the message that is sent is judged, too: expected one of the two")
        raise RequestError(words, judge=Field("message_to_judge"), send=Field("message_to_send"))
    if to_send is not None:
        octets = without_mailbox_line(to_send)
        octets = octets if request.keep_line_ends else with_crlf(octets)
        return msgspec.structs.replace(request, message_to_judge=None, message_to_send=record(octets)), octets
    if isinstance(request.message_to_send, MessageRecord):
        words = mark("{field} needs the message's octets: expected message_to_send=b'From: …'")
        raise RequestError(words, field=Field("message_to_send"))
    if to_judge is not None:
        request = msgspec.structs.replace(request, message_to_judge=request.message_to_judge or record(to_judge))
    return request, to_judge


def outgoing(request: Request, message: bytes | None) -> Outgoing | None:
    """The request's message as a session sends it; None where it is not to be sent."""
    if request.message_to_send is None or message is None:
        return None
    wait_s = request.timeout_s or WAIT_S
    return Outgoing(octets=message, bdat=request.bdat, chunk_octets=request.chunk_octets, wait_s=wait_s)


def record(message: bytes) -> MessageRecord:
    """What a report keeps of a message: its header and a hash of its body."""
    import hashlib

    from smtpprobe.mailauth.dmarc.author_domain import author_domains
    from smtpprobe.wire.message.fields import values

    header, _, body = message.replace(b"\r\n", b"\n").partition(b"\n\n")
    domains = author_domains(message)
    return MessageRecord(
        header=header.decode("utf-8", "backslashreplace"),
        octets=len(message),
        body_sha256=hashlib.sha256(body.replace(b"\n", b"\r\n")).hexdigest(),
        author_domain=domains[0] if len(domains) == 1 else None,
        message_id=next(values(with_crlf(message), "Message-ID"), None),
    )
