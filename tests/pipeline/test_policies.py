"""Which addresses a policy may be fetched from in a run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpprobe.model.clock import SYSTEM_CLOCK
from smtpprobe.model.fetch import FetchStatus
from smtpprobe.model.request import Request
from smtpprobe.model.target import parse_target
from smtpprobe.model.transcript import Transcript
from smtpprobe.pipeline.policies import policy_fetcher
from smtpprobe.testing.zones import zone_resolver


@pytest.mark.parametrize(
    ("peers", "private"),
    [
        (["192.0.2.1"], True),  # of documentation, so not of the public Internet
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
    at = datetime(2026, 3, 2, tzinfo=UTC)
    transcripts = [Transcript(address=peer, port=25, started_at=at, complete=True, exchanges=()) for peer in peers]
    request = Request(target=parse_target("mx.example.com"))
    async with zone_resolver("mta-sts.example.com. A 127.0.0.1\n") as resolver:
        fetcher = policy_fetcher(request, resolver, transcripts, SYSTEM_CLOCK)
        fetcher._port = 1  # where nothing listens
        found = await fetcher.fetch("example.com")
    assert (found.status is not FetchStatus.NOT_PUBLIC) is private
