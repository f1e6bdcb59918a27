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
    """A fetcher over the network, from private addresses only where a session was with one itself."""
    private = any(not is_ip_address(each.address) or is_local_address(each.address) for each in transcripts)
    return HttpsPolicyFetcher(resolver, ca_file=request.tls.ca_file, private=private, clock=clock.monotonic)
