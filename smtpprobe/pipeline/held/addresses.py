"""Sessions held: one connection per address until one comes about, each with its own transcript."""

from __future__ import annotations

from collections.abc import Callable

from smtpprobe.model.clock import SYSTEM_CLOCK, Clock
from smtpprobe.model.request import Credentials, Envelope, Request
from smtpprobe.model.transcript import Exchange
from smtpprobe.pipeline.held.attempt import Attempt
from smtpprobe.pipeline.progress import Ended, Progress
from smtpprobe.pipeline.route import MAX_ADDRESSES, Route

CONNECT_S = 15.0  # a TCP connection, where there are other addresses to try


async def probe_addresses(
    request: Request,
    route: Route,
    envelope: Envelope,
    credentials: Credentials | None,
    observe: Callable[[Exchange], None] | None,
    *,
    attempts: list[Attempt],
    clock: Clock = SYSTEM_CLOCK,
    progress: Progress | None = None,
) -> None:
    """Try the addresses in turn: the first that gives a TCP connection is the session; the failures stand before it.

    Each attempt is added to `attempts`, which the caller owns, before it begins.
    """
    for port in route.ports:
        for host, address in route.addresses[:MAX_ADDRESSES]:
            attempt = Attempt(
                request,
                host=host,
                address=address,
                port=port,
                preference=route.preference(host),
                envelope=envelope,
                credentials=credentials,
                observe=observe,
                clock=clock,
                progress=progress,
            )
            attempts.append(attempt)
            if len(route.addresses) * len(route.ports) > 1:
                # One silent address must not use up the patience that the next one needs.
                attempt.connect_s = min(attempt.connect_s, CONNECT_S)
            await attempt.run()
            if progress is not None:
                progress(Ended(attempt.transcript()))
            if attempt.connected:
                for each in attempts:
                    each.port_is_open = each.port == port
                return
