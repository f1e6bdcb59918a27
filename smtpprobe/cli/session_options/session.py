"""How far the session goes, in which protocol, and how long it may take."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import foreign_options, values
from smtpprobe.cli.session_options import adds
from smtpprobe.model.request import STAGES, STAGES_SENT, Protocol
from smtpprobe.model.transcript import Phase

STAGE_NAMES = tuple(stage.value for stage in STAGES)

limits = adds(
    click.option(
        "--timeout",
        type=values.SECONDS,
        help="Without progress on one reply; per DNS query at most 5.  [default: 60, after the message 600]",
    ),
    click.option("--deadline", type=values.SECONDS, help="For the whole session.  [default: 300, with --send 900]"),
)
options = adds(
    click.option(
        "--protocol",
        type=values.Words([p.value for p in Protocol if p is not Protocol.UNKNOWN], foreign_options.OF_PROTOCOL),
        help="smtp says HELO, lmtp LHLO.  [default: esmtp]",
    ),
    click.option(
        "--quit-after",
        type=values.Words(STAGE_NAMES, foreign_options.OF_STAGE),
        metavar="STAGE",
        help=f"Stop politely there: {', '.join(STAGE_NAMES[:-1])} or {STAGE_NAMES[-1]}.",
    ),
    click.option(
        "--drop-after",
        type=values.Words(STAGE_NAMES, foreign_options.OF_STAGE),
        metavar="STAGE",
        help="Hang up there, without QUIT.",
    ),
    click.option(
        "--drop-after-send",
        type=values.Words(tuple(stage.value for stage in STAGES_SENT), foreign_options.OF_STAGE),
        metavar="STAGE",
        help=f"Hang up before the reply to {', '.join(STAGES_SENT[:-1])} or {STAGES_SENT[-1]}.",
    ),
    click.option(
        "--pipeline/--no-pipeline",
        "pipeline",
        default=True,
        help="Send MAIL, RCPT, RSET and QUIT together if the server offers PIPELINING, or wait for each reply.  "
        "[default: together]",
    ),
    limits,
)


def fields(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the request that they stand for."""
    return {
        **{
            name: Phase(given[name]) if given[name] else None
            for name in ("quit_after", "drop_after", "drop_after_send")
        },
        "pipeline": given["pipeline"],
        "timeout_s": given["timeout"],
        "deadline_s": given["deadline"],
    }
