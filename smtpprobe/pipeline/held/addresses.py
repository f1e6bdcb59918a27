"""Which addresses are called: one after another until one takes the connection, or each that is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from smtpprobe.model.clock import SYSTEM_CLOCK, Clock
from smtpprobe.model.request import Credentials, Envelope, Request
from smtpprobe.model.transcript import Exchange
from smtpprobe.pipeline.held.attempt import Attempt
from smtpprobe.pipeline.progress import Ended, Progress, Several
from smtpprobe.pipeline.route import MAX_ADDRESSES, Route
from smtpprobe.wire.message.outgoing import Outgoing

if TYPE_CHECKING:
    from smtpprobe.model.report import Untried

CONNECT_S = 15.0  # a TCP connection, where there are other addresses to try
MAX_SESSIONS = 16  # of a run that wants one with each address
AT_ONCE = 8  # of them, since several addresses may be one server's


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
    message: Outgoing | None = None,
) -> None:
    """Try the addresses in turn: the first that gives a TCP connection is the session; the failures stand before it.

    If several are wanted, hold a session with each, at the same time; the login is tried at one of them alone. Each
    attempt is added to `attempts`, which the caller owns, before it begins. `message` is sent.
    """
    called = _wanted(request, route)
    several = request.wants_several and len(called) > 1
    told = None if several else progress

    def attempt(
        host: str, address: str, port: int | None, login: Credentials | None, mech: str | None = None
    ) -> Attempt:
        made = Attempt(
            request if mech is None else msgspec.structs.replace(request, mech=mech),
            host=host,
            address=address,
            port=port,
            preference=route.preference(host),
            envelope=envelope,
            credentials=login,
            before_login=credentials is not None and login is None,
            observe=observe,
            clock=clock,
            progress=told,
            message=message,
        )
        if len(route.addresses) * len(route.ports) > 1:
            # One silent address must not use up the patience that the next one needs.
            made.connect_s = min(made.connect_s, CONNECT_S)
        return made

    if several and credentials is None:
        attempts += [attempt(host, address, route.ports[0], None) for host, address in called]
        await _all(attempts, progress)
        return
    first = await _first(partial(attempt, login=credentials), called, route.ports, attempts, told)
    if request.try_all and first is not None:
        from smtpprobe.pipeline.held import logins

        await logins.try_others(attempts, partial(attempt, first.host, first.address, first.port, credentials))
    if several and first is not None:
        tried = {(each.host, each.address) for each in attempts if each.port == first.port}
        rest = [attempt(*pair, first.port, None) for pair in called if pair not in tried]
        attempts += rest
        await _all(rest, progress)


async def _first(
    attempt: Callable[..., Attempt],
    called: Sequence[tuple[str, str]],
    ports: Sequence[int | None],
    attempts: list[Attempt],
    progress: Progress | None,
) -> Attempt | None:
    """Try the addresses in turn; the first that gave a connection, None where none did."""
    for port in ports:
        for host, address in called:
            attempts.append(one := attempt(host, address, port))
            await one.run()
            if progress is not None:
                progress(Ended(one.transcript()))
            if one.connected:
                _note_open_ports(attempts)
                return one
    return None


async def _all(attempts: Sequence[Attempt], progress: Progress | None) -> None:
    """Hold the sessions at the same time. A cancellation ends them all."""
    free = asyncio.Semaphore(AT_ONCE)
    ended = 0

    async def hold(attempt: Attempt) -> None:
        nonlocal ended
        async with free:
            await attempt.run()
        ended += 1
        if progress is not None:
            progress(Several(len(attempts), ended))

    if progress is not None:
        progress(Several(len(attempts), 0))
    async with asyncio.TaskGroup() as group:
        for each in attempts:
            group.create_task(hold(each))
    _note_open_ports(attempts)


def _note_open_ports(attempts: Sequence[Attempt]) -> None:
    opened = {each.port for each in attempts if each.connected}
    for each in attempts:
        each.port_is_open = each.port in opened


def _wanted(request: Request, route: Route) -> tuple[tuple[str, str], ...]:
    """The hosts and addresses that are called, as far as that is polite."""
    if not request.wants_several:
        return route.addresses[:MAX_ADDRESSES]
    found = route.addresses
    if not request.all_mx:
        preferences = [route.preference(host) for host, _ in found]
        best = min((each for each in preferences if each is not None), default=None)
        found = tuple(pair for pair, preference in zip(found, preferences, strict=True) if preference == best)
    return found[:MAX_SESSIONS]


def untried(request: Request, route: Route, attempts: Sequence[Attempt]) -> tuple[Untried, ...]:
    """The addresses that were not called."""
    called = {(each.host, each.address) for each in attempts}
    left = [pair for pair in route.addresses if pair not in called]
    if not left:
        return ()
    from smtpprobe.model.report import Untried

    return tuple(Untried(address=address, host=host, preference=route.preference(host)) for host, address in left)
