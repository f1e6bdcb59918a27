"""What the check of the login says of a transcript."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from smtpprobe.checks.auth import CHECK
from smtpprobe.checks.base import HELO_ALONE
from smtpprobe.model.login.secret import LoginRecord
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.model.transcript import Exchange, Phase, Transcript
from smtpprobe.testing.zones import zone_resolver
from smtpprobe.wire.reply_reader import parse_reply
from tests.checks.inputs import check_input

NOW = datetime(2026, 3, 2, tzinfo=UTC)


async def findings(*said: tuple[str, str]) -> list[str]:
    """What is found where these commands of the login got these replies."""
    hello = Exchange(
        index=0,
        phase=Phase.EHLO,
        sent="EHLO client.example.org",
        reply=parse_reply(b"250-mx\r\n250 AUTH SCRAM-SHA-256\r\n"),
    )
    attempts = [
        Exchange(index=number, phase=Phase.AUTH, sent=sent, reply=parse_reply(reply.encode() + b"\r\n"), over_tls=True)
        for number, (sent, reply) in enumerate(said, start=1)
    ]
    transcript = Transcript(address="192.0.2.1", port=587, started_at=NOW, complete=True, exchanges=(hello, *attempts))
    envelope = Envelope(Assumed("client.example.org"), None)
    context = check_input(resolver=zone_resolver(""), now=NOW, envelope=envelope, client_ip=None, transcript=transcript)
    _, found = await CHECK.run(context)
    return [f"{each.severity} {each.id}" for each in found]


SCRAM = ("AUTH SCRAM-SHA-256 ‹credentials›", "334 cj0=")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ([SCRAM, ("‹credentials›", "334 dj0="), ("", "235 Ok")], []),
        ([SCRAM, ("‹credentials›", "235 Ok")], ["warning auth-server-unproved"]),
        ([("AUTH SCRAM-SHA-256 ‹credentials›", "235 Ok")], ["warning auth-server-unproved"]),
        ([SCRAM, ("‹credentials›", "535 No")], ["error auth-refused"]),
        ([SCRAM, ("*", "501 Cancelled")], []),
        ([("AUTH PLAIN ‹credentials›", "235 Ok")], []),
        ([], []),
    ],
    ids=["signed", "unsigned", "at once", "refused", "cancelled", "PLAIN signs nothing", "no login"],
)
async def test_how_the_login_went_is_said(said, found):
    assert await findings(*said) == found


@pytest.mark.parametrize(("user", "skipped"), [(None, True), ("alice@example.org", False)])
def test_what_only_the_reply_to_ehlo_tells_is_not_judged_by_helo(user, skipped):
    hello = Exchange(index=0, phase=Phase.EHLO, sent="HELO client.example.org", reply=parse_reply(b"250 mx\r\n"))
    transcript = Transcript(address="192.0.2.1", port=25, started_at=NOW, complete=True, exchanges=(hello,))
    envelope = Envelope(Assumed("client.example.org"), None)
    given = check_input(resolver=zone_resolver(""), now=NOW, envelope=envelope, client_ip=None, transcript=transcript)
    given = replace(given, session=replace(given.session, login=LoginRecord(user=user) if user else None))
    assert (CHECK.skip(given) == HELO_ALONE) is skipped
