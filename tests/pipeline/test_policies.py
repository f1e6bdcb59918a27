"""Which addresses a policy may be fetched from in a run."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from smtpprobe.model.clock import SYSTEM_CLOCK
from smtpprobe.model.fetch import FetchStatus
from smtpprobe.model.request import Request
from smtpprobe.model.target import parse_target
from smtpprobe.model.transcript import Breakage, Exchange, Phase, Transcript
from smtpprobe.pipeline.policies import policy_fetcher
from smtpprobe.testing.zones import zone_resolver
from smtpprobe.wire.reply_reader import parse_reply

NOW = datetime(2026, 3, 2, tzinfo=UTC)
GREETING = Exchange(index=0, phase=Phase.GREETING, sent=None, reply=parse_reply(b"220 mx.example.com\r\n"))
SILENCE = Exchange(index=0, phase=Phase.GREETING, sent=None, breakage=Breakage.TIMED_OUT)


def held(peer: str, *exchanges: Exchange) -> Transcript:
    return Transcript(address=peer, port=25, started_at=NOW, complete=True, exchanges=exchanges)


async def is_fetched(request: Request, *transcripts: Transcript) -> bool:
    """Whether a policy is asked for on this machine itself, to which DNS leads."""
    async with zone_resolver("mta-sts.example.com. A 127.0.0.1\n") as resolver:
        fetcher = policy_fetcher(request, resolver, transcripts, SYSTEM_CLOCK)
        fetcher._port = 1  # where nothing listens
        found = await fetcher.fetch("example.com")
    return found.status is not FetchStatus.NOT_PUBLIC


NAMED = Request(target=parse_target("mx.example.com", literal=True))


@pytest.mark.parametrize(
    ("peers", "private"),
    [
        (["192.0.2.1"], False),
        (["8.8.8.8"], False),
        (["2001:4860:4860::8888"], False),
        (["127.0.0.1"], True),
        (["10.1.2.3"], True),
        (["8.8.8.8", "10.1.2.3"], True),
        (["/run/smtp"], True),
        ([], False),
    ],
)
async def test_a_private_policy_host_is_for_a_private_peer(peers: list[str], private: bool) -> None:
    assert await is_fetched(NAMED, *(held(peer, GREETING) for peer in peers)) is private


async def test_an_address_that_only_was_tried_opens_nothing() -> None:
    assert not await is_fetched(NAMED, held("10.1.2.3"))
    assert not await is_fetched(NAMED, held("10.1.2.3", SILENCE))


async def test_an_address_that_the_domain_itself_led_to_opens_nothing() -> None:
    through_mx = Request(target=parse_target("example.com"))
    assert not await is_fetched(through_mx, held("10.1.2.3", GREETING))
    # With a login a name is the host itself.
    assert await is_fetched(msgspec.structs.replace(through_mx, user="alice"), held("10.1.2.3", GREETING))
