"""Rejections with any evidence, and the facts that hold of them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model.evidence import Evidence
from smtpprobe.model.report import Completed
from smtpprobe.model.transcript import Exchange, Phase
from smtpprobe.wire.reply_reader import parse_reply
from tests.diagnosis.test_facts import held, rejection

__all__ = ["held", "holding", "rejected", "said"]


def rejected(*evidence: Evidence, **fields) -> Rejection:
    """A rejection with this evidence; its other fields as `rejection` takes them, or as a Rejection has them."""
    own = {name: fields.pop(name) for name in {*fields} & {*Rejection.__struct_fields__} - {"helo", "reply"}}
    runs = tuple((number, Completed(check=f"check {number}", evidence=each)) for number, each in enumerate(evidence))
    return msgspec.structs.replace(rejection(**fields), runs=runs, **own)


def holding(known: Mapping[str, str | None], *names: str) -> dict[str, str]:
    """Those of the named facts that hold."""
    return {name: value for name, value in known.items() if name in names and value is not None}


def said(*exchanges: tuple[Phase, str | None, str | None], over_tls: bool = False) -> tuple[Exchange, ...]:
    """The exchanges of a session: phase, what was sent, the reply."""
    return tuple(
        Exchange(
            index=index,
            phase=phase,
            sent=sent,
            reply=parse_reply("".join(f"{line}\r\n" for line in reply.split("\n")).encode()) if reply else None,
            over_tls=over_tls,
        )
        for index, (phase, sent, reply) in enumerate(exchanges)
    )
