"""Who fetches MTA-STS policies in a run."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.model.clock import Clock
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.names import is_ip_address, is_local_address
from smtpprobe.model.request import Request
from smtpprobe.model.transcript import Transcript
from smtpprobe.net.https_policy import HttpsPolicyFetcher


def policy_fetcher(
    request: Request, resolver: Resolver, transcripts: Sequence[Transcript], clock: Clock
) -> HttpsPolicyFetcher:
    """A fetcher over the network, from private addresses only if a session was held with one that the user named."""
    target = request.target
    # Where a domain's mail servers are its DNS says: else a record alone would send requests into our network.
    is_named = target.literal or target.socket is not None or request.user is not None
    private = is_named and any(_is_near(each) for each in transcripts if any(x.reply for x in each.exchanges))
    return HttpsPolicyFetcher(resolver, ca_file=request.tls.ca_file, private=private, clock=clock.monotonic)


def _is_near(transcript: Transcript) -> bool:
    return not is_ip_address(transcript.address) or is_local_address(transcript.address)
